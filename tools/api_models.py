#!/usr/bin/env python3
"""Tries every model of a checkout of github.com/aws/api-models-aws as a target, by dry runs, and
prints how many operations become tools, by protocol, and what fails.

    .venv/tests/bin/python tools/api_models.py CHECKOUT
"""
import collections
import json
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / 'tests'))

from harness import signed  # noqa: E402
from harness.gateway import Gateway  # noqa: E402
from harness.server import Server  # noqa: E402

ROLE = [{'credentialProviderType': 'GATEWAY_IAM_ROLE'}]
# In the order in which a service that speaks several is spoken to.
PROTOCOLS = ('awsJson1_0', 'awsJson1_1', 'restJson1', 'restXml', 'awsQuery', 'ec2Query')


def protocol_of(model: dict) -> str:
    for shape in model['shapes'].values():
        if shape['type'] == 'service':
            named = [one for one in PROTOCOLS if f'aws.protocols#{one}' in shape.get('traits', {})]
            return named[0] if named else 'other'
    return 'no service'


def dry_run(server: Server, gateway: Gateway, key: str) -> dict:
    answer = signed.send(
        server, 'POST', f'{server.base}/gateways/{gateway.id}/targets/', {
            'name': 't', 'credentialProviderConfigurations': ROLE, 'targetConfiguration': {
                'mcp': {'smithyModel': {'s3': {'uri': f's3://api-models/{key}'}}}}},
        headers={'DryRun': 'true'})
    assert answer.status_code == 200, answer.text
    return answer.json()['explanation']


def main() -> None:
    files = sorted(Path(sys.argv[1]).glob('**/service/*/*.json'))
    server = Server(Path(tempfile.mkdtemp()), ('--log-level', 'error')).start()
    role = server.make_role('reader', 's3:GetObject')
    gateway = Gateway(server, 'models', {'authorizerType': 'NONE'}, roleArn=role)
    s3 = server.aws('s3')
    s3.create_bucket(Bucket='api-models')
    rows, failed, slowest = collections.defaultdict(collections.Counter), [], (0.0, '')
    for file in files:
        text = file.read_bytes()
        model = json.loads(text)
        s3.put_object(Bucket='api-models', Key=file.name, Body=text)
        began = time.monotonic()
        told = dry_run(server, gateway, file.name)
        slowest = max(slowest, (time.monotonic() - began, file.name))
        row = rows[protocol_of(model)]
        row['models'] += 1
        row['operations'] += sum(one['type'] == 'operation' for one in model['shapes'].values())
        if told['status'] != 'READY':
            why = next(one for one in told['steps'] if one['outcome'] == 'FAILED')
            failed.append(f'{file.name}: {why["step"]}: {why["message"][:300]}')
            continue
        row['ready'] += 1
        row['tools'] += int(told['steps'][-1]['message'].split()[0])
        row['left out'] += sum(one['outcome'] == 'LEFT_OUT' for one in told['steps'])
    server.stop()
    print('| protocol | models | come up | operations | tools | left out |')
    print('| --- | --- | --- | --- | --- | --- |')
    for name, row in sorted(rows.items()):
        print(f'| {name} | {row["models"]} | {row["ready"]} | {row["operations"]} | '
              f'{row["tools"]} | {row["left out"]} |')
    print(f'slowest: {slowest[1]}, {slowest[0]:.1f} s')
    print('\n'.join(failed))


if __name__ == '__main__':
    main()
