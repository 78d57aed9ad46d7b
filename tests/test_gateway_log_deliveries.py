"""Where records of invocations go beside the gateway's own group."""
import base64
import http.server
import json
import re
import threading
import time

import pytest
from botocore.exceptions import ClientError
from harness.gateway import Gateway
from harness.gateway_logs import (OPEN, Firehose, deliver, events, metric, objects_of, own_group,
                                  records)
from harness.scripted import tool
from harness.server import Server


@pytest.fixture(scope='module')
def logs(server):
    return server.aws('logs')


def test_a_delivery_to_another_group(logs, server, echo, unique):
    """As the toolkit makes it."""
    group = f'/aws/vendedlogs/bedrock-agentcore/gateway/APPLICATION_LOGS/{echo.id}'
    logs.create_log_group(logGroupName=group)
    arn = f'arn:aws:logs:{server.ready["region"]}:{server.ready["account"]}:log-group:{group}'
    delivery = deliver(logs, echo.made['gatewayArn'], unique('delivery'), arn)
    endpoint = echo.endpoint()
    endpoint.text('t___echo', {'n': 1})
    found = records(logs, group, 2)
    assert found == records(logs, own_group(echo.id), 2)
    logs.update_delivery_configuration(id=delivery, recordFields=['request_id', 'body'])
    endpoint.text('t___echo', {'n': 2})
    assert [sorted(record) for record in records(logs, group, 4)[2:]] == [
        ['body', 'request_id']] * 2
    logs.delete_delivery(id=delivery)
    endpoint.text('t___echo', {'n': 3})
    records(logs, own_group(echo.id), 6)
    assert len(records(logs, group, 4)) == 4


def test_a_policy_may_forbid_a_delivery(logs, server, echo, unique):
    group = f'/{unique("forbidden")}'
    logs.create_log_group(logGroupName=group)
    arn = f'arn:aws:logs:{server.ready["region"]}:{server.ready["account"]}:log-group:{group}'
    name = unique('no')
    logs.put_resource_policy(policyName=name, policyDocument=json.dumps({
        'Version': '2012-10-17', 'Statement': [{
            'Effect': 'Deny', 'Principal': {'Service': 'delivery.logs.amazonaws.com'},
            'Action': 'logs:PutLogEvents', 'Resource': f'{arn}:*'}]}))
    deliver(logs, echo.made['gatewayArn'], unique('delivery'), arn)
    endpoint = echo.endpoint()
    endpoint.text('t___echo')
    records(logs, own_group(echo.id), 2)
    assert events(logs, group) == []
    logs.delete_resource_policy(policyName=name)
    endpoint.text('t___echo')
    assert len(records(logs, group, 2)) == 2


def policy(*actions: str) -> str:
    return json.dumps({'Version': '2012-10-17', 'Statement': [
        {'Effect': 'Allow', 'Action': list(actions), 'Resource': '*'}]})


def test_who_makes_a_delivery_may_have_its_destination_written_to(server, echo, unique):
    """Who may configure logs, and nothing else, cannot have a bucket written to."""
    iam, name = server.aws('iam'), unique('user')
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)['AccessKey']
    logs = server.aws('logs', aws_access_key_id=key['AccessKeyId'],
                      aws_secret_access_key=key['SecretAccessKey'])
    place = f'{server.ready["region"]}:{server.ready["account"]}'
    bucket, group = unique('bucket'), f'/{unique("group")}'
    server.aws('s3').create_bucket(Bucket=bucket)
    server.aws('logs').create_log_group(logGroupName=group)
    wanted = {
        's3:PutBucketPolicy': f'arn:aws:s3:::{bucket}/some/prefix',
        'logs:PutResourcePolicy': f'arn:aws:logs:{place}:log-group:{group}',
        'firehose:TagDeliveryStream': f'arn:aws:firehose:{place}:deliverystream/calls'}

    def refused(call, *arguments) -> str:
        with pytest.raises(ClientError) as caught:
            call(*arguments)
        assert caught.value.response['Error']['Code'] == 'AccessDeniedException'
        return caught.value.response['Error']['Message']

    def may(*actions: str) -> None:
        iam.put_user_policy(UserName=name, PolicyName='own', PolicyDocument=policy(*actions))

    own = ('logs:*Deliver*', 'bedrock-agentcore:AllowVendedLogDeliveryForResource')
    may(own[0])
    said = refused(deliver, logs, echo.made['gatewayArn'], name, wanted['s3:PutBucketPolicy'])
    assert f'{own[1]} on resource: {echo.made["gatewayArn"]} because' in said
    for action, arn in wanted.items():
        may(*own)
        said = refused(deliver, logs, echo.made['gatewayArn'], name, arn)
        resource = arn.partition('/some')[0]
        assert f'not authorized to perform: {action} on resource: {resource} ' in said
        may(*own, action)
        logs.delete_delivery(id=deliver(logs, echo.made['gatewayArn'], name, arn))
        logs.delete_delivery_destination(name=f'{name}-destination')


