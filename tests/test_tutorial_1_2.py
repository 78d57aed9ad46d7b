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


@pytest.fixture
def tour(tmp_path):
    """Runs a script of examples/ in one folder: the steps it has printed, by name."""
    folder = tmp_path / 'notebooks'
    folder.mkdir()

    def run(server, toolkit: str, script: str) -> dict[str, dict]:
        python = ROOT / '.venv' / toolkit / 'bin/python'
        if not python.exists():
            pytest.skip(f'{toolkit}: tools/setup.sh tests makes it')
        done = subprocess.run(
            [BINARY, 'run', '--data-dir', server.data, '--', python,
             ROOT / 'examples' / script], cwd=folder, text=True, capture_output=True,
            timeout=540, env=server._own_environment())
        steps = [json.loads(line) for line in done.stdout.splitlines()
                 if line.startswith('{"step"')]
        assert done.returncode == 0, (
            f'{steps[-1:]}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}\n'
            f'{server.log_text()[-3000:]}')
        return {step['step']: step for step in steps}

    return run


@pytest.mark.timeout(900)
@pytest.mark.parametrize('toolkit', ['toolkit', 'toolkit-0.2.0'])
def test_both_tours_run_as_they_are(own_server, tour, toolkit):
    server = own_server()
    first = tour(server, toolkit, 'mcp_server_target.py')
    assert first['target']['status'] == 'READY'
    assert sorted(first['search']['found']) == [f'orders___{tool}' for tool in FIRST]
    assert first['agent']['tools'] == as_listed(FIRST)
    assert first['agent']['answer'] == '456'

    second = tour(server, toolkit, 'synchronization.py')
    assert second['before']['tools'] == as_listed(FIRST)
    assert second['synchronized']['tools'] == as_listed(SECOND)
    assert second['updated']['tools'] == as_listed(THIRD)
    control = server.aws('bedrock-agentcore-control')
    assert control.list_agent_runtimes()['agentRuntimes'] == []
    assert control.list_gateways()['items'] == []
