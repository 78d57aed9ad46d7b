"""The QuickStart from first to last step: examples/tutorial_3.py under `toolgate run`, with the
oldest and the newest starter toolkit, a real Strands agent and a real Lambda function."""
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import boto3
import pytest
import requests
from botocore.exceptions import ClientError
from harness.load import slowness
from harness.server import BINARY, ROOT

CLI_2 = Path('/usr/bin/aws')
CLI = Path(sys.executable).parent / 'aws'  # new enough to know gateways
SEARCH = 'x_amz_bedrock_agentcore_search'
# The toolkit sleeps for a minute where AWS's names spread; nothing here has to.
HASTY = ('import runpy, sys, time; slept = time.sleep; '
         'time.sleep = lambda seconds: slept(min(seconds, 0.01)); '
         'sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name="__main__")')
# From `toolgate run -- python` to the agent's first answer, where nothing else works.
ANSWERS_WITHIN = 10  # seconds
WAYS = [('toolkit-0.2.0', 'all'), ('toolkit', 'token'), ('toolkit', 'all')]


class Tour:
    def __init__(self, server, toolkit: str, folder, shim: str, region: str = 'us-east-1') -> None:
        self.server, self.folder, self.shim, self.region = server, folder, shim, region
        self.python = ROOT / '.venv' / toolkit / 'bin/python'
        assert self.python.exists(), f'{toolkit}: tools/setup.sh tests makes it'

    def run(self, *arguments: str) -> dict[str, dict]:
        environment = self.server._own_environment()
        done = subprocess.run(
            [BINARY, 'run', '--data-dir', self.server.data, '--shim', self.shim, '--',
             'env', f'AWS_REGION={self.region}', f'AWS_DEFAULT_REGION={self.region}',
             self.python, '-c', HASTY, ROOT / 'examples/tutorial_3.py', *arguments],
            cwd=self.folder, text=True, capture_output=True, timeout=240, env=environment)
        assert done.returncode == 0, (f'{done.stdout[-3000:]}\n{done.stderr[-3000:]}\n'
                                      f'{self.server.log_text()[-3000:]}')
        return {step['step']: step for step in map(json.loads, done.stdout.splitlines())
                if isinstance(step, dict)}

    def aws(self, service: str):
        environment = self.server.environment()
        return boto3.session.Session(region_name=self.region, **self.server.credentials()).client(
            service, endpoint_url=environment['AWS_ENDPOINT_URL'])


@pytest.mark.timeout(600)
@pytest.mark.parametrize(('toolkit', 'shim'), WAYS)
def test_the_quickstart_runs_as_it_is(own_server, tmp_path, toolkit, shim):
    server = own_server()
    tour = Tour(server, toolkit, tmp_path, shim)
    slow = slowness()
    began = time.monotonic()
    steps = tour.run()
    took = time.monotonic() - began
    slow = max(slow, slowness())
    after = {name: step['after'] for name, step in steps.items()}
    assert took < ANSWERS_WITHIN * slow, (
        f'from `toolgate run` to the answer: {took:.1f} s on a machine that makes everything '
        f'{slow:.1f} times as long; steps {after}')
    name = steps['target']['name']
    tools = [f'{name}___get_time', f'{name}___get_weather']
    assert steps['tools']['names'] == sorted([*tools, SEARCH])
    said = json.loads(steps['agent']['results'][0]['content'][0]['text'])
    assert said['statusCode'] == 200
    assert json.loads(said['body'])['conditions'] == 'Sunny'

    # The tutorial's curl: no handshake, no Accept.
    kept = json.loads((tmp_path / 'gateway_config.json').read_text())
    token = token_of(tour, kept)
    listed = requests.post(
        kept['gateway_url'], timeout=30, headers={'Authorization': f'Bearer {token}',
                                                  'Content-Type': 'application/json'},
        data='{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}').json()
    assert {tool['name'] for tool in listed['result']['tools']} == {*tools, SEARCH}
    tail_shows_what_was_asked(tour, kept, tmp_path)
    clean_up_says_what_is_needed(tour, kept, steps)


