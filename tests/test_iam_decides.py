"""Policies decide: users, roles and their sessions, explicit denials, resource policies."""
import json
import time

import pytest
from botocore.exceptions import ClientError
from harness import signed
from harness.gateway import Gateway

LIST = {'jsonrpc': '2.0', 'id': 1, 'method': 'tools/list'}


def policy(*statements: dict) -> str:
    return json.dumps({'Version': '2012-10-17', 'Statement': list(statements)})


def allow(*actions: str, resource='*', **more) -> dict:
    return {'Effect': 'Allow', 'Action': list(actions), 'Resource': resource, **more}


def deny(*actions: str, resource='*') -> dict:
    return {'Effect': 'Deny', 'Action': list(actions), 'Resource': resource}


def refused(call, **arguments) -> str:
    """AWS's code and text of a call that must be denied."""
    with pytest.raises(ClientError) as failed:
        call(**arguments)
    error = failed.value.response['Error']
    assert error['Code'] in ('AccessDenied', 'AccessDeniedException'), error
    assert failed.value.response['ResponseMetadata']['HTTPStatusCode'] in (400, 403)
    return error['Message']


def until_logged(server, text: str) -> None:
    """The log is written behind the callers' backs."""
    until = time.monotonic() + 60
    while text not in server.log_text():
        assert time.monotonic() < until, server.log_text()[-2000:]
        time.sleep(0.05)


class User:
    """An IAM user with a key and, when it is given one, a policy."""

    def __init__(self, server, name: str) -> None:
        self.server, self.name, self.iam = server, name, server.aws('iam')
        made = self.iam.create_user(UserName=name)
        self.arn = made['User']['Arn']
        key = self.iam.create_access_key(UserName=name)['AccessKey']
        self.credentials = {'aws_access_key_id': key['AccessKeyId'],
                            'aws_secret_access_key': key['SecretAccessKey']}

    def may(self, *statements: dict) -> 'User':
        self.iam.put_user_policy(UserName=self.name, PolicyName='own',
                                 PolicyDocument=policy(*statements))
        return self

    def aws(self, service: str):
        return self.server.aws(service, **self.credentials)


@pytest.fixture
def user(server, unique):
    return User(server, unique('user'))


@pytest.fixture
def control_of(server):
    return lambda who: who.aws('bedrock-agentcore-control')


def session_of(server, assumed: dict, service: str):
    given = assumed['Credentials']
    return server.aws(service, aws_access_key_id=given['AccessKeyId'],
                      aws_secret_access_key=given['SecretAccessKey'],
                      aws_session_token=given['SessionToken'])


def make_gateway(control, server, name: str) -> dict:
    return control.create_gateway(name=name, roleArn=server.role, protocolType='MCP',
                                  authorizerType='NONE')


def test_a_user_without_policies_may_only_ask_who_they_are(user, control_of):
    assert user.aws('sts').get_caller_identity()['Arn'] == user.arn
    said = refused(control_of(user).list_gateways)
    assert said.startswith(f'User: {user.arn} is not authorized to perform: '
                           'bedrock-agentcore:ListGateways on resource: arn:aws:')
    assert said.endswith('because no identity-based policy allows the '
                         'bedrock-agentcore:ListGateways action')
    assert 'iam:ListUsers' in refused(user.aws('iam').list_users)
    assert 'cognito-idp:ListUserPools' in refused(user.aws('cognito-idp').list_user_pools,
                                                  MaxResults=1)


def test_a_user_may_list_gateways_and_not_create_one(server, user, control_of, unique):
    user.may(allow('bedrock-agentcore:List*', 'bedrock-agentcore:Get*'))
    control = control_of(user)
    control.list_gateways()
    said = refused(make_gateway, control=control, server=server, name=unique('gateway'))
    assert 'bedrock-agentcore:CreateGateway' in said


def test_an_explicit_deny_wins(server, user, control_of, unique):
    user.may(allow('*'), deny('bedrock-agentcore:DeleteGateway'))
    control = control_of(user)
    made = make_gateway(control, server, unique('gateway'))
    said = refused(control.delete_gateway, gatewayIdentifier=made['gatewayId'])
    assert said.endswith('with an explicit deny in an identity-based policy')
    assert made['gatewayArn'] in said
    user.may(allow('*'))
    control.delete_gateway(gatewayIdentifier=made['gatewayId'])


def test_a_resource_narrows(server, user, control_of, control, unique):
    one = make_gateway(control, server, unique('one'))
    other = make_gateway(control, server, unique('other'))
    user.may(allow('bedrock-agentcore:GetGateway', resource=one['gatewayArn']))
    mine = control_of(user)
    mine.get_gateway(gatewayIdentifier=one['gatewayId'])
    refused(mine.get_gateway, gatewayIdentifier=other['gatewayId'])


