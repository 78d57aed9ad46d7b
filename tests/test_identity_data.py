"""AgentCore Identity's data plane: boto3, and the real bedrock-agentcore SDK with decorators."""
import json
import subprocess

import pytest
import requests
from botocore.exceptions import ClientError
from harness import programs, running
from harness.issuer import Issuer
from harness.token_endpoint import TokenEndpoint

RETURN = 'http://127.0.0.1:9/back'


@pytest.fixture
def tokens():
    endpoint = TokenEndpoint()
    yield endpoint
    endpoint.close()


@pytest.fixture
def data(server):
    return server.aws('bedrock-agentcore')


@pytest.fixture
def workload(control, unique) -> str:
    return control.create_workload_identity(
        name=unique('workload'), allowedResourceOauth2ReturnUrls=[RETURN])['name']


def user_provider(server, child, unique) -> tuple[str, str]:
    """A provider whose users consent at npm's oidc-provider: its name, and the issuer."""
    port = programs.free_port()
    issuer = f'http://127.0.0.1:{port}'
    command = [programs.NODE, programs.ROOT / 'tests/node/oidc-consent.mjs', port, 3600]
    child(lambda log: programs.Program(command, issuer, log))
    made = server.aws('bedrock-agentcore-control').create_oauth2_credential_provider(
        name=unique('users'), credentialProviderVendor='CustomOauth2',
        oauth2ProviderConfigInput={'customOauth2ProviderConfig': {
            'oauthDiscovery': {'discoveryUrl': f'{issuer}/.well-known/openid-configuration'},
            'clientId': 'gate', 'clientSecret': 'a-secret-of-some-length'}})
    requests.get(f'{issuer}/allow', params={'redirect_uri': made['callbackUrl']},
                 timeout=10).raise_for_status()
    return made['name'], issuer


def code(refused) -> str:
    return refused.value.response['Error']['Code']


def test_the_real_sdks_decorators(server, control, unique, tokens, child, tmp_path):
    keys, machine = unique('keys'), unique('machine')
    control.create_api_key_credential_provider(name=keys, apiKey='an-api-key')
    tokens.provider(control, machine)
    users, issuer = user_provider(server, child, unique)
    python = programs.ROOT / '.venv/toolkit/bin/python'
    assert python.exists(), 'tools/setup.sh tests makes it'
    script = programs.ROOT / 'tests/clients/identity_sdk.py'
    done = subprocess.run(
        running.command(server, python, script, keys, machine, users, RETURN,
                        programs.ROOT / 'tests'),
        cwd=tmp_path, text=True, capture_output=True, timeout=120, env=running.user_environment())
    assert done.returncode == 0, f'{done.stdout}\n{done.stderr}'
    got = json.loads(done.stdout.splitlines()[-1])
    assert got['key'] == 'an-api-key'
    assert got['machine'] == got['again'] == tokens.given[0] and len(tokens.asked) == 1
    assert got['user'] == got['user_again'] and got['asked'] == 1
    who = requests.get(f'{issuer}/me', timeout=10,
                       headers={'Authorization': f"Bearer {got['user']}"})
    assert who.json()['sub'] == 'ann-at-the-api'


def test_workload_tokens_are_sealed_and_bound(data, control, workload, unique, tokens):
    name = unique('machine')
    tokens.provider(control, name)
    token = data.get_workload_access_token(workloadName=workload)['workloadAccessToken']
    assert workload not in token

    def ask(identity: str, flow: str = 'M2M') -> dict:
        return data.get_resource_oauth2_token(
            workloadIdentityToken=identity, resourceCredentialProviderName=name, scopes=['a'],
            oauth2Flow=flow)

    assert ask(token)['accessToken'] == tokens.given[0]
    for bad in (token[:-4] + 'AAAA', 'nonsense'):
        with pytest.raises(ClientError) as refused:
            ask(bad)
        assert code(refused) == 'UnauthorizedException'
    with pytest.raises(ClientError, match='needs a workload access token of a user'):
        ask(token, 'USER_FEDERATION')
    with pytest.raises(ClientError) as refused:
        data.get_workload_access_token(workloadName='nobody-here')
    assert code(refused) == 'ResourceNotFoundException'
    control.delete_workload_identity(name=workload)
    with pytest.raises(ClientError) as refused:
        ask(token)
    assert code(refused) == 'UnauthorizedException'


def test_a_users_jwt_is_checked_and_exchanged(data, control, workload, unique, tokens):
    issuer = Issuer()
    name = unique('exchange')
    tokens.provider(control, name, onBehalfOfTokenExchangeConfig={
        'grantType': 'TOKEN_EXCHANGE',
        'tokenExchangeGrantTypeConfig': {'actorTokenContent': 'M2M', 'actorTokenScopes': ['act']}})
    ann = issuer.token(sub='ann')
    identity = data.get_workload_access_token_for_jwt(
        workloadName=workload, userToken=ann)['workloadAccessToken']
    answer = data.get_resource_oauth2_token(
        workloadIdentityToken=identity, resourceCredentialProviderName=name, scopes=['a'],
        oauth2Flow='ON_BEHALF_OF_TOKEN_EXCHANGE', audiences=['api'], resources=['urn:thing'])
    actor, exchanged = tokens.asked
    assert actor['grant_type'] == 'client_credentials' and actor['scope'] == 'act'
    assert exchanged['subject_token'] == ann and exchanged['actor_token'] == tokens.given[0]
    assert exchanged['audience'] == 'api' and exchanged['resource'] == 'urn:thing'
    assert answer['accessToken'] == tokens.given[1]
    head, body, _ = ann.split('.')
    forged = f"{head}.{body}.{issuer.token(sub='bob').split('.')[2]}"
    for bad in (forged, issuer.token(exp=1), issuer.token(iss='http://127.0.0.1:1')):
        with pytest.raises(ClientError):
            data.get_workload_access_token_for_jwt(workloadName=workload, userToken=bad)
    issuer.close()


def test_return_urls_must_be_listed(server, data, workload, unique, child):
    users, _ = user_provider(server, child, unique)
    identity = data.get_workload_access_token_for_user_id(
        workloadName=workload, userId='ann')['workloadAccessToken']

    def ask(**more) -> dict:
        return data.get_resource_oauth2_token(
            workloadIdentityToken=identity, resourceCredentialProviderName=users,
            scopes=['openid'], oauth2Flow='USER_FEDERATION', **more)

    with pytest.raises(ClientError, match='resourceOauth2ReturnUrl is required'):
        ask()
    with pytest.raises(ClientError, match='allowedResourceOauth2ReturnUrls'):
        ask(resourceOauth2ReturnUrl='https://elsewhere.example/')
    begun = ask(resourceOauth2ReturnUrl=RETURN)
    assert begun['sessionStatus'] == 'IN_PROGRESS'
    polled = ask(sessionUri=begun['sessionUri'])
    assert polled['sessionStatus'] == 'IN_PROGRESS' and 'accessToken' not in polled
    with pytest.raises(ClientError) as refused:
        ask(sessionUri=begun['sessionUri'] + 'x')
    assert code(refused) == 'AccessDeniedException'
    with pytest.raises(ClientError, match='Invalid or expired session'):
        data.complete_resource_token_auth(sessionUri=begun['sessionUri'],
                                          userIdentifier={'userId': 'ann'})
