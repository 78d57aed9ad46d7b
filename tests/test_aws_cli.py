"""The AWS CLI: PyPI's, whose model is the newest, and Debian's, as far as its old model knows."""
import json
import os
import subprocess
from pathlib import Path

import pytest
from harness.programs import ROOT

PYPI = ROOT / '.venv/tests/bin/aws'
DEBIAN = Path('/usr/bin/aws')


@pytest.fixture
def aws(server, tmp_path):
    """Runs a command of a CLI; its output as JSON (or None)."""
    environment = os.environ | server.environment() | {
        'AWS_CONFIG_FILE': str(tmp_path / 'none'), 'AWS_PAGER': ''}
    for name in ('VIRTUAL_ENV', 'PYTHONPATH', 'PYTHONHOME'):
        environment.pop(name, None)

    def run(cli: Path, *words: str, status: int = 0):
        # Version 2.9 of Debian knows no AWS_ENDPOINT_URL (2.13 is the first).
        done = subprocess.run(
            [cli, *words, '--output', 'json', '--endpoint-url', server.base],
            capture_output=True, text=True, timeout=60, env=environment)
        assert (done.returncode == 0) == (status == 0), done.stdout + done.stderr
        if status:
            return done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None
    return run


def version(cli: Path) -> str:
    return subprocess.run([cli, '--version'], capture_output=True, text=True).stdout.split()[0]


@pytest.mark.parametrize('cli', [PYPI, DEBIAN], ids=['pypi', 'debian'])
def test_the_services_both_know(server, aws, unique, cli, capsys):
    assert aws(cli, 'sts', 'get-caller-identity')['Account'] == server.ready['account']
    name = unique('cli')
    pool = aws(cli, 'cognito-idp', 'create-user-pool', '--pool-name', name)['UserPool']['Id']
    listed = aws(cli, 'cognito-idp', 'list-user-pools', '--max-results', '60')['UserPools']
    assert pool in [one['Id'] for one in listed]
    trust = json.dumps({'Version': '2012-10-17', 'Statement': [{
        'Effect': 'Allow', 'Principal': {'Service': 'bedrock-agentcore.amazonaws.com'},
        'Action': 'sts:AssumeRole'}]})
    aws(cli, 'iam', 'create-role', '--role-name', name, '--assume-role-policy-document', trust)
    role = aws(cli, 'iam', 'get-role', '--role-name', name)['Role']
    assert role['AssumeRolePolicyDocument'] == json.loads(trust)
    said = aws(cli, 'iam', 'get-role', '--role-name', 'nobody', status=254)
    assert 'NoSuchEntity' in said
    aws(cli, 'cognito-idp', 'delete-user-pool', '--user-pool-id', pool)
    with capsys.disabled():
        print(f'\n{version(cli)}', end='')


def test_agentcore_with_the_newest(server, aws, unique, orders_url):
    control = 'bedrock-agentcore-control'
    gateway = aws(PYPI, control, 'create-gateway', '--name', unique('cli'), '--role-arn',
                  server.role, '--protocol-type', 'MCP', '--authorizer-type', 'NONE')
    found = ('--gateway-identifier', gateway['gatewayId'])
    target = aws(PYPI, control, 'create-gateway-target', *found, '--name', 'orders',
                 '--target-configuration',
                 json.dumps({'mcp': {'mcpServer': {'endpoint': orders_url}}}))
    assert target['status'] == 'READY'
    done = aws(PYPI, control, 'synchronize-gateway-targets', *found, '--target-id-list',
               target['targetId'])
    assert done['targets'][0]['targetId'] == target['targetId']
    said = aws(PYPI, control, 'delete-gateway', *found, status=254)
    assert 'has targets associated with it' in said
    aws(PYPI, control, 'delete-gateway-target', *found, '--target-id', target['targetId'])
    aws(PYPI, control, 'delete-gateway', *found)
    listed = aws(PYPI, control, 'list-gateways')['items']
    assert gateway['gatewayId'] not in [one['gatewayId'] for one in listed]
