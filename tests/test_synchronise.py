"""Implicit and explicit synchronisation: what is kept, how large, how fast, how atomic."""
import os
import threading
import time

import pytest
from harness import programs
from harness.gateway import Endpoint, oauth
from harness.load import slowness
from harness.scripted import Reply, Scripted, tool

BIG = 10_000
WHOLE = {
    'name': 'whole', 'title': 'A whole tool', 'description': 'Keeps what it has',
    'inputSchema': {'$schema': 'https://json-schema.org/draft/2020-12/schema', 'type': 'object',
                    '$defs': {'id': {'type': 'integer', 'x-mine': [1, {'deep': None}]}},
                    'properties': {'n': {'$ref': '#/$defs/id'}}, 'x-unknown': True},
    'outputSchema': {'type': 'object', 'properties': {'result': {'type': 'number'}}},
    'annotations': {'readOnlyHint': True, 'title': 'Annotated'},
    'icons': [{'src': 'data:image/png;base64,AA==', 'mimeType': 'image/png'}],
    '_meta': {'example.com/x': {'a': [1.5, 'ü']}},
}


def many(count: int, word: str = 'tool') -> list[dict]:
    return [tool(f'{word}_{number:05}', f'Does thing number {number}', {
        'type': 'object', 'properties': {'id': {'type': 'integer', 'description': 'Which one'}},
        'required': ['id']}) for number in range(count)]


def test_definitions_stay_what_they_were(gateway, upstream):
    upstream.set_tools([WHOLE])
    made = gateway()
    made.add_ready('t', upstream.url)
    assert made.endpoint().tools() == [WHOLE | {'name': 't___whole'}]


def test_the_list_comes_from_the_catalogue(gateway, upstream):
    """tools/list never asks the target; only a synchronisation changes it."""
    upstream.set_tools(many(2))
    made = gateway()
    target = made.add_ready('t', upstream.url)
    upstream.set_tools(many(3))
    asked = len(upstream.received)
    assert made.endpoint().names() == ['t___tool_00000', 't___tool_00001']
    assert len(upstream.received) == asked
    before = target['lastSynchronizedAt']
    assert made.synchronize(target['targetId'])['lastSynchronizedAt'] > before
    assert len(made.endpoint().names()) == 3


def test_the_handshake_is_whole(gateway, upstream):
    upstream.with_sessions = True
    upstream.set_tools(many(5), page_size=2)
    gateway().add_ready('t', upstream.url)
    methods = upstream.methods()
    assert methods[:2] == ['initialize', 'notifications/initialized']
    assert methods.count('tools/list') == 3
    session = [headers.get('Mcp-Session-Id') for headers, _ in upstream.received[1:]]
    assert session[0] and set(session) == {session[0]}
    versions = {headers.get('Mcp-Protocol-Version') for headers, _ in upstream.received[1:]}
    assert versions == {'2025-11-25'}


def test_ten_thousand_tools_in_two_seconds(gateway, upstream, capsys):
    upstream.set_tools(many(BIG), page_size=1000)
    upstream.result_of({'method': 'tools/list'})
    made = gateway()
    target = made.add_ready('big', upstream.url)
    slow, begun = slowness(), time.monotonic()
    made.synchronize(target['targetId'])
    seconds = time.monotonic() - begun
    endpoint = made.endpoint()
    names = endpoint.names()
    assert len(names) == len(set(names)) == BIG
    assert names[0] == 'big___tool_00000' and names[-1] == f'big___tool_{BIG - 1:05}'
    with capsys.disabled():
        print(f'\n10,000 tools synchronised in {seconds:.2f} s', end='')
    slow = max(slow, slowness())
    assert seconds < 4 * slow


def test_one_tool_too_many_keeps_the_old_catalogue(gateway, upstream):
    upstream.set_tools(many(3, 'old'))
    made = gateway()
    target = made.add_ready('big', upstream.url)
    upstream.set_tools(many(BIG + 1), page_size=1000)
    after = made.synchronize(target['targetId'])
    assert after['status'] == 'SYNCHRONIZE_UNSUCCESSFUL'
    assert '10,000' in ' '.join(after['statusReasons']).replace('10000', '10,000')
    assert made.endpoint().names() == [f'big___old_0000{n}' for n in range(3)]
    assert made.endpoint().text('big___old_00000', {'id': 1}) == 'done'


def test_readers_see_the_old_catalogue_or_the_new_one(gateway, upstream):
    """While one connection synchronises between two catalogues, no list is a mixture."""
    made = gateway()
    upstream.set_tools(many(300, 'red'), page_size=100)
    target = made.add_ready('t', upstream.url)
    token, stop, faults = made.tokens.token(), threading.Event(), []

    def read() -> None:
        endpoint = Endpoint(made.url, token)
        while not stop.is_set():
            names = endpoint.names()
            if len(names) != 300 or len({name.split('_')[3] for name in names}) != 1:
                faults.append(names)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for number in range(10):
        upstream.set_tools(many(300, ('blue', 'red')[number % 2]), page_size=100)
        assert made.synchronize(target['targetId'])['status'] == 'READY'
    stop.set()
    for reader in readers:
        reader.join()
    assert not faults, faults[0]


