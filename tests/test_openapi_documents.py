"""Real OpenAPI documents of published packages: each operation is a tool or has a reason, and what
a tool sends is what the document asks for, as openapi-core reads it."""
import json
from pathlib import Path
from urllib.parse import unquote

import jsonschema
import pytest
import yaml
from harness import programs
from harness.api import Api
from harness.samples import sample
from jsonschema import Draft202012Validator
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

PACKAGES = programs.ROOT / 'tests/node/node_modules'
SINGLE = ('@blockfrost/openapi/openapi.yaml',
          '@digdir/dialogporten-schema/swagger.verified.json')
METHODS = ('get', 'put', 'post', 'delete', 'options', 'head', 'patch')
DOCUMENTS = sorted([PACKAGES / name for name in SINGLE]
                   + [path for version in ('3.0', '3.1') for ending in ('json', 'yaml')
                      for path in (PACKAGES / '@readme/oas-examples' / version).rglob(f'*.{ending}')
                      if path.name != 'package.json'])
# Documents without operations, which a target cannot be made of.
EMPTY = ('webhooks', 'title')
loader = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)


def label(path: Path) -> str:
    return str(path.relative_to(PACKAGES))


def read(path: Path) -> dict:
    text = path.read_text(encoding='utf-8-sig')
    return json.loads(text) if path.suffix == '.json' else yaml.load(text, loader)


def operations(document: dict) -> list[tuple[str, str]]:
    found = []
    for path, item in document.get('paths', {}).items():
        while '$ref' in item:
            item = at(document, item['$ref'])
        found += [(method.upper(), path) for method in item if method in METHODS]
    return found


def at(document: dict, reference: str):
    value = document
    for step in reference.removeprefix('#/').split('/'):
        value = value[step.replace('~1', '/').replace('~0', '~')]
    return value


def without(words: tuple[str, ...], value):
    """The document without these lists at any level: another server serves it, to anyone."""
    if isinstance(value, dict):
        return {name: without(words, member) for name, member in value.items()
                if name not in words or not isinstance(member, list)}
    return [without(words, item) for item in value] if isinstance(value, list) else value


def add(gateway, name: str, text: str) -> dict:
    return gateway.at_rest(gateway.control.create_gateway_target(
        gatewayIdentifier=gateway.id, name=name,
        targetConfiguration={'mcp': {'openApiSchema': {'inlinePayload': text}}}))


@pytest.fixture(scope='module')
def api():
    made = Api()
    yield made
    made.close()


def test_there_are_enough_documents():
    assert len(DOCUMENTS) >= 100, len(DOCUMENTS)


@pytest.mark.parametrize('path', DOCUMENTS, ids=label)
def test_every_operation_is_a_tool_or_has_a_reason(gateway, api, path):
    document = without(('servers',), read(path)) | {'servers': [{'url': api.url}]}
    expected = operations(document)
    if path.stem in EMPTY:
        assert expected == []
        with pytest.raises(Exception, match='no paths|no operation'):
            add(gateway(), 'api', json.dumps(document))
        return
    made = gateway()
    text = (json.dumps(document) if path.suffix == '.json'
            else yaml.safe_dump(document, sort_keys=False, allow_unicode=True))
    target = add(made, 'api', text)
    assert target['status'] == 'READY', target['statusReasons']
    tools = made.endpoint().tools()
    left_out = [why for why in target['statusReasons'] if why.startswith('Left out: ')]
    assert len(tools) + len(left_out) == len(expected), target['statusReasons']
    assert not [why for why in target['statusReasons'] if why.startswith('Not checked')]
    for tool in tools:
        for schema in (tool['inputSchema'], tool.get('outputSchema', {})):
            Draft202012Validator.check_schema(schema, format_checker=jsonschema.FormatChecker([]))
        assert tool['inputSchema']['type'] == 'object'


def values(pairs: list[tuple[str, str]]) -> ImmutableMultiDict:
    return ImmutableMultiDict(pairs)


class Received:
    """What the API received, in the form that openapi-core reads."""

    def __init__(self, asked, host_url: str) -> None:
        self.host_url, self.path, self.method = host_url, asked.path, asked.method.lower()
        pairs = asked.headers.get('cookie', '').split('; ')
        cookies = [pair.split('=', 1) for pair in pairs if pair]
        self.parameters = RequestParameters(
            query=values(asked.query), header=Headers(asked.headers),
            cookie=values([(name, unquote(value)) for name, value in cookies]), path={})
        self.body = asked.body or None
        self.content_type = asked.headers.get('content-type', 'application/json')


# Requests that openapi-core 0.23 refuses although they are what the document asks for, by why.
REFERENCE_REFUSES = {
    'it does not read label and matrix paths': (
        'paths_label_exploded', 'paths_label_nonExploded', 'paths_matrix_exploded',
        'paths_matrix_nonExploded'),
    'it reads parts of multipart bodies by style, and numbers in them as text': (
        'encoding_form', 'formData_form_nonExploded', 'formData_spaceDelimited_nonExploded',
        'form_data_deepObject_exploded', 'form_data_form_exploded',
        'form_data_pipeDelimited_nonExploded', 'post_anything_multipart-formdata'),
    'it splits an encoded comma in a cookie': ('cookies_form_nonExploded',),
    'it does not read a header by its content': ('put_anything',),
    'it asks for a parameter Authorization, which OpenAPI says to ignore': ('put_circular',),
    'it takes the bytes of a 3.1 body for no string': ('uploadFile',),
    'the document requires what it does not have': ('boolean_enumSupport',),
    'the document maps a discriminator to nothing': ('patch_mapping-of-schema-names',),
}
REFUSED = {f'api___{name}' for names in REFERENCE_REFUSES.values() for name in names}
# Documents that break the rules of OpenAPI or JSON Schema, so that openapi-core reads none of them.
REFERENCE_CANNOT_READ = {
    'openapi-workshop/post.json': 'an operation without responses',
    '3.0/json/schema-validation.json': 'a default that is no time',
    '3.1/json/schema-validation-local.json': 'a limit that is a boolean',
    '3.1/json/schema-validation-top-level.json': 'a limit that is a boolean',
}
ROUND = [path for path in DOCUMENTS if path.suffix == '.json' and path.stem not in EMPTY
         and not label(path).endswith(tuple(REFERENCE_CANNOT_READ))]


@pytest.mark.parametrize('path', ROUND, ids=label)
def test_what_is_sent_is_what_the_document_asks_for(gateway, api, path):
    document = without(('servers', 'security'), read(path)) | {'servers': [{'url': api.url}]}
    made = gateway()
    add(made, 'api', json.dumps(document))
    endpoint = made.endpoint()
    reference = OpenAPI.from_dict(document)
    wrong, checked, unsent = [], 0, 0
    for tool in endpoint.tools():
        arguments = sample(tool['inputSchema'], tool['inputSchema'])
        before = len(api.received)
        result = endpoint.call(tool['name'], arguments)
        if len(api.received) == before:
            unsent += 1  # the sample does not fit the schema: not a matter of what is sent
            assert 'ValidationException' in result['content'][0]['text'], result
            continue
        try:
            reference.validate_request(Received(api.last, api.url))
            checked += 1
        except Exception as error:
            wrong.append((tool['name'], repr(error)[:200], repr(error.__cause__)[:300],
                          api.last.target, api.last.body[:200]))
    print(f'{label(path)}: {checked} requests read, {len(wrong)} wrong, {unsent} not sent')
    for one in wrong:
        print('   ', *one)
    assert {name for name, *_ in wrong} <= REFUSED
