"""What a hosted program finds around it: AWS's host names, and AgentCore Identity."""
import json

import pytest
import requests
from botocore.exceptions import ClientError
from harness.hosting import HTTP_AGENT, Deployed, archive, put_archive, refused
from harness.pool import Pool
from harness.programs import NODE
from harness.token_endpoint import TokenEndpoint

# A pool's keys and its token endpoint at the names that AWS gives them, by the standard library.
FETCH = '''elif want == 'fetch':
            import urllib.request
            text = [urllib.request.urlopen(urllib.request.Request(
                one['url'], data=one['form'].encode() if one.get('form') else None)).read()
                for one in asked['all']]
            self.answer(dict(all=[json.loads(one) for one in text]))
        '''
PYTHON_FETCHES = HTTP_AGENT.replace("elif want == 'error'", FETCH + "elif want == 'error'")
NODE_FETCHES = '''
const http = require('http');
async function fetched(one) {
  const how = one.form ? { method: 'POST', body: new URLSearchParams(one.form) } : {};
  return (await fetch(one.url, how)).json();
}
http.createServer(async (request, response) => {
  response.setHeader('content-type', 'application/json');
  if (request.method === 'GET') return response.end('{"status": "Healthy"}');
  let text = '';
  for await (const piece of request) text += piece;
  const all = await Promise.all(JSON.parse(text).all.map(fetched));
  response.end(JSON.stringify({ all }));
}).listen(8080, '0.0.0.0');
'''
# The SDK's own server and decorators.
DECORATED = '''
from bedrock_agentcore import BedrockAgentCoreApp
from bedrock_agentcore.identity.auth import requires_access_token, requires_api_key
app = BedrockAgentCoreApp()

@requires_api_key(provider_name='keys')
def key(*, api_key):
    return api_key

@requires_access_token(provider_name='machine', scopes=['a'], auth_flow='M2M')
def machine(*, access_token):
    return access_token

@app.entrypoint
def answer(payload):
    return dict(key=key(), machine=machine())
app.run()
'''


@pytest.fixture
def hosted(own_server, monkeypatch):
    monkeypatch.setenv('PATH', f'{NODE.parent}:/usr/bin:/bin')

    def make(*flags: str):
        server = own_server(*flags)
        return server, lambda name, source='', **more: Deployed(server, name, source, **more)
    return make


def node_artifact(server, source: str) -> dict:
    put_archive(server, 'node', archive({'main.js': source}))
    return {'codeConfiguration': {'code': {'s3': {'bucket': 'sources', 'prefix': 'node.zip'}},
                                  'runtime': 'NODE_22', 'entryPoint': ['main.js']}}


# Where our own listeners have not all services on loopback, programs get some of their own.
@pytest.mark.parametrize('flags', [(), ('--tls-listen', 'off', '--admin-listen', '127.0.0.1:0')],
                         ids=['here', 'apart'])
@pytest.mark.parametrize('language', ['python', 'node'])
def test_host_names_of_aws_lead_here(hosted, language, flags):
    """An agent that fetches a token for a gateway, a server that checks tokens: both spell the
    host out, as in the tutorials."""
    server, deploy = hosted(*flags)
    server.base = server.ready.get('admin', server.base)
    pool = Pool(server, 'users')
    if language == 'python':
        runtime = deploy('fetches', PYTHON_FETCHES)
    else:
        runtime = deploy('fetches', artifact=node_artifact(server, NODE_FETCHES))
    assert runtime.endpoint['status'] == 'READY', runtime.endpoint
    server.base = server.ready['listen']
    form = (f'grant_type=client_credentials&client_id={pool.client_id}'
            f'&client_secret={pool.secret}')
    keys, token = runtime.invoke({'want': 'fetch', 'all': [
        {'url': f'{pool.issuer}/.well-known/jwks.json'},
        {'url': f'https://{pool.domain}.auth.{server.ready["region"]}.amazoncognito.com'
                '/oauth2/token', 'form': form}]})['all']
    assert {key['alg'] for key in keys['keys']} == {'RS256'}
    assert token['access_token'].count('.') == 2