def test_a_write_is_read_by_the_next_call(gateway):
    """1,000 pairs of synchronise and list over 8 connections, a target each. What takes a second
    or more goes on after its answer, whose status says so: then the list is awaited."""
    made = gateway()
    token = made.tokens.token()
    connections, pairs = 8, 125
    servers = [Scripted() for _ in range(connections)]
    targets = []
    for number, one in enumerate(servers):
        one.set_tools([tool('v0')])
        targets.append(made.add_ready(f't{number}', one.url)['targetId'])
    done, faults, late = [0] * connections, [], []

    def names_of(endpoint: Endpoint, number: int) -> list[str]:
        return [name for name in endpoint.names() if name.startswith(f't{number}_')]

    def work(number: int) -> None:
        control = made.server.aws('bedrock-agentcore-control')
        endpoint = Endpoint(made.url, token)
        for pair in range(1, pairs + 1):
            servers[number].set_tools([tool(f'v{pair}')])
            begun = time.monotonic()
            [shown] = control.synchronize_gateway_targets(
                gatewayIdentifier=made.id, targetIdList=[targets[number]])['targets']
            took, mine = time.monotonic() - begun, names_of(endpoint, number)
            if mine != [f't{number}___v{pair}'] and (
                    shown['status'] == 'SYNCHRONIZING' or took > 1):
                late.append((number, pair))
                until = time.monotonic() + 20
                while mine != [f't{number}___v{pair}'] and time.monotonic() < until:
                    mine = names_of(endpoint, number)
            if mine != [f't{number}___v{pair}']:
                faults.append((number, pair, mine))
            done[number] = pair

    threads = [threading.Thread(target=work, args=[number]) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in servers:
        one.close()
    assert not faults, faults[:5]
    assert len(late) < connections * pairs // 10, late
    assert done == [pairs] * connections


@pytest.mark.parametrize('bent, words', [
    (Reply(status=500, body='boom'), ['500']),
    (Reply(status=404), ['404']),
    (Reply(body='not JSON'), ['JSON']),
    (Reply(status=302, Location='http://169.254.169.254/'), ['302', 'redirect']),
    (Reply(body='{"jsonrpc":"2.0","id":$ID,"result":{"tools":7}}'), ['tools']),
])
@pytest.mark.parametrize('step', ['initialize', 'tools/list'])
def test_a_failure_names_its_step(gateway, upstream, step, bent, words):
    def bend(message):
        if message['method'] != step:
            return None
        body = bent.body.replace(b'$ID', str(message['id']).encode())
        return Reply(body, bent.status, **bent.headers)

    upstream.set_tools(many(1))
    upstream.bend = bend
    target = gateway().add('t', upstream.url)
    if step == 'initialize' and b'tools' in bent.body:
        assert target['status'] in ('FAILED', 'READY')
        return
    assert target['status'] == 'FAILED'
    said = ' '.join(target['statusReasons'])
    assert step in said or step.split('/')[0] in said, said
    assert any(word.lower() in said.lower() for word in words), said


def test_a_server_that_cannot_be_reached_names_its_step(gateway, upstream):
    made = gateway()
    for number, (url, step) in enumerate((
            (f'http://127.0.0.1:{programs.free_port()}/mcp', 'connect: 127.0.0.1:'),
            ('http://nobody.invalid/mcp', 'resolve: nobody.invalid'),
            (upstream.url.replace('http:', 'https:'), f'TLS: 127.0.0.1:{upstream.port}'))):
        target = made.add(f't{number}', url)
        assert target['status'] == 'FAILED' and 'lastSynchronizedAt' not in target
        assert f'Error - initialize handshake: {step}' in target['statusReasons'][0]


@pytest.mark.parametrize('endpoint', [
    'http://169.254.169.254/latest', 'http://10.0.0.1/mcp', 'http://[fe80::1]/mcp'])
def test_the_address_guard_refuses(gateway, endpoint):
    begun = time.monotonic()
    target = None
    try:
        target = gateway().add('t', endpoint)
    except Exception as error:  # the contract may refuse the form before the guard sees it
        assert 'ValidationException' in str(error)
    if target:
        assert target['status'] == 'FAILED', target
        assert 'address' in ' '.join(target['statusReasons']).lower()
    assert time.monotonic() - begun < 8  # no attempt to connect is given up so soon


def test_a_credential_fails_before_any_contact(gateway, server, upstream, pool, control, unique):
    upstream.set_tools(many(1))
    name = unique('broken')
    arn = control.create_oauth2_credential_provider(
        name=name, credentialProviderVendor='CustomOauth2',
        oauth2ProviderConfigInput={'customOauth2ProviderConfig': {
            'oauthDiscovery': {'discoveryUrl': pool.discovery}, 'clientId': pool.client_id,
            'clientSecret': 'wrong'}})['credentialProviderArn']
    target = gateway().add('t', upstream.url, oauth(arn, pool.scopes[0]))
    assert target['status'] == 'FAILED'
    said = ' '.join(target['statusReasons'])
    assert 'invalid_client' in said and 'credential' in said.lower(), said
    assert upstream.received == []


def test_an_outbound_token_is_shown_and_reused(gateway, upstream, pool, unique):
    upstream.set_tools([tool('a')])
    made = gateway()
    made.add_ready('t', upstream.url, oauth(pool.provider(unique('provider')), pool.scopes[0]))
    endpoint = made.endpoint()
    for _ in range(5):
        endpoint.text('t___a')
    shown = {headers.get('Authorization') for headers, _ in upstream.received}
    assert len(shown) <= 2  # each I/O thread keeps its own
    assert all(value.startswith('Bearer ey') for value in shown)


def test_what_cannot_be_enforced_is_named_and_the_tool_stays(gateway, upstream):
    upstream.set_tools([tool('odd', schema={'type': 'object', 'properties': {
        'x': {'type': 'string', 'pattern': '(?<=a)b'},
        'y': {'$ref': 'https://elsewhere.example/schema'}}})])
    made = gateway()
    target = made.add_ready('t', upstream.url)
    said = ' '.join(target['statusReasons'])
    assert '(?<=a)b' in said and 'elsewhere.example' in said
    assert made.endpoint().text('t___odd', {'x': 'zzz', 'y': 1}) == 'done'
