"""Protected resource metadata (RFC 9728): clients find their own URL in it."""
import http.client
import json
import re
import ssl
from urllib.parse import quote, urlsplit

import pytest
from harness.gateway import Gateway
from harness.hosting import MCP_SERVER, Deployed
from harness.pool import Pool

LIST = json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': 'tools/list'})


def ask(server, method: str, url: str, body: str | None = None) -> http.client.HTTPResponse:
    """What a client asks that has this URL, on the listener that its scheme is for."""
    parts = urlsplit(url)
    listener = server.ready['tls'] if parts.scheme == 'https' else server.base
    port = urlsplit(listener).port
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=10)
    if parts.scheme == 'https':
        connection.connect()
        context = ssl.create_default_context(cafile=str(server.data / 'ca.pem'))
        connection.sock = context.wrap_socket(connection.sock, server_hostname=parts.hostname)
    target = parts.path + (f'?{parts.query}' if parts.query else '')
    connection.request(method, target, body, {'Host': parts.netloc,
                                              'Content-Type': 'application/json'})
    return connection.getresponse()


def found_by(server, url: str) -> str:
    """From a refusal to the metadata's `resource`, as a client goes."""
    refusal = ask(server, 'POST', url, LIST)
    assert refusal.status == 401
    leads_to = re.search(r'resource_metadata="([^"]+)"', refusal.getheader('www-authenticate'))[1]
    answer = ask(server, 'GET', leads_to)
    assert answer.status == 200, leads_to
    return json.load(answer)['resource']


@pytest.fixture
def made(gateway):
    return gateway()


def test_by_each_name_of_this_machine(server, made):
    path = urlsplit(made.url).path
    plain, tls = urlsplit(server.base).port, urlsplit(server.ready['tls']).port
    for url in (f'http://127.0.0.1:{plain}{path}', f'http://localhost:{plain}{path}',
                f'https://localhost:{tls}{path}'):
        assert found_by(server, url) == url


def test_by_the_name_that_aws_gives_a_gateway(server, made):
    url = f'https://{made.id}.gateway.bedrock-agentcore.us-east-1.amazonaws.com/mcp'
    assert found_by(server, url) == url


def test_an_endpoint_of_a_runtime_is_part_of_its_url(own_server):
    """Another endpoint may be of another version, which takes other tokens."""
    server = own_server()
    runtime = Deployed(server, 'staged', MCP_SERVER.format(version='one'),
                       protocolConfiguration={'serverProtocol': 'MCP'},
                       authorizerConfiguration=Pool(server, 'p').authorizer()[
                           'authorizerConfiguration'])
    runtime.control.create_agent_runtime_endpoint(agentRuntimeId=runtime.id, name='beta')
    plain = f'{server.base}/runtimes/{quote(runtime.arn, safe="")}/invocations'
    for url in (plain, f'{plain}?qualifier=DEFAULT', f'{plain}?qualifier=beta'):
        assert found_by(server, url) == url


def test_what_could_not_stand_in_a_header_is_not_repeated(server, made):
    host = f'{made.id}.gateway.bedrock-agentcore.x"y.amazonaws.com'
    connection = http.client.HTTPConnection('127.0.0.1', urlsplit(server.base).port, timeout=10)
    connection.request('POST', '/mcp', LIST, {'Host': host})
    answer = connection.getresponse()
    assert 'x"y' not in (answer.getheader('www-authenticate') or '')


def test_behind_a_proxy_the_public_url_is_told(own_server):
    """A proxy may send us any of our own names as Host; nginx sends the one it was given."""
    server = own_server('--public-url', 'https://tools.example.com')
    made = Gateway(server, 'public', Pool(server, 'p').authorizer())
    path = urlsplit(made.url).path
    for host in ('tools.example.com', urlsplit(server.base).netloc):
        refusal = ask(server, 'POST', f'http://{host}{path}', LIST)
        assert 'resource_metadata="https://tools.example.com/.well-known/' in (
            refusal.getheader('www-authenticate'))
        answer = ask(server, 'GET', f'http://{host}/.well-known/oauth-protected-resource{path}')
        assert json.load(answer)['resource'] == f'https://tools.example.com{path}'
    url = f'https://{made.id}.gateway.bedrock-agentcore.us-east-1.amazonaws.com/mcp'
    assert found_by(server, url) == url
