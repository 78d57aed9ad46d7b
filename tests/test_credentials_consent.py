"""Users' own tokens (AUTHORIZATION_CODE) with a certified OpenID provider, npm's oidc-provider.
In one test the user sits in front of Chromium; elsewhere an HTTP client fills in the provider's
forms."""
import concurrent.futures
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from botocore.exceptions import ClientError
from harness import programs
from harness.browser import Browser
from harness.chromium import Chromium
from harness.gateway import Gateway, mcp_server
from harness.issuer import Issuer
from harness.scripted import Reply, tool

VERSION = {'MCP-Protocol-Version': '2025-11-25'}
RETURN = 'http://127.0.0.1:9/back'
TOKEN_SECONDS = 30
TOOLS = '{"tools":[{"name":"whoami","description":"d","inputSchema":{"type":"object"}}]}'


@pytest.fixture
def consent_provider(child):
    """The authorization server of the target's API."""
    port = programs.free_port()
    issuer = f'http://127.0.0.1:{port}'
    command = [programs.NODE, programs.ROOT / 'tests/node/oidc-consent.mjs', port, TOKEN_SECONDS]
    child(lambda log: programs.Program(command, issuer, log))
    return issuer


@pytest.fixture
def sign_in():
    """Who signs the gateway's own callers in."""
    issuer = Issuer()
    yield issuer
    issuer.close()


class Bench:
    def __init__(self, server, unique, upstream, provider: str, sign_in: Issuer) -> None:
        self.server, self.upstream, self.sign_in = server, upstream, sign_in
        self.provider_url = provider
        control = server.aws('bedrock-agentcore-control')
        self.provider = control.create_oauth2_credential_provider(
            name=unique('consent'), credentialProviderVendor='CustomOauth2',
            oauth2ProviderConfigInput={'customOauth2ProviderConfig': {
                'oauthDiscovery': {
                    'discoveryUrl': f'{provider}/.well-known/openid-configuration'},
                'clientId': 'gate', 'clientSecret': 'a-secret-of-some-length'}})
        requests.get(f'{provider}/allow', timeout=10,
                     params={'redirect_uri': self.provider['callbackUrl']}).raise_for_status()
        self.gateway = Gateway(server, unique('gate'), {
            'authorizerType': 'CUSTOM_JWT', 'authorizerConfiguration': {'customJWTAuthorizer': {
                'discoveryUrl': f'{sign_in.url}/.well-known/openid-configuration',
                'allowedAudience': ['gateway']}}})
        self.data = server.aws('bedrock-agentcore')
        upstream.set_tools([tool('whoami', 'd')])

    def credential(self, **more) -> dict:
        return {'credentialProviderType': 'OAUTH', 'credentialProvider': {
            'oauthCredentialProvider': {
                'providerArn': self.provider['credentialProviderArn'],
                'scopes': ['openid', 'offline_access'], 'grantType': 'AUTHORIZATION_CODE',
                'defaultReturnUrl': RETURN, 'customParameters': {'prompt': 'consent'}} | more}}

    def add(self, **more) -> dict:
        return self.gateway.add_ready('api', self.upstream.url, self.credential(),
                                      mcpToolSchema={'inlinePayload': TOOLS}, **more)

    def ask(self, user: str, name: str = 'api___whoami', headers=VERSION, **params) -> dict:
        token = self.sign_in.token(sub=user)
        endpoint = self.gateway.endpoint()
        return endpoint.ask('tools/call', {'name': name, 'arguments': {}} | params,
                            Authorization=f'Bearer {token}', **headers)

    def url_for(self, user: str) -> str:
        answer = self.ask(user)
        return answer['error']['data']['elicitations'][0]['url']

    def consent(self, url: str, login: str) -> str:
        """The session that the browser brings back."""
        back = Browser().walk(url, RETURN, login)
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)
        return query['session_id'][0]

    def complete(self, session: str, **who: str) -> None:
        self.data.complete_resource_token_auth(sessionUri=session, userIdentifier=who)

    def shown(self) -> list[str]:
        """What the target was shown."""
        return [headers.get('Authorization', '') for headers, message in self.upstream.received
                if message.get('method') == 'tools/call']


