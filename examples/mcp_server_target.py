#!/usr/bin/env python3
"""A tour of "Integrate your own MCP server into AgentCore Gateway", against toolgate.

    toolgate run -- python examples/mcp_server_target.py

Hosts an MCP server of two tools in AgentCore Runtime, puts it behind a gateway, searches and calls
it. Needs boto3, requests, strands-agents and bedrock-agentcore-starter-toolkit; works in the
current folder. synchronization.py goes on from here.
"""
import boto3

import steps


def tour() -> None:
    role = steps.gateway_role()
    front, back = steps.Pool('tour-gateway'), steps.Pool('tour-runtime')
    steps.say('identity', role=role, gateway_pool=front.id, runtime_pool=back.id)

    control = boto3.client('bedrock-agentcore-control', region_name=steps.REGION)
    gateway = control.create_gateway(
        name=steps.GATEWAY, roleArn=role, protocolType='MCP',
        protocolConfiguration={'mcp': {'supportedVersions': ['2025-03-26'],
                                       'searchType': 'SEMANTIC'}},
        authorizerType='CUSTOM_JWT', authorizerConfiguration=front.authorizer(),
        description='Orders, behind one endpoint')
    steps.say('gateway', url=gateway['gatewayUrl'])

    steps.write_server('orders_server.py', {'getOrder': 123, 'updateOrder': 456})
    agent_id, agent_url = steps.host('orders_server.py', back)
    steps.say('runtime', id=agent_id, url=agent_url)

    provider = control.create_oauth2_credential_provider(
        name=steps.PROVIDER, credentialProviderVendor='CustomOauth2',
        oauth2ProviderConfigInput={'customOauth2ProviderConfig': {
            'oauthDiscovery': {'discoveryUrl': back.discovery},
            'clientId': back.client_id, 'clientSecret': back.secret}})
    control.create_gateway_target(
        name=steps.TARGET, gatewayIdentifier=gateway['gatewayId'],
        targetConfiguration={'mcp': {'mcpServer': {'endpoint': agent_url}}},
        credentialProviderConfigurations=steps.outbound(provider['credentialProviderArn'], back))
    listed = control.list_gateway_targets(gatewayIdentifier=gateway['gatewayId'])['items']
    steps.say('target', status=listed[0]['status'])

    steps.say('search', found=steps.search(gateway['gatewayUrl'], front.token(), 'orders'))
    names, text = steps.agent_tools(gateway['gatewayUrl'], front,
                                    (f'{steps.TARGET}___updateOrder', {'orderId': 123}))
    steps.say('agent', tools=names, answer=text)


if __name__ == '__main__':
    steps.main(tour)
