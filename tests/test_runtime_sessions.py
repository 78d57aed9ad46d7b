"""Sessions of agent runtimes: each its own process, ended by StopRuntimeSession, bounded."""
import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.hosting import HTTP_AGENT, MCP_SERVER, Deployed, refused
from test_runtime import servers_running

# Counts in memory what its session has asked; sleeps when it is told to.
COUNTER = '''
import os, time
from bedrock_agentcore import BedrockAgentCoreApp
app = BedrockAgentCoreApp()
asked = []
@app.entrypoint
def answer(payload, context):
    asked.append(payload)
    time.sleep(payload.get('sleep', 0))
    return dict(count=len(asked), session=context.session_id, process=os.getpid())
app.run()
'''
# The same contract with the standard library alone.
PLAIN = HTTP_AGENT.replace("self.answer(dict(echo=asked, born=BORN))",
                           "print('sleeps for', asked.get('sleep', 0), flush=True); "
                           "time.sleep(asked.get('sleep', 0)); self.answer(dict(born=BORN))")


def named(word: str) -> str:
    return f'{word}-{uuid.uuid4()}'


@pytest.fixture
def hosted(own_server):
    def make(*flags: str):
        server = own_server(*flags)
        return server, lambda name, source, **more: Deployed(server, name, source, **more)
    return make


def test_a_session_keeps_its_memory_and_shares_it_with_nobody(hosted):
    """The SDK's own server: an in-memory conversation, as its users write them."""
    server, deploy = hosted()
    runtime = deploy('counter', COUNTER, packages='bedrock-agentcore==1.25.0')
    assert runtime.endpoint['status'] == 'READY', runtime.endpoint
    ann, bob = named('ann'), named('bob')
    client = server.aws('bedrock-agentcore')
    answer = client.invoke_agent_runtime(agentRuntimeArn=runtime.arn, payload=b'{}',
                                         runtimeSessionId=ann)
    assert answer['runtimeSessionId'] == ann
    assert json.loads(answer['response'].read())['session'] == ann
    assert [runtime.invoke({}, runtimeSessionId=ann)['count'] for _ in range(2)] == [2, 3]
    assert runtime.invoke({}, runtimeSessionId=bob)['count'] == 1
    assert runtime.invoke({}, runtimeSessionId=ann)['count'] == 4
    # Who names no session has a new one each time, and is told which.
    first = client.invoke_agent_runtime(agentRuntimeArn=runtime.arn, payload=b'{}')
    assert json.loads(first['response'].read())['count'] == 1
    assert runtime.invoke({}, runtimeSessionId=first['runtimeSessionId'])['count'] == 2

    stopped = client.stop_runtime_session(agentRuntimeArn=runtime.arn, runtimeSessionId=ann)
    assert (stopped['statusCode'], stopped['runtimeSessionId']) == (200, ann)
    assert runtime.invoke({}, runtimeSessionId=ann)['count'] == 1
    assert runtime.invoke({}, runtimeSessionId=bob)['count'] == 2


def test_stopping_a_session_ends_its_process_at_once(hosted):
    server, deploy = hosted()
    mark = named('mark')
    runtime = deploy('stopped', PLAIN, environmentVariables={'MARK': mark})
    client = server.aws('bedrock-agentcore')
    session = named('session')

    def spare_alone() -> bool:
        until = time.monotonic() + 60
        while len(servers_running(mark)) != spare and time.monotonic() < until:
            time.sleep(0.05)
        return len(servers_running(mark)) == spare

    spare = len(servers_running(mark))
    assert spare > 0
    runtime.invoke({}, runtimeSessionId=session)
    until = time.monotonic() + 60
    while len(servers_running(mark)) < 2 * spare and time.monotonic() < until:
        time.sleep(0.05)
    assert len(servers_running(mark)) == 2 * spare  # the session's, and the next one's
    with ThreadPoolExecutor() as pool:
        cut = pool.submit(lambda: runtime.invoke({'sleep': 30}, runtimeSessionId=session))
        assert 'sleeps for 30' in runtime.log('sleeps for 30')
        began = time.monotonic()
        client.stop_runtime_session(agentRuntimeArn=runtime.arn, runtimeSessionId=session)
        assert len(servers_running(mark)) == spare
        assert time.monotonic() - began < 15  # and not thirty
        with refused('RuntimeClientError'):
            cut.result()
    with refused('ResourceNotFoundException'):
        client.stop_runtime_session(agentRuntimeArn=runtime.arn, runtimeSessionId=session)
    runtime.control.delete_agent_runtime(agentRuntimeId=runtime.id)
    spare = 0
    assert spare_alone()


