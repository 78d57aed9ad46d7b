"""Gateways and token vaults behind a customer's KMS key: sealed, closed with it, open again."""
import json
import threading
import time
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from harness.gateway import Endpoint, Gateway, api_key
from harness.gateway_logs import OPEN
from harness.programs import Program, free_port
from harness.scripted import text_result, tool
from harness.server import Server

DESCRIPTION = 'Counts the parcels of a customer whose name nobody may read'
PARAMETER = 'the number that is painted on the door of the warehouse'
MOTO = Path(__file__).resolve().parent.parent / '.venv/moto/bin/moto_server'
USE = ('kms:GenerateDataKey', 'kms:Decrypt', 'kms:DescribeKey')


@pytest.fixture
def parcels(upstream):
    upstream.set_tools([tool('parcels', DESCRIPTION, schema={
        'type': 'object', 'properties': {'n': {'type': 'integer', 'description': PARAMETER}}})])
    upstream.calls['parcels'] = lambda message: text_result('seven')
    return upstream


def may_use_keys(server) -> str:
    return server.make_role('sealed', 'bedrock-agentcore:*', 'secretsmanager:GetSecretValue',
                            *USE)


def sealed_gateway(server, arn: str, name: str = 'sealed', **more) -> Gateway:
    return Gateway(server, name, OPEN, roleArn=may_use_keys(server), kmsKeyArn=arn, **more)


def new_key(server) -> dict:
    return server.aws('kms').create_key()['KeyMetadata']


def files_with(server, *texts: str) -> list[tuple[str, str]]:
    return [(path.name, text) for path in server.data.rglob('*') if path.is_file()
            for text in texts if text.encode() in path.read_bytes()]


def becomes(state, expected, seconds: float = 30):
    until = time.monotonic() + seconds
    while (now := state()) != expected:
        assert time.monotonic() < until, now
        time.sleep(0.02)


def answers(url: str) -> bool:
    """Whether the gateway is open; when it is not, nothing of its tools is told."""
    endpoint = Endpoint(url)
    listed = endpoint.ask('tools/list')
    called = endpoint.ask('tools/call', {'name': 't___parcels', 'arguments': {'n': 1}})
    if 'result' in listed and 'result' in called:
        return called['result']['content'][0]['text'] == 'seven'
    for body in (listed, called):
        if 'error' not in body:
            return None  # between the two
        assert body['error']['code'] == -32603, body
        assert 'KMS key' in body['error']['message'], body
        assert 'parcel' not in json.dumps(body).replace('t___parcels', ''), body
    return False


def url_of(server, made: Gateway) -> str:
    return f'{server.base}/gateways/{made.id}/mcp'


def test_what_tools_are_is_in_no_file(own_server, parcels):
    server = own_server()
    plain = Gateway(server, 'plain', OPEN)
    plain.add_ready('t', parcels.url)
    assert files_with(server, DESCRIPTION, PARAMETER)  # the test can fail
    server = own_server()
    key = new_key(server)
    made = sealed_gateway(server, key['Arn'], search=True)
    assert made.made['kmsKeyArn'] == key['Arn'] and made.made['status'] == 'READY'
    control = server.aws('bedrock-agentcore-control')
    arguments = {
        'gatewayIdentifier': made.id, 'name': 't', 'description': DESCRIPTION,
        'clientToken': 'a-token-of-at-least-thirty-three-characters',
        'targetConfiguration': {'mcp': {'mcpServer': {
            'endpoint': parcels.url + '?painted-on-the-door=1'}}}}
    target = control.create_gateway_target(**arguments)
    made.at_rest(target)
    assert control.create_gateway_target(**arguments)['targetId'] == target['targetId']
    endpoint = made.endpoint()
    assert DESCRIPTION in json.dumps(endpoint.tools())
    assert endpoint.search('parcels of a customer') == ['t___parcels']
    assert control.get_gateway_target(gatewayIdentifier=made.id, targetId=target['targetId'])[
        'description'] == DESCRIPTION
    control.synchronize_gateway_targets(gatewayIdentifier=made.id,
                                        targetIdList=[target['targetId']])
    assert 'envelope' not in json.dumps(control.get_gateway(gatewayIdentifier=made.id),
                                        default=str)
    time.sleep(1)  # vectors and logs are written a moment later
    assert files_with(server, DESCRIPTION, PARAMETER, 'painted-on-the-door') == []
    server.kill()
    assert files_with(server, DESCRIPTION, PARAMETER, 'painted-on-the-door') == []
    server.start()
    becomes(lambda: answers(url_of(server, made)), True)
    assert server.stop() == 0
    assert files_with(server, DESCRIPTION, PARAMETER, 'painted-on-the-door') == []


