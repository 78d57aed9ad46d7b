"""SetTokenVaultCMK: who may hand a key to the token vault."""
import json

import pytest
from botocore.exceptions import ClientError


def test_who_sets_the_vaults_key_may_use_it(own_server):
    """By the statements that AWS's documentation gives for the vault's key."""
    server = own_server()
    iam, key = server.aws('iam'), server.aws('kms').create_key()['KeyMetadata']
    iam.create_user(UserName='ann')
    given = iam.create_access_key(UserName='ann')['AccessKey']
    control = server.aws('bedrock-agentcore-control', aws_access_key_id=given['AccessKeyId'],
                         aws_secret_access_key=given['SecretAccessKey'])
    use = {'Effect': 'Allow', 'Resource': '*', 'Condition': {
        'StringLike': {'kms:ViaService': 'bedrock-agentcore-identity.*.amazonaws.com'},
        'StringEquals': {'aws:ResourceAccount': '${aws:PrincipalAccount}'},
        'ArnLike': {'kms:EncryptionContext:aws-crypto-ec:'
                    'aws:bedrock-agentcore-identity:token-vault-arn':
                        'arn:aws:bedrock-agentcore:*:*:token-vault/default'}}}
    actions = ['kms:DescribeKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:Decrypt']
    wanted = {'keyType': 'CustomerManagedKey', 'kmsKeyArn': key['Arn']}
    for missing in (*actions, None):
        iam.put_user_policy(UserName='ann', PolicyName='own', PolicyDocument=json.dumps({
            'Version': '2012-10-17', 'Statement': [
                {'Effect': 'Allow', 'Action': 'bedrock-agentcore:*', 'Resource': '*'},
                use | {'Action': [one for one in actions if one != missing]}]}))
        if missing is None:
            continue
        with pytest.raises(ClientError, match=f'{missing} on resource: {key["Arn"]}') as raised:
            control.set_token_vault_cmk(kmsConfiguration=wanted)
        assert raised.value.response['Error']['Code'] == 'AccessDeniedException'
    assert control.set_token_vault_cmk(
        kmsConfiguration=wanted)['kmsConfiguration'] == wanted
