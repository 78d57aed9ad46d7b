"""A target that dies and returns: who is told what, and what is never sent twice."""
import json
import re
import socket
import threading
import time

import pytest
import requests
from harness.gateway import Gateway, mcp_server
from harness.running import Listener
from harness.scripted import Reply, Scripted, _HttpServer, _handler, tool
from harness.server import Server

NONE = {'authorizerType': 'NONE'}
ROLE = [{'credentialProviderType': 'GATEWAY_IAM_ROLE'}]
GENERIC = 'An internal error occurred. Please retry later.'


@pytest.fixture(scope='module')
def place(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp('breaker'), (
        '--breaker-failures', '3', '--breaker-seconds', '2', '--threads', '2')).start()
    yield running
    assert running.stop() == 0


@pytest.fixture
def gateway(place, unique):
    return Gateway(place, unique('breaker'), NONE)


def counted(place, name: str) -> int:
    text = requests.get(f'{place.base}/metrics', timeout=10).text
    return int(next(line.split()[1] for line in text.splitlines()
                    if line.startswith(f'toolgate_gateway_{name}_total ')))


def refusal(endpoint, name: str) -> str:
    """What is said in place of a call of a target that fails. When the back-off is over, as between
    two calls of a busy machine, one is tried first; how many failed is part of what is said."""
    until = time.monotonic() + 60
    while not (said := endpoint.error_text(name)).startswith('Target '):
        assert time.monotonic() < until, said
    return said


def failures(said: str) -> int:
    return int(re.search(r'its last (\d+) calls failed', said)[1])


