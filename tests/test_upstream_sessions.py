"""Sessions with MCP servers that hand them out: reused by calls, and ended with the server when
they are not needed any more (MCP 2025-11-25, Transports, Session Management)."""
import time

from harness import signed
from harness.gateway import Gateway, mcp_server
from harness.scripted import tool

OPEN = {'authorizerType': 'NONE'}


def until(true, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_dry_run_leaves_no_session_behind(server, unique, upstream):
    upstream.with_sessions = True
    upstream.set_tools([tool('get')])
    gateway = Gateway(server, unique('sessions'), OPEN)
    answer = signed.send(
        server, 'POST', f'{server.base}/gateways/{gateway.id}/targets/',
        {'name': 'api', 'targetConfiguration': mcp_server(upstream.url)},
        headers={'DryRun': 'true'})
    assert answer.json()['status'] == 'READY', answer.text
    until(lambda: len(upstream.ended) == 1)
    assert upstream.sessions == set()


def test_a_session_serves_many_calls_and_is_ended_when_another_takes_its_place(
        own_server, unique, upstream):
    server = own_server('--threads', '1')  # each thread has its own
    upstream.with_sessions = True
    upstream.set_tools([tool('get')])
    gateway = Gateway(server, unique('sessions'), OPEN)
    target = gateway.add_ready('api', upstream.url)
    endpoint = gateway.endpoint()
    for _ in range(3):
        assert endpoint.text('api___get') == 'done'
    assert upstream.methods().count('initialize') == 1 and upstream.ended == []
    first, = upstream.sessions
    assert gateway.synchronize(target['targetId'])['status'] == 'READY'
    until(lambda: upstream.ended == [first])
    assert endpoint.text('api___get') == 'done'
    assert len(upstream.sessions) == 1


def test_a_session_that_the_server_has_lost_is_not_asked_to_end(own_server, unique, upstream):
    server = own_server('--threads', '1')
    upstream.with_sessions = True
    upstream.set_tools([tool('get')])
    gateway = Gateway(server, unique('sessions'), OPEN)
    gateway.add_ready('api', upstream.url)
    upstream.sessions.clear()  # as after a restart
    assert gateway.endpoint().text('api___get') == 'done'
    time.sleep(0.3)
    assert upstream.ended == [] and upstream.methods().count('initialize') == 2
