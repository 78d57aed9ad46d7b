"""OpenAPI targets: documents by boto3, calls by MCP clients, requests as an API receives them."""
import base64
import email
import json
import subprocess

import jsonschema
import pytest
import yaml
from botocore.exceptions import ClientError
from harness import programs
from harness.api import Api, Said
from harness.gateway import api_key

INTERNAL = 'An internal error occurred. Please retry later.'


@pytest.fixture
def api():
    made = Api()
    yield made
    made.close()


def document(api, paths: dict, components: dict | None = None, version: str = '3.0.3') -> dict:
    return {'openapi': version, 'info': {'title': 'Things', 'version': '1'},
            'servers': [{'url': f'{api.url}/v1'}], 'paths': paths,
            'components': components or {}}


def inline(text: str | dict) -> dict:
    payload = text if isinstance(text, str) else json.dumps(text)
    return {'mcp': {'openApiSchema': {'inlinePayload': payload}}}


@pytest.fixture
def target(gateway):
    """Makes a gateway with one target, READY: target(text, credential) → (gateway, its target)."""
    def make(text, credential=None, name='api', **more):
        made = gateway(**more)
        credentials = {'credentialProviderConfigurations': [credential]} if credential else {}
        at_rest = made.at_rest(made.control.create_gateway_target(
            gatewayIdentifier=made.id, name=name, targetConfiguration=inline(text),
            **credentials))
        assert at_rest['status'] == 'READY', at_rest['statusReasons']
        return made, at_rest
    return make


PETS = {
    '/pets': {
        'get': {'operationId': 'listPets', 'summary': 'Lists pets',
                'parameters': [
                    {'name': 'tags', 'in': 'query',
                     'schema': {'type': 'array', 'items': {'type': 'string'}}},
                    {'name': 'limit', 'in': 'query',
                     'schema': {'type': 'integer', 'maximum': 100}}]},
        'post': {'operationId': 'addPet', 'description': 'Adds a pet',
                 'requestBody': {'required': True, 'content': {'application/json': {
                     'schema': {'$ref': '#/components/schemas/Pet'}}}},
                 'responses': {'201': {'description': 'made', 'content': {'application/json': {
                     'schema': {'$ref': '#/components/schemas/Pet'}}}}}}},
    '/pets/{petId}': {
        'parameters': [{'name': 'petId', 'in': 'path', 'required': True,
                        'schema': {'type': 'integer'}}],
        'get': {'operationId': 'getPet'},
        'put': {'operationId': 'putPet', 'parameters': [
            {'name': 'X-Trace', 'in': 'header', 'schema': {'type': 'string'}}],
                'requestBody': {'content': {'application/json': {'schema': {
                    'type': 'object', 'properties': {'petId': {'type': 'integer'},
                                                     'name': {'type': 'string'}}}}}}}},
}
PET = {'schemas': {'Pet': {
    'type': 'object', 'required': ['id', 'name'],
    'properties': {'id': {'type': 'integer', 'readOnly': True}, 'name': {'type': 'string'},
                   'nick': {'type': 'string', 'nullable': True},
                   'kind': {'type': 'string', 'enum': ['cat', 'dog']},
                   'parent': {'$ref': '#/components/schemas/Pet'}}}}}


@pytest.mark.parametrize('written', [json.dumps, yaml.safe_dump])
def test_operations_are_tools(target, api, written):
    made, _ = target(written(document(api, PETS, PET)))
    endpoint = made.endpoint()
    tools = {tool['name']: tool for tool in endpoint.tools()}
    assert sorted(tools) == ['api___addPet', 'api___getPet', 'api___listPets', 'api___putPet']
    for tool in tools.values():
        jsonschema.Draft202012Validator.check_schema(tool['inputSchema'])
    add = tools['api___addPet']
    assert add['description'] == 'Adds a pet'
    assert add['inputSchema']['required'] == ['name']
    assert add['inputSchema']['properties']['nick'] == {'type': ['string', 'null']}
    assert 'id' not in add['inputSchema']['properties']
    assert add['outputSchema']['type'] == 'object'
    assert tools['api___listPets']['annotations']['readOnlyHint'] is True

    endpoint.text('api___listPets', {'tags': ['a b', 'ü'], 'limit': 5})
    assert (api.last.method, api.last.path) == ('GET', '/v1/pets')
    assert api.last.query == [('tags', 'a b'), ('tags', 'ü'), ('limit', '5')]

    api.answer = lambda asked: Said(b'{"id": 7, "name": "Tom", "more": 1.50}', status=201)
    result = endpoint.call('api___addPet', {'name': 'Tom', 'nick': None, 'parent': {'name': 'x'}})
    assert json.loads(api.last.body) == {'name': 'Tom', 'nick': None, 'parent': {'name': 'x'}}
    assert api.last.headers['content-type'] == 'application/json'
    assert result['content'] == [{'type': 'text', 'text': '{"id": 7, "name": "Tom", "more": 1.50}'}]
    assert result['structuredContent'] == {'id': 7, 'name': 'Tom', 'more': 1.5}

    endpoint.text('api___putPet', {'petId': 1, 'body_petId': 2, 'name': 'n', 'X-Trace': 't/1'})
    assert (api.last.method, api.last.path) == ('PUT', '/v1/pets/1')
    assert json.loads(api.last.body) == {'petId': 2, 'name': 'n'}
    assert api.last.headers['x-trace'] == 't/1'


