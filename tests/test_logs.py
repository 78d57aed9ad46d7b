"""CloudWatch Logs and X-Ray's settings with boto3, and `aws logs tail` of version 2 of the CLI."""
import json
import os
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from harness.tail import Tail

CLI_2 = Path('/usr/bin/aws')


@pytest.fixture(scope='module')
def logs(server):
    return server.aws('logs')


@pytest.fixture
def group(logs, unique):
    name = f'/aws/bedrock-agentcore/{unique("group")}'
    logs.create_log_group(logGroupName=name, tags={'team': 'one'})
    yield name
    try:
        logs.delete_log_group(logGroupName=name)
    except logs.exceptions.ResourceNotFoundException:
        pass


def now_ms() -> int:
    return int(time.time() * 1000)


def put(logs, group: str, stream: str, *texts: str, at: int | None = None) -> int:
    at = at or now_ms()
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[
        {'timestamp': at + number, 'message': text} for number, text in enumerate(texts)])
    return at


def code(call, **arguments) -> str:
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return raised.value.response['Error']['Code']


def test_groups_and_streams(logs, group):
    described = logs.describe_log_groups(logGroupNamePrefix=group)['logGroups']
    assert [one['logGroupName'] for one in described] == [group]
    assert described[0]['arn'].endswith(f':log-group:{group}:*')
    assert abs(described[0]['creationTime'] - now_ms()) < 60_000
    assert code(logs.create_log_group, logGroupName=group) == 'ResourceAlreadyExistsException'
    for name in ('b', 'a', 'c'):
        logs.create_log_stream(logGroupName=group, logStreamName=name)
    assert code(logs.create_log_stream, logGroupName=group,
                logStreamName='a') == 'ResourceAlreadyExistsException'
    put(logs, group, 'a', 'late', at=now_ms() - 1000)
    put(logs, group, 'c', 'later')
    pages = logs.get_paginator('describe_log_streams').paginate(
        logGroupName=group, PaginationConfig={'PageSize': 1})
    assert [one['logStreamName'] for page in pages for one in page['logStreams']] == [
        'a', 'b', 'c']
    pages = logs.get_paginator('describe_log_streams').paginate(
        logGroupName=group, orderBy='LastEventTime', descending=True,
        PaginationConfig={'PageSize': 1})
    assert [one['logStreamName'] for page in pages for one in page['logStreams']] == [
        'c', 'a', 'b']
    logs.delete_log_stream(logGroupName=group, logStreamName='b')
    assert code(logs.delete_log_stream, logGroupName=group,
                logStreamName='b') == 'ResourceNotFoundException'
    logs.delete_log_group(logGroupName=group)
    assert code(logs.describe_log_streams, logGroupName=group) == 'ResourceNotFoundException'
    assert code(logs.delete_log_group, logGroupName=group) == 'ResourceNotFoundException'


def test_groups_come_in_pages(logs, unique):
    prefix = f'/pages/{unique("p")}/'
    for number in range(7):
        logs.create_log_group(logGroupName=f'{prefix}{number}')
    pages = list(logs.get_paginator('describe_log_groups').paginate(
        logGroupNamePrefix=prefix, PaginationConfig={'PageSize': 3}))
    assert [len(page['logGroups']) for page in pages] == [3, 3, 1]
    names = [one['logGroupName'] for page in pages for one in page['logGroups']]
    assert names == [f'{prefix}{number}' for number in range(7)]
    assert code(logs.describe_log_groups, nextToken='nonsense') == 'InvalidParameterException'


def test_retention_and_tags(logs, group):
    assert code(logs.put_retention_policy, logGroupName=group,
                retentionInDays=2) == 'InvalidParameterException'
    logs.put_retention_policy(logGroupName=group, retentionInDays=7)
    (described,) = logs.describe_log_groups(logGroupNamePrefix=group)['logGroups']
    assert described['retentionInDays'] == 7
    logs.delete_retention_policy(logGroupName=group)
    (described,) = logs.describe_log_groups(logGroupNamePrefix=group)['logGroups']
    assert 'retentionInDays' not in described
    arn = described['logGroupArn']
    logs.tag_resource(resourceArn=arn, tags={'stage': 'test'})
    assert logs.list_tags_for_resource(resourceArn=arn)['tags'] == {'team': 'one', 'stage': 'test'}
    logs.untag_resource(resourceArn=arn, tagKeys=['team'])
    logs.tag_log_group(logGroupName=group, tags={'old': 'way'})
    assert logs.list_tags_log_group(logGroupName=group)['tags'] == {'stage': 'test', 'old': 'way'}
    logs.untag_log_group(logGroupName=group, tags=['old'])
    assert logs.list_tags_for_resource(resourceArn=arn)['tags'] == {'stage': 'test'}