def environment_of_cli(tour: Tour, folder) -> dict[str, str]:
    return {name: value for name, value in tour.server._own_environment().items()
            if name not in ('VIRTUAL_ENV', 'PYTHONPATH', 'PYTHONHOME')} | {
        'AWS_CONFIG_FILE': str(folder / 'none'), 'AWS_PAGER': ''}


def tail_shows_what_was_asked(tour: Tour, kept: dict, folder) -> None:
    """Debian's CLI, version 2: a program of its own Python, which only CONNECT can redirect."""
    if not CLI_2.exists():
        pytest.fail('/usr/bin/aws is missing: package awscli of tools/packages.txt')
    environment = environment_of_cli(tour, folder)
    group = f'/aws/bedrock-agentcore/gateways/{kept["gateway_id"]}'

    def tail(*without: str) -> str:
        unset = [word for name in without for word in ('-u', name)]
        done = subprocess.run(
            [BINARY, 'run', '--data-dir', tour.server.data, '--shim', tour.shim, '--',
             'env', *unset, CLI_2, 'logs', 'tail', group, '--since', '10m', '--format', 'short'],
            text=True, capture_output=True, timeout=120, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    # With the endpoint that `run` exports, and with AWS's own host name through CONNECT.
    for shown in (tail(), tail('AWS_ENDPOINT_URL')):
        assert 'tools/call' in shown and '___get_weather' in shown
        assert 'Successfully processed request' in shown
        assert kept['client_info']['client_secret'] not in shown


def token_of(tour: Tour, kept: dict) -> str:
    client = kept['client_info']
    answer = requests.post(f'{tour.server.base}/oauth2/token', timeout=30, data={
        'grant_type': 'client_credentials', 'client_id': client['client_id'],
        'client_secret': client['client_secret'], 'scope': client['scope']})
    return answer.json()['access_token']


def refused(call, **arguments) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value)


def clean_up_says_what_is_needed(tour: Tour, kept: dict, steps: dict) -> None:
    control, cognito = tour.aws('bedrock-agentcore-control'), tour.aws('cognito-idp')
    text = refused(control.delete_gateway, gatewayIdentifier=kept['gateway_id'])
    assert 'has targets associated with it. Delete all targets' in text
    assert f'--target-id {steps["target"]["id"]}' in text
    pool = kept['client_info']['user_pool_id']
    assert 'domain' in refused(cognito.delete_user_pool, UserPoolId=pool)
    assert tour.run('--clean-up')['clean']['targets'] == 1
    assert control.list_gateways()['items'] == []
    assert pool in refused(cognito.describe_user_pool, UserPoolId=pool)


@pytest.mark.timeout(300)
def test_another_region_does_as_well(own_server, tmp_path):
    tour = Tour(own_server(), 'toolkit', tmp_path, 'token', 'eu-central-1')
    steps = tour.run('What time is it in EST?')
    said = json.loads(steps['agent']['results'][0]['content'][0]['text'])
    assert 'time' in json.loads(said['body'])
    the_text_s_clean_up_is_enough(tour, json.loads((tmp_path / 'gateway_config.json').read_text()))


def the_text_s_clean_up_is_enough(tour: Tour, kept: dict) -> None:
    """Its two commands, and then what they answer with: each is typed as it is printed."""
    def aws(*words: str) -> str:
        """What it is refused with; nothing when it succeeds."""
        done = subprocess.run(
            [BINARY, 'run', '--data-dir', tour.server.data, '--', CLI, *words], text=True,
            capture_output=True, timeout=60, env=environment_of_cli(tour, tour.folder))
        assert (done.returncode == 0) == (done.stderr == ''), done.stderr
        return done.stderr

    place = ('--region', tour.region)
    for wanted in (('bedrock-agentcore-control', 'delete-gateway', '--gateway-identifier',
                    kept['gateway_id']),
                   ('cognito-idp', 'delete-user-pool', '--user-pool-id',
                    kept['client_info']['user_pool_id'])):
        needed = re.findall(r'\baws ([a-z-]+ delete-[^;)]+)', aws(*wanted, *place))
        assert len(needed) == 1, needed
        for command in needed:
            assert aws(*command.split()) == ''
        assert aws(*wanted, *place) == ''


