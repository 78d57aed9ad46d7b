"""Lambda's Invoke in this process: functions that say exactly what a test wants."""
import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


class Functions:
    """`answers[NAME]` is a function of the event; an exception is the function's own failure.
    `asked` is what came: name, event, client context, Authorization header."""

    def __init__(self) -> None:
        self.answers: dict = {}
        self.asked: list[tuple[str, dict, dict, str]] = []
        self._server = ThreadingHTTPServer(('127.0.0.1', 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f'http://127.0.0.1:{self._server.server_address[1]}'
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(functions: Functions):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'

        def log_message(self, *arguments) -> None:
            pass

        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
            name = unquote(self.path.split('/')[3]).rsplit(':', 1)[1]
            context = json.loads(base64.b64decode(self.headers['X-Amz-Client-Context']))
            functions.asked.append((name, event, context, self.headers['Authorization']))
            if name not in functions.answers:
                self.answer(404, {'Message': f'Function not found: {name}'})
                return
            try:
                self.answer(200, functions.answers[name](event))
            except Exception as problem:
                self.answer(200, {'errorType': type(problem).__name__,
                                  'errorMessage': str(problem)},
                            {'X-Amz-Function-Error': 'Unhandled'})

        def answer(self, status: int, value, headers: dict | None = None) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            for name, text in (headers or {}).items():
                self.send_header(name, text)
            self.send_header('Content-Type', 'application/json')
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
