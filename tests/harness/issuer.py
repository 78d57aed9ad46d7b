"""An issuer of tokens in this process, whose tokens and keys a test can bend."""
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


class Issuer:
    def __init__(self) -> None:
        self.fetched = 0  # times the key set was asked for
        self.generation = 0
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(issuer.document(self.path)).encode()
                self.send_response(200)
                self.send_header('Content-Type', 'application/json')
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_) -> None:
                pass

        self._server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self._server.server_address[1]}'
        self.rotate()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def rotate(self) -> None:
        self.generation += 1
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def document(self, path: str) -> dict:
        if path.endswith('/jwks'):
            self.fetched += 1
            public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
            return {'keys': [public | {'kid': f'key-{self.generation}', 'use': 'sig',
                                       'alg': 'RS256'}]}
        return {'issuer': self.url, 'jwks_uri': f'{self.url}/jwks',
                'token_endpoint': f'{self.url}/token',
                'authorization_endpoint': f'{self.url}/authorize'}

    def token(self, kid: str = '', **claims) -> str:
        """A claim that is None is left out."""
        now = int(time.time())
        whole = {'iss': self.url, 'sub': 'machine', 'client_id': 'machine', 'aud': 'gateway',
                 'iat': now, 'exp': now + 600, 'jti': str(time.monotonic_ns())} | claims
        return jwt.api_jws.encode(
            json.dumps({name: value for name, value in whole.items()
                        if value is not None}).encode(),
            self.key, algorithm='RS256', headers={'kid': kid or f'key-{self.generation}'})
