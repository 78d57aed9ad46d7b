"""The TLS port, its certificates, and CONNECT."""
import base64
import contextlib
import os
import signal
import socket
import ssl
import stat
import subprocess
import threading
import time

import boto3
import pytest
import requests
from cryptography import x509
from harness.certificates import own_certificate
from harness.programs import free_port
from harness.running import Listener, connect, proxy_login, python, run
from harness.server import SHORT


def tls_port(server) -> int:
    return int(server.ready['tls'].rpartition(':')[2])


def strict(server) -> ssl.SSLContext:
    """A client that trusts the local authority alone, as strict as Python 3.13 is."""
    context = ssl.create_default_context(cafile=str(server.data / 'ca.pem'))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def names_shown(sock: ssl.SSLSocket) -> set[str]:
    return {value for _, value in sock.getpeercert()['subjectAltName']}


def handshake(server, name: str | None, context: ssl.SSLContext | None = None) -> set[str]:
    """The names of the certificate that a client which asks for `name` is shown."""
    context = context or strict(server)
    with socket.create_connection(('127.0.0.1', tls_port(server)), timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname=name) as tls:
            return names_shown(tls)


@pytest.mark.parametrize('name', [
    'sts.us-east-1.amazonaws.com', 'a-b.auth.eu-west-1.amazoncognito.com', 's3.dualstack.api.aws',
    'x-1.gateway.bedrock-agentcore.us-west-2.amazonaws.com', 'STS.US-EAST-1.AMAZONAWS.COM'])
def test_a_certificate_for_each_aws_shaped_name(server, name):
    assert handshake(server, name) == {name.lower()}


def test_a_certificate_for_this_machine(server):
    own = {'localhost', '127.0.0.1', '0:0:0:0:0:0:0:1'}
    assert handshake(server, 'localhost') == handshake(server, '127.0.0.1') == own
    answer = requests.get(server.ready['tls'] + '/healthz', timeout=10,
                          verify=str(server.data / 'ca.pem'))
    assert answer.json() == {'status': 'ok'}


@pytest.mark.parametrize('name', [
    'example.com', 'amazonaws.com', 'notamazonaws.com', 'amazonaws.com.example.com',
    'x.amazonaws.com.cn', '-x.amazonaws.com', 'localhost.example.com'])
def test_no_certificate_for_other_names(server, name):
    anything = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anything.check_hostname, anything.verify_mode = False, ssl.CERT_NONE
    with pytest.raises(ssl.SSLError, match='unrecognized.name|UNRECOGNIZED_NAME'):
        handshake(server, name, anything)


def test_more_names_than_are_kept(server):
    for number in range(600):
        if number % 50 == 0:
            assert handshake(server, 'sts.amazonaws.com') == {'sts.amazonaws.com'}
        with socket.create_connection(('127.0.0.1', tls_port(server)), timeout=10) as plain:
            with strict(server).wrap_socket(plain, server_hostname=f'b{number}.s3.amazonaws.com'):
                pass


def test_boto3_at_the_tls_port(server, gateway):
    control = boto3.session.Session(region_name='us-east-1', **server.credentials()).client(
        'bedrock-agentcore-control', endpoint_url=server.ready['tls'], config=SHORT,
        verify=str(server.data / 'ca.pem'))
    made = gateway()
    # URLs that are handed out are the same, wherever one asks.
    assert control.get_gateway(gatewayIdentifier=made.id)['gatewayUrl'] == made.url
    assert made.url.startswith(server.base)


