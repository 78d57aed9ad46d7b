"""Builds, images and runtimes as tests make them: from one source file, without packages."""
import contextlib
import io
import json
import time
import uuid
import zipfile

import botocore.exceptions
import pytest

# An MCP server in forty lines of the standard library, on the port of the contract.
MCP_SERVER = '''
import http.server, json, os, sys
VERSION = {version!r}
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        method = body.get('method')
        if method == 'initialize':
            result = dict(protocolVersion='2025-06-18', capabilities=dict(tools={{}}),
                          serverInfo=dict(name='plain', version=VERSION))
        elif method == 'tools/list':
            result = dict(tools=[dict(name='version', inputSchema=dict(type='object'))])
        else:
            result = dict(content=[dict(type='text', text=VERSION)])
        if 'id' not in body:
            self.send_response(202); self.send_header('Content-Length', '0'); self.end_headers()
            return
        text = json.dumps(dict(jsonrpc='2.0', id=body['id'], result=result)).encode()
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def log_message(self, *_): pass
print('listening', VERSION, flush=True)
http.server.ThreadingHTTPServer(('0.0.0.0', 8000), Handler).serve_forever()
'''

HTTP_AGENT = '''
import http.server, json, os, sys, time, uuid
BORN = uuid.uuid4().hex
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, body, status=200):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def do_GET(self):
        self.answer(dict(status='Healthy', time_of_last_update=int(time.time())))
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        want = asked.get('want')
        if want == 'environment':
            self.answer(dict(os.environ))
        elif want == 'headers':
            self.answer({name.lower(): value for name, value in self.headers.items()})
        elif want == 'error':
            self.answer(dict(), 500)
        elif want == 'die':
            os._exit(3)
        elif want == 'stream':
            self.send_response(200)
            self.send_header('Content-Type', 'text/event-stream')
            self.end_headers()
            for number in range(3):
                self.wfile.write(f'data: {number}\\n\\n'.encode()); self.wfile.flush()
                time.sleep(0.4)
        elif want == 'who':
            import boto3
            self.answer(dict(arn=boto3.client('sts').get_caller_identity()['Arn']))
        else:
            self.answer(dict(echo=asked, born=BORN))
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(('0.0.0.0', 8080), Handler).serve_forever()
'''

DOCKERFILE = ('FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\n'
              'CMD ["opentelemetry-instrument", "python", "-m", "server"]\n')
BUILDSPEC = '''version: 0.2
phases:
  build:
    commands:
      - docker build -t image .
  post_build:
    commands:
      - docker push {image}
'''


def archive(files: dict[str, str], older: list[str] = ()) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as made:
        for name, text in files.items():
            when = (2024 if name in older else 2025, 1, 1, 0, 0, 0)
            made.writestr(zipfile.ZipInfo(name, when), text)
    return out.getvalue()


