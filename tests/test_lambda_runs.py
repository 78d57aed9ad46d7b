"""What functions do when they are called: Python, Node and programs of one's own; their logs,
errors and limits."""
import base64
import json
import re
import time

import boto3
import pytest
from harness.functions import Function, own_runtime

MIXED = '''
import ctypes, json, logging, os, sys, time
calls = 0
def handler(event, context):
    global calls
    calls += 1
    want = event['want']
    if want == 'context':
        client = context.client_context
        return dict(
            request=context.aws_request_id, name=context.function_name,
            version=context.function_version, arn=context.invoked_function_arn,
            memory=context.memory_limit_in_mb, group=context.log_group_name,
            stream=context.log_stream_name, left=context.get_remaining_time_in_millis(),
            custom=client and client.custom, env=client and client.env,
            title=client and client.client and client.client.app_title,
            cognito=context.identity.cognito_identity_id)
    if want == 'environment': return dict(os.environ)
    if want == 'calls': return [os.getpid(), calls]
    if want == 'raise': raise ValueError('broken: é')
    if want == 'exit': sys.exit(3)
    if want == 'crash': ctypes.string_at(0)
    if want == 'hang': time.sleep(60)
    if want == 'large': return 'x' * 7_000_000
    if want == 'marshal': return dict(bad={1, 2})
    if want == 'leak':
        kept = []
        while True: kept.append(bytearray(os.urandom(1 << 20)))
    if want == 'print':
        line = 'y' * 999
        for _ in range(event['lines']): print(line)
        return 'printed'
    if want == 'log':
        print('one'); print('two', file=sys.stderr)
        logging.getLogger().warning('three'); os.system('echo four'); print('five', end='')
        return None
    if want == 'write':
        open('/tmp/mine', 'a').write('x'); return os.path.getsize('/tmp/mine')
    if want == 'spoil': open(os.environ['LAMBDA_TASK_ROOT'] + '/app.py', 'w')
    if want == 'who':
        import boto3
        return boto3.client('sts').get_caller_identity()['Arn']
    return event
'''


@pytest.fixture(scope='module')
def python(server):
    made = Function(server, 'mixed', MIXED, Timeout=3, MemorySize=192)
    yield made
    made.client.delete_function(FunctionName='mixed')


def test_the_context_has_what_lambdas_has(python, server):
    context = {'custom': {'tool': 'a___b', 'ü': 'ß'}, 'env': {'locale': 'de'},
               'client': {'app_title': 'tests'}}
    answer = python.invoke({'want': 'context'}, ClientContext=base64.b64encode(
        json.dumps(context, ensure_ascii=False).encode()).decode())
    told = json.loads(answer['Payload'])
    assert told['request'] == answer['ResponseMetadata']['RequestId']
    assert (told['name'], told['version'], told['arn']) == ('mixed', '$LATEST', python.arn)
    assert (told['memory'], told['group']) == ('192', '/aws/lambda/mixed')
    assert re.fullmatch(r'\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}', told['stream'])
    assert 1000 < told['left'] <= 3000
    assert (told['custom'], told['env']) == (context['custom'], context['env'])
    assert told['title'] == 'tests' and told['cognito'] is None
    assert python({'want': 'context'})['custom'] is None


def test_the_environment_is_the_one_lambda_gives(python, server):
    told = python({'want': 'environment'})
    assert told['AWS_LAMBDA_FUNCTION_NAME'] == 'mixed' and told['_HANDLER'] == 'app.handler'
    assert told['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'] == '192'
    assert told['AWS_REGION'] == told['AWS_DEFAULT_REGION'] == 'us-east-1'
    assert told['AWS_EXECUTION_ENV'] == 'AWS_Lambda_python3.11'
    assert told['AWS_ACCESS_KEY_ID'].startswith('ASIA') and told['AWS_SESSION_TOKEN']
    assert told['AWS_ENDPOINT_URL'].startswith('http://127.0.0.1:')
    assert not any(name.startswith(('TOOLGATE', '_TOOLGATE')) for name in told)
    session = boto3.session.Session(told['AWS_ACCESS_KEY_ID'], told['AWS_SECRET_ACCESS_KEY'],
                                    told['AWS_SESSION_TOKEN'], 'us-east-1')
    identity = session.client('sts', endpoint_url=server.base).get_caller_identity()
    assert identity['Arn'].endswith(':assumed-role/function/mixed')


def test_boto3_is_there_and_acts_as_the_role(server, unique):
    one = Function(server, unique('function'), MIXED, Timeout=60, MemorySize=256)
    assert one({'want': 'who'}).endswith(f':assumed-role/function/{one.name}')


def test_a_process_serves_one_call_after_the_other(python):
    first = python({'want': 'calls'})
    second = python({'want': 'calls'})
    assert second == [first[0], first[1] + 1]


