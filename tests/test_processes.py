"""The helper process of a running server: what it shows, and that it ends with the server."""
import os
import subprocess
import time
from pathlib import Path

import psutil
import pytest


def helper_of(server) -> psutil.Process:
    (helper,) = [child for child in psutil.Process(server.program.pid).children()
                 if '__supervise' in child.cmdline()]
    return helper


def gone(process: psutil.Process, seconds: float = 15) -> bool:
    until = time.monotonic() + seconds
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_the_helper_inherits_nothing(own_server):
    server = own_server()
    helper = helper_of(server)
    assert Path(f'/proc/{helper.pid}/environ').read_bytes() == b''
    open_files = {os.readlink(entry) for entry in Path(f'/proc/{helper.pid}/fd').iterdir()}
    assert not [name for name in open_files if str(server.home) in name], open_files
    assert len([name for name in open_files if name.startswith('socket:')]) == 1, open_files


@pytest.mark.parametrize('end', ['stop', 'kill'])
def test_the_helper_ends_with_the_server(own_server, end):
    server = own_server()
    helper = helper_of(server)
    getattr(server, end)()
    assert gone(helper)


def test_the_server_survives_its_helper(own_server):
    server = own_server()
    helper_of(server).kill()
    assert server.aws('sts').get_caller_identity()['Account'] == server.ready['account']
    assert server.stop() == 0


@pytest.mark.skipif(os.geteuid() != 0, reason='needs a second user')
def test_the_server_cannot_be_inspected_by_its_own_user(own_server, tmp_path):
    server = own_server()
    # As root's processes without root's privileges: what a child of the same user would be.
    looked = subprocess.run(
        ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs', 'cat',
         f'/proc/{server.program.pid}/environ', f'/proc/{server.program.pid}/maps'],
        capture_output=True, text=True)
    assert looked.stdout == ''
    assert 'Permission denied' in looked.stderr


def test_no_sandbox_only_on_loopback(own_server, tmp_path):
    server = own_server('--sandbox', 'off')
    assert server.stop() == 0
    with pytest.raises(AssertionError, match='--sandbox off: only when every listener'):
        own_server('--sandbox', 'off', '--listen', '0.0.0.0:0')
    with pytest.raises(AssertionError, match='--sandbox sometimes: expected auto'):
        own_server('--sandbox', 'sometimes')
