"""The data plane: envelopes, arguments, answers, and upstreams that misbehave."""
import json
import socket
import threading
import time

import pytest
import requests
from harness.gateway import Endpoint, Gateway
from harness.scripted import Reply, text_result, tool

ORDER = {'type': 'object', 'required': ['amount', 'who'], 'additionalProperties': False,
         'properties': {'amount': {'type': 'integer'}, 'who': {'type': 'string'},
                        'note': {'type': ['string', 'null']}}}
INTERNAL = 'An internal error occurred. Please retry later.'


@pytest.fixture
def behind(gateway, upstream):
    """A gateway in front of the scripted upstream, its tools 'free' (anything) and 'order'."""
    def make(**more):
        upstream.set_tools([tool('free'), tool('order', schema=ORDER)])
        made = gateway(**more)
        made.add_ready('t', upstream.url)
        upstream.received.clear()
        upstream.raw.clear()
        return made
    return make


@pytest.fixture
def endpoint(behind):
    return behind().endpoint()


# Arguments are checked before the target is contacted.

@pytest.mark.parametrize('arguments, lines', [
    ({}, ["- Missing required field(s): 'amount'", "- Missing required field(s): 'who'"]),
    ({'amount': '7', 'who': 'a'},
     ["- Field '/amount' has invalid type: string found, integer expected"]),
    ({'amount': 1, 'who': 'a', 'extra': 1},
     ["- additionalProperties validation failed: property 'extra' is not defined in the schema "
      'and the schema does not allow additional properties']),
    ({'amount': 1.5, 'who': 'a'},
     ["- Field '/amount' has invalid type: number found, integer expected"]),
])
def test_wrong_arguments_are_told_in_awss_words(endpoint, upstream, arguments, lines):
    said = endpoint.error_text('t___order', arguments)
    first, *rest = said.split('\n')
    assert first == ('ValidationException - Parameter validation failed: '
                     'Invalid request parameters:')
    assert sorted(rest) == sorted(lines)
    assert upstream.received == []


def test_right_arguments_pass(endpoint):
    assert endpoint.text('t___order', {'amount': 1, 'who': 'a', 'note': None}) == 'done'
    assert endpoint.text('t___order', {'amount': 1.0, 'who': 'a'}) == 'done'


def test_bytes_pass_unchanged(endpoint, upstream):
    """Numbers, the order of keys, escapes and white space of arguments and answers."""
    arguments = r'{"z":1.50,"a":123456789012345678901234567890,"e":1E400,"u":"\u00e9\/é",' \
                r'"n":-0.0,  "nest":{"b":[],"a":{}}}'
    result = r'{"content":[{"type":"text","text":"\u20ac\/"}],"structuredContent":' \
             r'{"big":98765432109876543210, "f":1.0e-7},"isError":false,"_meta":{"z":1,"a":2}}'
    upstream.calls['free'] = lambda message: Reply(
        '{"jsonrpc":"2.0","id":$ID,"result":' + result + '}')
    answer = endpoint.post('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":'
                           '{"name":"t___free","arguments":' + arguments + '}}')
    assert result in answer.text
    assert arguments.encode() in upstream.raw[-1]
    sent = json.loads(upstream.raw[-1])
    assert sent['params']['name'] == 'free'


@pytest.mark.parametrize('raw_id', ['0', '-7', '"x\\u0041"', '123456789012345678', '"' + 'i' * 500
                                    + '"'])
def test_ids_come_back_as_they_were(endpoint, raw_id):
    answer = endpoint.post('{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":'
                           '{"name":"t___free"}}' % raw_id)
    assert f'"id":{raw_id}' in answer.text


# Envelopes.

