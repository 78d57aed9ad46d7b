"""A REST API of this process: remembers what it is asked, answers what the test says."""
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Asked:
    method: str
    target: str
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)


@dataclass
class Said:
    body: bytes = b'{}'
    type: str = 'application/json'
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Api:
    """`answer(asked)` gives a Said; `received` is what came."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.received: list[Asked] = []
        self.answer = lambda asked: Said()
        self._server = ThreadingHTTPServer(('127.0.0.1', 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f'{"https" if context else "http"}://127.0.0.1:{self.port}'
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def last(self) -> Asked:
        return self.received[-1]

    def _handler(self):
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do(self) -> None:
                length = int(self.headers.get('Content-Length', 0))
                asked = Asked(self.command, self.path,
                              {name.lower(): value for name, value in self.headers.items()},
                              self.rfile.read(length))
                api.received.append(asked)
                said = api.answer(asked)
                self.send_response(said.status)
                if said.type:
                    self.send_header('Content-Type', said.type)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                if said.status != 204:
                    self.send_header('Content-Length', str(len(said.body)))
                self.end_headers()
                if self.command != 'HEAD' and said.status != 204:
                    self.wfile.write(said.body)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do

            def log_message(self, *_) -> None:
                pass

        return Handler
