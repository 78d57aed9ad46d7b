"""What a runtime's program may do to others, and what others never notice of it."""
import json
import os
import threading
import time
import uuid

import pytest
from harness.hosting import HTTP_AGENT, MCP_SERVER, Deployed, archive, put_archive, refused
from harness.load import slowness
from harness.running import run
from test_runtime import servers_running

CALL = {'jsonrpc': '2.0', 'id': 1, 'method': 'tools/call', 'params': {'name': 'version'}}


@pytest.fixture
def hosted(own_server):
    def make(*flags: str):
        server = own_server(*flags)
        return server, lambda name, source='', **more: Deployed(server, name, source, **more)
    return make


def none_left(mark: str, seconds: float = 15) -> bool:
    until = time.monotonic() + seconds
    while servers_running(mark) and time.monotonic() < until:
        time.sleep(0.1)
    return servers_running(mark) == []


def test_no_request_is_lost_while_a_version_is_replaced(hosted):
    """The new one is up before the old one stops, and what the old one has begun it ends."""
    server, deploy = hosted()
    slow = MCP_SERVER.replace("method = body.get('method')",
                              "method = body.get('method'); import time; time.sleep(SECONDS)")
    slow = slow.replace('SECONDS', "2.5 if method == 'tools/call' else 0")
    runtime = deploy('replaced', slow.format(version='one'),
                     protocolConfiguration={'serverProtocol': 'MCP'})
    said, failed, enough = [], [], threading.Event()

    client = server.aws('bedrock-agentcore')

    def ask() -> None:
        while not enough.is_set():
            try:
                answer = client.invoke_agent_runtime(
                    agentRuntimeArn=runtime.arn, payload=json.dumps(CALL).encode(),
                    contentType='application/json', accept='application/json')
                said.append(json.loads(answer['response'].read())['result']['content'][0]['text'])
            except Exception as error:  # said in the test's report
                failed.append(repr(error))

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:  # so that some have just asked, whenever the versions change
        asker.start()
        time.sleep(0.6)
    try:
        endpoint = runtime.update(slow.format(version='two'))
        assert endpoint['liveVersion'] == '2'
        until = time.monotonic() + 30
        while said.count('two') < 4 and time.monotonic() < until:
            time.sleep(0.1)
    finally:
        enough.set()
        for asker in askers:
            asker.join()
    assert failed == []
    assert said[0] == 'one' and said[-4:] == ['two'] * 4


# The agent, and what it does besides: each would harm its neighbours if nobody looked.
FORKS = HTTP_AGENT.replace('import http', '''import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            signal.pause()
import http''', 1)
PRINTS = HTTP_AGENT.replace('import http', '''import threading
def print_always():
    while True:
        print('x' * 1000)
threading.Thread(target=print_always, daemon=True).start()
import http''', 1)
BOMBS = HTTP_AGENT.replace('import http', '''import os, threading, time
def fork_always():
    time.sleep(1)
    while True:
        try:
            os.fork()
        except OSError:
            pass
threading.Thread(target=fork_always, daemon=True).start()
import http''', 1)


@pytest.mark.parametrize('end', ['delete', 'stop', 'kill'])
def test_a_tree_that_ignores_sigterm_is_ended(hosted, end):
    server, deploy = hosted()
    mark = f'mark-{uuid.uuid4()}'
    runtime = deploy('forks', FORKS, environmentVariables={'MARK': mark})
    assert runtime.invoke({'a': 1})['echo'] == {'a': 1}
    assert len(servers_running(mark)) >= 4
    if end == 'delete':
        runtime.control.delete_agent_runtime(agentRuntimeId=runtime.id)
    else:
        getattr(server, end)()
    assert none_left(mark, 45)


@pytest.mark.parametrize(('source', 'said'), [
    (PRINTS, ''), (BOMBS, 'processes and threads; its bound is')], ids=['prints', 'forks'])
def test_a_wild_neighbour_is_not_noticed(hosted, source, said):
    server, deploy = hosted()
    mark = f'mark-{uuid.uuid4()}'
    calm, slow = deploy('calm', HTTP_AGENT), slowness()
    deploy('wild', source, environmentVariables={'MARK': mark})
    until, longest = time.monotonic() + 5, 0
    while time.monotonic() < until:
        began = time.monotonic()
        assert calm.invoke({'a': 1}, runtimeSessionId='s' * 40)['echo'] == {'a': 1}
        assert server.aws('sts').get_caller_identity()['Account'] == server.ready['account']
        longest = max(longest, time.monotonic() - began)
    assert longest < 6 * max(slow, slowness())
    assert not said or server.logs(said, 60), server.log_text()[-2000:]
    assert server.memory_mb() < 200
    server.kill()
    assert none_left(mark)


