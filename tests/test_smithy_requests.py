"""What a Smithy target sends is what botocore sends for the same input, in all six protocols."""
import urllib.parse

import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from harness.smithy import (Capture, Inputs, add_model, as_arguments, meaning, model_of, only,
                            pointed_at, tools_of, unconstrained)

ROUNDS = 3
# Headers that say how a client is built, or are made of others.
NOT_COMPARED = {'host', 'user-agent', 'accept-encoding', 'connection', 'content-length', 'accept',
                'amz-sdk-invocation-id', 'amz-sdk-request', 'x-amz-user-agent', 'expect',
                'transfer-encoding', 'x-amz-sdk-checksum-algorithm', 'authorization', 'x-amz-date',
                'x-amz-content-sha256', 'x-amz-security-token',
                'x-amz-api-version'}  # of endpoint discovery

# Members that botocore changes before it writes them, or knows as another type than its model.
CHANGED_BY_BOTOCORE = ('SSECustomerKey', 'SSECustomerKeyMD5', 'CopySourceSSECustomerKey',
                       'CopySourceSSECustomerKeyMD5', 'Expires')

# By protocol: services, and how many of their operations (evenly picked).
SERVICES = {
    'rest-json': {'lambda': 40, 'apigateway': 40, 'iot': 40, 'bedrock-agentcore-control': 30,
                  'efs': 25},
    'json-1.0': {'dynamodb': 60, 'stepfunctions': 30},
    'json-1.1': {'kms': 40, 'ecs': 40, 'logs': 40},
    'query': {'iam': 60, 'sns': 40, 'elbv2': 40, 'sts': 10},
    'ec2': {'ec2': 80},
    'rest-xml': {'route53': 60, 'cloudfront': 40, 's3': 70},
}
EMPTY = {'query': '<R/>', 'ec2': '<R/>', 'rest-xml': '', 'json': '{}', 'rest-json': ''}


@pytest.fixture
def capture():
    made = Capture()
    yield made
    made.close()


class Botocore:
    """What botocore would send, without sending it."""

    def __init__(self, service: str, url: str) -> None:
        config = Config(signature_version=UNSIGNED, parameter_validation=False,
                        retries={'max_attempts': 1}, inject_host_prefix=False,
                        s3={'addressing_style': 'path'}, disable_request_compression=True)
        self.client = botocore.session.Session().create_client(
            service, 'us-east-1', endpoint_url=url, config=config)
        self.sent: list = []
        self.client.meta.events.register('before-send', self.keep)
        self.model = self.client.meta.service_model
        self.methods = {name: method for method, name in
                        self.client.meta.method_to_api_mapping.items()}

    def keep(self, request, **_):
        self.sent.append(request)
        return AWSResponse(request.url, 400, {}, _Nothing())

    def request(self, operation: str, given: dict):
        self.sent.clear()
        try:
            getattr(self.client, self.methods[operation])(**given)
        except Exception as error:  # noqa: BLE001  the answer is none; the request counts
            if not self.sent:
                return error
        return self.sent[0]


class _Nothing:
    def stream(self, **_):
        yield b''


def picked(names: list[str], count: int) -> list[str]:
    step = max(1, len(names) // count)
    return names[::step][:count]


def differences(protocol: str, ours, theirs) -> list[str]:
    url = urllib.parse.urlsplit(theirs.url)
    body = theirs.body or b''
    body = body if isinstance(body, bytes) else body.encode()
    query = sorted(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
    headers = {name.lower(): value if isinstance(value, str) else value.decode()
               for name, value in theirs.headers.items()}
    found = []
    for what, a, b in (('method', ours.method, theirs.method), ('path', ours.path, url.path),
                       ('query', ours.query, query),
                       ('body', meaning(protocol, ours.body), meaning(protocol, body))):
        if a != b:
            found.append(f'{what}: {a!r} instead of {b!r}')
    for name in sorted((set(headers) | set(ours.headers)) - NOT_COMPARED):
        a, b = ours.headers.get(name), headers.get(name)
        # Of XML and of plain payloads botocore names no type, as the Smithy specification asks.
        if name == 'content-type' and b is None:
            continue
        # A checksum is of the body's bytes, and JSON is written with other white space.
        if name.startswith('x-amz-checksum-') and ours.body != body and a and b:
            continue
        if a != b:
            found.append(f'{name}: {a!r} instead of {b!r}')
    return found


@pytest.mark.parametrize('service', [service for each in SERVICES.values() for service in each])
def test_requests_are_botocores(gateway, capture, service):
    protocol, count = next((name, services[service]) for name, services in SERVICES.items()
                           if service in services)
    protocol = 'json' if protocol.startswith('json') else protocol
    botocore_client = Botocore(service, capture.url)
    wanted = picked(sorted(botocore_client.model.operation_names), count)
    made = gateway()
    target = add_model(made, unconstrained(pointed_at(only(model_of(service), wanted),
                                                      capture.url)))
    assert target['status'] == 'READY', target['statusReasons']
    left_out = ' '.join(target.get('statusReasons', []))
    endpoint = made.endpoint()
    assert tools_of(endpoint)
    capture.answers(EMPTY[protocol])
    compared, wrong = 0, []
    for operation in wanted:
        if f'Left out: {operation}:' in left_out:
            continue
        shape = botocore_client.model.operation_model(operation).input_shape
        for round_ in range(ROUNDS):
            given = Inputs(hash_of(service, operation, round_)).value(shape) if shape else {}
            for name in CHANGED_BY_BOTOCORE:
                given.pop(name, None)
            if 'Bucket' in given:
                given['Bucket'] = 'some-bucket'  # botocore sends no bad name
            theirs = botocore_client.request(operation, given)
            if isinstance(theirs, Exception):
                continue
            capture.requests.clear()
            answer = endpoint.call(f't___{operation}', as_arguments(given))
            if not capture.requests:
                wrong.append(f'{operation} {given}: nothing was sent: {answer}')
                continue
            found = differences(protocol, capture.requests[0], theirs)
            compared += 1
            if found:
                wrong.append(f'{operation} {given}: ' + '; '.join(found))
    assert not wrong, f'{len(wrong)} of {compared}:\n' + '\n'.join(wrong[:15])
    assert compared >= len(wanted) * ROUNDS * 0.6, f'only {compared} requests compared'


def hash_of(*parts) -> int:
    """The same in every run, unlike hash()."""
    return sum(ord(c) * (31 ** i % 1_000_003) for i, c in enumerate('/'.join(map(str, parts))))
