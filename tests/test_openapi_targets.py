"""Tutorial 3's OpenAPI target as the starter toolkit makes it; documents in S3; stages of API
Gateway."""
import gzip
import json
import ssl
import subprocess

import pytest
from harness.api import Api, Said
from harness.certificates import own_certificate
from harness.gateway import Gateway
from harness.programs import ROOT

WEATHER = ROOT / 'tests/data/insight-weather.json'
# As NASA answers: more than the tutorial's document says.
MARS = {'675': {'AT': {'av': -62.3, 'ct': 177556, 'mn': -96.9, 'mx': -15.9}, 'Season': 'fall'},
        'sol_keys': ['675'],
        'validity_checks': {'675': {'AT': {'valid': True}}, 'sol_hours_required': 18}}


@pytest.fixture
def made():
    """Whatever has a close(), closed in the end."""
    all_made = []
    yield lambda one: all_made.append(one) or one
    for one in all_made:
        one.close()


def gateway_of(server, name: str) -> Gateway:
    return Gateway(server, name, {'authorizerType': 'NONE'}, exceptionLevel='DEBUG')


def test_the_tutorials_weather(own_server, tmp_path, made):
    """At NASA's own host name, with a key that NASA checks."""
    chain, key = own_certificate(tmp_path, 'api.nasa.gov')
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    nasa = made(Api(context))

    def answer(asked):
        if asked.query.count(('api_key', 'n4sa-key')) != 1:
            return Said(b'{"error": {"code": "API_KEY_INVALID"}}', status=403)
        return Said(json.dumps(MARS).encode())

    nasa.answer = answer
    server = own_server('--resolve', f'api.nasa.gov:443=127.0.0.1:{nasa.port}', '--ca-file', chain)
    gateway = gateway_of(server, 'weather')

    def target(api_key: str) -> dict:
        done = subprocess.run(
            [ROOT / '.venv/toolkit/bin/python', ROOT / 'tests/clients/toolkit_target.py',
             gateway.id, server.role, WEATHER, api_key], text=True, capture_output=True,
            timeout=100, env=server._own_environment() | server.environment())
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
        return gateway.target(done.stdout.split()[-1])

    ready = target('n4sa-key')
    assert ready['status'] == 'READY', ready['statusReasons']
    endpoint = gateway.endpoint()
    tool, = endpoint.tools()
    assert tool['name'] == 'nasa-mars-weather___getInsightWeather'
    assert tool['inputSchema']['required'] == ['feedtype', 'ver']
    assert tool['inputSchema']['properties']['feedtype']['enum'] == ['json']
    result = endpoint.call(tool['name'], {'feedtype': 'json', 'ver': '1.0'})
    assert result['structuredContent'] == json.loads(result['content'][0]['text']) == MARS
    assert nasa.last.path == '/insight_weather/'
    assert nasa.last.headers['host'] == 'api.nasa.gov'
    assert 'ver' in endpoint.error_text(tool['name'], {'feedtype': 'json'})

    gateway.control.delete_gateway_target(gatewayIdentifier=gateway.id,
                                          targetId=ready['targetId'])
    target('wrong-key')
    assert endpoint.error_text(tool['name'], {'feedtype': 'json', 'ver': '1.0'}) == (
        'The target answered HTTP 403 Forbidden: {"error": {"code": "API_KEY_INVALID"}}')
    assert 'n4sa-key' not in server.log_text()


def test_a_document_in_s3(own_server, unique, made):
    api, server = made(Api()), own_server()
    s3, bucket = server.aws('s3'), unique('documents')
    s3.create_bucket(Bucket=bucket)
    text = json.dumps({'openapi': '3.1.0', 'servers': [{'url': api.url}],
                       'paths': {'/a': {'get': {'operationId': 'a'}}}})
    s3.put_object(Bucket=bucket, Key='folder/api.json', Body=text)
    s3.put_object(Bucket=bucket, Key='folder/api.json.gz', Body=gzip.compress(text.encode()),
                  ContentEncoding='gzip')
    gateway = gateway_of(server, 'documents')
    server.allow_role('gateway', 'bedrock-agentcore:*', 's3:GetObject')

    def add(name: str, key: str) -> dict:
        return gateway.at_rest(gateway.control.create_gateway_target(
            gatewayIdentifier=gateway.id, name=name, targetConfiguration={'mcp': {
                'openApiSchema': {'s3': {'uri': f's3://{bucket}/{key}'}}}}))

    assert add('there', 'folder/api.json')['status'] == 'READY'
    gateway.endpoint().text('there___a')
    assert api.last.target == '/a'
    assert add('packed', 'folder/api.json.gz')['status'] == 'READY'
    gone = add('gone', 'folder/none.json')
    assert gone['status'] == 'FAILED'
    assert f's3://{bucket}/folder/none.json' in gone['statusReasons'][0]