def test_errors_are_those_of_one_call(python):
    error = python.error({'want': 'raise'})
    assert (error['errorType'], error['errorMessage']) == ('ValueError', 'broken: é')
    assert error['requestId'] and 'raise ValueError' in error['stackTrace'][0]
    assert 'Runtime.MarshalError' == python.error({'want': 'marshal'})['errorType']
    error = python.error({'want': 'exit'})
    assert error['errorType'] == 'Runtime.ExitError'
    assert re.fullmatch(r'RequestId: \S+ Error: Runtime exited with error: exit status 3',
                        error['errorMessage'])
    error = python.error({'want': 'crash'})
    assert error['errorMessage'].endswith('signal: segmentation fault')
    error = python.error({'want': 'large'})
    assert error['errorType'] == 'Function.ResponseSizeTooLarge'
    assert '6291556 bytes' in error['errorMessage']
    error = python.error({'want': 'spoil'})
    assert error['errorType'] in ('OSError', 'PermissionError')
    assert python({'want': 'echo'}) == {'want': 'echo'}


def test_a_call_that_takes_too_long_is_ended(python):
    began = time.monotonic()
    answer = python.invoke({'want': 'hang'}, LogType='Tail')
    assert 2.9 < time.monotonic() - began < 30  # and not a minute
    error = json.loads(answer['Payload'])
    assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z '
                        + answer['ResponseMetadata']['RequestId']
                        + r' Task timed out after 3\.00 seconds', error['errorMessage'])
    assert 'Task timed out' in base64.b64decode(answer['LogResult']).decode()
    assert python({'want': 'echo'}) == {'want': 'echo'}


def test_a_call_that_takes_too_much_memory_is_ended(python):
    error = python.error({'want': 'leak'})
    assert error['errorType'] in ('Runtime.ExitError', 'MemoryError')
    assert python({'want': 'echo'}) == {'want': 'echo'}


def test_a_hundred_megabytes_of_output_are_bounded(python, server):
    before = server.memory_mb()
    assert python({'want': 'echo'}) == {'want': 'echo'}
    python.client.update_function_configuration(FunctionName='mixed', Timeout=60)
    assert python({'want': 'print', 'lines': 100_000}) == 'printed'
    python.client.update_function_configuration(FunctionName='mixed', Timeout=3)
    assert server.memory_mb() - before < 80
    lines = python.log('of output were dropped', 10)
    dropped = sum(int(found.group(1)) for line in lines
                  if (found := re.match(r'\[toolgate\] (\d+) lines', line)))
    kept = sum(line.startswith('yyy') for line in lines)
    assert dropped + kept == 100_000 and 0 < kept < 20_000


def test_the_log_is_written_as_lambda_writes_it(python):
    answer = python.invoke({'want': 'log'}, LogType='Tail')
    tail = base64.b64decode(answer['LogResult']).decode().splitlines()
    request = answer['ResponseMetadata']['RequestId']
    assert tail[0] == f'START RequestId: {request} Version: $LATEST'
    assert tail[1:3] == ['one', 'two']
    assert re.fullmatch(r'\[WARNING\]\t\S+Z\t' + request + '\tthree', tail[3])
    assert tail[4:6] == ['four', 'five']
    assert tail[6] == f'END RequestId: {request}'
    assert re.fullmatch(rf'REPORT RequestId: {request}\tDuration: [\d.]+ ms\t'
                        r'Billed Duration: \d+ ms\tMemory Size: 192 MB\tMax Memory Used: \d+ MB\t'
                        r'(Init Duration: [\d.]+ ms\t)?', tail[7])
    lines = python.log(f'REPORT RequestId: {request}')
    at = lines.index(tail[0])
    assert lines[at:at + 8] == tail
    assert any(line.startswith('INIT_START Runtime Version: python3.11') for line in lines)


def test_a_function_has_a_tmp_of_its_own(python, server):
    assert python({'want': 'write'}) >= 1
    other = Function(server, 'neighbour', MIXED)
    assert other({'want': 'write'}) == 1


@pytest.mark.parametrize('source, kind', [
    ('import nothing_like_it', 'Runtime.ImportModuleError'),
    ('def handler(:', 'Runtime.UserCodeSyntaxError'),
    ('def other(e, c): pass', 'Runtime.HandlerNotFound'),
    ('raise KeyError("early")', 'KeyError'),
    ('import os; os._exit(4)', 'Runtime.ExitError'),
])
def test_code_that_cannot_begin_says_why(server, unique, source, kind):
    one = Function(server, unique('function'), source)
    for _ in range(2):
        error = one.error()
        assert error['errorType'] == kind, error
    one.update(app__py='def handler(e, c): return "better"')
    assert one() == 'better'


def test_an_interpreter_that_is_not_there_is_replaced_and_the_log_says_so(server, unique):
    one = Function(server, unique('function'), 'import sys\ndef handler(e, c):\n'
                                               '    return "%d.%d" % sys.version_info[:2]',
                   Runtime='python3.9')
    assert one() != '3.9'
    assert one.log('python3.9 is not installed on this machine')