@pytest.fixture
def bench(own_server, unique, upstream, consent_provider, sign_in):
    return Bench(own_server(), unique, upstream, consent_provider, sign_in)


def test_a_call_asks_for_consent_and_then_uses_the_users_own_token(bench):
    bench.add()
    answer = bench.ask('ann')
    error = answer['error']
    assert error['code'] == -32042
    assert error['message'] == 'This request requires more information.'
    [elicitation] = error['data']['elicitations']
    assert elicitation['mode'] == 'url' and elicitation['elicitationId']
    assert elicitation['message'] == 'Please login to this URL for authorization.'
    assert elicitation['url'].startswith(
        f'{bench.server.base}/identities/oauth2/authorize?request_uri=urn%3Aietf')
    assert bench.url_for('ann') != elicitation['url']  # a new one each time

    session = bench.consent(elicitation['url'], 'ann-at-the-api')
    assert session.startswith('urn:ietf:params:oauth:request_uri:')
    assert 'error' in bench.ask('ann')  # not yet bound to anybody
    bench.complete(session, userToken=bench.sign_in.token(sub='ann'))
    assert 'result' in bench.ask('ann')
    [shown] = bench.shown()
    who = requests.get(f'{bench.provider_url}/me', timeout=10, headers={'Authorization': shown})
    assert who.json()['sub'] == 'ann-at-the-api'
    assert bench.ask('bob')['error']['code'] == -32042  # ann's consent is hers


class Application:
    """Where users come back to: the agent's own page, which knows who sits in front of it."""

    def __init__(self) -> None:
        self.came: list[dict] = []
        application = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urllib.parse.urlsplit(self.path)
                if url.path == '/back':
                    application.came.append(urllib.parse.parse_qs(url.query))
                page = b'<!doctype html><title>Back</title><p>Back at the agent.'
                self.send_response(200)
                self.send_header('Content-Type', 'text/html')
                self.send_header('Content-Length', str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_) -> None:
                pass

        self._server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self._server.server_address[1]}/back'
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def application():
    made = Application()
    yield made
    made.close()


@pytest.fixture
def chromium(tmp_path):
    made = Chromium(tmp_path / 'chromium')
    yield made
    made.close()


def test_a_user_consents_in_chromium(bench, application, chromium, capfd):
    with capfd.disabled():
        print(f'\nconsent in {chromium.version}', flush=True)
    bench.gateway.add_ready('api', bench.upstream.url,
                            bench.credential(defaultReturnUrl=application.url),
                            mcpToolSchema={'inlinePayload': TOOLS})
    first = bench.url_for('ann')
    chromium.open(first)
    chromium.fill('input[name=login]', 'ann-at-the-api')
    chromium.fill('input[name=password]', 'any')
    chromium.click('button[type=submit]')
    chromium.wait('document.body.innerText.includes("offline access")')  # the consent
    chromium.click('button[type=submit]')
    chromium.wait('document.title === "Back"')
    [came] = application.came
    assert list(came) == ['session_id']  # neither code nor state leaves the server
    bench.complete(came['session_id'][0], userToken=bench.sign_in.token(sub='ann'))
    assert 'result' in bench.ask('ann')
    who = requests.get(f'{bench.provider_url}/me', timeout=10,
                       headers={'Authorization': bench.shown()[-1]})
    assert who.json()['sub'] == 'ann-at-the-api'

    chromium.open(first)  # a second time: our own page, under its own policy
    assert 'used' in chromium.wait('document.body.innerText').lower()
    chromium.open(bench.url_for('bob'))  # signed in already; refuses this time
    chromium.click('a[href*=abort]')
    chromium.wait('document.body.innerText.includes("Access was not granted.")')
    assert len(application.came) == 1


def test_older_clients_see_the_url_in_a_tool_error(bench):
    bench.add()
    answer = bench.ask('ann', headers={'MCP-Protocol-Version': '2025-06-18'})
    result = answer['result']
    assert result['isError'] is True
    assert '/identities/oauth2/authorize?request_uri=' in result['content'][0]['text']


