#!/usr/bin/env python3
"""A tour of "Refreshing tool definitions of your MCP servers", in the folder of the first tour.

    toolgate run -- python examples/synchronization.py [--keep]

Deploys a new version with one more tool: the gateway shows it once it is told to synchronise.
Deploys another: UpdateGatewayTarget synchronises by itself. Cleans up, unless told to keep.
"""
import sys

import boto3

import steps

TOOLS = {'getOrder': 123, 'updateOrder': 456, 'cancelOrder': 789}


def tour() -> None:
    front, back = steps.Pool('tour-gateway'), steps.Pool('tour-runtime')
    control = boto3.client('bedrock-agentcore-control', region_name=steps.REGION)
    gateway_id = next(gateway['gatewayId'] for gateway in control.list_gateways()['items']
                      if gateway['name'] == steps.GATEWAY)
    url = control.get_gateway(gatewayIdentifier=gateway_id)['gatewayUrl']
    provider_arn = control.get_oauth2_credential_provider(
        name=steps.PROVIDER)['credentialProviderArn']

    steps.write_server('orders_server_updated.py', TOOLS)
    agent_id, agent_url = steps.host('orders_server_updated.py', back)
    steps.say('before', tools=steps.agent_tools(url, front)[0])

    target = next(target for target in control.list_gateway_targets(
        gatewayIdentifier=gateway_id)['items'] if target['name'] == steps.TARGET)
    control.synchronize_gateway_targets(gatewayIdentifier=gateway_id,
                                        targetIdList=[target['targetId']])
    steps.say('synchronized', tools=steps.agent_tools(url, front)[0])

    steps.write_server('orders_server_updated.py', TOOLS | {'deleteOrder': 101})
    agent_id, agent_url = steps.host('orders_server_updated.py', back)
    control.update_gateway_target(
        gatewayIdentifier=gateway_id, targetId=target['targetId'], name=steps.TARGET,
        targetConfiguration={'mcp': {'mcpServer': {'endpoint': agent_url}}},
        credentialProviderConfigurations=steps.outbound(provider_arn, back))
    steps.say('updated', tools=steps.agent_tools(url, front)[0])

    if '--keep' not in sys.argv[1:]:
        steps.clean_up(agent_id)
        steps.say('cleaned')


if __name__ == '__main__':
    steps.main(tour)
