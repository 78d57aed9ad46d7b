"""Calls of functions that wait: beyond a limit, and asynchronous ones, over the server's death."""
import concurrent.futures
import json
import threading
import time

import boto3
from botocore.config import Config
from harness.functions import Function
from harness.server import SHORT

SLEEP = '''
import time
def handler(event, context):
    time.sleep(0.1)
    return event
'''


def test_calls_beyond_the_limit_wait_in_order(server, unique):
    one = Function(server, unique('function'), SLEEP, Timeout=20)
    one.client.put_function_concurrency(FunctionName=one.name, ReservedConcurrentExecutions=4)
    ended = []
    lock = threading.Lock()
    client = boto3.session.Session(**server.credentials(), region_name='us-east-1').client(
        'lambda', endpoint_url=server.base, config=SHORT.merge(Config(max_pool_connections=100)))

    def call(number: int) -> None:
        answer = client.invoke(FunctionName=one.name, Payload=str(number))
        assert json.loads(answer['Payload'].read()) == number
        with lock:
            ended.append(number)

    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        calls = []
        for number in range(100):
            calls.append(pool.submit(call, number))
            time.sleep(0.02)
        for each in calls:
            each.result()
    assert sorted(ended) == list(range(100))
    # Four run at a time, and the threads of this test are not exact, the less the busier the
    # machine; in an order of chance one of a hundred is late by more than seventy.
    late = [abs(number - place) for place, number in enumerate(ended)]
    assert max(late) < 60, ended
    assert len({line for line in one.log('INIT_START') if line.startswith('INIT_START')}) >= 1
    assert sum(line.startswith('INIT_START') for line in one.log('INIT_START')) == 4


def test_events_survive_the_servers_death(own_server, tmp_path):
    server = own_server('--function-retry-seconds', '1')
    slow = Function(server, 'slow', 'import time\ndef handler(event, context):\n'
                                    '    print("began", event)\n    time.sleep(4)\n'
                                    '    print("ended", event)', Timeout=30)
    answer = slow.client.invoke(FunctionName='slow', InvocationType='Event', Payload='17')
    assert answer['StatusCode'] == 202 and answer['Payload'].read() == b''
    slow.log('began 17')
    server.kill()
    server.start()
    slow.log('ended 17', 60)
    lines = slow.log('REPORT', 60)
    assert sum('began 17' in line for line in lines) == 2  # what was not over begins again
    time.sleep(1)  # that it is over is written down a moment after it is said
    server.kill()
    server.start()
    time.sleep(1)
    assert sum('began 17' in line for line in slow.log('began 17')) == 2


def test_events_that_fail_are_tried_twice_more(own_server):
    server = own_server('--function-retry-seconds', '1')
    one = Function(server, 'failing', 'def handler(event, context):\n    print("try", event)\n'
                                      '    raise ValueError("no")')
    one.client.invoke(FunctionName='failing', InvocationType='Event', Payload='1')
    until = time.monotonic() + 60
    while one.log('try 1').count('try 1') < 3:
        assert time.monotonic() < until
        time.sleep(0.1)
    time.sleep(2)
    lines = one.log('try 1')
    assert sum(line == 'try 1' for line in lines) == 3
    ids = {line.split()[2] for line in lines if line.startswith('START')}
    assert len(ids) == 1