def test_a_url_works_once_and_only_for_who_was_asked(bench):
    bench.add()
    url = bench.url_for('ann')
    session = bench.consent(url, 'ann')
    again = requests.get(url, timeout=10)
    assert again.status_code == 400 and 'text/html' in again.headers['Content-Type']
    assert "default-src 'none'" in again.headers['Content-Security-Policy']
    for who in ({'userToken': bench.sign_in.token(sub='mallory')}, {'userId': 'ann'}):
        with pytest.raises(ClientError) as refused:
            bench.complete(session, **who)
        error = refused.value.response['Error']
        assert error['Code'] == 'AccessDeniedException'
        assert error['Message'] == 'Invalid or expired session'
    bench.complete(session, userToken=bench.sign_in.token(sub='ann'))
    assert 'result' in bench.ask('ann')


def test_a_refusal_is_told_to_the_user(bench):
    bench.add()
    browser = Browser()
    with pytest.raises(AssertionError) as stopped:
        browser.walk(bench.url_for('ann'), RETURN, 'ann', refuse=True)
    assert 'Access was not granted.' in str(stopped.value)


def test_tokens_are_refreshed_and_survive_a_restart_sealed(bench):
    bench.add()
    session = bench.consent(bench.url_for('ann'), 'ann')
    bench.complete(session, userToken=bench.sign_in.token(sub='ann'))
    assert 'result' in bench.ask('ann')
    time.sleep(TOKEN_SECONDS - 15)  # shown no more in its last seconds
    # All at once: a refresh token that was used twice would be withdrawn with all it gave.
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert all('result' in answer for answer in pool.map(bench.ask, ['ann'] * 24))
    first, second = sorted(set(bench.shown()), key=bench.shown().index)
    assert bench.shown().count(second) == 24
    bench.server.kill()
    bench.server.start()
    bench.gateway.url = f'{bench.server.base}/gateways/{bench.gateway.id}/mcp'
    assert 'result' in bench.ask('ann')
    for token in (first, second, bench.shown()[-1]):
        secret = token.removeprefix('Bearer ').encode()
        assert len(secret) > 20
        kept = [path for path in bench.server.home.rglob('*')
                if path.is_file() and secret in path.read_bytes()]
        assert not kept


def test_a_target_without_a_schema_waits_for_the_administrators_consent(bench):
    control = bench.gateway.control
    place = {'gatewayIdentifier': bench.gateway.id}
    target = control.create_gateway_target(
        **place, name='api', targetConfiguration=mcp_server(bench.upstream.url),
        credentialProviderConfigurations=[bench.credential()])
    assert target['status'] == 'CREATE_PENDING_AUTH'
    wanted = target['authorizationData']['oauth2']
    assert wanted['userId'].startswith(f"{bench.gateway.id}_{target['targetId']}_")
    for change in ('delete_gateway_target', 'synchronize_gateway_targets'):
        named = ({'targetIdList': [target['targetId']]} if 'sync' in change
                 else {'targetId': target['targetId']})
        with pytest.raises(ClientError, match="can't be performed on target when it is in "
                                              'Create_Pending_Auth state'):
            getattr(control, change)(**place, **named)
    bench.upstream.bend = lambda message: (  # lists only for who has a token
        None if bench.upstream.received[-1][0].get('Authorization', '').startswith('Bearer ')
        else Reply(status=401))
    session = bench.consent(wanted['authorizationUrl'], 'admin')
    bench.complete(session, userId=wanted['userId'])
    until = time.monotonic() + 20
    while (now := bench.gateway.target(target['targetId']))['status'] in (
            'CREATE_PENDING_AUTH', 'CREATING'):
        assert time.monotonic() < until
        time.sleep(0.1)
    assert now['status'] == 'READY', now
    assert 'authorizationData' not in now
    assert bench.ask('ann')['error']['code'] == -32042  # the administrator's consent is not ann's


def test_a_gateway_without_user_tokens_refuses_such_targets(unique, bench):
    gateway = Gateway(bench.server, unique('iam'), {'authorizerType': 'AWS_IAM'})
    with pytest.raises(ClientError, match='3LO Auth is not supported when gateway authorizer type '
                                          'is AWS_IAM'):
        gateway.add('api', bench.upstream.url, bench.credential(),
                    mcpToolSchema={'inlinePayload': TOOLS})