def test_arguments_are_checked_before_the_api_is_asked(target, api):
    made, _ = target(document(api, PETS, PET))
    endpoint = made.endpoint()
    assert "'name'" in endpoint.error_text('api___addPet', {})
    assert 'limit' in endpoint.error_text('api___listPets', {'limit': 101})
    assert 'nonsense' in endpoint.error_text('api___listPets', {'nonsense': 1})
    breaking = {'petId': 1, 'X-Trace': 'a\r\nb: c'}
    assert 'line breaks' in endpoint.error_text('api___putPet', breaking)
    assert api.received == []


def test_answers_of_every_kind(target, api):
    made, _ = target(document(api, {'/a': {'get': {'operationId': 'a'}}}))
    endpoint = made.endpoint()

    def answered(*said):
        api.answer = lambda asked: Said(*said)
        return endpoint.call('api___a')['content']

    assert answered(b'[1, 2.0]') == [{'type': 'text', 'text': '[1, 2.0]'}]
    assert answered('grün'.encode('latin-1'), 'text/plain; charset=iso-8859-1')[0]['text'] == 'grün'
    png = bytes(range(256))
    assert answered(png, 'image/png') == [{'type': 'image', 'mimeType': 'image/png',
                                           'data': base64.b64encode(png).decode()}]
    resource = answered(png, 'application/zip')[0]['resource']
    assert base64.b64decode(resource['blob']) == png
    assert resource['uri'] == f'{api.url}/v1/a'
    assert answered(b'', '', 204)[0]['text'] == 'HTTP 204 No Content, without a body'


def test_a_refusal_is_told_in_full_only_where_debugging_is_on(target, api):
    text = document(api, {'/a': {'get': {'operationId': 'a'}}})
    api.answer = lambda asked: Said(b'{"why": "no such thing"}', status=404)
    assert target(text)[0].endpoint().error_text('api___a') == INTERNAL
    told = target(text, exceptionLevel='DEBUG')[0].endpoint().error_text('api___a')
    assert told == 'The target answered HTTP 404 Not Found: {"why": "no such thing"}'


def test_bodies_of_every_kind(target, api):
    def post(name, **content):
        return {'post': {'operationId': name, 'requestBody': {'required': True,
                                                              'content': content}}}
    some = {'type': 'object', 'properties': {'a': {'type': 'string'},
                                             'b': {'type': 'array', 'items': {'type': 'integer'}}}}
    upload = {'type': 'object', 'properties': {'file': {'type': 'string', 'format': 'binary'},
                                               'meta': {'type': 'object'}}}
    item = {'type': 'object', 'xml': {'name': 'item'}, 'properties': {
        'id': {'type': 'integer', 'xml': {'attribute': True}},
        'tags': {'type': 'array', 'xml': {'wrapped': True},
                 'items': {'type': 'string', 'xml': {'name': 'tag'}}}}}
    made, _ = target(document(api, {
        '/form': post('form', **{'application/x-www-form-urlencoded': {'schema': some}}),
        '/upload': post('upload', **{'multipart/form-data': {'schema': upload}}),
        '/text': post('text', **{'text/plain': {'schema': {'type': 'string'}}}),
        '/xml': post('xml', **{'application/xml': {'schema': item}}),
        '/bytes': post('bytes', **{'application/octet-stream': {}}),
        '/list': post('list', **{'application/json': {'schema': {'type': 'array'}}})}))
    endpoint = made.endpoint()
    endpoint.text('api___form', {'a': 'x y&z', 'b': [1, 2]})
    assert api.last.body == b'a=x%20y%26z&b=1&b=2'
    endpoint.text('api___upload', {'file': base64.b64encode(b'\0\xff').decode(), 'meta': {'k': 1}})
    parts = email.message_from_bytes(b'content-type: ' + api.last.headers['content-type'].encode()
                                     + b'\r\n\r\n' + api.last.body).get_payload()
    assert [part.get_param('name', header='content-disposition') for part in parts] == ['file',
                                                                                       'meta']
    assert parts[0].get_payload(decode=True) == b'\0\xff'
    assert json.loads(parts[1].get_payload()) == {'k': 1}
    endpoint.text('api___text', {'body': 'ä\n'})
    assert api.last.body.decode() == 'ä\n'
    endpoint.text('api___xml', {'id': 7, 'tags': ['<', 'b']})
    assert api.last.body.endswith(b'<item id="7"><tags><tag>&lt;</tag><tag>b</tag></tags></item>')
    endpoint.text('api___bytes', {'body': 'AP8='})
    assert api.last.body == b'\0\xff'
    endpoint.text('api___list', {'body': [1, {'x': None}]})
    assert json.loads(api.last.body) == [1, {'x': None}]


