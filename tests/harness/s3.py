"""Requests of S3 that boto3 would not send, and what they are checked with."""
import base64
import hashlib
import hmac
import http.client
import zlib
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

MB = 1024 * 1024
ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256']


def refused(call, **arguments) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer['Error']['Code'], answer['ResponseMetadata']['HTTPStatusCode']


def body_of(answer) -> bytes:
    return answer['Body'].read()


def prepare(server, method: str, path: str, body: bytes, hashed: str | None, fields: dict):
    """A request that botocore has signed, and what sends it with a body; `hashed` stands for the
    body's hash."""
    exported = server.environment()
    credentials = Credentials(exported['AWS_ACCESS_KEY_ID'], exported['AWS_SECRET_ACCESS_KEY'],
                              exported['AWS_SESSION_TOKEN'])
    request = AWSRequest(method, server.base + path, data=body, headers=fields)

    class Auth(S3SigV4Auth):
        def payload(self, request):
            return hashed or super().payload(request)

        def _should_sha256_sign_payload(self, request):
            return True

    Auth(credentials, 's3', 'us-east-1').add_auth(request)
    if hashed:
        assert request.headers['X-Amz-Content-SHA256'] == hashed
    to = urlsplit(server.base)

    def send(body: bytes) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(to.hostname, to.port, timeout=30)
        connection.request(method, path, body=body, headers=dict(request.headers))
        return connection.getresponse()
    return request, send


def signed(server, method: str, path: str, body: bytes = b'', hashed: str | None = None,
           **fields: str) -> http.client.HTTPResponse:
    headers = {name.replace('_', '-'): value for name, value in fields.items()}
    return prepare(server, method, path, body, hashed, headers)[1](body)


def checksum(algorithm: str, data: bytes) -> str:
    raw = {'CRC32': lambda: zlib.crc32(data).to_bytes(4, 'big'),
           'SHA1': hashlib.sha1(data).digest, 'SHA256': hashlib.sha256(data).digest,
           'CRC32C': lambda: crc(data, 0x82F63B78, 32), 'CRC64NVME': lambda: crc(
               data, 0x9A6C9329AC4BC9B5, 64)}[algorithm]()
    return base64.b64encode(raw).decode()


def crc(data: bytes, polynomial: int, bits: int) -> bytes:
    check = ones = (1 << bits) - 1
    for byte in data:
        check ^= byte
        for _ in range(8):
            check = (check >> 1) ^ (polynomial if check & 1 else 0)
    return (check ^ ones).to_bytes(bits // 8, 'big')


def chunked(data: bytes, size: int, trailer: str) -> bytes:
    out = b''
    for at in range(0, len(data), size):
        piece = data[at:at + size]
        out += b'%x\r\n%s\r\n' % (len(piece), piece)
    return out + b'0\r\n' + trailer.encode() + b'\r\n'


def hmac_of(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signed_chunks(server, request: AWSRequest, pieces: list[bytes], trailer: str) -> bytes:
    """The body of a request that is signed already, in chunks each of which is signed."""
    key = ('AWS4' + server.environment()['AWS_SECRET_ACCESS_KEY']).encode()
    stamp = request.headers['X-Amz-Date']
    for word in (stamp[:8], 'us-east-1', 's3', 'aws4_request'):
        key = hmac_of(key, word)
    scope = f'{stamp[:8]}/us-east-1/s3/aws4_request'
    last = request.headers['Authorization'].rpartition('Signature=')[2]
    body = b''
    for piece in [*pieces, b'']:
        digests = [hashlib.sha256(b'').hexdigest(), hashlib.sha256(piece).hexdigest()]
        last = hmac_of(key, '\n'.join(
            ['AWS4-HMAC-SHA256-PAYLOAD', stamp, scope, last, *digests])).hex()
        body += b'%x;chunk-signature=%s\r\n' % (len(piece), last.encode())
        body += piece + b'\r\n' if piece else b''
    if trailer:
        digest = hashlib.sha256(f'{trailer}\n'.encode()).hexdigest()
        last = hmac_of(key, '\n'.join(
            ['AWS4-HMAC-SHA256-TRAILER', stamp, scope, last, digest])).hex()
        body += f'{trailer}\r\nx-amz-trailer-signature:{last}\r\n'.encode()
    return body + b'\r\n'
