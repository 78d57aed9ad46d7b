#!/usr/bin/env python3
"""Makes the Smithy 2.0 model (JSON AST) of DynamoDB of the service model that botocore brings.

    tools/smithy_sample.py --out DIR     writes DIR/dynamodb-smithy.json and DIR/sample_data.cc

AWS publishes such models and keeps this one in the public bucket of AgentCore Gateway's samples;
ours says the same in the same terms: shapes, operations, documentation, constraints, errors,
protocol and authentication.
"""
import argparse
import hashlib
import json
import re
import zipfile
from pathlib import Path

import contract

SERVICE = 'dynamodb'
NAMESPACE = 'com.amazonaws.dynamodb'
FILE = 'dynamodb-smithy.json'
SIMPLE = {'string': 'string', 'integer': 'integer', 'long': 'long', 'double': 'double',
          'float': 'float', 'boolean': 'boolean', 'timestamp': 'timestamp', 'blob': 'blob'}


def shape_id(name: str) -> str:
    return f'{NAMESPACE}#{name}'


def described(model: dict) -> dict:
    text = model.get('documentation')
    return {'smithy.api#documentation': text} if text else {}


def with_traits(shape: dict, traits: dict) -> dict:
    return shape | {'traits': dict(sorted(traits.items()))} if traits else shape


def constraints(model: dict) -> dict:
    """Length of what has one, range of numbers, pattern of texts."""
    traits = {}
    bounds = {name: model[name] for name in ('min', 'max') if name in model}
    if bounds:
        number = model['type'] in ('integer', 'long', 'float', 'double')
        traits['smithy.api#range' if number else 'smithy.api#length'] = bounds
    if 'pattern' in model:
        traits['smithy.api#pattern'] = f'^{model["pattern"]}$'
    if model.get('sensitive'):
        traits['smithy.api#sensitive'] = {}
    return traits


def member(model: dict, required: bool = False) -> dict:
    traits = described(model)
    if required:
        traits['smithy.api#required'] = {}
    if model.get('idempotencyToken'):
        traits['smithy.api#idempotencyToken'] = {}
    return with_traits({'target': shape_id(model['shape'])}, traits)


def enumeration(values: list[str]) -> dict:
    members = {}
    for value in values:
        name = re.sub(r'[^A-Za-z0-9]+', '_', value).strip('_').upper()
        name = name if name[:1].isalpha() else f'V_{name}'
        members[name] = with_traits({'target': 'smithy.api#Unit'},
                                    {'smithy.api#enumValue': value})
    return members


def error_traits(model: dict) -> dict:
    traits = {'smithy.api#error': 'server' if model.get('fault') else 'client'}
    status = model.get('error', {}).get('httpStatusCode')
    if status:
        traits['smithy.api#httpError'] = status
    if 'retryable' in model:
        traits['smithy.api#retryable'] = (
            {'throttling': True} if model['retryable'].get('throttling') else {})
    return traits


def shape(model: dict) -> dict:
    traits = described(model) | constraints(model)
    if model['type'] == 'structure':
        if model.get('exception'):
            traits |= error_traits(model)
        required = set(model.get('required', ()))
        members = {name: member(each, name in required)
                   for name, each in model.get('members', {}).items()}
        kind = 'union' if model.get('union') else 'structure'
        return with_traits({'type': kind, 'members': members}, traits)
    if model['type'] == 'list':
        return with_traits({'type': 'list', 'member': member(model['member'])}, traits)
    if model['type'] == 'map':
        return with_traits({'type': 'map', 'key': member(model['key']),
                            'value': member(model['value'])}, traits)
    if 'enum' in model:
        return with_traits({'type': 'enum', 'members': enumeration(model['enum'])}, traits)
    return with_traits({'type': SIMPLE[model['type']]}, traits)


def operation(model: dict) -> dict:
    unit = 'smithy.api#Unit'
    out = {'type': 'operation',
           'input': {'target': shape_id(model['input']['shape']) if 'input' in model else unit},
           'output': {'target': shape_id(model['output']['shape']) if 'output' in model else unit}}
    if model.get('errors'):
        out['errors'] = [{'target': shape_id(error['shape'])} for error in model['errors']]
    return with_traits(out, described(model))


def service(model: dict) -> dict:
    metadata = model['metadata']
    traits = described(model) | {
        'aws.api#service': {'sdkId': metadata['serviceId'], 'arnNamespace': SERVICE,
                            'cloudFormationName': metadata['serviceId'],
                            'endpointPrefix': metadata['endpointPrefix']},
        'aws.auth#sigv4': {'name': metadata.get('signingName', metadata['endpointPrefix'])},
        f'aws.protocols#awsJson{metadata["jsonVersion"].replace(".", "_")}': {},
        'smithy.api#title': metadata['serviceFullName'],
        'smithy.api#xmlNamespace': {
            'uri': f'http://dynamodb.amazonaws.com/doc/{metadata["apiVersion"]}/'}}
    return with_traits({'type': 'service', 'version': metadata['apiVersion'],
                        'operations': [{'target': shape_id(name)}
                                       for name in sorted(model['operations'])]}, traits)


def convert(model: dict) -> dict:
    shapes = {shape_id(name): shape(each) for name, each in model['shapes'].items()}
    shapes |= {shape_id(name): operation(each) for name, each in model['operations'].items()}
    for each in model['operations'].values():
        for part in ('input', 'output'):
            if part in each:
                traits = shapes[shape_id(each[part]['shape'])].setdefault('traits', {})
                traits[f'smithy.api#{part}'] = {}
    shapes[shape_id(model['metadata']['targetPrefix'])] = service(model)
    return {'smithy': '2.0', 'shapes': dict(sorted(shapes.items()))}


def embedding(file: Path) -> str:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return '\n'.join([
        '// Written by tools/smithy_sample.py.', f'// Of the file: {digest}',
        '#include "services/s3/sample.h"', '',
        f'extern const char sample_digest[] = "{digest}";',
        'asm(".section .rodata\\n.balign 16\\nsmithy_sample:\\n"',
        f'    ".incbin \\"{file}\\"\\n"', '    "smithy_sample_end:\\n.byte 0\\n.text\\n");',
        'extern "C" const char smithy_sample[];', 'extern "C" const char smithy_sample_end[];', '',
        'namespace toolgate::services::s3 {',
        'std::string_view sample_text() { return {smithy_sample, smithy_sample_end}; }',
        '}  // namespace toolgate::services::s3', ''])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('--out', type=Path, required=True)
    out = arguments.parse_args().out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(contract.fetch()) as wheel:
        model = convert(contract.load(wheel, SERVICE))
    contract.write(out / FILE, json.dumps(model, indent=1) + '\n')
    contract.write(out / 'sample_data.cc', embedding(out / FILE))


if __name__ == '__main__':
    main()