NODE = '''
import fs from 'node:fs';
export const handler = async (event, context) => {
  if (event.want === 'context') return { id: context.awsRequestId, arn: context.invokedFunctionArn,
    custom: context.clientContext?.custom, left: context.getRemainingTimeInMillis(),
    name: context.functionName };
  if (event.want === 'raise') throw new TypeError('broken');
  if (event.want === 'exit') process.exit(2);
  if (event.want === 'later') { setTimeout(() => { throw new Error('late'); }, 10);
    await new Promise((resolve) => setTimeout(resolve, 5000)); }
  if (event.want === 'never') await new Promise(() => {});
  if (event.want === 'circle') { const a = {}; a.a = a; return a; }
  console.log('seen', event);
  return event;
};
'''


FETCH = {'python3.11': '''
import json, urllib.request
def handler(event, context):
    data = event['form'].encode() if 'form' in event else None
    return json.loads(urllib.request.urlopen(event['url'], data).read())
''', 'nodejs20.x': '''
export const handler = async ({ url, form }) => (await fetch(url, form ? {
  method: 'POST', body: new URLSearchParams(form) } : {})).json();
'''}


@pytest.mark.parametrize('runtime', FETCH)
def test_host_names_of_aws_lead_here(server, unique, pool, runtime):
    """A pool's keys and its token endpoint, as the code spells them out."""
    one = Function(server, unique('function'), FETCH[runtime], Runtime=runtime, Timeout=20)
    assert one({'url': f'{pool.issuer}/.well-known/jwks.json'})['keys'][0]['kty'] == 'RSA'
    url = f'https://{pool.domain}.auth.{server.ready["region"]}.amazoncognito.com/oauth2/token'
    form = (f'grant_type=client_credentials&client_id={pool.client_id}'
            f'&client_secret={pool.secret}')
    assert one({'url': url, 'form': form})['access_token'].count('.') == 2


def test_node_functions_in_each_form(server, unique):
    one = Function(server, unique('function'), NODE, Runtime='nodejs20.x')
    assert one({'a': 1}) == {'a': 1}
    assert re.search(r'Z\t\S{36}\tINFO\tseen \{ a: 1 \}', '\n'.join(one.log('seen')))
    answer = one.invoke({'want': 'context'}, ClientContext=base64.b64encode(
        '{"custom":{"tool":"ü"}}'.encode()).decode())
    told = json.loads(answer['Payload'])
    assert told['id'] == answer['ResponseMetadata']['RequestId'] and told['arn'] == one.arn
    assert told['custom'] == {'tool': 'ü'} and 0 < told['left'] <= 3000
    error = one.error({'want': 'raise'})
    assert (error['errorType'], error['errorMessage']) == ('TypeError', 'broken')
    assert any('app.mjs' in line for line in error['trace'])
    assert one.error({'want': 'circle'})['errorType'] == 'Runtime.MarshalError'
    assert 'exit status 2' in one.error({'want': 'exit'})['errorMessage']
    assert one.error({'want': 'later'})['errorMessage'] == 'late'
    assert one({'want': 'never'}) is None
    common = {'lib/app__js': 'exports.handler = (event, context, done) => '
                             'setTimeout(() => done(null, [event, require("./two").two]), 5);',
              'lib/two__js': 'exports.two = 2;'}
    called = Function(server, unique('function'), common, Runtime='nodejs20.x',
                      Handler='lib/app.handler')
    assert called(1) == [1, 2]
    wrong = Function(server, unique('function'), 'export const x = 1;', Runtime='nodejs20.x')
    assert wrong.error()['errorType'] == 'Runtime.HandlerNotFound'


def test_a_program_of_ones_own(server, unique, tmp_path):
    one = Function(server, unique('function'), own_runtime(tmp_path), Runtime='provided.al2023',
                   Handler='any')
    assert one([1, 2]) == {'got': [1, 2]}
    answer = one.invoke('x', LogType='Tail')
    assert 'working' in base64.b64decode(answer['LogResult']).decode()
    assert one.error('error')['errorType'] == 'Own.Error'
    assert 'signal: aborted' in one.error('abort')['errorMessage']
    assert one(3) == {'got': 3}
    none = Function(server, unique('function'), {'other': 'x'}, Runtime='provided.al2023',
                    Handler='any')
    assert none.error()['errorType'] == 'Runtime.InvalidEntrypoint'


def test_the_runtime_api_is_closed_to_everybody_else(python, server):
    import requests
    for path in ('nonsense', python({'want': 'environment'})['AWS_LAMBDA_RUNTIME_API'][-5:]):
        answer = requests.get(f'{server.base}/lambda-runtime/{path}/2018-06-01/runtime/'
                              'invocation/next', timeout=5)
        assert answer.status_code == 403
