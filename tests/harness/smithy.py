"""Smithy models made of botocore's, and a server that keeps the requests that come."""
import base64
import datetime
import json
import random
import sys
import threading
import time
import urllib.parse
import zipfile
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / 'tools'))

import contract  # noqa: E402
import smithy_models  # noqa: E402

CONSTRAINTS = ('smithy.api#pattern', 'smithy.api#length', 'smithy.api#range')


@lru_cache(maxsize=None)
def wheel() -> zipfile.ZipFile:
    return zipfile.ZipFile(contract.fetch())


def model_of(service: str) -> dict:
    return smithy_models.model_of(wheel(), service)


def service_shape(model: dict) -> dict:
    return next(shape for shape in model['shapes'].values() if shape['type'] == 'service')


def pointed_at(model: dict, url: str) -> dict:
    """The model with its own endpoint rules, told that the endpoint is `url`."""
    rules = service_shape(model)['traits']['smithy.rules#endpointRuleSet']
    rules['parameters']['Endpoint']['default'] = url
    if 'ForcePathStyle' in rules['parameters']:
        rules['parameters']['ForcePathStyle']['default'] = True
    return model


def unconstrained(model: dict) -> dict:
    """Without what only arguments are checked against, so that generated ones pass."""
    for shape in model['shapes'].values():
        members = [shape, *shape.get('members', {}).values(),
                   *(shape[part] for part in ('member', 'key', 'value') if part in shape)]
        for each in members:
            for name in CONSTRAINTS:
                each.get('traits', {}).pop(name, None)
    return model


def only(model: dict, operations: list[str]) -> dict:
    """The model with these of its operations."""
    service = service_shape(model)
    service['operations'] = [each for each in service['operations']
                             if each['target'].split('#')[1] in operations]
    kept, open_ids = {}, [each['target'] for each in service['operations']]
    while open_ids:
        name = open_ids.pop()
        if name in kept or name not in model['shapes']:
            continue
        kept[name] = model['shapes'][name]
        open_ids += targets_in({key: value for key, value in kept[name].items()
                                if key != 'traits'})
    for name, shape in model['shapes'].items():
        if shape is service:
            kept[name] = shape
    return model | {'shapes': kept}


def targets_in(value) -> list[str]:
    if isinstance(value, list):
        return [found for item in value for found in targets_in(item)]
    if not isinstance(value, dict):
        return []
    found = [value['target']] if isinstance(value.get('target'), str) else []
    return found + [each for item in value.values() for each in targets_in(item)]


OWN_ROLE = {'credentialProviderType': 'GATEWAY_IAM_ROLE'}
TRUST = {'Version': '2012-10-17', 'Statement': [{
    'Effect': 'Allow', 'Action': 'sts:AssumeRole',
    'Principal': {'Service': 'bedrock-agentcore.amazonaws.com'}}]}


def make_role(server) -> None:
    """The role that the tests' gateways name, for them to sign with."""
    iam = server.aws('iam')
    name = server.role.rpartition('/')[2]
    try:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    except iam.exceptions.EntityAlreadyExistsException:
        pass
    iam.put_role_policy(RoleName=name, PolicyName='all', PolicyDocument=json.dumps({
        'Version': '2012-10-17',
        'Statement': [{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}]}))


def add_model(gateway, model: dict | str | None = None, **place) -> dict:
    """CreateGatewayTarget of a model, or of where it lies (s3=…); waits until it is at rest."""
    make_role(gateway.server)
    if not place:
        place = {'inlinePayload': model if isinstance(model, str) else json.dumps(model)}
    return gateway.at_rest(gateway.control.create_gateway_target(
        gatewayIdentifier=gateway.id, name='t',
        targetConfiguration={'mcp': {'smithyModel': place}},
        credentialProviderConfigurations=[OWN_ROLE]))


def tools_of(endpoint) -> list[dict]:
    """The tools, once the data plane has taken them."""
    until = time.monotonic() + 20
    while not (tools := endpoint.tools()) and time.monotonic() < until:
        time.sleep(0.1)
    return tools


class Captured:
    def __init__(self, method: str, target: str, headers: dict, body: bytes) -> None:
        self.method, self.body = method, body
        self.path, _, query = target.partition('?')
        self.query = sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))
        self.headers = {name.lower(): value for name, value in headers.items()}


