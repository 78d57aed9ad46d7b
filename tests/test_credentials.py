"""What targets are shown: one fetch a process, tokens of callers exchanged, nothing in clear."""
import concurrent.futures

import pytest
from botocore.exceptions import ClientError
from harness.gateway import Gateway, oauth
from harness.issuer import Issuer
from harness.scripted import Reply, tool
from harness.token_endpoint import TokenEndpoint

OPEN = {'authorizerType': 'NONE'}
THREADS, CALLS = 8, 1000


@pytest.fixture
def tokens():
    endpoint = TokenEndpoint(wait=0.2)
    yield endpoint
    endpoint.close()


@pytest.fixture
def issuer():
    made = Issuer()
    yield made
    made.close()


def signed_in(issuer: Issuer) -> dict:
    return {'authorizerType': 'CUSTOM_JWT', 'authorizerConfiguration': {'customJWTAuthorizer': {
        'discoveryUrl': f'{issuer.url}/.well-known/openid-configuration',
        'allowedAudience': ['gateway']}}}


def shown(upstream) -> list[str]:
    return [headers.get('Authorization', '') for headers, message in upstream.received
            if message.get('method') == 'tools/call']


def test_a_thousand_calls_on_eight_threads_fetch_one_token(own_server, unique, upstream, tokens):
    server = own_server('--threads', str(THREADS))
    upstream.set_tools([tool('get')])
    gateway = Gateway(server, unique('gate'), OPEN)
    arn = tokens.provider(gateway.control, unique('provider'))
    gateway.add_ready('api', upstream.url, oauth(arn, 'a'))

    def many(_) -> int:
        endpoint = gateway.endpoint()
        return sum(not endpoint.call('api___get').get('isError') for _ in range(CALLS // THREADS))

    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(many, range(THREADS))) == CALLS
    assert set(shown(upstream)) == {f'Bearer {tokens.given[0]}'}
    assert len(tokens.asked) == 1

    server.kill()  # and a restart needs no other
    server.start()
    gateway.url = f'{server.base}/gateways/{gateway.id}/mcp'
    assert not gateway.endpoint().call('api___get').get('isError')
    assert len(tokens.asked) == 1
    secrets = [tokens.given[0].encode(), b'a-client-secret-of-length']
    for path in server.home.rglob('*'):
        if path.is_file():
            text = path.read_bytes()
            assert not [secret for secret in secrets if secret in text], path


def test_a_refused_token_is_fetched_once_more(own_server, unique, upstream, tokens):
    server = own_server('--threads', '1')  # each thread may hold the old one
    upstream.set_tools([tool('get')])
    gateway = Gateway(server, unique('gate'), OPEN)
    gateway.add_ready('api', upstream.url,
                      oauth(tokens.provider(gateway.control, unique('provider')), 'a'))
    upstream.bend = lambda message: (
        Reply(status=401) if upstream.received[-1][0].get('Authorization', '').endswith(
            tokens.given[0]) else None)
    assert not gateway.endpoint().call('api___get').get('isError')
    assert len(tokens.asked) == 2
    upstream.bend = lambda message: Reply(status=401)
    assert gateway.endpoint().call('api___get')['isError'] is True
    assert len(tokens.asked) == 3


@pytest.mark.parametrize(('config', 'form'), [
    ({'grantType': 'TOKEN_EXCHANGE', 'tokenExchangeGrantTypeConfig': {'actorTokenContent': 'NONE'}},
     {'grant_type': 'urn:ietf:params:oauth:grant-type:token-exchange',
      'subject_token_type': 'urn:ietf:params:oauth:token-type:jwt'}),
    ({'grantType': 'JWT_AUTHORIZATION_GRANT'},
     {'grant_type': 'urn:ietf:params:oauth:grant-type:jwt-bearer'}),
])
def test_the_callers_token_becomes_one_for_the_target(server, unique, upstream, tokens, issuer,
                                                      config, form):
    upstream.set_tools([tool('get')])
    gateway = Gateway(server, unique('gate'), signed_in(issuer))
    arn = tokens.provider(gateway.control, unique('provider'), onBehalfOfTokenExchangeConfig=config)
    exchange = oauth(arn, 'a')
    exchange['credentialProvider']['oauthCredentialProvider'] |= {
        'grantType': 'TOKEN_EXCHANGE', 'customParameters': {'audience': 'api'}}
    gateway.add_ready('api', upstream.url, exchange)
    listed = len(tokens.asked)  # the listing used the gateway's own
    assert [asked['grant_type'] for asked in tokens.asked] == ['client_credentials'] * listed

    ann, bob = issuer.token(sub='ann'), issuer.token(sub='bob')
    for caller in (ann, ann, bob):
        gateway.endpoint().call('api___get', Authorization=f'Bearer {caller}')
    exchanged = tokens.asked[listed:]
    subject = 'subject_token' if 'subject_token_type' in form else 'assertion'
    assert [asked[subject] for asked in exchanged] == [ann, bob]
    for asked in exchanged:
        assert asked.items() >= (form | {'scope': 'a', 'audience': 'api'}).items()
    first, second = (f'Bearer {token}' for token in tokens.given[listed:])
    assert shown(upstream) == [first, first, second]
    assert ann not in server.log_text() and tokens.given[-1] not in server.log_text()


def test_what_needs_a_caller_is_refused_where_nobody_signs_in(server, unique, upstream, tokens):
    gateway = Gateway(server, unique('gate'), OPEN)
    exchange = oauth(tokens.provider(gateway.control, unique('provider')), 'a')
    exchange['credentialProvider']['oauthCredentialProvider']['grantType'] = 'TOKEN_EXCHANGE'
    with pytest.raises(ClientError, match='not supported when gateway authorizer type is NONE'):
        gateway.add('api', upstream.url, exchange)
    for kind in ('CALLER_IAM_CREDENTIALS', 'JWT_PASSTHROUGH'):
        with pytest.raises(ClientError, match='HTTP targets only'):
            gateway.add('api', upstream.url, {'credentialProviderType': kind})
