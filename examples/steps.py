"""What both tours do alike: roles, user pools, tokens, hosting a server, asking a gateway."""
import json
import os
import sys
from pathlib import Path

import boto3
import requests
from strands.tools.mcp.mcp_client import MCPClient

try:
    from mcp.client.streamable_http import streamablehttp_client
except ImportError:  # mcp 2
    from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

    def streamablehttp_client(url: str, headers: dict):
        return streamable_http_client(url, http_client=create_mcp_http_client(headers))

REGION = os.environ.get('AWS_REGION', 'us-east-1')
GATEWAY = 'tour-orders-gateway'
TARGET = 'orders'
PROVIDER = 'tour-orders-sign-in'
AGENT = 'tour_orders'


def say(step: str, **found) -> None:
    """One line of JSON a step: for people, and for the test that reads them."""
    print(json.dumps({'step': step} | found, default=str), flush=True)


def gateway_role() -> str:
    iam = boto3.client('iam')
    trust = {'Version': '2012-10-17', 'Statement': [{
        'Effect': 'Allow', 'Action': 'sts:AssumeRole',
        'Principal': {'Service': 'bedrock-agentcore.amazonaws.com'}}]}
    try:
        iam.create_role(RoleName='tour-gateway-role', AssumeRolePolicyDocument=json.dumps(trust))
    except iam.exceptions.EntityAlreadyExistsException:
        pass
    # What the gateway does with it: fetches the token that it shows its target.
    iam.put_role_policy(
        RoleName='tour-gateway-role', PolicyName='credentials', PolicyDocument=json.dumps({
            'Version': '2012-10-17', 'Statement': [{
                'Effect': 'Allow', 'Resource': '*', 'Action': [
                    'bedrock-agentcore:GetResourceOauth2Token', 'secretsmanager:GetSecretValue',
                    'bedrock-agentcore:GetWorkloadAccessToken']}]}))
    return iam.get_role(RoleName='tour-gateway-role')['Role']['Arn']


class Pool:
    """A user pool with one machine client; found again by its name."""

    def __init__(self, name: str) -> None:
        self.cognito = boto3.client('cognito-idp', region_name=REGION)
        self.scope = f'{name}/invoke'
        listed = self.cognito.list_user_pools(MaxResults=60)['UserPools']
        known = [pool['Id'] for pool in listed if pool['Name'] == name]
        self.id = known[0] if known else self._make(name)
        self.client_id, self.secret = self._client()
        self.discovery = (f'https://cognito-idp.{REGION}.amazonaws.com/{self.id}'
                          '/.well-known/openid-configuration')

    def _make(self, name: str) -> str:
        pool = self.cognito.create_user_pool(PoolName=name)['UserPool']['Id']
        self.cognito.create_user_pool_domain(Domain=pool.replace('_', '').lower(),
                                             UserPoolId=pool)
        self.cognito.create_resource_server(
            UserPoolId=pool, Identifier=name, Name=name,
            Scopes=[{'ScopeName': 'invoke', 'ScopeDescription': 'call the orders'}])
        self.cognito.create_user_pool_client(
            UserPoolId=pool, ClientName='machine', GenerateSecret=True,
            AllowedOAuthFlows=['client_credentials'], AllowedOAuthScopes=[self.scope],
            AllowedOAuthFlowsUserPoolClient=True, SupportedIdentityProviders=['COGNITO'])
        return pool

    def _client(self) -> tuple[str, str]:
        first = self.cognito.list_user_pool_clients(UserPoolId=self.id,
                                                    MaxResults=60)['UserPoolClients'][0]
        client = self.cognito.describe_user_pool_client(
            UserPoolId=self.id, ClientId=first['ClientId'])['UserPoolClient']
        return client['ClientId'], client['ClientSecret']

    def authorizer(self) -> dict:
        return {'customJWTAuthorizer': {'allowedClients': [self.client_id],
                                        'discoveryUrl': self.discovery}}

    def token(self) -> str:
        domain = self.id.replace('_', '')
        answer = requests.post(
            f'https://{domain}.auth.{REGION}.amazoncognito.com/oauth2/token', timeout=30,
            data={'grant_type': 'client_credentials', 'client_id': self.client_id,
                  'client_secret': self.secret, 'scope': self.scope})
        answer.raise_for_status()
        return answer.json()['access_token']


