"""CodeBuild, ECR and code archives: what is built, what is refused, what the registry shows."""
import json
import os
import shutil
import subprocess

import pytest
from harness.hosting import (DOCKERFILE, HTTP_AGENT, Deployed, archive, at_end, build,
                             build_role_of, put_archive, refused, role_of)
from harness.programs import NODE, ROOT
from harness.running import write_wheel

NODE_SERVER = '''
const http = require('http');
http.createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ path: request.url, version: process.version }));
}).listen(8080, '0.0.0.0');
'''


# A build backend of its own, which writes beside its sources as setuptools does.
BACKEND = '''
import zipfile
def build_wheel(folder, settings=None, metadata=None):
    open('written-beside', 'w').close()
    name = open('name.txt').read().strip()
    info = f'{name}-1.0.dist-info'
    with zipfile.ZipFile(f'{folder}/{name}-1.0-py3-none-any.whl', 'w') as made:
        made.writestr(f'{name}.py', '')
        made.writestr(f'{info}/METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n')
        made.writestr(f'{info}/WHEEL',
                      'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
        made.writestr(f'{info}/RECORD', '')
    return f'{name}-1.0-py3-none-any.whl'
build_editable = build_wheel
'''
BUILT_HERE = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def project(name: str, folder: str = '') -> dict[str, str]:
    """Files of a Python project that is installed without an index."""
    return {f'{folder}pyproject.toml': BUILT_HERE, f'{folder}backend.py': BACKEND,
            f'{folder}name.txt': name}


def log_of(server, built: dict) -> str:
    place = built['logs']
    return '\n'.join(event['message'] for event in server.aws('logs').get_log_events(
        logGroupName=place['groupName'], logStreamName=place['streamName'],
        startFromHead=True)['events'])


@pytest.fixture
def server(own_server):
    return own_server()


def test_code_is_deployed_without_a_build(server):
    location = put_archive(server, 'direct', archive({'agent.py': HTTP_AGENT}))
    runtime = Deployed(server, 'direct', artifact={'codeConfiguration': {
        'code': {'s3': {'bucket': 'sources', 'prefix': location.split('/', 1)[1]}},
        'runtime': 'PYTHON_3_11', 'entryPoint': ['opentelemetry-instrument', 'agent.py']}})
    assert runtime.endpoint['status'] == 'READY', runtime.endpoint
    assert runtime.invoke({'hello': 1})['echo'] == {'hello': 1}


def test_code_is_read_for_who_may_read_it(server):
    """The role, or who deploys: never because the server itself may."""
    put_archive(server, 'mine', archive({'agent.py': HTTP_AGENT}))
    iam = server.aws('iam')
    role = role_of(server)
    iam.create_user(UserName='ann')
    key = iam.create_access_key(UserName='ann')['AccessKey']
    iam.put_user_policy(UserName='ann', PolicyName='deploys', PolicyDocument=policy(
        ['bedrock-agentcore:*', 'iam:PassRole'], '*'))
    control = server.aws('bedrock-agentcore-control', aws_access_key_id=key['AccessKeyId'],
                         aws_secret_access_key=key['SecretAccessKey'])

    def create(name: str) -> dict:
        return control.create_agent_runtime(
            agentRuntimeName=name, roleArn=role, networkConfiguration={'networkMode': 'PUBLIC'},
            agentRuntimeArtifact={'codeConfiguration': {
                'code': {'s3': {'bucket': 'sources', 'prefix': 'mine.zip'}},
                'runtime': 'PYTHON_3_11', 'entryPoint': ['agent.py']}})

    with refused('AccessDeniedException') as refusal:
        create('none')
    assert 'the role needs s3:GetObject on arn:aws:s3:::sources/mine.zip' in str(refusal.value)
    iam.put_role_policy(RoleName='agent', PolicyName='code', PolicyDocument=policy(
        ['s3:GetObject'], 'arn:aws:s3:::sources/mine.zip'))
    made = create('by_the_role')
    assert control.get_agent_runtime(agentRuntimeId=made['agentRuntimeId'])['status'] == 'READY'
    iam.delete_role_policy(RoleName='agent', PolicyName='code')
    iam.put_user_policy(UserName='ann', PolicyName='reads', PolicyDocument=policy(
        ['s3:GetObject'], 'arn:aws:s3:::sources/*'))
    made = create('by_the_caller')
    assert control.get_agent_runtime(agentRuntimeId=made['agentRuntimeId'])['status'] == 'READY'


def policy(actions: list[str], resource: str) -> str:
    return json.dumps({'Version': '2012-10-17', 'Statement': [
        {'Effect': 'Allow', 'Action': actions, 'Resource': resource}]})