def test_a_disabled_key_closes_the_gateway_and_opens_it_again(own_server, parcels):
    server = own_server()
    key = new_key(server)['KeyId']
    made = sealed_gateway(server, new_key(server)['Arn'], 'another')
    arn = server.aws('kms').describe_key(KeyId=key)['KeyMetadata']['Arn']
    made = sealed_gateway(server, arn)
    target = made.add_ready('t', parcels.url)
    open_one = Gateway(server, 'open', OPEN)
    open_one.add_ready('t', parcels.url)
    assert answers(made.url)
    kms, control = server.aws('kms'), made.control
    kms.disable_key(KeyId=key)
    becomes(lambda: answers(made.url), False)
    assert answers(open_one.url)
    shown = control.get_gateway(gatewayIdentifier=made.id)
    assert shown['status'] == 'FAILED'
    assert arn in shown['statusReasons'][0] and 'DisabledException' in shown['statusReasons'][0]
    assert {one['name']: one['status'] for one in control.list_gateways()['items']} == {
        'another': 'READY', 'open': 'READY', 'sealed': 'FAILED'}
    named = {'gatewayIdentifier': made.id, 'targetId': target['targetId']}
    for refused in (lambda: control.get_gateway_target(**named),
                    lambda: made.add('u', parcels.url),
                    lambda: control.update_gateway_target(
                        **named, name='t', targetConfiguration={'mcp': {'mcpServer': {
                            'endpoint': parcels.url}}})):
        with pytest.raises(ClientError, match='DisabledException') as raised:
            refused()
        assert raised.value.response['Error']['Code'] == 'AccessDeniedException'
    # A start does not open it.
    server.kill()
    server.start()
    url = url_of(server, made)
    becomes(lambda: answers(url_of(server, open_one)), True)
    assert answers(url) is False
    kms, control = server.aws('kms'), server.aws('bedrock-agentcore-control')
    assert control.get_gateway(gatewayIdentifier=made.id)['status'] == 'FAILED'
    kms.enable_key(KeyId=key)
    becomes(lambda: answers(url), True)
    shown = control.get_gateway(gatewayIdentifier=made.id)
    assert shown['status'] == 'READY' and not shown.get('statusReasons')
    # A key that waits for its end is as good as gone; what it sealed can still be deleted.
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    becomes(lambda: answers(url), False)
    assert control.list_gateway_targets(gatewayIdentifier=made.id)['items'][0]['name'] == 't'
    control.delete_gateway_target(gatewayIdentifier=made.id, targetId=target['targetId'])
    control.delete_gateway(gatewayIdentifier=made.id)


def test_the_gateways_role_must_be_allowed(own_server, parcels):
    server = own_server()
    key = new_key(server)
    made = sealed_gateway(server, key['Arn'])
    made.add_ready('t', parcels.url)
    server.aws('iam').delete_role_policy(RoleName='sealed', PolicyName='allowed')
    becomes(lambda: answers(made.url), False)
    assert 'AccessDenied' in made.control.get_gateway(
        gatewayIdentifier=made.id)['statusReasons'][0]
    may_use_keys(server)
    becomes(lambda: answers(made.url), True)
    # The context names the gateway, so that a policy may.
    server.aws('iam').put_role_policy(
        RoleName='sealed', PolicyName='allowed', PolicyDocument=json.dumps({
            'Version': '2012-10-17', 'Statement': [
                {'Effect': 'Allow', 'Action': USE, 'Resource': key['Arn'], 'Condition': {
                    'StringEquals': {
                        'kms:EncryptionContext:aws:bedrock-agentcore-gateway:arn':
                            made.made['gatewayArn'],
                        'kms:ViaService': 'bedrock-agentcore.us-east-1.amazonaws.com'}}},
                {'Effect': 'Allow', 'Action': 'bedrock-agentcore:*', 'Resource': '*'}]}))
    time.sleep(0.5)
    becomes(lambda: answers(made.url), True)
    with pytest.raises(ClientError, match='kmsKeyArn.*AccessDenied'):
        Gateway(server, 'other', OPEN, roleArn=made.made['roleArn'], kmsKeyArn=key['Arn'])


