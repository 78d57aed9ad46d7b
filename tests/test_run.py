"""`toolgate run` and `toolgate env --python`: what users' programs send to AWS comes to us."""
import ast
import json
import signal
import subprocess
import sys

import pytest
from harness.programs import NODE, ROOT
from harness.running import (CLIENTS, command, python, run, user_environment, variable,
                             write_wheel)
from harness.server import BINARY

# Which clients a mode must redirect (docs/run.md). The others would go to AWS: not asked.
BY_PROXY = ('requests', 'httpx', 'httpx-async', 'aiohttp-env', 'urllib')
BY_SHIM = (*BY_PROXY, 'urllib3', 'aiohttp', 'httpx-direct', 'asyncio', 'uvloop', 'gevent')
MODES = {'token': BY_SHIM, 'all': BY_SHIM, 'off': BY_PROXY}
PYPI = ROOT / '.venv/tests/bin/aws'
DEBIAN = '/usr/bin/aws'


@pytest.mark.parametrize('region', ['us-east-1', 'eu-central-1'])
@pytest.mark.parametrize('mode', MODES)
def test_python_clients(server, mode, region, capsys):
    said = json.loads(run(server, sys.executable, CLIENTS / 'redirected.py', *MODES[mode],
                          flags=('--shim', mode), AWS_REGION=region))
    assert said['account'] == said['account at AWS'] == server.ready['account']
    assert said['tokens'] == dict.fromkeys(MODES[mode], 'token')
    assert said['region'] == region and f'.auth.{region}.amazoncognito.com' in said['url']
    if mode == 'all':
        assert said['AWS_ENDPOINT_URL'] is None
        assert said['endpoint'] == f'https://sts.{region}.amazonaws.com'
    else:
        assert said['AWS_ENDPOINT_URL'] == said['endpoint'] == server.base
    if (mode, region) != ('token', 'us-east-1'):
        return
    with capsys.disabled():
        print('\n' + ' '.join(f'{name} {of}' for name, of in said['versions'].items()), end='')


@pytest.mark.parametrize('mode', MODES)
@pytest.mark.parametrize('cli', [PYPI, DEBIAN], ids=['v1', 'v2'])
def test_the_aws_cli(server, cli, mode, capsys):
    done = run(server, cli, 'sts', 'get-caller-identity', '--output', 'json',
               flags=('--shim', mode), AWS_REGION='eu-west-1')
    assert json.loads(done)['Account'] == server.ready['account']
    with capsys.disabled():
        print('\n' + subprocess.run([cli, '--version'], capture_output=True, text=True,
                                    env=user_environment()).stdout.split()[0], end='')


# What Node's own clients reach in each mode: `fetch` by the proxy, all by the shim.
NODE_WAYS = {'token': ('fetch', 'https', 'address'), 'all': ('fetch', 'https', 'address'),
             'off': ('fetch',)}


@pytest.mark.parametrize('mode', MODES)
def test_node(server, pool, mode, capsys):
    """The SDK, which opens connections of its own; under --shim all without an endpoint variable.
    Options that the user has for Node stay."""
    url = f'https://{pool.domain}.auth.us-east-1.amazoncognito.com/oauth2/token'
    form = f'grant_type=client_credentials&client_id={pool.client_id}&client_secret={pool.secret}'
    said = json.loads(run(server, NODE, ROOT / 'tests/node/sts-client.mjs', url, form,
                          *NODE_WAYS[mode], flags=('--shim', mode),
                          NODE_OPTIONS='--max-http-header-size=16000'))
    assert said['account'] == server.ready['account']
    assert said['endpoint'] == (None if mode == 'all' else server.base)
    assert {way: token.count('.') for way, token in said['tokens'].items()} == dict.fromkeys(
        NODE_WAYS[mode], 2)
    with capsys.disabled():
        print(f'\nnode {said["node"]}', end='')


