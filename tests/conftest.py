"""Fixtures of all tests: servers, pools, gateways, upstreams. See harness/."""
import itertools
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness import programs, signed  # noqa: E402
from harness.chat import Chat  # noqa: E402
from harness.gateway import Gateway  # noqa: E402
from harness.pool import Pool  # noqa: E402
from harness.scripted import Scripted, text_result, tool  # noqa: E402
from harness.server import BINARY, Server  # noqa: E402

numbers = itertools.count(1)


def pytest_addoption(parser) -> None:
    parser.addoption('--full', action='store_true', help='the long forms of the tests')


def pytest_sessionstart(session) -> None:
    if not BINARY.is_file():
        pytest.exit(f'{BINARY} is not built: cmake --build --preset release', returncode=2)


@pytest.fixture
def full(request) -> bool:
    return request.config.getoption('--full')


@pytest.fixture
def unique():
    """A name that no other test uses."""
    return lambda word='thing': f'{word}-{next(numbers)}'


@pytest.fixture(scope='session')
def server(tmp_path_factory):
    """One server for all tests that leave it standing."""
    running = Server(tmp_path_factory.mktemp('server')).start()
    yield running
    assert running.program.poll() is None, f'serve died:\n{running.log_text()[-3000:]}'
    assert running.stop() == 0


@pytest.fixture
def own_server(tmp_path):
    """Makes servers that a test may stop, kill and start again: own_server('--flag', …)."""
    started = []

    def make(*flags: str) -> Server:
        home = tmp_path / f'server-{len(started)}'
        home.mkdir()
        started.append(Server(home, flags))
        return started[-1].start()

    yield make
    for running in started:
        if running.program is not None:
            running.stop()


@pytest.fixture(scope='session')
def control(server):
    return server.aws('bedrock-agentcore-control')


@pytest.fixture(scope='session')
def requests_signed(server):
    """Signs a request of the control plane as botocore does, and sends it as it is."""
    def send(method: str, path: str, body=None, service: str = 'bedrock-agentcore', **headers):
        return signed.send(server, method, server.base + path, body, service, headers)
    return send


@pytest.fixture(scope='session')
def pool(server) -> Pool:
    return Pool(server, 'shared-pool', scopes=('invoke', 'read'))


@pytest.fixture
def gateway(server, pool, unique):
    """Makes gateways that take the shared pool's tokens: gateway(search=True, …)."""
    def make(**more) -> Gateway:
        made = Gateway(server, unique('gateway'), pool.authorizer(), **more)
        made.tokens = pool
        return made
    return make


@pytest.fixture
def upstream():
    """An MCP server of this process."""
    made = Scripted()
    yield made
    made.close()


@pytest.fixture
def child(tmp_path):
    """Starts a program of harness.programs, and ends it: child(programs.orders, '--json')."""
    started = []

    def start(program, *arguments, **more):
        started.append(program(tmp_path / f'child-{len(started)}.log', *arguments, **more))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture(scope='session')
def orders_url(tmp_path_factory):
    """FastMCP with the tutorials' tools, stateless, for tests that only call it."""
    running = programs.orders(tmp_path_factory.mktemp('orders') / 'log')
    yield running.url
    running.stop()


@pytest.fixture(scope='session')
def everything_url(tmp_path_factory):
    running = programs.everything(tmp_path_factory.mktemp('everything') / 'log')
    yield running.url
    running.stop()


@pytest.fixture(scope='session')
def chat():
    """A chat-completions endpoint of this process."""
    made = Chat()
    yield made
    made.close()


@pytest.fixture(scope='session')
def with_model(chat, tmp_path_factory):
    """A server whose Converse is answered by `chat`."""
    home = tmp_path_factory.mktemp('with-model')
    key = home / 'api.key'
    key.write_text('sk-of-the-file\n')
    running = Server(home, ('--model-endpoint', chat.url, '--model-api-key-file', str(key),
                            '--model-name', '*claude-sonnet-4*=big-model')).start()
    yield running
    log = running.log_text()
    assert running.stop() == 0
    assert 'sk-of-the-file' not in log


@pytest.fixture
def s3(server):
    return server.aws('s3')


@pytest.fixture
def bucket(s3, unique):
    name = unique('bucket')
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def echo(server, unique):
    """A gateway that takes everyone, in front of a tool that says its arguments again."""
    upstream = Scripted()
    upstream.set_tools([tool('echo', schema={'type': 'object', 'properties': {
        'card': {'type': 'string', 'writeOnly': True}}})])
    upstream.calls['echo'] = lambda message: text_result(
        'you said: ' + json.dumps(message['params']['arguments']))
    made = Gateway(server, unique('echo'), {'authorizerType': 'NONE'})
    made.add_ready('t', upstream.url)
    yield made
    upstream.close()
