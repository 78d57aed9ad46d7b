"""Dry runs of targets and `toolgate explain`: each step that can fail, against a real server that
makes it fail."""
import json
import socket
import ssl
import threading

import pytest
from botocore.exceptions import ClientError
from harness.certificates import own_certificate
from harness.gateway import Gateway, api_key, mcp_server, oauth
from harness.scripted import Reply, Scripted, tool
from harness.server import Server
from harness.token_endpoint import TokenEndpoint

NONE = {'authorizerType': 'NONE'}
ROLE = [{'credentialProviderType': 'GATEWAY_IAM_ROLE'}]


@pytest.fixture(scope='module')
def place(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp('explain')).start()
    yield running
    assert running.stop() == 0


@pytest.fixture
def gateway(place, unique):
    return Gateway(place, unique('explain'), NONE)


class Explained:
    def __init__(self, output: dict, body: dict) -> None:
        self.output, self.status = output, output['status']
        self.steps = body['explanation']['steps']
        assert body['explanation']['status'] == self.status
        assert output['statusReasons'] == body['statusReasons']
        assert len(body['statusReasons']) == min(len(self.steps), 100)

    def named(self, name: str) -> list[dict]:
        return [step for step in self.steps if step['step'] == name]

    def failed(self) -> tuple[str, str]:
        """The first step that failed, and why."""
        one = next(step for step in self.steps if step['outcome'] == 'FAILED')
        return one['step'], one['message']

    def ok(self) -> list[str]:
        return [step['step'] for step in self.steps if step['outcome'] == 'OK']


def dry(gateway, operation: str = 'create_gateway_target', header: str = 'true', **wanted):
    """The operation with the header, by an event hook of boto3's own."""
    control = gateway.server.aws('bedrock-agentcore-control')
    seen = {}
    control.meta.events.register(
        'before-call.*.*', lambda params, **_: params['headers'].update({'DryRun': header}))
    control.meta.events.register(
        'response-received.*.*', lambda response_dict, **_: seen.update(response_dict))
    output = getattr(control, operation)(gatewayIdentifier=gateway.id, **wanted)
    assert seen['headers']['Content-Type'] == 'application/json'
    return Explained(output, json.loads(seen['body']))


def dry_mcp(gateway, url: str, credential: dict | None = None, name: str = 't') -> Explained:
    more = {'credentialProviderConfigurations': [credential]} if credential else {}
    return dry(gateway, name=name, targetConfiguration=mcp_server(url), **more)


def test_a_target_that_would_come_up_is_told_and_not_stored(gateway, upstream):
    upstream.set_tools([tool('good'), {'name': 'bad', 'inputSchema': {'type': 'string'}}])
    told = dry_mcp(gateway, upstream.url)
    assert told.status == 'READY'
    assert told.ok() == ['quota', 'name', 'configuration', 'configuration', 'credential',
                         'resolve', 'address guard', 'connect', 'HTTP',
                         *['resolve', 'address guard', 'connect', 'HTTP'], 'handshake',
                         *['resolve', 'address guard', 'connect', 'HTTP'], 'tool list',
                         'catalogue']
    left_out = [step for step in told.steps if step['outcome'] == 'LEFT_OUT']
    assert [(step['subject'], step['message']) for step in left_out] == [
        ('bad', 'its inputSchema is not of type "object"')]
    assert told.steps[-1]['message'] == '1 tools, 1 left out'
    assert all(step['microseconds'] >= 0 for step in told.steps)
    assert gateway.control.list_gateway_targets(gatewayIdentifier=gateway.id)['items'] == []
    assert gateway.endpoint().names() == []


def test_a_dry_update_leaves_the_target_as_it_is(gateway, upstream):
    upstream.set_tools([tool('one')])
    target = gateway.add_ready('kept', upstream.url)
    told = dry(gateway, 'update_gateway_target', targetId=target['targetId'], name='kept',
               targetConfiguration=mcp_server('http://127.0.0.1:1/mcp'))
    assert told.status == 'FAILED' and told.output['targetId'] == target['targetId']
    after = gateway.target(target['targetId'])
    assert after['status'] == 'READY' and after['updatedAt'] == target['updatedAt']
    assert gateway.endpoint().text('kept___one') == 'done'
    other = dry_mcp(gateway, upstream.url, name='kept')
    assert other.failed() == ('name',
                              'A target with the name kept already exists in this gateway.')
    assert other.steps[-1]['outcome'] == 'OK'  # and yet the rest was tried


