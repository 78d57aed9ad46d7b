"""Sign-in against a certified OpenID provider that is not ours: npm's oidc-provider."""
import time

import jwt
import pytest
import requests
from harness import programs
from harness.gateway import Endpoint, Gateway
from harness.issuer import Issuer

LIST = {'jsonrpc': '2.0', 'id': 1, 'method': 'tools/list'}


@pytest.fixture(params=['RS256', 'PS256', 'ES256', 'ES512', 'EdDSA'])
def issuer(request, child):
    port = programs.free_port()
    command = [programs.NODE, programs.ROOT / 'tests/node/oidc-provider.mjs', port, request.param]
    issuer = f'http://127.0.0.1:{port}'
    child(lambda log: programs.Program(command, issuer, log))
    return issuer


def token_of(issuer: str) -> str:
    answer = requests.post(f'{issuer}/token', timeout=10, data={
        'grant_type': 'client_credentials', 'client_id': 'machine', 'scope': 'tools',
        'client_secret': 'a-secret-of-some-length', 'resource': 'urn:gateway'})
    assert answer.status_code == 200, answer.text
    return answer.json()['access_token']


def gateway_of(server, unique, issuer: str, **rules) -> Endpoint:
    made = Gateway(server, unique('oidc'), {
        'authorizerType': 'CUSTOM_JWT', 'authorizerConfiguration': {'customJWTAuthorizer': {
            'discoveryUrl': f'{issuer}/.well-known/openid-configuration', **rules}}})
    return Endpoint(made.url)


def test_tokens_of_any_openid_provider(server, unique, issuer):
    token = token_of(issuer)
    assert jwt.get_unverified_header(token)['kid'] == 'the-key'
    signed_in = {'Authorization': f'Bearer {token}'}
    allowed = {'allowedAudience': ['gateway'], 'allowedClients': ['machine'],
               'allowedScopes': ['tools']}
    for rule, value in allowed.items():
        right = gateway_of(server, unique, issuer, **{rule: value})
        assert right.post(LIST, **signed_in).status_code == 200, rule
        wrong = gateway_of(server, unique, issuer, **{rule: ['other']})
        assert wrong.post(LIST, **signed_in).status_code in (401, 403), rule
    assert gateway_of(server, unique, issuer, **allowed).post(LIST, **signed_in).ok


def status(endpoint: Endpoint, token: str) -> int:
    return endpoint.post(LIST, Authorization=f'Bearer {token}').status_code


def test_times_and_issuer_are_exact(server, unique):
    issuer = Issuer()
    endpoint = gateway_of(server, unique, issuer.url, allowedAudience=['gateway'])
    now = int(time.time())
    for expected, claims in [
            (200, {}), (200, {'aud': ['other', 'gateway']}), (200, {'nbf': now}),
            (401, {'iss': issuer.url + '/'}), (401, {'iss': issuer.url.upper()}),
            (401, {'iss': None}), (401, {'exp': now - 600}), (401, {'nbf': now + 600}),
            (401, {'exp': None}), (401, {'exp': 'tomorrow'}),
    ]:
        assert status(endpoint, issuer.token(**claims)) == expected, claims
    assert status(endpoint, issuer.token(aud='other')) in (401, 403)
    issuer.close()


def test_a_rotated_key_is_fetched_and_strangers_do_not_cause_storms(server, unique):
    """An unknown key id makes us look again, at most every 5 s (docs/identity.md)."""
    issuer = Issuer()
    endpoint = gateway_of(server, unique, issuer.url, allowedAudience=['gateway'])
    assert status(endpoint, issuer.token()) == 200
    issuer.rotate()
    until = time.monotonic() + 5 + 60  # and what a busy machine adds
    while status(endpoint, issuer.token()) != 200:
        assert time.monotonic() < until, 'the new key was not fetched'
        time.sleep(0.2)
    before, began = issuer.fetched, time.monotonic()
    for number in range(50):
        assert status(endpoint, issuer.token(kid=f'unknown-{number}')) == 401
    looks = 1 + (time.monotonic() - began) // 5
    assert issuer.fetched - before <= 4 * looks  # a thread each may look so often
    issuer.close()


def test_a_provider_that_is_down_is_a_clear_refusal(server, unique):
    port = programs.free_port()
    endpoint = gateway_of(server, unique, f'http://127.0.0.1:{port}', allowedAudience=['gateway'])
    answer = endpoint.post(LIST, Authorization='Bearer ' + jwt.encode(
        {'iss': f'http://127.0.0.1:{port}'}, 'x' * 40, algorithm='HS256'))
    assert answer.status_code in (401, 503)
