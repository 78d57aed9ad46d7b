"""What `serve` does not start on, or does not take at SIGHUP: what it says, and what it leaves."""
import os
import subprocess
from pathlib import Path

from harness.server import BINARY


def serve(home: Path, *flags: str) -> subprocess.CompletedProcess:
    """A start that is to fail."""
    listen = () if '--listen' in flags else ('--listen', '127.0.0.1:0')
    kept = {name: value for name, value in os.environ.items() if not name.startswith('TOOLGATE_')}
    return subprocess.run(
        [BINARY, 'serve', *listen, '--tls-listen', '127.0.0.1:0', '--data-dir', home / 'data',
         '--master-key', home / 'master.key', *flags],
        text=True, capture_output=True, timeout=60, env=kept)


def test_a_lost_master_key_is_not_made_anew(own_server):
    server = own_server()
    key = server.home / 'master.key'
    assert server.stop() == 0
    was = key.read_bytes()
    key.unlink()
    done = serve(server.home)
    assert done.returncode == 1
    assert f'there is no master key at {key}; the secrets of {server.data}' in done.stderr
    assert not key.exists()
    key.write_bytes(was)
    key.chmod(0o600)
    server.start()