def test_ping_notifications_and_methods(endpoint):
    assert endpoint.result('ping') == {}
    for method in ('notifications/initialized', 'notifications/cancelled', 'notifications/any'):
        answer = endpoint.post({'jsonrpc': '2.0', 'method': method})
        assert (answer.status_code, answer.content) == (202, b''), method
        assert 'Content-Type' not in answer.headers
        other = endpoint.post({'jsonrpc': '2.0', 'method': method},
                              **{'MCP-Protocol-Version': '1999-12-31'})
        assert (other.status_code, other.json()['id']) == (400, None)
        assert other.json()['error']['code'] == -32022
    assert endpoint.ask('no/such/method')['error']['code'] == -32601
    assert endpoint.ask('server/discover', {'_meta': {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientCapabilities': {}}})['error']['code'] < 0


def test_get_and_delete_are_405(endpoint):
    for method in ('GET', 'DELETE', 'PUT'):
        answer = endpoint.http.request(method, endpoint.url, timeout=5)
        assert answer.status_code == 405, method
        assert answer.headers['Allow'] == 'POST'


@pytest.mark.parametrize('body, code', [
    (b'', -32700), (b'{', -32700), (b'{"jsonrpc":"2.0","id":1,"method":"ping"} x', -32700),
    (b'\xff\xfe', -32700), (b'7', -32600), (b'"text"', -32600), (b'{}', -32600),
    (b'{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600),
    (b'{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600),
    (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":7}', -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}', -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t___free",'
     b'"n\\u0061me":"t___order"}}', -32600),
])
def test_what_is_no_request_is_refused(endpoint, body, code):
    answer = endpoint.post(body)
    assert answer.status_code == 400
    assert answer.json()['error']['code'] in (code, -32602 if b'params' in body else code)


def test_too_deep_or_too_large_is_refused(endpoint, upstream):
    deep = b'[' * 100_000 + b']' * 100_000
    answer = endpoint.post(b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":'
                           b'{"name":"t___free","arguments":{"x":' + deep + b'}}}')
    assert answer.status_code == 400
    large = endpoint.post(b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"'
                          + b'x' * (7 * 1024 * 1024) + b'"}}')
    assert large.status_code == 413
    assert endpoint.result('ping') == {}
    assert upstream.received == []


def test_initialize_negotiates(behind, gateway):
    made = behind(protocolConfiguration={'mcp': {
        'supportedVersions': ['2025-06-18', '2025-03-26'], 'instructions': 'Ask first.'}})
    endpoint = made.endpoint()

    def hello(version: str) -> dict:
        return endpoint.result('initialize', {
            'protocolVersion': version, 'capabilities': {},
            'clientInfo': {'name': 'test', 'version': '1'}})
    assert hello('2025-03-26')['protocolVersion'] == '2025-03-26'
    assert hello('2025-06-18')['protocolVersion'] == '2025-06-18'
    for other in ('2025-11-25', '2024-11-05', 'yesterday'):
        assert hello(other)['protocolVersion'] == '2025-06-18'
    result = hello('2025-06-18')
    assert result['instructions'] == 'Ask first.' and 'tools' in result['capabilities']
    assert result['serverInfo']['name']
    answer = endpoint.post({'jsonrpc': '2.0', 'id': 1, 'method': 'ping'},
                           **{'MCP-Protocol-Version': '2025-11-25'})
    assert answer.status_code == 400
    assert 'Unsupported MCP protocol version: 2025-11-25' in answer.json()['error']['message']


def test_batches_are_of_one_version_only(endpoint):
    batch = [{'jsonrpc': '2.0', 'id': 1, 'method': 'ping'},
             {'jsonrpc': '2.0', 'method': 'notifications/initialized'},
             {'jsonrpc': '2.0', 'id': 2, 'method': 'tools/call', 'params': {'name': 't___free'}},
             {'jsonrpc': '2.0', 'id': 3, 'method': 'no/such'}]
    answer = endpoint.post(batch, **{'MCP-Protocol-Version': '2025-03-26'})
    assert answer.status_code == 200
    by_id = {one['id']: one for one in answer.json()}
    assert sorted(by_id) == [1, 2, 3]
    assert by_id[2]['result'] == text_result('done') and by_id[3]['error']['code'] == -32601
    only_notes = endpoint.post(batch[1:2], **{'MCP-Protocol-Version': '2025-03-26'})
    assert only_notes.status_code == 202
    hello = {'jsonrpc': '2.0', 'id': 4, 'method': 'initialize', 'params': {
        'protocolVersion': '2025-03-26', 'capabilities': {}, 'clientInfo': {}}}
    first, second = endpoint.post([batch[0], hello],
                                  **{'MCP-Protocol-Version': '2025-03-26'}).json()
    assert first['result'] == {} and second['error']['code'] == -32600
    for version in ('2025-06-18', '2025-11-25'):
        answer = endpoint.post(batch, **{'MCP-Protocol-Version': version})
        assert answer.status_code == 400 and answer.json()['error']['code'] == -32600


def test_the_answers_of_a_batch_are_bounded_together(endpoint, upstream):
    """Each may have 6 MiB, and a batch 100 calls: what would be too much is not called."""
    upstream.calls['free'] = text_result('x' * (5 << 20))
    call = {'jsonrpc': '2.0', 'method': 'tools/call', 'params': {'name': 't___free'}}
    batch = [{**call, 'id': number} for number in range(6)]
    answers = endpoint.post(batch, **{'MCP-Protocol-Version': '2025-03-26'}).json()
    assert [answer['id'] for answer in answers] == list(range(6))
    assert [len(answer['result']['content'][0]['text']) for answer in answers[:4]] == [5 << 20] * 4
    for answer in answers[4:]:
        assert answer['error']['code'] == -32603 and '16 MiB' in answer['error']['message']


def test_unknown_tools(endpoint, upstream):
    for name in ('t___none', 'free', 'other___free', '', 'x_amz_bedrock_agentcore_search'):
        error = endpoint.ask('tools/call', {'name': name, 'arguments': {}})['error']
        assert error['code'] == -32602 and error['message'] == f'Unknown tool: {name}'
    assert endpoint.ask('tools/call', {})['error']['code'] == -32602
    assert upstream.received == []


def test_origin_and_host(server, endpoint):
    ping = {'jsonrpc': '2.0', 'id': 1, 'method': 'ping'}
    for origin, status in (('http://evil.example', 403), ('null', 403), (server.base, 200)):
        assert endpoint.post(ping, Origin=origin).status_code == status, origin
    port = server.base.rsplit(':', 1)[1]
    for host, status in (('evil.example', 421), (f'evil.example:{port}', 421),
                         (f'localhost:{port}', 200), (f'127.0.0.1:{port}', 200)):
        assert endpoint.post(ping, Host=host).status_code == status, host
        home = requests.get(f'{server.base}/healthz', headers={'Host': host}, timeout=5)
        assert home.status_code == status, host


# Pages.

def test_pages_of_the_list(own_server, upstream):
    small = own_server('--page-tools', '3')
    upstream.set_tools([tool(f't{number}') for number in range(8)])
    made = Gateway(small, 'paged', {'authorizerType': 'NONE'}, search=True)
    made.add_ready('t', upstream.url)
    endpoint = Endpoint(made.url)
    pages, cursor = [], {}
    while True:
        page = endpoint.result('tools/list', cursor)
        pages.append([one['name'] for one in page['tools']])
        if 'nextCursor' not in page:
            break
        cursor = {'cursor': page['nextCursor']}
    assert [len(page) for page in pages] == [3, 3, 3]
    assert sum(pages, []) == ['x_amz_bedrock_agentcore_search',
                              *(f't___t{number}' for number in range(8))]
    assert endpoint.ask('tools/list', {'cursor': 'made up'})['error']['code'] == -32602


# Upstreams.

def test_answers_as_an_event_stream(endpoint, upstream):
    note = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}'
    result = '{"jsonrpc":"2.0","id":$ID,"result":{"content":[{"type":"text","text":"streamed"}]}}'
    upstream.calls['free'] = Reply(
        f': hello\r\n\r\nevent: message\r\ndata: {note}\r\n\r\nid: 7\nevent: message\n'
        f'data: {result}\n\n', content_type='text/event-stream')
    assert endpoint.text('t___free') == 'streamed'


def test_an_upstreams_own_errors_are_told(endpoint, upstream):
    upstream.calls['free'] = {'content': [{'type': 'text', 'text': 'no such order'}],
                              'isError': True}
    assert endpoint.error_text('t___free') == 'no such order'


def counted(server, name: str) -> int:
    text = requests.get(f'{server.base}/metrics', timeout=10).text
    return int(text.split(f'\ntoolgate_gateway_{name}_total ')[1].split()[0])


WRONG = {
    'status 500': Reply('boom', status=500),
    'status 401': Reply('', status=401),
    'redirect': Reply('', status=307, Location='http://127.0.0.1:1/'),
    'no JSON': Reply('<html>'),
    'half JSON': Reply('{"jsonrpc":"2.0","id":$ID,"result":{"content":['),
    'garbage after': Reply('{"jsonrpc":"2.0","id":$ID,"result":{}} trailing'),
    'no JSON-RPC': Reply('{"answer":42}'),
    'another id': Reply('{"jsonrpc":"2.0","id":"other","result":{}}'),
    'empty': Reply(''),
    'cut off': Reply('{"jsonrpc":"2.0","id":$ID,"result":{"conte', cut=True),
    'a stream without an answer': Reply(': nothing\n\n', content_type='text/event-stream'),
    'a stream cut off': Reply('data: {"jsonrpc":"2.0"', content_type='text/event-stream',
                              cut=True),
    'oversize': Reply(b'{"jsonrpc":"2.0","id":$ID,"result":{"content":[{"type":"text","text":"'
                      + b'x' * (8 * 1024 * 1024) + b'"}]}}'),
}


@pytest.mark.parametrize('case', WRONG)
def test_a_misbehaving_upstream_is_a_tool_error_and_a_count(behind, server, upstream, case):
    made = behind()
    endpoint = made.endpoint()
    upstream.calls['free'] = WRONG[case]
    begun, before = time.monotonic(), counted(server, 'tool_errors')
    assert endpoint.error_text('t___free') == INTERNAL
    assert time.monotonic() - begun < 20
    assert counted(server, 'tool_errors') == before + 1
    upstream.calls['free'] = text_result('well again')
    assert endpoint.text('t___free') == 'well again'


@pytest.mark.parametrize('case', WRONG)
def test_debug_says_what_was_wrong(behind, upstream, case):
    endpoint = behind(exceptionLevel='DEBUG').endpoint()
    upstream.calls['free'] = WRONG[case]
    result = endpoint.call('t___free')
    assert result['isError'] is True
    said = result['content'][0]['text']
    assert said != INTERNAL and len(said) > 10
    assert result['_meta']['debug'] == {'type': 'text', 'text': said}


def test_an_upstream_error_object_is_a_tool_error(behind, upstream):
    endpoint = behind(exceptionLevel='DEBUG').endpoint()
    upstream.calls['free'] = Reply('{"jsonrpc":"2.0","id":$ID,"error":{"code":-32603,'
                                   '"message":"database on fire"}}')
    body = endpoint.ask('tools/call', {'name': 't___free', 'arguments': {}})
    assert 'database on fire' in json.dumps(body)


def test_an_upstream_that_is_gone(behind, upstream):
    made = behind(exceptionLevel='DEBUG')
    upstream.close()
    said = made.endpoint().error_text('t___free')
    assert 'connect' in said.lower()


def test_sessions_are_kept_and_made_again(behind, upstream):
    upstream.with_sessions = True
    endpoint = behind().endpoint()
    for _ in range(5):
        endpoint.text('t___free')
    assert upstream.methods().count('initialize') <= 2  # a thread each
    upstream.sessions.clear()
    assert endpoint.text('t___free') == 'done'
    assert endpoint.text('t___free') == 'done'


def test_without_sessions_there_is_no_handshake_again(behind, upstream):
    endpoint = behind().endpoint()
    for _ in range(6):
        endpoint.text('t___free')
    assert upstream.methods().count('initialize') <= 2
    assert upstream.methods().count('tools/call') == 6


def test_a_slow_upstream_holds_nobody_up(behind, upstream):
    made = behind()
    released, ended = threading.Event(), []

    def answers_when_released(message):
        released.wait(60)
        return text_result('at last')

    upstream.calls['free'] = answers_when_released
    slow = [threading.Thread(target=lambda one: ended.append(one.text('t___free')),
                             args=[made.endpoint()]) for _ in range(20)]
    for thread in slow:
        thread.start()
    until = time.monotonic() + 30
    while upstream.methods().count('tools/call') < 20:
        assert time.monotonic() < until
        time.sleep(0.02)
    endpoint = made.endpoint()
    assert len(endpoint.names()) == 2
    assert endpoint.text('t___order', {'amount': 1, 'who': 'a'}) == 'done'
    assert ended == []
    released.set()
    for thread in slow:
        thread.join()
    assert ended == ['at last'] * 20


def raw_call(made, server) -> tuple[int, bytes, bytes]:
    """Port, head and body of a call of t___free, for clients that break off."""
    body = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t___free"}}'
    path, port = made.url.removeprefix(server.base), int(server.base.rsplit(':', 1)[1])
    head = (f'POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n'
            f'Authorization: Bearer {made.tokens.token()}\r\n'
            f'Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n').encode()
    return port, head, body


def test_a_client_that_leaves_does_no_harm(behind, server, upstream):
    made = behind()
    upstream.calls['free'] = Reply('{"jsonrpc":"2.0","id":$ID,"result":{"content":[]}}', wait=1)
    port, head, body = raw_call(made, server)
    for part in (head[:20], head, head + body[:10], head + body):
        with socket.create_connection(('127.0.0.1', port)) as client:
            client.sendall(part)
    time.sleep(1.2)
    upstream.calls['free'] = text_result('still here')
    assert made.endpoint().text('t___free') == 'still here'


def test_a_call_whose_client_has_gone_is_given_up(behind, server, upstream):
    made = behind()
    upstream.calls['free'] = Reply('{"jsonrpc":"2.0","id":$ID,"result":{"content":[]}}', wait=45)
    port, head, body = raw_call(made, server)
    before = counted(server, 'calls_abandoned')
    with socket.create_connection(('127.0.0.1', port)) as client:
        client.sendall(head + body)
        time.sleep(1.5)
        assert counted(server, 'calls_abandoned') == before  # its client waits
    left = time.monotonic()
    while counted(server, 'calls_abandoned') == before:
        assert time.monotonic() - left < 30, 'the call goes on without a client'
        time.sleep(0.1)
