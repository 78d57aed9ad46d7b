"""The address guard on every URL that a target's documents can carry, and the bounds of answers."""
import json

import pytest
from harness.api import Api, Said
from harness.gateway import Gateway, oauth
from harness.issuer import Issuer
from harness.scripted import Reply, tool
from harness.server import Server

NONE = {'authorizerType': 'NONE'}
ROLE = [{'credentialProviderType': 'GATEWAY_IAM_ROLE'}]
METADATA = 'http://169.254.169.254'
# One address in several clothes, and others that nobody outside may be led to.
KNOWN = [METADATA, 'http://[::ffff:169.254.169.254]', 'http://10.1.2.3', 'http://192.168.1.1:8080',
         'http://[fe80::1]', 'http://[fd00::1]', 'http://rebound.example.com']
# What only a look-up makes an address of.
FORBIDDEN = [*KNOWN, 'http://2852039166', 'http://0xa9fea9fe', 'http://0251.0376.0251.0376']


@pytest.fixture(scope='module')
def place(tmp_path_factory):
    """`rebound.example.com` is a public name with the address of the metadata service."""
    running = Server(tmp_path_factory.mktemp('guard'), (
        '--resolve', 'rebound.example.com:80=169.254.169.254:80', '--breaker-failures', '0',
        '--aws-endpoint', f'dynamodb={METADATA}')).start()
    yield running
    assert running.stop() == 0


@pytest.fixture
def gateway(place, unique):
    role = place.make_role('guarded', 'bedrock-agentcore:*', 'secretsmanager:GetSecretValue')
    return Gateway(place, unique('guard'), NONE, exceptionLevel='DEBUG', roleArn=role)


def document(server: dict, path: str = '/x', **more) -> str:
    return json.dumps({
        'openapi': '3.0.3', 'info': {'title': 't', 'version': '1'}, 'servers': [server],
        'paths': {path: {'get': {'operationId': 'x', 'responses': {}, **more}}}})


def beside(text: str) -> str:
    """The same with another operation, on a server that is not refused."""
    value = json.loads(text)
    value['paths']['/ok'] = {'get': {'operationId': 'ok', 'responses': {},
                                     'servers': [{'url': 'https://api.example.com'}]}}
    return json.dumps(value)


def add_api(gateway, text: str, credential: dict | None = None) -> dict:
    more = {'credentialProviderConfigurations': [credential]} if credential else {}
    return gateway.at_rest(gateway.control.create_gateway_target(
        gatewayIdentifier=gateway.id, name='api', **more,
        targetConfiguration={'mcp': {'openApiSchema': {'inlinePayload': text}}}))


def is_refusal(text: str) -> bool:
    return 'must not be reached' in text


@pytest.mark.parametrize('url', KNOWN)
def test_a_server_that_is_known_to_be_refused_is_no_ready_target(gateway, url):
    made = add_api(gateway, document({'url': url}))
    assert made['status'] == 'FAILED'
    assert is_refusal(made['statusReasons'][0]) and url in made['statusReasons'][0]


@pytest.mark.parametrize('url', FORBIDDEN)
def test_servers_of_a_document(gateway, url):
    made = add_api(gateway, beside(document({'url': url})))
    assert made['status'] == 'READY'
    if url in KNOWN:
        assert made['statusReasons'][0].startswith(f'Calls of 1 tool will fail: server {url}: ')
    assert is_refusal(gateway.endpoint().error_text('api___x'))


@pytest.mark.parametrize('url, variables', [
    ('http://{host}', {'host': '169.254.169.254'}),
    ('{scheme}://{a}.254.{b}', {'scheme': 'http', 'a': '169.254', 'b': '169'}),
    ('http://{host}/api', {'host': 'example.com@169.254.169.254'}),
    ('http://example.com{rest}', {'rest': '@169.254.169.254'}),
])
def test_servers_with_variables(gateway, url, variables):
    text = document({'url': url, 'variables': {
        name: {'default': value} for name, value in variables.items()}})
    made = add_api(gateway, beside(text))
    assert made['status'] == 'READY'
    if 'api___x' not in gateway.endpoint().names():  # no URL with user information
        assert 'user' in made['statusReasons'][0] or 'host' in made['statusReasons'][0]
        return
    said = gateway.endpoint().error_text('api___x')
    assert is_refusal(said) or '169.254.254.169' in said


