"""What a start does before it answers, and what it leaves for when that is needed."""
import contextlib
import ctypes
import os
import re
import select
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from harness.functions import role_of, zipped

IN_OPEN = 0x20
MEGABYTES_MAX = 20
CONTRACTS_MB = 1  # a service's contract takes half of that at least, and all of them more


@contextlib.contextmanager
def opened(folder):
    """Gives a function that says whether the folder is opened within so many seconds."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
    assert libc.inotify_add_watch(watch, os.fsencode(folder), IN_OPEN) >= 0, ctypes.get_errno()

    def within(seconds: float) -> bool:
        return bool(select.select([watch], [], [], seconds)[0])

    yield within
    os.close(watch)


def test_interpreters_are_looked_for_when_a_function_wants_one(own_server, tmp_path, monkeypatch):
    home = tmp_path / 'home'
    installed = home / '.pyenv/versions'
    installed.mkdir(parents=True)
    monkeypatch.setenv('HOME', str(home))
    with opened(installed) as looked_for:
        server = own_server()
        role = role_of(server)
        assert not looked_for(0.5)
        server.aws('lambda').create_function(
            FunctionName='first', Runtime='python3.11', Handler='app.handler', Role=role,
            Code={'ZipFile': zipped(app__py='def handler(event, context): return 1')})
        assert looked_for(60)


def own_mb(server) -> float:
    """Resident memory that is no file's."""
    status = Path(f'/proc/{server.program.pid}/status').read_text()
    return int(re.search(r'RssAnon:\s+(\d+)', status)[1]) * 1024 / 1e6


def test_what_is_no_aws_request_reads_no_contract(own_server):
    server = own_server('--threads', '1')
    time.sleep(1)
    before = own_mb(server)
    for path in ('/healthz', '/favicon.ico', '/', '/robots.txt', '/a/b/c'):
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(server.base + path).read()
    assert own_mb(server) - before < CONTRACTS_MB
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(server.base + '/gateways/')  # unsigned, but AWS's
    assert b'Missing Authentication Token' in refused.value.read()


def settled_mb(server) -> float:
    """Resident memory once the server has done what a start leaves for later."""
    until = time.monotonic() + 60
    while server.memory_mb() >= MEGABYTES_MAX and time.monotonic() < until:
        time.sleep(0.1)
    return server.memory_mb()


def test_ten_gateways_idle_in_twenty_megabytes(own_server):
    server = own_server('--threads', '2')
    control = server.aws('bedrock-agentcore-control')
    for i in range(10):
        control.create_gateway(
            name=f'idle{i}', roleArn=server.role, protocolType='MCP', authorizerType='CUSTOM_JWT',
            authorizerConfiguration={'customJWTAuthorizer': {
                'discoveryUrl': f'{server.base}/pool/.well-known/openid-configuration',
                'allowedClients': ['anyone']}})
    server.stop()
    server.start()
    assert settled_mb(server) < MEGABYTES_MAX
    assert len(server.aws('bedrock-agentcore-control').list_gateways()['items']) == 10
