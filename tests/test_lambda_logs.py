"""LoggingConfig: the logs of functions as JSON, their levels, and `aws logs tail` beside them."""
import base64
import json
import os
import re
from pathlib import Path

import pytest
from harness.functions import Function, own_runtime
from harness.server import BINARY
from harness.tail import Tail

PYTHON = '''
import logging, os
shop = logging.getLogger('shop')
def handler(event, context):
    print('printed', os.environ['AWS_LAMBDA_LOG_FORMAT'], os.environ.get('AWS_LAMBDA_LOG_LEVEL'))
    shop.debug('hidden')
    shop.info('counted %d\\nparcels', 3, extra={'basket': [1, 'two'], 'odd': {4}})
    try: 1 / 0
    except ZeroDivisionError: shop.exception('lost')
    if event == 'raise': raise ValueError('broken')
    return event
'''
NODE = '''
export const handler = async (event) => {
  console.debug('hidden');
  console.log('counted %d', 3);
  console.info({ basket: [1, 'two'] });
  const circle = {};
  circle.circle = circle;
  console.warn(circle);
  console.error('lost', new TypeError('missing'));
  if (event === 'raise') throw new RangeError('broken');
  return event;
};
'''
JSON = {'LogFormat': 'JSON'}
STAMP = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z')
CLI_2 = Path('/usr/bin/aws')


def called(one: Function, event) -> tuple[str, list]:
    """The request's id, and what its call wrote: objects, and lines that are none."""
    answer = one.invoke(event, LogType='Tail')
    lines = base64.b64decode(answer['LogResult']).decode().splitlines()
    request = answer['ResponseMetadata']['RequestId']
    return request, [json.loads(line) if line.startswith('{') else line for line in lines]


def test_python_logs_as_json(server, unique):
    one = Function(server, unique('function'), PYTHON, LoggingConfig=JSON)
    assert one.made['LoggingConfig'] == {
        'LogFormat': 'JSON', 'ApplicationLogLevel': 'INFO', 'SystemLogLevel': 'INFO',
        'LogGroup': f'/aws/lambda/{one.name}'}
    request, (start, printed, counted, lost, report) = called(one, 'x')
    assert STAMP.fullmatch(start.pop('time'))
    assert start == {'type': 'platform.start',
                     'record': {'requestId': request, 'version': '$LATEST'}}
    assert printed == 'printed JSON INFO'
    assert STAMP.fullmatch(counted.pop('timestamp'))
    assert counted == {'level': 'INFO', 'message': 'counted 3\nparcels', 'logger': 'shop',
                       'requestId': request, 'basket': [1, 'two'], 'odd': '{4}'}
    assert (lost['level'], lost['message'], lost['requestId']) == ('ERROR', 'lost', request)
    assert (lost['errorType'], lost['errorMessage']) == ('ZeroDivisionError', 'division by zero')
    assert '1 / 0' in lost['stackTrace'][0]
    assert re.fullmatch(r'/\S+/app\.py:handler:\d+', lost['location'])
    record = report['record']
    assert report['type'] == 'platform.report' and record['status'] == 'success'
    assert record['requestId'] == request and record['metrics']['memorySizeMB'] == 128
    assert record['metrics']['initDurationMs'] > 0 and record['metrics']['maxMemoryUsedMB'] > 5
    assert record['metrics']['durationMs'] <= record['metrics']['billedDurationMs']
    lines = one.log('platform.report')
    began = json.loads(lines[0])
    assert began['type'] == 'platform.initStart'
    assert began['record']['runtimeVersion'] == 'python3.11'

    request, lines = called(one, 'raise')
    raised, done, report = lines[-3:]
    assert (raised['log_level'], raised['errorType'], raised['errorMessage'],
            raised['requestId']) == ('ERROR', 'ValueError', 'broken', request)
    assert "raise ValueError('broken')" in raised['stackTrace'][0]
    assert done['type'] == 'platform.runtimeDone'  # said where it is no success
    assert report['record']['status'] == 'error'


