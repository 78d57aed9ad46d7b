"""Every MCP client against every kind of upstream; prints each client's version."""
import json
import subprocess
import sys
from importlib.metadata import version

import pytest
import requests
from harness import programs
from harness.gateway import Gateway
from harness.scripted import text_result, tool
from mcp.client.streamable_http import streamablehttp_client
from strands.tools.mcp.mcp_client import MCPClient

CLIENTS = programs.ROOT / 'tests/clients'
MCP2 = programs.ROOT / '.venv/mcp2/bin/python'
UPDATE = ('orders___updateOrder', {'orderId': 7})
HANDSHAKE_VERSIONS = ('2025-03-26', '2025-06-18', '2025-11-25')


def ran(done: subprocess.CompletedProcess) -> dict:
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def python_client(python, script: str, *arguments: str) -> dict:
    return ran(subprocess.run([python, CLIENTS / script, *arguments], capture_output=True,
                              text=True, timeout=60))


def strands_client(url: str, token: str, tool: str, arguments: str) -> dict:
    client = MCPClient(lambda: streamablehttp_client(
        url, headers={'Authorization': f'Bearer {token}'}))
    with client:
        tools = [one.tool_name for one in client.list_tools_sync()]
        result = client.call_tool_sync('use-1', tool, json.loads(arguments))
        wrong = client.call_tool_sync('use-2', tool, {'orderId': 'seven'})
    assert result['status'] == 'success', result
    return {'version': version('strands-agents'), 'protocol': None, 'tools': tools,
            'text': result['content'][0]['text'], 'error': wrong['status'] == 'error'}


def requests_client(url: str, token: str, tool: str, arguments: str) -> dict:
    """No handshake, no session, no Accept header of MCP."""
    def ask(method: str, **params) -> dict:
        return requests.post(url, headers={'Authorization': f'Bearer {token}'}, timeout=30, json={
            'jsonrpc': '2.0', 'id': 'x', 'method': method, 'params': params}).json()['result']
    result = ask('tools/call', name=tool, arguments=json.loads(arguments))
    return {'version': version('requests'), 'protocol': None,
            'tools': [one['name'] for one in ask('tools/list')['tools']],
            'text': result['content'][0]['text'],
            'error': ask('tools/call', name=tool, arguments={'orderId': 'seven'})['isError']}


def curl_client(url: str, token: str, tool: str, arguments: str) -> dict:
    """Tutorial 3's "quick validation"."""
    def ask(method: str, params: dict) -> dict:
        body = json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': method, 'params': params})
        done = subprocess.run(
            ['curl', '-sS', '-X', 'POST', url, '-H', 'Content-Type: application/json', '-H',
             f'Authorization: Bearer {token}', '-d', body],
            capture_output=True, text=True, timeout=30)
        return json.loads(done.stdout)['result']
    result = ask('tools/call', {'name': tool, 'arguments': json.loads(arguments)})
    words = subprocess.run(['curl', '--version'], capture_output=True, text=True).stdout.split()
    return {'version': words[1], 'protocol': None,
            'tools': [one['name'] for one in ask('tools/list', {})['tools']],
            'text': result['content'][0]['text'],
            'error': ask('tools/call', {'name': tool, 'arguments': {'orderId': 'x'}})['isError']}


ALL = {
    'mcp 1.x': lambda *a: python_client(sys.executable, 'mcp_v1.py', *a),
    'mcp 2.x': lambda *a: python_client(MCP2, 'mcp_v2.py', *a),
    '@modelcontextprotocol/sdk 1.x': lambda *a: ran(programs.node('sdk-v1.mjs', *a)),
    '@modelcontextprotocol/client 2.x, legacy':
        lambda *a: ran(programs.node('client-v2.mjs', *a, 'legacy')),
    '@modelcontextprotocol/client 2.x, auto':
        lambda *a: ran(programs.node('client-v2.mjs', *a, 'auto')),
    'strands': strands_client,
    'requests': requests_client,
    'curl': curl_client,
}


