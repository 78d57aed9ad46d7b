"""A chat-completions endpoint in this process that says exactly what a test wants."""
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """One answer. `pieces` are sent one after the other, `pause` seconds apart; a cut one has
    neither an end nor a last chunk."""
    pieces: list[bytes]
    status: int = 200
    content_type: str = 'application/json'
    pause: float = 0
    cut: bool = False
    headers: dict[str, str] = field(default_factory=dict)


def whole(message: dict, finish_reason: str = 'stop', usage: dict | None = None, **more) -> Answer:
    body = {'id': 'chatcmpl-1', 'object': 'chat.completion', 'model': 'scripted',
            'choices': [{'index': 0, 'message': {'role': 'assistant'} | message,
                         'finish_reason': finish_reason}],
            'usage': usage or {'prompt_tokens': 11, 'completion_tokens': 3, 'total_tokens': 14}}
    return Answer([json.dumps(body | more).encode()])


def error(status: int, message: str = 'no') -> Answer:
    return Answer([json.dumps({'error': {'message': message}}).encode()], status=status)


def chunk(delta: dict | None = None, finish_reason: str | None = None, **more) -> dict:
    return {'id': 'chatcmpl-1', 'object': 'chat.completion.chunk',
            'choices': [{'index': 0, 'delta': delta or {}, 'finish_reason': finish_reason}]} | more


def call_chunk(index: int, arguments: str = '', **more) -> dict:
    """A piece of a tool call: call_chunk(0, '{"a', id='call_1', name='add')."""
    call: dict = {'index': index, 'function': {'arguments': arguments}}
    if 'id' in more:
        call |= {'id': more['id'], 'type': 'function'}
    if 'name' in more:
        call['function']['name'] = more['name']
    return chunk({'tool_calls': [call]})


USAGE = {'choices': [], 'usage': {'prompt_tokens': 20, 'completion_tokens': 5,
                                  'total_tokens': 25,
                                  'prompt_tokens_details': {'cached_tokens': 8}}}


def streamed(*chunks: dict, split: int = 0, done: bool = True, **more) -> Answer:
    """Server-sent events, one a chunk; `split` cuts the bytes anew into pieces of that size."""
    events = [b'data: ' + json.dumps(one).encode() + b'\n\n' for one in chunks]
    if done:
        events.append(b'data: [DONE]\n\n')
    if split:
        joined = b''.join(events)
        events = [joined[at:at + split] for at in range(0, len(joined), split)]
    return Answer(events, content_type='text/event-stream', **more)


class Chat:
    """`answers` are given in turn, the last one again and again; one may be a function of the
    request's body. `received` is what came: path, headers, body."""

    def __init__(self, *answers) -> None:
        self.answers = list(answers)
        self.received: list[tuple[str, dict, dict]] = []
        self.ended = threading.Event()  # a peer went away in the middle
        self._server = _Server(('127.0.0.1', 0), _handler(self))
        self.url = f'http://127.0.0.1:{self._server.server_address[1]}/v1'
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def says(self, *answers) -> 'Chat':
        self.answers, self.received = list(answers), []
        return self

    @property
    def asked(self) -> dict:
        """The body of the last request."""
        return self.received[-1][2]

    def next_answer(self, body: dict) -> Answer:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(body) if callable(answer) else answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address) -> None:
        """A client that goes away is part of the tests."""


def _handler(chat: Chat):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'

        def log_message(self, *arguments) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
            chat.received.append((self.path, dict(self.headers.items()), body))
            answer = chat.next_answer(body)
            self.send_response(answer.status)
            self.send_header('Content-Type', answer.content_type)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header('Transfer-Encoding', 'chunked')
            self.end_headers()
            try:
                for piece in answer.pieces:
                    self.wfile.write(b'%x\r\n%s\r\n' % (len(piece), piece))
                    self.wfile.flush()
                    time.sleep(answer.pause)
                if answer.cut:
                    self.close_connection = True
                else:
                    self.wfile.write(b'0\r\n\r\n')
            except OSError:
                chat.ended.set()
                self.close_connection = True

    return Handler
