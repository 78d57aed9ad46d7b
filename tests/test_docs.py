"""The commands that the documents tell a user to type: they run, in order, and do what is said."""
import os
import re
import subprocess
import sys

import pytest
from harness.programs import ROOT
from harness.server import BINARY

RUNNABLE = re.compile(r'<!-- runs -->\n```sh\n(.*?)```', re.S)
DOCUMENTS = {page.name: blocks for page in sorted((ROOT / 'docs').glob('*.md'))
             if (blocks := RUNNABLE.findall(page.read_text()))}


@pytest.mark.parametrize('document', DOCUMENTS)
def test_commands_run(document, server, gateway, orders_url, tmp_path):
    """Blocks marked `<!-- runs -->` are one shell script with the test's server as theirs."""
    made = gateway(search=True)
    made.add_ready('orders', orders_url)
    (tmp_path / 'bin').mkdir()
    (tmp_path / 'bin/toolgate').symlink_to(BINARY)
    script = 'set -euo pipefail\n' + ''.join(DOCUMENTS[document])
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


def test_the_first_example_makes_a_gateway(server, pool, orders_url, tmp_path):
    """README's Python, as it is printed but for the MCP server's port."""
    program = re.search(r'```python\n(.*?)```', (ROOT / 'README.md').read_text(), re.S)[1]
    names = {'discovery_url': pool.authorizer()['authorizerConfiguration']['customJWTAuthorizer'][
        'discoveryUrl'], 'client_id': pool.client_id}
    program = program.replace('http://127.0.0.1:8000/mcp', orders_url)
    (tmp_path / 'first.py').write_text(
        ''.join(f'{name} = {value!r}\n' for name, value in names.items()) + program)
    done = subprocess.run([BINARY, 'run', '--data-dir', server.data, '--', sys.executable,
                           tmp_path / 'first.py'], text=True, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith('http') and done.stdout.endswith('/mcp\n'), done.stdout


def test_what_the_status_page_names_as_proof_is_there():
    text = (ROOT / 'docs/status.md').read_text()
    named = re.findall(r'`((?:tests|bench|tools)/[\w*./]+)`', text)
    assert len(named) > 20
    assert [name for name in named if not list(ROOT.glob(name))] == []


def test_every_room_stands_in_the_map():
    rooms = re.findall(r'^room\((\S+)', (ROOT / 'src/CMakeLists.txt').read_text(), re.M)
    text = (ROOT / 'docs/ARCHITECTURE.md').read_text()
    assert [room for room in rooms if f'`{room}`' not in text] == []


def test_every_client_that_is_tried_has_a_line_and_a_row():
    """tools/clients.py, its programs, and the table of what was seen."""
    programs = sorted(path.name for path in (ROOT / 'tests/clients/agents').glob('with_*'))
    script = (ROOT / 'tools/clients.py').read_text()
    table = (ROOT / 'docs/clients.md').read_text()
    assert len(programs) > 20
    assert [name for name in programs if f"'{name}': [" not in script] == []
    assert [name for name in programs if f'| {name} |' not in table] == []