def test_what_is_kept(own_server):
    server = own_server()
    authority = (server.data / 'ca.pem').read_text()
    sealed = server.data / 'ca.sealed'
    assert stat.S_IMODE(sealed.stat().st_mode) == 0o600 and b'PRIVATE' not in sealed.read_bytes()
    for name in 'ca.pem', 'ca-bundle.pem', 'shim/sitecustomize.py':
        assert stat.S_IMODE((server.data / name).stat().st_mode) == 0o644
        assert 'PRIVATE' not in (server.data / name).read_text()
    bundle = (server.data / 'ca-bundle.pem').read_text()
    assert authority.strip() in bundle and bundle.count('BEGIN CERTIFICATE') > 50
    loaded = x509.load_pem_x509_certificate(authority.encode())
    limits = loaded.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical and not limits.value.excluded_subtrees
    permitted = {str(one.value) for one in limits.value.permitted_subtrees}
    assert permitted == {'amazonaws.com', 'amazoncognito.com', 'api.aws', 'localhost',
                         '127.0.0.0/8', '::1/128'}
    server.kill()
    (server.data / 'ca-bundle.pem').write_text('damaged')
    server.start()
    assert (server.data / 'ca.pem').read_text() == authority
    assert (server.data / 'ca-bundle.pem').read_text() == bundle
    assert handshake(server, 'sts.amazonaws.com') == {'sts.amazonaws.com'}


def test_an_authority_that_cannot_be_read_is_replaced(own_server):
    server = own_server()
    before = (server.data / 'ca.pem').read_text()
    server.stop()
    (server.data / 'ca.sealed').write_text('damaged')
    server.start()
    assert (server.data / 'ca.pem').read_text() != before
    assert server.logs('the kept authority cannot be used')
    assert handshake(server, 'sts.amazonaws.com') == {'sts.amazonaws.com'}


def test_without_a_tls_port(own_server):
    server = own_server('--tls-listen', 'off')
    assert 'tls' not in server.ready
    assert 'no TLS port' in run(server, 'true', flags=('--shim', 'all'), status=2)
    # CONNECT needs no port of its own.
    assert python(server, "import requests; print(requests.get("
                          "'https://x.auth.us-east-1.amazoncognito.com/').status_code)") == '404\n'


def test_the_default_port_may_be_taken(own_server):
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError):  # another program has it already
            held.enter_context(socket.create_server(('127.0.0.1', 7879)))
        server = own_server('--listen', f'127.0.0.1:{free_port()}')
        assert tls_port(server) not in (0, 7879)
        wait_for_log(server, 'Another port is taken')


def test_a_taken_port_that_was_asked_for(own_server):
    with socket.create_server(('127.0.0.1', 0)) as taken:
        address = f'127.0.0.1:{taken.getsockname()[1]}'
        with pytest.raises(AssertionError, match='Cannot listen on'):
            own_server('--tls-listen', address)


def wait_for_log(server, text: str) -> None:
    until = time.monotonic() + 10
    while text not in server.log_text():
        assert time.monotonic() < until, server.log_text()[-2000:]
        time.sleep(0.05)


def test_a_users_own_certificate_and_sighup(own_server, tmp_path):
    chain, key = own_certificate(tmp_path, 'first.example.com')
    config = tmp_path / 'config.yaml'
    config.write_text(f'tls_cert: {chain}\ntls_key: {key}\nlog_level: info\n')
    server = own_server('--config', str(config))
    mine = ssl.create_default_context(cafile=chain)
    assert handshake(server, 'first.example.com', mine) == {'first.example.com'}
    assert handshake(server, 'sts.amazonaws.com') == {'sts.amazonaws.com'}

    own_certificate(tmp_path, 'second.example.com')
    config.write_text(config.read_text() + 'page_tools: 7\nregion: eu-west-1\n')
    server.program.send_signal(signal.SIGHUP)
    wait_for_log(server, 'taken up only by a new start: --region, --page-tools')
    mine = ssl.create_default_context(cafile=chain)
    assert handshake(server, 'second.example.com', mine) == {'second.example.com'}

    (tmp_path / 'own.key').write_text('damaged')
    server.program.send_signal(signal.SIGHUP)
    wait_for_log(server, 'SIGHUP: nothing is reloaded: ')
    assert handshake(server, 'second.example.com', mine) == {'second.example.com'}

    config.write_text('log_level: debug\n')
    server.program.send_signal(signal.SIGHUP)
    wait_for_log(server, 'changed: --tls-cert, --tls-key, --log-level')
    assert handshake(server, 'localhost') > {'localhost'}

    config.write_text('nonsense: 1\n')
    server.program.send_signal(signal.SIGHUP)
    wait_for_log(server, 'the settings cannot be read; nothing is reloaded')


