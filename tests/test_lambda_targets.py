"""Targets that are Lambda functions, and what a gateway may do with its role: a scripted Lambda
stands in for the service, so that only the gateway decides."""
import json

import pytest
from botocore.exceptions import ClientError
from harness import signed
from harness.functions import Function
from harness.scripted_lambda import Functions
from harness.gateway import Gateway, api_key
from harness.scripted import text_result, tool
from harness.server import Server

NONE = {'authorizerType': 'NONE'}
ROLE = [{'credentialProviderType': 'GATEWAY_IAM_ROLE'}]
ARN = 'arn:aws:lambda:us-east-1:123456789012:function:weather'
TOOL = {'name': 'get_weather', 'description': 'Weather of a place',
        'inputSchema': {'type': 'object', 'properties': {'place': {'type': 'string'}},
                        'required': ['place']}}


@pytest.fixture(scope='module')
def functions():
    made = Functions()
    yield made
    made.close()


@pytest.fixture(scope='module')
def place(tmp_path_factory, functions):
    """A server whose targets find Lambda in `functions`."""
    running = Server(tmp_path_factory.mktemp('lambda'),
                     ('--aws-endpoint', f'lambda={functions.url}')).start()
    yield running
    assert running.stop() == 0


@pytest.fixture
def gateway(place, unique):
    role = place.make_role('functions', 'lambda:InvokeFunction', 's3:GetObject',
                           'bedrock-agentcore:*', 'secretsmanager:GetSecretValue')
    return Gateway(place, unique('lambda'), NONE, exceptionLevel='DEBUG', roleArn=role)


def wanted(tools=None, arn: str = ARN, **schema) -> dict:
    return {'mcp': {'lambda': {'lambdaArn': arn,
                               'toolSchema': schema or {'inlinePayload': tools or [TOOL]}}}}


def add(gateway, configuration: dict, credentials=ROLE, name: str = 'fn') -> dict:
    made = gateway.control.create_gateway_target(
        gatewayIdentifier=gateway.id, name=name, targetConfiguration=configuration,
        **({'credentialProviderConfigurations': credentials} if credentials else {}))
    return gateway.at_rest(made)


def refused(call, *arguments, **more) -> str:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **more)
    assert caught.value.response['Error']['Code'] == 'ValidationException'
    return caught.value.response['Error']['Message']


def test_a_call_is_one_invocation_signed_with_the_role(gateway, functions):
    functions.answers['weather'] = lambda event: {'statusCode': 200, 'body': event['place']}
    target = add(gateway, wanted())
    assert target['status'] == 'READY'
    assert gateway.control.list_gateway_targets(
        gatewayIdentifier=gateway.id)['items'][0]['targetType'] == 'LAMBDA'
    text = gateway.endpoint().text('fn___get_weather', {'place': 'Seattle'})
    assert json.loads(text) == {'statusCode': 200, 'body': 'Seattle'}
    name, event, context, authorization = functions.asked[-1]
    assert (name, event) == ('weather', {'place': 'Seattle'})
    assert context['custom']['bedrockAgentCoreToolName'] == 'fn___get_weather'
    assert context['custom']['bedrockAgentCoreGatewayId'] == gateway.id
    assert context['custom']['bedrockAgentCoreTargetId'] == target['targetId']
    assert '/us-east-1/lambda/aws4_request' in authorization
    assert 'Credential=ASIA' in authorization
    assert 'only MCP server targets' in refused(
        gateway.control.synchronize_gateway_targets, gatewayIdentifier=gateway.id,
        targetIdList=[target['targetId']])


def test_a_function_may_answer_a_tool_result_and_may_fail(gateway, functions):
    add(gateway, wanted())
    functions.answers['weather'] = lambda event: {
        'content': [{'type': 'text', 'text': 'no such place'}], 'isError': True}
    endpoint = gateway.endpoint()
    assert endpoint.error_text('fn___get_weather', {'place': 'x'}) == 'no such place'
    functions.answers['weather'] = lambda event: event['nothing']
    assert 'returned an error: KeyError' in endpoint.error_text('fn___get_weather', {'place': 'x'})
    del functions.answers['weather']
    assert 'does not exist' in endpoint.error_text('fn___get_weather', {'place': 'x'})


def test_all_of_json_schema_may_describe_a_tool(place, gateway, functions):
    schema = {'type': 'object', '$defs': {'unit': {'enum': ['c', 'f']}}, 'properties': {
        'unit': {'$ref': '#/$defs/unit', 'default': 'c'},
        'day': {'oneOf': [{'type': 'integer'}, {'type': 'string', 'format': 'date'}]},
        'note': {'type': ['string', 'null']}}}
    tool_of_all = TOOL | {'inputSchema': schema, 'outputSchema': {
        'type': 'object', 'properties': {'t': {'type': 'integer'}}, 'required': ['t']}}
    s3 = place.aws('s3')
    s3.create_bucket(Bucket='tool-schemas')
    s3.put_object(Bucket='tool-schemas', Key='a b/tools.json', Body=json.dumps([tool_of_all]))
    functions.answers['weather'] = lambda event: {'t': 20}
    endpoint = gateway.endpoint()
    add(gateway, wanted(s3={'uri': 's3://tool-schemas/a b/tools.json'}), name='kept')
    # boto3 knows the subset alone and cannot send more.
    made = signed.send(place, 'POST', f'{place.base}/gateways/{gateway.id}/targets/', {
        'name': 'given', 'targetConfiguration': wanted([tool_of_all]),
        'credentialProviderConfigurations': ROLE})
    assert made.status_code == 202, made.text
    assert [one['inputSchema'] for one in endpoint.tools()] == [schema, schema]
    assert endpoint.call('kept___get_weather', {'unit': 'f', 'note': None})[
        'structuredContent'] == {'t': 20}
    assert 'ValidationException' in endpoint.error_text('kept___get_weather', {'unit': 'k'})


