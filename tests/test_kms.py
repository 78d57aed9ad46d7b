"""KMS with boto3: keys, what they encrypt, aliases, policies, rotation, and who may."""
import hashlib
import json
import re

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding

PNG = b'\x00\x01binary\xff'


@pytest.fixture(scope='module')
def kms(server):
    return server.aws('kms')


@pytest.fixture
def key(kms):
    return kms.create_key(Description='for a test')['KeyMetadata']


def code(call, **arguments) -> str:
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    assert raised.value.response['ResponseMetadata']['HTTPStatusCode'] == 400
    return raised.value.response['Error']['Code']


def test_a_key_is_described(kms, server, key):
    assert re.fullmatch(r'[0-9a-f-]{36}', key['KeyId'])
    assert key['Arn'] == (f'arn:aws:kms:{server.ready["region"]}:{server.ready["account"]}'
                          f':key/{key["KeyId"]}')
    assert key['KeyState'] == 'Enabled' and key['Enabled'] is True
    assert key['KeySpec'] == 'SYMMETRIC_DEFAULT' and key['KeyUsage'] == 'ENCRYPT_DECRYPT'
    assert key['KeyManager'] == 'CUSTOMER' and key['Origin'] == 'AWS_KMS'
    for named in (key['KeyId'], key['Arn']):
        assert kms.describe_key(KeyId=named)['KeyMetadata'] == key
    kms.update_key_description(KeyId=key['KeyId'], Description='another')
    assert kms.describe_key(KeyId=key['KeyId'])['KeyMetadata']['Description'] == 'another'
    keys = kms.get_paginator('list_keys').paginate(
        PaginationConfig={'PageSize': 1}).build_full_result()['Keys']
    assert {'KeyId': key['KeyId'], 'KeyArn': key['Arn']} in keys


def test_other_kinds_of_keys_are_refused_by_name(kms):
    for wrong in ({'KeySpec': 'HMAC_256', 'KeyUsage': 'GENERATE_VERIFY_MAC'},
                  {'Origin': 'EXTERNAL'}, {'MultiRegion': True},
                  {'KeyUsage': 'SIGN_VERIFY'}, {'KeyUsage': 'GENERATE_VERIFY_MAC'}):
        with pytest.raises(kms.exceptions.UnsupportedOperationException,
                           match=next(iter(wrong))):
            kms.create_key(**wrong)
    assert code(kms.describe_key, KeyId='none') == 'NotFoundException'
    assert code(kms.describe_key, KeyId='arn:aws:kms:nowhere') == 'InvalidArnException'
    with pytest.raises(ClientError, match='CreateGrant') as raised:
        kms.create_grant(KeyId='x', GranteePrincipal='arn:aws:iam::123456789012:root',
                         Operations=['Decrypt'])
    assert raised.value.response['Error']['Code'] == 'UnknownOperationException'
    assert code(kms.describe_key, KeyId='x', GrantTokens=['t']) == 'InvalidGrantTokenException'


PAIRS = [('RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256'), ('RSA_3072', 'RSASSA_PSS_SHA_512'),
         ('ECC_NIST_P256', 'ECDSA_SHA_256'), ('ECC_NIST_P384', 'ECDSA_SHA_384'),
         ('ECC_NIST_P521', 'ECDSA_SHA_512')]


@pytest.mark.parametrize(('spec', 'algorithm'), PAIRS)
def test_what_is_signed_is_verified(kms, spec, algorithm):
    made = kms.create_key(KeySpec=spec, KeyUsage='SIGN_VERIFY')['KeyMetadata']
    assert made['KeySpec'] == spec and made['KeyUsage'] == 'SIGN_VERIFY'
    assert algorithm in made['SigningAlgorithms'] and 'EncryptionAlgorithms' not in made
    use = {'KeyId': made['KeyId'], 'SigningAlgorithm': algorithm}
    signed = kms.sign(Message=PNG, **use)
    assert signed['KeyId'] == made['Arn'] and signed['SigningAlgorithm'] == algorithm
    assert kms.verify(Message=PNG, Signature=signed['Signature'], **use)['SignatureValid'] is True
    digest = hashlib.new('sha' + algorithm[-3:], PNG).digest()
    assert kms.verify(Message=digest, MessageType='DIGEST', Signature=signed['Signature'],
                      **use)['SignatureValid'] is True
    assert code(kms.verify, Message=b'other', Signature=signed['Signature'],
                **use) == 'KMSInvalidSignatureException'
    assert code(kms.sign, Message=b'short', MessageType='DIGEST', **use) == 'ValidationException'

    public = kms.get_public_key(KeyId=made['KeyId'])
    assert public['KeySpec'] == spec and public['SigningAlgorithms'] == made['SigningAlgorithms']
    key = serialization.load_der_public_key(public['PublicKey'])
    hashed = {'256': hashes.SHA256, '384': hashes.SHA384, '512': hashes.SHA512}[algorithm[-3:]]()
    if spec.startswith('ECC'):
        key.verify(signed['Signature'], PNG, ec.ECDSA(hashed))
    elif 'PSS' in algorithm:
        key.verify(signed['Signature'], PNG,
                   padding.PSS(padding.MGF1(hashed), hashed.digest_size), hashed)
    else:
        key.verify(signed['Signature'], PNG, padding.PKCS1v15(), hashed)


