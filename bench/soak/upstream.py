"""An MCP server that fails in every way a server can: each tool is a way to fail.

`/mcp` shakes hands and lists well; `/flaky` fails at those too, now and then. Raw sockets, so that
what is sent can be as wrong as it likes.
"""
import argparse
import asyncio
import json
import random
import socket
import struct

BIG = b'x' * (7 * 1024 * 1024)
SESSION_CALLS = 200  # then a session of /mcp is forgotten: 404
sessions: dict[str, int] = {}
SCHEMA = {'type': 'object', 'properties': {'n': {'type': 'integer'}}, 'required': ['n']}


def http(status: str, body: bytes = b'', *fields: str, kind: str = 'application/json') -> bytes:
    head = [f'HTTP/1.1 {status}', f'Content-Type: {kind}', f'Content-Length: {len(body)}', *fields]
    return '\r\n'.join(head).encode() + b'\r\n\r\n' + body


def result(message: dict, text: str) -> bytes:
    return json.dumps({'jsonrpc': '2.0', 'id': message['id'], 'result': {
        'content': [{'type': 'text', 'text': text}]}}).encode()


def event(data: bytes) -> bytes:
    return b'event: message\r\ndata: ' + data + b'\r\n\r\n'


def chunk(data: bytes) -> bytes:
    return b'%x\r\n%s\r\n' % (len(data), data)


STREAM = (b'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n'
          b'Transfer-Encoding: chunked\r\n\r\n')


class Close(Exception):
    """The connection is to end now."""


async def good(out, message):
    out.write(http('200 OK', result(message, f'got {message["params"]["arguments"]["n"]}')))


async def stream(out, message):
    """The answer as events, in small pieces, after a comment and a notification."""
    whole = (b': ping\r\n\r\n' + event(b'{"jsonrpc":"2.0","method":"notifications/message"}')
             + event(result(message, f'got {message["params"]["arguments"]["n"]}')))
    out.write(STREAM)
    for begin in range(0, len(whole), 40):
        out.write(chunk(whole[begin:begin + 40]))
        await out.drain()
    out.write(b'0\r\n\r\n')


async def slow(out, message):
    await asyncio.sleep(random.uniform(0.2, 1.5))
    await good(out, message)


async def cut(out, message):
    whole = http('200 OK', result(message, 'y' * 5000))
    out.write(whole[:random.randrange(1, len(whole) - 1)])
    await out.drain()
    raise Close


async def wrong_json(out, message):
    out.write(http('200 OK', random.choice(
        [b'{', b'nonsense', b'{"jsonrpc":"2.0","id":1', b'\xff\xfe', b'', b'[]', b'null',
         b'{"jsonrpc":"2.0","id":%d,"result":{"content":[' % message['id'] if isinstance(
             message['id'], int) else b'[[['])))


async def oversize(out, message):
    if random.random() < 0.5:
        out.write(http('200 OK', result(message, 'z') + BIG))
    else:  # the length is not known before
        out.write(STREAM)
        for _ in range(7):
            out.write(chunk(b'data: ' + BIG[:1024 * 1024] + b'\n'))
            await out.drain()
    await out.drain()
    raise Close


async def redirect(out, _message):
    out.write(http('307 Temporary Redirect', b'', 'Location: http://169.254.169.254/latest'))


async def forgotten(out, _message):
    out.write(http('404 Not Found', b'{"message":"no such session"}'))


async def endless(out, _message):
    """Events for ever, none of them the answer."""
    out.write(STREAM)
    while True:
        out.write(chunk(event(b'{"jsonrpc":"2.0","method":"notifications/progress"}')))
        await out.drain()
        await asyncio.sleep(0.5)


async def silent(_out, _message):
    await asyncio.sleep(3600)


async def reset(out, _message):
    handle = out.get_extra_info('socket')
    handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    raise Close


async def garbage(out, _message):
    out.write(bytes(random.randrange(256) for _ in range(300)))
    await out.drain()
    raise Close


async def wrong_id(out, message):
    out.write(http('200 OK', result({'id': 'somebody else'}, 'not yours')))


async def refused(out, _message):
    out.write(http('401 Unauthorized', b'', 'WWW-Authenticate: Bearer'))


async def broken(out, _message):
    out.write(http('500 Internal Server Error', b'<html>oops</html>', kind='text/html'))


async def rpc_error(out, message):
    out.write(http('200 OK', json.dumps({'jsonrpc': '2.0', 'id': message['id'], 'error': {
        'code': -32603, 'message': 'upstream says no'}}).encode()))


async def drip(out, message):
    """A head byte by byte, then two answers where one was asked for."""
    whole = http('200 OK', result(message, 'drip'))
    for begin in range(0, 60):
        out.write(whole[begin:begin + 1])
        await out.drain()
    out.write(whole[60:] + whole)
    await out.drain()
    raise Close


WAYS = {way.__name__: way for way in (
    good, stream, slow, cut, wrong_json, oversize, redirect, forgotten, endless, silent, reset,
    garbage, wrong_id, refused, broken, rpc_error, drip)}
AT_ONCE = [cut, wrong_json, redirect, forgotten, reset, garbage, broken]


def use_session(head: str) -> bool:
    """Whether the session that the request names is still known."""
    for line in head.split('\r\n'):
        name, _, value = line.partition(':')
        if name.lower() == 'mcp-session-id':
            sessions[value.strip()] = sessions.get(value.strip(), 0) - 1
            return sessions[value.strip()] >= 0
    return True


async def answer(out, path: str, head: str, message: dict) -> None:
    method = message.get('method')
    if path == '/flaky' and random.random() < 0.3:
        await random.choice(AT_ONCE)(out, {'id': 0} | message)
    elif 'id' not in message:
        out.write(http('202 Accepted'))
    elif method == 'initialize':
        session = f'{random.getrandbits(64):x}'
        sessions[session] = SESSION_CALLS
        fields = [] if path == '/plain' else [f'Mcp-Session-Id: {session}']
        out.write(http('200 OK', json.dumps({'jsonrpc': '2.0', 'id': message['id'], 'result': {
            'protocolVersion': '2025-06-18', 'capabilities': {'tools': {}},
            'serverInfo': {'name': 'soak', 'version': '1'}}}).encode(), *fields))
    elif method == 'tools/list':
        out.write(http('200 OK', json.dumps({'jsonrpc': '2.0', 'id': message['id'], 'result': {
            'tools': [{'name': name, 'description': way.__doc__ or f'fails: {name}',
                       'inputSchema': SCHEMA} for name, way in WAYS.items()]}}).encode()))
    elif not use_session(head):
        await forgotten(out, message)
    else:
        await WAYS[message['params']['name']](out, message)


async def serve_one(reader, out) -> None:
    try:
        while True:
            head = (await reader.readuntil(b'\r\n\r\n')).decode('latin-1')
            method, path, _ = head.split(' ', 2)
            size = next((int(line.split(':')[1]) for line in head.split('\r\n')
                         if line.lower().startswith('content-length:')), 0)
            body = await reader.readexactly(size)
            if method != 'POST':
                out.write(http('405 Method Not Allowed'))
            else:
                await answer(out, path, head, json.loads(body))
            await out.drain()
    except (Close, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
        pass
    finally:
        out.close()


async def main(port: int) -> None:
    server = await asyncio.start_server(serve_one, '127.0.0.1', port, backlog=512)
    async with server:
        await server.serve_forever()


if __name__ == '__main__':
    options = argparse.ArgumentParser()
    options.add_argument('--port', type=int, required=True)
    asyncio.run(main(options.parse_args().port))
