#!/usr/bin/env python3
"""Tries the OpenAPI 3 documents of folders, for example of a checkout of
github.com/APIs-guru/openapi-directory, as targets of a running gateway: each operation becomes a
tool whose schemas are valid JSON Schema 2020-12, or has a reason. Prints a row a document; with
--each N only the first N documents of each maker, the folder below the given one.

    .venv/tests/bin/python tools/openapi_documents.py [--each N] FOLDER…

A document without an absolute server URL is given one, so that its operations are tried too (*).
"""
import argparse
import collections
import json
import re
import sys
import tempfile
import time
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator, FormatChecker

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / 'tests'))

from harness.gateway import Gateway  # noqa: E402
from harness.server import Server  # noqa: E402

METHODS = ('get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace')
SIZE_MAX = 10 * 1024 * 1024
VERSION = re.compile(rb'^\s*\{?\s*["\']?openapi["\']?\s*:\s*["\']?3\.[01]', re.MULTILINE)
loader = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)


def documents(folder: Path, each: int) -> list[Path]:
    found, makers = [], collections.Counter()
    for path in sorted(folder.rglob('*')):
        if path.suffix not in ('.json', '.yaml', '.yml') or not path.is_file():
            continue
        maker = path.relative_to(folder).parts[0]
        if each and makers[maker] >= each or path.stat().st_size > SIZE_MAX:
            continue
        text = path.read_bytes()
        if VERSION.search(text) and b'paths' in text:
            makers[maker] += 1
            found.append(path)
    return found


def operations(document: dict) -> int:
    return sum(method in METHODS for item in (document.get('paths') or {}).values()
               if isinstance(item, dict) for method in followed(document, item))


def followed(document: dict, item: dict) -> dict:
    """The path item, or the one that it refers to in the same document."""
    reference = item.get('$ref', '')
    if not reference.startswith('#/'):
        return item
    for step in reference[2:].split('/'):
        document = document[step.replace('~1', '/').replace('~0', '~')]
    return document


def with_server(text: str, document: dict) -> str | None:
    """The text with a server of its own, where it has no absolute one."""
    servers = document.get('servers') or []
    if servers and re.match(r'https?://', str(servers[0].get('url', '')).strip()):
        return None
    if any('variables' in one for one in servers[:1]):
        return None
    return json.dumps(document | {'servers': [{'url': 'https://api.example'}]}, default=str)


class Row:
    """What became of one document."""

    def __init__(self, gateway: Gateway, path: Path, name: str) -> None:
        self.name, self.failed, self.left_out = name, '', []
        text = path.read_text(encoding='utf-8-sig')
        document = json.loads(text) if path.suffix == '.json' else yaml.load(text, loader)
        self.version, self.operations = str(document['openapi']), operations(document)
        self.bytes = len(text.encode())
        changed = with_server(text, document)
        self.name += '*' if changed else ''
        self.try_as_target(gateway, changed or text)

    def try_as_target(self, gateway: Gateway, text: str) -> None:
        gateway.server.aws('s3').put_object(Bucket='documents', Key='it', Body=text.encode())
        began = time.monotonic()
        target = gateway.at_rest(gateway.control.create_gateway_target(
            gatewayIdentifier=gateway.id, name='t', targetConfiguration={
                'mcp': {'openApiSchema': {'s3': {'uri': 's3://documents/it'}}}}))
        self.seconds, self.tools = time.monotonic() - began, 0
        reasons = target.get('statusReasons', [])
        if target['status'] == 'READY':
            tools = gateway.endpoint().tools()
            self.tools = len(tools)
            for tool in tools:
                for schema in (tool['inputSchema'], tool.get('outputSchema', {})):
                    Draft202012Validator.check_schema(schema, format_checker=FormatChecker([]))
            self.left_out = [why for why in reasons if why.startswith('Left out: ')]
        else:
            self.failed = reasons[0]
        gateway.control.delete_gateway_target(gatewayIdentifier=gateway.id,
                                              targetId=target['targetId'])
        while gateway.control.list_gateway_targets(gatewayIdentifier=gateway.id)['items']:
            time.sleep(0.02)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--each', type=int, default=0)
    parser.add_argument('folder', type=Path, nargs='+')
    args = parser.parse_args()
    found = [(path, str(path.relative_to(folder))) for folder in args.folder
             for path in documents(folder, args.each)]
    server = Server(Path(tempfile.mkdtemp()), ('--log-level', 'error')).start()
    role = server.make_role('reader', 's3:GetObject')
    gateway = Gateway(server, 'documents', {'authorizerType': 'NONE'}, roleArn=role)
    server.aws('s3').create_bucket(Bucket='documents')
    rows, reasons, broken = [], collections.Counter(), []
    print('| document | version | KB | operations | tools | left out | s |')
    print('| --- | --- | --- | --- | --- | --- | --- |')
    for path, name in found:
        try:
            row = Row(gateway, path, name)
        except Exception as error:  # noqa: BLE001  the next one is tried all the same
            broken.append(f'{path}: {error!r}'[:500])
            continue
        rows.append(row)
        reasons.update(why.split(': ', 2)[-1][:100] for why in row.left_out)
        left_out = row.operations - row.tools
        print(f'| {row.name} | {row.version} | {row.bytes // 1024:,} | {row.operations:,} | '
              f'{row.tools:,} | {left_out:,} | {row.seconds:.2f} |', flush=True)
    server.stop()
    print(f'{len(rows)} documents, {sum(row.operations for row in rows):,} operations, '
          f'{sum(row.tools for row in rows):,} tools, slowest '
          f'{max(row.seconds for row in rows):.2f} s')
    for row in rows:
        told = len(row.left_out) >= min(row.operations - row.tools, 90)  # a status has a hundred
        if row.failed or not told:
            print(f'{row.name}: {row.failed or "an operation without a reason"}')
    print(*broken, sep='\n')
    print(*(f'{count} times: {why}' for why, count in reasons.most_common(20)), sep='\n')


if __name__ == '__main__':
    main()
