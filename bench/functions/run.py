#!/usr/bin/env python3
"""What Invoke costs beside the function's own time: cold and warm, from a keep-alive client.

    bench/functions/run.py [--calls 500] [--cold 10]     .venv/tests/bin/python runs it

The handlers do nothing, so all the time that the client sees is overhead. A cold call is the first
one after a change of the function's settings, which makes a new process.
"""
import argparse
import http.client
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
from harness.server import Server  # noqa: E402

HANDLERS = {
    'python3.11': 'def handler(event, context):\n    return event\n',
    'nodejs20.x': 'export const handler = async (event) => event;\n',
}


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


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('--calls', type=int, default=500)
    arguments.add_argument('--cold', type=int, default=10)
    options = arguments.parse_args()
    server = Server(Path(tempfile.mkdtemp(prefix='toolgate-bench-'))).start()
    try:
        for runtime, source in HANDLERS.items():
            one = Function(server, runtime.replace('.', '-'), source, Runtime=runtime)
            call = Caller(server, one.name)
            cold = [call()]
            for number in range(options.cold - 1):
                one.client.update_function_configuration(FunctionName=one.name,
                                                         Description=str(number))
                cold.append(call())
            warm = [call() for _ in range(options.calls)]
            print(f'{runtime}: cold {statistics.median(cold) * 1e3:.0f} ms '
                  f'(at most {max(cold) * 1e3:.0f}); warm {statistics.median(warm) * 1e3:.2f} ms, '
                  f'p99 {sorted(warm)[int(len(warm) * 0.99)] * 1e3:.2f} ms')
    finally:
        server.stop()


if __name__ == '__main__':
    main()
