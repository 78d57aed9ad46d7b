"""metadataConfiguration: what of a client's headers and query reaches a target, and back."""
import asyncio
import json

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from harness.api import Api, Said
from harness.gateway import Gateway, api_key, mcp_server
from harness.scripted import Reply, envelope, text_result, tool
from harness.scripted_lambda import Functions
from harness.smithy import OWN_ROLE, make_role, model_of, only, pointed_at
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

OPEN = {'authorizerType': 'NONE'}
ALLOWED = {'allowedRequestHeaders': ['X-Tenant', 'traceparent'],
           'allowedQueryParameters': ['version'],
           'allowedResponseHeaders': ['X-Rate-Limit-Remaining']}
SENT = {'X-Tenant': 'acme', 'X-Secret': 'not for targets', 'Cookie': 'a=b'}
QUERY = '?version=2%20b&other=1'


@pytest.fixture
def made():
    all_made = []
    yield lambda one: all_made.append(one) or one
    for one in all_made:
        one.close()


@pytest.fixture
def gateway(server, unique):
    return Gateway(server, unique('meta'), OPEN, exceptionLevel='DEBUG')


def add(gateway, configuration: dict, metadata: dict | None = ALLOWED, credential=None,
        name: str = 'api') -> dict:
    more = {'credentialProviderConfigurations': [credential]} if credential else {}
    more |= {'metadataConfiguration': metadata} if metadata else {}
    target = gateway.at_rest(gateway.control.create_gateway_target(
        gatewayIdentifier=gateway.id, name=name, targetConfiguration=configuration, **more))
    assert target['status'] == 'READY', target['statusReasons']
    return target


def call(gateway, name: str, arguments: dict | None = None, query: str = QUERY, **headers: str):
    """The HTTP answer of a tools/call with SENT."""
    endpoint = gateway.endpoint()
    endpoint.url += query
    answer = endpoint.post({'jsonrpc': '2.0', 'id': 1, 'method': 'tools/call',
                            'params': {'name': name, 'arguments': arguments or {}}},
                           **(SENT | headers))
    assert answer.status_code == 200, answer.text
    return answer


def tool_calls(upstream) -> list:
    return [(headers, path) for (headers, message), path in zip(upstream.received, upstream.paths)
            if message.get('method') == 'tools/call']


def limited(message: dict) -> Reply:
    return Reply(envelope(message, json.dumps(text_result('done')).encode()),
                 X_Rate_Limit_Remaining='7', X_Internal='no')


def test_the_mcp_client_and_an_mcp_server(gateway, upstream):
    upstream.set_tools([tool('get')])
    upstream.calls['get'] = limited
    target = add(gateway, mcp_server(upstream.url + '?own=1'))
    assert target['metadataConfiguration'] == ALLOWED
    assert gateway.target(target['targetId'])['metadataConfiguration'] == ALLOWED
    answers = []

    async def keep(response: httpx.Response) -> None:
        answers.append(response.headers)

    def client(headers=None, timeout=None, auth=None):
        return httpx.AsyncClient(headers=headers, timeout=timeout, auth=auth,
                                 event_hooks={'response': [keep]})

    async def use() -> None:
        async with streamablehttp_client(gateway.url + QUERY, headers=SENT,
                                         httpx_client_factory=client) as (read, write, _):
            async with ClientSession(read, write) as session:
                await session.initialize()
                result = await session.call_tool('api___get', {})
                assert result.content[0].text == 'done'

    asyncio.run(use())
    headers, path = tool_calls(upstream)[-1]
    assert headers['X-Tenant'] == 'acme'
    assert path == '/mcp?own=1&version=2%20b'
    for name in ('X-Secret', 'Cookie', 'traceparent'):
        assert name not in headers
    with_limit = [one for one in answers if 'x-rate-limit-remaining' in one]
    assert [one['x-rate-limit-remaining'] for one in with_limit] == ['7']
    assert not [one for one in answers if 'x-internal' in one]


def test_a_target_without_it_is_told_nothing(gateway, upstream):
    upstream.set_tools([tool('get')])
    upstream.calls['get'] = limited
    target = add(gateway, mcp_server(upstream.url), None)
    assert 'metadataConfiguration' not in target
    answer = call(gateway, 'api___get')
    headers, path = tool_calls(upstream)[-1]
    assert 'X-Tenant' not in headers and path == '/mcp'
    assert 'X-Rate-Limit-Remaining' not in answer.headers

    control, place = gateway.control, {'gatewayIdentifier': gateway.id,
                                       'targetId': target['targetId']}
    same = {'name': 'api', 'targetConfiguration': mcp_server(upstream.url)}
    gateway.at_rest(control.update_gateway_target(**place, **same, metadataConfiguration=ALLOWED))
    assert call(gateway, 'api___get').headers['X-Rate-Limit-Remaining'] == '7'
    assert tool_calls(upstream)[-1][0]['X-Tenant'] == 'acme'
    gateway.at_rest(control.update_gateway_target(**place, **same))  # what is left out is reset
    assert 'X-Rate-Limit-Remaining' not in call(gateway, 'api___get').headers
    assert 'X-Tenant' not in tool_calls(upstream)[-1][0]