def test_what_is_wrong_is_said_at_once(gateway):
    assert refused(add, gateway, wanted(), []).endswith(
        'CredentialProviderConfigurations is required for Lambda targets.')
    assert 'lambdaArn' in refused(add, gateway, wanted(arn='arn:aws:lambda:us-east-1:1:x'))
    assert 'inlinePayload[0].inputSchema' in refused(
        add, gateway, wanted([TOOL | {'inputSchema': {'type': 'string'}}]))
    target = add(gateway, wanted(s3={'uri': 's3://nowhere/tools.json'}))
    assert target['status'] == 'FAILED'
    assert 's3://nowhere/tools.json' in target['statusReasons'][0]


def test_a_missing_permission_is_named_at_once_and_at_each_use(place, gateway, functions):
    functions.answers['weather'] = lambda event: 'good'
    place.allow_role('functions', 's3:GetObject')
    said = refused(add, gateway, wanted())
    assert said.startswith('Gateway execution role lacks permission to invoke Lambda function '
                           f'{ARN}. Update the permission and retry')
    assert 'lambda:InvokeFunction' in said
    place.allow_role('functions', 'lambda:InvokeFunction')
    assert 's3:GetObject on arn:aws:s3:::bucket/key' in refused(
        add, gateway, wanted(s3={'uri': 's3://bucket/key'}))
    add(gateway, wanted())
    endpoint = gateway.endpoint()
    assert endpoint.text('fn___get_weather', {'place': 'x'}) == '"good"'
    place.allow_role('functions')
    calls = len(functions.asked)
    said = endpoint.error_text('fn___get_weather', {'place': 'x'})
    assert said.startswith(f'Access denied while invoking Lambda function {ARN}. Check the')
    assert 'not authorized to perform: lambda:InvokeFunction' in said
    assert len(functions.asked) == calls
    place.allow_role('functions', 'lambda:InvokeFunction')
    assert endpoint.text('fn___get_weather', {'place': 'x'}) == '"good"'


def test_a_role_that_may_not_be_assumed_is_said(place, gateway, functions):
    functions.answers['weather'] = lambda event: 'good'
    add(gateway, wanted())
    endpoint = gateway.endpoint()
    assert endpoint.text('fn___get_weather', {'place': 'x'}) == '"good"'
    iam = place.aws('iam')
    iam.update_assume_role_policy(RoleName='functions', PolicyDocument=json.dumps({
        'Version': '2012-10-17', 'Statement': [{
            'Effect': 'Allow', 'Action': 'sts:AssumeRole',
            'Principal': {'Service': 'ec2.amazonaws.com'}}]}))
    try:
        words = 'Gateway service is not authorized to assume the execution role'
        assert words in endpoint.error_text('fn___get_weather', {'place': 'x'})
        assert words in refused(add, gateway, wanted(), name='second')
    finally:
        iam.delete_role_policy(RoleName='functions', PolicyName='allowed')
        iam.delete_role(RoleName='functions')
    assert 'does not exist' in refused(add, gateway, wanted(), name='third')


def test_a_providers_secret_needs_the_role_too(place, gateway, unique, upstream):
    control = gateway.control
    arn = control.create_api_key_credential_provider(
        name=unique('key'), apiKey='secret')['credentialProviderArn']
    credential = api_key(arn, credentialParameterName='x-api-key')
    upstream.set_tools([tool('get')])
    upstream.calls['get'] = text_result('got')
    for missing in ('bedrock-agentcore:GetResourceApiKey', 'secretsmanager:GetSecretValue'):
        place.allow_role('functions', *{'bedrock-agentcore:GetResourceApiKey',
                                        'secretsmanager:GetSecretValue'} - {missing})
        with pytest.raises(ClientError, match=f'lacks permission to use.*{missing}'):
            gateway.add(unique('keyed'), upstream.url, credential)
    place.allow_role('functions', 'bedrock-agentcore:*', 'secretsmanager:*')
    gateway.add_ready('keyed', upstream.url, credential)
    endpoint = gateway.endpoint()
    name = endpoint.names()[0]
    endpoint.text(name, {})
    place.allow_role('functions', 'secretsmanager:*')
    assert 'bedrock-agentcore:GetResourceApiKey' in endpoint.error_text(name, {})
    place.allow_role('functions', 'bedrock-agentcore:*', 'secretsmanager:*')
    endpoint.text(name, {})


def test_a_function_that_is_not_there_is_told(server, unique):
    name = unique('late')
    arn = f'arn:aws:lambda:us-east-1:{server.ready["account"]}:function:{name}'
    role = server.make_role('caller-of-functions', 'lambda:InvokeFunction')
    gateway = Gateway(server, unique('lambda'), NONE, exceptionLevel='DEBUG', roleArn=role)
    target = add(gateway, wanted(arn=arn))
    assert target['status'] == 'READY'
    assert target['statusReasons'] == [
        f'Lambda function {arn} does not exist: calls of its tools fail until it does.']
    assert 'does not exist' in gateway.endpoint().error_text('fn___get_weather', {'place': 'x'})
    function = Function(server, name, 'def handler(event, context): return "sunny"')
    assert gateway.endpoint().text('fn___get_weather', {'place': 'x'}) == '"sunny"'
    assert not add(gateway, wanted(arn=arn), name='again').get('statusReasons')
    function.client.delete_function(FunctionName=name)
