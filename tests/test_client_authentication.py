"""How clients show who they are at a token endpoint, with a certified OpenID provider, npm's
oidc-provider: by a secret in a header or in the form, or by an assertion that a key in KMS signs
(RFC 7523 §2.2)."""
import base64
import json

import jwt
import pytest
import requests
from botocore.exceptions import ClientError
from harness import programs
from harness.gateway import Gateway, oauth
from harness.scripted import tool
from harness.token_endpoint import TokenEndpoint

OPEN = {'authorizerType': 'NONE'}
SECRET = 'a-secret-of-some-length'
KEYS = {'key-rs': ('RSA_2048', 'RS256'), 'key-ps': ('RSA_2048', 'PS256'),
        'key-es': ('ECC_NIST_P256', 'ES256')}


@pytest.fixture(scope='module')
def keys(server):
    """ARN and public key of each client's key."""
    kms, made = server.aws('kms'), {}
    for client, (spec, _) in KEYS.items():
        arn = kms.create_key(KeySpec=spec, KeyUsage='SIGN_VERIFY')['KeyMetadata']['Arn']
        made[client] = (arn, kms.get_public_key(KeyId=arn)['PublicKey'])
    return made


@pytest.fixture
def issuer(child, keys):
    port = programs.free_port()
    public = {client: {'alg': KEYS[client][1], 'der': base64.b64encode(der).decode(),
                       **({'kid': 'the-kid'} if client == 'key-ps' else {})}
              for client, (_, der) in keys.items()}
    encoded = base64.urlsafe_b64encode(json.dumps(public).encode()).decode().rstrip('=')
    command = [programs.NODE, programs.ROOT / 'tests/node/oidc-clients.mjs', port, encoded]
    issuer = f'http://127.0.0.1:{port}'
    child(lambda log: programs.Program(command, issuer, log))
    return issuer


def by_key(arn: str, algorithm: str, **more) -> dict:
    return {'clientAuthenticationMethod': 'PRIVATE_KEY_JWT', 'privateKeyJwtConfig': {
        'privateKeySource': {'kmsKeySource': {'kmsKeyArn': arn}},
        'signingAlgorithm': algorithm} | more}


def provider_of(control, name: str, url: str, client: str, **more) -> dict:
    return control.create_oauth2_credential_provider(
        name=name, credentialProviderVendor='CustomOauth2', oauth2ProviderConfigInput={
            'customOauth2ProviderConfig': {
                'oauthDiscovery': {'discoveryUrl': f'{url}/.well-known/openid-configuration'},
                'clientId': client} | more})


def token_for(gateway, upstream, provider: dict, name: str = 'api', **more) -> dict:
    """The claims of the token that a call shows to its target."""
    upstream.set_tools([tool('get')])
    credential = oauth(provider['credentialProviderArn'], 'tools')
    credential['credentialProvider']['oauthCredentialProvider'] |= more
    gateway.add_ready(name, upstream.url, credential)
    result = gateway.endpoint().call(f'{name}___get')
    assert not result.get('isError'), result
    headers, _ = upstream.received[-1]
    return jwt.decode(headers['Authorization'].removeprefix('Bearer '),
                      options={'verify_signature': False})


def seen(issuer: str) -> list[dict]:
    return requests.get(f'{issuer}/seen', timeout=10).json()


@pytest.fixture
def gateway(server, unique):
    return Gateway(server, unique('auth'), OPEN, exceptionLevel='DEBUG')


@pytest.mark.parametrize(('client', 'method'), [('basic', 'CLIENT_SECRET_BASIC'),
                                                ('post', 'CLIENT_SECRET_POST')])
def test_a_secret(gateway, upstream, unique, issuer, client, method):
    provider = provider_of(gateway.control, unique('p'), issuer, client, clientSecret=SECRET,
                           clientAuthenticationMethod=method)
    claims = token_for(gateway, upstream, provider)
    assert (claims['client_id'], claims['aud']) == (client, 'urn:default')
    shown = {'header': client == 'basic', 'secret': client == 'post', 'assertion': False}
    assert seen(issuer) == [{'client': client} | shown]
    wrong = provider_of(gateway.control, unique('p'), issuer, client, clientSecret='x' * 23,
                        clientAuthenticationMethod=method)
    failed = gateway.add('wrong', upstream.url, oauth(wrong['credentialProviderArn'], 'tools'))
    assert failed['status'] == 'FAILED' and 'invalid_client' in failed['statusReasons'][0]


@pytest.mark.parametrize('client', list(KEYS))
def test_a_key_in_kms(server, gateway, upstream, unique, issuer, keys, client):
    more = {'additionalHeaderClaims': {'kid': 'the-kid'}} if client == 'key-ps' else {}
    provider = provider_of(gateway.control, unique('p'), issuer, client,
                           **by_key(keys[client][0], KEYS[client][1], **more))
    shown = provider['oauth2ProviderConfigOutput']['customOauth2ProviderConfig']
    assert shown['privateKeyJwtConfig']['privateKeySource']['kmsKeySource']['kmsKeyArn'] == (
        keys[client][0])
    role = server.make_role('signs', 'bedrock-agentcore:*', 'kms:Sign')
    gateway = Gateway(server, unique('auth'), OPEN, exceptionLevel='DEBUG', roleArn=role)
    claims = token_for(gateway, upstream, provider, customParameters={'resource': 'urn:api:1'})
    assert (claims['client_id'], claims['aud']) == (client, 'urn:api:1')  # RFC 8707
    # The listing and the call share a token.
    assert seen(issuer) == [
        {'client': client, 'header': False, 'secret': False, 'assertion': True}]