def test_the_credential_cannot_be_replaced_by_an_argument(target, api, server, unique):
    provider = server.aws('bedrock-agentcore-control').create_api_key_credential_provider(
        name=unique('key'), apiKey='r3al key&')['credentialProviderArn']
    paths = {'/a': {'get': {'operationId': 'a', 'parameters': [
        {'name': 'k', 'in': 'query', 'required': True, 'schema': {'type': 'string'}},
        {'name': 'X-K', 'in': 'header', 'schema': {'type': 'string'}},
        {'name': 'free', 'in': 'query', 'schema': {'type': 'object'}}]}}}
    in_query = api_key(provider, credentialLocation='QUERY_PARAMETER', credentialParameterName='k')
    made, _ = target(document(api, paths), in_query)
    endpoint = made.endpoint()
    tool, = endpoint.tools()
    assert set(tool['inputSchema']['properties']) == {'X-K', 'free'}
    endpoint.text('api___a', {'free': {'k': 'mine', 'z': '1'}, 'X-K': 'h'})
    assert api.last.query == [('z', '1'), ('k', 'r3al key&')]

    in_header = api_key(provider, credentialLocation='HEADER', credentialParameterName='x-k')
    made, _ = target(document(api, paths), in_header)
    made.endpoint().text('api___a', {'k': 'q'})
    assert api.last.headers['x-k'] == 'r3al key&'
    api.answer = lambda asked: Said(f'no {asked.headers["x-k"]}'.encode(), status=403)
    made, _ = target(document(api, paths), in_header, exceptionLevel='DEBUG')
    assert made.endpoint().error_text('api___a', {'k': 'q'}) == (
        'The target answered HTTP 403 Forbidden: no *')


def test_what_cannot_be_a_tool_is_told(target, api):
    made, at_rest = target(document(api, {
        '/ok': {'get': {}}, '/{x}': {'get': {'operationId': 'gone'}},
        '/far': {'post': {'requestBody': {'content': {'application/json': {
            'schema': {'$ref': 'https://elsewhere.example/x.json'}}}}}}}))
    assert made.endpoint().names() == ['api___get_ok']
    assert at_rest['statusReasons'] == [
        'Left out: GET /{x}: its path names {x}, which is not among its parameters',
        "Left out: POST /far: its parameters or its body: 'https://elsewhere.example/x.json' "
        'refers to another document, which is not fetched',
        'GET /ok has no operationId: its tool is get_ok.']


def test_a_document_chooses_and_names_its_tools(target, api):
    """As API Gateway targets do, by a member of the document: SDKs send no other."""
    lists = {'toolFilters': [{'filterPath': '/pets/*', 'methods': ['GET']},
                             {'filterPath': '/pets', 'methods': ['POST']}],
             'toolOverrides': [{'path': '/pets/{petId}', 'method': 'GET', 'name': 'look',
                                'description': 'Looks one up'}]}
    made, at_rest = target(yaml.safe_dump(
        document(api, PETS, PET) | {'x-toolgate-tools': lists}))
    endpoint = made.endpoint()
    tools = {tool['name']: tool['description'] for tool in endpoint.tools()}
    assert tools == {'api___look': 'Looks one up', 'api___addPet': 'Adds a pet'}
    assert at_rest.get('statusReasons', []) == []
    endpoint.text('api___look', {'petId': 3})
    assert api.last.target == '/v1/pets/3'


