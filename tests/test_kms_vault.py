"""Customers' keys: who may hand one to the token vault or to a gateway."""
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


def test_who_sets_a_gateways_key_may_use_it(own_server):
    """AWS's own policy for AgentCore has what it takes, and a policy for gateways alone has not."""
    server = own_server()
    iam, key = server.aws('iam'), server.aws('kms').create_key()['KeyMetadata']
    role = server.make_role('MyBedrockAgentCoreRole', 'kms:GenerateDataKey', 'kms:Decrypt')
    iam.create_user(UserName='ann')
    given = iam.create_access_key(UserName='ann')['AccessKey']
    control = server.aws('bedrock-agentcore-control', aws_access_key_id=given['AccessKeyId'],
                         aws_secret_access_key=given['SecretAccessKey'])
    wanted = {'name': 'sealed', 'roleArn': role, 'authorizerType': 'NONE', 'protocolType': 'MCP'}
    iam.put_user_policy(UserName='ann', PolicyName='own', PolicyDocument=json.dumps({
        'Version': '2012-10-17', 'Statement': [
            {'Effect': 'Allow', 'Action': ['bedrock-agentcore:*', 'iam:PassRole'],
             'Resource': '*'}]}))
    made = control.create_gateway(**wanted)
    with pytest.raises(ClientError, match=f'kms:DescribeKey on resource: {key["Arn"]}') as raised:
        control.update_gateway(gatewayIdentifier=made['gatewayId'], kmsKeyArn=key['Arn'], **wanted)
    assert raised.value.response['Error']['Code'] == 'AccessDeniedException'
    control.delete_gateway(gatewayIdentifier=made['gatewayId'])
    with pytest.raises(ClientError, match='kms:DescribeKey'):
        control.create_gateway(kmsKeyArn=key['Arn'], **wanted)
    iam.delete_user_policy(UserName='ann', PolicyName='own')
    iam.attach_user_policy(UserName='ann', PolicyArn='arn:aws:iam::aws:policy/'
                                                     'BedrockAgentCoreFullAccess')
    sealed = control.create_gateway(kmsKeyArn=key['Arn'], **wanted)
    assert (sealed['kmsKeyArn'], sealed['status']) == (key['Arn'], 'READY')