def test_the_header_is_true_or_false(gateway, upstream):
    with pytest.raises(ClientError) as caught:
        dry(gateway, header='yes', name='t', targetConfiguration=mcp_server(upstream.url))
    assert caught.value.response['Error']['Code'] == 'ValidationException'
    assert 'DryRun: expected true or false' in caught.value.response['Error']['Message']


def test_a_closed_port(gateway):
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))  # and nobody listens
        told = dry_mcp(gateway, f'http://127.0.0.1:{taken.getsockname()[1]}/mcp')
    step, why = told.failed()
    assert step == 'connect' and 'refused' in why.lower()
    assert [one['outcome'] for one in told.named('handshake')] == ['NOT_REACHED']
    assert 'FAILED connect' in ''.join(told.output['statusReasons'])


def test_a_name_that_does_not_resolve(gateway):
    step, why = dry_mcp(gateway, 'https://no-such-host.invalid/mcp').failed()
    assert step == 'resolve' and 'no-such-host.invalid' in why


def test_an_address_that_the_guard_refuses(gateway):
    step, why = dry_mcp(gateway, 'http://169.254.169.254/latest/meta-data').failed()
    assert step == 'address guard' and '169.254.169.254' in why


def test_a_certificate_that_is_not_trusted(gateway, tmp_path):
    chain, key = own_certificate(tmp_path, 'localhost')
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    listener = socket.create_server(('127.0.0.1', 0))

    def serve() -> None:
        while True:
            try:
                peer, _ = listener.accept()
                context.wrap_socket(peer, server_side=True)
            except ssl.SSLError:
                pass
            except OSError:
                return
    threading.Thread(target=serve, daemon=True).start()
    told = dry_mcp(gateway, f'https://localhost:{listener.getsockname()[1]}/mcp')
    listener.close()
    step, why = told.failed()
    assert step == 'TLS' and 'certificate' in why.lower()
    assert 'connect' in told.ok()


def test_a_server_that_wants_a_token(gateway, upstream):
    upstream.bend = lambda message: Reply(status=401)
    told = dry_mcp(gateway, upstream.url)
    assert told.failed()[0] == 'handshake' and 'HTTP 401' in told.failed()[1]
    assert told.named('HTTP')[0]['message'] == 'answered 401'


def test_a_server_that_is_none_of_mcp(gateway, upstream):
    upstream.bend = lambda message: Reply('<html>hello</html>', content_type='text/html')
    step, why = dry_mcp(gateway, upstream.url).failed()
    assert step == 'handshake' and 'application/json' in why


def test_a_list_that_is_broken(gateway, upstream):
    upstream.bend = lambda message: (Reply('{"jsonrpc":"2.0","id":%s,"result":{"tools":7}}' %
                                           json.dumps(message['id']))
                                     if message['method'] == 'tools/list' else None)
    told = dry_mcp(gateway, upstream.url)
    assert told.failed()[0] == 'tool list'
    assert 'handshake' in told.ok()


def test_a_broken_openapi_document(gateway):
    told = dry(gateway, name='api', targetConfiguration={'mcp': {'openApiSchema': {
        'inlinePayload': '{"openapi": "3.0.0", "paths": }'}}})
    step, why = told.failed()
    assert step == 'configuration' and 'openApiSchema.inlinePayload' in why
    assert told.status == 'FAILED' and told.named('catalogue') == []


def test_what_a_status_would_note(gateway):
    text = json.dumps({
        'openapi': '3.0.3', 'servers': [{'url': 'https://api.example.com'}],
        'security': [{'k': []}], 'components': {'securitySchemes': {
            'k': {'type': 'apiKey', 'in': 'header', 'name': 'X-Key'}}},
        'paths': {'/a': {'get': {}}}})
    told = dry(gateway, name='api', targetConfiguration={
        'mcp': {'openApiSchema': {'inlinePayload': text}}})
    assert told.status == 'READY'
    made, missing = [step['message'] for step in told.named('note')]
    assert made == 'GET /a has no operationId: its tool is get_a.'
    assert missing.startswith('GET /a asks for an API key in the header X-Key, and this target')


