#!/usr/bin/env python3
"""Tries what people build agents with, each from its own package at its newest version, against a
gateway with the search tool in front of a FastMCP server; prints a table (docs/clients.md).

    .venv/tests/bin/python tools/clients.py [--envs FOLDER] [CLIENT…]

Each client has a program in tests/clients/agents/ and a line in CLIENTS; its environment is made by
package name below FOLDER, and kept only if FOLDER is given. Installing takes gigabytes, so ./check
does not do it. The gateway's answers come in pages of ten tools; a forwarder that copies bytes lies
between, to tell what the client has asked.
"""
import argparse
import json
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / 'tests'))

from harness import programs  # noqa: E402
from harness.gateway import Gateway  # noqa: E402
from harness.pool import Pool  # noqa: E402
from harness.server import Server  # noqa: E402

PROGRAMS = ROOT / 'tests/clients/agents'
MORE_TOOLS, PAGE_TOOLS = 22, 10
SECONDS_MAX = 180
# The client's program, and the packages it needs; the suffix says the language.
CLIENTS = {
    'with_fastmcp.py': ['fastmcp'],
    'with_langchain.py': ['langchain-mcp-adapters'],
    'with_pydantic_ai.py': ['pydantic-ai-slim[mcp]'],
    'with_openai_agents.py': ['openai-agents'],
    'with_google_adk.py': ['google-adk[mcp]'],
    'with_llama_index.py': ['llama-index-tools-mcp'],
    'with_smolagents.py': ['smolagents[mcp]', 'mcp<2'],
    'with_autogen.py': ['autogen-ext[mcp]', 'mcp<2'],
    'with_crewai.py': ['crewai-tools[mcp]'],
    'with_mcp_use.py': ['mcp-use'],
    'with_semantic_kernel.py': ['semantic-kernel[mcp]'],
    'with_haystack.py': ['mcp-haystack'],
    'with_agno.py': ['agno[mcp]', 'fastmcp'],
    'with_agent_framework.py': ['agent-framework-core', 'mcp', 'tenacity'],
    'with_ai_sdk.mjs': ['@ai-sdk/mcp'],
    'with_langchain.mjs': ['@langchain/mcp-adapters', '@langchain/core'],
    'with_mastra.mjs': ['@mastra/mcp', '@mastra/core'],
    'with_openai_agents.mjs': ['@openai/agents', 'zod'],
    'with_inspector.mjs': ['@modelcontextprotocol/inspector'],
    'with_go_sdk.go': ['github.com/modelcontextprotocol/go-sdk'],
    'with_mcp_go.go': ['github.com/mark3labs/mcp-go'],
    'with_rmcp.rs': ['rmcp --features client,transport-streamable-http-client-reqwest',
                     'tokio --features full', 'serde_json'],
    'with_java_sdk.java': ['io.modelcontextprotocol.sdk:mcp'],
}


class Forwarder:
    """Copies bytes between clients and the gateway and keeps what the requests were."""

    def __init__(self, port: int) -> None:
        self.to, self.connections = port, []
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            near = self.socket.accept()[0]
            try:
                far = socket.create_connection(('127.0.0.1', self.to))
            except OSError:
                near.close()
                continue
            kept = (bytearray(), bytearray())
            self.connections.append(kept)
            threading.Thread(target=self._copy, args=(near, far, kept), daemon=True).start()

    def _copy(self, near: socket.socket, far: socket.socket, kept: tuple) -> None:
        with near, far:
            while True:
                for source in select.select((near, far), (), ())[0]:
                    try:
                        piece = source.recv(65536)
                        if not piece:
                            return
                        (far if source is near else near).sendall(piece)
                    except OSError:
                        return
                    kept[source is far].extend(piece)

    def asked(self) -> list[str]:
        """Each request as its method, the version its header claims, and the status."""
        found = []
        for sent, got in self.connections:
            statuses = re.findall(rb'HTTP/1\.1 (\d{3})', got)
            heads = list(re.finditer(rb'(POST|GET|DELETE) \S+ HTTP/1\.1\r\n(.*?)\r\n\r\n', sent,
                                     re.DOTALL))
            ends = [head.start() for head in heads[1:]] + [len(sent)]
            for at, (head, end) in enumerate(zip(heads, ends)):
                method = re.search(rb'"method"\s*:\s*"([^"]+)"', sent[head.end():end])
                claims = re.search(rb'(?i)\r\nmcp-protocol-version: *(\S+)', b'\r\n' + head[2])
                status = statuses[at] if at < len(statuses) else b'no answer'
                words = [method[1] if method else head[1], claims[1] if claims else b'', status]
                found.append(' '.join(word.decode() for word in words if word))
        self.connections.clear()
        return found