# Each statement that making a gateway takes, and what is said when it is missing.
STEPS = {
    'bedrock-agentcore:CreateGateway': allow('bedrock-agentcore:CreateGateway'),
    'iam:PassRole': allow('iam:PassRole', Condition={'StringEquals': {
        'iam:PassedToService': 'bedrock-agentcore.amazonaws.com'}}),
    'bedrock-agentcore:GetGateway': allow('bedrock-agentcore:GetGateway'),
    'bedrock-agentcore:DeleteGateway': allow('bedrock-agentcore:DeleteGateway'),
}


def live_and_die(control, server, name: str) -> None:
    made = make_gateway(control, server, name)
    control.get_gateway(gatewayIdentifier=made['gatewayId'])
    control.delete_gateway(gatewayIdentifier=made['gatewayId'])


def test_all_statements_together_suffice(server, user, control_of, unique):
    user.may(*STEPS.values())
    live_and_die(control_of(user), server, unique('gateway'))


@pytest.mark.parametrize('missing', STEPS)
def test_without_a_statement_the_step_that_needs_it_names_it(server, user, control_of, unique,
                                                             missing):
    user.may(*(statement for name, statement in STEPS.items() if name != missing))
    said = refused(live_and_die, control=control_of(user), server=server, name=unique('gateway'))
    assert f'is not authorized to perform: {missing} on resource: ' in said


def test_a_role_is_assumed_by_whom_it_trusts(server, user, unique):
    account, iam, name = server.ready['account'], server.aws('iam'), unique('role')

    def trust(principal: dict, **more) -> None:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=policy(
            {'Effect': 'Allow', 'Principal': principal, 'Action': 'sts:AssumeRole', **more}))

    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(
        {'Effect': 'Allow', 'Principal': {'Service': 'lambda.amazonaws.com'},
         'Action': 'sts:AssumeRole'}))['Role']['Arn']
    sts = user.aws('sts')
    asked = {'RoleArn': role, 'RoleSessionName': 'here'}
    assert 'sts:AssumeRole' in refused(sts.assume_role, **asked)
    # An account is trusted: then the user's own policies decide.
    trust({'AWS': account})
    refused(sts.assume_role, **asked)
    user.may(allow('sts:AssumeRole', resource=role))
    sts.assume_role(**asked)
    # The user is trusted by name, under a condition.
    user.may(allow('s3:*'))
    trust({'AWS': user.arn}, Condition={'StringEquals': {'sts:ExternalId': 'seven'}})
    refused(sts.assume_role, **asked)
    assumed = sts.assume_role(ExternalId='seven', **asked)

    # The session may what the role may, not what the user may.
    control = session_of(server, assumed, 'bedrock-agentcore-control')
    assert f'assumed-role/{name}/here' in refused(control.list_gateways)
    iam.put_role_policy(RoleName=name, PolicyName='own',
                        PolicyDocument=policy(allow('bedrock-agentcore:*')))
    control.list_gateways()
    narrow = sts.assume_role(ExternalId='seven', Policy=policy(allow('s3:*')), **asked)
    assert 'no session policy allows' in refused(
        session_of(server, narrow, 'bedrock-agentcore-control').list_gateways)


def test_managed_policies_count(server, user, control_of, unique):
    iam, control = server.aws('iam'), control_of(user)
    arn = iam.create_policy(PolicyName=unique('policy'), PolicyDocument=policy(
        allow('bedrock-agentcore:ListGateways')))['Policy']['Arn']
    iam.attach_user_policy(UserName=user.name, PolicyArn=arn)
    control.list_gateways()
    iam.detach_user_policy(UserName=user.name, PolicyArn=arn)
    refused(control.list_gateways)
    iam.attach_user_policy(UserName=user.name, PolicyArn='arn:aws:iam::aws:policy/SecurityAudit')
    refused(control.list_gateways)
    until_logged(server, 'SecurityAudit is attached and allows nothing')
    iam.attach_user_policy(UserName=user.name,
                           PolicyArn='arn:aws:iam::aws:policy/AdministratorAccess')
    control.list_gateways()


