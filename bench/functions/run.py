#!/usr/bin/env python3
"""What a call of a function costs beside the function's own time: cold and warm, by Invoke and
through a gateway, and many at a time.

    bench/functions/run.py [--calls 500] [--cold 10]     .venv/tests/bin/python runs it

The handlers do nothing, so all the time that the client sees is overhead. A cold call is the first
one after a change of the function's settings, which makes a new process. Ends with 1 when a bound
is broken: a warm call through a gateway under 1 ms (the median), a cold one in Python under 300 ms,
100 calls at once of a function with a concurrency of 4 begun in order of arrival.
"""
import argparse
import concurrent.futures
import http.client
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / 'tests'))

from harness.functions import Function  # noqa: E402
from harness.gateway import Gateway  # noqa: E402
from harness.server import Server  # noqa: E402

HANDLERS = {
    'python3.11': 'def handler(event, context):\n    return event\n',
    'nodejs20.x': 'export const handler = async (event) => event;\n',
}

WARM_MS_MAX, COLD_PYTHON_MS_MAX, AT_ONCE, CONCURRENCY = 1.0, 300.0, 100, 4
SLOW = '''
import time
def handler(event, context):
    began = time.time()
    time.sleep(0.02)
    return [began, event]
'''
TOOL = {'name': 'echo', 'description': 'echoes', 'inputSchema': {'type': 'object'}}
ROLE = [{'credentialProviderType': 'GATEWAY_IAM_ROLE'}]


class Caller:
    """Signed once; sent over one connection."""

    def __init__(self, server: Server, name: str) -> None:
        given = server.credentials()
        url = f'{server.base}/2015-03-31/functions/{name}/invocations'
        request = AWSRequest('POST', url, data=b'{"a":1}')
        SigV4Auth(Credentials(given['aws_access_key_id'], given['aws_secret_access_key'],
                              given['aws_session_token']), 'lambda', 'us-east-1').add_auth(request)
        self.headers = dict(request.headers.items())
        self.path = url.removeprefix(server.base)
        self.connection = http.client.HTTPConnection(server.base.removeprefix('http://'))

    def __call__(self) -> float:
        """Seconds."""
        began = time.perf_counter()
        self.connection.request('POST', self.path, b'{"a":1}', self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        took = time.perf_counter() - began
        assert (answer.status, body.replace(b' ', b'')) == (200, b'{"a":1}'), body
        return took


class ToolCaller:
    """tools/call of a gateway without sign-in, over one connection."""

    def __init__(self, url: str, tool: str) -> None:
        host, _, path = url.removeprefix('http://').partition('/')
        self.path = '/' + path
        self.connection = http.client.HTTPConnection(host)
        self.body = json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': 'tools/call', 'params': {
            'name': tool, 'arguments': {'a': 1}}})

    def __call__(self) -> float:
        """Seconds."""
        began = time.perf_counter()
        self.connection.request('POST', self.path, self.body,
                                {'Content-Type': 'application/json'})
        answer = self.connection.getresponse()
        result = json.loads(answer.read())['result']
        took = time.perf_counter() - began
        assert json.loads(result['content'][0]['text']) == {'a': 1}, result
        return took


def many_at_once(server: Server) -> int:
    """How far the call that is most out of place began from its place in the order of arrival."""
    one = Function(server, 'slow', SLOW, Timeout=60)
    one.client.put_function_concurrency(FunctionName='slow',
                                        ReservedConcurrentExecutions=CONCURRENCY)
    given = server.credentials()
    url = f'{server.base}/2015-03-31/functions/slow/invocations'

    def prepare(number: int) -> tuple:
        request = AWSRequest('POST', url, data=str(number).encode())
        SigV4Auth(Credentials(given['aws_access_key_id'], given['aws_secret_access_key'],
                              given['aws_session_token']), 'lambda', 'us-east-1').add_auth(request)
        connection = http.client.HTTPConnection(server.base.removeprefix('http://'))
        connection.connect()
        return connection, request

    ready = [prepare(number) for number in range(AT_ONCE)]
    for number, (connection, request) in enumerate(ready):
        connection.request('POST', request.url.removeprefix(server.base), str(number).encode(),
                           dict(request.headers.items()))
        time.sleep(0.001)  # arrived before the next one
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda each: json.loads(each[0].getresponse().read()), ready))
    begun = [number for _, number in sorted(answers)]
    assert sorted(begun) == list(range(AT_ONCE))
    return max(abs(number - place) for place, number in enumerate(begun))


def spread(name: str, seconds: list[float]) -> float:
    """Prints what was measured; its median in milliseconds."""
    median = statistics.median(seconds) * 1e3
    print(f'  {name}: {median:.2f} ms, p99 {sorted(seconds)[int(len(seconds) * 0.99)] * 1e3:.2f}, '
          f'at most {max(seconds) * 1e3:.2f}')
    return median


def measure(server: Server, gateway: Gateway, runtime: str, options) -> list[str]:
    """Prints one runtime's numbers; gives the bounds that they break."""
    print(runtime)
    one = Function(server, runtime.replace('.', '-'), HANDLERS[runtime], Runtime=runtime)
    target = runtime.partition('.')[0]
    gateway.at_rest(gateway.control.create_gateway_target(
        gatewayIdentifier=gateway.id, name=target, credentialProviderConfigurations=ROLE,
        targetConfiguration={'mcp': {'lambda': {
            'lambdaArn': one.arn, 'toolSchema': {'inlinePayload': [TOOL]}}}}))
    broken = []
    ways = {'Invoke': Caller(server, one.name),
            'tools/call': ToolCaller(gateway.url, f'{target}___echo')}
    for way, call in ways.items():
        cold = []
        for number in range(options.cold):
            one.client.update_function_configuration(FunctionName=one.name,
                                                     Description=f'{way} {number}')
            cold.append(call())
        slowest = spread(f'{way}, cold', cold)
        if target.startswith('python') and slowest >= COLD_PYTHON_MS_MAX:
            broken.append(f'{way}, cold: {slowest:.0f} ms')
        warm = spread(f'{way}, warm', [call() for _ in range(options.calls)])
        if warm >= WARM_MS_MAX:
            broken.append(f'{runtime}, {way}, warm: {warm:.2f} ms')
    return broken


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('--calls', type=int, default=500)
    arguments.add_argument('--cold', type=int, default=10)
    options = arguments.parse_args()
    server = Server(Path(tempfile.mkdtemp(prefix='toolgate-bench-'))).start()
    broken = []
    try:
        role = server.make_role('functions', 'lambda:InvokeFunction')
        gateway = Gateway(server, 'bench', {'authorizerType': 'NONE'}, roleArn=role)
        for runtime in HANDLERS:
            broken += measure(server, gateway, runtime, options)
        off = many_at_once(server)
        print(f'{AT_ONCE} calls at once, {CONCURRENCY} at a time: begun at most {off} places from '
              'their order of arrival')
        # Those that run at the same time may be scheduled in any order.
        if off >= 2 * CONCURRENCY:
            broken.append(f'order of arrival: {off} places')
    finally:
        server.stop()
    if broken:
        sys.exit('broken: ' + '; '.join(broken))


if __name__ == '__main__':
    main()
