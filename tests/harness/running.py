"""`toolgate run`, the machine's other proxies and servers as tests need them."""
import base64
import contextlib
import os
import socket
import subprocess
import sys
import threading
import urllib.parse
import zipfile
from pathlib import Path

from harness.programs import ROOT
from harness.server import BINARY

CLIENTS = ROOT / 'tests/clients'
CLEARED = ('AWS_', 'TOOLGATE_', 'BEDROCK_', 'PYTHON', 'VIRTUAL_ENV', 'PIP_', 'UV_')
CLEARED_NAMES = ('HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'HTTP_PROXY')


def user_environment(**more: str) -> dict[str, str]:
    """A user's environment, without what this machine says about AWS, Python and proxies."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(CLEARED) and name.upper() not in CLEARED_NAMES}
    return kept | {'AWS_CONFIG_FILE': os.devnull, 'AWS_PAGER': '',
                   'AWS_SHARED_CREDENTIALS_FILE': os.devnull} | more


def command(server, *words, flags: tuple[str, ...] = ()) -> list[str]:
    return [str(word) for word in (BINARY, 'run', '--data-dir', server.data, *flags, '--', *words)]


def run(server, *words, flags=(), status: int = 0, **environment: str) -> str:
    """The command's standard output."""
    done = subprocess.run(command(server, *words, flags=flags), text=True, capture_output=True,
                          timeout=120, env=user_environment(**environment))
    assert done.returncode == status, f'{done.returncode}\n{done.stdout}\n{done.stderr}'
    return done.stdout if status == 0 else done.stderr


def python(server, code: str, *arguments: str, flags=(), **environment: str) -> str:
    return run(server, sys.executable, '-c', code, *arguments, flags=flags, **environment)


def variable(server, name: str, flags=(), **environment: str) -> str:
    """A variable as the command sees it; '-' when it is not set."""
    return python(server, f'import os; print(os.environ.get({name!r}, "-"))', flags=flags,
                  **environment).strip()


def proxy_login(server, **environment: str) -> tuple[str, str]:
    """User and password that `toolgate run` puts into HTTPS_PROXY."""
    url = urllib.parse.urlsplit(variable(server, 'HTTPS_PROXY', **environment))
    return url.username, url.password


def connect(server, target: str, login: tuple[str, str] | None = None, more: bytes = b'',
            at: str = '127.0.0.1') -> tuple[int, bytes, socket.socket]:
    """A CONNECT: the status, what came behind the head, and the connection."""
    port = int(server.base.rpartition(':')[2])
    asked = socket.create_connection((at, port), timeout=20)
    head = f'CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n'
    if login:
        word = base64.b64encode(':'.join(login).encode()).decode()
        head += f'Proxy-Authorization: Basic {word}\r\n'
    asked.sendall(head.encode() + b'\r\n' + more)
    got = b''
    while b'\r\n\r\n' not in got:
        piece = asked.recv(4096)
        assert piece, got
        got += piece
    head, _, rest = got.partition(b'\r\n\r\n')
    return int(head.split()[1]), rest, asked


class Listener:
    """Accepts connections and gives each to a function, on a thread of its own."""

    def __init__(self, serve) -> None:
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]
        self.serve = serve
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                one, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._guarded, args=(one,), daemon=True).start()

    def _guarded(self, one: socket.socket) -> None:
        with one, contextlib.suppress(OSError):  # a peer that has gone, or refuses our certificate
            self.serve(one)

    def close(self) -> None:
        self.socket.close()


def write_wheel(folder: Path, name: str, version: str) -> None:
    """The least that pip takes for a package."""
    info = f'{name}-{version}.dist-info'
    with zipfile.ZipFile(folder / f'{name}-{version}-py3-none-any.whl', 'w') as wheel:
        wheel.writestr(f'{name}.py', '')
        wheel.writestr(f'{info}/METADATA',
                       f'Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n')
        wheel.writestr(f'{info}/WHEEL',
                       'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n')
        wheel.writestr(f'{info}/RECORD', '')
