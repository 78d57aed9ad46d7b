"""Whatever boto3 this environment has, through one life of a gateway: BASE REGION UPSTREAM.

Credentials come from the environment, as `toolgate env` exports them. Prints its version.
"""
import sys

import boto3
import requests

base, region, upstream = sys.argv[1:]
account = boto3.client('sts').get_caller_identity()['Account']
cognito = boto3.client('cognito-idp')
control = boto3.client('bedrock-agentcore-control')
name = 'boto3-' + boto3.__version__.replace('.', '-')

pool = cognito.create_user_pool(PoolName=name)['UserPool']['Id']
cognito.create_user_pool_domain(Domain=pool.replace('_', '').lower(), UserPoolId=pool)
cognito.create_resource_server(UserPoolId=pool, Identifier=name, Name=name, Scopes=[
    {'ScopeName': 'invoke', 'ScopeDescription': 'invoke'}])
client = cognito.create_user_pool_client(
    UserPoolId=pool, ClientName=name, GenerateSecret=True,
    AllowedOAuthFlows=['client_credentials'], AllowedOAuthScopes=[f'{name}/invoke'],
    AllowedOAuthFlowsUserPoolClient=True)['UserPoolClient']
gateway = control.create_gateway(
    name=name, roleArn=f'arn:aws:iam::{account}:role/gateway', protocolType='MCP',
    authorizerType='CUSTOM_JWT', authorizerConfiguration={'customJWTAuthorizer': {
        'allowedClients': [client['ClientId']],
        'discoveryUrl': f'https://cognito-idp.{region}.amazonaws.com/{pool}'
                        '/.well-known/openid-configuration'}})
target = control.create_gateway_target(
    gatewayIdentifier=gateway['gatewayId'], name='orders',
    targetConfiguration={'mcp': {'mcpServer': {'endpoint': upstream}}})
assert target['status'] == 'READY', target
assert target['createdAt'].year >= 2025
pages = control.get_paginator('list_gateways').paginate(PaginationConfig={'PageSize': 1})
assert gateway['gatewayId'] in [item['gatewayId'] for page in pages for item in page['items']]
token = requests.post(f'{base}/oauth2/token', data={
    'grant_type': 'client_credentials', 'client_id': client['ClientId'],
    'client_secret': client['ClientSecret']}, timeout=10).json()['access_token']
answer = requests.post(gateway['gatewayUrl'], headers={'Authorization': f'Bearer {token}'}, json={
    'jsonrpc': '2.0', 'id': 1, 'method': 'tools/call',
    'params': {'name': 'orders___getOrder', 'arguments': {}}}, timeout=30).json()
assert answer['result']['content'][0]['text'] == '123', answer
try:
    control.delete_gateway(gatewayIdentifier=gateway['gatewayId'])
    raise AssertionError('a gateway with a target was deleted')
except control.exceptions.ValidationException:
    pass
control.delete_gateway_target(gatewayIdentifier=gateway['gatewayId'], targetId=target['targetId'])
control.delete_gateway(gatewayIdentifier=gateway['gatewayId'])
try:
    control.get_gateway(gatewayIdentifier=gateway['gatewayId'])
    raise AssertionError('a deleted gateway is still there')
except control.exceptions.ResourceNotFoundException:
    pass
print(boto3.__version__)