def test_a_delivery_to_a_bucket(own_server, upstream):
    server = own_server('--gateway-logs-interval', '1')
    s3, logs = server.aws('s3'), server.aws('logs')
    s3.create_bucket(Bucket='invocations')
    upstream.set_tools([tool('t')])
    made = Gateway(server, 'to-bucket', OPEN)
    made.add_ready('t', upstream.url)
    deliver(logs, made.made['gatewayArn'], 'd', 'arn:aws:s3:::invocations/some/prefix')
    made.endpoint().text('t___t')
    found = objects_of(s3, 'invocations')
    ((key, lines),) = found.items()
    account, region = server.ready['account'], server.ready['region']
    assert re.fullmatch(
        rf'some/prefix/AWSLogs/{account}/bedrock-agentcore/gateway/{made.id}/{region}'
        rf'/\d{{4}}/\d\d/\d\d/\d\d/{account}_gateway_{made.id}_{region}_\d{{8}}T\d{{4}}Z_'
        r'[a-z0-9]{12}\.log\.gz', key)
    assert lines == records(logs, own_group(made.id), 2)


def test_what_waits_for_a_bucket_is_sent_before_a_stop(own_server, upstream):
    server = own_server('--gateway-logs-interval', '3600')
    server.aws('s3').create_bucket(Bucket='invocations')
    upstream.set_tools([tool('t')])
    made = Gateway(server, 'to-bucket', OPEN)
    made.add_ready('t', upstream.url)
    deliver(server.aws('logs'), made.made['gatewayArn'], 'd', 'arn:aws:s3:::invocations')
    made.endpoint().text('t___t')
    records(server.aws('logs'), own_group(made.id), 2)
    assert server.stop() == 0
    server.start()
    (lines,) = objects_of(server.aws('s3'), 'invocations', 0.1).values()
    assert len(lines) == 2


def test_a_dead_destination_costs_no_invocation(own_server, upstream):
    server = own_server('--gateway-logs-interval', '1')
    logs = server.aws('logs')
    upstream.set_tools([tool('t')])
    made = Gateway(server, 'dead', OPEN)
    made.add_ready('t', upstream.url)
    deliver(logs, made.made['gatewayArn'], 'd', 'arn:aws:s3:::no-such-bucket')
    endpoint = made.endpoint()
    took = []
    for _ in range(50):
        began = time.monotonic()
        endpoint.text('t___t')
        took.append(time.monotonic() - began)
    assert sorted(took)[25] < 0.5
    records(logs, own_group(made.id), 100)
    until = time.monotonic() + 60  # it is tried again for twenty seconds
    while metric(server, 'toolgate_invocation_log_dropped_total') == 0:
        assert time.monotonic() < until
        time.sleep(0.5)
    assert server.logs('records lost: HTTP 404')


def test_a_delivery_to_a_stream_is_tried_again(own_server, upstream):
    firehose = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Firehose)
    firehose.batches, firehose.failing = [], 1
    threading.Thread(target=firehose.serve_forever, daemon=True).start()
    server = own_server('--gateway-logs-interval', '1', '--aws-endpoint',
                        f'firehose=http://127.0.0.1:{firehose.server_address[1]}')
    upstream.set_tools([tool('t')])
    made = Gateway(server, 'to-stream', OPEN)
    made.add_ready('t', upstream.url)
    account, region = server.ready['account'], server.ready['region']
    deliver(server.aws('logs'), made.made['gatewayArn'], 'd',
            f'arn:aws:firehose:{region}:{account}:deliverystream/calls')
    made.endpoint().text('t___t')
    until = time.monotonic() + 20
    while not firehose.batches and time.monotonic() < until:
        time.sleep(0.05)
    firehose.shutdown()
    ((headers, body),) = firehose.batches
    assert headers['x-amz-target'] == 'Firehose_20150804.PutRecordBatch'
    assert f'/{region}/firehose/aws4_request' in headers['authorization']
    assert 'Credential=ASIA' in headers['authorization'] and headers['x-amz-security-token']
    assert body['DeliveryStreamName'] == 'calls'
    lines = [json.loads(base64.b64decode(one['Data'])) for one in body['Records']]
    assert lines == records(server.aws('logs'), own_group(made.id), 2)


class ServerOfAnAccount(Server):
    """A server whose environment has credentials of AWS."""

    def _own_environment(self) -> dict[str, str]:
        return super()._own_environment() | {
            'AWS_ACCESS_KEY_ID': 'AKIAOFANACCOUNT', 'AWS_SECRET_ACCESS_KEY': 'secret'}


def test_another_service_is_asked_with_the_servers_own_credentials(tmp_path, upstream):
    firehose = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Firehose)
    firehose.batches, firehose.failing = [], 0
    threading.Thread(target=firehose.serve_forever, daemon=True).start()
    server = ServerOfAnAccount(tmp_path, (
        '--gateway-logs-interval', '1', '--aws-endpoint',
        f'firehose=http://127.0.0.1:{firehose.server_address[1]}')).start()
    try:
        made = Gateway(server, 'to-stream', OPEN)
        account, region = server.ready['account'], server.ready['region']
        deliver(server.aws('logs'), made.made['gatewayArn'], 'd',
                f'arn:aws:firehose:{region}:{account}:deliverystream/calls')
        made.endpoint().result('ping')
        until = time.monotonic() + 20
        while not firehose.batches and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        server.stop()
        firehose.shutdown()
    ((headers, _),) = firehose.batches
    assert 'Credential=AKIAOFANACCOUNT/' in headers['authorization']
    assert 'x-amz-security-token' not in headers