def test_a_wrong_key_is_refused_by_the_members_name(own_server):
    server = own_server()
    key = new_key(server)
    gone = key['Arn'][:-4] + '0000'
    disabled = new_key(server)
    server.aws('kms').disable_key(KeyId=disabled['KeyId'])
    for arn, why in ((gone, 'NotFoundException'), (disabled['Arn'], 'DisabledException')):
        with pytest.raises(ClientError, match=f'kmsKeyArn.*{why}') as raised:
            sealed_gateway(server, arn)
        assert raised.value.response['Error']['Code'] == 'ValidationException'
        assert raised.value.response['fieldList'][0]['name'] == 'kmsKeyArn'
    control = server.aws('bedrock-agentcore-control')
    with pytest.raises(ClientError, match='kmsConfiguration.kmsKeyArn.*NotFoundException'):
        control.set_token_vault_cmk(kmsConfiguration={'keyType': 'CustomerManagedKey',
                                                      'kmsKeyArn': gone})
    assert control.list_gateways()['items'] == []


def update(made: Gateway, **more) -> dict:
    """UpdateGateway; waits until everything is sealed anew."""
    shown = made.control.update_gateway(
        gatewayIdentifier=made.id, name=made.name, authorizerType='NONE', protocolType='MCP',
        **({'roleArn': may_use_keys(made.server)} | more))
    until = time.monotonic() + 20
    while shown['status'] == 'UPDATING':
        assert time.monotonic() < until
        time.sleep(0.05)
        shown = made.control.get_gateway(gatewayIdentifier=made.id)
    return shown


def test_a_gateways_key_may_be_set_changed_and_removed(own_server, parcels):
    server = own_server()
    kms = server.aws('kms')
    first, second = new_key(server), new_key(server)
    made = Gateway(server, 'sealed', OPEN, search=True)
    made.add_ready('t', parcels.url)
    more = {'protocolConfiguration': {'mcp': {'searchType': 'SEMANTIC'}}}
    assert update(made, kmsKeyArn=first['Arn'], **more)['kmsKeyArn'] == first['Arn']
    assert answers(made.url)
    shown = update(made, kmsKeyArn=second['Arn'], **more)
    assert shown['kmsKeyArn'] == second['Arn'] and shown['status'] == 'READY'
    # Nothing needs the first key any more.
    kms.disable_key(KeyId=first['KeyId'])
    time.sleep(0.5)
    assert answers(made.url)
    server.kill()
    server.start()
    made.control, made.url = server.aws('bedrock-agentcore-control'), url_of(server, made)
    becomes(lambda: answers(made.url), True)
    kms = server.aws('kms')
    kms.disable_key(KeyId=second['KeyId'])
    becomes(lambda: answers(made.url), False)
    with pytest.raises(ClientError, match='kmsKeyArn.*cannot be moved'):
        update(made, **more)
    kms.enable_key(KeyId=second['KeyId'])
    becomes(lambda: answers(made.url), True)
    assert 'kmsKeyArn' not in update(made, **more)
    kms.schedule_key_deletion(KeyId=second['KeyId'])
    time.sleep(0.5)
    assert answers(made.url)


def test_what_lay_open_before_is_sealed_too(own_server, parcels):
    server = own_server('--gateway-logs', 'off')
    made = Gateway(server, 'sealed', OPEN)
    made.add_ready('t', parcels.url)
    update(made, kmsKeyArn=new_key(server)['Arn'])
    assert server.stop() == 0
    assert files_with(server, DESCRIPTION, PARAMETER) == []


def test_a_kill_while_it_is_sealed_anew_loses_nothing(own_server, parcels):
    server = own_server()
    first, second = new_key(server), new_key(server)
    parcels.set_tools([tool(f'parcels-{n}', 'x' * 2000) for n in range(1500)]
                      + [tool('parcels', DESCRIPTION)])
    made = sealed_gateway(server, first['Arn'])
    for name in ('t', 'u'):
        made.add_ready(name, parcels.url)
    may_use_keys(server)

    def change() -> None:  # its answer is lost with the server
        with pytest.raises(Exception):
            update(made, kmsKeyArn=second['Arn'])

    caller = threading.Thread(target=change)
    caller.start()
    until = time.monotonic() + 10
    while made.control.get_gateway(gatewayIdentifier=made.id)['status'] != 'UPDATING':
        assert time.monotonic() < until
    server.kill()
    caller.join()
    server.start()
    control = server.aws('bedrock-agentcore-control')
    becomes(lambda: control.get_gateway(gatewayIdentifier=made.id)['status'], 'READY', 30)
    becomes(lambda: answers(url_of(server, made)), True, 30)
    assert len(Endpoint(url_of(server, made)).tools()) == 3002