def test_a_key_is_used_for_what_it_is_for(kms, key):
    signs = kms.create_key(KeySpec='ECC_NIST_P256', KeyUsage='SIGN_VERIFY')['KeyMetadata']['KeyId']
    use = {'Message': PNG, 'SigningAlgorithm': 'ECDSA_SHA_256'}
    assert code(kms.encrypt, KeyId=signs, Plaintext=PNG) == 'InvalidKeyUsageException'
    assert code(kms.generate_data_key, KeyId=signs,
                KeySpec='AES_256') == 'InvalidKeyUsageException'
    assert code(kms.enable_key_rotation, KeyId=signs) == 'UnsupportedOperationException'
    assert code(kms.sign, KeyId=key['KeyId'], **use) == 'InvalidKeyUsageException'
    assert code(kms.get_public_key, KeyId=key['KeyId']) == 'UnsupportedOperationException'
    assert code(kms.sign, KeyId=signs, **(use | {'SigningAlgorithm': 'ECDSA_SHA_384'})
                ) == 'InvalidKeyUsageException'
    assert code(kms.sign, KeyId=signs, DryRun=True, **use) == 'DryRunOperationException'
    kms.disable_key(KeyId=signs)
    assert code(kms.sign, KeyId=signs, **use) == 'DisabledException'


def test_a_private_key_lies_sealed_and_survives(own_server):
    server = own_server()
    made = server.aws('kms').create_key(KeySpec='ECC_NIST_P256', KeyUsage='SIGN_VERIFY')
    key = made['KeyMetadata']['KeyId']
    use = {'KeyId': key, 'SigningAlgorithm': 'ECDSA_SHA_256', 'Message': PNG}
    signature = server.aws('kms').sign(**use)['Signature']
    server.kill()
    server.start()
    assert server.aws('kms').verify(Signature=signature, **use)['SignatureValid'] is True
    # What begins every unsealed PKCS#8 of a P-256 key (RFC 5915, RFC 5208).
    beginning = bytes.fromhex('06082a8648ce3d030107046d306b0201010420')
    assert not [path for path in server.home.rglob('*')
                if path.is_file() and beginning in path.read_bytes()]


def test_what_is_encrypted_is_decrypted(kms, key):
    made = kms.encrypt(KeyId=key['KeyId'], Plaintext=PNG)
    assert made['KeyId'] == key['Arn'] and made['EncryptionAlgorithm'] == 'SYMMETRIC_DEFAULT'
    blob = made['CiphertextBlob']
    assert PNG not in blob and blob != kms.encrypt(KeyId=key['KeyId'],
                                                   Plaintext=PNG)['CiphertextBlob']
    opened = kms.decrypt(CiphertextBlob=blob)
    assert opened['Plaintext'] == PNG and opened['KeyId'] == key['Arn']
    assert kms.decrypt(CiphertextBlob=blob, KeyId=key['Arn'])['Plaintext'] == PNG
    assert len(kms.decrypt(CiphertextBlob=kms.encrypt(
        KeyId=key['KeyId'], Plaintext=b'x' * 4096)['CiphertextBlob'])['Plaintext']) == 4096
    for place in (0, 5, 25, len(blob) - 1):
        changed = bytearray(blob)
        changed[place] ^= 1
        assert code(kms.decrypt, CiphertextBlob=bytes(changed)) == 'InvalidCiphertextException'
    assert code(kms.decrypt, CiphertextBlob=blob[:20]) == 'InvalidCiphertextException'
    other = kms.create_key()['KeyMetadata']['KeyId']
    assert code(kms.decrypt, CiphertextBlob=blob, KeyId=other) == 'IncorrectKeyException'
    assert code(kms.encrypt, KeyId=key['KeyId'], Plaintext=PNG,
                DryRun=True) == 'DryRunOperationException'


