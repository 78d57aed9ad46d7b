"""Smithy targets against real servers: moto, and our own IAM and S3 through the inner net."""
import json
import socket

import boto3
import pytest
from botocore.config import Config
from harness.gateway import Gateway
from harness.pool import Pool
from harness.programs import ROOT, Program
from harness.smithy import add_model, model_of, only, tools_of

MOTO = ROOT / '.venv/moto/bin/moto_server'
SAMPLE = ('s3://amazonbedrockagentcore-built-sampleschemas455e0815-oj7jujcd8xiu/'
          'dynamodb-smithy.json')
SERVICES = ('dynamodb', 'sns', 'ec2', 'iot', 'route53')


@pytest.fixture(scope='module')
def moto(tmp_path_factory):
    """moto's server; its URL."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    url = f'http://127.0.0.1:{port}'
    running = Program([MOTO, '-H', '127.0.0.1', '-p', port], url,
                      tmp_path_factory.mktemp('moto') / 'log')
    yield url
    running.stop()


@pytest.fixture
def pointed(own_server, moto, unique):
    """Gateways of a server whose targets find moto: pointed()."""
    flags = [word for service in SERVICES for word in ('--aws-endpoint', f'{service}={moto}')]
    server = own_server(*flags)
    pool = Pool(server, unique('pool'), scopes=('invoke',))

    def make() -> Gateway:
        made = Gateway(server, unique('gateway'), pool.authorizer())
        made.tokens = pool
        return made
    return make


def client(service: str, url: str):
    return boto3.client(service, endpoint_url=url, region_name='us-east-1',
                        aws_access_key_id='x', aws_secret_access_key='x',
                        config=Config(retries={'max_attempts': 1}))


def content(endpoint, tool: str, arguments: dict | None = None) -> dict:
    result = endpoint.call(f't___{tool}', arguments)
    assert not result['isError'], result
    assert json.loads(result['content'][0]['text']) == result['structuredContent']
    return result['structuredContent']


def test_the_toolkits_dynamodb_makes_fills_and_asks_a_table(pointed, moto, unique):
    """As the starter toolkit creates it: a model in the public bucket of samples."""
    gateway = pointed()
    target = add_model(gateway, s3={'uri': SAMPLE})
    assert target['status'] == 'READY', target['statusReasons']
    endpoint = gateway.endpoint()
    names = {tool['name'] for tool in tools_of(endpoint)}
    assert {'t___CreateTable', 't___PutItem', 't___Query'} <= names
    table = unique('orders')
    content(endpoint, 'CreateTable', {
        'TableName': table, 'BillingMode': 'PAY_PER_REQUEST',
        'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'},
                      {'AttributeName': 'at', 'KeyType': 'RANGE'}],
        'AttributeDefinitions': [{'AttributeName': 'id', 'AttributeType': 'S'},
                                 {'AttributeName': 'at', 'AttributeType': 'N'}]})
    for at in ('1', '12345678901234567890.5'):
        content(endpoint, 'PutItem', {'TableName': table, 'Item': {
            'id': {'S': 'ü'}, 'at': {'N': at}, 'raw': {'B': 'AAEC'},
            'deep': {'M': {'list': {'L': [{'BOOL': True}, {'NULL': True}]}}}}})
    found = content(endpoint, 'Query', {
        'TableName': table, 'KeyConditionExpression': 'id = :id',
        'ExpressionAttributeValues': {':id': {'S': 'ü'}}})
    assert found['Count'] == 2
    assert found['Items'][0]['deep'] == {'M': {'list': {'L': [{'BOOL': True}, {'NULL': True}]}}}
    seen = client('dynamodb', moto).scan(TableName=table)['Items']
    assert sorted(item['at']['N'] for item in seen) == ['1', '12345678901234567890.5']
    assert seen[0]['raw']['B'] == b'\x00\x01\x02'
    said = endpoint.error_text('t___Query', {
        'TableName': 'nothing', 'KeyConditionExpression': 'id = :id',
        'ExpressionAttributeValues': {':id': {'S': 'x'}}})
    assert said.startswith('ResourceNotFoundException: ') and '(HTTP 400)' in said


def test_ec2_whole_from_a_bucket(pointed, moto):
    """4.6 MB of model, ec2Query."""
    gateway = pointed()
    s3 = gateway.server.aws('s3')
    s3.create_bucket(Bucket='models')
    s3.put_object(Bucket='models', Key='ec2.json', Body=json.dumps(model_of('ec2')).encode())
    target = add_model(gateway, s3={'uri': 's3://models/ec2.json'})
    assert target['status'] == 'READY', target['statusReasons']
    endpoint = gateway.endpoint()
    assert len(tools_of(endpoint)) > 700
    vpc = content(endpoint, 'CreateVpc', {'CidrBlock': '10.1.0.0/16'})['Vpc']
    found = content(endpoint, 'DescribeVpcs', {
        'Filters': [{'Name': 'cidr', 'Values': ['10.1.0.0/16']}]})['Vpcs']
    assert [each['VpcId'] for each in found] == [vpc['VpcId']]
    assert found[0]['IsDefault'] is False
    assert client('ec2', moto).describe_vpcs(VpcIds=[vpc['VpcId']])['Vpcs']
    assert endpoint.error_text('t___DescribeVpcs', {'VpcIds': ['vpc-00000000']}).startswith(
        'InvalidVpcID.NotFound: ')


def test_a_topic_by_query(pointed, moto):
    gateway = pointed()
    add_model(gateway, model_of('sns'))
    endpoint = gateway.endpoint()
    tools_of(endpoint)
    arn = content(endpoint, 'CreateTopic', {'Name': 'news', 'Attributes': {
        'DisplayName': 'a & b'}, 'Tags': [{'Key': 'k', 'Value': 'v'}]})['TopicArn']
    assert content(endpoint, 'GetTopicAttributes', {'TopicArn': arn})['Attributes'][
        'DisplayName'] == 'a & b'
    assert client('sns', moto).list_tags_for_resource(ResourceArn=arn)['Tags'] == [
        {'Key': 'k', 'Value': 'v'}]


def test_a_zone_by_rest_xml(pointed, moto):
    gateway = pointed()
    wanted = ['CreateHostedZone', 'ChangeResourceRecordSets', 'ListResourceRecordSets']
    add_model(gateway, only(model_of('route53'), wanted))
    endpoint = gateway.endpoint()
    tools_of(endpoint)
    made = content(endpoint, 'CreateHostedZone', {'Name': 'a.test', 'CallerReference': 'x'})
    zone = made['HostedZone']['Id'].rpartition('/')[2]
    assert made['Location'].startswith('http')
    content(endpoint, 'ChangeResourceRecordSets', {'HostedZoneId': zone, 'ChangeBatch': {
        'Comment': '<&>', 'Changes': [{'Action': 'CREATE', 'ResourceRecordSet': {
            'Name': 'b.a.test', 'Type': 'A', 'TTL': 60,
            'ResourceRecords': [{'Value': '10.0.0.1'}]}}]}})
    records = content(endpoint, 'ListResourceRecordSets', {'HostedZoneId': zone})
    [record] = [each for each in records['ResourceRecordSets'] if each['Type'] == 'A']
    assert record['TTL'] == 60 and record['ResourceRecords'] == [{'Value': '10.0.0.1'}]


def test_a_thing_by_rest_json(pointed, moto):
    gateway = pointed()
    wanted = ['CreateThing', 'DescribeThing', 'ListThings']
    add_model(gateway, only(model_of('iot'), wanted))
    endpoint = gateway.endpoint()
    tools_of(endpoint)
    content(endpoint, 'CreateThing', {'thingName': 'lamp',
                                      'attributePayload': {'attributes': {'colour': 'red'}}})
    assert content(endpoint, 'DescribeThing', {'thingName': 'lamp'})['attributes'] == {
        'colour': 'red'}
    assert client('iot', moto).list_things()['things'][0]['thingName'] == 'lamp'


def test_our_own_services_are_found_through_the_models_rules(gateway, server, unique):
    """Nothing is redirected: the rules give AWS's host names, which the inner net answers, and the
    signature is that of the gateway's role."""
    made = gateway()
    add_model(made, only(model_of('iam'), ['GetRole', 'CreateUser', 'GetUser']))
    endpoint = made.endpoint()
    tools_of(endpoint)
    role = content(endpoint, 'GetRole', {'RoleName': 'gateway'})['Role']
    assert role['Arn'] == server.role
    name = unique('user')
    content(endpoint, 'CreateUser', {'UserName': name, 'Tags': [{'Key': 'a', 'Value': 'b'}]})
    assert server.aws('iam').get_user(UserName=name)['User']['Tags'] == [
        {'Key': 'a', 'Value': 'b'}]
    assert endpoint.error_text('t___GetUser', {'UserName': 'nobody'}).startswith('NoSuchEntity: ')