def test_the_assertion(server, upstream, unique, keys):
    """Word by word, at a token endpoint that keeps what it is asked."""
    tokens = TokenEndpoint()
    try:
        control = server.aws('bedrock-agentcore-control')
        arn, der = keys['key-es']
        url = f'{tokens.url}/token'
        made = control.create_oauth2_credential_provider(
            name=unique('p'), credentialProviderVendor='CustomOauth2', oauth2ProviderConfigInput={
                'customOauth2ProviderConfig': {
                    'oauthDiscovery': {'authorizationServerMetadata': {
                        'issuer': url, 'authorizationEndpoint': url, 'tokenEndpoint': url}},
                    'clientId': 'me', **by_key(arn, 'ES256', additionalPayloadClaims={'org': 'o1'},
                                               additionalHeaderClaims={'kid': 'k1'})}})
        role = server.make_role('signs', 'bedrock-agentcore:*', 'kms:Sign')
        gateway = Gateway(server, unique('auth'), OPEN, exceptionLevel='DEBUG', roleArn=role)
        upstream.set_tools([tool('get')])
        for name in ('a', 'b'):  # two scopes: two tokens
            gateway.add_ready(name, upstream.url, oauth(made['credentialProviderArn'], name))
        seen = []
        for asked in tokens.asked:
            assert asked['client_id'] == 'me' and 'client_secret' not in asked
            assert asked['client_assertion_type'] == (
                'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
            public = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256).prepare_key(
                b'-----BEGIN PUBLIC KEY-----\n' + base64.encodebytes(der)
                + b'-----END PUBLIC KEY-----\n')
            claims = jwt.decode(asked['client_assertion'], public, algorithms=['ES256'],
                                audience=url, options={'require': ['exp', 'iat', 'jti']})
            assert claims['iss'] == claims['sub'] == 'me' and claims['org'] == 'o1'
            assert claims['exp'] - claims['iat'] <= 600
            assert jwt.get_unverified_header(asked['client_assertion']) == {
                'alg': 'ES256', 'typ': 'JWT', 'kid': 'k1'}
            seen.append(claims['jti'])
        assert len(seen) == len(set(seen)) == 2
        assert tokens.asked[0]['client_assertion'] not in server.log_text()
    finally:
        tokens.close()


def test_a_role_that_may_not_sign_is_told_so(server, upstream, unique, issuer, keys):
    upstream.set_tools([tool('get')])
    control = server.aws('bedrock-agentcore-control')
    provider = provider_of(control, unique('p'), issuer, 'key-rs',
                           **by_key(keys['key-rs'][0], 'RS256'))
    role = server.make_role('no-key', 'bedrock-agentcore:*', 'secretsmanager:GetSecretValue')
    gateway = Gateway(server, unique('auth'), OPEN, exceptionLevel='DEBUG', roleArn=role)
    with pytest.raises(ClientError, match='kms:Sign'):
        gateway.add('api', upstream.url, oauth(provider['credentialProviderArn'], 'tools'))


def test_who_may_not_use_a_key_cannot_lend_it(server, unique, issuer, keys):
    """A provider is a way to have its key sign."""
    iam, name = server.aws('iam'), unique('ann')
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName='p', PolicyDocument=json.dumps({
        'Version': '2012-10-17', 'Statement': [
            {'Effect': 'Allow', 'Action': 'bedrock-agentcore:*', 'Resource': '*'}]}))
    key = iam.create_access_key(UserName=name)['AccessKey']
    control = server.aws('bedrock-agentcore-control', aws_access_key_id=key['AccessKeyId'],
                         aws_secret_access_key=key['SecretAccessKey'])
    with pytest.raises(ClientError, match='kms:Sign') as refused:
        provider_of(control, unique('p'), issuer, 'key-rs', **by_key(keys['key-rs'][0], 'RS256'))
    assert refused.value.response['Error']['Code'] == 'AccessDeniedException'


def test_what_does_not_fit_is_refused_when_the_provider_is_made(server, unique, issuer, keys):
    control, kms = server.aws('bedrock-agentcore-control'), server.aws('kms')
    arn = keys['key-es'][0]
    symmetric = kms.create_key()['KeyMetadata']['Arn']
    gone = arn[:-36] + '0' * 8 + '-0000-0000-0000-' + '0' * 12
    key = by_key(arn, 'ES256')
    for more, text in (
            (by_key(arn, 'RS256'), 'does not sign RS256'),
            (by_key(symmetric, 'ES256'), 'not SIGN_VERIFY'),
            (by_key(gone, 'ES256'), 'does not exist'),
            (key | {'clientSecret': SECRET}, 'clientSecret: is not used'),
            ({'clientAuthenticationMethod': 'PRIVATE_KEY_JWT'}, 'privateKeyJwtConfig: is required'),
            ({'clientSecret': SECRET, 'privateKeyJwtConfig': key['privateKeyJwtConfig']},
             'must be PRIVATE_KEY_JWT'),
            (by_key(arn, 'ES256', additionalPayloadClaims={'sub': 'x'}), 'is set by the service'),
            (by_key(arn, 'ES256', additionalHeaderClaims={'alg': 'none'}), 'is set by the service'),
            ({'clientAuthenticationMethod': 'CLIENT_SECRET_BASIC'}, 'clientSecret: is required')):
        with pytest.raises(ClientError, match=text) as refused:
            provider_of(control, unique('p'), issuer, 'key-es', **more)
        assert refused.value.response['Error']['Code'] == 'ValidationException', more
