#!/usr/bin/env python3
"""The order tools of the tutorials as a real MCP server (FastMCP), for ./quickstart and the tests.

Its tools are those of --tools; with --jwks it takes only bearer tokens that the key set there has
signed for --issuer, as an MCP server behind an identity provider does.
"""
import argparse
import socket

import jwt
from mcp.server.auth.provider import AccessToken, TokenVerifier
from mcp.server.auth.settings import AuthSettings
from mcp.server.fastmcp import FastMCP


def getOrder() -> int:
    """Get an order"""
    return 123


def updateOrder(orderId: int) -> int:
    """Update existing order"""
    return 456


def cancelOrder(orderId: int) -> int:
    """cancel existing order"""
    return 789


def deleteOrder(orderId: int) -> int:
    """delete existing order"""
    return 101


TOOLS = {tool.__name__: tool for tool in (getOrder, updateOrder, cancelOrder, deleteOrder)}


class SignedByPool(TokenVerifier):
    """Believes a token that is signed by the pool's key, unexpired and issued by the pool."""

    def __init__(self, jwks: str, issuer: str) -> None:
        self.keys = jwt.PyJWKClient(jwks)
        self.issuer = issuer

    async def verify_token(self, token: str) -> AccessToken | None:
        try:
            key = self.keys.get_signing_key_from_jwt(token).key
            claims = jwt.decode(token, key, algorithms=['RS256'], issuer=self.issuer,
                                options={'require': ['exp', 'iss', 'client_id']})
        except jwt.PyJWTError as error:
            print(f'refused a token: {error}', flush=True)
            return None
        return AccessToken(token=token, client_id=claims['client_id'],
                           scopes=claims.get('scope', '').split(), expires_at=claims['exp'])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--port', type=int, default=0)
    parser.add_argument('--tools', default='getOrder,updateOrder')
    parser.add_argument('--stateful', action='store_true', help='hand out sessions')
    parser.add_argument('--json', action='store_true', help='answer JSON, not an event stream')
    parser.add_argument('--jwks', help='URL of the key set that signs the tokens to be believed')
    parser.add_argument('--issuer', help='the iss claim of such tokens')
    arguments = parser.parse_args()

    port = arguments.port or free_port()
    url = f'http://127.0.0.1:{port}/mcp'
    signed = {}
    if arguments.jwks:
        signed = {'token_verifier': SignedByPool(arguments.jwks, arguments.issuer),
                  'auth': AuthSettings(issuer_url=arguments.issuer, resource_server_url=url)}
    server = FastMCP('orders', host='127.0.0.1', port=port, log_level='WARNING',
                     stateless_http=not arguments.stateful, json_response=arguments.json, **signed)
    for name in arguments.tools.split(','):
        server.add_tool(TOOLS[name])
    print(url, flush=True)
    server.run(transport='streamable-http')


if __name__ == '__main__':
    main()
