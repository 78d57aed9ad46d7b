"""The commands that the documents tell a user to type: they run, in order, and do what is said."""
import os
import re
import subprocess

import pytest
from harness.programs import ROOT
from harness.server import BINARY

RUNNABLE = re.compile(r'<!-- runs -->\n```sh\n(.*?)```', re.S)
DOCUMENTS = ['docs/operations.md', 'docs/tutorials.md', 'docs/identity.md', 'docs/run.md']


@pytest.mark.parametrize('document', DOCUMENTS)
def test_commands_run(document, server, gateway, orders_url, tmp_path):
    """Blocks marked `<!-- runs -->` are one shell script with the test's server as theirs."""
    blocks = RUNNABLE.findall((ROOT / document).read_text())
    assert blocks, f'{document} shows no command that can be run'
    made = gateway(search=True)
    made.add_ready('orders', orders_url)
    (tmp_path / 'bin').mkdir()
    (tmp_path / 'bin/toolgate').symlink_to(BINARY)
    script = 'set -euo pipefail\n' + ''.join(blocks)
    environment = os.environ | {
        'PATH': f'{tmp_path}/bin:{ROOT}/.venv/tests/bin:{os.environ["PATH"]}',
        'TOOLGATE_DATA_DIR': str(server.data), 'XDG_CONFIG_HOME': str(server.home),
        'BASE': server.base, 'GATEWAY_URL': made.url, 'GATEWAY_ID': made.id,
        'POOL_ID': made.tokens.id, 'CLIENT_ID': made.tokens.client_id,
        'CLIENT_SECRET': made.tokens.secret, 'AWS_PAGER': '',
        'TARGET_ID': made.control.list_gateway_targets(
            gatewayIdentifier=made.id)['items'][0]['targetId']}
    done = subprocess.run(['bash', '-c', script], cwd=tmp_path, env=environment, text=True,
                          capture_output=True, timeout=120)
    assert done.returncode == 0, f'{done.stdout[-2000:]}\n{done.stderr[-2000:]}'


def test_what_the_status_page_names_as_proof_is_there():
    text = (ROOT / 'docs/status.md').read_text()
    named = re.findall(r'`((?:tests|bench|tools)/[\w*./]+)`', text)
    assert len(named) > 20
    assert [name for name in named if not list(ROOT.glob(name))] == []


def test_every_room_stands_in_the_map():
    rooms = re.findall(r'^room\((\S+)', (ROOT / 'src/CMakeLists.txt').read_text(), re.M)
    text = (ROOT / 'docs/ARCHITECTURE.md').read_text()
    assert [room for room in rooms if f'`{room}`' not in text] == []
