"""Tools of every kind of target are found: by what they say, by their parameters and by what stands
nested in these, from the moment their target is ready."""
import json

import pytest
from harness.gateway import Gateway
from harness.scripted import tool
from harness.scripted_lambda import Functions
from harness.server import Server
from harness.smithy import add_model, model_of, only

ARN = 'arn:aws:lambda:us-east-1:123456789012:function:kitchen'
ROLE = [{'credentialProviderType': 'GATEWAY_IAM_ROLE'}]


def nested(word: str) -> dict:
    return {'type': 'object', 'properties': {'outer': {
        'type': 'array', 'description': 'Several', 'items': {'type': 'object', 'properties': {
            'inner': {'type': 'string', 'description': f'The {word} that is meant'}}}}}}


DOCUMENT = {
    'openapi': '3.0.3', 'info': {'title': 'Library', 'version': '1'},
    'servers': [{'url': 'http://127.0.0.1:1'}],
    'paths': {'/books': {'post': {
        'operationId': 'lendBook', 'description': 'Hands out a volume',
        'parameters': [{'name': 'shelf', 'in': 'query', 'description': 'Where it stands',
                        'schema': {'type': 'string'}}],
        'requestBody': {'content': {'application/json': {'schema': nested('bookworm')}}},
        'responses': {'200': {'description': 'ok'}}}}}}


@pytest.fixture(scope='module')
def endpoint(tmp_path_factory):
    """A gateway in front of one target of each kind, searched by words."""
    functions = Functions()
    server = Server(tmp_path_factory.mktemp('kinds'), (
        '--search-model', 'off', '--aws-endpoint', f'lambda={functions.url}')).start()
    role = server.make_role('all', 'lambda:InvokeFunction', 'bedrock-agentcore:*', 'dynamodb:*')
    gateway = Gateway(server, 'kinds', {'authorizerType': 'NONE'}, search=True, roleArn=role)

    def add(name: str, configuration: dict, **more) -> None:
        target = gateway.at_rest(gateway.control.create_gateway_target(
            gatewayIdentifier=gateway.id, name=name, targetConfiguration={'mcp': configuration},
            **more))
        assert target['status'] == 'READY', target.get('statusReasons')

    add('function', {'lambda': {'lambdaArn': ARN, 'toolSchema': {'inlinePayload': [
        {'name': 'bake_bread', 'description': 'Makes a loaf', 'inputSchema': nested('oven')}]}}},
        credentialProviderConfigurations=ROLE)
    add('api', {'openApiSchema': {'inlinePayload': json.dumps(DOCUMENT)}})
    smithy = add_model(gateway, only(model_of('dynamodb'), ['PutItem', 'ListTables']))
    assert smithy['status'] == 'READY', smithy.get('statusReasons')
    yield gateway, gateway.endpoint()
    assert server.stop() == 0
    functions.close()


@pytest.mark.parametrize('query, name', [
    ('a loaf', 'function___bake_bread'), ('oven', 'function___bake_bread'),
    ('inner', 'function___bake_bread'),
    ('hand out volumes', 'api___lendBook'), ('shelf', 'api___lendBook'),
    ('bookworms', 'api___lendBook'),
    ('list of tables', 't___ListTables'), ('exclusive start table', 't___ListTables'),
    ('return consumed capacity of a put', 't___PutItem'),
])
def test_tools_of_every_kind_are_found(endpoint, query, name):
    assert name in endpoint[1].search(query)[:2]


def test_an_mcp_servers_tools_are_too(endpoint, upstream):
    gateway, caller = endpoint
    upstream.set_tools([tool('paint_fence', 'Gives it a colour', nested('brush'))])
    target = gateway.add_ready('server', upstream.url)
    assert caller.search('brushes') == caller.search('colours') == ['server___paint_fence']
    gateway.control.delete_gateway_target(gatewayIdentifier=gateway.id,
                                          targetId=target['targetId'])
    assert caller.search('brushes') == []