@pytest.mark.parametrize('login', [None, ('toolgate', 'wrong'), ('', '')])
def test_connect_needs_the_secret(server, login):
    status, body, asked = connect(server, 'sts.amazonaws.com:443', login)
    asked.close()
    assert status == 407 and b'toolgate run' in body


@pytest.mark.parametrize('target,status,word', [
    ('sts.amazonaws.com:80', 403, b'only to port 443'),
    ('sts.amazonaws.com:8443', 403, b'only to port 443'),
    ('169.254.169.254:443', 403, b'must not be reached'),
    ('[fd00:ec2::254]:443', 403, b'must not be reached'),
    ('0.0.0.0:443', 403, b'must not be reached'),
    ('sts.amazonaws.com', 400, b'host:port')])
def test_where_connect_does_not_lead(server, target, status, word):
    got, body, asked = connect(server, target, proxy_login(server))
    asked.close()
    assert (got, word in body) == (status, True), body


def other_address() -> str:
    """An address of this machine that is not loopback; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(('192.0.2.1', 9))
        return probe.getsockname()[0]


def test_connect_is_for_this_machine(own_server):
    try:
        here = other_address()
    except OSError:
        pytest.skip('this machine has no other address than loopback')
    server = own_server('--listen', '0.0.0.0:0')
    status, body, asked = connect(server, 'sts.amazonaws.com:443', proxy_login(server), at=here)
    asked.close()
    assert status == 403 and b'only for programs of this machine' in body


def test_connect_ends_here_for_aws_shaped_names(server):
    login = proxy_login(server)
    for target in 'sts.eu-west-1.amazonaws.com:443', 'STS.eu-west-1.amazonaws.com.:443':
        status, rest, asked = connect(server, target, login)
        assert (status, rest) == (200, b'')
        name = 'sts.eu-west-1.amazonaws.com'
        with strict(server).wrap_socket(asked, server_hostname=name) as tls:
            assert names_shown(tls) == {name}
            tls.sendall(b'CONNECT sts.amazonaws.com:443 HTTP/1.1\r\nHost: x.amazonaws.com\r\n\r\n')
            assert tls.recv(100).startswith(b'HTTP/1.1 405 ')
    # Whatever name is asked for inside: the certificate is the one of the name that was reached.
    _, _, asked = connect(server, 'sts.eu-west-1.amazonaws.com:443', login)
    with pytest.raises(ssl.SSLCertVerificationError):
        strict(server).wrap_socket(asked, server_hostname='iam.amazonaws.com')


def echo_to_the_end(one: socket.socket) -> None:
    """Answers with what came, once the peer has said all it had to say."""
    got = b''
    while piece := one.recv(65536):
        got += piece
    one.sendall(got[::-1])


def test_other_names_are_passed_on_byte_for_byte(own_server):
    echo = Listener(echo_to_the_end)
    own = free_port()
    server = own_server('--resolve', f'files.example:443=127.0.0.1:{echo.port}',
                        '--resolve', f'us.example:443=127.0.0.1:{own}',
                        '--resolve', f'closed.example:443=127.0.0.1:{free_port()}',
                        '--tls-listen', f'127.0.0.1:{own}')
    login = proxy_login(server)
    data = os.urandom(3_000_000)
    status, rest, asked = connect(server, 'files.example:443', login, more=data[:1000])
    assert status == 200
    sender = threading.Thread(target=lambda: (asked.sendall(data[1000:]),
                                              asked.shutdown(socket.SHUT_WR)))
    sender.start()
    got = rest
    while piece := asked.recv(65536):
        got += piece
    sender.join()
    assert got == data[::-1]
    asked.close()
    echo.close()
    for name, refused, word in ('us.example', 403, b'it is this server'), (
            'closed.example', 502, b'connect: closed.example:443: Connection refused'):
        status, body, asked = connect(server, f'{name}:443', login)
        asked.close()
        assert status == refused and word in body


def test_tunnels_are_counted(own_server):
    waiting = Listener(lambda one: one.recv(1))
    server = own_server('--resolve', f'files.example:443=127.0.0.1:{waiting.port}')
    login = proxy_login(server)
    opened = [connect(server, 'files.example:443', login) for _ in range(256)]
    assert {status for status, _, _ in opened} == {200}
    status, body, asked = connect(server, 'files.example:443', login)
    assert status == 503 and b'all tunnels are taken' in body
    for _, _, one in (*opened, (0, b'', asked)):
        one.close()
    until = time.monotonic() + 60
    while connect(server, 'files.example:443', login)[0] != 200:
        assert time.monotonic() < until
    started = time.monotonic()
    assert server.stop() == 0 and time.monotonic() - started < 8  # tunnels do not hold it up


def test_the_proxy_a_user_is_bound_to(server):
    heads = []

    def proxy(one: socket.socket) -> None:
        head = b''
        while b'\r\n\r\n' not in head:
            head += one.recv(4096)
        heads.append(head.decode())
        if 'refused.example' in heads[-1]:
            one.sendall(b'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
            return
        one.sendall(b'HTTP/1.1 200 OK\r\n\r\nhello')
        echo_to_the_end(one)

    through = Listener(proxy)
    environment = {'https_proxy': f'http://user:p%40ss@127.0.0.1:{through.port}'}
    login = proxy_login(server, **environment)
    status, rest, asked = connect(server, 'files.example:443', login)
    while len(rest) < 5:
        rest += asked.recv(100)
    assert (status, rest) == (200, b'hello')
    asked.sendall(b'abc')
    asked.shutdown(socket.SHUT_WR)
    assert asked.recv(100) == b'cba'
    asked.close()
    assert heads[0].startswith('CONNECT files.example:443 HTTP/1.1\r\n')
    assert base64.b64encode(b'user:p@ss').decode() in heads[0]
    status, body, asked = connect(server, 'refused.example:443', login)
    asked.close()
    assert status == 502 and b'the proxy answered 407' in body

    # AWS-shaped names never reach it, even if the user spares them the proxy.
    heads.clear()
    assert python(server, "import requests; print(requests.get("
                          "'https://x.auth.us-east-1.amazoncognito.com/').status_code)",
                  NO_PROXY='', **environment) == '404\n'
    assert heads == []
    through.close()
    assert 'only an http:// proxy' in run(server, 'true', status=2,
                                          HTTPS_PROXY='socks5://127.0.0.1:1')


def test_https_of_other_names_is_verified_as_always(own_server, tmp_path):
    """A client reaches another site through CONNECT, and sees that site's own certificate."""
    chain, key = own_certificate(tmp_path, 'site.example.com')
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)

    def site(one: socket.socket) -> None:
        with context.wrap_socket(one, server_side=True) as tls:
            tls.recv(65536)
            tls.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nsite')

    listening = Listener(site)
    server = own_server('--resolve', f'site.example.com:443=127.0.0.1:{listening.port}')
    curl = ('curl', '-sS', 'https://site.example.com/')
    assert run(server, *curl, SSL_CERT_FILE=chain) == 'site'
    with pytest.raises(AssertionError, match='certificate'):
        run(server, *curl)
    listening.close()


def test_secrets_are_not_logged(own_server):
    server = own_server('--log-level', 'debug')
    user, secret = proxy_login(server)
    connect(server, 'sts.amazonaws.com:443', (user, secret))[2].close()
    connect(server, 'sts.amazonaws.com:443', (user, secret + 'x'))[2].close()
    assert subprocess.run(['grep', '-c', secret, server.home / 'log'],
                          capture_output=True, text=True).stdout == '0\n'
