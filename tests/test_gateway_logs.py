"""What gateways write of their invocations: records, and what is kept out of them."""
import concurrent.futures
import json
import os
import re
import time
from pathlib import Path

import pytest
from harness.gateway import Endpoint, Gateway, api_key, oauth
from harness.gateway_logs import OPEN, events, metric, own_group, records
from harness.pool import Pool
from harness.scripted import text_result, tool
from harness.server import BINARY
from harness.tail import Tail

CLI_2 = Path('/usr/bin/aws')
UUID = re.compile(r'[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}')


@pytest.fixture(scope='module')
def logs(server):
    return server.aws('logs')


def test_the_group_is_made_with_the_gateway_and_stays(server, logs, unique):
    made = Gateway(server, unique('logged'), OPEN)
    group = own_group(made.id)
    assert [one['logGroupName'] for one in
            logs.describe_log_groups(logGroupNamePrefix=group)['logGroups']] == [group]
    assert events(logs, group) == []
    made.control.delete_gateway(gatewayIdentifier=made.id)
    assert logs.describe_log_groups(logGroupNamePrefix=group)['logGroups']


def test_an_invocation_is_two_records(server, logs, echo):
    trace = '160fc209c3befef4857ab1007d041db0'
    body = {'jsonrpc': '2.0', 'id': 7, 'method': 'tools/call',
            'params': {'name': 't___echo', 'arguments': {'q': 'two "words"'}}}
    before = int(time.time() * 1000)
    answer = echo.endpoint().post(body, traceparent=f'00-{trace}-81346de89c725310-01')
    assert UUID.fullmatch(answer.headers['x-amzn-requestid'])
    started, finished = records(logs, own_group(echo.id), 2)
    for record in (started, finished):
        assert record['resource_arn'] == echo.made['gatewayArn']
        assert record['account_id'] == server.ready['account']
        assert record['request_id'] == answer.headers['x-amzn-requestid']
        assert record['trace_id'] == trace and record['span_id'] == '81346de89c725310'
        assert before <= record['event_timestamp'] <= time.time() * 1000
        assert record['body']['isError'] is False and record['body']['id'] == '7'
    assert started['body']['log'] == 'Started processing request with requestId: 7'
    assert json.loads(started['body']['requestBody']) == body
    assert finished['body']['log'] == 'Successfully processed request with requestId: 7'
    assert json.loads(finished['body']['responseBody']) == answer.json()


def test_every_request_has_an_id_of_its_own(echo):
    endpoint = echo.endpoint()
    ids = [endpoint.post({'jsonrpc': '2.0', 'id': number, 'method': 'ping'})
           .headers['x-amzn-requestid'] for number in range(300)]
    assert len(set(ids)) == 300 and all(UUID.fullmatch(one) for one in ids)


def test_failures_are_told(logs, echo, gateway, pool):
    endpoint = echo.endpoint()
    endpoint.ask('tools/call', {'name': 'none', 'arguments': {}})
    endpoint.post('{"no json')
    endpoint.post({'jsonrpc': '2.0', 'method': 'notifications/initialized'})
    group = own_group(echo.id)
    found = [record['body'] for record in records(logs, group, 4)]
    assert [body['isError'] for body in found] == [False, True, True, False]
    assert found[1]['log'] == 'Failed to process request with requestId: 1: unknown_tool'
    assert found[2]['log'].startswith('Refused request: ') and 'requestBody' not in found[2]
    assert found[3]['log'] == 'Accepted notification: notifications/initialized'
    assert len(events(logs, group, '{ $.body.isError IS TRUE }')) == 2

    signed = gateway()
    assert Endpoint(signed.url, 'no-token').post(
        {'jsonrpc': '2.0', 'id': 1, 'method': 'ping'}).status_code == 401
    (refused,) = records(logs, own_group(signed.id), 1)
    assert refused['body'] == {'isError': True, 'log': 'Refused request: Invalid Bearer token'}


def test_a_large_body_is_cut_with_a_mark(logs, echo):
    echo.endpoint().call('t___echo', {'text': 'ü' * 40_000})
    started, finished = records(logs, own_group(echo.id), 2)
    for text in (started['body']['requestBody'], finished['body']['responseBody']):
        assert len(text.encode()) < 17_000
        assert re.search(r'… \[cut: \d{5,6} bytes in all\]$', text), text[-100:]
        assert '\ufffd' not in text