def python_environment(program: str, packages: list[str], at: Path) -> list:
    """By uv, itself from its package: pip takes minutes over what some of these need."""
    uv = at.parent / 'uv/bin/uv'
    if not uv.exists():
        subprocess.run([sys.executable, '-m', 'venv', uv.parent.parent], check=True)
        subprocess.run([uv.parent / 'python', '-m', 'pip', 'install', '-q', 'uv'], check=True)
    python = at / 'bin/python'
    if not python.exists():
        subprocess.run([uv, 'venv', '-q', '-p', sys.executable, at], check=True)
        subprocess.run([uv, 'pip', 'install', '-q', '-p', python, *packages], check=True)
    return [python, PROGRAMS / program]


def node_environment(program: str, packages: list[str], at: Path) -> list:
    """With the Node of the tests: npm takes older packages where this machine's is too old."""
    if not (at / 'node_modules').exists():
        at.mkdir(parents=True, exist_ok=True)
        (at / 'package.json').write_text('{"private": true, "type": "module"}')
        subprocess.run(['npm', 'install', '--silent', '--ignore-scripts', *packages], cwd=at,
                       env=with_node(), check=True)
    for name in ('steps.mjs', program):  # Node looks for packages from where the program is
        shutil.copy(PROGRAMS / name, at)
    return [programs.NODE, program]


def go_environment(program: str, packages: list[str], at: Path) -> list:
    if not (at / 'go.mod').exists():
        at.mkdir(parents=True, exist_ok=True)
        subprocess.run(['go', 'mod', 'init', 'client'], cwd=at, check=True, capture_output=True)
        subprocess.run(['go', 'get', *(f'{name}@latest' for name in packages)], cwd=at, check=True,
                       capture_output=True)
    for name in ('steps.go', program):
        shutil.copy(PROGRAMS / name, at)
    subprocess.run(['go', 'mod', 'tidy'], cwd=at, check=True, capture_output=True)
    subprocess.run(['go', 'build', '-p', '1', '-o', 'client', '.'], cwd=at, check=True)
    return [at / 'client']


def rust_environment(program: str, packages: list[str], at: Path) -> list:
    if not (at / 'Cargo.toml').exists():
        subprocess.run(['cargo', 'init', '--quiet', '--vcs', 'none', '--name', 'client', at],
                       check=True)
        for words in packages:
            subprocess.run(['cargo', 'add', '--quiet', *words.split()], cwd=at, check=True)
    shutil.copy(PROGRAMS / program, at / 'src/main.rs')
    subprocess.run(['cargo', 'build', '--quiet', '--jobs', '1'], cwd=at, check=True)
    return [at / 'target/debug/client']


POM = '''<project><modelVersion>4.0.0</modelVersion><groupId>client</groupId>
<artifactId>client</artifactId><version>1</version><dependencies>{}</dependencies></project>'''
DEPENDENCY = '''<dependency><groupId>{}</groupId><artifactId>{}</artifactId>
<version>[1.0,)</version></dependency>'''


def java_environment(program: str, packages: list[str], at: Path) -> list:
    if not (at / 'lib').exists():
        at.mkdir(parents=True, exist_ok=True)
        (at / 'pom.xml').write_text(POM.format(''.join(
            DEPENDENCY.format(*name.split(':')) for name in packages)))
        subprocess.run(['mvn', '-q', '-B', 'dependency:copy-dependencies',
                        '-DoutputDirectory=lib'], cwd=at, check=True, stdout=sys.stderr)
    return ['java', '-cp', f'{at}/lib/*', PROGRAMS / program]


def with_node() -> dict[str, str]:
    return os.environ | {'PATH': f'{programs.NODE.parent}:{os.environ["PATH"]}', 'NO_COLOR': '1'}


MAKERS = {'.py': python_environment, '.mjs': node_environment, '.go': go_environment,
          '.rs': rust_environment, '.java': java_environment}