def test_a_reader_pages_both_ways_and_then_follows(logs, group):
    logs.create_log_stream(logGroupName=group, logStreamName='s')
    put(logs, group, 's', *[f'line {number}' for number in range(10)], at=now_ms() - 5000)

    def read(**more):
        return logs.get_log_events(logGroupName=group, logStreamName='s', **more)

    newest = read(limit=4)
    assert [one['message'] for one in newest['events']] == [f'line {n}' for n in range(6, 10)]
    older = read(limit=4, nextToken=newest['nextBackwardToken'])
    assert [one['message'] for one in older['events']] == [f'line {n}' for n in range(2, 6)]
    first = read(limit=3, startFromHead=True)
    assert [one['message'] for one in first['events']] == ['line 0', 'line 1', 'line 2']
    token = first['nextForwardToken']
    seen = []
    while True:
        page = read(limit=3, nextToken=token, startFromHead=True)
        seen += [one['message'] for one in page['events']]
        if page['nextForwardToken'] == token:
            break
        token = page['nextForwardToken']
    assert seen == [f'line {n}' for n in range(3, 10)]
    put(logs, group, 's', 'new')
    assert [one['message'] for one in read(nextToken=token)['events']] == ['new']
    assert code(read, nextToken='f/nonsense/s') == 'InvalidParameterException'


def test_events_that_are_refused(logs, group):
    logs.create_log_stream(logGroupName=group, logStreamName='s')
    at = now_ms()

    def event(time_ms, text='x'):
        return {'timestamp': time_ms, 'message': text}

    def send(*events, stream='s'):
        return logs.put_log_events(logGroupName=group, logStreamName=stream,
                                   logEvents=list(events))

    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        send(event(at), stream='none')
    with pytest.raises(logs.exceptions.InvalidParameterException, match='chronological'):
        send(event(at), event(at - 1))
    with pytest.raises(logs.exceptions.InvalidParameterException, match='24 hours'):
        send(event(at - 25 * 3_600_000), event(at))
    with pytest.raises(logs.exceptions.InvalidParameterException, match='too large'):
        send(*[event(at, 'x' * 200_000) for _ in range(6)])
    day = 86_400_000
    answer = send(event(at - 14 * day - 60_000, 'old'), event(at - 14 * day + 60_000, 'kept'))
    assert answer['rejectedLogEventsInfo'] == {'tooOldLogEventEndIndex': 1}
    answer = send(event(at, 'kept'), event(at + 3 * 3_600_000, 'new'))
    assert answer['rejectedLogEventsInfo'] == {'tooNewLogEventStartIndex': 1}
    found = logs.filter_log_events(logGroupName=group)['events']
    assert [one['message'] for one in found] == ['kept', 'kept']