def test_nothing_secret_reaches_a_file(own_server, upstream, unique):
    """Planted: a caller's token, an API key, a client secret, the token it fetched, arguments."""
    server = own_server('--log-level', 'debug')
    pool = Pool(server, 'secrets')
    control = server.aws('bedrock-agentcore-control')
    key = 'planted-api-key-0123456789'
    provider = control.create_api_key_credential_provider(name='key', apiKey=key)
    shown: list[str] = []

    def tell_all(message):
        headers = upstream.received[-1][0]
        shown.append(headers.get('X-Api-Key') or headers['Authorization'].split()[1])
        return text_result(json.dumps({
            'headers': dict(headers), 'note': f'I was shown {shown[-1]} and told '
            + message['params']['arguments']['password']}))

    upstream.set_tools([tool('leak', schema={'type': 'object', 'properties': {
        'card': {'type': 'string', 'writeOnly': True}}})])
    upstream.calls['leak'] = tell_all
    made = Gateway(server, 'leaky', pool.authorizer())
    made.tokens = pool
    made.add_ready('k', upstream.url, api_key(
        provider['credentialProviderArn'], credentialLocation='HEADER',
        credentialParameterName='X-Api-Key'))
    made.add_ready('o', upstream.url, oauth(pool.provider('own'), *pool.scopes))
    endpoint = made.endpoint()
    token = endpoint.http.headers['Authorization'].split()[1]
    arguments = {'password': 'planted-password', 'card': 'planted-card', 'q': 'harmless words',
                 'deep': {'aws_secret_access_key': ['planted-list']},
                 'text': '{"client_secret": "planted-within"}',
                 'url': 'https://h/?access_token=planted-query&n=1'}
    for prefix in ('k', 'o'):
        assert 'planted-password' in endpoint.text(f'{prefix}___leak', arguments)
    found = records(server.aws('logs'), own_group(made.id), 4)
    assert all('harmless words' in record['body']['requestBody'] for record in found[::2])
    assert server.stop() == 0

    planted = [key, pool.secret, token, *shown, 'planted-password', 'planted-card',
               'planted-list', 'planted-within', 'planted-query']
    files = [path for path in server.home.rglob('*') if path.is_file()]
    assert any(b'harmless words' in path.read_bytes() for path in files)
    for path in files:
        content = path.read_bytes()
        for secret in planted:
            assert secret.encode() not in content, (path, secret)
            # Parts of a token are as bad.
            assert len(secret) < 40 or secret[-30:].encode() not in content, (path, secret)


def test_too_many_are_dropped_and_counted(own_server, upstream):
    server = own_server('--gateway-logs-rate', '1')
    upstream.set_tools([tool('t')])
    made = Gateway(server, 'flood', OPEN)
    made.add_ready('t', upstream.url)
    text = 'x' * 15_000
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        def flood(_):
            endpoint = made.endpoint()
            for _ in range(100):
                endpoint.text('t___t', {'text': text})
        list(pool.map(flood, range(4)))
    dropped = metric(server, 'toolgate_invocation_log_dropped_total')
    written = metric(server, 'toolgate_invocation_log_records_total')
    assert dropped > 0 and dropped + written == 800, (dropped, written)
    assert server.stop() == 0
    assert server.logs(f'invocation logs: {dropped} records dropped')
    server.start()
    told = events(server.aws('logs'), own_group(made.id), '"were dropped"')
    assert len(told) == 1 and f'{dropped} log records' in told[0]['message']


def test_off_writes_nothing(own_server, upstream):
    server = own_server('--gateway-logs', 'off')
    made = Gateway(server, 'quiet', OPEN)
    made.endpoint().result('ping')
    assert server.aws('logs').describe_log_groups()['logGroups'] == []


def test_a_kill_between_gateway_and_group_loses_no_group(own_server):
    server = own_server()
    made = Gateway(server, 'killed', OPEN)
    group = own_group(made.id)
    # As if we had ended before the group was made.
    server.aws('logs').delete_log_group(logGroupName=group)
    server.kill()
    server.start()
    Endpoint(f'{server.base}/gateways/{made.id}/mcp').result('ping')
    records(server.aws('logs'), group, 2)


def test_records_survive_a_kill(own_server):
    server = own_server()
    made = Gateway(server, 'killed', OPEN)
    made.endpoint().result('ping')
    before = records(server.aws('logs'), own_group(made.id), 2)
    server.kill()
    server.start()
    assert records(server.aws('logs'), own_group(made.id), 2) == before


def test_tail_follows_a_gateway_through_run(server, echo, tmp_path):
    """Unmodified, with version 2 of the CLI: its requests go through CONNECT or the endpoint."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ('VIRTUAL_ENV', 'PYTHONPATH', 'PYTHONHOME')} | {
        'AWS_CONFIG_FILE': str(tmp_path / 'none'), 'AWS_PAGER': '', 'PYTHONUNBUFFERED': '1',
        'XDG_STATE_HOME': str(server.home), 'XDG_CONFIG_HOME': str(server.home)}
    endpoint = echo.endpoint()
    endpoint.text('t___echo', {'q': 'before'})
    command = [BINARY, 'run', '--data-dir', server.data, '--', CLI_2, 'logs', 'tail',
               own_group(echo.id), '--follow', '--format', 'short']
    with Tail(command, environment) as tail:
        assert tail.shows('before'), tail.lines
        endpoint.text('t___echo', {'q': 'while it follows'})
        assert tail.shows('while it follows'), tail.lines
