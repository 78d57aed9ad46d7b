#!/usr/bin/env python3
"""Fetches the AWS service models and cuts them to what toolgate needs of them.

    tools/contract.py --out DIR      writes DIR/<service>.json and DIR/contract_data.cc

The models come with the PyPI package `botocore` (Apache-2.0), pinned here by version and hash and
kept in .cache/. A cut model holds the whole shapes of the operations in src/aws/served.txt and of
the service's errors; of every other operation only name, method and URI. Documentation is left out.
"""
import argparse
import gzip
import hashlib
import json
import sys
import zipfile
from pathlib import Path

from wheel import fetch as wheel_of, sha256_of

ROOT = Path(__file__).resolve().parent.parent
SERVED = ROOT / 'src/aws/served.txt'

# A bump is a commit of its own.
VERSION = '1.44.5'
SHA256 = '8f16a56d1dff125dd65322ae021efa7ba5195a6db5102b96862566055b748921'
WHEEL = f'botocore-{VERSION}-py3-none-any.whl'

# The services that the door knows, by the names of their folders in the package.
SERVICES = [
    'bedrock-agentcore-control', 'bedrock-agentcore', 'bedrock-runtime', 'cognito-idp', 'iam',
    'sts', 'lambda', 's3', 'ecr', 'codebuild', 'logs', 'xray', 'kms',
]
PROTOCOLS = ('rest-json', 'json', 'query', 'rest-xml')  # that we speak

METADATA = ('targetPrefix', 'jsonVersion', 'endpointPrefix', 'signingName', 'apiVersion',
            'serviceId', 'xmlNamespace', 'globalEndpoint')
NOT_NEEDED = {'documentation', 'deprecatedMessage', 'deprecatedSince', 'deprecated', 'synthetic',
              'retryable'}


def fetch() -> Path:
    return wheel_of('contract', 'botocore', VERSION, WHEEL, SHA256)


def load(wheel: zipfile.ZipFile, service: str) -> dict:
    """The newest service model of one service."""
    found = sorted(name for name in wheel.namelist()
                   if name.startswith(f'botocore/data/{service}/')
                   and name.endswith(('/service-2.json.gz', '/service-2.json')))
    if not found:
        sys.exit(f'contract: botocore {VERSION} has no service {service}')
    data = wheel.read(found[-1])
    return json.loads(gzip.decompress(data) if found[-1].endswith('.gz') else data)


def served() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {service: [] for service in SERVICES}
    for number, line in enumerate(SERVED.read_text().splitlines(), 1):
        words = line.partition('#')[0].split()
        if not words:
            continue
        if len(words) != 2 or words[0] not in found:
            sys.exit(f'{SERVED.name}:{number}: expected "service Operation", a service of '
                     f'{", ".join(SERVICES)}')
        found[words[0]].append(words[1])
    return found


def references(shape: dict) -> list[str]:
    found = [member['shape'] for member in shape.get('members', {}).values()]
    return found + [shape[part]['shape'] for part in ('member', 'key', 'value') if part in shape]


def slim(value):
    """Without what we do not read. Members of a shape keep their names, whatever those are."""
    if isinstance(value, list):
        return [slim(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: ({name: slim(item) for name, item in inner.items()} if key == 'members'
                  else slim(inner))
            for key, inner in value.items() if key not in NOT_NEEDED}


def cut(model: dict, operations: list[str], service: str) -> dict:
    metadata = model['metadata']
    spoken = [p for p in metadata.get('protocols', [metadata['protocol']]) if p in PROTOCOLS]
    if not spoken:
        sys.exit(f'contract: {service} speaks none of {", ".join(PROTOCOLS)}')
    out: dict = {'metadata': {'protocol': spoken[0]}, 'operations': {}, 'shapes': {}}
    out['metadata'] |= {key: metadata[key] for key in METADATA if key in metadata}

    roots = []
    for name, operation in model['operations'].items():
        http = operation['http']
        row = {'method': http['method'], 'uri': http['requestUri']}
        if name in operations:
            row['served'] = True
            row['status'] = http.get('responseCode', 200)
            if operation.get('authtype') == 'none':
                row['unsigned'] = True
            for part in ('input', 'output'):
                if part in operation:
                    row[part] = operation[part]['shape']
                    roots.append(operation[part]['shape'])
                    if 'resultWrapper' in operation[part]:
                        row['resultWrapper'] = operation[part]['resultWrapper']
        out['operations'][name] = row
    for name in operations:
        if name not in model['operations']:
            sys.exit(f'{SERVED.name}: {service} has no operation {name}')

    if operations:
        roots += [name for name, shape in model['shapes'].items() if shape.get('exception')]
    while roots:
        name = roots.pop()
        if name not in out['shapes']:
            out['shapes'][name] = slim(model['shapes'][name])
            roots += references(model['shapes'][name])
    out['shapes'] = dict(sorted(out['shapes'].items()))
    return out


def folder_of(uri: str) -> str:
    """The first part of an operation's path; "*" where that may be anything."""
    first = uri.partition('?')[0].split('/')[1]
    return '*' if not first or '{' in first else first


def write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text() != text:  # an unchanged file rebuilds nothing
        path.write_text(text)


def embedding(out: Path) -> str:
    """A C++ file whose assembler takes the files in as they are: no compiler reads the bytes."""
    # The compiler and its cache look at this file alone: it must change when a model does.
    models = ''.join(sha256_of(out / f'{service}.json') for service in SERVICES)
    digest = hashlib.sha256(models.encode()).hexdigest()
    lines = ['// Written by tools/contract.py.', f'// Of the models: {digest}',
             '#include "aws/contract_data.h"', '',
             f'extern const char contract_digest[] = "{digest}";']
    for number, service in enumerate(SERVICES):
        lines += [f'asm(".section .rodata\\n.balign 16\\ncontract_{number}:\\n"',
                  f'    ".incbin \\"{out / service}.json\\"\\n"',
                  f'    "contract_{number}_end:\\n.byte 0\\n.text\\n");',
                  f'extern "C" const char contract_{number}[];',
                  f'extern "C" const char contract_{number}_end[];']
    lines += ['', 'namespace toolgate::aws {', 'const std::vector<ContractData>& contract_data() {',
              '  static const std::vector<ContractData> all{']
    for number, service in enumerate(SERVICES):
        model = json.loads((out / f'{service}.json').read_text())
        words = [model['metadata'].get(name, '') for name in
                 ('protocol', 'targetPrefix', 'endpointPrefix', 'signingName')]
        words[3] = words[3] or words[2]
        operations = {name: operation for name, operation in model['operations'].items()
                      if operation.get('served')}
        folders = sorted({folder_of(operation['uri']) for operation in operations.values()})
        listed = [f' {" ".join(some)} ' for some in (operations, folders)]
        texts = ', '.join(f'"{word}"' for word in [service, *words, *listed])
        lines.append(f'      {{{texts}, {{contract_{number}, contract_{number}_end}}}},')
    lines += ['  };', '  return all;', '}', '}  // namespace toolgate::aws', '']
    return '\n'.join(lines)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('--out', type=Path, required=True)
    out = arguments.parse_args().out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    operations = served()
    with zipfile.ZipFile(fetch()) as wheel:
        for service in SERVICES:
            model = cut(load(wheel, service), operations[service], service)
            write(out / f'{service}.json', json.dumps(model, separators=(',', ':')))
    write(out / 'contract_data.cc', embedding(out))


if __name__ == '__main__':
    main()