def test_the_context_is_part_of_the_ciphertext(kms, key):
    context = {'a': 'b', 'app': 'shop'}
    blob = kms.encrypt(KeyId=key['KeyId'], Plaintext=b'x',
                       EncryptionContext=context)['CiphertextBlob']
    again = dict(reversed(context.items()))
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=again)['Plaintext'] == b'x'
    for wrong in ({}, {'a': 'b'}, context | {'app': 'Shop'}, {'a': 'bapp', 'shop': ''}):
        assert code(kms.decrypt, CiphertextBlob=blob,
                    EncryptionContext=wrong) == 'InvalidCiphertextException'


def test_data_keys(kms, key):
    made = kms.generate_data_key(KeyId=key['KeyId'], KeySpec='AES_256',
                                 EncryptionContext={'a': 'b'})
    assert len(made['Plaintext']) == 32
    opened = kms.decrypt(CiphertextBlob=made['CiphertextBlob'], EncryptionContext={'a': 'b'})
    assert opened['Plaintext'] == made['Plaintext']
    assert len(kms.generate_data_key(KeyId=key['KeyId'], NumberOfBytes=64)['Plaintext']) == 64
    hidden = kms.generate_data_key_without_plaintext(KeyId=key['KeyId'], KeySpec='AES_128')
    assert 'Plaintext' not in hidden
    assert len(kms.decrypt(CiphertextBlob=hidden['CiphertextBlob'])['Plaintext']) == 16
    assert code(kms.generate_data_key, KeyId=key['KeyId']) == 'ValidationException'
    drawn = [kms.generate_random(NumberOfBytes=24)['Plaintext'] for _ in range(2)]
    assert [len(one) for one in drawn] == [24, 24] and drawn[0] != drawn[1]


def test_re_encryption(kms, key):
    other = kms.create_key()['KeyMetadata']
    blob = kms.encrypt(KeyId=key['KeyId'], Plaintext=b'x',
                       EncryptionContext={'a': '1'})['CiphertextBlob']
    made = kms.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext={'a': '1'},
                          DestinationKeyId=other['KeyId'],
                          DestinationEncryptionContext={'b': '2'})
    assert (made['SourceKeyId'], made['KeyId']) == (key['Arn'], other['Arn'])
    opened = kms.decrypt(CiphertextBlob=made['CiphertextBlob'], EncryptionContext={'b': '2'})
    assert opened['Plaintext'] == b'x' and opened['KeyId'] == other['Arn']
    assert code(kms.re_encrypt, CiphertextBlob=blob,
                DestinationKeyId=other['KeyId']) == 'InvalidCiphertextException'


def test_a_disabled_key_does_nothing(kms, key):
    named = key['KeyId']
    blob = kms.encrypt(KeyId=named, Plaintext=b'x')['CiphertextBlob']
    kms.disable_key(KeyId=named)
    assert kms.describe_key(KeyId=named)['KeyMetadata']['KeyState'] == 'Disabled'
    assert code(kms.encrypt, KeyId=named, Plaintext=b'x') == 'DisabledException'
    assert code(kms.decrypt, CiphertextBlob=blob) == 'DisabledException'
    assert code(kms.generate_data_key, KeyId=named, KeySpec='AES_256') == 'DisabledException'
    kms.enable_key(KeyId=named)
    assert kms.decrypt(CiphertextBlob=blob)['Plaintext'] == b'x'


def test_deletion_waits(kms, key):
    named = key['KeyId']
    blob = kms.encrypt(KeyId=named, Plaintext=b'x')['CiphertextBlob']
    assert code(kms.schedule_key_deletion, KeyId=named,
                PendingWindowInDays=6) == 'ValidationException'
    planned = kms.schedule_key_deletion(KeyId=named, PendingWindowInDays=7)
    assert planned['KeyState'] == 'PendingDeletion' and planned['KeyId'] == key['Arn']
    days = (planned['DeletionDate'] - key['CreationDate']).total_seconds() / 86_400
    assert 6.9 < days < 7.1
    assert code(kms.decrypt, CiphertextBlob=blob) == 'KMSInvalidStateException'
    assert code(kms.enable_key, KeyId=named) == 'KMSInvalidStateException'
    assert kms.cancel_key_deletion(KeyId=named)['KeyId'] == key['Arn']
    described = kms.describe_key(KeyId=named)['KeyMetadata']
    assert described['KeyState'] == 'Disabled' and 'DeletionDate' not in described
    assert code(kms.cancel_key_deletion, KeyId=named) == 'KMSInvalidStateException'
    kms.enable_key(KeyId=named)
    assert kms.decrypt(CiphertextBlob=blob)['Plaintext'] == b'x'