def until_answered(endpoint, name: str, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while endpoint.call(name).get('isError'):
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_target_that_dies_is_left_alone_and_tried_again(place, gateway, upstream):
    upstream.set_tools([tool('get')])
    gateway.add_ready('orders', upstream.url)
    endpoint = gateway.endpoint()
    assert endpoint.text('orders___get') == 'done'
    opened, refused = counted(place, 'circuits_opened'), counted(place, 'circuit_refusals')
    upstream.close()
    for _ in range(3):
        began = time.monotonic()
        assert endpoint.error_text('orders___get') == GENERIC
    said = refusal(endpoint, 'orders___get')
    failed = failures(said)
    assert failed == 3 or time.monotonic() - began > 1  # the first back-off
    assert said.startswith('Target orders was not called: its last ')
    assert f' {failed} calls failed, since 20' in said
    assert re.search(r'it could not be reached\. It is tried again in [12] s\.$', said), said
    assert counted(place, 'circuits_opened') == opened + 1
    assert counted(place, 'circuit_refusals') == refused + 1
    # It stays away longer than the back-off: the way stays closed.
    until = time.monotonic() + 60
    while endpoint.error_text('orders___get') != GENERIC:  # it is tried
        assert time.monotonic() < until
        time.sleep(0.1)
    assert failures(refusal(endpoint, 'orders___get')) > failed
    # At its old address again.
    back = Scripted()
    back.set_tools([tool('get')])
    server = _HttpServer(('127.0.0.1', upstream.port), _handler(back))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    until_answered(endpoint, 'orders___get')
    for _ in range(5):
        assert endpoint.text('orders___get') == 'done'
    assert counted(place, 'circuits_opened') == opened + 1
    assert place.logs('answers again')
    server.shutdown()
    server.server_close()
    back.close()


def test_the_reason_of_the_last_failure_is_told_to_who_debugs(place, unique, upstream):
    gateway = Gateway(place, unique('debug'), NONE, exceptionLevel='DEBUG')
    upstream.set_tools([tool('get')])
    gateway.add_ready('orders', upstream.url)
    upstream.close()
    endpoint = gateway.endpoint()
    for _ in range(3):
        endpoint.error_text('orders___get')
    said = refusal(endpoint, 'orders___get')
    assert 'Last failure: ' in said and 'connect' in said


def test_errors_that_an_upstream_answers_close_nothing(gateway, upstream):
    upstream.set_tools([tool('get')])
    gateway.add_ready('orders', upstream.url)
    endpoint = gateway.endpoint()
    answers = [
        {'content': [{'type': 'text', 'text': 'no such order'}], 'isError': True},
        Reply('{"jsonrpc":"2.0","id":$ID,"error":{"code":-32603,"message":"mine"}}'),
        Reply('not found', status=404, content_type='text/plain'),
        Reply('too many', status=429, content_type='text/plain'),
        Reply('no JSON at all'),
    ]
    for answer in answers:
        upstream.calls['get'] = answer
        for _ in range(5):
            endpoint.ask('tools/call', {'name': 'orders___get', 'arguments': {}})
    upstream.calls.clear()
    assert endpoint.text('orders___get') == 'done'


def test_a_row_of_5xx_closes_the_way_and_a_success_between_does_not(gateway, upstream):
    upstream.set_tools([tool('get')])
    gateway.add_ready('orders', upstream.url)
    endpoint = gateway.endpoint()
    bad = Reply('oh', status=503, content_type='text/plain')
    for _ in range(4):
        upstream.calls['get'] = bad
        for _ in range(2):
            assert endpoint.error_text('orders___get') == GENERIC
        upstream.calls.clear()
        assert endpoint.text('orders___get') == 'done'
    upstream.calls['get'] = bad
    asked = upstream.methods().count('tools/call')
    for _ in range(3):
        endpoint.error_text('orders___get')
    said = refusal(endpoint, 'orders___get')
    assert 'it answered with a server error (5xx)' in said
    assert upstream.methods().count('tools/call') == asked + failures(said)
    upstream.calls.clear()
    until_answered(endpoint, 'orders___get')


def test_one_target_does_not_close_the_way_to_another(gateway, upstream):
    upstream.set_tools([tool('get')])
    other = Scripted()
    other.set_tools([tool('get')])
    gateway.add_ready('dead', other.url)
    gateway.add_ready('alive', upstream.url)
    other.close()
    endpoint = gateway.endpoint()
    for _ in range(5):
        endpoint.error_text('dead___get')
        assert endpoint.text('alive___get') == 'done'


def test_a_target_that_is_changed_begins_anew(gateway, upstream):
    other = Scripted()
    other.set_tools([tool('get')])
    target = gateway.add_ready('moved', other.url)
    other.close()
    endpoint = gateway.endpoint()
    for _ in range(4):
        endpoint.error_text('moved___get')
    upstream.set_tools([tool('get')])
    gateway.control.update_gateway_target(
        gatewayIdentifier=gateway.id, targetId=target['targetId'], name='moved',
        targetConfiguration=mcp_server(upstream.url))
    gateway.at_rest(gateway.target(target['targetId']))
    assert endpoint.text('moved___get') == 'done'


class Vanishing(Listener):
    """Answers once, over a connection that it keeps; reads the next request whole and closes
    without a word. `requests` says what came."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.answers = 1
        super().__init__(self.talk)
        self.url = f'http://127.0.0.1:{self.port}'

    def talk(self, peer: socket.socket) -> None:
        with peer.makefile('rb') as lines:
            while line := lines.readline():
                self.requests.append(line.decode().split()[0])
                length = 0
                while (field := lines.readline()) not in (b'\r\n', b''):
                    name, _, value = field.partition(b':')
                    if name.lower() == b'content-length':
                        length = int(value)
                lines.read(length)
                if self.answers <= 0:
                    return
                self.answers -= 1
                peer.sendall(b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'
                             b'content-length: 2\r\n\r\n{}')


METHODS = ['get', 'post', 'put', 'patch', 'delete']


@pytest.mark.parametrize('method', METHODS)
def test_what_may_have_been_executed_is_not_sent_again(place, unique, method):
    peer = Vanishing()
    gateway = Gateway(place, unique('once'), NONE)
    document = {'openapi': '3.0.3', 'info': {'title': 't', 'version': '1'},
                'servers': [{'url': peer.url}],
                'paths': {'/x': {method: {'operationId': 'x', 'responses': {}}}}}
    target = gateway.control.create_gateway_target(
        gatewayIdentifier=gateway.id, name='api', targetConfiguration={
            'mcp': {'openApiSchema': {'inlinePayload': json.dumps(document)}}})
    assert gateway.at_rest(target)['status'] == 'READY'
    endpoint = gateway.endpoint()
    assert not endpoint.call('api___x').get('isError')
    endpoint.error_text('api___x')  # over the kept connection
    peer.close()
    assert len(peer.requests) == (3 if method == 'get' else 2), peer.requests


def test_a_call_of_a_function_is_not_sent_again(tmp_path_factory, unique):
    peer = Vanishing()
    with_lambda = Server(tmp_path_factory.mktemp('once'),
                         ('--aws-endpoint', f'lambda={peer.url}')).start()
    role = with_lambda.make_role('fn', 'lambda:InvokeFunction')
    gateway = Gateway(with_lambda, unique('once'), NONE, roleArn=role)
    gateway.at_rest(gateway.control.create_gateway_target(
        gatewayIdentifier=gateway.id, name='fn', credentialProviderConfigurations=ROLE,
        targetConfiguration={'mcp': {'lambda': {
            'lambdaArn': 'arn:aws:lambda:us-east-1:123456789012:function:f',
            'toolSchema': {'inlinePayload': [{'name': 'x', 'description': 'y',
                                              'inputSchema': {'type': 'object'}}]}}}}))
    endpoint = gateway.endpoint()
    assert not endpoint.call('fn___x').get('isError')
    endpoint.error_text('fn___x')
    peer.close()
    assert peer.requests == ['POST', 'POST']
    assert with_lambda.stop() == 0


def test_a_call_of_an_mcp_tool_is_not_sent_again(gateway, upstream):
    upstream.set_tools([tool('get')])
    gateway.add_ready('orders', upstream.url)
    endpoint = gateway.endpoint()
    for _ in range(2):
        assert endpoint.text('orders___get') == 'done'
    upstream.calls['get'] = Reply('{', cut=True)
    calls = upstream.methods().count('tools/call')
    endpoint.error_text('orders___get')
    assert upstream.methods().count('tools/call') == calls + 1