@pytest.mark.parametrize('document, named', [
    ('{', 'invalid Json'),
    (policy({'Effect': 'Allow', 'Action': 'GetObject', 'Resource': '*'}), 'Statement[0].Action'),
    (policy(allow('s3:*'), allow('s3:*', resource='bucket')), 'Statement[1].Resource'),
    (policy(allow('s3:*')).replace('"Action"', '"Action": "s3:GetObject", "Action"'),
     'Statement.Action stands there twice'),
    (policy(allow('s3:*', Condition={'StringIs': {'a': 'b'}})), 'Condition.StringIs'),
])
def test_a_policy_that_is_none_is_refused_by_name(server, user, document, named):
    with pytest.raises(ClientError) as failed:
        server.aws('iam').put_user_policy(UserName=user.name, PolicyName='own',
                                          PolicyDocument=document)
    error = failed.value.response['Error']
    assert error['Code'] == 'MalformedPolicyDocument' and named in error['Message']


def test_a_permissions_boundary_is_refused(server, unique):
    with pytest.raises(ClientError) as failed:
        server.aws('iam').create_user(
            UserName=unique('user'),
            PermissionsBoundary='arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess')
    assert 'PermissionsBoundary' in failed.value.response['Error']['Message']


def test_decisions_survive_a_kill(own_server, unique):
    server = own_server()
    user = User(server, 'ann').may(allow('bedrock-agentcore:ListGateways'))
    user.aws('bedrock-agentcore-control').list_gateways()
    server.kill()
    server.start()
    control = user.aws('bedrock-agentcore-control')
    control.list_gateways()
    refused(control.get_token_vault)


def test_iam_off_verifies_signatures_and_asks_no_policy(own_server):
    server = own_server('--iam', 'off')
    until_logged(server, 'iam off: signatures are verified, policies are not asked')
    user = User(server, 'ann')
    user.aws('bedrock-agentcore-control').list_gateways()
    user.credentials['aws_secret_access_key'] = 'x' * 40
    with pytest.raises(ClientError) as failed:
        user.aws('bedrock-agentcore-control').list_gateways()
    assert failed.value.response['Error']['Code'] == 'InvalidSignatureException'


@pytest.fixture
def iam_gateway(server, unique):
    return Gateway(server, unique('gateway'), {'authorizerType': 'AWS_IAM'})


def invoke(server, gateway, credentials: dict | None = None):
    return signed.send(server, 'POST', gateway.url, LIST, credentials=credentials)


def test_invoking_a_gateway_takes_a_permission(server, user, iam_gateway):
    arn = iam_gateway.made['gatewayArn']
    assert invoke(server, iam_gateway).status_code == 200
    answer = invoke(server, iam_gateway, user.credentials)
    assert answer.status_code == 403
    assert 'bedrock-agentcore:InvokeGateway' in answer.text and arn in answer.text
    user.may(allow('bedrock-agentcore:InvokeGateway', resource=arn))
    assert invoke(server, iam_gateway, user.credentials).status_code == 200
    user.may(allow('*'), deny('bedrock-agentcore:InvokeGateway'))
    assert invoke(server, iam_gateway, user.credentials).status_code == 403


def test_a_gateways_own_policy_is_enforced(server, control, user, iam_gateway):
    arn = iam_gateway.made['gatewayArn']

    def put(effect: str, principal) -> None:
        control.put_resource_policy(resourceArn=arn, policy=policy({
            'Effect': effect, 'Principal': principal,
            'Action': 'bedrock-agentcore:InvokeGateway', 'Resource': arn}))

    put('Allow', {'AWS': user.arn})
    assert invoke(server, iam_gateway, user.credentials).status_code == 200
    put('Deny', '*')
    for credentials in (user.credentials, None):
        answer = invoke(server, iam_gateway, credentials)
        assert answer.status_code == 403 and 'resource-based policy' in answer.text
    control.delete_resource_policy(resourceArn=arn)
    assert invoke(server, iam_gateway).status_code == 200
    assert invoke(server, iam_gateway, user.credentials).status_code == 403


def test_a_policy_for_everyone_holds_for_tokens_too(server, control, gateway):
    made = gateway()
    arn = made.made['gatewayArn']
    endpoint = made.endpoint()
    assert endpoint.post(LIST).status_code == 200

    def put(effect: str, condition: dict) -> None:
        control.put_resource_policy(resourceArn=arn, policy=policy({
            'Effect': effect, 'Principal': '*', 'Action': 'bedrock-agentcore:InvokeGateway',
            'Resource': arn, 'Condition': condition}))

    put('Allow', {'IpAddress': {'aws:SourceIp': ['127.0.0.1/32', '::1/128']}})
    assert endpoint.post(LIST).status_code == 200
    put('Allow', {'IpAddress': {'aws:SourceIp': '203.0.113.0/24'}})
    assert endpoint.post(LIST).status_code == 403
    control.delete_resource_policy(resourceArn=arn)
    assert endpoint.post(LIST).status_code == 200
