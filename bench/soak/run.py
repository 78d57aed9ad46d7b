#!/usr/bin/env python3
"""Minutes of everything at once against a server built with a sanitizer.

Tool calls that succeed and that fail in every way an upstream can fail (upstream.py), wrong
arguments, unknown tools, lists, searches, bad tokens, broken HTTP, clients that go away,
synchronisations, gateways and targets that come and go. Fails on: an answer that is not the one
expected, a request without an answer, a report of the sanitizer, memory or descriptors that grow
without bound, an exit other than 0 after SIGTERM (leaks are looked for there).

    cmake --build build/asan --target toolgate
    .venv/tests/bin/python bench/soak/run.py [--minutes 10] [--build build/asan] [--threads 24]
"""
import argparse
import collections
import json
import os
import pathlib
import random
import socket
import statistics
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests'))

ANSWER_SECONDS_MAX = 60  # a sanitized server on two busy cores
DRAIN_SECONDS_MAX = 30  # serve gives open requests 10
ABANDONED_A_SECOND_MAX = 20  # each stays with its upstream for about a second
SUCCEED = {'good', 'stream', 'slow', 'drip'}
NEVER_ANSWER = {'endless', 'silent'}
FAIL = ['cut', 'wrong_json', 'oversize', 'redirect', 'forgotten', 'reset', 'garbage', 'wrong_id',
        'refused', 'broken', 'rpc_error']


