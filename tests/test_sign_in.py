"""The front door: who may call a gateway, and what everyone else is told."""
import time

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from harness import signed
from harness.gateway import Endpoint, Gateway
from harness.pool import Pool

LIST = {'jsonrpc': '2.0', 'id': 7, 'method': 'tools/list'}


def bearer(token: str) -> dict:
    return {'Authorization': f'Bearer {token}'}


def expect_challenge(answer: requests.Response, status: int, error: str, metadata: str,
                     scope: str = '') -> None:
    assert answer.status_code == status, answer.text
    advertised = f' scope="{scope}",' if scope else ''
    assert answer.headers['WWW-Authenticate'] == (
        f'Bearer error="{error}",{advertised} resource_metadata="{metadata}"')


@pytest.fixture
def made(gateway):
    return gateway()


@pytest.fixture
def metadata(server, made):
    return f'{server.base}/.well-known/oauth-protected-resource/gateways/{made.id}/mcp'


@pytest.mark.parametrize('authorization', [
    None, 'Bearer', 'Bearer nonsense', 'Bearer a.b.c', 'Basic dXNlcjpwYXNz', 'bearer  '])
def test_no_token_is_401(made, metadata, authorization):
    headers = {'Authorization': authorization} if authorization else {}
    answer = Endpoint(made.url).post(LIST, **headers)
    expect_challenge(answer, 401, 'invalid_token', metadata)
    assert answer.headers['Content-Type'] == 'application/json'
    assert answer.json() == {'jsonrpc': '2.0', 'id': 7,
                             'error': {'code': -32001, 'message': 'Invalid Bearer token'}}


def test_the_scheme_has_no_case(made, pool):
    answer = Endpoint(made.url).post(LIST, Authorization=f'bEARER {pool.token()}')
    assert answer.status_code == 200


def test_the_metadata_names_the_issuer(server, pool, made, metadata):
    document = requests.get(metadata, timeout=5).json()
    assert document['resource'] == made.url
    assert document['authorization_servers'] == [pool.issuer]
    assert document['scopes_supported'] == []


def test_scopes_are_advertised_and_wanted(server, pool, unique):
    scoped = Gateway(server, unique('scoped'), pool.authorizer(allowedScopes=[pool.scopes[0]]))
    metadata = f'{server.base}/.well-known/oauth-protected-resource/gateways/{scoped.id}/mcp'
    assert requests.get(metadata, timeout=5).json()['scopes_supported'] == [pool.scopes[0]]
    endpoint = Endpoint(scoped.url)
    expect_challenge(endpoint.post(LIST), 401, 'invalid_token', metadata, pool.scopes[0])
    poor = endpoint.post(LIST, **bearer(pool.token(scope=pool.scopes[1])))
    expect_challenge(poor, 403, 'insufficient_scope', metadata, pool.scopes[0])
    assert endpoint.post(LIST, **bearer(pool.token(scope=pool.scopes[0]))).status_code == 200


def test_a_token_of_another_pool_is_refused(server, made, metadata, unique):
    stranger = Pool(server, unique('stranger'))
    answer = Endpoint(made.url).post(LIST, **bearer(stranger.token()))
    expect_challenge(answer, 401, 'invalid_token', metadata)


def test_a_token_of_another_client_is_refused(made, metadata, pool):
    client, secret = pool.add_client(pool.scopes)
    answer = Endpoint(made.url).post(
        LIST, **bearer(pool.token(client_id=client, client_secret=secret)))
    assert answer.status_code in (401, 403)
    assert metadata in answer.headers['WWW-Authenticate']


@pytest.mark.parametrize('rule, allowed', [
    ({'allowedAudience': ['someone']}, False),  # machine tokens of Cognito have no aud
    ({'customClaims': [{'inboundTokenClaimName': 'token_use',
                        'inboundTokenClaimValueType': 'STRING',
                        'authorizingClaimMatchValue': {
                            'claimMatchValue': {'matchValueString': 'access'},
                            'claimMatchOperator': 'EQUALS'}}]}, True),
    ({'customClaims': [{'inboundTokenClaimName': 'token_use',
                        'inboundTokenClaimValueType': 'STRING',
                        'authorizingClaimMatchValue': {
                            'claimMatchValue': {'matchValueString': 'id'},
                            'claimMatchOperator': 'EQUALS'}}]}, False),
])
def test_the_other_rules_of_the_authorizer(server, pool, unique, rule, allowed):
    ruled = Gateway(server, unique('ruled'), pool.authorizer(**rule))
    answer = Endpoint(ruled.url).post(LIST, **bearer(pool.token()))
    assert (answer.status_code == 200) == allowed, answer.text
    assert answer.status_code in (200, 401, 403)