def test_the_vaults_key_seals_secrets(own_server, upstream):
    server = own_server()
    upstream.set_tools([tool('who')])
    upstream.calls['who'] = lambda message: text_result(upstream.received[-1][0]['X-Api-Key'])
    control, kms = server.aws('bedrock-agentcore-control'), server.aws('kms')
    before = control.create_api_key_credential_provider(name='before', apiKey='key-of-before')
    key = new_key(server)
    configuration = {'keyType': 'CustomerManagedKey', 'kmsKeyArn': key['Arn']}
    assert control.set_token_vault_cmk(
        kmsConfiguration=configuration)['kmsConfiguration'] == configuration
    after = control.create_api_key_credential_provider(name='after', apiKey='key-of-after')
    made = Gateway(server, 'vault', OPEN, exceptionLevel='DEBUG')
    place = {'credentialLocation': 'HEADER', 'credentialParameterName': 'X-Api-Key'}
    for name, provider in (('b', before), ('a', after)):
        made.add_ready(name, upstream.url, api_key(provider['credentialProviderArn'], **place))

    def shown(url: str) -> list[str]:
        endpoint = Endpoint(url)
        return [endpoint.call(f'{name}___who')['content'][0]['text'] for name in 'ab']

    assert shown(made.url) == ['key-of-after', 'key-of-before']
    kms.disable_key(KeyId=key['KeyId'])
    becomes(lambda: ['key-of' in text for text in shown(made.url)], [False, False])
    assert all('DisabledException' in text for text in shown(made.url))
    for refused in (lambda: control.create_api_key_credential_provider(name='x', apiKey='y'),
                    lambda: control.update_api_key_credential_provider(name='after', apiKey='y')):
        with pytest.raises(ClientError, match='DisabledException'):
            refused()
    assert {one['name'] for one in control.list_api_key_credential_providers()[
        'credentialProviders']} == {'before', 'after'}
    server.kill()
    server.start()
    url = url_of(server, made)
    assert ['key-of' in text for text in shown(url)] == [False, False]
    server.aws('kms').enable_key(KeyId=key['KeyId'])
    becomes(lambda: shown(url), ['key-of-after', 'key-of-before'])
    control = server.aws('bedrock-agentcore-control')
    control.set_token_vault_cmk(kmsConfiguration={'keyType': 'ServiceManagedKey'})
    server.aws('kms').disable_key(KeyId=key['KeyId'])
    time.sleep(0.5)
    assert shown(url) == ['key-of-after', 'key-of-before']
    assert control.get_token_vault()['kmsConfiguration'] == {'keyType': 'ServiceManagedKey'}


def test_another_kms_may_hold_the_key(own_server, parcels, tmp_path):
    port = free_port()
    url = f'http://127.0.0.1:{port}'
    moto = Program([MOTO, '-H', '127.0.0.1', '-p', port], url, tmp_path / 'moto.log')
    try:
        other = boto3.client('kms', endpoint_url=url, region_name='us-east-1',
                             aws_access_key_id='x', aws_secret_access_key='y')
        key = other.create_key()['KeyMetadata']
        server = own_server('--aws-endpoint', f'kms={url}', '--kms-check-seconds', '1')
        made = sealed_gateway(server, key['Arn'])
        made.add_ready('t', parcels.url)
        assert files_with(server, DESCRIPTION, PARAMETER) == []
        assert answers(made.url)
        server.kill()
        server.start()
        becomes(lambda: answers(url_of(server, made)), True)
    finally:
        moto.stop()
    # What KMS gave is believed for five looks, and not for ever.
    assert answers(url_of(server, made))
    becomes(lambda: answers(url_of(server, made)), False, 20)


class ServerWithCredentials(Server):
    """A server whose environment has credentials of another KMS."""

    of_others: dict[str, str] = {}

    def _own_environment(self) -> dict[str, str]:
        return super()._own_environment() | self.of_others


def test_another_kms_is_asked_with_the_servers_own_credentials(own_server, parcels, tmp_path):
    other = own_server()
    key = new_key(other)
    flags = ('--aws-endpoint', f'kms={other.base}', '--kms-check-seconds', '1')
    # Sessions of ours are nothing to it.
    with pytest.raises(ClientError, match='kmsKeyArn.*UnrecognizedClientException'):
        sealed_gateway(own_server(*flags), key['Arn'])
    (tmp_path / 'signing').mkdir()
    server = ServerWithCredentials(tmp_path / 'signing', flags)
    server.of_others = {name: value for name, value in other.environment().items()
                        if name in ('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY',
                                    'AWS_SESSION_TOKEN')}
    server.start()
    try:
        made = sealed_gateway(server, key['Arn'])
        made.add_ready('t', parcels.url)
        assert answers(made.url)
        # Nobody tells this server: it sees it at its next look.
        other.aws('kms').disable_key(KeyId=key['KeyId'])
        becomes(lambda: answers(made.url), False)
        other.aws('kms').enable_key(KeyId=key['KeyId'])
        becomes(lambda: answers(made.url), True)
    finally:
        server.stop()