class Tally:
    """What was done, how long it took and what went wrong, from all threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.seconds = collections.defaultdict(list)
        self.failures: list[str] = []
        self.under_way: dict[int, tuple[str, float]] = {}

    def run(self, name: str, action) -> None:
        began = time.monotonic()
        me = threading.get_ident()
        with self.lock:
            self.under_way[me] = (name, began)
        problem = None
        try:
            problem = action()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            problem = f'{type(error).__name__}: {str(error)[:300]}'
        with self.lock:
            del self.under_way[me]
            self.seconds[name].append(time.monotonic() - began)
            if problem:
                self.failures.append(f'{name}: {problem}')


class World:
    """The server, its upstream and one gateway in front of all ways to fail."""

    def __init__(self, server, upstream_port: int, closed_port: int) -> None:
        from harness.gateway import Endpoint, Gateway
        from harness.pool import Pool
        self.server, self.endpoint_of = server, Endpoint
        self.upstream = f'http://127.0.0.1:{upstream_port}'
        self.pool = Pool(server, 'soak')
        self.gateway = Gateway(server, 'soak', self.pool.authorizer(), search=True)
        self.gateway.tokens = self.pool
        self.token = self.pool.token()
        schema = {'type': 'object', 'properties': {'n': {'type': 'integer'}}, 'required': ['n']}
        down = {'tools': [{'name': 'good', 'inputSchema': schema}]}
        self.gateway.add_ready('plain', self.upstream + '/plain')
        self.gateway.add_ready('session', self.upstream + '/mcp')
        self.gateway.add_ready('down', f'http://127.0.0.1:{closed_port}/mcp',
                               mcpToolSchema={'inlinePayload': json.dumps(down)})
        self.flaky = self.gateway.add('flaky', self.upstream + '/flaky')
        self.abandoned_at = 0.0


class Client:
    """One thread's connections and its random choices."""

    def __init__(self, world: World, tally: Tally, seed: int) -> None:
        self.world, self.tally, self.random = world, tally, random.Random(seed)
        self.endpoint = world.endpoint_of(world.gateway.url, world.token)
        self.actions = [(self.succeed, 40), (self.fail, 25), (self.flaky, 5), (self.down, 4),
                        (self.wrong_arguments, 8), (self.unknown_tool, 5), (self.list, 5),
                        (self.search, 4), (self.bad_token, 4), (self.junk, 6), (self.abandon, 2),
                        (self.metrics, 1), (self.fresh_token, 1)]

    def step(self) -> None:
        action = self.random.choices([one for one, _ in self.actions],
                                     [weight for _, weight in self.actions])[0]
        self.tally.run(action.__name__, action)

    def call(self, target: str, way: str, arguments: dict) -> dict:
        message = {'jsonrpc': '2.0', 'id': next(self.endpoint.ids), 'method': 'tools/call',
                   'params': {'name': f'{target}___{way}', 'arguments': arguments}}
        answer = self.endpoint.post(message, timeout=ANSWER_SECONDS_MAX)
        body = answer.json()
        assert answer.status_code == 200 and body['id'] == message['id'], (answer.status_code, body)
        return body

    def succeed(self):
        way, number = self.random.choice(sorted(SUCCEED)), self.random.randrange(10**6)
        body = self.call(self.random.choice(['plain', 'session']), way, {'n': number})
        want = 'drip' if way == 'drip' else f'got {number}'
        if body.get('result', {}).get('content', [{}])[0].get('text') != want:
            return f'{way}: {body}'

    def fail(self):
        way = self.random.choice(FAIL)
        body = self.call(self.random.choice(['plain', 'session']), way, {'n': 1})
        if not (body.get('result', {}).get('isError') is True or 'error' in body):
            return f'{way} succeeded: {body}'

    def flaky(self):
        body = self.call('flaky', 'good', {'n': 1})
        if 'result' not in body and 'error' not in body:
            return str(body)

    def down(self):
        body = self.call('down', 'good', {'n': 1})
        if body.get('result', {}).get('isError') is not True:
            return str(body)

    def wrong_arguments(self):
        wrong = self.random.choice([{}, {'n': 'x'}, {'n': 1.5}, {'n': None}, {'n': [1]}])
        body = self.call('plain', 'good', wrong)
        if 'ValidationException' not in json.dumps(body.get('result', {})):
            return str(body)

    def unknown_tool(self):
        body = self.call('plain', 'x' * self.random.randrange(1, 300), {})
        if body.get('error', {}).get('code') != -32602:
            return str(body)

    def list(self):
        names = set(self.endpoint.names())
        if not {'plain___good', 'session___stream', 'down___good'} <= names:
            return f'{len(names)} tools: {sorted(names)[:5]}'

    def search(self):
        found = self.endpoint.search(self.random.choice(['good', 'fails', 'answer events', '']))
        if len(found) > 1000:
            return f'{len(found)} tools'

    def bad_token(self):
        token = self.random.choice(['nonsense', self.world.token[:-4] + 'AAAA', ' ', 'a.b.c'])
        answer = self.endpoint.post({'jsonrpc': '2.0', 'id': 1, 'method': 'ping'},
                                    Authorization=f'Bearer {token}')
        if answer.status_code != 401:
            return f'{token[:20]}: {answer.status_code}'

    def junk(self):
        """Bytes that are no request, or half of one; the server answers 4xx or hangs up."""
        address = self.world.server.base.removeprefix('http://')
        host, _, port = address.rpartition(':')
        head = f'POST /gateways/x/mcp HTTP/1.1\r\nHost: {address}\r\n'
        text = self.random.choice([
            'GET / HTTP/1.1\n\n', '\x16\x03\x01\x02\x00', head + 'Content-Length: 5\r\n\r\nab',
            head + 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
            head + 'Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n', 'A' * 40_000,
            head + 'Content-Length: 7000000\r\n\r\n' + 'y' * 100_000,
            f'GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n' * 20])
        with socket.create_connection((host, int(port)), timeout=10) as raw:
            try:
                raw.sendall(text.encode('latin-1'))
                if self.random.random() < 0.5:
                    raw.shutdown(socket.SHUT_WR)
                    while raw.recv(65536):
                        pass
            except (ConnectionError, socket.timeout):
                pass  # it hung up first

    def abandon(self):
        """Asks for what never comes and goes away."""
        import requests
        now = time.monotonic()
        if now - self.world.abandoned_at < 1 / ABANDONED_A_SECOND_MAX:
            return None
        self.world.abandoned_at = now
        way = self.random.choice(sorted(NEVER_ANSWER))
        try:
            self.endpoint.post({'jsonrpc': '2.0', 'id': 1, 'method': 'tools/call', 'params': {
                'name': f'plain___{way}', 'arguments': {'n': 1}}}, timeout=1)
        except requests.RequestException:
            return None
        return f'{way} was answered'

    def metrics(self):
        import requests
        answer = requests.get(self.world.server.base + '/metrics', timeout=ANSWER_SECONDS_MAX)
        if answer.status_code != 200 or 'requests' not in answer.text:
            return f'{answer.status_code}'

    def fresh_token(self):
        self.endpoint = self.world.endpoint_of(self.world.gateway.url, self.world.pool.token())


