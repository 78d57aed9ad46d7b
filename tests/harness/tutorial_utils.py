"""The calls that the tutorials' utils.py makes, and the members of the answers that it reads."""
import json

import boto3
import requests


def create_gateway_role(name: str) -> dict:
    account = boto3.client('sts').get_caller_identity()['Account']
    iam = boto3.client('iam')
    role = f'agentcore-{name}-role'
    trust = {'Version': '2012-10-17', 'Statement': [{
        'Sid': 'AssumeRolePolicy', 'Effect': 'Allow',
        'Principal': {'Service': 'bedrock-agentcore.amazonaws.com'}, 'Action': 'sts:AssumeRole',
        'Condition': {'StringEquals': {'aws:SourceAccount': account}}}]}
    policy = {'Version': '2012-10-17', 'Statement': [{
        'Effect': 'Allow', 'Resource': '*', 'Action': [
            'bedrock-agentcore:*', 'iam:PassRole', 'secretsmanager:GetSecretValue',
            'lambda:InvokeFunction']}]}
    try:
        made = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))
    except iam.exceptions.EntityAlreadyExistsException:
        for attached in iam.list_role_policies(RoleName=role, MaxItems=100)['PolicyNames']:
            iam.delete_role_policy(RoleName=role, PolicyName=attached)
        iam.delete_role(RoleName=role)
        made = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName=role, PolicyName='AgentCorePolicy',
                        PolicyDocument=json.dumps(policy))
    return made


def get_or_create_user_pool(cognito, name: str) -> str:
    for pool in cognito.list_user_pools(MaxResults=60)['UserPools']:
        if pool['Name'] == name:
            described = cognito.describe_user_pool(UserPoolId=pool['Id'])
            assert described['UserPool']['Domain']
            return pool['Id']
    pool_id = cognito.create_user_pool(PoolName=name)['UserPool']['Id']
    cognito.create_user_pool_domain(Domain=pool_id.replace('_', '').lower(), UserPoolId=pool_id)
    return pool_id


def get_or_create_resource_server(cognito, pool_id, identifier, name, scopes) -> str:
    try:
        cognito.describe_resource_server(UserPoolId=pool_id, Identifier=identifier)
    except cognito.exceptions.ResourceNotFoundException:
        cognito.create_resource_server(UserPoolId=pool_id, Identifier=identifier, Name=name,
                                       Scopes=scopes)
    return identifier


def get_or_create_m2m_client(cognito, pool_id, name, server, scopes) -> tuple[str, str]:
    for client in cognito.list_user_pool_clients(UserPoolId=pool_id,
                                                 MaxResults=60)['UserPoolClients']:
        if client['ClientName'] == name:
            described = cognito.describe_user_pool_client(UserPoolId=pool_id,
                                                          ClientId=client['ClientId'])
            return client['ClientId'], described['UserPoolClient']['ClientSecret']
    made = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName=name, GenerateSecret=True,
        AllowedOAuthFlows=['client_credentials'], AllowedOAuthScopes=scopes,
        AllowedOAuthFlowsUserPoolClient=True, SupportedIdentityProviders=['COGNITO'],
        ExplicitAuthFlows=['ALLOW_REFRESH_TOKEN_AUTH'])['UserPoolClient']
    return made['ClientId'], made['ClientSecret']


def get_token(base: str, client_id: str, secret: str, scope: str) -> dict:
    """At our own address; the tutorials' host name for it arrives with `toolgate run`."""
    answer = requests.post(
        f'{base}/oauth2/token', timeout=10,
        headers={'Content-Type': 'application/x-www-form-urlencoded'},
        data={'grant_type': 'client_credentials', 'client_id': client_id,
              'client_secret': secret, 'scope': scope})
    answer.raise_for_status()
    return answer.json()


def delete_gateway(control, gateway_id: str) -> None:
    listed = control.list_gateway_targets(gatewayIdentifier=gateway_id, maxResults=100)
    for item in listed['items']:
        control.delete_gateway_target(gatewayIdentifier=gateway_id, targetId=item['targetId'])
    control.delete_gateway(gatewayIdentifier=gateway_id)
