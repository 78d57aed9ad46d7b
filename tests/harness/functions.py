"""Lambda functions as tests make them: from a few lines of source, zipped as the toolkit zips."""
import io
import json
import shutil
import subprocess
import time
import zipfile
from pathlib import Path

TRUST = {'Version': '2012-10-17', 'Statement': [{
    'Effect': 'Allow', 'Principal': {'Service': 'lambda.amazonaws.com'},
    'Action': 'sts:AssumeRole'}]}


def zipped(**files: str | bytes) -> bytes:
    """An archive of name=content; a name's dots are written as __."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace('__', '.'), content)
    return buffer.getvalue()


def role_of(server, name: str = 'function', trust: dict | None = None) -> str:
    iam = server.aws('iam')
    try:
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust or TRUST))
    except iam.exceptions.EntityAlreadyExistsException:
        made = iam.get_role(RoleName=name)
    return made['Role']['Arn']


def own_runtime(folder: Path) -> dict[str, bytes]:
    """The code of a `provided` function: servers/own_runtime.cc, compiled."""
    compiler = shutil.which('clang++-19') or shutil.which('c++')
    source = Path(__file__).parent.parent / 'servers/own_runtime.cc'
    subprocess.run([compiler, '-O1', '-o', folder / 'bootstrap', source], check=True)
    return {'bootstrap': (folder / 'bootstrap').read_bytes()}


class Function:
    """A function of a server; deleted with it."""

    def __init__(self, server, name: str, source: str | dict, **more) -> None:
        self.server = server
        self.name = name
        self.client = server.aws('lambda')
        runtime = more.pop('Runtime', 'python3.11')
        if isinstance(source, str):
            source = {'app__mjs' if runtime.startswith('node') else 'app__py': source}
        handler = 'app.handler'
        self.made = self.client.create_function(**{
            'FunctionName': name, 'Runtime': runtime, 'Handler': handler,
            'Role': role_of(server), 'Code': {'ZipFile': zipped(**source)}, **more})
        self.arn = self.made['FunctionArn']

    def invoke(self, event=None, **more) -> dict:
        answer = self.client.invoke(FunctionName=self.name, Payload=json.dumps(event), **more)
        answer['Payload'] = answer['Payload'].read()
        return answer

    def __call__(self, event=None, **more):
        """What it answers; an assertion when that is an error."""
        answer = self.invoke(event, **more)
        assert 'FunctionError' not in answer, answer['Payload']
        return json.loads(answer['Payload'])

    def error(self, event=None, **more) -> dict:
        answer = self.invoke(event, **more)
        assert answer.get('FunctionError') == 'Unhandled', answer['Payload'][:1000]
        return json.loads(answer['Payload'])

    def update(self, **files: str | bytes) -> dict:
        return self.client.update_function_code(FunctionName=self.name, ZipFile=zipped(**files))

    def log(self, text: str = '', seconds: float = 20) -> list[str]:
        """The lines of its group, once one of them holds the text."""
        logs = self.server.aws('logs')
        until = time.monotonic() + seconds
        while True:
            try:
                pages = logs.get_paginator('filter_log_events').paginate(
                    logGroupName=f'/aws/lambda/{self.name}')
                lines = [one['message'] for page in pages for one in page['events']]
            except logs.exceptions.ResourceNotFoundException:
                lines = []
            if any(text in line for line in lines):
                return lines
            assert time.monotonic() < until, f'no {text!r} in {lines[-20:]}'
            time.sleep(0.05)