def test_the_node_shim_leaves_other_names_alone(server):
    code = '''
const net = require('net'), dns = require('dns');
const server = net.createServer((one) => one.end('mine')).listen(0, 'localhost', () => {
  const told = [];
  const hear = (one) => one.on('data', (data) => {
    told.push(String(data));
    if (told.length === 3) { console.log(told.join(' '), process.env.MORE); server.close(); }
  });
  const port = server.address().port;
  hear(net.connect(port, 'localhost'));
  hear(net.connect({ port, host: 'localhost' }));
  hear(new net.Socket().connect(port, 'localhost'));
});
dns.lookup('localhost', { family: 4 }, (error, address) => console.log(address));
dns.lookup('x.AmazonCognito.com.', (error, address) => console.log(address));
'''
    said = run(server, NODE, '-e', code, MORE='yes').splitlines()
    assert sorted(said) == ['127.0.0.1', '127.84.71.1', 'mine mine mine yes']
    # Without its variables, or with ones that are none, it is as if it were not there.
    shim = server.data / 'shim/node.cjs'
    code = 'console.log(globalThis.__toolgateShim)'
    for more in {}, {'TOOLGATE_SHIM_DOMAINS': 'amazonaws.com', 'TOOLGATE_SHIM_TLS': 'nonsense'}:
        done = subprocess.run([NODE, '--require', shim, '-e', code], text=True,
                              capture_output=True, env=user_environment(**more))
        assert (done.stdout, done.stderr) == ('undefined\n', '')


def test_curl(server, pool):
    url = f'https://{pool.domain}.auth.us-east-1.amazoncognito.com/oauth2/token'
    said = run(server, 'curl', '-sS', url, '-d', 'grant_type=client_credentials', '-d',
               f'client_id={pool.client_id}', '-d', f'client_secret={pool.secret}')
    assert json.loads(said)['access_token']


IDENTITY = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
TOKEN = '''
import urllib3
url, body = {!r}, {!r}
answer = urllib3.PoolManager().request('POST', url, body=body, headers={{
    'Content-Type': 'application/x-www-form-urlencoded'}})
print(answer.status, boto3.client('sts').get_caller_identity()['Account'])
'''


def token_cell(pool) -> str:
    return TOKEN.format(
        f'https://{pool.domain}.auth.us-east-1.amazoncognito.com/oauth2/token',
        f'grant_type=client_credentials&client_id={pool.client_id}&client_secret={pool.secret}')


def test_a_notebook_inside(server, pool):
    said = run(server, sys.executable, CLIENTS / 'notebook.py', IDENTITY, token_cell(pool))
    assert said.split() == ['200', server.ready['account']]


@pytest.mark.parametrize('mode', ['token', 'all'])
def test_a_notebook_outside(server, pool, mode, tmp_path):
    """Even after boto3 was used, a cell with what `env --python` prints is enough."""
    profile = tmp_path / 'config'
    profile.write_text('[profile work]\naws_access_key_id=AKIAOLD\naws_secret_access_key=old\n')
    used = ("import boto3\nold = boto3.client('sts', region_name='us-east-1')\n"
            "assert old._request_signer._credentials.access_key == 'AKIAOLD'")
    snippet = server.run('env', '--python', '--shim', mode).stdout
    done = subprocess.run(
        [sys.executable, CLIENTS / 'notebook.py', used, snippet, IDENTITY, token_cell(pool)],
        text=True, capture_output=True, timeout=120, env=user_environment(
            AWS_PROFILE='work', AWS_CONFIG_FILE=str(profile),
            AWS_ENDPOINT_URL_STS='http://127.0.0.1:9'))
    assert done.stdout.split() == ['200', server.ready['account']], done.stderr[-3000:]


def test_the_kernels_own_region_is_kept(server):
    snippet = server.run('env', '--python').stdout
    code = snippet + "print(os.environ['AWS_REGION'], os.environ['AWS_DEFAULT_REGION'])"
    for own, region in ({'AWS_DEFAULT_REGION': 'sa-east-1'}, 'sa-east-1'), ({}, 'us-east-1'):
        done = subprocess.run([sys.executable, '-c', code], text=True, capture_output=True,
                              env=user_environment(**own))
        assert done.stdout.split() == [region, region], done.stderr


