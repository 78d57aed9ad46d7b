"""User pools and their OAuth endpoints, IAM and STS."""
import base64
import json
import time

import jwt
import pytest
import requests
from botocore.exceptions import ClientError
from harness.pool import Pool

TRUST = '{"Version":"2012-10-17",  "Statement":[{"Effect":"Allow","Principal":{"Service":' \
        '"bedrock-agentcore.amazonaws.com"},"Action":"sts:AssumeRole"}]}'

ALLOW = '{"Version":"2012-10-17",  "Statement":[{"Effect":"Allow","Action":"s3:*",' \
        '"Resource":"*"}]}'


def error_of(call, **arguments) -> str:
    with pytest.raises(ClientError) as failed:
        call(**arguments)
    return failed.value.response['Error']['Code']


def test_a_machine_token_has_cognitos_claims(server, pool):
    answer = pool.ask_token(scope=pool.scopes[0]).json()
    assert answer['token_type'] == 'Bearer' and answer['expires_in'] == 3600
    claims = jwt.decode(answer['access_token'], options={'verify_signature': False})
    assert claims['client_id'] == claims['sub'] == pool.client_id
    assert claims['scope'] == pool.scopes[0]
    assert claims['token_use'] == 'access' and claims['version'] == 2
    assert claims['exp'] - claims['iat'] == 3600
    assert 'aud' not in claims
    assert {'auth_time', 'jti', 'iss'} <= claims.keys()


def test_no_scope_means_all_scopes_of_the_client(pool):
    claims = jwt.decode(pool.token(), options={'verify_signature': False})
    assert sorted(claims['scope'].split()) == sorted(pool.scopes)


def test_discovery_leads_to_keys_that_verify(server, pool):
    url = f'{server.base}/{pool.id}/.well-known/openid-configuration'
    document = requests.get(url, timeout=5).json()
    assert document['issuer'] == f'{server.base}/{pool.id}'
    assert document['token_endpoint'].endswith('/oauth2/token')
    token = pool.token()
    key = jwt.PyJWKClient(document['jwks_uri']).get_signing_key_from_jwt(token).key
    claims = jwt.decode(token, key, algorithms=['RS256'], issuer=document['issuer'])
    assert claims['client_id'] == pool.client_id


def test_the_secret_may_come_as_basic(server, pool):
    basic = base64.b64encode(f'{pool.client_id}:{pool.secret}'.encode()).decode()
    answer = requests.post(f'{server.base}/oauth2/token', timeout=5,
                           headers={'Authorization': f'Basic {basic}'},
                           data={'grant_type': 'client_credentials', 'scope': pool.scopes[0]})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize('form, error', [
    ({'client_secret': 'wrong'}, 'invalid_client'),
    ({'client_id': 'nobody'}, 'invalid_client'),
    ({'scope': 'other/scope'}, 'invalid_scope'),
    ({'grant_type': 'password'}, 'unsupported_grant_type'),
    ({'grant_type': ''}, 'invalid_request'),
])
def test_oauth_errors_have_oauth_bodies(pool, form, error):
    answer = pool.ask_token(**form)
    assert answer.status_code in (400, 401)
    assert answer.json()['error'] == error


def test_a_pool_lives_and_dies(server, unique):
    cognito = server.aws('cognito-idp')
    made = Pool(server, unique('pool'))
    described = cognito.describe_user_pool(UserPoolId=made.id)['UserPool']
    assert described['Name'] == made.name and described['Domain'] == made.domain
    domain = cognito.describe_user_pool_domain(Domain=made.domain)['DomainDescription']
    assert domain['Status'] == 'ACTIVE' and domain['UserPoolId'] == made.id
    assert error_of(cognito.create_user_pool_client, UserPoolId=made.id, ClientName='x',
                    AllowedOAuthFlows=['client_credentials'], GenerateSecret=True,
                    AllowedOAuthFlowsUserPoolClient=True,
                    AllowedOAuthScopes=['no/such']) == 'ScopeDoesNotExistException'
    cognito.delete_user_pool_client(UserPoolId=made.id, ClientId=made.client_id)
    assert made.ask_token().json()['error'] == 'invalid_client'
    cognito.delete_resource_server(UserPoolId=made.id, Identifier=made.name)
    cognito.delete_user_pool_domain(Domain=made.domain, UserPoolId=made.id)
    cognito.delete_user_pool(UserPoolId=made.id)
    assert error_of(cognito.describe_user_pool,
                    UserPoolId=made.id) == 'ResourceNotFoundException'


def test_lists_of_pools_have_pages(server, unique):
    cognito = server.aws('cognito-idp')
    made = {cognito.create_user_pool(PoolName=unique('page'))['UserPool']['Id'] for _ in range(5)}
    found, more = [], {}
    while True:
        page = cognito.list_user_pools(MaxResults=2, **more)
        assert len(page['UserPools']) <= 2
        found += [pool['Id'] for pool in page['UserPools']]
        if 'NextToken' not in page:
            break
        more = {'NextToken': page['NextToken']}
    assert made <= set(found) and len(found) == len(set(found))