class Administrator:
    """The control plane: gateways and targets come and go, a flaky target is synchronised."""

    def __init__(self, world: World, tally: Tally, seed: int) -> None:
        from harness.gateway import Gateway
        self.world, self.tally, self.random = world, tally, random.Random(seed)
        self.make = lambda name: Gateway(world.server, name, world.pool.authorizer())
        self.seed, self.count = seed, 0

    def step(self) -> None:
        action = self.random.choice([self.come_and_go, self.synchronize])
        self.tally.run(action.__name__, action)

    def synchronize(self):
        from botocore.exceptions import ClientError
        target = self.random.choice([self.world.flaky])
        try:
            self.world.gateway.synchronize(target['targetId'])
        except ClientError as error:
            if error.response['Error']['Code'] != 'ConflictException':
                raise

    def come_and_go(self):
        self.count += 1
        made = self.make(f'soak-{self.seed}-{self.count}')
        targets = [made.add(f't{i}', self.world.upstream + path) for i, path in
                   enumerate(self.random.sample(['/plain', '/mcp', '/flaky'], 2))]
        made.tokens = self.world.pool
        names = made.endpoint().names()
        ready = [one for one in targets if one['status'] == 'READY']
        if len(names) < len(ready) * len(SUCCEED):
            return f'{len(ready)} targets are ready and list {len(names)} tools'
        for target in targets:
            made.control.delete_gateway_target(gatewayIdentifier=made.id,
                                               targetId=target['targetId'])
        until = time.monotonic() + ANSWER_SECONDS_MAX
        while made.control.list_gateway_targets(gatewayIdentifier=made.id)['items']:
            if time.monotonic() > until:
                return 'the targets do not go'
            time.sleep(0.1)
        made.control.delete_gateway(gatewayIdentifier=made.id)
        time.sleep(0.2)


def watch(server, tally: Tally, until: float, samples: list) -> list[str]:
    """Samples memory and descriptors; says what stands still for too long."""
    while time.monotonic() < until and server.program.poll() is None:
        time.sleep(2)
        pid = server.program.pid
        samples.append((server.memory_mb(), len(os.listdir(f'/proc/{pid}/fd'))))
        now = time.monotonic()
        with tally.lock:
            stuck = [f'{name} has no answer after {now - began:.0f} s'
                     for name, began in tally.under_way.values()
                     if now - began > 3 * ANSWER_SECONDS_MAX]
        if stuck:
            return stuck
    return []