def write_server(name: str, tools: dict[str, int]) -> None:
    """An MCP server of the tutorials' kind: FastMCP, stateless, port 8000 of all interfaces."""
    lines = ['from mcp.server.fastmcp import FastMCP', '',
             'mcp = FastMCP(host="0.0.0.0", stateless_http=True)', '']
    for tool, answer in tools.items():
        parameter = '' if tool.startswith('get') else 'orderId: int'
        lines += ['', '@mcp.tool()', f'def {tool}({parameter}) -> int:',
                  f'    """{tool[:-5].capitalize()} an order"""', f'    return {answer}', '']
    lines += ['', 'if __name__ == "__main__":', '    mcp.run(transport="streamable-http")', '']
    Path(name).write_text('\n'.join(lines))
    Path('requirements.txt').write_text('mcp\n')


def host(entrypoint: str, pool: Pool):
    """Deploys the folder's server to AgentCore Runtime, as the starter toolkit does it."""
    from bedrock_agentcore_starter_toolkit import Runtime
    # Toolkits from 0.2.8 on keep a Dockerfile that is there, whatever it starts.
    dockerfiles = [Path('Dockerfile'), *Path('.bedrock_agentcore').glob('*/Dockerfile')]
    for stale in dockerfiles:
        stale.unlink(missing_ok=True)
    runtime = Runtime()
    runtime.configure(entrypoint=entrypoint, auto_create_execution_role=True,
                      auto_create_ecr=True, requirements_file='requirements.txt', region=REGION,
                      authorizer_configuration=pool.authorizer(), protocol='MCP',
                      agent_name=AGENT)
    launched = runtime.launch()
    encoded = launched.agent_arn.replace(':', '%3A').replace('/', '%2F')
    url = (f'https://bedrock-agentcore.{REGION}.amazonaws.com/runtimes/{encoded}'
           '/invocations?qualifier=DEFAULT')
    return launched.agent_id, url


def outbound(provider_arn: str, pool: Pool) -> list[dict]:
    return [{'credentialProviderType': 'OAUTH', 'credentialProvider': {
        'oauthCredentialProvider': {'providerArn': provider_arn, 'scopes': [pool.scope]}}}]


def search(gateway_url: str, token: str, query: str) -> list[str]:
    """A bare POST: no handshake, no Accept, as the tutorial's search cell."""
    answer = requests.post(gateway_url, timeout=60, headers={
        'Content-Type': 'application/json', 'Authorization': f'Bearer {token}'}, json={
            'jsonrpc': '2.0', 'id': 'search', 'method': 'tools/call', 'params': {
                'name': 'x_amz_bedrock_agentcore_search', 'arguments': {'query': query}}})
    return [tool['name'] for tool in answer.json()['result']['structuredContent']['tools']]


def agent_tools(gateway_url: str, pool: Pool, call: tuple[str, dict] | None = None):
    """What a Strands agent sees; and the text of one call."""
    client = MCPClient(lambda: streamablehttp_client(
        gateway_url, headers={'Authorization': f'Bearer {pool.token()}'}))
    with client:
        names = sorted(tool.tool_name for tool in client.list_tools_sync())
        if call is None:
            return names, None
        result = client.call_tool_sync('tour-1', *call)
        return names, result['content'][0]['text']


def clean_up(agent_id: str) -> None:
    control = boto3.client('bedrock-agentcore-control', region_name=REGION)
    for gateway in control.list_gateways()['items']:
        if gateway['name'] != GATEWAY:
            continue
        identifier = gateway['gatewayId']
        for target in control.list_gateway_targets(gatewayIdentifier=identifier,
                                                   maxResults=100)['items']:
            control.delete_gateway_target(gatewayIdentifier=identifier,
                                          targetId=target['targetId'])
        control.delete_gateway(gatewayIdentifier=identifier)
    control.delete_oauth2_credential_provider(name=PROVIDER)
    control.delete_agent_runtime(agentRuntimeId=agent_id)


def main(tour) -> None:
    try:
        tour()
    except Exception as problem:
        say('failed', error=f'{type(problem).__name__}: {problem}')
        sys.exit(1)