def test_a_credential_that_is_missing_is_told(target, api, server, unique):
    schemes = {'securitySchemes': {'k': {'type': 'apiKey', 'in': 'query', 'name': 'api_key'}}}
    text = document(api, {'/a': {'get': {'operationId': 'a'}}}, schemes) | {
        'security': [{'k': []}]}
    _, at_rest = target(text)
    assert at_rest['statusReasons'] == [
        'GET /a asks for an API key in the query parameter api_key, and this target shows no '
        'credential: expect such calls to be refused. What the document asks for is '
        'credentialProviderType API_KEY with credentialLocation QUERY_PARAMETER and '
        'credentialParameterName api_key.']
    provider = server.aws('bedrock-agentcore-control').create_api_key_credential_provider(
        name=unique('key'), apiKey='a-key')['credentialProviderArn']
    _, at_rest = target(text, api_key(provider, credentialLocation='QUERY_PARAMETER',
                                      credentialParameterName='api_key'))
    assert at_rest.get('statusReasons', []) == []


@pytest.mark.parametrize('text, words', [
    ('{"openapi": "3.0.0",\n x}', 'line 2, column 2'),
    ('openapi: 3.0.0\npaths: [', 'no YAML: line 3'),
    ('{"swagger": "2.0", "paths": {}}', '3.0 and 3.1 are served'),
    ('{"openapi": "3.0.0", "paths": {"/a": {"get": {}}}}', 'names no server'),
    ('{"openapi": "3.0.0", "servers": [{"url": "/v1"}], "paths": {"/a": {"get": {}}}}',
     "the server URL '/v1' is relative"),
    ('{"openapi": "3.0.0", "servers": [{"url": "https://x"}], "paths": {}}', 'no operation'),
])
def test_a_broken_document_is_refused_at_once(gateway, text, words):
    made = gateway()
    with pytest.raises(ClientError) as caught:
        made.control.create_gateway_target(gatewayIdentifier=made.id, name='api',
                                           targetConfiguration=inline(text))
    assert caught.value.response['Error']['Code'] == 'ValidationException'
    assert words in str(caught.value)


def test_alias_bombs_are_refused_at_once(gateway):
    bomb = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n' + ''.join(
        f'a{i}: &a{i} [{", ".join([f"*a{i - 1}"] * 10)}]\n' for i in range(1, 12))
    made = gateway()
    with pytest.raises(ClientError, match='repeat too much'):
        made.control.create_gateway_target(gatewayIdentifier=made.id, name='api',
                                           targetConfiguration=inline(bomb))


def test_an_update_changes_the_tools(target, api):
    made, at_rest = target(document(api, {'/a': {'get': {'operationId': 'a'}}}))
    made.at_rest(made.control.update_gateway_target(
        gatewayIdentifier=made.id, targetId=at_rest['targetId'], name='api',
        targetConfiguration=inline(document(api, {'/b': {'get': {'operationId': 'b'}}}))))
    assert made.endpoint().names() == ['api___b']
    listed = made.control.list_gateway_targets(gatewayIdentifier=made.id)['items']
    assert [item.get('targetType', 'OPEN_API_SCHEMA') for item in listed] == ['OPEN_API_SCHEMA']


def test_what_was_made_survives_a_kill(own_server, api):
    server = own_server()
    control = server.aws('bedrock-agentcore-control')
    made = control.create_gateway(name='kept', roleArn=server.role, protocolType='MCP',
                                  authorizerType='NONE')
    control.create_gateway_target(gatewayIdentifier=made['gatewayId'], name='api',
                                  targetConfiguration=inline(document(api, PETS, PET)))
    from harness.gateway import Endpoint
    server.kill()
    server.start()
    path = made['gatewayUrl'].split('/', 3)[3]
    endpoint = Endpoint(f'{server.base}/{path}')
    endpoint.text('api___listPets', {'tags': ['x']})
    assert api.last.target == '/v1/pets?tags=x'


def test_mcp_clients_call_it(target, api):
    """The SDK checks structuredContent against the tool's outputSchema."""
    made, _ = target(document(api, PETS, PET))
    api.answer = lambda asked: Said(b'{"id": 1, "name": null, "kind": "bird"}', status=201)
    for python, script in (('tests', 'mcp_v1.py'), ('mcp2', 'mcp_v2.py')):
        done = subprocess.run([programs.ROOT / '.venv' / python / 'bin/python',
                               programs.ROOT / 'tests/clients' / script, made.url,
                               made.tokens.token(), 'api___addPet', '{"name": "x"}'],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        seen = json.loads(done.stdout.splitlines()[-1])
        assert seen['text'] == '{"id": 1, "name": null, "kind": "bird"}'
        assert seen['error'] is True  # its other call, with a wrong argument