@pytest.fixture(scope='module', params=[
    ('--json',), (), ('--stateful', '--json'), ('--stateful',)],
    ids=['stateless-json', 'stateless-sse', 'stateful-json', 'stateful-sse'])
def behind(request, server, pool, tmp_path_factory):
    """A gateway with search in front of FastMCP, in each of its modes."""
    orders = programs.orders(tmp_path_factory.mktemp('orders') / 'log', *request.param)
    name = '-'.join(['clients', *(flag.removeprefix('--') for flag in request.param)])
    made = Gateway(server, name, pool.authorizer(), search=True)
    made.tokens = pool
    made.add_ready('orders', orders.url)
    yield made
    orders.stop()


@pytest.mark.parametrize('client', ALL)
def test_every_client_lists_and_calls(behind, pool, client, capsys):
    tool, arguments = UPDATE
    saw = ALL[client](behind.url, pool.token(), tool, json.dumps(arguments))
    assert saw['tools'] == ['x_amz_bedrock_agentcore_search', 'orders___getOrder',
                            'orders___updateOrder']
    assert saw['text'] == '456'
    assert saw['error'] is True
    assert saw['protocol'] is None or saw['protocol'] in HANDSHAKE_VERSIONS
    with capsys.disabled():
        print(f'\n{client}: version {saw["version"]}, speaks {saw["protocol"]}', end='')


def test_a_gateway_of_one_version_is_understood(server, pool, orders_url, unique):
    """supportedVersions ["2025-03-26"], as in the tutorials, with clients that begin newer."""
    old = Gateway(server, unique('old'), pool.authorizer(), protocolConfiguration={
        'mcp': {'supportedVersions': ['2025-03-26']}})
    old.add_ready('orders', orders_url)
    for client in ALL:
        saw = ALL[client](old.url, pool.token(), 'orders___getOrder', '{}')
        assert saw['text'] == '123', client
        assert saw['protocol'] in (None, '2025-03-26'), client


def test_server_everything_behind_a_gateway(gateway, everything_url):
    made = gateway()
    made.add_ready('all', everything_url)
    endpoint = made.endpoint()
    names = endpoint.names()
    assert 'all___echo' in names and len(names) > 5
    assert endpoint.text('all___echo', {'message': 'hällo "you"'}).endswith('hällo "you"')
    for tool in endpoint.tools():
        assert tool['inputSchema']['type'] == 'object'
    assert "'message'" in endpoint.error_text('all___echo', {})


# Definitions that servers send although MCP forbids them, and what a client must not choke on.
CARELESS = {
    'no_type': {'inputSchema': {'properties': {'a': {'type': 'string'}}}},
    'no_members': {'inputSchema': {}},
    'description': {'description': None},
    'title': {'title': None},
    'icons': {'icons': None},
    'annotations': {'annotations': None},
    'execution': {'execution': None},
    'meta': {'_meta': None},
    'output': {'outputSchema': None},
    'output_type': {'outputSchema': {'properties': {}}},
}
TYPESCRIPT = [client for client in ALL if client.startswith('@')]


def test_one_careless_tool_does_not_hide_the_others(gateway, upstream, pool):
    """The TypeScript clients refuse a whole list for one definition that is not as MCP says."""
    upstream.set_tools([tool('good'), *(tool(name) | odd for name, odd in CARELESS.items()),
                        tool('text', schema={'type': 'string'})])
    upstream.calls['good'] = text_result('fine')
    made = gateway()
    target = made.add_ready('x', upstream.url)
    assert target['statusReasons'] == [
        'Left out: text: its inputSchema is not of type "object"']
    for client in ['mcp 1.x', 'mcp 2.x', *TYPESCRIPT]:
        saw = ALL[client](made.url, pool.token(), 'x___good', '{}')
        assert saw['tools'] == sorted(f'x___{name}' for name in ['good', *CARELESS]), client
        assert saw['text'] == 'fine'
    # What is said to clients holds for calls too.
    assert made.endpoint().text('x___good', {'any': 1}) == 'fine'