STAGE = {'openapi': '3.0.1', 'info': {'title': 'Pets', 'version': '1'}, 'paths': {
    '/pets': {'get': {'operationId': 'listPets'}, 'post': {'operationId': 'addPet'}},
    '/pets/{id}': {'get': {'parameters': [{'name': 'id', 'in': 'path', 'required': True,
                                           'schema': {'type': 'string'}}]}},
    '/{proxy+}': {'get': {'operationId': 'proxy'}}}}


def test_a_stage_of_api_gateway(own_server, unique, made):
    api = made(Api())
    stage = STAGE | {'servers': [{'url': api.url + '/{basePath}',
                                  'variables': {'basePath': {'default': '/prod'}}}]}
    aws = made(Api())
    aws.answer = lambda asked: Said(json.dumps(stage).encode())
    server = own_server('--aws-endpoint', f'apigateway={aws.url}')
    gateway = gateway_of(server, 'stages')

    def add(name: str, filters: list, overrides: list = ()) -> dict:
        return gateway.at_rest(gateway.control.create_gateway_target(
            gatewayIdentifier=gateway.id, name=name, targetConfiguration={'mcp': {'apiGateway': {
                'restApiId': 'a1b2c3', 'stage': 'prod', 'apiGatewayToolConfiguration': {
                    'toolFilters': filters, 'toolOverrides': list(overrides)}}}},
            credentialProviderConfigurations=[{'credentialProviderType': 'GATEWAY_IAM_ROLE'}]))

    ready = add('pets', [{'filterPath': '/pets', 'methods': ['GET']},
                         {'filterPath': '/pets/*', 'methods': ['GET', 'POST']}],
                [{'path': '/pets/{id}', 'method': 'GET', 'name': 'getPet', 'description': 'One'}])
    assert ready['status'] == 'READY', ready['statusReasons']
    assert aws.last.target == '/restapis/a1b2c3/stages/prod/exports/oas30'
    assert '/us-east-1/apigateway/aws4_request' in aws.last.headers['authorization']
    endpoint = gateway.endpoint()
    tools = {tool['name']: tool['description'] for tool in endpoint.tools()}
    assert tools == {'pets___listPets': 'GET /pets', 'pets___getPet': 'One'}
    endpoint.text('pets___getPet', {'id': 'a/b'})
    assert api.last.target == '/prod/pets/a%2Fb'
    assert '/us-east-1/execute-api/aws4_request' in api.last.headers['authorization']

    failed = add('unnamed', [{'filterPath': '/pets/*', 'methods': ['GET']}])
    assert failed['status'] == 'FAILED'
    assert 'GET /pets/{id} has no operationId' in failed['statusReasons'][0]
    failed = add('nowhere', [{'filterPath': '/pets', 'methods': ['GET']}],
                 [{'path': '/pets', 'method': 'PUT', 'name': 'x'}])
    assert 'PUT /pets is no operation of the stage' in failed['statusReasons'][0]
    failed = add('proxy', [{'filterPath': '/{proxy+}', 'methods': ['GET']}])
    assert '{proxy+}, which is not among its parameters' in failed['statusReasons'][0]
    aws.answer = lambda asked: Said(b'{"message": "no such API"}', status=404)
    failed = add('gone', [{'filterPath': '/pets', 'methods': ['GET']}])
    assert failed['statusReasons'][0].endswith(
        'export: GetExport of stage prod of REST API a1b2c3 answered HTTP 404: '
        '{"message": "no such API"}')
