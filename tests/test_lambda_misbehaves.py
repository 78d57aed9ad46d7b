"""Functions that crash, hang, leak, print and answer too much, in Python, in Node and as a program
of one's own: each is the error of that one call, and the next call is served."""
import json
import re
import subprocess
import time

import pytest
from harness.functions import Function, own_runtime

PYTHON = '''
import ctypes, os, subprocess, sys, time
def handler(event, context):
    if event == 'abort': ctypes.string_at(0)
    if event == 'exit': sys.exit(3)
    if event == 'hang': time.sleep(60)
    if event == 'spin':
        while True: pass
    if event == 'large': return 'x' * 7_000_000
    kept = []
    while event == 'leak': kept.append(bytearray(os.urandom(1 << 20)))
    if event == 'print':
        for _ in range(100_000): print('y' * 999)
    if event[:6] == 'orphan':
        subprocess.Popen(['sleep', event[7:]], start_new_session=True)
        time.sleep(60)
    return {'got': event}
'''
NODE = '''
exports.handler = async (event) => {
  if (event === 'abort') process.abort();
  if (event === 'exit') process.exit(3);
  if (event === 'hang') await new Promise((resolve) => setTimeout(resolve, 60_000));
  while (event === 'spin');
  if (event === 'large') return 'x'.repeat(7_000_000);
  const kept = [];
  while (event === 'leak') kept.push(Buffer.alloc(1 << 20, 1));
  if (event === 'print') {
    for (let left = 100_000; left > 0; --left) process.stdout.write('y'.repeat(999) + '\\n');
  }
  return { got: event };
};
'''
WAYS = ['python3.11', 'nodejs20.x', 'provided.al2023']
SECONDS = 3  # that a call may take


@pytest.fixture(scope='module', params=WAYS)
def function(request, server, tmp_path_factory):
    code = {'python3.11': {'app__py': PYTHON}, 'nodejs20.x': {'app__js': NODE}}.get(request.param)
    one = Function(server, 'misbehaves-' + request.param.partition('.')[0],
                   code or own_runtime(tmp_path_factory.mktemp('own')), Runtime=request.param,
                   Timeout=SECONDS, MemorySize=256)
    yield one
    one.client.delete_function(FunctionName=one.name)


def with_time(function, seconds: int) -> None:
    function.client.update_function_configuration(FunctionName=function.name, Timeout=seconds)


@pytest.fixture(autouse=True)
def serves_the_next_call(function):
    yield
    assert function('well') == {'got': 'well'}


@pytest.mark.parametrize('event, said', [
    ('abort', r'Runtime exited with error: signal: (aborted|segmentation fault)'),
    ('exit', 'Runtime exited with error: exit status 3')])
def test_a_crash_is_said(function, event, said):
    error = function.error(event)
    assert error['errorType'] == 'Runtime.ExitError'
    assert re.fullmatch(rf'RequestId: \S{{36}} Error: {said}', error['errorMessage']), error


@pytest.mark.parametrize('event', ['hang', 'spin'])
def test_a_call_ends_with_its_time(function, event):
    began = time.monotonic()
    message = function.error(event)['errorMessage']
    assert 2.9 < time.monotonic() - began < 30  # and not a minute
    assert message.endswith('Task timed out after 3.00 seconds')


def test_a_leak_ends_at_the_functions_memory(function, server):
    before = server.memory_mb()
    with_time(function, 60)  # it is its memory that ends it, not its time
    error = function.error('leak')
    with_time(function, SECONDS)
    assert error['errorType'] in ('Runtime.ExitError', 'MemoryError'), error
    assert server.memory_mb() - before < 50


def test_an_answer_above_six_megabytes_is_refused(function):
    error = function.error('large')
    assert error['errorType'] == 'Function.ResponseSizeTooLarge'
    assert '6291556 bytes' in error['errorMessage']


def test_a_large_event_comes_whole(function):
    event = 'é☃z' * 400_000
    assert function(event) == {'got': event}


def test_a_hundred_megabytes_of_output_are_bounded(function, server):
    before = server.memory_mb()
    with_time(function, 60)
    assert function('print') == {'got': 'print'}
    with_time(function, SECONDS)
    assert server.memory_mb() - before < 80
    lines = function.log('of output were dropped', 10)
    dropped = sum(int(found.group(1)) for line in lines
                  if (found := re.match(r'\[toolgate\] (\d+) lines', line)))
    kept = sum(line.startswith('yyy') for line in lines)
    assert dropped + kept == 100_000 and 0 < kept < 20_000


def test_what_a_call_started_ends_with_it(function):
    if function.made['Runtime'] != 'python3.11':
        return  # the supervisor's business, whatever the program
    seconds = '61.37'
    function.error(f'orphan {seconds}')
    until = time.monotonic() + 20
    while subprocess.run(['pgrep', '-f', f'sleep {seconds}'], capture_output=True).stdout:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_each_error_is_of_its_call_alone(function):
    """Two processes at a time: one crashes, the other's call goes on."""
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(4) as pool:
        wishes = ['well', 'exit', 'well', 'abort'] * 3
        answers = list(pool.map(function.invoke, wishes))
    for wish, answer in zip(wishes, answers, strict=True):
        assert ('FunctionError' in answer) == (wish != 'well'), (wish, answer['Payload'])
        if wish == 'well':
            assert json.loads(answer['Payload']) == {'got': 'well'}