def test_each_operation_that_is_left_out(gateway):
    document = {'openapi': '3.0.3', 'info': {'title': 't', 'version': '1'},
                'servers': [{'url': 'https://api.example.com'}], 'paths': {
                    '/a': {'get': {'operationId': 'a', 'responses': {}}},
                    '/b': {'get': {'operationId': 'b', 'parameters': [
                        {'$ref': 'https://elsewhere.example.com/p.json'}], 'responses': {}}}}}
    told = dry(gateway, name='api', targetConfiguration={'mcp': {'openApiSchema': {
        'inlinePayload': json.dumps(document)}}})
    assert told.status == 'READY'
    assert [one['outcome'] for one in told.named('tool')] == ['LEFT_OUT']
    assert {'document', 'tool list', 'catalogue'} <= set(told.ok())


def test_each_permission_that_the_role_lacks(place, unique):
    role = place.make_role('poor', 's3:ListBucket')
    gateway = Gateway(place, unique('poor'), NONE, roleArn=role)
    arn = 'arn:aws:lambda:us-east-1:123456789012:function:weather'
    wanted = {'mcp': {'lambda': {'lambdaArn': arn, 'toolSchema': {
        's3': {'uri': 's3://no-such-bucket/tools.json'}}}}}
    told = dry(gateway, name='fn', targetConfiguration=wanted,
               credentialProviderConfigurations=ROLE)
    lacking = [one['subject'] for one in told.named('permission') if one['outcome'] == 'FAILED']
    assert lacking == [f'lambda:InvokeFunction on {arn}',
                       's3:GetObject on arn:aws:s3:::no-such-bucket/tools.json']
    assert told.named('role')[0]['outcome'] == 'OK'
    assert told.named('document')[0]['outcome'] == 'FAILED'
    place.allow_role('poor', 'lambda:InvokeFunction', 's3:GetObject', 's3:ListBucket')
    told = dry(gateway, name='fn', targetConfiguration=wanted,
               credentialProviderConfigurations=ROLE)
    assert told.failed()[0] == 'document' and 's3://no-such-bucket/tools.json' in told.failed()[1]


def test_a_role_that_is_not_there(place, unique):
    gateway = Gateway(place, unique('nobody'), NONE,
                      roleArn='arn:aws:iam::123456789012:role/nobody')
    arn = 'arn:aws:lambda:us-east-1:123456789012:function:weather'
    told = dry(gateway, name='fn', credentialProviderConfigurations=ROLE, targetConfiguration={
        'mcp': {'lambda': {'lambdaArn': arn, 'toolSchema': {'inlinePayload': [
            {'name': 'a', 'description': 'b', 'inputSchema': {'type': 'object'}}]}}}})
    step, why = told.failed()
    assert step == 'role' and 'not authorized to assume the execution role' in why


def test_a_token_endpoint_that_refuses(gateway, upstream, unique):
    endpoint = TokenEndpoint()
    provider = endpoint.provider(gateway.control, unique('idp'))
    endpoint.close()
    told = dry_mcp(gateway, upstream.url, oauth(provider, 'read'))
    assert told.failed()[0] == 'credential'
    assert endpoint.url.removeprefix('http://') in told.failed()[1]
    assert upstream.received == []
    assert 'a-client-secret-of-length' not in json.dumps(told.steps)


def test_a_key_in_the_query_is_not_told(gateway, upstream, unique):
    made = gateway.control.create_api_key_credential_provider(
        name=unique('key'), apiKey='the-secret-key-of-this-test')
    told = dry_mcp(gateway, upstream.url, api_key(
        made['credentialProviderArn'], credentialLocation='QUERY_PARAMETER',
        credentialParameterName='key'))
    assert told.status == 'READY'
    assert 'the-secret-key-of-this-test' not in json.dumps(told.steps)


def test_explain_on_the_command_line(place, gateway, upstream):
    upstream.set_tools([tool('one')])
    target = gateway.add_ready('shown', upstream.url)
    done = place.run('explain', gateway.name, 'shown')
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == 'READY'
    assert any(line.startswith('OK') and ' handshake ' in line for line in lines)
    upstream.close()
    done = place.run('explain', gateway.id, target['targetId'], '--json')
    assert done.returncode == 3, done.stdout + done.stderr
    failed = [one for one in json.loads(done.stdout)['steps'] if one['outcome'] == 'FAILED']
    assert [one['step'] for one in failed] == ['connect']
    assert gateway.target(target['targetId'])['status'] == 'READY'
    assert place.run('explain', gateway.id, 'nothing').returncode == 1
