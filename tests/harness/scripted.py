"""An MCP server in this process whose every answer a test can bend."""
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from requests.structures import CaseInsensitiveDict


def tool(name: str, description: str = '', schema: dict | None = None, **more) -> dict:
    return {'name': name, 'description': description,
            'inputSchema': schema or {'type': 'object'}, **more}


def text_result(text: str) -> dict:
    return {'content': [{'type': 'text', 'text': text}]}


class Reply:
    """The answer to one tools/call: what the test wants to be sent, byte for byte."""

    def __init__(self, body: bytes | str = b'', status: int = 200,
                 content_type: str = 'application/json', wait: float = 0, cut: bool = False,
                 **headers: str) -> None:
        self.body = body.encode() if isinstance(body, str) else body
        self.status, self.content_type, self.wait, self.cut = status, content_type, wait, cut
        self.headers = {name.replace('_', '-'): value for name, value in headers.items()}


class Scripted:
    """Tools, pages of tools/list and answers are set by the test; `received` is what came."""

    def __init__(self) -> None:
        self.tools: list[dict] = []
        self.page_size = 0  # 0: one page
        self.calls: dict[str, object] = {}  # tool name → Reply, result dict, or callable(message)
        self.bend = None  # callable(message) → Reply or None, before everything else
        self.with_sessions = False
        self.sessions: set[str] = set()
        self.ended: list[str] = []  # sessions that a client has deleted
        self.received: list[tuple[dict, dict]] = []
        self.raw: list[bytes] = []
        self.paths: list[str] = []  # with their queries
        self._pages: dict[int, bytes] = {}
        self._server = _HttpServer(('127.0.0.1', 0), _handler(self))
        self.port = self._server.server_address[1]
        self.url = f'http://127.0.0.1:{self.port}/mcp'
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Ends open connections too."""
        self._server.shutdown()
        self._server.server_close()
        for one in list(self._server.connections):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the client was first

    def set_tools(self, tools: list[dict], page_size: int = 0) -> None:
        self.tools, self.page_size, self._pages = tools, page_size, {}

    def methods(self) -> list[str]:
        return [message.get('method', '') for _, message in self.received]

    def result_of(self, message: dict):
        """The result, as bytes, of a message; None for a notification."""
        method = message['method']
        if method == 'initialize':
            return json.dumps({'protocolVersion': '2025-11-25', 'capabilities': {'tools': {}},
                               'serverInfo': {'name': 'scripted', 'version': '1'}}).encode()
        if method == 'tools/list':
            return self._page(int(message.get('params', {}).get('cursor', 0)))
        return b'{}'

    def _page(self, begin: int) -> bytes:
        if begin not in self._pages:
            end = begin + (self.page_size or len(self.tools) or 1)
            page = {'tools': self.tools[begin:end]}
            if end < len(self.tools):
                page['nextCursor'] = str(end)
            self._pages[begin] = json.dumps(page).encode()
        return self._pages[begin]


class _HttpServer(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.connections: set[socket.socket] = set()

    def process_request(self, request, client_address) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address) -> None:
        """A client that goes away is what some tests are about."""


def _handler(upstream: Scripted):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        disable_nagle_algorithm = True
        wbufsize = -1  # head and body in one write

        def log_message(self, *_) -> None:
            pass

        def do_GET(self) -> None:
            self.send(Reply(status=405))

        def do_DELETE(self) -> None:
            session = self.headers.get('Mcp-Session-Id')
            if session not in upstream.sessions:
                return self.send(Reply(status=404 if upstream.with_sessions else 405))
            upstream.sessions.discard(session)
            upstream.ended.append(session)
            self.send(Reply(status=204))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
            message = json.loads(body)
            upstream.received.append((CaseInsensitiveDict(self.headers.items()), message))
            upstream.raw.append(body)
            upstream.paths.append(self.path)
            bent = upstream.bend(message) if upstream.bend else None
            if bent is not None:
                self.send(bent)
            elif 'id' not in message:
                self.send(Reply(status=202))
            elif not self.in_session(message):
                self.send(Reply(status=404))
            elif message['method'] == 'tools/call':
                self.send(self.call(message))
            else:
                self.answer(message, upstream.result_of(message))

        def in_session(self, message: dict) -> bool:
            if not upstream.with_sessions or message['method'] == 'initialize':
                return True
            return self.headers.get('Mcp-Session-Id') in upstream.sessions

        def call(self, message: dict) -> Reply:
            does = upstream.calls.get(message['params']['name'], text_result('done'))
            if callable(does):
                does = does(message)
            if isinstance(does, Reply):
                return Reply(does.body.replace(b'$ID', json.dumps(message['id']).encode()),
                             does.status, does.content_type, does.wait, does.cut, **does.headers)
            return Reply(envelope(message, json.dumps(does).encode()))

        def answer(self, message: dict, result: bytes) -> None:
            headers = {}
            if upstream.with_sessions and message['method'] == 'initialize':
                session = f'session-{len(upstream.received)}'
                upstream.sessions.add(session)
                headers['Mcp_Session_Id'] = session
            self.send(Reply(envelope(message, result), **headers))

        def send(self, reply: Reply) -> None:
            time.sleep(reply.wait)
            self.send_response(reply.status)
            if reply.body:
                self.send_header('Content-Type', reply.content_type)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header('Content-Length', str(len(reply.body) + 100 * reply.cut))
            self.end_headers()
            self.wfile.write(reply.body)
            self.wfile.flush()
            if reply.cut:
                self.close_connection = True

    return Handler


def envelope(message: dict, result: bytes) -> bytes:
    return b'{"jsonrpc":"2.0","id":%s,"result":%s}' % (json.dumps(message['id']).encode(), result)