@pytest.mark.parametrize('mode', ['token', 'all'])
def test_export_lines_say_what_run_does(server, mode):
    script = ('eval "$("$0" env --shim "$1")"\neval "$("$0" env --shim "$1")"\n'
              'env -0 | grep -z -v -E "^(_|SHLVL|PWD|OLDPWD)=" | sort -z')
    mine = user_environment(TOOLGATE_DATA_DIR=str(server.data), PYTHONPATH='/a b:/c',
                            AWS_ENDPOINT_URL_S3='http://127.0.0.1:9', AWS_PROFILE='x')
    shell = subprocess.run(['bash', '-c', script, BINARY, mode], text=True, capture_output=True,
                           env=mine, check=True)
    ran = subprocess.run(command(server, 'env', '-0', flags=('--shim', mode)), text=True,
                         capture_output=True, env=mine, check=True)

    def settled(text: str) -> dict[str, str]:
        pairs = dict(line.split('=', 1) for line in text.split('\0') if '=' in line)
        for name in ('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'):
            assert pairs.pop(name)  # another session each time
        return {name: value for name, value in pairs.items()
                if name not in ('_', 'SHLVL', 'PWD', 'OLDPWD')}
    assert settled(shell.stdout) == settled(ran.stdout)


def test_the_users_own_settings(server, tmp_path):
    assert variable(server, 'AWS_PROFILE', AWS_PROFILE='production') == '-'
    assert variable(server, 'AWS_ENDPOINT_URL_STS', AWS_ENDPOINT_URL_STS='http://x') == '-'
    assert variable(server, 'AWS_SECURITY_TOKEN', AWS_SECURITY_TOKEN='stale') == '-'
    assert variable(server, 'AWS_DEFAULT_REGION', AWS_REGION='eu-north-1') == 'eu-north-1'
    assert variable(server, 'AWS_REGION', AWS_DEFAULT_REGION='eu-north-1') == 'eu-north-1'
    assert variable(server, 'AWS_REGION') == server.ready['region']
    spared = variable(server, 'NO_PROXY', no_proxy='intern.example, .com,*,amazonaws.com')
    assert set(spared.split(',')) == {'127.0.0.1', 'localhost', '::1', 'intern.example'}
    # Roots that only the user knows stay trusted.
    own = tmp_path / 'own.pem'
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                    'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=own', '-keyout',
                    tmp_path / 'key.pem', '-out', own], check=True, capture_output=True)
    bundle = open(variable(server, 'SSL_CERT_FILE', REQUESTS_CA_BUNDLE=str(own))).read()
    assert own.read_text().strip() in bundle
    assert (server.data / 'ca.pem').read_text().strip() in bundle
    assert own.read_text().strip() not in open(variable(server, 'SSL_CERT_FILE')).read()


def test_exit_status_and_signals(server):
    run(server, 'sh', '-c', 'exit 7', status=7)
    run(server, 'sh', '-c', 'kill -9 $$', status=-9)
    assert 'cannot run /nowhere' in run(server, '/nowhere', status=127)
    assert 'cannot run' in run(server, ROOT / 'README.md', status=126)
    waiting = subprocess.Popen(command(server, 'sh', '-c', 'echo ready; exec sleep 60'),
                               stdout=subprocess.PIPE, env=user_environment())
    assert waiting.stdout.readline() == b'ready\n'
    waiting.send_signal(signal.SIGTERM)
    assert waiting.wait(10) == -signal.SIGTERM
    waiting.stdout.close()


def test_words_after_the_dashes_are_the_commands(server):
    assert run(server, 'echo', '--shim', 'x', '--', '-y') == '--shim x -- -y\n'


@pytest.mark.parametrize('words', [['run', '--', 'true'], ['env'], ['env', '--python']])
def test_without_a_server(tmp_path, words):
    done = subprocess.run([BINARY, words[0], '--data-dir', tmp_path / 'none', *words[1:]],
                          text=True, capture_output=True, env=user_environment())
    assert (done.returncode, done.stdout) == (1, '')
    assert f'no server is running on the data directory {tmp_path}/none' in done.stderr