def test_forged_tokens_are_refused(server, pool, made, metadata):
    good = pool.token()
    claims = jwt.decode(good, options={'verify_signature': False})
    header = {'kid': jwt.get_unverified_header(good)['kid']}
    mine = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key = jwt.PyJWKClient(f'{server.base}/{pool.id}/.well-known/jwks.json')
    public = key.get_signing_key_from_jwt(good).key
    pem = public.public_numbers()
    head, body, signature = good.split('.')
    forged = {
        'another key': jwt.encode(claims, mine, algorithm='RS256', headers=header),
        'none': jwt.encode(claims, None, algorithm='none', headers=header),
        'HMAC by a public number': jwt.encode(claims, str(pem.n), algorithm='HS256',
                                              headers=header),
        'unknown kid': jwt.encode(claims, mine, algorithm='RS256', headers={'kid': 'who'}),
        'no signature': f'{head}.{body}.',
        'a changed body': f'{head}.{body[:-4]}AAAA.{signature}',
    }
    endpoint = Endpoint(made.url)
    for what, token in forged.items():
        answer = endpoint.post(LIST, **bearer(token))
        assert answer.status_code == 401, what
        expect_challenge(answer, 401, 'invalid_token', metadata)
    assert endpoint.post(LIST, **bearer(good)).status_code == 200


def test_a_gateway_for_iam_wants_sigv4(server, unique):
    iam = Gateway(server, unique('iam'), {'authorizerType': 'AWS_IAM'})
    assert Endpoint(iam.url).post(LIST).status_code in (401, 403)
    answer = signed.send(server, 'POST', iam.url, LIST)
    assert answer.status_code == 200 and answer.json()['result']['tools'] == [], answer.text
    wrong = server.credentials() | {'aws_secret_access_key': 'x' * 40}
    refused = signed.send(server, 'POST', iam.url, LIST, credentials=wrong)
    assert refused.status_code in (401, 403)
    assert refused.json()['id'] == 7 and refused.json()['error']['code'] in (-32001, -32002)


def test_a_signature_is_for_one_service(server, unique):
    iam = Gateway(server, unique('iam'), {'authorizerType': 'AWS_IAM'})
    answer = signed.send(server, 'POST', iam.url, LIST, service='execute-api')
    assert answer.status_code in (401, 403)
    assert answer.json()['error']['message'].endswith(
        "Credential should be scoped to correct service: 'bedrock-agentcore'.")


def test_a_signature_may_stand_in_the_query(server):
    made = signed.request(server, 'GET', f'{server.base}/gateways/?maxResults=1', query_form=True)
    url = made.prepare().url
    assert 'X-Amz-Signature=' in url
    headers = dict(made.headers.items())
    assert 'items' in requests.get(url, headers=headers, timeout=5).json()
    changed = requests.get(url.replace('maxResults=1', 'maxResults=2'), headers=headers, timeout=5)
    assert changed.status_code == 403
    assert changed.headers['x-amzn-errortype'] == 'InvalidSignatureException'


def test_a_signed_body_cannot_be_changed(server, unique):
    iam = Gateway(server, unique('iam'), {'authorizerType': 'AWS_IAM'})
    made = signed.request(server, 'POST', iam.url, LIST)
    headers = dict(made.headers.items())
    changed = made.data.replace('tools/list', 'tools/kill') if isinstance(made.data, str) else (
        made.data.replace(b'tools/list', b'tools/kill'))
    assert requests.post(iam.url, data=made.data, headers=headers, timeout=5).status_code == 200
    assert requests.post(iam.url, data=changed, headers=headers,
                         timeout=5).status_code in (401, 403)


def test_a_gateway_for_none_is_open(server, unique):
    free = Gateway(server, unique('open'), {'authorizerType': 'NONE'})
    assert Endpoint(free.url).names() == []
    assert Endpoint(free.url, token='whatever').names() == []


def test_an_unknown_gateway_is_404(server):
    answer = Endpoint(f'{server.base}/gateways/none-0123456789/mcp').post(LIST)
    assert answer.status_code == 404


def test_a_deleted_client_stops_working_within_the_bound(server, unique):
    """docs/identity.md: a verified token is believed for 30 s."""
    gone = Pool(server, unique('gone'))
    made = Gateway(server, unique('gone'), gone.authorizer())
    endpoint = Endpoint(made.url, gone.token())
    assert endpoint.post(LIST).status_code == 200
    server.aws('cognito-idp').delete_user_pool_client(UserPoolId=gone.id,
                                                      ClientId=gone.client_id)
    until = time.monotonic() + 30 + 10  # and what a busy machine adds
    while endpoint.post(LIST).status_code == 200:
        assert time.monotonic() < until, 'the token of a deleted client still works'
        time.sleep(0.5)
    assert endpoint.post(LIST).status_code == 401