def test_clients_that_send_different_headers_share_no_session(own_server, unique, upstream):
    upstream.set_tools([tool('get')])
    upstream.with_sessions = True
    gateway = Gateway(own_server('--threads', '1'), unique('meta'), OPEN)
    add(gateway, mcp_server(upstream.url))
    began = upstream.methods().count('initialize')
    for tenant in ('a', 'b', 'a', 'b'):
        call(gateway, 'api___get', **{'X-Tenant': tenant})
    greeted = [headers.get('X-Tenant') for headers, message in upstream.received
               if message['method'] == 'initialize'][began:]
    assert greeted == ['a', 'b']
    sessions = [(headers['X-Tenant'], headers['Mcp-Session-Id'])
                for headers, _ in tool_calls(upstream)]
    assert len(set(sessions)) == 2 and sessions[0] == sessions[2]
    assert sessions[0][1] != sessions[1][1]

    upstream.with_sessions = False  # nothing is kept there: the handshake of the listing will do
    add(gateway, mcp_server(upstream.url), name='free')
    began = upstream.methods().count('initialize')
    for tenant in ('a', 'b', 'c'):
        call(gateway, 'free___get', **{'X-Tenant': tenant})
    assert upstream.methods().count('initialize') == began


def test_openapi(gateway, made, unique):
    api = made(Api())
    api.answer = lambda asked: Said(headers={'X-Rate-Limit-Remaining': '3', 'X-Internal': 'no'})
    document = {'openapi': '3.1.0', 'servers': [{'url': api.url}], 'paths': {'/a': {'get': {
        'operationId': 'a', 'parameters': [
            {'name': 'X-Tenant', 'in': 'header', 'schema': {'type': 'string'}},
            {'name': 'version', 'in': 'query', 'schema': {'type': 'string'}}]}}}}
    key = gateway.control.create_api_key_credential_provider(name=unique('key'), apiKey='k3y')
    add(gateway, {'mcp': {'openApiSchema': {'inlinePayload': json.dumps(document)}}},
        credential=api_key(key['credentialProviderArn'], credentialLocation='HEADER',
                           credentialParameterName='X-Key'))
    assert call(gateway, 'api___a').headers['X-Rate-Limit-Remaining'] == '3'
    assert api.last.headers['x-tenant'] == 'acme'
    assert api.last.headers['x-key'] == 'k3y'
    assert api.last.target == '/a?version=2%20b'
    assert 'x-secret' not in api.last.headers
    call(gateway, 'api___a', {'X-Tenant': 'said', 'version': '9'})  # what the model says wins
    assert api.last.headers['x-tenant'] == 'said'
    assert api.last.target == '/a?version=9'

    refused = call(gateway, 'api___a', **{'X-Tenant': 'x' * 4097}).json()['result']
    assert refused['isError'] is True
    assert refused['content'][0]['text'] == (
        "ValidationException - Header 'X-Tenant' is longer than 4096 bytes")
    refused = call(gateway, 'api___a', query='?version=%0d%0aX:1').json()['result']
    assert refused['content'][0]['text'].endswith("'version' is not printable ASCII")


def test_smithy_signs_what_is_propagated(gateway, made):
    api = made(Api())
    api.answer = lambda asked: Said(b'{"TableNames": []}', headers={'X-Rate-Limit-Remaining': '1'})
    make_role(gateway.server)
    model = pointed_at(only(model_of('dynamodb'), ['ListTables']), api.url)
    add(gateway, {'mcp': {'smithyModel': {'inlinePayload': json.dumps(model)}}},
        credential=OWN_ROLE)
    answer = call(gateway, 'api___ListTables')
    assert answer.json()['result']['isError'] is False, answer.text
    assert answer.headers['X-Rate-Limit-Remaining'] == '1'
    assert api.last.headers['x-tenant'] == 'acme'
    assert api.last.target == '/?version=2%20b'
    assert 'x-tenant' in api.last.headers['authorization']  # among SignedHeaders