# What each toolkit gives the gateway's role for the steps that use it, as its own code says it.
PRINTS = {
    'toolkit-0.2.0': 'from {room}.constants import AGENTCORE_FULL_ACCESS as policy\n'
                     'print(json.dumps(policy["Statement"]))',
    'toolkit': 'from {room}.constants import *\n'
               'place = ("us-east-1", "123456789012")\n'
               'print(json.dumps('
               'build_gateway_credential_provider_policy(*place, "weather", "apikey")["Statement"]'
               ' + build_gateway_lambda_invoke_policy(*place, "{function}")["Statement"]))'}
FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:weather'
TOOL = {'name': 'get', 'description': 'gets', 'inputSchema': {'type': 'object'}}


@pytest.mark.parametrize('toolkit', sorted(PRINTS))
def test_without_a_statement_of_its_role_a_step_fails_and_names_the_permission(
        own_server, toolkit, upstream):
    room = 'bedrock_agentcore_starter_toolkit.operations.gateway'
    printed = subprocess.run(
        [ROOT / '.venv' / toolkit / 'bin/python', '-c',
         'import json\n' + PRINTS[toolkit].format(room=room, function=FUNCTION)],
        text=True, capture_output=True, check=True).stdout
    statements = json.loads(printed)
    server = own_server()
    control, iam = server.aws('bedrock-agentcore-control'), server.aws('iam')
    role = server.make_role('gateway-of-the-toolkit', 'sts:GetCallerIdentity')
    gateway = control.create_gateway(name='steps', roleArn=role, protocolType='MCP',
                                     authorizerType='NONE')['gatewayId']
    key = control.create_api_key_credential_provider(name='weather', apiKey='secret')
    wanted = [
        ({'lambda': {'lambdaArn': FUNCTION, 'toolSchema': {'inlinePayload': [TOOL]}}},
         {'credentialProviderType': 'GATEWAY_IAM_ROLE'}),
        ({'mcpServer': {'endpoint': upstream.url}},
         {'credentialProviderType': 'API_KEY', 'credentialProvider': {'apiKeyCredentialProvider': {
             'providerArn': key['credentialProviderArn']}}})]

    def lacking(kept: list[dict], name: str) -> list[str]:
        """What the steps are refused with; nothing for those that are not."""
        iam.put_role_policy(
            RoleName='gateway-of-the-toolkit', PolicyName='allowed', PolicyDocument=json.dumps(
                {'Version': '2012-10-17', 'Statement': kept}))
        said = []
        for number, (configuration, credential) in enumerate(wanted):
            try:
                control.create_gateway_target(
                    gatewayIdentifier=gateway, name=f'{name}-{number}',
                    targetConfiguration={'mcp': configuration},
                    credentialProviderConfigurations=[credential])
            except ClientError as refusal:
                said.append(str(refusal))
        return said

    assert lacking(statements, 'all') == []
    named = set()
    for left_out in statements:
        kept = [one for one in statements if one is not left_out]
        (said,) = lacking(kept, f'without-{left_out["Sid"]}')
        assert 'Gateway execution role lacks permission to' in said
        named.add(said.split('Missing: ')[1].split(' on ')[0])
    assert named == {'lambda:InvokeFunction', 'bedrock-agentcore:GetResourceApiKey',
                     'secretsmanager:GetSecretValue'}
