"""Agent runtimes: deployed, updated, broken, restarted; with servers that need no package."""
import json
import os
import subprocess
import time
import uuid

import boto3
import pytest
import requests
from botocore.exceptions import ClientError
from harness.hosting import HTTP_AGENT, MCP_SERVER, Deployed, refused, role_of
from harness.load import slowness
from harness.pool import Pool


def ping(server, token: str | None, runtime: Deployed, method: str = 'tools/call'):
    url = f'{server.base}/runtimes/{requests.utils.quote(runtime.arn, safe="")}/invocations'
    headers = {'Authorization': f'Bearer {token}'} if token else {}
    return requests.post(url, timeout=30, headers=headers | {
        'Accept': 'application/json, text/event-stream'}, json={
            'jsonrpc': '2.0', 'id': 1, 'method': method, 'params': {'name': 'version'}})


@pytest.fixture
def hosted(own_server):
    server = own_server()
    return server, lambda name, source, **more: Deployed(server, name, source, **more)


def test_a_new_version_answers_when_the_update_is_over(hosted):
    server, deploy = hosted
    pool = Pool(server, 'callers')
    runtime = deploy('plain', MCP_SERVER.format(version='one'),
                     protocolConfiguration={'serverProtocol': 'MCP'},
                     authorizerConfiguration=pool.authorizer()['authorizerConfiguration'])
    assert (runtime.endpoint['status'], runtime.endpoint['liveVersion']) == ('READY', '1')
    assert ping(server, pool.token(), runtime).json()['result']['content'][0]['text'] == 'one'
    assert ping(server, None, runtime).status_code == 401
    refused = ping(server, 'nonsense', runtime)
    assert refused.status_code == 401 and 'Bearer' in refused.headers['WWW-Authenticate']

    slow, began = slowness(), time.monotonic()
    artifact = runtime.artifact(MCP_SERVER.format(version='two'))
    updating = time.monotonic()
    runtime.control.update_agent_runtime(agentRuntimeId=runtime.id,
                                         agentRuntimeArtifact=artifact, **runtime.settings)
    endpoint = runtime.at_rest()
    took = time.monotonic() - updating
    assert (endpoint['status'], endpoint['liveVersion']) == ('READY', '2')
    assert ping(server, pool.token(), runtime).json()['result']['content'][0]['text'] == 'two'
    slow = max(slow, slowness())
    assert took < 4 * slow, f'{took:.2f} s; with the build {time.monotonic() - began:.2f} s'
    versions = runtime.control.list_agent_runtime_versions(agentRuntimeId=runtime.id)
    assert [one['agentRuntimeVersion'] for one in versions['agentRuntimes']] == ['1', '2']
    assert 'listening one' in runtime.log('listening one')


FASTMCP_SERVER = '''
from mcp.server.fastmcp import FastMCP
mcp = FastMCP(host='0.0.0.0', stateless_http=True)
@mcp.tool()
def version() -> str:
    return {version!r}
mcp.run(transport='streamable-http')
'''


def test_a_new_version_of_a_program_with_packages_answers_soon(hosted, capsys):
    """Two seconds, twice that at most, and what the program itself needs to import its packages,
    measured here: on a loaded machine that alone may be seconds."""
    server, deploy = hosted
    runtime = deploy('packaged', FASTMCP_SERVER.format(version='one'), packages='"mcp<2"',
                     protocolConfiguration={'serverProtocol': 'MCP'})
    assert runtime.endpoint['status'] == 'READY', runtime.endpoint
    artifact = runtime.artifact(FASTMCP_SERVER.format(version='two'))
    [python] = server.data.glob('runtimes/environments/*/bin/python')
    began = time.monotonic()
    subprocess.run([python, '-c', 'import mcp.server.fastmcp, uvicorn'], check=True)
    own, slow = time.monotonic() - began, slowness()

    call = {'jsonrpc': '2.0', 'id': 1, 'method': 'tools/call', 'params': {'name': 'version'}}
    began = time.monotonic()
    runtime.control.update_agent_runtime(agentRuntimeId=runtime.id,
                                         agentRuntimeArtifact=artifact, **runtime.settings)
    client, told = server.aws('bedrock-agentcore'), ''
    while '"two"' not in told and time.monotonic() - began < 60:
        answer = client.invoke_agent_runtime(
            agentRuntimeArn=runtime.arn, payload=json.dumps(call).encode(),
            contentType='application/json', accept='application/json, text/event-stream')
        told = answer['response'].read().decode()
    assert '"two"' in told
    took = time.monotonic() - began
    with capsys.disabled():
        print(f'\nUpdateAgentRuntime to the new version\'s first answer: {took:.2f} s, of which '
              f'its own imports {own:.2f} s', end='')
    slow = max(slow, slowness())
    assert took < 4 * slow + own


