"""What cannot be written or delivered: records are dropped and counted, no invocation waits."""
import errno
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from harness.gateway import Gateway
from harness.gateway_logs import OPEN, deliver, events, metric, own_group
from harness.scripted import text_result, tool
from harness.server import Server

# Before the disk is asked, and by the disk.
DROPPED = ('toolgate_invocation_log_dropped_total', 'toolgate_journal_dropped_total')
CALLS = 200


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 48 MiB."""
    place = tmp_path / 'disk'
    place.mkdir()
    done = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', place],
                          capture_output=True, text=True)
    if done.returncode != 0:
        pytest.fail(f'this test mounts a tmpfs, as root: {done.stderr}')
    yield place
    subprocess.run(['umount', '-l', place], check=True)


def fill(path) -> None:
    with path.open('wb', buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1 << 8, 1):
            try:
                while True:
                    file.write(b'x' * size)
            except OSError as error:
                assert error.errno == errno.ENOSPC


def timed(endpoint, text: str) -> list[float]:
    took = []
    for _ in range(CALLS):
        began = time.monotonic()
        assert endpoint.text('t___t', {'text': text}) == 'done'
        took.append(time.monotonic() - began)
    return sorted(took)


def slows_nothing(before: list[float], during: list[float]) -> None:
    """Other work of the machine makes some calls slow, at its own times; what slows each call
    slows the fast ones too."""
    assert sorted(during)[len(during) // 10] < 2 * before[len(before) // 10] + 0.05
    assert max(during) < max(5, 20 * before[-1])


def dropped(server) -> int:
    return sum(metric(server, name) for name in DROPPED)


def gateway_of(server, upstream) -> Gateway:
    upstream.set_tools([tool('t')])
    upstream.calls['t'] = lambda message: text_result('done')
    made = Gateway(server, 'losing', OPEN)
    made.add_ready('t', upstream.url)
    return made


def test_a_full_disk_slows_and_fails_no_invocation(small_disk, upstream):
    server = Server(small_disk).start()
    try:
        made = gateway_of(server, upstream)
        endpoint = made.endpoint()
        text = 'x' * 4_000
        before = timed(endpoint, text)
        assert dropped(server) == 0
        fill(small_disk / 'filler')
        during = timed(endpoint, text)
        slows_nothing(before, during)
        until = time.monotonic() + 60
        while dropped(server) < CALLS:
            assert time.monotonic() < until, dropped(server)
            time.sleep(0.1)
        (small_disk / 'filler').unlink()
        endpoint.text('t___t', {'text': 'there is room again'})
        until = time.monotonic() + 60
        while not events(server.aws('logs'), own_group(made.id), '"there is room again"'):
            assert time.monotonic() < until
            time.sleep(0.1)
        assert server.program.poll() is None
    finally:
        server.stop()


def test_an_endpoint_that_takes_and_never_answers_slows_nothing(own_server, upstream):
    """It accepts connections and reads nothing: worse than one that refuses."""
    with socket.socket() as silent:
        silent.bind(('127.0.0.1', 0))
        silent.listen(64)
        url = f'http://127.0.0.1:{silent.getsockname()[1]}'
        server = own_server('--gateway-logs-interval', '1', '--aws-endpoint', f's3={url}')
        made = gateway_of(server, upstream)
        endpoint = made.endpoint()
        before = timed(endpoint, 'x' * 4_000)
        logs = server.aws('logs')
        deliver(logs, made.made['gatewayArn'], 'b', 'arn:aws:s3:::nowhere')
        during = timed(endpoint, 'x' * 4_000)
        time.sleep(2)  # parcels are on their way and wait for answers
        during += timed(endpoint, 'x' * 4_000)
        slows_nothing(before, during)
        # The group has them all, whatever becomes of the bucket's.
        until = time.monotonic() + 60
        while len(events(logs, own_group(made.id), '"tools/call"')) < 3 * CALLS:
            assert time.monotonic() < until
            time.sleep(0.2)
        server.kill()


def test_the_server_leaves_no_core(own_server):
    """What is in its memory, secrets among it, reaches no file when it dies."""
    def died_with_core(pid: int) -> bool:
        os.kill(pid, signal.SIGABRT)
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT).si_code == os.CLD_DUMPED

    server = own_server()
    subprocess.run(['prlimit', '--pid', str(server.program.pid), '--core=unlimited'], check=True)
    assert not died_with_core(server.program.pid)
    server.kill()
    # A program that is dumpable leaves one here, or the test above says nothing.
    other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],
                             cwd=server.home)
    subprocess.run(['prlimit', '--pid', str(other.pid), '--core=unlimited'], check=True)
    dumps = died_with_core(other.pid)
    other.wait()
    if not dumps:
        pytest.skip('this machine dumps no program')