def test_a_program_sees_no_secret_of_the_server(own_server, monkeypatch):
    """Neither its variables nor its files nor its key: what it prints and what it answers."""
    monkeypatch.setenv('SECRET_OF_THE_OPERATOR', 'not-for-children')
    server = own_server()
    source = HTTP_AGENT.replace('self.answer(dict(os.environ))', '''
            import subprocess
            seen = subprocess.run('env; cat /proc/*/environ; ls -laR "$LOOK"; cat "$KEY"',
                                  shell=True, capture_output=True, text=True, errors='replace')
            print(seen.stdout, seen.stderr, flush=True)
            self.answer(dict(seen=seen.stdout))''')
    runtime = Deployed(server, 'curious', source, environmentVariables={
        'LOOK': str(server.data), 'KEY': str(server.home / 'master.key')})
    seen = runtime.invoke({'want': 'environment'})['seen']
    assert 'AWS_CONTAINER_CREDENTIALS_FULL_URI' in seen
    key = dict(line.split('=', 1) for line in server.run('key').stdout.split())
    told = seen + runtime.log('AWS_CONTAINER_CREDENTIALS_FULL_URI')
    for secret in ('not-for-children', key['AWS_SECRET_ACCESS_KEY'], 'toolgate.db',
                   (server.home / 'master.key').read_text().strip()):
        assert secret not in told


def test_the_log_is_where_the_toolkit_says(hosted):
    """`agentcore launch` prints this command."""
    server, deploy = hosted()
    runtime = deploy('told', MCP_SERVER.format(version='one'),
                     protocolConfiguration={'serverProtocol': 'MCP'})
    assert 'listening one' in runtime.log('listening one')
    today = time.strftime('%Y/%m/%d', time.gmtime())
    assert 'listening one' in run(
        server, '/usr/bin/aws', 'logs', 'tail',
        f'/aws/bedrock-agentcore/runtimes/{runtime.id}-DEFAULT', '--log-stream-name-prefix',
        f'{today}/[runtime-logs]', '--since', '1h')


A2A_AGENT = '''
import http.server, json
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, body):
        text = json.dumps(body).encode()
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def do_GET(self):
        self.answer(dict(name='orders', path=self.path))
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        self.answer(dict(jsonrpc='2.0', id=asked['id'], result=dict(path=self.path)))
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(('0.0.0.0', 9000), Handler).serve_forever()
'''


def test_agents_of_a2a_show_their_card_and_answer(hosted):
    server, deploy = hosted()
    runtime = deploy('agents', A2A_AGENT, protocolConfiguration={'serverProtocol': 'A2A'})
    assert runtime.endpoint['status'] == 'READY', runtime.endpoint
    card = server.aws('bedrock-agentcore').get_agent_card(agentRuntimeArn=runtime.arn)
    assert card['agentCard'] == {'name': 'orders', 'path': '/.well-known/agent-card.json'}
    assert runtime.invoke({'jsonrpc': '2.0', 'id': 7, 'method': 'message/send'}) == {
        'jsonrpc': '2.0', 'id': 7, 'result': {'path': '/'}}


@pytest.mark.parametrize('strict', [False, True], ids=['usual', 'strict'])
def test_an_interpreter_that_is_not_there_is_replaced_or_refused(
        hosted, strict, tmp_path, monkeypatch):
    """The system has one or two versions of Python, never all of these four."""
    monkeypatch.setenv('PATH', '/usr/bin:/bin')
    monkeypatch.setenv('HOME', str(tmp_path))
    server, deploy = hosted(*(('--strict', 'on') if strict else ()))
    put_archive(server, 'code', archive({'agent.py': HTTP_AGENT}))
    missing = [minor for minor in (13, 10, 12, 11)
               if not any(os.path.exists(f'/usr/{folder}/python3.{minor}')
                          for folder in ('bin', 'local/bin'))]
    runtime = deploy('old', artifact={'codeConfiguration': {
        'code': {'s3': {'bucket': 'sources', 'prefix': 'code.zip'}},
        'runtime': f'PYTHON_3_{missing[0]}', 'entryPoint': ['agent.py']}})
    wanted = f'3.{missing[0]}'
    if strict:
        assert runtime.endpoint['status'] == 'CREATE_FAILED'
        assert wanted in runtime.endpoint['failureReason']
    else:
        assert runtime.invoke({'a': 1})['echo'] == {'a': 1}
        assert wanted in runtime.log(wanted)


def test_what_is_not_served_is_named(hosted):
    server, deploy = hosted()
    with refused('ValidationException') as refusal:
        deploy('private', artifact={'containerConfiguration': {'containerUri': (
            f'{server.ready["account"]}.dkr.ecr.us-east-1.amazonaws.com/x:1')}},
            networkConfiguration={'networkMode': 'VPC', 'networkModeConfig': {
                'subnets': ['subnet-12345678'], 'securityGroups': ['sg-12345678']}})
    text = json.dumps(refusal.value.response['Error'])
    assert 'networkMode' in text and 'security groups' in text and 'PUBLIC' in text