def run(command: list, at: Path, url: str, token: str, restart) -> dict:
    """The program's steps; `restart` is called when it asks for it."""
    seen = {'raised': []}
    with tempfile.TemporaryFile('w+') as errors:
        process = subprocess.Popen([*command, url, token], stdin=subprocess.PIPE, text=True,
                                   stdout=subprocess.PIPE, stderr=errors, cwd=at,
                                   env=with_node())
        ender = threading.Timer(SECONDS_MAX, process.kill)
        ender.start()
        for line in process.stdout:
            if not line.startswith('{'):
                continue
            told = json.loads(line)
            if told.pop('restart', False):
                restart()
                process.stdin.write('\n')
                process.stdin.flush()
            seen['raised'] += [told.pop('raised')] if 'raised' in told else []
            seen |= told
        seen['status'] = process.wait()
        ender.cancel()
        errors.seek(0)
        seen['errors'] = errors.read()
    return seen


def row(program: str, seen: dict, asked: list[str], expected: set[str]) -> list[str]:
    """A word for each step, or what was seen instead."""
    versions = ', '.join(f'{name} {it}' for name, it in seen.get('versions', {}).items())
    tools = seen.get('tools', 'not reached')
    if isinstance(tools, list):
        renamed = ', renamed' if set(tools) - expected else ''
        part = '' if len(tools) == len(expected) else f' of {len(expected)}'
        tools = f'{len(tools)}{part}{renamed}'
    words = {'call': 'shipped', 'fail': 'unbreakable', 'search': 'orders___returnOrder',
             'again': 'shipped'}
    told = [program, versions, asked[0] if asked else 'nothing', str(tools)]
    for name, word in words.items():
        said = str(seen.get(name, 'not reached'))
        raised = ', raised' if name in seen['raised'] else ''
        told.append(f'yes{raised}' if word in said else said)
    return [*told, '' if seen['status'] == 0 else f'ended with {seen["status"]}']


class Rig:
    """The gateway, its target and what lies between the clients and it."""

    def __init__(self, home: Path, versions: list[str]) -> None:
        port, at = programs.free_port(), programs.free_port()
        self.between = Forwarder(port)
        self.server = Server(home, ('--listen', f'127.0.0.1:{port}', '--log-level', 'error',
                                    '--page-tools', str(PAGE_TOOLS))).start()
        self.orders = programs.Program([sys.executable, PROGRAMS / 'orders.py', at, MORE_TOOLS],
                                       f'http://127.0.0.1:{at}/mcp', home / 'orders.log')
        self.pool = Pool(self.server, 'clients')
        gateway = Gateway(self.server, 'clients', self.pool.authorizer(), protocolConfiguration={
            'mcp': {'searchType': 'SEMANTIC', 'supportedVersions': versions}})
        gateway.tokens = self.pool
        gateway.add_ready('orders', self.orders.url)
        self.expected = set(gateway.endpoint().names())
        self.url = gateway.url.replace(self.server.base, f'http://127.0.0.1:{self.between.port}')

    def restart(self) -> None:
        self.server.stop()
        self.server.start()

    def attempt(self, program: str, folder: Path, verbose: bool) -> list[str]:
        at = folder / program.replace('.', '-')
        try:
            command = MAKERS[Path(program).suffix](program, CLIENTS[program], at)
        except subprocess.CalledProcessError as error:
            return [program, f'not installed: {error}']
        self.between.asked()
        seen = run(command, at, self.url, self.pool.token(), self.restart)
        asked = self.between.asked()
        if verbose or seen['status']:
            print(*asked, seen['errors'][-4000:], sep='\n', file=sys.stderr)
        return row(program, seen, asked, self.expected)

    def stop(self) -> None:
        self.orders.stop()
        self.server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--envs', type=Path, help='keep the environments there')
    parser.add_argument('--supported', action='append', default=[], metavar='VERSION',
                        help='a version of MCP that the gateway supports; else all')
    parser.add_argument('--verbose', action='store_true', help='what each client has asked')
    parser.add_argument('client', nargs='*', help='programs of tests/clients/agents')
    args = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix='toolgate-clients-'))
    rig = Rig(home, args.supported)
    folder = args.envs or home / 'envs'
    folder.mkdir(parents=True, exist_ok=True)
    print('| client | versions | asks first | tools | call | failing call | search '
          '| after a restart | |')
    print('| --- | --- | --- | --- | --- | --- | --- | --- | --- |')
    try:
        for program in args.client or CLIENTS:
            print('| ' + ' | '.join(rig.attempt(program, folder, args.verbose)) + ' |', flush=True)
            if not args.envs:
                shutil.rmtree(folder / program.replace('.', '-'), ignore_errors=True)
    finally:
        rig.stop()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == '__main__':
    main()