def test_an_endpoint_keeps_its_version(hosted):
    server, deploy = hosted
    runtime = deploy('kept', MCP_SERVER.format(version='one'),
                     protocolConfiguration={'serverProtocol': 'MCP'})
    control = runtime.control
    made = control.create_agent_runtime_endpoint(agentRuntimeId=runtime.id, name='prod')
    assert made['status'] == 'READY' and made['targetVersion'] == '1'
    runtime.update(MCP_SERVER.format(version='two'))
    call = {'jsonrpc': '2.0', 'id': 1, 'method': 'tools/call', 'params': {'name': 'version'}}
    text = lambda answer: answer['result']['content'][0]['text']  # noqa: E731
    assert text(runtime.invoke(call)) == 'two'
    assert text(runtime.invoke(call, qualifier='prod')) == 'one'
    control.update_agent_runtime_endpoint(agentRuntimeId=runtime.id, endpointName='prod',
                                          agentRuntimeVersion='2')
    assert text(runtime.invoke(call, qualifier='prod')) == 'two'
    names = [one['name'] for one in control.list_agent_runtime_endpoints(
        agentRuntimeId=runtime.id)['runtimeEndpoints']]
    assert sorted(names) == ['DEFAULT', 'prod']
    with refused('ConflictException'):
        control.delete_agent_runtime_endpoint(agentRuntimeId=runtime.id, endpointName='DEFAULT')
    control.delete_agent_runtime_endpoint(agentRuntimeId=runtime.id, endpointName='prod')
    with refused('ResourceNotFoundException'):
        runtime.invoke(call, qualifier='prod')


def test_a_broken_server_says_why(hosted):
    server, deploy = hosted
    runtime = deploy('broken', 'print("so far so good")\nraise SystemExit("no such table")\n')
    assert runtime.endpoint['status'] == 'CREATE_FAILED'
    assert 'no such table' in runtime.endpoint['failureReason']
    assert runtime.control.get_agent_runtime(agentRuntimeId=runtime.id)['status'] == 'CREATE_FAILED'
    # What ran goes on when an update fails.
    runtime = deploy('mended', HTTP_AGENT)
    assert runtime.endpoint['status'] == 'READY', runtime.endpoint
    failed = runtime.update('raise SystemExit("worse")')
    assert (failed['status'], failed['liveVersion']) == ('UPDATE_FAILED', '1')
    assert runtime.invoke({'a': 1})['echo'] == {'a': 1}


def test_unknown_artifacts_and_names_are_told(hosted):
    server, _ = hosted
    control = server.aws('bedrock-agentcore-control')
    common = {'networkConfiguration': {'networkMode': 'PUBLIC'}, 'roleArn': role_of(server)}
    account, region = server.ready['account'], server.ready['region']
    missing = {'containerConfiguration': {
        'containerUri': f'{account}.dkr.ecr.{region}.amazonaws.com/nothing:1'}}
    made = control.create_agent_runtime(agentRuntimeName='missing', agentRuntimeArtifact=missing,
                                        **common)
    found = control.get_agent_runtime(agentRuntimeId=made['agentRuntimeId'])
    assert found['status'] == 'CREATE_FAILED' and 'nothing:1 does not exist' in found[
        'failureReason']
    with refused('ConflictException'):
        control.create_agent_runtime(agentRuntimeName='missing', agentRuntimeArtifact=missing,
                                     **common)
    with pytest.raises(control.exceptions.ValidationException, match='Role validation failed'):
        control.create_agent_runtime(
            agentRuntimeName='roleless', agentRuntimeArtifact=missing,
            **common | {'roleArn': f'arn:aws:iam::{account}:role/nobody'})
    control.delete_agent_runtime(agentRuntimeId=made['agentRuntimeId'])
    assert control.list_agent_runtimes()['agentRuntimes'] == []


