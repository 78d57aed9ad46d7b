"""What `serve` does not start on, or does not take at SIGHUP: what it says, and what it leaves."""
import os
import signal
import subprocess
from pathlib import Path

import pytest
from harness.server import BINARY

ENDPOINT = ('--model-endpoint', 'http://127.0.0.1:1/v1')
EMBEDDINGS = ('--embeddings-url', 'http://127.0.0.1:1/v1/embeddings')
# GARBAGE is a file that is nothing, FOLDER a folder, CUT the first half of the search's model.
NO_VALUES = [
    ('--allow-private: "foo" is not a CIDR block', '--allow-private', 'foo'),
    ('--resolve foo: expected', '--resolve', 'foo'),
    ('--resolve a:1=b: expected', '--resolve', 'a:1=b'),
    ('--aws-endpoint foo: ', '--aws-endpoint', 'foo'),
    ('--aws-endpoint lamda=http://127.0.0.1:1: names an unknown service; expected',
     '--aws-endpoint', 'lamda=http://127.0.0.1:1'),
    ('--search-model: expected a file that tools/model.py has made: GARBAGE: not a model file',
     '--search-model', 'GARBAGE'),
    ('--search-model: expected a file that tools/model.py has made: CUT: a model file that is cut',
     '--search-model', 'CUT'),
    ('--embeddings-model: expected --embeddings-url', '--embeddings-model', 'foo'),
    ('--embeddings-key-file: expected --embeddings-url', '--embeddings-key-file', 'GARBAGE'),
    ('--embeddings-key-provider: expected --embeddings-url', '--embeddings-key-provider', 'foo'),
    ('--endpoint-policy GARBAGE: ', '--endpoint-policy', 'GARBAGE'),
    ('--endpoint-policy FOLDER: expected a file', '--endpoint-policy', 'FOLDER'),
    ('--tls-cert and --tls-key: ', '--tls-cert', 'GARBAGE', '--tls-key', 'GARBAGE'),
    ('--embeddings-model: expected', *EMBEDDINGS),
    ('--embeddings-key-file FOLDER: expected a file', '--embeddings-key-file', 'FOLDER'),
    ('--model-api-key-file FOLDER: expected a file', '--model-api-key-file', 'FOLDER'),
    ('--model-name: expected --model-endpoint', '--model-name', 'foo'),
    ('--model-name a=: expected', *ENDPOINT, '--model-name', 'a='),
    ('--sandbox off: only', '--sandbox', 'off', '--listen', '0.0.0.0:0'),
    ('--iam off: only', '--iam', 'off', '--listen', '0.0.0.0:0'),
    ('--config FOLDER: expected a file', '--config', 'FOLDER'),
]


def serve(home: Path, *flags: str) -> subprocess.CompletedProcess:
    """A start that is to fail."""
    listen = () if '--listen' in flags else ('--listen', '127.0.0.1:0')
    kept = {name: value for name, value in os.environ.items() if not name.startswith('TOOLGATE_')}
    return subprocess.run(
        [BINARY, 'serve', *listen, '--tls-listen', '127.0.0.1:0', '--data-dir', home / 'data',
         '--master-key', home / 'master.key', *flags],
        text=True, capture_output=True, timeout=60, env=kept)


@pytest.mark.parametrize(('said', 'flags'), [(said, flags) for said, *flags in NO_VALUES])
def test_what_is_no_value_is_said_with_its_flag(tmp_path, said, flags):
    (tmp_path / 'garbage').write_text('garbage')
    (tmp_path / 'folder').mkdir()
    model = BINARY.with_name('minilm.model').read_bytes()
    (tmp_path / 'cut').write_bytes(model[:len(model) // 2])

    def placed(word: str) -> str:
        for name in ('garbage', 'folder', 'cut'):
            word = word.replace(name.upper(), f'{tmp_path}/{name}')
        return word

    done = serve(tmp_path, *map(placed, flags))
    assert (done.returncode, done.stdout) == (2, ''), done.stderr
    assert f'toolgate: {placed(said)}' in done.stderr


def test_a_settings_file_that_cannot_be_read_ends_no_running_server(own_server, tmp_path):
    settings = tmp_path / 'settings.yaml'
    settings.write_text('region: eu-west-1\n')
    server = own_server('--config', str(settings))
    settings.unlink()
    settings.mkdir()
    server.program.send_signal(signal.SIGHUP)
    assert server.logs('SIGHUP: the settings cannot be read; nothing is reloaded')
    settings.rmdir()
    settings.write_text('region: eu-west-1\nlog_level: debug\n')
    server.program.send_signal(signal.SIGHUP)
    assert server.logs('changed: --log-level')
    assert server.stop() == 0


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
