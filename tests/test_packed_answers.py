"""Targets that pack their answers although nobody asked them to."""
import gzip
import json
import zlib

import pytest
from harness.api import Api, Said
from harness.gateway import Gateway
from harness.scripted import Reply, text_result, tool

PLAIN = json.dumps({'weather': 'ж' * 2000}, ensure_ascii=False)


@pytest.fixture
def made(server, unique):
    return Gateway(server, unique('packed'), {'authorizerType': 'NONE'}, exceptionLevel='DEBUG')


@pytest.fixture
def api(made):
    running = Api()
    target = made.control.create_gateway_target(
        gatewayIdentifier=made.id, name='api', targetConfiguration={'mcp': {'openApiSchema': {
            'inlinePayload': json.dumps({
                'openapi': '3.0.3', 'info': {'title': 't', 'version': '1'},
                'servers': [{'url': running.url}],
                'paths': {'/x': {'get': {'operationId': 'x', 'responses': {}}}}})}}})
    assert made.at_rest(target)['status'] == 'READY'
    yield running
    running.close()


@pytest.mark.parametrize('coding, pack', [
    ('gzip', gzip.compress), ('x-gzip', gzip.compress), ('deflate', zlib.compress)])
def test_an_apis_answer_is_unpacked(made, api, coding, pack):
    api.answer = lambda asked: Said(pack(PLAIN.encode()), headers={'Content-Encoding': coding})
    assert made.endpoint().text('api___x') == PLAIN
    assert 'accept-encoding' not in api.last.headers


@pytest.mark.parametrize('said, told', [
    (Said(b'\x1b\x03', headers={'Content-Encoding': 'br'}), 'Content-Encoding "br"'),
    (Said(b'{"x": 1}', headers={'Content-Encoding': 'gzip'}), 'Content-Encoding "gzip"'),
    (Said(gzip.compress(PLAIN.encode())[:-9], headers={'Content-Encoding': 'gzip'}), 'cut off'),
    (Said(gzip.compress(b' ' * 20_000_000), headers={'Content-Encoding': 'gzip'}),
     'the unpacked answer is longer than 6291456 bytes'),
    (Said(b'\x1b\x03', status=503, headers={'Content-Encoding': 'br'}), 'HTTP 503'),
])
def test_what_cannot_be_unpacked_is_told(made, api, said, told):
    api.answer = lambda asked: said
    assert told in made.endpoint().error_text('api___x')


@pytest.mark.parametrize('event_stream', [False, True])
def test_an_mcp_servers_answer_is_unpacked(made, upstream, event_stream):
    upstream.set_tools([tool('get')])

    def bend(message: dict) -> Reply | None:
        if 'id' not in message:
            return None
        result = (text_result('ж') if message['method'] == 'tools/call' else
                  json.loads(upstream.result_of(message)))
        body = json.dumps({'jsonrpc': '2.0', 'id': message['id'], 'result': result})
        if event_stream:
            body = f'event: message\ndata: {body}\n\n'
        return Reply(gzip.compress(body.encode()), Content_Encoding='gzip',
                     content_type='text/event-stream' if event_stream else 'application/json')
    upstream.bend = bend
    made.add_ready('t', upstream.url)
    assert made.endpoint().text('t___get') == 'ж'
