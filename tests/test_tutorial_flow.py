"""Tutorials 1 and 2 as a user runs them, with boto3 and Strands; only the hosting is ours."""
import boto3
import pytest
import requests
from harness import programs, tutorial_utils as utils
from mcp.client.streamable_http import streamablehttp_client
from strands.tools.mcp.mcp_client import MCPClient

REGION = 'us-east-1'
FIRST, SECOND, THIRD = ('getOrder,updateOrder', 'getOrder,updateOrder,cancelOrder',
                        'getOrder,updateOrder,cancelOrder,deleteOrder')


@pytest.fixture
def notebook(own_server, monkeypatch):
    """A fresh server and the environment of `toolgate env`, as a notebook has it."""
    server = own_server()
    for name in ('AWS_PROFILE', 'AWS_ACCESS_KEY_ID'):
        monkeypatch.delenv(name, raising=False)
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    boto3.DEFAULT_SESSION = None
    yield server
    boto3.DEFAULT_SESSION = None


def identity(kind: str) -> dict:
    """The cells that get or create one Cognito pool; tutorial 2 runs them again."""
    server_id = f'sample-agentcore-{kind}-id'
    cognito = boto3.client('cognito-idp', region_name=REGION)
    pool = utils.get_or_create_user_pool(cognito, f'sample-agentcore-{kind}-pool')
    utils.get_or_create_resource_server(
        cognito, pool, server_id, f'sample-agentcore-{kind}-name',
        [{'ScopeName': 'invoke', 'ScopeDescription': 'Scope for invoking the gateway'}])
    client_id, secret = utils.get_or_create_m2m_client(
        cognito, pool, f'sample-agentcore-{kind}-client', server_id, [f'{server_id}/invoke'])
    return {'pool': pool, 'client': client_id, 'secret': secret, 'scope': f'{server_id}/invoke',
            'discovery': f'https://cognito-idp.{REGION}.amazonaws.com/{pool}'
                         '/.well-known/openid-configuration'}


def token(server, who: dict) -> str:
    return utils.get_token(server.base, who['client'], who['secret'], who['scope'])['access_token']


def outbound(provider_arn: str, scope: str) -> list[dict]:
    return [{'credentialProviderType': 'OAUTH', 'credentialProvider': {
        'oauthCredentialProvider': {'providerArn': provider_arn, 'scopes': [scope]}}}]


def search_tools(url: str, access_token: str, query: str) -> dict:
    return requests.post(url, timeout=10, headers={
        'Content-Type': 'application/json', 'Authorization': f'Bearer {access_token}',
    }, json={'jsonrpc': '2.0', 'id': 'search-tools-request', 'method': 'tools/call',
             'params': {'name': 'x_amz_bedrock_agentcore_search',
                        'arguments': {'query': query}}}).json()


def strands_names(url: str, access_token: str) -> list[str]:
    client = MCPClient(lambda: streamablehttp_client(
        url, headers={'Authorization': f'Bearer {access_token}'}))
    with client:
        return [tool.tool_name for tool in client.list_tools_sync()]