def test_bad_words(server):
    assert 'expected all, token or off' in run(server, 'true', flags=('--shim', 'x'), status=2)
    for bad in ('-r other.txt', 'a\nb', ''):
        assert '--constraint' in run(server, 'true', flags=('--constraint', bad), status=2)
    done = server.run('run')
    assert done.returncode == 2 and '-- COMMAND' in done.stderr


def test_constraints_for_pip(server, tmp_path):
    for version in ('1.5', '2.0'):
        write_wheel(tmp_path, 'demo', version)
    wanted = (sys.executable, '-m', 'pip', 'install', '--dry-run', '--no-index', '--find-links',
              tmp_path, 'demo')
    assert 'Would install demo-1.5' in run(server, *wanted, flags=('--constraint', 'demo<2'))
    assert 'Would install demo-2.0' in run(server, *wanted)
    flags = ('--constraint', 'demo<2', 'other==1')
    ours, users = variable(server, 'PIP_CONSTRAINT', flags, PIP_CONSTRAINT='/own.txt').split()
    assert open(ours).read() == 'demo<2\nother==1\n' and users == '/own.txt'
    assert variable(server, 'UV_CONSTRAINT', flags) == ours


def test_the_shim_steps_aside(server, tmp_path):
    """It runs the sitecustomize it stands before, and does nothing without its variables."""
    (tmp_path / 'sitecustomize.py').write_text('import builtins\nbuiltins.mine = __name__\n')
    assert python(server, 'print(mine, hasattr(__import__("socket"), "_toolgate_shim"))',
                  PYTHONPATH=str(tmp_path)) == 'sitecustomize True\n'
    shim = server.data / 'shim'
    for more in {}, {'TOOLGATE_SHIM_DOMAINS': 'amazonaws.com'}, {
            'TOOLGATE_SHIM_DOMAINS': 'amazonaws.com', 'TOOLGATE_SHIM_TLS': 'nonsense'}:
        code = 'import socket; print(hasattr(socket, "_toolgate_shim"))'
        done = subprocess.run([sys.executable, '-c', code], text=True, capture_output=True,
                              env=user_environment(PYTHONPATH=str(shim), **more))
        assert (done.stdout, done.stderr) == ('False\n', '')


def test_the_shim_is_understood_by_older_pythons(server):
    ast.parse((server.data / 'shim/sitecustomize.py').read_text(), feature_version=(3, 8))


def test_the_node_shim_is_understood_by_older_nodes(server):
    text = (server.data / 'shim/node.cjs').read_text()
    for newer in ('?.', '??', '||=', '&&=', '#', '.at(', 'replaceAll', "require('node:"):
        assert newer not in text


def test_the_shim_leaves_other_names_alone(server):
    code = '''
import socket
print(socket.getaddrinfo('localhost', 80, socket.AF_INET)[0][4],
      socket.getaddrinfo(b'x.amazoncognito.com.', 'https', type=socket.SOCK_STREAM)[0][4],
      socket.gethostbyname('localhost'))
try:
    print(socket.getaddrinfo('x.amazoncognito.com', 443, socket.AF_INET6))
except socket.gaierror:
    print('no such name')
'''
    assert python(server, code).splitlines() == [
        "('127.0.0.1', 80) ('127.84.71.1', 443) 127.0.0.1", 'no such name']
    code = "import socket; print(socket.gethostbyname('localhost'))"
    for domain, address in ('localhost', '127.0.0.1'), ('ocalhost', '127.0.0.1'):
        assert run(server, 'env', f'TOOLGATE_SHIM_DOMAINS={domain}', sys.executable, '-c',
                   code).strip() == address


def test_credentials_are_a_session_not_the_root_key(server):
    key = dict(line.split('=', 1) for line in server.run('key').stdout.split())
    assert variable(server, 'AWS_ACCESS_KEY_ID').startswith('ASIA')
    assert variable(server, 'AWS_SECRET_ACCESS_KEY') != key['AWS_SECRET_ACCESS_KEY']
