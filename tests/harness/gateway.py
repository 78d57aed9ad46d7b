"""A gateway, its targets, and its MCP endpoint as plain requests see it."""
import itertools
import time

import requests

SEARCH = 'x_amz_bedrock_agentcore_search'
STEADY_SECONDS_MAX = 30


def oauth(provider: str, *scopes: str) -> dict:
    return {'credentialProviderType': 'OAUTH', 'credentialProvider': {
        'oauthCredentialProvider': {'providerArn': provider, 'scopes': list(scopes)}}}


def api_key(provider: str, **place: str) -> dict:
    return {'credentialProviderType': 'API_KEY', 'credentialProvider': {
        'apiKeyCredentialProvider': {'providerArn': provider, **place}}}


def mcp_server(endpoint: str, **more) -> dict:
    return {'mcp': {'mcpServer': {'endpoint': endpoint, **more}}}


class Endpoint:
    """An MCP endpoint, one POST a message. Use one of them a thread."""

    def __init__(self, url: str, token: str | None = None, **headers: str) -> None:
        self.url = url
        self.http = requests.Session()
        self.http.headers.update({'Content-Type': 'application/json'} | headers)
        if token:
            self.http.headers['Authorization'] = f'Bearer {token}'
        self.ids = itertools.count(1)

    def post(self, body, timeout: float = 60, **headers: str) -> requests.Response:
        """`body` as bytes or text is sent as it is."""
        raw = {'data': body} if isinstance(body, (bytes, str)) else {'json': body}
        return self.http.post(self.url, headers=headers, timeout=timeout, **raw)

    def ask(self, method: str, params: dict | None = None, **headers: str) -> dict:
        """One request; the whole JSON-RPC answer, its envelope checked."""
        message = {'jsonrpc': '2.0', 'id': next(self.ids), 'method': method}
        if params is not None:
            message['params'] = params
        answer = self.post(message, **headers)
        body = answer.json()
        assert body['jsonrpc'] == '2.0' and body['id'] == message['id'], body
        assert ('result' in body) != ('error' in body), body
        return body

    def result(self, method: str, params: dict | None = None, **headers: str) -> dict:
        body = self.ask(method, params, **headers)
        assert 'result' in body, body
        return body['result']

    def call(self, name: str, arguments: dict | None = None, **headers: str) -> dict:
        return self.result('tools/call', {'name': name, 'arguments': arguments or {}}, **headers)

    def text(self, name: str, arguments: dict | None = None) -> str:
        """The first text of a call that succeeded."""
        result = self.call(name, arguments)
        assert not result.get('isError'), result
        return result['content'][0]['text']

    def error_text(self, name: str, arguments: dict | None = None) -> str:
        """The text of a call that failed as a tool error."""
        result = self.call(name, arguments)
        assert result.get('isError') is True, result
        return result['content'][0]['text']

    def tools(self) -> list[dict]:
        """All of tools/list, page by page."""
        found, params = [], {}
        while True:
            page = self.result('tools/list', params)
            found += page['tools']
            if 'nextCursor' not in page:
                return found
            params = {'cursor': page['nextCursor']}

    def names(self) -> list[str]:
        return [tool['name'] for tool in self.tools()]

    def search(self, query: str) -> list[str]:
        tools = self.call(SEARCH, {'query': query})['structuredContent']['tools']
        return [tool['name'] for tool in tools]


class Gateway:
    def __init__(self, server, name: str, authorizer: dict, search: bool = False,
                 **more) -> None:
        self.server, self.name = server, name
        self.control = server.aws('bedrock-agentcore-control')
        if search:
            more.setdefault('protocolConfiguration', {'mcp': {'searchType': 'SEMANTIC'}})
        self.made = self.control.create_gateway(
            name=name, protocolType='MCP', **authorizer, **({'roleArn': server.role} | more))
        self.id, self.url = self.made['gatewayId'], self.made['gatewayUrl']
        self.tokens = None

    def endpoint(self, **headers: str) -> Endpoint:
        return Endpoint(self.url, self.tokens.token() if self.tokens else None, **headers)

    def add(self, name: str, endpoint: str, credential: dict | None = None, **more) -> dict:
        """CreateGatewayTarget; waits until it has come to rest, which may be FAILED."""
        credentials = {'credentialProviderConfigurations': [credential]} if credential else {}
        made = self.control.create_gateway_target(
            gatewayIdentifier=self.id, name=name,
            targetConfiguration=mcp_server(endpoint, **more), **credentials)
        return self.at_rest(made)

    def at_rest(self, target: dict) -> dict:
        until = time.monotonic() + STEADY_SECONDS_MAX
        while target['status'] in ('CREATING', 'UPDATING', 'SYNCHRONIZING'):
            assert time.monotonic() < until, target
            time.sleep(0.05)
            target = self.target(target['targetId'])
        return target

    def add_ready(self, name: str, endpoint: str, credential: dict | None = None,
                  **more) -> dict:
        target = self.add(name, endpoint, credential, **more)
        assert target['status'] == 'READY', target.get('statusReasons')
        return target

    def target(self, target_id: str) -> dict:
        return self.control.get_gateway_target(gatewayIdentifier=self.id, targetId=target_id)

    def synchronize(self, target_id: str) -> dict:
        targets = self.control.synchronize_gateway_targets(
            gatewayIdentifier=self.id, targetIdList=[target_id])['targets']
        return self.at_rest(targets[0])