def test_tutorials_one_and_two(notebook, child):
    # Tutorial 1: role, two pools, gateway.
    role = utils.create_gateway_role('sample-mcpgateway')['Role']['Arn']
    assert role == f'arn:aws:iam::{notebook.ready["account"]}:role/agentcore-sample-mcpgateway-role'
    assert utils.create_gateway_role('sample-mcpgateway')['Role']['Arn'] == role
    front, back = identity('gateway'), identity('runtime')
    assert identity('gateway') == front
    control = boto3.client('bedrock-agentcore-control', region_name=REGION)
    made = control.create_gateway(
        name='ac-gateway-mcp-server', roleArn=role, protocolType='MCP',
        protocolConfiguration={'mcp': {'supportedVersions': ['2025-03-26'],
                                       'searchType': 'SEMANTIC'}},
        authorizerType='CUSTOM_JWT',
        authorizerConfiguration={'customJWTAuthorizer': {
            'allowedClients': [front['client']], 'discoveryUrl': front['discovery']}},
        description='AgentCore Gateway with MCP Server target')
    gateway_id, url = made['gatewayId'], made['gatewayUrl']
    assert made['roleArn'] == role
    assert url == f'{notebook.base}/gateways/{gateway_id}/mcp'

    # The MCP server, which believes tokens of the second pool only.
    signed = ('--jwks', f'{notebook.base}/{back["pool"]}/.well-known/jwks.json',
              '--issuer', back['discovery'].removesuffix('/.well-known/openid-configuration'))
    hosted = child(programs.orders, '--tools', FIRST, *signed)
    provider = control.create_oauth2_credential_provider(
        name='ac-gateway-mcp-server-identity', credentialProviderVendor='CustomOauth2',
        oauth2ProviderConfigInput={'customOauth2ProviderConfig': {
            'oauthDiscovery': {'discoveryUrl': back['discovery']},
            'clientId': back['client'], 'clientSecret': back['secret']}})
    control.create_gateway_target(
        name='mcp-server-target', gatewayIdentifier=gateway_id,
        targetConfiguration={'mcp': {'mcpServer': {'endpoint': hosted.url}}},
        credentialProviderConfigurations=outbound(provider['credentialProviderArn'],
                                                  back['scope']))
    listed = control.list_gateway_targets(gatewayIdentifier=gateway_id)['items']
    assert [(item['name'], item['status']) for item in listed] == [('mcp-server-target', 'READY')]

    # Search and agent, in the very next lines.
    found = search_tools(url, token(notebook, front), 'orders')
    assert found['id'] == 'search-tools-request'
    names = [tool['name'] for tool in found['result']['structuredContent']['tools']]
    assert sorted(names) == ['mcp-server-target___getOrder', 'mcp-server-target___updateOrder']
    first = ['x_amz_bedrock_agentcore_search', 'mcp-server-target___getOrder',
             'mcp-server-target___updateOrder']
    assert strands_names(url, token(notebook, front)) == first

    # Tutorial 2: what is there is found again; the old list until the synchronisation.
    assert (identity('gateway'), identity('runtime')) == (front, back)
    hosted.stop()
    port = hosted.url.split(':')[2].split('/')[0]
    updated = child(programs.orders, '--tools', SECOND, *signed, port=int(port))
    arn = control.get_oauth2_credential_provider(
        name='ac-gateway-mcp-server-identity')['credentialProviderArn']
    assert arn == provider['credentialProviderArn']
    again = next(item['gatewayId'] for item in control.list_gateways()['items']
                 if item['name'] == 'ac-gateway-mcp-server')
    assert control.get_gateway(gatewayIdentifier=again)['gatewayUrl'] == url
    assert strands_names(url, token(notebook, front)) == first
    target_id = next(item['targetId'] for item in control.list_gateway_targets(
        gatewayIdentifier=again)['items'] if item['name'] == 'mcp-server-target')
    done = control.synchronize_gateway_targets(gatewayIdentifier=again, targetIdList=[target_id])
    assert [target['targetId'] for target in done['targets']] == [target_id]
    second = [*first, 'mcp-server-target___cancelOrder']
    assert sorted(strands_names(url, token(notebook, front))) == sorted(second)

    # Implicit synchronisation.
    updated.stop()
    child(programs.orders, '--tools', THIRD, *signed, port=int(port))
    control.update_gateway_target(
        gatewayIdentifier=again, targetId=target_id, name='mcp-server-target',
        targetConfiguration={'mcp': {'mcpServer': {'endpoint': hosted.url}}},
        credentialProviderConfigurations=outbound(arn, back['scope']))
    third = [*second, 'mcp-server-target___deleteOrder']
    assert sorted(strands_names(url, token(notebook, front))) == sorted(third)

    # Clean-up, without a wait anywhere.
    utils.delete_gateway(control, again)
    control.delete_oauth2_credential_provider(name='ac-gateway-mcp-server-identity')
    assert control.list_gateways()['items'] == []
    assert control.list_oauth2_credential_providers()['credentialProviders'] == []