def test_filters(logs, group):
    for stream in ('web-1', 'web-2', 'job'):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    at = now_ms() - 10_000
    put(logs, group, 'web-1', 'GET /a 200', '{"level":"ERROR","ms":17}', at=at)
    put(logs, group, 'web-2', 'GET /b 404', '{"level":"INFO","ms":3}', at=at + 10)
    put(logs, group, 'job', 'ERROR: disk full', at=at + 20)

    def found(**how):
        pages = logs.get_paginator('filter_log_events').paginate(
            logGroupName=group, PaginationConfig={'PageSize': 2}, **how)
        return [one['message'] for page in pages for one in page['events']]

    assert len(found()) == 5
    assert found(filterPattern='ERROR') == ['{"level":"ERROR","ms":17}', 'ERROR: disk full']
    assert found(filterPattern='ERROR -disk') == ['{"level":"ERROR","ms":17}']
    assert found(filterPattern='?404 ?200') == ['GET /a 200', 'GET /b 404']
    assert found(filterPattern='{ $.level = "ERROR" && $.ms > 10 }') == [
        '{"level":"ERROR","ms":17}']
    assert found(filterPattern='[verb, path, status = 4*]') == ['GET /b 404']
    assert found(logStreamNamePrefix='web-', filterPattern='GET') == ['GET /a 200', 'GET /b 404']
    assert found(logStreamNames=['job']) == ['ERROR: disk full']
    assert found(startTime=at + 10, endTime=at + 11) == ['GET /b 404', '{"level":"INFO","ms":3}']
    events = logs.filter_log_events(logGroupName=group)['events']
    assert len({one['eventId'] for one in events}) == 5
    assert {one['logStreamName'] for one in events} == {'web-1', 'web-2', 'job'}
    with pytest.raises(logs.exceptions.InvalidParameterException, match='Invalid filter pattern'):
        found(filterPattern='{ $.level }')
    assert code(logs.filter_log_events, logGroupName='/none') == 'ResourceNotFoundException'
    arn = logs.describe_log_groups(logGroupNamePrefix=group)['logGroups'][0]['logGroupArn']
    by_arn = logs.filter_log_events(logGroupIdentifier=arn)['events']
    assert [one['eventId'] for one in by_arn] == [one['eventId'] for one in events]


def test_resource_policies(logs, unique):
    name = unique('TransactionSearchXRayAccess')
    document = json.dumps({'Version': '2012-10-17', 'Statement': [{
        'Effect': 'Allow', 'Principal': {'Service': 'xray.amazonaws.com'},
        'Action': 'logs:PutLogEvents', 'Resource': '*'}]})
    kept = logs.put_resource_policy(policyName=name, policyDocument=document)['resourcePolicy']
    assert kept['policyName'] == name and kept['policyDocument'] == document
    listed = logs.describe_resource_policies()['resourcePolicies']
    assert name in [one['policyName'] for one in listed]
    assert code(logs.put_resource_policy, policyName='x',
                policyDocument='{"no": "policy"}') == 'InvalidParameterException'
    logs.delete_resource_policy(policyName=name)
    assert code(logs.delete_resource_policy, policyName=name) == 'ResourceNotFoundException'


def test_deliveries(logs, server, unique, group):
    account, region = server.ready['account'], server.ready['region']
    runtime = f'arn:aws:bedrock-agentcore:{region}:{account}:runtime/{unique("agent")}'
    source = f'{unique("agent")}-logs-source'
    made = logs.put_delivery_source(name=source, resourceArn=runtime, logType='APPLICATION_LOGS')
    assert made['deliverySource']['service'] == 'bedrock-agentcore'
    assert code(logs.put_delivery_source, name=source + '2', resourceArn=runtime,
                logType='APPLICATION_LOGS') == 'ConflictException'
    destination = f'{unique("agent")}-logs-destination'
    group_arn = f'arn:aws:logs:{region}:{account}:log-group:{group}'
    made = logs.put_delivery_destination(
        name=destination, outputFormat='json',
        deliveryDestinationConfiguration={'destinationResourceArn': group_arn})
    arn = made['deliveryDestination']['arn']
    assert made['deliveryDestination']['deliveryDestinationType'] == 'CWL'
    assert code(logs.put_delivery_destination, name='none') == 'ValidationException'
    traces = logs.put_delivery_destination(name=unique('traces'), deliveryDestinationType='XRAY')
    assert traces['deliveryDestination']['deliveryDestinationType'] == 'XRAY'
    assert code(logs.create_delivery, deliverySourceName='none',
                deliveryDestinationArn=arn) == 'ResourceNotFoundException'
    delivery = logs.create_delivery(deliverySourceName=source,
                                    deliveryDestinationArn=arn)['delivery']
    assert delivery['deliveryDestinationType'] == 'CWL'
    assert code(logs.create_delivery, deliverySourceName=source,
                deliveryDestinationArn=arn) == 'ConflictException'
    assert logs.get_delivery(id=delivery['id'])['delivery'] == delivery
    listed = logs.get_paginator('describe_deliveries').paginate().build_full_result()['deliveries']
    assert delivery in listed
    logs.update_delivery_configuration(id=delivery['id'], recordFields=['event_timestamp'])
    assert logs.get_delivery(id=delivery['id'])['delivery']['recordFields'] == ['event_timestamp']
    logs.tag_resource(resourceArn=delivery['arn'], tags={'a': 'b'})
    assert logs.list_tags_for_resource(resourceArn=delivery['arn'])['tags'] == {'a': 'b'}
    assert code(logs.delete_delivery_source, name=source) == 'ConflictException'
    assert code(logs.delete_delivery_destination, name=destination) == 'ConflictException'
    logs.delete_delivery(id=delivery['id'])
    logs.delete_delivery_source(name=source)
    assert code(logs.get_delivery_source, name=source) == 'ResourceNotFoundException'
    policy = json.dumps({'Version': '2012-10-17', 'Statement': []})
    logs.put_delivery_destination_policy(deliveryDestinationName=destination,
                                         deliveryDestinationPolicy=policy)
    kept = logs.get_delivery_destination_policy(deliveryDestinationName=destination)['policy']
    assert kept == {'deliveryDestinationPolicy': policy}
    assert 'policy' not in json.dumps(
        logs.get_delivery_destination(name=destination)['deliveryDestination'])
    logs.delete_delivery_destination_policy(deliveryDestinationName=destination)
    logs.delete_delivery_destination(name=destination)
    names = [one['name'] for one in logs.describe_delivery_destinations()['deliveryDestinations']]
    assert destination not in names


