"""Smithy targets: models become tools, calls become requests, answers become JSON."""
import json

import pytest
from harness.smithy import (Capture, add_model, model_of, only, pointed_at, service_model,
                            service_shape, tools_of)
from jsonschema import Draft202012Validator

SERVICES = [
    'accessanalyzer', 'acm', 'apigateway', 'appconfig', 'application-autoscaling', 'appsync',
    'athena', 'autoscaling', 'batch', 'bedrock-agentcore-control', 'budgets', 'cloudformation',
    'cloudfront', 'cloudtrail', 'cloudwatch', 'codebuild', 'cognito-idp', 'dynamodb', 'ecr', 'ecs',
    'efs', 'eks', 'elasticache', 'elbv2', 'events', 'firehose', 'glue', 'iam', 'iot', 'kinesis',
    'kms', 'lambda', 'logs', 'opensearch', 'organizations', 'rds', 'redshift', 'route53', 's3',
    's3control', 'sagemaker-a2i-runtime', 'secretsmanager', 'ses', 'sns', 'sqs', 'ssm',
    'stepfunctions', 'sts', 'transcribe', 'xray',
]


@pytest.fixture
def capture():
    made = Capture()
    yield made
    made.close()


@pytest.fixture
def behind(gateway):
    """A gateway in front of a model: behind(model) → its endpoint and target."""
    def make(model: dict | str, **more):
        made = gateway(**more)
        target = add_model(made, model)
        if target['status'] == 'READY':
            tools_of(made.endpoint())
        return made, target
    return make


@pytest.mark.parametrize('service', SERVICES)
def test_every_operation_is_a_tool_or_has_a_reason(behind, service):
    made, target = behind(model_of(service))
    assert target['status'] == 'READY', target['statusReasons']
    reasons = target.get('statusReasons', [])
    left_out = {reason.split(': ')[1] for reason in reasons if reason.startswith('Left out: ')}
    tools = made.endpoint().tools()
    for tool in tools:
        # Patterns are of ECMA 262, not all of which Python knows.
        Draft202012Validator.check_schema(tool['inputSchema'], format_checker=None)
        Draft202012Validator.check_schema(tool['outputSchema'], format_checker=None)
        assert '<p>' not in tool.get('description', '')
    names = {tool['name'].removeprefix('t___') for tool in tools}
    assert names | left_out == set(service_model(service)['operations'])
    assert not names & left_out
    for reason in reasons:
        assert not reason.startswith('Left out') or 'stream' in reason, reason


def dynamodb(capture) -> dict:
    return pointed_at(only(model_of('dynamodb'), ['PutItem', 'ListTables', 'Query']), capture.url)


def test_tools_carry_documentation_and_constraints(behind, capture):
    made, _ = behind(dynamodb(capture))
    tools = {tool['name']: tool for tool in made.endpoint().tools()}
    schema = tools['t___PutItem']['inputSchema']
    assert schema['required'] == ['TableName', 'Item']
    assert schema['properties']['ReturnValues']['enum'][0] == 'NONE'
    assert schema['properties']['TableName']['maxLength'] == 1024
    item = schema['properties']['Item']['additionalProperties']
    assert item['$ref'] == '#/$defs/AttributeValue'
    value = schema['$defs']['AttributeValue']
    assert value['maxProperties'] == 1
    assert value['properties']['L']['items']['$ref'] == '#/$defs/AttributeValue'
    assert 'Creates a new item' in tools['t___PutItem']['description']
    assert '<' not in schema['properties']['Item']['description']


def test_answers_are_structured_and_errors_are_tool_errors(behind, capture):
    made, _ = behind(dynamodb(capture))
    endpoint = made.endpoint()
    capture.answers('{"TableNames":["a","b"]}')
    result = endpoint.call('t___ListTables', {'Limit': 2})
    assert result['structuredContent'] == {'TableNames': ['a', 'b']}
    assert json.loads(result['content'][0]['text']) == {'TableNames': ['a', 'b']}
    sent = capture.requests[-1]
    assert sent.headers['x-amz-target'] == 'DynamoDB_20120810.ListTables'
    assert json.loads(sent.body) == {'Limit': 2}
    capture.answers('{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",'
                    '"message":"Requested resource not found","Extra":{"a":1}}', 400)
    said = endpoint.error_text('t___ListTables', {})
    assert said.startswith('ResourceNotFoundException: Requested resource not found (HTTP 400)')
    assert '{"Extra":{"a":1}}' in said


