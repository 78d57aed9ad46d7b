"""mcpToolSchema: tools that are given with the target, in the call or in S3, so that the server is
not asked for them."""
import json

import pytest
from harness.gateway import mcp_server
from harness.scripted import text_result, tool

TRUST = {'Version': '2012-10-17', 'Statement': [{
    'Effect': 'Allow', 'Action': 'sts:AssumeRole',
    'Principal': {'Service': 'bedrock-agentcore.amazonaws.com'}}]}


@pytest.fixture
def schema_in_s3(server, unique):
    """A tool list in a bucket of its own: its URI, and how to write it."""
    s3, bucket = server.aws('s3'), unique('schemas')
    s3.create_bucket(Bucket=bucket)

    def put(document) -> dict:
        s3.put_object(Bucket=bucket, Key='tools.json', Body=json.dumps(document).encode())
        return {'s3': {'uri': f's3://{bucket}/tools.json'}}
    put.bucket = bucket
    return put


@pytest.fixture
def role(server, unique):
    """A role for gateways, which may do what is given."""
    iam = server.aws('iam')

    def make(*statements: dict) -> str:
        name = unique('schema-role')
        arn = iam.create_role(RoleName=name,
                              AssumeRolePolicyDocument=json.dumps(TRUST))['Role']['Arn']
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName='p', PolicyDocument=json.dumps(
                {'Version': '2012-10-17', 'Statement': list(statements)}))
        return arn
    return make


def reads(bucket: str) -> dict:
    return {'Effect': 'Allow', 'Action': 's3:GetObject', 'Resource': f'arn:aws:s3:::{bucket}/*'}


def create(made, upstream, schema: dict) -> dict:
    made_target = made.control.create_gateway_target(
        gatewayIdentifier=made.id, name='t',
        targetConfiguration=mcp_server(upstream.url, mcpToolSchema=schema))
    return made.at_rest(made_target)


def test_a_tool_list_in_s3_is_served(gateway, upstream, role, schema_in_s3):
    upstream.set_tools([tool('other')])
    upstream.calls['given'] = text_result('called')
    made = gateway(roleArn=role(reads(schema_in_s3.bucket)))
    target = create(made, upstream, schema_in_s3({'tools': [tool('given')]}))
    assert target['status'] == 'READY', target
    assert made.endpoint().names() == ['t___given']
    assert 'tools/list' not in upstream.methods()
    assert made.endpoint().text('t___given') == 'called'


@pytest.mark.parametrize('document', [[tool('given')], {'tool': []}, 'text'])
def test_what_is_no_tool_list_is_told(gateway, upstream, role, schema_in_s3, document):
    made = gateway(roleArn=role(reads(schema_in_s3.bucket)))
    target = create(made, upstream, schema_in_s3(document))
    assert target['status'] == 'FAILED'
    assert "mcpToolSchema must be an object with 'tools' array" in target['statusReasons'][0]


def test_a_role_that_may_not_read_it_is_told(gateway, upstream, role, schema_in_s3):
    made = gateway(roleArn=role())
    schema = schema_in_s3({'tools': [tool('given')]})
    try:
        said = create(made, upstream, schema)['statusReasons'][0]
    except made.control.exceptions.ValidationException as refused:
        said = refused.response['Error']['Message']
    assert 's3:GetObject' in said and schema_in_s3.bucket in said