def test_transaction_search(server):
    xray = server.aws('xray')
    assert xray.get_trace_segment_destination()['Destination'] == 'XRay'
    changed = xray.update_trace_segment_destination(Destination='CloudWatchLogs')
    assert changed['Status'] == 'ACTIVE'
    assert xray.get_trace_segment_destination()['Destination'] == 'CloudWatchLogs'
    assert [rule['Name'] for rule in xray.get_indexing_rules()['IndexingRules']] == ['Default']
    xray.update_indexing_rule(
        Name='Default', Rule={'Probabilistic': {'DesiredSamplingPercentage': 12.5}})
    (rule,) = xray.get_indexing_rules()['IndexingRules']
    assert rule['Rule']['Probabilistic']['DesiredSamplingPercentage'] == 12.5
    assert code(xray.update_indexing_rule, Name='Other', Rule={
        'Probabilistic': {'DesiredSamplingPercentage': 1}}) == 'ResourceNotFoundException'
    assert code(xray.update_indexing_rule, Name='Default', Rule={
        'Probabilistic': {'DesiredSamplingPercentage': 101}}) == 'InvalidRequestException'


def test_what_was_acknowledged_survives_a_kill(own_server):
    server = own_server()
    logs = server.aws('logs')
    logs.create_log_group(logGroupName='/kept')
    logs.create_log_stream(logGroupName='/kept', logStreamName='s')
    for number in range(20):
        put(logs, '/kept', 's', f'line {number}')
    server.kill()
    server.start()
    found = server.aws('logs').filter_log_events(logGroupName='/kept')['events']
    assert [one['message'] for one in found] == [f'line {number}' for number in range(20)]


def test_tail_follows_with_version_2_of_the_cli(server, logs, group, tmp_path):
    logs.create_log_stream(logGroupName=group, logStreamName='run')
    put(logs, group, 'run', 'before')
    environment = os.environ | server.environment() | {
        'AWS_CONFIG_FILE': str(tmp_path / 'none'), 'AWS_PAGER': '', 'PYTHONUNBUFFERED': '1'}
    for name in ('VIRTUAL_ENV', 'PYTHONPATH', 'PYTHONHOME'):
        environment.pop(name, None)
    command = [CLI_2, 'logs', 'tail', group, '--follow', '--format', 'short',
               '--endpoint-url', server.base]
    with Tail(command, environment) as tail:
        assert tail.shows('before'), tail.lines
        put(logs, group, 'run', 'while it follows')
        assert tail.shows('while it follows'), tail.lines
    assert sum('before' in line for line in tail.lines) == 1, tail.lines
