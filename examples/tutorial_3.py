#!/usr/bin/env python3
"""A tour of the AgentCore Gateway QuickStart, against toolgate.

    toolgate run -- python examples/tutorial_3.py [QUESTION]

Signs in through Cognito, makes a gateway in front of a Lambda function of two tools, and lets a
Strands agent answer with them: the toolkit's GatewayClient does each step. Needs boto3,
bedrock-agentcore-starter-toolkit, strands-agents and mcp<2. Leaves gateway_config.json in the
current folder; with --clean-up it removes what that file names.
"""
import json
import os
import sys
import time
from pathlib import Path

import boto3
from bedrock_agentcore_starter_toolkit.operations.gateway.client import GatewayClient
from mcp.client.streamable_http import streamablehttp_client
from strands import Agent
from strands.models import BedrockModel
from strands.tools.mcp.mcp_client import MCPClient

REGION = os.environ.get('AWS_REGION', 'us-east-1')
MODEL = 'anthropic.claude-3-7-sonnet-20250219-v1:0'
KEPT = Path('gateway_config.json')
BEGAN = time.monotonic()


def say(step: str, **found) -> None:
    print(json.dumps({'step': step, 'after': round(time.monotonic() - BEGAN, 2)} | found,
                     default=str), flush=True)


def set_up() -> dict:
    client = GatewayClient(region_name=REGION)
    signed_in = client.create_oauth_authorizer_with_cognito('TourGateway')
    say('sign-in', pool=signed_in['client_info']['user_pool_id'])
    gateway = client.create_mcp_gateway(authorizer_config=signed_in['authorizer_config'],
                                        enable_semantic_search=True)
    say('gateway', id=gateway['gatewayId'], url=gateway['gatewayUrl'], role=gateway['roleArn'])
    target = client.create_mcp_gateway_target(gateway=gateway, target_type='lambda')
    say('target', id=target['targetId'], name=target['name'])
    token = client.get_access_token_for_cognito(signed_in['client_info'])
    kept = {'gateway_id': gateway['gatewayId'], 'gateway_url': gateway['gatewayUrl'],
            'region': REGION, 'client_info': signed_in['client_info']}
    KEPT.write_text(json.dumps(kept, indent=2))
    say('token', bytes=len(token))
    return kept | {'token': token}


def all_tools(client: MCPClient) -> list:
    tools, cursor = [], None
    while True:
        page = client.list_tools_sync(pagination_token=cursor)
        tools.extend(page)
        cursor = page.pagination_token
        if not cursor:
            return tools


def ask(kept: dict, question: str) -> None:
    client = MCPClient(lambda: streamablehttp_client(
        kept['gateway_url'], headers={'Authorization': f'Bearer {kept["token"]}'}))
    with client:
        tools = all_tools(client)
        say('tools', names=sorted(tool.tool_name for tool in tools))
        agent = Agent(model=BedrockModel(model_id=MODEL, streaming=True), tools=tools,
                      callback_handler=None)
        answer = agent(question)
        say('agent', answer=answer.message['content'],
            results=[block['toolResult'] for message in agent.messages
                     for block in message['content'] if 'toolResult' in block])


def clean_up() -> None:
    """In the order that the services ask for: targets, gateway, domain, pool."""
    kept = json.loads(KEPT.read_text())
    control = boto3.client('bedrock-agentcore-control', region_name=kept['region'])
    listed = control.list_gateway_targets(gatewayIdentifier=kept['gateway_id'])['items']
    for target in listed:
        control.delete_gateway_target(gatewayIdentifier=kept['gateway_id'],
                                      targetId=target['targetId'])
    control.delete_gateway(gatewayIdentifier=kept['gateway_id'])
    cognito = boto3.client('cognito-idp', region_name=kept['region'])
    pool = kept['client_info']['user_pool_id']
    cognito.delete_user_pool_domain(UserPoolId=pool,
                                    Domain=kept['client_info']['domain_prefix'])
    cognito.delete_user_pool(UserPoolId=pool)
    KEPT.unlink()
    say('clean', targets=len(listed))


if __name__ == '__main__':
    if sys.argv[1:] == ['--clean-up']:
        clean_up()
    else:
        ask(set_up(), ' '.join(sys.argv[1:]) or "What's the weather in Seattle?")
