"""A caller's token becomes one for the target at a certified OpenID provider, npm's oidc-provider,
which checks the one and signs the other."""
import jwt
import pytest
import requests
from harness import programs
from harness.gateway import Gateway, oauth
from harness.scripted import tool
from jwt import PyJWKClient

SECRET = 'a-secret-of-some-length'
CONFIGS = {
    'urn:ietf:params:oauth:grant-type:token-exchange': {
        'grantType': 'TOKEN_EXCHANGE',
        'tokenExchangeGrantTypeConfig': {'actorTokenContent': 'M2M',
                                         'actorTokenScopes': ['tools']}},
    'urn:ietf:params:oauth:grant-type:jwt-bearer': {'grantType': 'JWT_AUTHORIZATION_GRANT'},
}


@pytest.fixture
def issuer(child):
    port = programs.free_port()
    command = [programs.NODE, programs.ROOT / 'tests/node/oidc-exchange.mjs', port]
    issuer = f'http://127.0.0.1:{port}'
    child(lambda log: programs.Program(command, issuer, log))
    return issuer


def token_of(issuer: str, client: str) -> str:
    answer = requests.post(f'{issuer}/token', timeout=10, auth=(client, SECRET), data={
        'grant_type': 'client_credentials', 'scope': 'tools'})
    assert answer.status_code == 200, answer.text
    return answer.json()['access_token']


def gateway_of(server, name: str, issuer: str) -> Gateway:
    return Gateway(server, name, {
        'authorizerType': 'CUSTOM_JWT', 'authorizerConfiguration': {'customJWTAuthorizer': {
            'discoveryUrl': f'{issuer}/.well-known/openid-configuration',
            'allowedAudience': ['gateway']}}}, exceptionLevel='DEBUG')


def exchanging(gateway: Gateway, name: str, issuer: str, config: dict, secret: str) -> dict:
    """A target's credential: the caller's token, exchanged for one of the resource urn:api."""
    provider = gateway.control.create_oauth2_credential_provider(
        name=name, credentialProviderVendor='CustomOauth2', oauth2ProviderConfigInput={
            'customOauth2ProviderConfig': {
                'oauthDiscovery': {'discoveryUrl': f'{issuer}/.well-known/openid-configuration'},
                'clientId': 'gate', 'clientSecret': secret,
                'clientAuthenticationMethod': 'CLIENT_SECRET_BASIC',
                'onBehalfOfTokenExchangeConfig': config}})
    credential = oauth(provider['credentialProviderArn'], 'tools')
    credential['credentialProvider']['oauthCredentialProvider'] |= {
        'grantType': 'TOKEN_EXCHANGE', 'customParameters': {'resource': 'urn:api'}}
    return credential


@pytest.mark.parametrize('grant', list(CONFIGS))
def test_each_caller_is_known_to_the_target(server, unique, upstream, issuer, grant):
    upstream.set_tools([tool('get')])
    gateway = gateway_of(server, unique('exchange'), issuer)
    gateway.add_ready('api', upstream.url, exchanging(
        gateway, unique('provider'), issuer, CONFIGS[grant], SECRET))
    keys = PyJWKClient(f'{issuer}/jwks')
    for client in ('ann', 'bob', 'ann'):
        caller = token_of(issuer, client)
        result = gateway.endpoint().call('api___get', Authorization=f'Bearer {caller}')
        assert not result.get('isError'), result
        shown = upstream.received[-1][0]['Authorization'].removeprefix('Bearer ')
        claims = jwt.decode(shown, keys.get_signing_key_from_jwt(shown), algorithms=['RS256'],
                            audience='urn:api', issuer=issuer)
        assert (claims['sub'], claims['act'], claims['scope']) == (client, {'sub': 'gate'}, 'tools')
    asked = requests.get(f'{issuer}/asked', timeout=10).json()
    assert {one['grant_type'] for one in asked} == {grant}
    if grant.endswith('token-exchange'):
        actor = jwt.decode(asked[0]['actor_token'], options={'verify_signature': False})
        assert actor['client_id'] == 'gate'


def test_what_the_provider_refuses_is_told(server, unique, upstream, issuer):
    upstream.set_tools([tool('get')])
    gateway = gateway_of(server, unique('exchange'), issuer)
    wrong = exchanging(gateway, unique('provider'), issuer,
                       CONFIGS['urn:ietf:params:oauth:grant-type:jwt-bearer'], 'x' * 23)
    gateway.add_ready('api', upstream.url, wrong)  # listed without a token
    caller = token_of(issuer, 'ann')
    result = gateway.endpoint().call('api___get', Authorization=f'Bearer {caller}')
    assert result['isError'] is True
    assert 'invalid_client' in result['content'][0]['text']
    assert caller not in str(result)