@pytest.mark.parametrize('level', ['operation', 'path'])
def test_servers_of_an_operation_or_a_path(gateway, level):
    text = json.loads(document({'url': 'https://api.example.com'}))
    item = text['paths']['/x']
    (item if level == 'path' else item['get'])['servers'] = [{'url': METADATA}]
    assert add_api(gateway, beside(json.dumps(text)))['status'] == 'READY'
    assert is_refusal(gateway.endpoint().error_text('api___x'))


def test_a_reference_to_elsewhere_is_not_followed(gateway):
    other = Api()
    text = json.loads(document({'url': 'https://api.example.com'}))
    text['paths']['/x']['get']['parameters'] = [{'$ref': f'{other.url}/p.json'}]
    text['paths']['/y'] = {'get': {'operationId': 'y'}}
    text['externalDocs'] = {'url': f'{other.url}/docs'}
    made = add_api(gateway, json.dumps(text))
    assert made['status'] == 'READY' and gateway.endpoint().names() == ['api___y']
    assert 'which is not fetched' in made['statusReasons'][0]
    assert other.received == []
    other.close()


def test_arguments_cannot_change_the_host(gateway):
    api = Api()
    api.answer = lambda asked: Said(b'{}')
    text = document({'url': api.url}, '/{p}', parameters=[
        {'name': 'p', 'in': 'path', 'required': True, 'schema': {'type': 'string'}}])
    assert add_api(gateway, text)['status'] == 'READY'
    endpoint = gateway.endpoint()
    for value in ('@169.254.169.254', '//169.254.169.254/', '\\169.254.169.254', '?x', '#y'):
        endpoint.call('api___x', {'p': value})
        assert api.last.headers['host'] == api.url.removeprefix('http://'), value
    api.close()


def called(gateway, model: dict) -> str:
    """What a call of the model's operation Op is refused with."""
    made = gateway.at_rest(gateway.control.create_gateway_target(
        gatewayIdentifier=gateway.id, name='svc', credentialProviderConfigurations=ROLE,
        targetConfiguration={'mcp': {'smithyModel': {'inlinePayload': json.dumps(model)}}}))
    assert made['status'] == 'READY', made
    return gateway.endpoint().error_text('svc___Op')


def test_the_operators_own_endpoint_of_a_service(gateway):
    model = {'smithy': '2.0', 'shapes': {
        'a#S': {'type': 'service', 'version': '1', 'operations': [{'target': 'a#Op'}], 'traits': {
            'aws.api#service': {'sdkId': 'X', 'endpointPrefix': 'dynamodb'},
            'aws.auth#sigv4': {'name': 'dynamodb'}, 'aws.protocols#awsJson1_0': {}}},
        'a#Op': {'type': 'operation'}}}
    assert is_refusal(called(gateway, model))


@pytest.mark.parametrize('url', [METADATA, 'http://10.1.2.3', 'http://2852039166'])
def test_the_endpoint_that_a_models_rules_give(gateway, url):
    rules = {'version': '1.0', 'parameters': {'Region': {
        'type': 'String', 'builtIn': 'AWS::Region'}}, 'rules': [
        {'type': 'endpoint', 'conditions': [], 'endpoint': {'url': url}}]}
    model = {'smithy': '2.0', 'shapes': {
        'a#S': {'type': 'service', 'version': '1', 'operations': [{'target': 'a#Op'}], 'traits': {
            'aws.api#service': {'sdkId': 'X', 'endpointPrefix': 'evil'},
            'aws.auth#sigv4': {'name': 'evil'}, 'aws.protocols#awsJson1_0': {},
            'smithy.rules#endpointRuleSet': rules}},
        'a#Op': {'type': 'operation'}}}
    assert is_refusal(called(gateway, model))