def test_levels_leave_out_what_is_below_them(server, unique):
    one = Function(server, unique('function'), PYTHON, LoggingConfig=JSON | {
        'ApplicationLogLevel': 'DEBUG', 'SystemLogLevel': 'DEBUG'})
    _, lines = called(one, 'x')
    types = [line.get('type') or line['message'] for line in lines if isinstance(line, dict)]
    assert types == ['platform.start', 'hidden', 'counted 3\nparcels', 'lost',
                     'platform.runtimeDone', 'platform.report']
    change = one.client.update_function_configuration
    change(FunctionName=one.name, LoggingConfig={
        'ApplicationLogLevel': 'ERROR', 'SystemLogLevel': 'WARN'})
    _, lines = called(one, 'x')
    assert [line['message'] for line in lines] == ['lost']
    _, lines = called(one, 'raise')
    assert [line.get('type') or line.get('message') or line['errorMessage'] for line in lines] == [
        'lost', 'broken', 'platform.runtimeDone', 'platform.report']
    shown = change(FunctionName=one.name, LoggingConfig={'LogFormat': 'Text'})
    assert shown['LoggingConfig'] == {'LogFormat': 'Text', 'LogGroup': f'/aws/lambda/{one.name}'}
    _, lines = called(one, 'x')
    assert lines[0].startswith('START RequestId: ') and lines[1] == 'printed Text None'
    with pytest.raises(one.client.exceptions.InvalidParameterValueException,
                       match='LoggingConfig.SystemLogLevel: only with LogFormat JSON'):
        change(FunctionName=one.name, LoggingConfig={'SystemLogLevel': 'WARN'})


def test_node_logs_as_json(server, unique):
    one = Function(server, unique('function'), NODE, Runtime='nodejs20.x', LoggingConfig=JSON)
    request, lines = called(one, 'raise')
    start, counted, basket, circle, lost, raised, *_, report = lines
    assert start['type'] == 'platform.start'
    for line in (counted, basket, circle, lost, raised):
        assert STAMP.fullmatch(line['timestamp']) and line['requestId'] == request
    assert (counted['level'], counted['message']) == ('INFO', 'counted 3')
    assert basket['message'] == {'basket': [1, 'two']}
    assert circle['level'] == 'WARN' and '[Circular *1]' in circle['message']
    assert (lost['level'], lost['errorType'], lost['errorMessage']) == (
        'ERROR', 'TypeError', 'missing')
    assert lost['message'].startswith('lost TypeError: missing') and len(lost['stackTrace']) > 1
    assert raised['message']['errorType'] == 'RangeError'
    assert raised['message']['errorMessage'] == 'broken'
    assert 'app.mjs' in ''.join(raised['message']['stackTrace'])
    assert report['type'] == 'platform.report' and report['record']['status'] == 'error'


def test_a_program_of_ones_own_is_told_the_format(server, unique, tmp_path):
    one = Function(server, unique('function'), own_runtime(tmp_path), Runtime='provided.al2023',
                   Handler='any', Timeout=3, LoggingConfig=JSON)
    request, lines = called(one, 'x')
    assert lines[1] == 'working' and lines[2]['type'] == 'platform.report'
    request, lines = called(one, 'hang')
    assert (lines[2]['level'], lines[2]['requestId']) == ('ERROR', request)
    assert 'Task timed out after 3.00 seconds' in lines[2]['message']
    assert lines[-1]['record']['status'] == 'timeout'


def test_tail_follows_a_function(server, unique, tmp_path):
    """Version 2 of the CLI, unmodified, through `toolgate run`."""
    one = Function(server, unique('function'), 'def handler(event, context): print("saw", event)')
    environment = {name: value for name, value in os.environ.items()
                   if name not in ('VIRTUAL_ENV', 'PYTHONPATH', 'PYTHONHOME')} | {
        'AWS_CONFIG_FILE': str(tmp_path / 'none'), 'AWS_PAGER': '', 'PYTHONUNBUFFERED': '1',
        'XDG_STATE_HOME': str(server.home), 'XDG_CONFIG_HOME': str(server.home)}
    one('before')
    one.log('REPORT')
    command = [BINARY, 'run', '--data-dir', server.data, '--', CLI_2, 'logs', 'tail',
               f'/aws/lambda/{one.name}', '--follow', '--format', 'short']
    with Tail(command, environment) as tail:
        assert tail.shows('saw before'), tail.lines
        one('while it follows')
        assert tail.shows('saw while it follows'), tail.lines