def test_node_programs_run_with_the_node_of_the_path(own_server, monkeypatch, tmp_path):
    """A link there, as version managers make it, to where a sandbox shows nothing by itself."""
    (tmp_path / 'node').symlink_to(NODE)
    monkeypatch.setenv('PATH', f'{tmp_path}:{os.environ["PATH"]}')
    server = own_server()
    put_archive(server, 'node', archive({'main.js': NODE_SERVER}))
    runtime = Deployed(server, 'node', artifact={'codeConfiguration': {
        'code': {'s3': {'bucket': 'sources', 'prefix': 'node.zip'}},
        'runtime': 'NODE_22', 'entryPoint': ['main.js']}})
    assert runtime.endpoint['status'] == 'READY', runtime.endpoint['failureReason']
    version = subprocess.run([NODE, '--version'], capture_output=True, text=True, check=True).stdout
    assert runtime.invoke({}) == {'path': '/invocations', 'version': version.strip()}


def test_a_build_goes_on_after_the_server_was_killed(server):
    started = build(server, 'again', archive({
        'server.py': '', 'Dockerfile': DOCKERFILE + 'RUN pip install idna==3.20\n'}), wait=False)
    server.kill()
    server.start()
    ended = at_end(server, started)
    assert ended['buildStatus'] == 'SUCCEEDED', ended['phases']


def test_builds_that_fail_say_why(server):
    no_dockerfile = build(server, 'bare', archive({'server.py': ''}))
    assert no_dockerfile['buildStatus'] == 'FAILED'
    assert 'no Dockerfile' in no_dockerfile['phases'][-2]['contexts'][0]['message']
    no_command = build(server, 'bare', archive({'Dockerfile': 'FROM python:3.11\nCOPY . .\n'}))
    assert 'neither CMD nor ENTRYPOINT' in no_command['phases'][-2]['contexts'][0]['message']
    leaves = build(server, 'bare', archive({'../out.py': '', 'Dockerfile': DOCKERFILE}))
    assert 'would leave the folder' in leaves['phases'][-2]['contexts'][0]['message']
    packages = build(server, 'bare', archive({
        'requirements.txt': 'no-such-package-of-toolgate==1\n',
        'Dockerfile': 'FROM python:3.11\nCOPY . .\nRUN pip install -r requirements.txt\n'
                      'CMD ["python", "x.py"]\n'}))
    assert 'no-such-package-of-toolgate' in packages['phases'][-2]['contexts'][0]['message']
    ids = server.aws('codebuild').list_builds_for_project(projectName='bare')['ids']
    assert len(ids) == 4


def test_a_build_is_its_service_role(server):
    """It reads and pushes what the project's role may; the message names what is missing."""
    code = archive({'server.py': '', 'Dockerfile': DOCKERFILE})

    def failure(role: str) -> tuple[str, str]:
        ended = build(server, 'roles', code, serviceRole=role)
        assert ended['buildStatus'] == 'FAILED', ended['phases']
        phase = ended['phases'][-2]
        return phase['phaseType'], phase['contexts'][0]['message']

    phase, why = failure(build_role_of(server, 'ecr:PutImage'))
    assert phase == 'DOWNLOAD_SOURCE'
    assert 'role/builds is not authorized to perform s3:GetObject' in why
    assert 'arn:aws:s3:::sources/roles.zip' in why
    phase, why = failure(build_role_of(server, 's3:GetObject'))
    assert phase == 'POST_BUILD'
    assert 'ecr:PutImage' in why and ':repository/roles' in why
    phase, why = failure(role_of(server))
    assert phase == 'DOWNLOAD_SOURCE' and 'codebuild.amazonaws.com may not assume' in why
    phase, why = failure(f'arn:aws:iam::{server.ready["account"]}:role/nobody')
    assert phase == 'DOWNLOAD_SOURCE' and 'role/nobody does not exist' in why
    assert server.aws('ecr').list_images(repositoryName='roles')['imageIds'] == []
    ended = build(server, 'roles', code,
                  serviceRole=build_role_of(server, 's3:GetObject', 'ecr:PutImage'))
    assert ended['buildStatus'] == 'SUCCEEDED', ended['phases']


