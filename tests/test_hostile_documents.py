"""Documents of ten megabytes that want to take the server down: each ends in less than a second of
its processor time, two on a busy machine, and 100 MB of its memory, and the server goes on."""
import json
import os
from pathlib import Path

import pytest
from harness import signed
from harness.gateway import Gateway
from harness.server import Server

SIZE = 10 * 1024 * 1024 - 1024
TICKS = os.sysconf('SC_CLK_TCK')
HEAD = 'openapi: 3.0.3\nservers: [{url: "https://api.example"}]\n'


def repeated(text: str, before: str = '', after: str = '') -> str:
    """As much of the text as fits."""
    return before + text * ((SIZE - len(before) - len(after)) // len(text)) + after


def listed(make, before: str, after: str, separator: str = ',') -> str:
    """make(0), make(1), … as many as fit."""
    parts, size, count = [], len(before) + len(after), 0
    while size < SIZE:
        parts.append(make(count))
        size += len(parts[-1]) + len(separator)
        count += 1
    return before + separator.join(parts[:-1]) + after


def openapi(**members) -> str:
    return json.dumps({'openapi': '3.0.3', 'servers': [{'url': 'https://api.example'}], **members})


def body_of(schema: dict) -> dict:
    return {'requestBody': {'content': {'application/json': {'schema': schema}}}}


def bomb() -> str:
    levels = ''.join(f'a{i}: &a{i} [{", ".join([f"*a{i - 1}"] * 9)}]\n' for i in range(1, 60))
    return repeated('- *a59\n', HEAD + 'a0: &a0 [x, x, x, x, x, x, x, x, x]\n' + levels + 'z:\n')


def merged() -> str:
    keys = ''.join(f'  k{i}: {i}\n' for i in range(2000))
    return repeated('- {<<: *a, x: 1}\n', HEAD + f'a: &a\n{keys}z:\n')


def chain() -> str:
    schemas = {f'S{i}': {'$ref': f'#/components/schemas/S{i + 1}'} for i in range(150_000)}
    schemas['S150000'] = {'type': 'string'}
    paths = {f'/p{i}': {'post': {'operationId': f'o{i}', **body_of(
        {'$ref': f'#/components/schemas/S{i}'})}} for i in range(9_000)}
    return openapi(components={'schemas': schemas}, paths=paths)


def nested_chain() -> str:
    """Each schema has the next as a property: what one tool needs is all of them."""
    schemas = {f'S{i}': {'properties': {'n': {'$ref': f'#/components/schemas/S{i + 1}'}}}
               for i in range(100_000)}
    schemas['S100000'] = {'type': 'string'}
    paths = {f'/p{i}': {'post': {'operationId': f'o{i}', **body_of(
        {'type': 'array', 'items': {'$ref': f'#/components/schemas/S{i}'}})}}
        for i in range(9_000)}
    return openapi(components={'schemas': schemas}, paths=paths)


def choices() -> str:
    schemas = {f'S{i}': {'type': 'string'} for i in range(60_000)}
    one_of = [{'$ref': f'#/components/schemas/S{i}'} for i in range(60_000)]
    bodies = {'B': {'content': {'application/json': {'schema': {'oneOf': one_of}}}}}
    paths = {f'/p{i}': {'post': {'requestBody': {'$ref': '#/components/requestBodies/B'}}}
             for i in range(9_000)}
    return openapi(components={'schemas': schemas, 'requestBodies': bodies}, paths=paths)


OPENAPI = {
    'YAML aliases of aliases': bomb,
    'YAML merges': merged,
    'YAML anchors on every value': lambda: listed(lambda i: f'&a{i} x', HEAD + 'z: [', ']'),
    'YAML brackets': lambda: repeated('[', HEAD + 'z: '),
    'YAML braces': lambda: repeated('{a: ', HEAD + 'z: '),
    'YAML dashes': lambda: repeated('- ', HEAD + 'z:\n  '),
    'YAML question marks': lambda: repeated('? ', HEAD + 'z:\n  '),
    'YAML values': lambda: repeated('- 0\n', HEAD + 'z:\n'),
    'YAML values in a row': lambda: repeated('0,', HEAD + 'z: [', '0]'),
    'YAML members': lambda: listed(lambda i: f'k{i}: {i}', HEAD, '\n', '\n'),
    'YAML as many members as may be': lambda: HEAD + 'x: {' + ','.join(
        f'{i:x}: 0' for i in range(490_000)) + '}',
    'YAML as many texts as may be': lambda: HEAD + 'x:\n' + '- some text of more bytes\n' * 380_000,
    'YAML one text': lambda: repeated('x ', HEAD + 'z: '),
    'YAML text of many lines': lambda: repeated('  x\n', HEAD + 'z:\n'),
    'YAML quotes': lambda: repeated('"', HEAD + 'z: '),
    'YAML a block of text': lambda: repeated('  x\n', HEAD + 'z: |\n'),
    'YAML escapes': lambda: repeated('\\x41', HEAD + 'z: "', '"'),
    'YAML comments': lambda: repeated('#\n', HEAD),
    'YAML tags': lambda: repeated('!a ', HEAD + 'z: '),
    'YAML colons': lambda: repeated(':', HEAD + 'z: '),
    'JSON brackets': lambda: repeated('[', '{"openapi":'),
    'JSON objects': lambda: repeated('{"a":', ''),
    'JSON values': lambda: repeated('0,', '{"openapi":"3.0.3","paths":[', '0]}'),
    'JSON empty objects': lambda: repeated('{},', '{"openapi":"3.0.3","paths":[', '{}]}'),
    'JSON as many values as may be': lambda: (
        '{"openapi":"3.0.3","x":[' + '0,' * 490_000 + '0],"paths":{}}'),
    'JSON as many members as may be': lambda: '{"openapi":"3.0.3","x":{' + ','.join(
        f'"{i:x}":0' for i in range(490_000)) + '},"paths":{}}',
    'JSON empty lists': lambda: '{"openapi":"3.0.3","x":[' + '[],' * 240_000 + '0],"paths":{}}',
    'JSON members': lambda: listed(lambda i: f'"{i:x}":0', '{"openapi":"3.0.3","paths":{', '}}'),
    'JSON one name': lambda: repeated('"a":0,', '{"openapi":"3.0.3","paths":{', '"a":0}}'),
    'JSON one text': lambda: repeated('x', '{"openapi":"3.0.3","paths":{"', '":0}}'),
    'JSON quotes': lambda: repeated('\\"', '{"', '":0}'),
    'operations without anything': lambda: listed(
        lambda i: f'"/{i:x}":{{"get":0}}', '{"openapi":"3.0.3","paths":{', '}}'),
    'paths of other paths': lambda: listed(
        lambda i: f'"/{i:x}":{{"$ref":"#/paths/~1"}}',
        '{"openapi":"3.0.3","servers":[{"url":"https://a"}],"paths":{"/":{"get":{},"put":{},'
        '"post":{},"delete":{},"options":{},"head":{},"patch":{}},', '}}'),
    'references to references': chain,
    'schemas in schemas': nested_chain,
    'a choice of sixty thousand, nine thousand times': choices,
}
MODEL = ('{"smithy":"2.0","shapes":{"a#S":{"type":"service","version":"1","operations":'
         '[{"target":"a#O"}],"traits":{"aws.api#service":{"sdkId":"X","endpointPrefix":"x"},'
         '"aws.protocols#awsJson1_0":{}}},"a#O":{"type":"operation","input":{"target":"a#C0"}},')


def link(i: int) -> str:
    return f'"a#C{i}":{{"type":"structure","members":{{"m":{{"target":"a#C{i + 1}"}}}}}}'


SMITHY = {
    'brackets': lambda: repeated('['),
    'quotes': lambda: repeated('"'),
    'values': lambda: repeated('0,', '{"smithy":"2.0","shapes":{},"x":[', '0]}'),
    'as many values as may be': lambda: (
        '{"smithy":"2.0","shapes":{},"x":[' + '0,' * 590_000 + '0]}'),
    'empty lists': lambda: '{"smithy":"2.0","shapes":{},"x":[' + '[],' * 290_000 + '0]}',
    'a chain of structures': lambda: listed(link, MODEL, '}}'),
    'a chain as long as may be': lambda: MODEL + ','.join(
        link(i) for i in range(75_000)) + ',"a#C75000":{"type":"structure","members":{}}}}',
    'wide structures': lambda: MODEL + '"a#C0":{"type":"structure","members":{' + ','.join(
        f'"m{i}":{{"target":"smithy.api#String"}}' for i in range(190_000)) + '}}}}',
}


@pytest.fixture
def place(tmp_path):
    """A server for each document: what one leaves behind would hide what the next takes."""
    running = Server(tmp_path, ('--search-model', 'off', '--threads', '1')).start()
    running.aws('s3').create_bucket(Bucket='hostile')
    yield running
    assert running.stop() == 0


@pytest.fixture
def gateway(place):
    role = place.make_role('reader', 's3:GetObject')
    return Gateway(place, 'hostile', {'authorizerType': 'NONE'}, roleArn=role)


def memory(pid: int, what: str) -> float:
    """In MB: VmRSS, what it is; VmHWM, the most it was."""
    line = next(one for one in Path(f'/proc/{pid}/status').read_text().splitlines()
                if one.startswith(what + ':'))
    return int(line.split()[1]) / 1024


def processor(pid: int) -> float:
    fields = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def tried(place, gateway, member: str, text: str) -> tuple[dict, float, float]:
    """What a dry run says, its seconds and its megabytes."""
    pid = place.program.pid
    place.aws('s3').put_object(Bucket='hostile', Key='it', Body=text.encode())
    Path(f'/proc/{pid}/clear_refs').write_text('5')  # VmHWM begins anew
    before, began = memory(pid, 'VmRSS'), processor(pid)
    credentials = {} if member == 'openApiSchema' else {'credentialProviderConfigurations': [
        {'credentialProviderType': 'GATEWAY_IAM_ROLE'}]}
    answer = signed.send(
        place, 'POST', f'{place.base}/gateways/{gateway.id}/targets/',
        {'name': 't', 'targetConfiguration': {'mcp': {member: {'s3': {'uri': 's3://hostile/it'}}}},
         **credentials}, headers={'DryRun': 'true'})
    took, grew = processor(pid) - began, memory(pid, 'VmHWM') - before
    assert answer.status_code == 200, answer.text
    return answer.json()['explanation'], took, grew


def expect_bounded(place, gateway, member: str, text: str) -> None:
    told, took, grew = tried(place, gateway, member, text)
    why = next((step['message'] for step in told['steps'] if step['outcome'] == 'FAILED'), '')
    print(f'{told["status"]}: {took:.2f} s, {grew:.0f} MB: {why[:100]}')
    assert took < 2 and grew < 100


@pytest.mark.parametrize('kind', list(OPENAPI))
def test_openapi(place, gateway, kind):
    expect_bounded(place, gateway, 'openApiSchema', OPENAPI[kind]())


@pytest.mark.parametrize('kind', list(SMITHY))
def test_smithy(place, gateway, kind):
    expect_bounded(place, gateway, 'smithyModel', SMITHY[kind]())


def test_the_largest_document_that_is_taken(place, gateway):
    """As large as documents may be, and every operation of it a tool."""
    count = 9_000
    paths = {f'/things/{i}': {'post': {
        'operationId': f'make{i}', 'summary': 'Makes a thing. ' * 20,
        **body_of({'type': 'object', 'properties': {
            f'p{k}': {'type': 'string', 'description': 'What it is. ' * 4} for k in range(7)}})}}
        for i in range(count)}
    text = openapi(paths=paths)
    assert 0.8 * SIZE < len(text) < SIZE, len(text)
    told, took, grew = tried(place, gateway, 'openApiSchema', text)
    print(f'{told["status"]}: {took:.2f} s, {grew:.0f} MB: {told["steps"][-1]["message"]}')
    assert told['status'] == 'READY'
    assert told['steps'][-1]['message'] == f'{count} tools, 0 left out'