def test_a_stage_of_api_gateway(own_server, unique, made):
    api, aws = made(Api()), made(Api())
    stage = {'openapi': '3.0.1', 'info': {'title': 'Pets', 'version': '1'},
             'servers': [{'url': api.url}], 'paths': {'/pets': {'get': {'operationId': 'list'}}}}
    aws.answer = lambda asked: Said(json.dumps(stage).encode())
    api.answer = lambda asked: Said(headers={'X-Rate-Limit-Remaining': '2'})
    gateway = Gateway(own_server('--aws-endpoint', f'apigateway={aws.url}'), unique('meta'), OPEN)
    add(gateway, {'mcp': {'apiGateway': {
        'restApiId': 'a1b2c3', 'stage': 'prod', 'apiGatewayToolConfiguration': {
            'toolFilters': [{'filterPath': '/pets', 'methods': ['GET']}]}}}},
        credential=OWN_ROLE)
    assert call(gateway, 'api___list').headers['X-Rate-Limit-Remaining'] == '2'
    assert api.last.headers['x-tenant'] == 'acme'
    assert api.last.target == '/pets?version=2%20b'


def test_a_function_finds_them_in_its_client_context(own_server, unique, made):
    functions = made(Functions())
    functions.answers['weather'] = lambda event: 'fine'
    server = own_server('--aws-endpoint', f'lambda={functions.url}')
    role = server.make_role('functions', 'lambda:InvokeFunction')
    gateway = Gateway(server, unique('meta'), OPEN, roleArn=role)
    arn = 'arn:aws:lambda:us-east-1:123456789012:function:weather'
    configuration = {'mcp': {'lambda': {'lambdaArn': arn, 'toolSchema': {'inlinePayload': [
        {'name': 'get', 'description': 'd', 'inputSchema': {'type': 'object'}}]}}}}
    add(gateway, configuration, credential=OWN_ROLE)
    call(gateway, 'api___get')
    custom = functions.asked[-1][2]['custom']
    assert custom['bedrockAgentCorePropagatedHeaders'] == {'X-Tenant': 'acme'}
    assert custom['bedrockAgentCorePropagatedQueryParameters'] == {'version': '2 b'}
    call(gateway, 'api___get', query='', **{'X-Tenant': None})
    assert not [name for name in functions.asked[-1][2]['custom'] if 'Propagated' in name]


@pytest.mark.parametrize(('metadata', 'field'), [
    ({'allowedRequestHeaders': ['X-A', 'authorization']}, 'allowedRequestHeaders[1]'),
    ({'allowedResponseHeaders': ['Set-Cookie']}, 'allowedResponseHeaders[0]'),
    ({'allowedRequestHeaders': ['X-Amzn-Trace-Id']}, 'allowedRequestHeaders[0]'),
    ({'allowedResponseHeaders': ['Mcp-Session-Id']}, 'allowedResponseHeaders[0]'),
    ({'allowedRequestHeaders': ['X-Key']}, 'allowedRequestHeaders[0]'),  # the API key's
    ({'allowedRequestHeaders': ['a b']}, 'allowedRequestHeaders[0]'),
])
def test_what_cannot_be_propagated_is_refused_by_its_place(gateway, upstream, unique, metadata,
                                                           field):
    key = gateway.control.create_api_key_credential_provider(name=unique('key'), apiKey='k3y')
    credential = api_key(key['credentialProviderArn'], credentialParameterName='X-Key')
    with pytest.raises(ClientError) as refused:
        gateway.control.create_gateway_target(
            gatewayIdentifier=gateway.id, name='api', metadataConfiguration=metadata,
            targetConfiguration=mcp_server(upstream.url),
            credentialProviderConfigurations=[credential])
    answer = refused.value.response
    assert answer['Error']['Code'] == 'ValidationException'
    assert [one['name'] for one in answer['fieldList']] == [f'metadataConfiguration.{field}']


def test_the_contract_bounds_the_lists(gateway, upstream):
    unchecked = boto3.client('bedrock-agentcore-control', endpoint_url=gateway.server.base,
                             region_name='us-east-1', config=Config(parameter_validation=False),
                             **gateway.server.credentials())
    for metadata in ({'allowedRequestHeaders': [f'X-{n}' for n in range(11)]},
                     {'allowedResponseHeaders': []},
                     {'allowedRequestHeaders': ['x' * 101]},
                     {'allowedQueryParameters': ['q' * 41]}):
        with pytest.raises(ClientError, match='metadataConfiguration.allowed'):
            unchecked.create_gateway_target(
                gatewayIdentifier=gateway.id, name='api', metadataConfiguration=metadata,
                targetConfiguration=mcp_server(upstream.url))