def test_aliases(kms, server, key, unique):
    name = f'alias/{unique("team/one")}'
    kms.create_alias(AliasName=name, TargetKeyId=key['KeyId'])
    assert code(kms.create_alias, AliasName=name,
                TargetKeyId=key['KeyId']) == 'AlreadyExistsException'
    arn = key['Arn'].rsplit(':', 1)[0] + ':' + name
    for named in (name, arn):
        blob = kms.encrypt(KeyId=named, Plaintext=b'x')['CiphertextBlob']
        assert kms.describe_key(KeyId=named)['KeyMetadata']['KeyId'] == key['KeyId']
    assert kms.decrypt(CiphertextBlob=blob, KeyId=name)['Plaintext'] == b'x'
    other = kms.create_key()['KeyMetadata']
    kms.update_alias(AliasName=name, TargetKeyId=other['KeyId'])
    assert code(kms.decrypt, CiphertextBlob=blob, KeyId=name) == 'IncorrectKeyException'
    (listed,) = kms.list_aliases(KeyId=other['KeyId'])['Aliases']
    assert (listed['AliasName'], listed['AliasArn']) == (name, arn)
    assert listed['TargetKeyId'] == other['KeyId']
    assert name in [one['AliasName'] for one in kms.get_paginator('list_aliases').paginate(
        PaginationConfig={'PageSize': 1}).build_full_result()['Aliases']]
    assert code(kms.disable_key, KeyId=name) == 'NotFoundException'
    kms.delete_alias(AliasName=name)
    assert code(kms.describe_key, KeyId=name) == 'NotFoundException'
    assert code(kms.delete_alias, AliasName=name) == 'NotFoundException'
    assert code(kms.create_alias, AliasName='team',
                TargetKeyId=key['KeyId']) == 'ValidationException'
    assert code(kms.create_alias, AliasName='alias/aws/mine',
                TargetKeyId=key['KeyId']) == 'InvalidAliasNameException'


def test_rotation(kms, key):
    named = key['KeyId']
    assert kms.get_key_rotation_status(KeyId=named)['KeyRotationEnabled'] is False
    kms.enable_key_rotation(KeyId=named, RotationPeriodInDays=90)
    status = kms.get_key_rotation_status(KeyId=named)
    assert status['KeyRotationEnabled'] is True and status['RotationPeriodInDays'] == 90
    assert 89 < (status['NextRotationDate'] - key['CreationDate']).total_seconds() / 86_400 < 91
    old = kms.encrypt(KeyId=named, Plaintext=b'old')['CiphertextBlob']
    material = kms.describe_key(KeyId=named)['KeyMetadata']['CurrentKeyMaterialId']
    kms.rotate_key_on_demand(KeyId=named)
    assert kms.describe_key(KeyId=named)['KeyMetadata']['CurrentKeyMaterialId'] != material
    new = kms.encrypt(KeyId=named, Plaintext=b'new')['CiphertextBlob']
    assert old[20:36] != new[20:36]
    assert [kms.decrypt(CiphertextBlob=one)['Plaintext'] for one in (old, new)] == [b'old', b'new']
    kms.disable_key_rotation(KeyId=named)
    assert kms.get_key_rotation_status(KeyId=named)['KeyRotationEnabled'] is False


def test_tags(kms, unique):
    named = kms.create_key(Tags=[{'TagKey': 'team', 'TagValue': 'one'}])['KeyMetadata']['KeyId']
    kms.tag_resource(KeyId=named, Tags=[{'TagKey': 'stage', 'TagValue': 'test'}])
    tags = kms.list_resource_tags(KeyId=named)['Tags']
    assert sorted((one['TagKey'], one['TagValue']) for one in tags) == [
        ('stage', 'test'), ('team', 'one')]
    kms.untag_resource(KeyId=named, TagKeys=['team'])
    assert [one['TagKey'] for one in kms.list_resource_tags(KeyId=named)['Tags']] == ['stage']
    assert code(kms.tag_resource, KeyId=named,
                Tags=[{'TagKey': 'aws:x', 'TagValue': ''}]) == 'TagException'


