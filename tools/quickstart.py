#!/usr/bin/env python3
"""What ./quickstart shows once toolgate is built: a user's script, with boto3 and an MCP client.

An MCP server with two order tools is put behind a gateway that takes tokens of one user pool and
shows the MCP server tokens of another.
"""
import argparse
import asyncio
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3
import requests
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

ROOT = Path(__file__).resolve().parent.parent
TOOLGATE = Path(os.environ.get('TOOLGATE_BINARY', ROOT / 'build/release/toolgate'))
ORDERS_SERVER = ROOT / 'tools/orders_server.py'


def say(text: str) -> None:
    print(f'\n== {text}', flush=True)


class Programs:
    """The two programs that run: toolgate and the MCP server behind it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.running: list[subprocess.Popen] = []
        self.log = (home / 'log').open('w')

    def start(self, *command: str) -> tuple[subprocess.Popen, str]:
        """Starts a program and waits for the one line that it prints when it is ready."""
        program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.running.append(program)
        line = program.stdout.readline().strip()
        if not line:
            sys.exit(f'{command[0]} did not start:\n{(self.home / "log").read_text()}')
        return program, line

    def stop(self, program: subprocess.Popen) -> None:
        program.terminate()
        program.wait(timeout=10)
        self.running.remove(program)

    def stop_all(self) -> None:
        for program in reversed(list(self.running)):
            self.stop(program)


def start_toolgate(programs: Programs) -> dict:
    data = str(programs.home / 'data')
    key = str(programs.home / 'master.key')
    _, line = programs.start(str(TOOLGATE), 'serve', '--listen', '127.0.0.1:0',
                             '--data-dir', data, '--master-key', key)
    # The environment that points boto3 and the AWS CLI at this server, for twelve hours.
    exports = subprocess.run([str(TOOLGATE), 'env', '--data-dir', data], text=True,
                             capture_output=True, check=True).stdout
    for word in shlex.split(exports):
        name, is_assignment, value = word.partition('=')
        if is_assignment:
            os.environ[name] = value
    return json.loads(line)


def start_orders(programs: Programs, *flags: str) -> tuple[subprocess.Popen, str]:
    program, url = programs.start(sys.executable, str(ORDERS_SERVER), *flags)
    for _ in range(200):
        try:
            requests.get(url, timeout=1)
            return program, url
        except requests.ConnectionError:
            time.sleep(0.05)
    sys.exit(f'the MCP server did not answer at {url}')


def create_pool(cognito, name: str) -> dict:
    """A user pool with one client that gets tokens by its secret (client_credentials)."""
    pool = cognito.create_user_pool(PoolName=name)['UserPool']['Id']
    cognito.create_user_pool_domain(Domain=pool.replace('_', '').lower(), UserPoolId=pool)
    cognito.create_resource_server(
        UserPoolId=pool, Identifier=name, Name=name,
        Scopes=[{'ScopeName': 'invoke', 'ScopeDescription': 'Call the tools'}])
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName=name, GenerateSecret=True,
        AllowedOAuthFlows=['client_credentials'], AllowedOAuthScopes=[f'{name}/invoke'],
        AllowedOAuthFlowsUserPoolClient=True, SupportedIdentityProviders=['COGNITO'],
    )['UserPoolClient']
    host = f'cognito-idp.{cognito.meta.region_name}.amazonaws.com'
    return {'id': pool, 'client_id': client['ClientId'], 'secret': client['ClientSecret'],
            'scope': f'{name}/invoke', 'issuer': f'https://{host}/{pool}',
            'discovery': f'https://{host}/{pool}/.well-known/openid-configuration'}


def create_role(iam) -> str:
    """Whom the gateway acts as: it may fetch the tokens that its targets are shown."""
    role = iam.create_role(RoleName='orders-gateway', AssumeRolePolicyDocument=json.dumps({
        'Version': '2012-10-17', 'Statement': [{
            'Effect': 'Allow', 'Action': 'sts:AssumeRole',
            'Principal': {'Service': 'bedrock-agentcore.amazonaws.com'}}]}))['Role']
    iam.put_role_policy(
        RoleName=role['RoleName'], PolicyName='tokens', PolicyDocument=json.dumps({
            'Version': '2012-10-17', 'Statement': [{
                'Effect': 'Allow', 'Resource': '*',
                'Action': ['bedrock-agentcore:GetResourceOauth2Token',
                           'secretsmanager:GetSecretValue']}]}))
    return role['Arn']


def create_gateway(control, pool: dict, role: str) -> dict:
    return control.create_gateway(
        name='orders-gateway', roleArn=role, protocolType='MCP',
        protocolConfiguration={'mcp': {'searchType': 'SEMANTIC'}},
        authorizerType='CUSTOM_JWT',
        authorizerConfiguration={'customJWTAuthorizer': {
            'discoveryUrl': pool['discovery'], 'allowedClients': [pool['client_id']]}})


def create_target(control, gateway: dict, endpoint: str, pool: dict) -> dict:
    """The MCP server as a target; the gateway fetches its tokens from the second pool."""
    provider = control.create_oauth2_credential_provider(
        name='orders-identity', credentialProviderVendor='CustomOauth2',
        oauth2ProviderConfigInput={'customOauth2ProviderConfig': {
            'oauthDiscovery': {'discoveryUrl': pool['discovery']},
            'clientId': pool['client_id'], 'clientSecret': pool['secret']}})
    return control.create_gateway_target(
        gatewayIdentifier=gateway['gatewayId'], name='orders',
        targetConfiguration={'mcp': {'mcpServer': {'endpoint': endpoint}}},
        credentialProviderConfigurations=[{
            'credentialProviderType': 'OAUTH',
            'credentialProvider': {'oauthCredentialProvider': {
                'providerArn': provider['credentialProviderArn'], 'scopes': [pool['scope']]}}}])


def get_token(base: str, pool: dict) -> str:
    answer = requests.post(f'{base}/oauth2/token', data={
        'grant_type': 'client_credentials', 'client_id': pool['client_id'],
        'client_secret': pool['secret'], 'scope': pool['scope']}, timeout=10)
    answer.raise_for_status()
    return answer.json()['access_token']


async def with_session(url: str, token: str, work):
    headers = {'Authorization': f'Bearer {token}'}
    async with streamablehttp_client(url, headers=headers) as (read, write, _):
        async with ClientSession(read, write) as session:
            await session.initialize()
            return await work(session)


def show_tools(url: str, token: str) -> list[str]:
    tools = asyncio.run(with_session(url, token, lambda session: session.list_tools())).tools
    for tool in tools:
        print(f'   {tool.name:40} {" ".join((tool.description or "").split())[:50]}')
    return [tool.name for tool in tools]


def show_call(url: str, token: str, name: str, arguments: dict) -> str:
    result = asyncio.run(
        with_session(url, token, lambda session: session.call_tool(name, arguments)))
    text = result.content[0].text
    if result.isError:
        sys.exit(f'{name} failed: {text}')
    print(f'   {name}({json.dumps(arguments)}) → {text}')
    return text


def show_search(url: str, token: str, query: str) -> list[str]:
    """Without handshake or MCP client: one POST is enough."""
    answer = requests.post(url, headers={'Authorization': f'Bearer {token}'}, timeout=10, json={
        'jsonrpc': '2.0', 'id': 1, 'method': 'tools/call',
        'params': {'name': 'x_amz_bedrock_agentcore_search', 'arguments': {'query': query}}})
    names = [tool['name'] for tool in answer.json()['result']['structuredContent']['tools']]
    print(f'   "{query}" → {", ".join(names)}')
    return names


def expect(holds: bool, what: str) -> None:
    if not holds:
        sys.exit(f'quickstart: expected {what}')


def show(programs: Programs) -> tuple[str, str, dict]:
    say('Starting toolgate')
    ready = start_toolgate(programs)
    base = ready['listen']
    print(f'   toolgate {ready["version"]} at {base}, account {ready["account"]}')
    cognito, control = boto3.client('cognito-idp'), boto3.client('bedrock-agentcore-control')

    say('Creating two user pools: one signs in to the gateway, one to the MCP server')
    front, back = create_pool(cognito, 'front'), create_pool(cognito, 'back')
    print(f'   {front["id"]}, {back["id"]}')

    say('Starting an MCP server (FastMCP) that wants tokens of the second pool')
    signed = ('--jwks', f'{base}/{back["id"]}/.well-known/jwks.json', '--issuer', back['issuer'])
    orders, endpoint = start_orders(programs, *signed)
    print(f'   {endpoint}')

    say('Creating role, gateway, credential provider and target')
    gateway = create_gateway(control, front, create_role(boto3.client('iam')))
    target = create_target(control, gateway, endpoint, back)
    print(f'   {gateway["gatewayUrl"]}')
    print(f'   target {target["name"]}: {target["status"]}')
    expect(target['status'] == 'READY', f'a target that is READY: {target.get("statusReasons")}')

    url, token = gateway['gatewayUrl'], get_token(base, front)
    say('The tools found')
    expect('orders___cancelOrder' not in show_tools(url, token), 'no cancelOrder yet')
    say('Calling one')
    expect(show_call(url, token, 'orders___updateOrder', {'orderId': 7}) == '456', 'order 456')

    say('Adding a tool to the MCP server, and synchronising')
    programs.stop(orders)
    port = endpoint.split(':')[2].split('/')[0]
    start_orders(programs, '--port', port, '--tools', 'getOrder,updateOrder,cancelOrder', *signed)
    control.synchronize_gateway_targets(gatewayIdentifier=gateway['gatewayId'],
                                        targetIdList=[target['targetId']])
    expect('orders___cancelOrder' in show_tools(url, token), 'cancelOrder in the list')
    expect(show_call(url, token, 'orders___cancelOrder', {'orderId': 7}) == '789', 'order 789')
    say('Searching')
    expect('orders___updateOrder' in show_search(url, token, 'modify an order'), 'updateOrder')
    return url, base, front


def quoted(path: Path) -> str:
    return shlex.quote(str(path))


def what_next(url: str, base: str, pool: dict, home: Path) -> None:
    say('The gateway is up until Ctrl-C. Type in another terminal:')
    print(f'''
export PATH={quoted(TOOLGATE.parent)}:"$PATH" TOOLGATE_DATA_DIR={quoted(home / 'data')}
toolgate explain orders-gateway orders      # how the target comes up, step by step
toolgate search orders-gateway "change an order"
eval "$(toolgate env)"                      # boto3 and the AWS CLI come here from now on
TOKEN=$(curl -s {base}/oauth2/token -d grant_type=client_credentials \\
  -d client_id={pool['client_id']} -d client_secret={pool['secret']} \\
  | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
curl -s {url} -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '{{"jsonrpc":"2.0","id":1,"method":"tools/list"}}'
''', flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--once', action='store_true', help='end after the show')
    arguments = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix='toolgate-quickstart-'))
    programs = Programs(home)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    started = time.monotonic()
    try:
        url, base, pool = show(programs)
        print(f'\n   all of this took {time.monotonic() - started:.1f} s')
        if not arguments.once:
            what_next(url, base, pool, home)
            signal.pause()
    except KeyboardInterrupt:
        print()
    finally:
        programs.stop_all()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == '__main__':
    main()