def test_a_clients_secret_is_described(server, pool):
    described = server.aws('cognito-idp').describe_user_pool_client(
        UserPoolId=pool.id, ClientId=pool.client_id)['UserPoolClient']
    assert described['ClientSecret'] == pool.secret
    assert sorted(described['AllowedOAuthScopes']) == sorted(pool.scopes)


def test_trust_policies_round_trip(server, unique):
    iam = server.aws('iam')
    name = unique('role')
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Description='a role')
    read = iam.get_role(RoleName=name)['Role']
    assert read['Arn'] == made['Role']['Arn']
    assert read['AssumeRolePolicyDocument'] == json.loads(TRUST)
    assert read['Description'] == 'a role'
    iam.put_role_policy(RoleName=name, PolicyName='inline', PolicyDocument=ALLOW)
    assert iam.list_role_policies(RoleName=name)['PolicyNames'] == ['inline']
    assert iam.get_role_policy(RoleName=name,
                               PolicyName='inline')['PolicyDocument'] == json.loads(ALLOW)
    assert error_of(iam.delete_role, RoleName=name) == 'DeleteConflict'
    assert error_of(iam.create_role, RoleName=name,
                    AssumeRolePolicyDocument=TRUST) == 'EntityAlreadyExists'
    iam.delete_role_policy(RoleName=name, PolicyName='inline')
    iam.delete_role(RoleName=name)
    assert error_of(iam.get_role, RoleName=name) == 'NoSuchEntity'


def test_managed_policies_attach(server, unique):
    iam = server.aws('iam')
    name = unique('role')
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    arn = iam.create_policy(PolicyName=unique('policy'), PolicyDocument=ALLOW)['Policy']['Arn']
    managed = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
    for policy in (arn, managed):
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    attached = iam.list_attached_role_policies(RoleName=name)['AttachedPolicies']
    assert sorted(policy['PolicyArn'] for policy in attached) == sorted([arn, managed])
    assert arn in [policy['Arn'] for policy in iam.list_policies(Scope='Local')['Policies']]


def test_a_users_key_works_until_it_does_not(server, unique):
    iam = server.aws('iam')
    name = unique('user')
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)['AccessKey']
    user = {'aws_access_key_id': key['AccessKeyId'],
            'aws_secret_access_key': key['SecretAccessKey']}
    sts = server.aws('sts', **user)
    assert sts.get_caller_identity()['Arn'].endswith(f':user/{name}')
    iam.update_access_key(UserName=name, AccessKeyId=key['AccessKeyId'], Status='Inactive')
    assert error_of(sts.get_caller_identity) == 'InvalidClientTokenId'
    iam.update_access_key(UserName=name, AccessKeyId=key['AccessKeyId'], Status='Active')
    sts.get_caller_identity()
    iam.delete_access_key(UserName=name, AccessKeyId=key['AccessKeyId'])
    assert error_of(sts.get_caller_identity) == 'InvalidClientTokenId'


def test_sts_gives_sessions(server, unique):
    account = server.ready['account']
    iam, sts = server.aws('iam'), server.aws('sts')
    assert sts.get_caller_identity()['Account'] == account
    name = unique('role')
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST.replace(
        '"Service":"bedrock-agentcore.amazonaws.com"', f'"AWS":"{account}"'))['Role']['Arn']
    assumed = sts.assume_role(RoleArn=role, RoleSessionName='here', DurationSeconds=900)
    given = assumed['Credentials']
    assert 800 < given['Expiration'].timestamp() - time.time() < 1000
    session = server.aws('sts', aws_access_key_id=given['AccessKeyId'],
                         aws_secret_access_key=given['SecretAccessKey'],
                         aws_session_token=given['SessionToken'])
    assert session.get_caller_identity()['Arn'] == (
        f'arn:aws:sts::{account}:assumed-role/{name}/here')


def test_a_wrong_signature_is_told_apart_from_an_unknown_key(server):
    good = server.credentials()
    wrong = server.aws('sts', **(good | {'aws_secret_access_key': 'x' * 40}))
    assert error_of(wrong.get_caller_identity) == 'SignatureDoesNotMatch'
    unknown = server.aws('sts', aws_access_key_id='AKIAIOSFODNN7EXAMPLE',
                         aws_secret_access_key='x' * 40)
    assert error_of(unknown.get_caller_identity) == 'InvalidClientTokenId'
    control = server.aws('bedrock-agentcore-control',
                         **(good | {'aws_secret_access_key': 'x' * 40}))
    assert error_of(control.list_gateways) == 'InvalidSignatureException'
