"""An authorization server of this process for machines: counts and keeps what it was asked."""
import json
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class TokenEndpoint:
    def __init__(self, seconds: int = 3600, wait: float = 0) -> None:
        self.seconds, self.wait = seconds, wait
        self.asked: list[dict[str, str]] = []
        self.given: list[str] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(('127.0.0.1', 0), _handler(self))
        self.url = f'http://127.0.0.1:{self._server.server_address[1]}'
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, form: dict[str, str]) -> dict:
        time.sleep(self.wait)
        with self._lock:
            self.asked.append(form)
            self.given.append(f'machine-token-{len(self.given) + 1}-of-some-length')
            return {'access_token': self.given[-1], 'expires_in': self.seconds,
                    'token_type': 'Bearer'}

    def provider(self, control, name: str, **more) -> str:
        """A credential provider that asks here; its ARN."""
        made = control.create_oauth2_credential_provider(
            name=name, credentialProviderVendor='CustomOauth2',
            oauth2ProviderConfigInput={'customOauth2ProviderConfig': {
                'oauthDiscovery': {'authorizationServerMetadata': {
                    'issuer': self.url, 'authorizationEndpoint': f'{self.url}/authorize',
                    'tokenEndpoint': f'{self.url}/token'}},
                'clientId': 'machine', 'clientSecret': 'a-client-secret-of-length'} | more})
        return made['credentialProviderArn']


def _handler(endpoint: TokenEndpoint):
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_) -> None:
            pass

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get('Content-Length', 0))).decode()
            text = json.dumps(endpoint.answer(dict(urllib.parse.parse_qsl(body)))).encode()
            self.send_response(200)
            self.send_header('Content-Type', 'application/json')
            self.send_header('Content-Length', str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    return Handler