def test_sessions_are_bounded_and_idle_ones_make_place(hosted):
    server, deploy = hosted('--runtime-sessions', '2')
    runtime = deploy('bounded', PLAIN)
    ann, bob, eve = named('ann'), named('bob'), named('eve')
    born = runtime.invoke({}, runtimeSessionId=ann)['born']
    assert runtime.invoke({}, runtimeSessionId=ann)['born'] == born
    once = runtime.invoke({}, runtimeSessionId=bob)['born']
    # Bob's goes, which was used later, but only once.
    runtime.invoke({}, runtimeSessionId=eve)
    assert runtime.invoke({}, runtimeSessionId=ann)['born'] == born
    assert runtime.invoke({}, runtimeSessionId=bob)['born'] != once
    with ThreadPoolExecutor() as pool:
        busy = [pool.submit(runtime.invoke, {'sleep': seconds}, runtimeSessionId=one)
                for one, seconds in ((ann, 8), (bob, 9))]
        for seconds in (8, 9):
            assert f'sleeps for {seconds}' in runtime.log(f'sleeps for {seconds}')
        client = server.aws('bedrock-agentcore')
        with refused('ThrottlingException') as refusal:
            client.invoke_agent_runtime(agentRuntimeArn=runtime.arn, payload=b'{}',
                                        runtimeSessionId=eve)
        assert '--runtime-sessions' in str(refusal.value)
        assert [one.result()['born'] for one in busy][0] == born


def test_a_session_whose_program_dies_begins_anew(hosted):
    server, deploy = hosted()
    runtime = deploy('dies', PLAIN)
    session = named('session')
    born = runtime.invoke({}, runtimeSessionId=session)['born']
    for _ in range(4):  # the next request comes before the end of the process is known
        with refused('RuntimeClientError'):
            runtime.invoke({'want': 'die'}, runtimeSessionId=session)
        was, born = born, runtime.invoke({}, runtimeSessionId=session)['born']
        assert born != was


def test_a_new_version_answers_sessions_that_are_there(hosted):
    server, deploy = hosted()
    runtime = deploy('moves', PLAIN.replace('BORN = ', "BORN = 'one' + "))
    session = named('session')
    assert runtime.invoke({}, runtimeSessionId=session)['born'].startswith('one')
    runtime.update(PLAIN.replace('BORN = ', "BORN = 'two' + "))
    assert runtime.invoke({}, runtimeSessionId=session)['born'].startswith('two')


def test_sessions_of_mcp_servers_share_one_process(hosted):
    """A gateway names no session, and an SDK makes up one a call: neither costs a process."""
    server, deploy = hosted()
    mark = named('mark')
    runtime = deploy('shared', MCP_SERVER.format(version='one'),
                     protocolConfiguration={'serverProtocol': 'MCP'},
                     environmentVariables={'MARK': mark})
    before = sorted(servers_running(mark))
    for _ in range(3):
        runtime.invoke({'jsonrpc': '2.0', 'id': 1, 'method': 'tools/list'})
        runtime.invoke({'jsonrpc': '2.0', 'id': 1, 'method': 'tools/list'},
                       runtimeSessionId=named('session'))
    client = server.aws('bedrock-agentcore')
    assert client.stop_runtime_session(agentRuntimeArn=runtime.arn,
                                       runtimeSessionId=named('session'))['statusCode'] == 200
    assert sorted(servers_running(mark)) == before