class Capture:
    """Keeps every request; answers what the test says."""

    def __init__(self) -> None:
        self.requests: list[Captured] = []
        self.status, self.body, self.headers = 200, b'', {}
        self._server = ThreadingHTTPServer(('127.0.0.1', 0), handler_of(self))
        self._server.daemon_threads = True
        self.url = f'http://127.0.0.1:{self._server.server_address[1]}'
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answers(self, body: bytes | str = b'', status: int = 200, **headers: str) -> None:
        self.body = body.encode() if isinstance(body, str) else body
        self.status = status
        self.headers = {name.replace('_', '-'): value for name, value in headers.items()}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def handler_of(capture: Capture):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'

        def serve(self) -> None:
            length = int(self.headers.get('content-length') or 0)
            capture.requests.append(
                Captured(self.command, self.path, dict(self.headers), self.rfile.read(length)))
            self.send_response(capture.status)
            for name, value in capture.headers.items():
                self.send_header(name, value)
            body = b'' if self.command == 'HEAD' else capture.body
            self.send_header('content-length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = serve

        def log_message(self, *_) -> None:
            pass

    return Handler


# Inputs, as botocore takes them and as a tool's arguments.

class Inputs:
    """Random inputs of an operation, in the order of the model's members."""

    TEXTS = ('a', 'plain-text', 'two words', 'ü–€', 'a/b?c=d&e', '<tag> & "quote"', "it's", '100%')

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def value(self, shape, depth: int = 0, location: str | None = None):
        make = getattr(self, f'a_{shape.type_name}', None)
        if make:
            return make(shape, depth)
        if shape.type_name == 'string' or shape.type_name == 'character':
            return self.a_text(shape, location)
        return self.a_number(shape)

    def a_text(self, shape, location: str | None) -> str:
        if getattr(shape, 'enum', None):
            return self.random.choice(shape.enum)
        if location in ('header', 'headers', 'host'):
            return self.random.choice(('a', 'plain-text', 'x1'))
        return self.random.choice(self.TEXTS)

    def a_number(self, shape):
        if shape.type_name in ('float', 'double'):
            return self.random.choice((0.5, 2.25, -3.0))
        return self.random.choice((0, 1, 7, 100))

    def a_boolean(self, _shape, _depth) -> bool:
        return self.random.random() < 0.5

    def a_timestamp(self, _shape, _depth) -> datetime.datetime:
        return datetime.datetime(2026, 11, self.random.randint(1, 28), 4, 5, 6,
                                 tzinfo=datetime.timezone.utc)

    def a_blob(self, _shape, _depth) -> bytes:
        return bytes(self.random.randrange(256) for _ in range(self.random.choice((0, 1, 5))))

    def a_list(self, shape, depth):
        count = self.random.choice((1, 1, 2)) if depth < 4 else 0
        return [self.value(shape.member, depth + 1) for _ in range(count)]

    def a_map(self, shape, depth):
        count = self.random.choice((1, 1, 2)) if depth < 4 else 0
        return {self.value(shape.key, depth + 1, 'headers'): self.value(shape.value, depth + 1,
                                                                        'headers')
                for _ in range(count)}

    def a_structure(self, shape, depth):
        if getattr(shape, 'is_document_type', False):
            return {'any': [1, 'text', None]}
        # DynamoDB's values are a union, which botocore does not say.
        if getattr(shape, 'is_tagged_union', False) or shape.name == 'AttributeValue':
            names = [name for name, member in shape.members.items()
                     if depth < 4 or member.type_name not in ('structure', 'list', 'map')]
            name = self.random.choice(names or list(shape.members))
            return {name: self.value(shape.members[name], depth + 1)}
        out = {}
        for name, member in shape.members.items():
            wanted = name in shape.required_members or member.metadata.get('idempotencyToken')
            if not wanted and (depth >= 3 or self.random.random() < 0.4):
                continue
            location = member.serialization.get('location')
            if member.serialization.get('hostLabel'):
                location = 'host'
            out[name] = self.value(member, depth + 1, location)
        return out


def as_arguments(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return value.strftime('%Y-%m-%dT%H:%M:%SZ')
    if isinstance(value, dict):
        return {name: as_arguments(each) for name, each in value.items()}
    if isinstance(value, list):
        return [as_arguments(each) for each in value]
    return value


# Bodies as what they mean.

def xml_of(element) -> tuple:
    return (element.tag, sorted(element.attrib.items()), element.text or '',
            [xml_of(child) for child in element])


def meaning(protocol: str, body: bytes):
    if not body:
        return b''
    if protocol in ('query', 'ec2'):
        return sorted(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
    try:
        if protocol == 'rest-xml':
            return xml_of(ElementTree.fromstring(body))
        return json.loads(body)
    except (ElementTree.ParseError, ValueError):
        return body


def service_model(service: str) -> dict:
    return contract.load(wheel(), service)