def role_of(server) -> str:
    """A role of runtimes: it may read images, and nothing else."""
    iam = server.aws('iam')
    trust = {'Version': '2012-10-17', 'Statement': [{
        'Effect': 'Allow', 'Action': 'sts:AssumeRole',
        'Principal': {'Service': 'bedrock-agentcore.amazonaws.com'}}]}
    try:
        made = iam.create_role(RoleName='agent', AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(RoleName='agent', PolicyName='images', PolicyDocument=json.dumps({
            'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Resource': '*', 'Action': [
                'ecr:GetAuthorizationToken', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']}]}))
    except iam.exceptions.EntityAlreadyExistsException:
        made = iam.get_role(RoleName='agent')
    return made['Role']['Arn']


def build_role_of(server, *actions: str) -> str:
    """A service role of builds; anew at each call, so that it may just this."""
    iam = server.aws('iam')
    trust = {'Version': '2012-10-17', 'Statement': [{
        'Effect': 'Allow', 'Action': 'sts:AssumeRole',
        'Principal': {'Service': 'codebuild.amazonaws.com'}}]}
    try:
        iam.create_role(RoleName='builds', AssumeRolePolicyDocument=json.dumps(trust))
    except iam.exceptions.EntityAlreadyExistsException:
        pass
    server.allow_role('builds', *(actions or ('s3:GetObject', 'ecr:PutImage')))
    return f'arn:aws:iam::{server.ready["account"]}:role/builds'


def put_archive(server, name: str, data: bytes) -> str:
    s3 = server.aws('s3')
    try:
        s3.create_bucket(Bucket='sources')
    except botocore.exceptions.ClientError:
        pass  # it is there
    s3.put_object(Bucket='sources', Key=f'{name}.zip', Body=data)
    return f'sources/{name}.zip'


def at_end(server, started: dict) -> dict:
    codebuild = server.aws('codebuild')
    until = time.monotonic() + 120
    while True:
        now = codebuild.batch_get_builds(ids=[started['id']])['builds'][0]
        if now['buildComplete'] or time.monotonic() > until:
            return now
        time.sleep(0.05)


def build(server, name: str, data: bytes, tag: str = 'latest', wait: bool = True,
          **settings) -> dict:
    """One CodeBuild build, to its end unless told not to wait."""
    ecr, codebuild = server.aws('ecr'), server.aws('codebuild')
    try:
        ecr.create_repository(repositoryName=name)
    except ecr.exceptions.RepositoryAlreadyExistsException:
        pass
    uri = ecr.describe_repositories(repositoryNames=[name])['repositories'][0]['repositoryUri']
    project = {'name': name, 'artifacts': {'type': 'NO_ARTIFACTS'},
               'source': {'type': 'S3', 'location': put_archive(server, name, data),
                          'buildspec': BUILDSPEC.format(image=f'{uri}:{tag}')},
               'environment': {'type': 'ARM_CONTAINER', 'image': 'any',
                               'computeType': 'BUILD_GENERAL1_SMALL'}} | settings
    if 'serviceRole' not in project:
        project['serviceRole'] = build_role_of(server)
    try:
        codebuild.create_project(**project)
    except codebuild.exceptions.ResourceAlreadyExistsException:
        codebuild.update_project(**project)
    started = codebuild.start_build(projectName=name)['build']
    return at_end(server, started) if wait else started


class Deployed:
    """A runtime made of one source file, through CodeBuild and ECR; or of an artifact."""

    def __init__(self, server, name: str, source: str = '', artifact: dict | None = None,
                 packages: str = '', **settings) -> None:
        self.server, self.name = server, name
        self.dockerfile = DOCKERFILE + (f'RUN pip install {packages}\n' if packages else '')
        self.control = server.aws('bedrock-agentcore-control')
        self.settings = {'networkConfiguration': {'networkMode': 'PUBLIC'},
                         'roleArn': role_of(server)} | settings
        self.made = self.control.create_agent_runtime(
            agentRuntimeName=name, agentRuntimeArtifact=artifact or self.artifact(source),
            **self.settings)
        self.id, self.arn = self.made['agentRuntimeId'], self.made['agentRuntimeArn']
        self.endpoint = self.at_rest()

    def artifact(self, source: str) -> dict:
        tag = uuid.uuid4().hex[:8]
        built = build(self.server, self.name.lower(),
                      archive({'server.py': source, 'Dockerfile': self.dockerfile}), tag)
        assert built['buildStatus'] == 'SUCCEEDED', built['phases']
        account, region = self.server.ready['account'], self.server.ready['region']
        return {'containerConfiguration': {'containerUri':
                f'{account}.dkr.ecr.{region}.amazonaws.com/{self.name.lower()}:{tag}'}}

    def update(self, source: str) -> dict:
        self.control.update_agent_runtime(
            agentRuntimeId=self.id, agentRuntimeArtifact=self.artifact(source), **self.settings)
        return self.at_rest()

    def at_rest(self) -> dict:
        until = time.monotonic() + 60
        while True:
            now = self.control.get_agent_runtime_endpoint(agentRuntimeId=self.id,
                                                          endpointName='DEFAULT')
            if not now['status'].endswith('ING') or time.monotonic() > until:
                return now
            time.sleep(0.05)

    def invoke(self, body: dict, **more):
        answer = self.server.aws('bedrock-agentcore').invoke_agent_runtime(
            agentRuntimeArn=self.arn, payload=json.dumps(body).encode(),
            contentType='application/json', accept='application/json', **more)
        return json.loads(answer['response'].read())

    def log(self, word: str) -> str:
        """Its log group, once `word` is in it."""
        logs = self.server.aws('logs')
        until = time.monotonic() + 30
        while True:
            text = '\n'.join(event['message'] for event in logs.filter_log_events(
                logGroupName=f'/aws/bedrock-agentcore/runtimes/{self.id}-DEFAULT')['events'])
            if word in text or time.monotonic() > until:
                return text
            time.sleep(0.1)


@contextlib.contextmanager
def refused(code: str):
    """The call in the block is refused with this error of AWS."""
    with pytest.raises(botocore.exceptions.ClientError) as refusal:
        yield refusal
    assert refusal.value.response['Error']['Code'] == code, refusal.value