def user(server, unique, *actions: str, resource: str = '*'):
    """A user's client that may do that."""
    iam, name = server.aws('iam'), unique('kms-user')
    iam.create_user(UserName=name)
    if actions:
        iam.put_user_policy(UserName=name, PolicyName='p', PolicyDocument=json.dumps({
            'Version': '2012-10-17', 'Statement': [{
                'Effect': 'Allow', 'Action': list(actions), 'Resource': resource}]}))
    made = iam.create_access_key(UserName=name)['AccessKey']
    return name, server.aws('kms', aws_access_key_id=made['AccessKeyId'],
                            aws_secret_access_key=made['SecretAccessKey'])


def test_policies_of_users_decide(kms, server, key, unique):
    other = kms.create_key()['KeyMetadata']
    alias = f'alias/{unique("decides")}'
    kms.create_alias(AliasName=alias, TargetKeyId=other['KeyId'])
    _, mine = user(server, unique, 'kms:Encrypt', resource=key['Arn'])
    blob = mine.encrypt(KeyId=key['KeyId'], Plaintext=b'x')['CiphertextBlob']
    assert code(mine.decrypt, CiphertextBlob=blob) == 'AccessDeniedException'
    assert code(mine.encrypt, KeyId=other['Arn'], Plaintext=b'x') == 'AccessDeniedException'
    # The key counts, not how it is named.
    assert code(mine.encrypt, KeyId=alias, Plaintext=b'x') == 'AccessDeniedException'
    kms.update_alias(AliasName=alias, TargetKeyId=key['KeyId'])
    mine.encrypt(KeyId=alias, Plaintext=b'x')
    assert code(mine.create_key) == 'AccessDeniedException'


def test_the_keys_policy_decides_too(kms, server, key, unique):
    name, mine = user(server, unique)
    account = server.ready['account']
    policy = json.loads(kms.get_key_policy(KeyId=key['KeyId'])['Policy'])
    assert policy['Statement'][0]['Principal'] == {'AWS': f'arn:aws:iam::{account}:root'}
    assert kms.list_key_policies(KeyId=key['KeyId'])['PolicyNames'] == ['default']
    assert code(mine.encrypt, KeyId=key['KeyId'], Plaintext=b'x') == 'AccessDeniedException'
    policy['Statement'].append({'Effect': 'Allow', 'Action': 'kms:Encrypt', 'Resource': '*',
                                'Principal': {'AWS': f'arn:aws:iam::{account}:user/{name}'}})
    text = json.dumps(policy)
    kms.put_key_policy(KeyId=key['KeyId'], PolicyName='default', Policy=text)
    assert kms.get_key_policy(KeyId=key['KeyId'], PolicyName='default')['Policy'] == text
    blob = mine.encrypt(KeyId=key['KeyId'], Plaintext=b'x')['CiphertextBlob']
    assert code(mine.decrypt, CiphertextBlob=blob) == 'AccessDeniedException'
    policy['Statement'][1] |= {'Effect': 'Deny', 'Action': 'kms:*'}
    kms.put_key_policy(KeyId=key['KeyId'], PolicyName='default', Policy=json.dumps(policy))
    server.aws('iam').put_user_policy(UserName=name, PolicyName='all', PolicyDocument=json.dumps({
        'Version': '2012-10-17',
        'Statement': [{'Effect': 'Allow', 'Action': 'kms:*', 'Resource': '*'}]}))
    assert code(mine.encrypt, KeyId=key['KeyId'], Plaintext=b'x') == 'AccessDeniedException'
    assert code(kms.put_key_policy, KeyId=key['KeyId'],
                Policy='{}') == 'MalformedPolicyDocumentException'
    locked = json.dumps({'Version': '2012-10-17', 'Statement': [{
        'Effect': 'Allow', 'Action': 'kms:*', 'Resource': '*',
        'Principal': {'Service': 'lambda.amazonaws.com'}}]})
    kms.put_key_policy(KeyId=kms.create_key()['KeyMetadata']['KeyId'], Policy=locked,
                       BypassPolicyLockoutSafetyCheck=True)


def test_keys_survive_a_kill_and_stay_sealed(own_server):
    server = own_server()
    kms = server.aws('kms')
    key = kms.create_key()['KeyMetadata']['KeyId']
    blob = kms.encrypt(KeyId=key, Plaintext=b'kept')['CiphertextBlob']
    server.kill()
    server.start()
    assert server.aws('kms').decrypt(CiphertextBlob=blob)['Plaintext'] == b'kept'
