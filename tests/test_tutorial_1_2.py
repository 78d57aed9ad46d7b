"""Tutorials 1 and 2 from first to last step, hosting included: examples/, under `toolgate run`,
with the oldest and the newest starter toolkit."""
import json
import subprocess

import pytest
from harness.server import BINARY, ROOT

FIRST = ['getOrder', 'updateOrder']
SECOND = ['cancelOrder', *FIRST]
THIRD = ['cancelOrder', 'deleteOrder', *FIRST]


def as_listed(tools: list[str]) -> list[str]:
    return sorted(['x_amz_bedrock_agentcore_search', *(f'orders___{tool}' for tool in tools)])


# How a user's program comes to us: as a script under `toolgate run`, as a notebook whose server it
# started, as a notebook that knows nothing of it but its first cell. With the endpoint variables
# and CONNECT alone, with the shim for all names, with both.
WAYS = [('toolkit-0.2.0', 'script', 'off'), ('toolkit', 'notebook inside', 'all'),
        ('toolkit', 'notebook outside', 'token')]
# With the three before, every pair of mode, toolkit and mcp version is met.
FULL_WAYS = [('toolkit-mcp2', 'script', 'all'), ('toolkit-mcp2', 'script', 'off'),
             ('toolkit-0.2.0', 'script', 'token')]


def pytest_generate_tests(metafunc) -> None:
    if 'toolkit' in metafunc.fixturenames:
        full = FULL_WAYS if metafunc.config.getoption('--full') else []
        metafunc.parametrize(('toolkit', 'way', 'shim'), WAYS + full)


@pytest.fixture
def tour(tmp_path):
    """Runs a script of examples/ in one folder: the steps it has printed, by name."""
    folder = tmp_path / 'notebooks'
    folder.mkdir()

    def command(server, python, way: str, shim: str, script: str) -> list:
        places = ['--data-dir', server.data, '--shim', shim]
        path = ROOT / 'examples' / script
        if way == 'script':
            return [BINARY, 'run', *places, '--', python, path]
        notebook = [python, ROOT / 'tests/clients/notebook.py']
        cell = f'%run {path}'
        if way == 'notebook inside':
            return [BINARY, 'run', *places, '--', *notebook, cell]
        snippet = subprocess.run([BINARY, 'env', '--python', *places], text=True, check=True,
                                 capture_output=True, env=server._own_environment()).stdout
        return [*notebook, snippet, cell]

    def run(server, toolkit: str, way: str, shim: str, script: str) -> dict[str, dict]:
        python = ROOT / '.venv' / toolkit / 'bin/python'
        assert python.exists(), f'{toolkit}: tools/setup.sh tests full makes it'
        done = subprocess.run(command(server, python, way, shim, script), cwd=folder, text=True,
                              capture_output=True, timeout=540, env=server._own_environment())
        steps = [json.loads(line) for line in done.stdout.splitlines()
                 if line.startswith('{"step"')]
        assert done.returncode == 0, (
            f'{steps[-1:]}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}\n'
            f'{server.log_text()[-3000:]}')
        return {step['step']: step for step in steps}

    return run


@pytest.mark.timeout(900)
def test_both_tours_run_as_they_are(own_server, tour, toolkit, way, shim, capsys):
    server = own_server()
    started = server.cpu_seconds()
    first = tour(server, toolkit, way, shim, 'mcp_server_target.py')
    assert first['target']['status'] == 'READY'
    assert sorted(first['search']['found']) == [f'orders___{tool}' for tool in FIRST]
    assert first['agent']['tools'] == as_listed(FIRST)
    assert first['agent']['answer'] == '456'

    cost = server.cpu_seconds() - started
    with capsys.disabled():
        print(f'\n{toolkit}, {way}, shim {shim}: the server used {started:.2f} s of CPU to start, '
              f'{cost:.2f} s for the first tour', end='')
    assert cost < 4  # RSA keys of two pools are most of it, and their time is a matter of luck

    second = tour(server, toolkit, way, shim, 'synchronization.py')
    assert second['before']['tools'] == as_listed(FIRST)
    assert second['synchronized']['tools'] == as_listed(SECOND)
    assert second['updated']['tools'] == as_listed(THIRD)
    control = server.aws('bedrock-agentcore-control')
    assert control.list_agent_runtimes()['agentRuntimes'] == []
    assert control.list_gateways()['items'] == []
