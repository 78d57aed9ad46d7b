"""The starter toolkit's commands as its users type them, under `toolgate run`."""
import subprocess

import pytest
from harness.programs import ROOT
from harness.running import command, run, user_environment

TOOLKIT = ROOT / '.venv/toolkit/bin'
AGENT = '''
from bedrock_agentcore import BedrockAgentCoreApp
app = BedrockAgentCoreApp()

@app.entrypoint
def invoke(payload, context):
    print('asked by', payload['prompt'], flush=True)
    return {'result': 'hello ' + payload['prompt']}

if __name__ == '__main__':
    app.run()
'''


def pytest_generate_tests(metafunc) -> None:
    if 'deployment' in metafunc.fixturenames:
        more = ['container'] if metafunc.config.getoption('--full') else []
        metafunc.parametrize('deployment', ['direct_code_deploy', *more])


@pytest.mark.timeout(600)
def test_one_life_of_an_agent(own_server, tmp_path, deployment):
    """The tutorials' notebooks build containers; the command line deploys code as it is."""
    server = own_server()
    (tmp_path / 'bin').mkdir()
    (tmp_path / 'bin/uv').symlink_to(ROOT / '.venv/tests/bin/uv')
    folder = tmp_path / 'agent'
    folder.mkdir()
    (folder / 'my_agent.py').write_text(AGENT)
    (folder / 'requirements.txt').write_text('bedrock-agentcore==1.25.0\n')

    def agentcore(*words: str) -> str:
        done = subprocess.run(
            command(server, TOOLKIT / 'agentcore', *words), cwd=folder, text=True,
            capture_output=True, timeout=400, env=user_environment(
                PATH=f'{tmp_path}/bin:{TOOLKIT}:/usr/bin:/bin', COLUMNS='400',
                AGENTCORE_SUPPRESS_RECOMMENDATION='1'))
        assert done.returncode == 0, f'{words}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}'
        return done.stdout

    agentcore('configure', '--entrypoint', 'my_agent.py', '--name', 'hello',
              '--requirements-file', 'requirements.txt', '--non-interactive', '--disable-memory',
              '--deployment-type', deployment,
              *(('--runtime', 'PYTHON_3_11') if deployment == 'direct_code_deploy' else ()))
    told = agentcore('launch')
    assert '"result": "hello Bob"' in agentcore('invoke', '{"prompt": "Bob"}')
    assert '"result": "hello Ann"' in agentcore('invoke', '--user-id', 'ann', '{"prompt": "Ann"}')
    assert 'READY' in agentcore('status', '--verbose')
    # The command that it shows, where the program's own output is.
    [tail, *_] = [line for line in told.splitlines() if '--since 1h' in line]
    words = tail.strip('│ ').replace('"', '').split()
    assert 'asked by Bob' in run(server, '/usr/bin/aws', *words[words.index('logs'):])
    assert 'successfully' in agentcore('stop-session')
    assert 'destroyed' in agentcore('destroy', '--force', '--delete-ecr-repo')
    control = server.aws('bedrock-agentcore-control')
    assert control.list_agent_runtimes()['agentRuntimes'] == []
    assert 'ended by signal' not in server.log_text()  # nobody is warned of what was asked for