def test_buckets_are_in_the_hosts_name(gateway, server, unique):
    made = gateway()
    wanted = ['CreateBucket', 'ListObjectsV2', 'HeadObject', 'PutBucketTagging']
    add_model(made, only(model_of('s3'), wanted))
    endpoint = made.endpoint()
    tools_of(endpoint)
    bucket = unique('bucket')
    content(endpoint, 'CreateBucket', {'Bucket': bucket})
    content(endpoint, 'PutBucketTagging', {'Bucket': bucket, 'Tagging': {
        'TagSet': [{'Key': 'k', 'Value': '<v>'}]}})
    s3 = server.aws('s3')
    assert s3.get_bucket_tagging(Bucket=bucket)['TagSet'] == [{'Key': 'k', 'Value': '<v>'}]
    s3.put_object(Bucket=bucket, Key='a b/ü', Body=b'12345', Metadata={'colour': 'red'})
    listed = content(endpoint, 'ListObjectsV2', {'Bucket': bucket})
    assert [(each['Key'], each['Size']) for each in listed['Contents']] == [('a b/ü', 5)]
    head = content(endpoint, 'HeadObject', {'Bucket': bucket, 'Key': 'a b/ü'})
    assert head['ContentLength'] == 5 and head['Metadata'] == {'colour': 'red'}