def test_a_role_must_trust_agentcore(hosted):
    """As AWS checks it, at CreateAgentRuntime; and again when the program asks for credentials."""
    server, deploy = hosted
    iam = server.aws('iam')

    def trust(service: str, region: str = '*') -> str:
        return json.dumps({'Version': '2012-10-17', 'Statement': [{
            'Effect': 'Allow', 'Action': 'sts:AssumeRole', 'Principal': {'Service': service},
            'Condition': {'ArnLike': {'aws:SourceArn': (
                f'arn:aws:bedrock-agentcore:{region}:{server.ready["account"]}:*')}}}]})

    role = role_of(server)
    iam.update_assume_role_policy(RoleName='agent', PolicyDocument=trust('lambda.amazonaws.com'))
    with pytest.raises(ClientError, match=f"Role validation failed for '{role}'.*trust policy"):
        deploy('distrusted', HTTP_AGENT)
    iam.update_assume_role_policy(RoleName='agent', PolicyDocument=trust(
        'bedrock-agentcore.amazonaws.com', 'eu-central-1'))
    with pytest.raises(ClientError, match='Role validation failed'):
        deploy('elsewhere', HTTP_AGENT)
    iam.update_assume_role_policy(RoleName='agent', PolicyDocument=trust(
        'bedrock-agentcore.amazonaws.com', server.ready['region']))
    runtime = deploy('trusted', HTTP_AGENT)
    environment = runtime.invoke({'want': 'environment'})

    def credentials() -> int:
        return requests.get(environment['AWS_CONTAINER_CREDENTIALS_FULL_URI'], timeout=10, headers={
            'Authorization': environment['AWS_CONTAINER_AUTHORIZATION_TOKEN']}).status_code

    assert credentials() == 200
    iam.update_assume_role_policy(RoleName='agent', PolicyDocument=trust('lambda.amazonaws.com'))
    assert credentials() == 403


@pytest.mark.parametrize('megabytes', [3, 99])
def test_large_payloads_reach_the_program_and_not_our_memory(hosted, megabytes):
    server, deploy = hosted
    runtime = deploy('large', HTTP_AGENT.replace(
        "self.answer(dict(echo=asked, born=BORN))", "self.answer(dict(size=len(asked['text'])))"))
    client = server.aws('bedrock-agentcore')
    size = megabytes * 1024 * 1024
    payload = b'{"text": "' + b'x' * size + b'"}'

    def invoke(data: bytes) -> dict:
        return json.loads(client.invoke_agent_runtime(
            agentRuntimeArn=runtime.arn, payload=data,
            contentType='application/json')['response'].read())

    before = private_mb(server)
    assert invoke(payload) == {'size': size}
    assert private_mb(server) - before < 20
    assert not list(server.data.glob('runtimes/payload-*'))
    if megabytes == 99:
        with pytest.raises(ClientError) as refusal:
            invoke(b'x' * (100 * 1024 * 1024 + 1))
        assert refusal.value.response['ResponseMetadata']['HTTPStatusCode'] == 413


def private_mb(server) -> float:
    """Memory that is the server's alone, at its highest: without files that it has mapped."""
    with open(f'/proc/{server.program.pid}/status') as status:
        fields = dict(line.split(':', 1) for line in status)
    return int(fields['RssAnon'].split()[0]) / 1024


def test_a_program_sees_its_contract_and_nothing_of_the_server(hosted):
    server, deploy = hosted
    runtime = deploy('agent', HTTP_AGENT, environmentVariables={'TABLE': 'orders'},
                     requestHeaderConfiguration={'requestHeaderAllowlist': ['X-Tenant']})
    environment = runtime.invoke({'want': 'environment'})
    assert environment['TABLE'] == 'orders'
    assert environment['DOCKER_CONTAINER'] == '1'
    assert environment['AWS_REGION'] == server.ready['region']
    assert 'AWS_ACCESS_KEY_ID' not in environment
    session = 's' * 40
    headers = runtime.invoke({'want': 'headers'}, runtimeSessionId=session)
    assert headers['x-amzn-bedrock-agentcore-runtime-session-id'] == session
    assert 'authorization' not in headers
    client = server.aws('bedrock-agentcore')
    with refused('RuntimeClientError'):
        runtime.invoke({'want': 'error'})
    assert client.stop_runtime_session(agentRuntimeArn=runtime.arn,
                                       runtimeSessionId=session)['statusCode'] == 200