def acts_for_a_user(server, token: str) -> bool:
    """Whether a workload access token speaks of a user."""
    with pytest.raises(ClientError) as said:
        server.aws('bedrock-agentcore').get_resource_oauth2_token(
            workloadIdentityToken=token, resourceCredentialProviderName='machine', scopes=['a'],
            oauth2Flow='USER_FEDERATION')
    text = str(said.value)
    assert 'needs a workload access token of a user' in text or 'resourceOauth2ReturnUrl' in text
    return 'resourceOauth2ReturnUrl' in text


@pytest.fixture
def tokens():
    endpoint = TokenEndpoint()
    yield endpoint
    endpoint.close()


def test_the_sdks_decorators_work_inside(hosted, tokens):
    server, deploy = hosted()
    control = server.aws('bedrock-agentcore-control')
    control.create_api_key_credential_provider(name='keys', apiKey='an-api-key-of-length')
    tokens.provider(control, 'machine')
    role = server.make_role('decorated', 'bedrock-agentcore:*', 'ecr:*',
                            'secretsmanager:GetSecretValue')
    runtime = deploy('decorated', DECORATED, packages='bedrock-agentcore==1.25.0', roleArn=role)
    assert runtime.endpoint['status'] == 'READY', runtime.endpoint
    assert runtime.invoke({}) == {'key': 'an-api-key-of-length', 'machine': tokens.given[0]}


def test_a_program_acts_for_whom_the_caller_names(hosted, tokens):
    server, deploy = hosted()
    tokens.provider(server.aws('bedrock-agentcore-control'), 'machine')
    runtime = deploy('named', HTTP_AGENT, requestHeaderConfiguration={
        'requestHeaderAllowlist': ['WorkloadAccessToken']})
    for more, user in ({}, False), ({'runtimeUserId': 'ann'}, True):
        headers = runtime.invoke({'want': 'headers'}, **more)
        assert acts_for_a_user(server, headers['workloadaccesstoken']) is user
    iam = server.aws('iam')
    iam.create_user(UserName='ann')
    key = iam.create_access_key(UserName='ann')['AccessKey']
    client = server.aws('bedrock-agentcore', aws_access_key_id=key['AccessKeyId'],
                        aws_secret_access_key=key['SecretAccessKey'])

    def allow(*actions: str) -> None:
        iam.put_user_policy(UserName='ann', PolicyName='invoke', PolicyDocument=json.dumps({
            'Version': '2012-10-17', 'Statement': [
                {'Effect': 'Allow', 'Action': actions, 'Resource': runtime.arn}]}))

    def invoke(**more) -> int:
        return client.invoke_agent_runtime(agentRuntimeArn=runtime.arn, payload=b'{}',
                                           **more)['ResponseMetadata']['HTTPStatusCode']

    allow('bedrock-agentcore:InvokeAgentRuntime')
    assert invoke() == 200
    with refused('AccessDeniedException') as refusal:
        invoke(runtimeUserId='bob')
    assert 'bedrock-agentcore:InvokeAgentRuntimeForUser' in str(refusal.value)
    allow('bedrock-agentcore:InvokeAgentRuntime', 'bedrock-agentcore:InvokeAgentRuntimeForUser')
    assert invoke(runtimeUserId='bob') == 200


def test_a_program_acts_for_the_tokens_user(hosted, tokens):
    """The token's subject; whatever else the caller says of users and tokens does not count."""
    server, deploy = hosted()
    tokens.provider(server.aws('bedrock-agentcore-control'), 'machine')
    pool = Pool(server, 'callers')
    runtime = deploy('called', HTTP_AGENT, authorizerConfiguration=pool.authorizer()[
        'authorizerConfiguration'], requestHeaderConfiguration={
            'requestHeaderAllowlist': ['WorkloadAccessToken']})
    url = f'{server.base}/runtimes/{requests.utils.quote(runtime.arn, safe="")}/invocations'
    answer = requests.post(url, json={'want': 'headers'}, timeout=30, headers={
        'Authorization': f'Bearer {pool.token()}', 'WorkloadAccessToken': 'my own',
        'OAuth2CallbackUrl': 'https://app.example/back'})
    assert answer.status_code == 200, answer.text
    headers = answer.json()
    assert headers['oauth2callbackurl'] == 'https://app.example/back'
    assert 'authorization' not in headers
    token = headers['workloadaccesstoken']
    assert 'my own' not in token and acts_for_a_user(server, token)