def test_the_registry_shows_what_was_pushed(server):
    built = build(server, 'shown', archive({'server.py': '', 'Dockerfile': DOCKERFILE}), 'v1')
    assert built['buildStatus'] == 'SUCCEEDED', built['phases']
    ecr = server.aws('ecr')
    [detail] = ecr.describe_images(repositoryName='shown')['imageDetails']
    assert detail['imageTags'] == ['v1']
    [listed] = ecr.list_images(repositoryName='shown')['imageIds']
    assert listed['imageDigest'] == detail['imageDigest']
    [repository] = ecr.describe_repositories(repositoryNames=['shown'])['repositories']
    arn = repository['repositoryArn']
    ecr.tag_resource(resourceArn=arn, tags=[{'Key': 'a', 'Value': '1'}, {'Key': 'b', 'Value': '2'}])
    ecr.untag_resource(resourceArn=arn, tagKeys=['a'])
    assert ecr.list_tags_for_resource(resourceArn=arn)['tags'] == [{'Key': 'b', 'Value': '2'}]
    with refused('RepositoryNotEmptyException'):
        ecr.delete_repository(repositoryName='shown')
    ecr.delete_repository(repositoryName='shown', force=True)
    with refused('RepositoryNotFoundException'):
        ecr.describe_images(repositoryName='shown')


def test_a_build_says_what_it_added_and_what_looks_wrong(server):
    """mcp<2 by itself; a Dockerfile that starts the older of two files."""
    files = {'old_server.py': 'from mcp.server.fastmcp import FastMCP\n',
             'new_server.py': 'print(1)\n', 'requirements.txt': '',
             'Dockerfile': 'FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\n'
                           'RUN apt-get update\nCMD ["python", "-m", "old_server"]\n'}
    built = build(server, 'stale', archive(files, older=['old_server.py']))
    assert built['buildStatus'] == 'SUCCEEDED', built['phases']
    text = log_of(server, built)
    assert 'mcp<2 is added' in text
    assert 'old_server.py, and new_server.py is newer' in text
    assert '`apt-get update` is not run' in text


def check_local_projects(server) -> None:
    """What lies in the archive itself: the project, another one, a list that names lists."""
    own = project('whole') | project('part', 'part/') | {
        'all.txt': 'demo\n-e ./part\n-r more/names.txt\n', 'more/names.txt': 'demo>=1\n',
        'limits.txt': 'demo<2\n', 'server.py': '',
        'Dockerfile': DOCKERFILE + 'RUN pip install . && pip install -r all.txt -c limits.txt\n'}
    whole = build(server, 'local', archive(own))
    assert whole['buildStatus'] == 'SUCCEEDED', log_of(server, whole)
    assert len([path for name in ('whole', 'part') for path in server.data.glob(
        f'runtimes/environments/*/lib/python3*/site-packages/{name}.py')]) == 2
    refused_limit = build(server, 'local', archive(own | {'limits.txt': 'demo<1\n'}))
    assert refused_limit['buildStatus'] == 'FAILED', log_of(server, refused_limit)


@pytest.mark.parametrize('installer', ['pip', 'uv'])
def test_an_environment_is_made_by_uv_or_else_by_pip(own_server, tmp_path, monkeypatch, installer):
    """Without an index: what both are told alike is the folder of wheels."""
    (tmp_path / 'wheels').mkdir()
    (tmp_path / 'bin').mkdir()
    write_wheel(tmp_path / 'wheels', 'demo', '1.5')
    if installer == 'uv':
        shutil.copy(ROOT / '.venv/tests/bin/uv', tmp_path / 'bin/uv')
    monkeypatch.setenv('PATH', f'{tmp_path}/bin:/usr/bin:/bin')
    monkeypatch.setenv('PIP_FIND_LINKS', str(tmp_path / 'wheels'))
    for name in ('PIP_NO_INDEX', 'UV_NO_INDEX'):
        monkeypatch.setenv(name, '1')
    server = own_server()
    packages = DOCKERFILE + 'RUN pip install demo\n'
    built = build(server, 'made', archive({'server.py': '', 'Dockerfile': packages}))
    assert built['buildStatus'] == 'SUCCEEDED', built['phases']
    text = log_of(server, built)
    assert f'with {installer}' in text and 'demo' in text
    [folder] = server.data.glob('runtimes/environments/*/lib/python3*/site-packages')
    assert (folder / 'demo.py').exists()
    # The same requirements are there already, whatever else has changed.
    again = build(server, 'made', archive({'server.py': 'print(2)', 'Dockerfile': packages}))
    assert again['buildStatus'] == 'SUCCEEDED' and 'Making an environment' not in log_of(
        server, again)
    if installer == 'uv':  # with pip alike, in thrice the time
        check_local_projects(server)
    missing = build(server, 'made', archive({
        'server.py': '', 'Dockerfile': DOCKERFILE + 'RUN pip install no-such-thing==1\n'}))
    assert missing['buildStatus'] == 'FAILED'
    assert 'no-such-thing' in missing['phases'][-2]['contexts'][0]['message']