def test_a_program_acts_as_its_role(hosted):
    """boto3 inside finds the role's credentials; nobody else gets them."""
    server, deploy = hosted
    runtime = deploy('signed', HTTP_AGENT, packages='boto3')
    assert runtime.endpoint['status'] == 'READY', runtime.endpoint
    assert ':assumed-role/agent/' in runtime.invoke({'want': 'who'})['arn']
    environment = runtime.invoke({'want': 'environment'})
    url = environment['AWS_CONTAINER_CREDENTIALS_FULL_URI']
    assert requests.get(url, timeout=10, headers={'Authorization': 'x'}).status_code == 403
    assert requests.get(url, timeout=10).status_code == 403


def test_policies_decide_who_invokes(hosted):
    server, deploy = hosted
    runtime = deploy('guarded', HTTP_AGENT)
    iam = server.aws('iam')
    iam.create_user(UserName='ann')
    key = iam.create_access_key(UserName='ann')['AccessKey']
    client = boto3.client('bedrock-agentcore', region_name=server.ready['region'],
                          endpoint_url=server.base, aws_access_key_id=key['AccessKeyId'],
                          aws_secret_access_key=key['SecretAccessKey'])

    def invoke() -> int:
        return client.invoke_agent_runtime(
            agentRuntimeArn=runtime.arn, payload=b'{}',
            contentType='application/json')['ResponseMetadata']['HTTPStatusCode']

    with refused('AccessDeniedException'):
        invoke()
    iam.put_user_policy(UserName='ann', PolicyName='invoke', PolicyDocument=json.dumps({
        'Version': '2012-10-17', 'Statement': [{
            'Effect': 'Allow', 'Action': 'bedrock-agentcore:InvokeAgentRuntime',
            'Resource': runtime.arn}]}))
    assert invoke() == 200


def test_streams_are_not_kept_back(hosted):
    server, deploy = hosted
    runtime = deploy('streams', HTTP_AGENT)
    answer = server.aws('bedrock-agentcore').invoke_agent_runtime(
        agentRuntimeArn=runtime.arn, payload=b'{"want": "stream"}',
        contentType='application/json', accept='text/event-stream')
    began = time.monotonic()
    times = [(line, time.monotonic() - began)
             for line in answer['response'].iter_lines(chunk_size=1) if line]
    assert [line for line, _ in times] == [b'data: 0', b'data: 1', b'data: 2']
    assert times[-1][1] - times[0][1] > 0.2  # of 0.8 s; none if they came together


def test_a_crash_is_restarted(hosted):
    server, deploy = hosted
    runtime = deploy('crashes', HTTP_AGENT)
    first = runtime.invoke({})['born']
    with refused('RuntimeClientError'):
        runtime.invoke({'want': 'die'})
    assert runtime.invoke({})['born'] != first


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def servers_running(name: str) -> list[str]:
    """Processes whose command line names a file of a runtime's image folder of this test."""
    found = []
    for entry in os.listdir('/proc'):
        if entry.isdigit():
            try:
                with open(f'/proc/{entry}/environ', 'rb') as file:
                    if name.encode() in file.read():
                        found.append(entry)
            except OSError:
                pass
    return found


def test_a_killed_server_leaves_no_process_and_starts_them_again(hosted):
    server, deploy = hosted
    mark = f'mark-{uuid.uuid4().hex}'
    runtime = deploy('survivor', HTTP_AGENT, environmentVariables={'MARK': mark})
    assert runtime.invoke({'again': 1})['echo'] == {'again': 1}
    server.kill()
    until = time.monotonic() + 60
    while servers_running(mark) and time.monotonic() < until:
        time.sleep(0.1)
    assert servers_running(mark) == []
    server.start()
    runtime.server = server
    assert runtime.invoke({'again': 2})['echo'] == {'again': 2}
    server.aws('bedrock-agentcore-control').delete_agent_runtime(agentRuntimeId=runtime.id)
    until = time.monotonic() + 60
    while servers_running(mark) and time.monotonic() < until:
        time.sleep(0.1)
    assert servers_running(mark) == []