def test_an_idempotency_token_is_made_when_left_out(behind, capture):
    made, _ = behind(pointed_at(only(model_of('efs'), ['CreateFileSystem']), capture.url))
    endpoint = made.endpoint()
    [tool] = endpoint.tools()
    assert 'CreationToken' not in tool['inputSchema'].get('required', [])
    capture.answers('{"FileSystemId":"fs-1"}', 201)
    for _ in range(2):
        assert endpoint.call('t___CreateFileSystem', {})['structuredContent'] == {
            'FileSystemId': 'fs-1'}
    first, second = (json.loads(each.body)['CreationToken'] for each in capture.requests)
    assert first != second and len(first) == 36
    endpoint.call('t___CreateFileSystem', {'CreationToken': 'mine'})
    assert json.loads(capture.requests[-1].body)['CreationToken'] == 'mine'


def test_xml_answers_are_json_of_the_model(behind, capture):
    made, _ = behind(pointed_at(only(model_of('iam'), ['GetUser', 'ListUsers']), capture.url))
    capture.answers('''<GetUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
      <GetUserResult><User><Path>/a&amp;b/</Path><UserName>x</UserName>
      <CreateDate>2026-11-21T04:05:06Z</CreateDate>
      <Tags><member><Key>k</Key><Value>v</Value></member></Tags></User></GetUserResult>
      <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetUserResponse>''')
    assert made.endpoint().call('t___GetUser')['structuredContent'] == {'User': {
        'Path': '/a&b/', 'UserName': 'x', 'CreateDate': '2026-11-21T04:05:06Z',
        'Tags': [{'Key': 'k', 'Value': 'v'}]}}
    capture.answers('''<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code>
      <Message>no user x</Message></Error><RequestId>1</RequestId></ErrorResponse>''', 404)
    assert made.endpoint().error_text('t___GetUser') == 'NoSuchEntity: no user x (HTTP 404)'


def test_members_bound_to_headers_are_in_the_answer(behind, capture):
    made, _ = behind(pointed_at(only(model_of('s3'), ['HeadObject']), capture.url))
    capture.answers(ETag='"abc"', x_amz_meta_Colour='red', x_amz_version_id='7')
    answer = made.endpoint().call('t___HeadObject', {'Bucket': 'b', 'Key': 'a/b c'})
    content = answer['structuredContent']
    assert capture.requests[-1].path == '/b/a/b%20c'
    assert content['ETag'] == '"abc"' and content['VersionId'] == '7'
    assert {key.lower(): value for key, value in content['Metadata'].items()} == {'colour': 'red'}


@pytest.mark.parametrize('model, words', [
    ('nothing', 'no JSON document'),
    ('{"smithy":"1.0","shapes":{}}', 'expected "2.0"'),
    ('{"smithy":"2.0","shapes":{}}', 'no shape of type service'),
    ('{"smithy":"2.0","shapes":{"a#S":{"type":"service","version":"1"}}}', 'its protocol is not'),
    ('{"smithy":"2.0","shapes":{"a#S":{"type":"structure","members":{"x":{"target":"a#T"}}}}}',
     'member x: no shape a#T'),
])
def test_what_is_no_model_is_told(behind, model, words):
    _, target = behind(model)
    assert target['status'] == 'FAILED'
    assert words in ' '.join(target['statusReasons'])


def test_a_protocol_that_is_not_served_is_named(behind):
    model = only(model_of('kms'), ['ListKeys'])
    traits = service_shape(model)['traits']
    del traits['aws.protocols#awsJson1_1']
    traits['smithy.protocols#rpcv2Cbor'] = {}
    _, target = behind(model)
    assert 'smithy.protocols#rpcv2Cbor' in target['statusReasons'][0]