def test_a_token_endpoint(gateway, unique, upstream):
    made = gateway.control.create_oauth2_credential_provider(
        name=unique('idp'), credentialProviderVendor='CustomOauth2',
        oauth2ProviderConfigInput={'customOauth2ProviderConfig': {
            'oauthDiscovery': {'authorizationServerMetadata': {
                'issuer': METADATA, 'authorizationEndpoint': f'{METADATA}/a',
                'tokenEndpoint': f'{METADATA}/latest/api/token'}},
            'clientId': 'machine', 'clientSecret': 'a-client-secret-of-length'}})
    target = gateway.add('t', upstream.url, oauth(made['credentialProviderArn']))
    assert target['status'] == 'FAILED'
    assert is_refusal(target['statusReasons'][0])


@pytest.mark.parametrize('where', ['discoveryUrl', 'token_endpoint'])
def test_discovery_and_what_its_document_names(gateway, unique, upstream, where):
    issuer, secure = Api(), METADATA.replace('http:', 'https:')
    issuer.answer = lambda asked: Said(json.dumps({
        'issuer': issuer.url, 'authorization_endpoint': f'{secure}/a',
        'token_endpoint': f'{secure}/t', 'jwks_uri': f'{secure}/k'}).encode())
    at = secure if where == 'discoveryUrl' else issuer.url
    made = gateway.control.create_oauth2_credential_provider(
        name=unique('idp'), credentialProviderVendor='CustomOauth2',
        oauth2ProviderConfigInput={'customOauth2ProviderConfig': {
            'oauthDiscovery': {'discoveryUrl': f'{at}/.well-known/openid-configuration'},
            'clientId': 'machine', 'clientSecret': 'a-client-secret-of-length'}})
    target = gateway.add('t', upstream.url, oauth(made['credentialProviderArn']))
    assert target['status'] == 'FAILED'
    assert is_refusal(target['statusReasons'][0]), target['statusReasons']
    assert upstream.received == []
    issuer.close()


def test_the_keys_of_an_issuer(place, unique):
    issuer = Issuer()
    keys = issuer.document
    issuer.document = lambda path: keys(path) | (
        {'jwks_uri': f'{METADATA}/keys'} if 'well-known' in path else {})
    gateway = Gateway(place, unique('guard'), {
        'authorizerType': 'CUSTOM_JWT', 'authorizerConfiguration': {'customJWTAuthorizer': {
            'discoveryUrl': f'{issuer.url}/.well-known/openid-configuration',
            'allowedAudience': ['gateway']}}})
    answer = gateway.endpoint().post({'jsonrpc': '2.0', 'id': 1, 'method': 'tools/list'},
                                     Authorization=f'Bearer {issuer.token(sub="x")}')
    assert answer.status_code in (401, 503), answer.text
    assert issuer.fetched == 0 and 'must not be reached' in place.log_text()
    issuer.close()


@pytest.mark.parametrize('status', [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(gateway, status):
    other, api = Api(), Api()
    other.answer = lambda asked: Said(b'{"secret": 1}')
    api.answer = lambda asked: Said(b'', status=status, headers={
        'Location': f'{other.url}/x'})
    assert add_api(gateway, document({'url': api.url}))['status'] == 'READY'
    said = gateway.endpoint().error_text('api___x')
    assert f'HTTP {status}' in said and 'Redirects are not followed' in said
    assert other.received == []
    other.close()
    api.close()


def test_an_answer_is_bounded_in_size(gateway, upstream):
    api = Api()
    api.answer = lambda asked: Said(b'{"x": "' + b'y' * (7 * 1024 * 1024) + b'"}')
    assert add_api(gateway, document({'url': api.url}))['status'] == 'READY'
    endpoint = gateway.endpoint()
    assert 'longer than 6291456 bytes' in endpoint.error_text('api___x')
    upstream.set_tools([tool('get')])
    gateway.add_ready('mcp', upstream.url)
    upstream.calls['get'] = Reply(b' ' * (7 * 1024 * 1024))
    assert 'longer than 6291456 bytes' in endpoint.error_text('mcp___get')
    upstream.calls['get'] = Reply(b'data: x\n\n' * 1_000_000, content_type='text/event-stream')
    endpoint.error_text('mcp___get')
    api.close()