def growth(samples: list, what: int, slack: float) -> str | None:
    """A steady state does not grow: the last fifth against the second."""
    values = [one[what] for one in samples]
    fifth = max(1, len(values) // 5)
    early, late = statistics.median(values[fifth:2 * fifth]), statistics.median(values[-fifth:])
    name = ('MB of memory', 'descriptors')[what]
    print(f'{name}: {early:.0f} early, {late:.0f} late, {max(values):.0f} at most')
    return f'{name} grew from {early:.0f} to {late:.0f}' if late > early * 1.25 + slack else None


def report(tally: Tally) -> None:
    print(f'{"action":18}{"count":>8}{"p50 ms":>9}{"p99 ms":>9}{"max ms":>9}')
    for name, seconds in sorted(tally.seconds.items()):
        ordered = sorted(seconds)
        at = [ordered[int(len(ordered) * q)] * 1000 for q in (0.5, 0.99)]
        print(f'{name:18}{len(ordered):8}{at[0]:9.1f}{at[1]:9.1f}{ordered[-1] * 1000:9.1f}')


def sanitizer_reports(home: pathlib.Path, log: str) -> list[str]:
    words = ('AddressSanitizer', 'LeakSanitizer', 'ThreadSanitizer', 'runtime error:')
    found = [f'{path.name}: {path.read_text(errors="replace")[:4000]}'
             for path in home.glob('sanitizer.*')]
    return found + [line for line in log.splitlines() if any(word in line for word in words)]


def drive(world: World, tally: Tally, options, samples: list) -> list[str]:
    until = time.monotonic() + options.minutes * 60
    workers = [Client(world, tally, options.seed + i) for i in range(options.threads)]
    workers += [Administrator(world, tally, options.seed + 1000 + i) for i in range(2)]

    def work(worker) -> None:
        while time.monotonic() < until and world.server.program.poll() is None:
            worker.step()

    threads = [threading.Thread(target=work, args=(one,), daemon=True) for one in workers]
    for thread in threads:
        thread.start()
    problems = watch(world.server, tally, until, samples)
    for thread in threads:
        thread.join(2 * ANSWER_SECONDS_MAX)
        if thread.is_alive():
            problems.append('a request was not answered at the end')
            break
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--minutes', type=float, default=10)
    parser.add_argument('--build', type=pathlib.Path, default=ROOT / 'build/asan')
    parser.add_argument('--binary', type=pathlib.Path)
    parser.add_argument('--threads', type=int, default=24)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    home = pathlib.Path(tempfile.mkdtemp(prefix='toolgate-soak-'))
    os.environ['TOOLGATE_BINARY'] = str((options.binary or options.build / 'toolgate').resolve())
    common = f'log_path={home}/sanitizer:exitcode=99'
    # Without a bound the quarantine of freed memory looks like growth.
    os.environ['ASAN_OPTIONS'] = f'{common}:detect_leaks=1:quarantine_size_mb=32'
    os.environ['UBSAN_OPTIONS'] = f'{common}:print_stacktrace=1'
    os.environ['TSAN_OPTIONS'] = f'{common}:second_deadlock_stack=1:halt_on_error=0'
    from harness.programs import Program, free_port
    from harness.server import Server

    port = free_port()
    upstream = Program([sys.executable, pathlib.Path(__file__).parent / 'upstream.py', '--port',
                        port], f'http://127.0.0.1:{port}/mcp', home / 'upstream.log')
    server = Server(home, ('--threads', '2')).start()
    tally, samples, problems = Tally(), [], []
    try:
        world = World(server, port, free_port())
        problems = drive(world, tally, options, samples)
        report(tally)
        problems += [one for one in (growth(samples, 0, 40), growth(samples, 1, 60)) if one]
    finally:
        if server.program.poll() is not None:
            problems.append(f'serve ended: {server.program.returncode}')
        else:
            began = time.monotonic()
            status = server.stop()
            took = time.monotonic() - began
            print(f'SIGTERM: exit {status} after {took:.1f} s')
            if status != 0 or took > DRAIN_SECONDS_MAX:
                problems.append(f'SIGTERM: exit {status} after {took:.1f} s')
        upstream.stop()
    problems += sanitizer_reports(home, server.log_text())
    problems += tally.failures[:20]
    for one in problems:
        print(f'FAILED {one}')
    print(f'{sum(map(len, tally.seconds.values()))} actions, {len(tally.failures)} not as expected,'
          f' {len(problems)} problems; {home}')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
