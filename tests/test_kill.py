"""SIGKILL at random moments under a writer: what was acknowledged is there, nothing is half there,
and jobs that were cut short finish."""
import random
import threading
import time

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from harness.gateway import Endpoint, mcp_server
from harness.load import slowness
from harness.scripted import Reply, tool

RESTING = ('READY', 'FAILED', 'UPDATE_UNSUCCESSFUL', 'SYNCHRONIZE_UNSUCCESSFUL')
NONE = {'protocolType': 'MCP', 'authorizerType': 'NONE'}


class Writer(threading.Thread):
    """Creates, updates, synchronises and deletes; remembers what was acknowledged."""

    def __init__(self, server, upstream, round_number: int, known: dict) -> None:
        super().__init__()
        self.control = server.aws('bedrock-agentcore-control')
        self.server, self.upstream, self.round, self.known = server, upstream, round_number, known
        self.acknowledged = 0
        self.doubtful: set[str] = set()  # gateways whose last call was not answered
        self.fault: Exception | None = None

    def run(self) -> None:
        number = 0
        try:
            while True:
                number += 1
                self.one(f'kill-{self.round}-{number}', number)
        except (BotoCoreError, ConnectionError):
            pass  # the server is gone: as intended
        except ClientError as error:
            self.fault = error

    def one(self, name: str, number: int) -> None:
        self.doubtful.add(name)
        gateway = self.control.create_gateway(name=name, roleArn=self.server.role, **NONE)
        entry = {'id': gateway['gatewayId'], 'description': None, 'target': None}
        self.known[name] = entry
        self.done()
        target = self.control.create_gateway_target(
            gatewayIdentifier=entry['id'], name='t',
            targetConfiguration=mcp_server(self.upstream.url))
        entry['target'] = target['targetId']
        self.done()
        if number % 2 == 0:
            self.control.update_gateway(gatewayIdentifier=entry['id'], name=name,
                                        roleArn=self.server.role, description=name, **NONE)
            entry['description'] = name
            self.done()
        if number % 3 == 0:
            self.control.synchronize_gateway_targets(gatewayIdentifier=entry['id'],
                                                     targetIdList=[entry['target']])
            self.done()
        if number % 5 == 0:
            self.control.delete_gateway_target(gatewayIdentifier=entry['id'],
                                               targetId=entry['target'])
            entry['target'] = None
            self.done()
            del self.known[name]  # from here on it may be there or not
            self.control.delete_gateway(gatewayIdentifier=entry['id'])
            self.done()
        self.doubtful.discard(name)

    def done(self) -> None:
        self.acknowledged += 1


def check_gateway(control, base: str, name: str, entry: dict, doubtful: bool) -> None:
    gateway = control.get_gateway(gatewayIdentifier=entry['id'])
    assert gateway['name'] == name
    if not doubtful:
        assert gateway.get('description') == entry['description'], name
    targets = control.list_gateway_targets(gatewayIdentifier=entry['id'])['items']
    if entry['target'] and not doubtful:
        assert [target['targetId'] for target in targets] == [entry['target']], name
    until = time.monotonic() + 20
    for target in targets:
        while target['status'] not in RESTING:
            assert time.monotonic() < until, f'{name}: stuck in {target["status"]}'
            time.sleep(0.1)
            target = control.get_gateway_target(gatewayIdentifier=entry['id'],
                                                targetId=target['targetId'])
        assert target['status'] == 'READY', target
    names = Endpoint(f'{base}/gateways/{entry["id"]}/mcp').names()
    assert names == ([f't___tool{n}' for n in range(5)] if targets else []), name


@pytest.mark.timeout(1200)
def test_what_was_acknowledged_survives_sigkill(own_server, upstream, full, capsys):
    upstream.set_tools([tool(f'tool{number}') for number in range(5)])
    server = own_server('--quota-gateways', '100000')
    dice, slow = random.Random(7), slowness()
    known: dict[str, dict] = {}
    kills, acknowledged = (100 if full else 15), 0
    for number in range(kills):
        writer = Writer(server, upstream, number, known)
        writer.start()
        time.sleep(dice.uniform(0.02, 0.6))
        server.kill()
        writer.join()
        assert writer.fault is None, writer.fault
        acknowledged += writer.acknowledged
        begun = time.monotonic()
        server.start()
        took = time.monotonic() - begun
        assert took < 10 * slow or took < 10 * slowness()
        control = server.aws('bedrock-agentcore-control')
        mine = {name: entry for name, entry in known.items()
                if name.startswith(f'kill-{number}-')}
        for name, entry in mine.items():
            check_gateway(control, server.base, name, entry, name in writer.doubtful)
        listed = all_gateways(control)
        assert known.keys() <= listed.keys()
        assert listed.keys() - known.keys() <= writer.doubtful
        for name in writer.doubtful & listed.keys():  # it is there: known from now on, as it is
            known[name] = as_it_is(control, listed[name])
    for name, entry in known.items():
        check_gateway(control, server.base, name, entry, doubtful=False)
    with capsys.disabled():
        print(f'\n{kills} kills, {acknowledged} acknowledged writes, all there', end='')
    assert acknowledged > kills


def all_gateways(control) -> dict[str, dict]:
    pages = control.get_paginator('list_gateways').paginate()
    return {item['name']: item for page in pages for item in page['items']}


def as_it_is(control, gateway: dict) -> dict:
    targets = control.list_gateway_targets(gatewayIdentifier=gateway['gatewayId'])['items']
    return {'id': gateway['gatewayId'], 'description': gateway.get('description'),
            'target': targets[0]['targetId'] if targets else None}


def test_a_synchronisation_that_was_cut_short_goes_on(own_server, upstream):
    """A create whose server takes its time: killed in the middle, it ends after the start."""
    server = own_server()
    control = server.aws('bedrock-agentcore-control')
    gateway = control.create_gateway(name='cut', roleArn=server.role, **NONE)['gatewayId']
    asked, may_answer = threading.Event(), threading.Event()

    def hold(message) -> None:
        if message['method'] == 'tools/list':
            asked.set()
            may_answer.wait(20)

    upstream.set_tools([tool('kept')])
    upstream.bend = hold

    def create() -> None:
        with pytest.raises(BotoCoreError):  # nobody answers any more
            control.create_gateway_target(gatewayIdentifier=gateway, name='t',
                                          targetConfiguration=mcp_server(upstream.url))

    creating = threading.Thread(target=create)
    creating.start()
    assert asked.wait(20)
    other = server.aws('bedrock-agentcore-control')
    assert [one['status'] for one in other.list_gateway_targets(
        gatewayIdentifier=gateway)['items']] == ['CREATING']
    server.kill()
    creating.join()
    upstream.bend = None
    may_answer.set()
    server.start()
    control, until = server.aws('bedrock-agentcore-control'), time.monotonic() + 20
    while True:
        one, = control.list_gateway_targets(gatewayIdentifier=gateway)['items']
        if one['status'] == 'READY':
            break
        assert one['status'] == 'CREATING' and time.monotonic() < until, one
        time.sleep(0.02)
    assert Endpoint(f'{server.base}/gateways/{gateway}/mcp').names() == ['t___kept']


def test_the_root_key_and_pools_survive(own_server):
    server = own_server()
    pool = server.aws('cognito-idp').create_user_pool(PoolName='kept')['UserPool']['Id']
    first = server.credentials()
    server.kill()
    server.start()
    kept = server.aws('cognito-idp', **first)  # the session of before is still good
    assert [one['Id'] for one in kept.list_user_pools(MaxResults=5)['UserPools']] == [pool]


def test_a_second_serve_on_the_same_directory_says_who_holds_it(own_server):
    server = own_server()
    done = server.run('serve', '--listen', '127.0.0.1:0', '--master-key',
                      str(server.home / 'master.key'))
    assert done.returncode != 0
    assert str(server.program.pid) in done.stderr


def test_sigterm_drains(own_server, upstream):
    server = own_server()
    upstream.set_tools([tool('slow')])
    upstream.calls['slow'] = Reply('{"jsonrpc":"2.0","id":$ID,"result":{"content":[]}}', wait=1)
    control = server.aws('bedrock-agentcore-control')
    gateway = control.create_gateway(name='drain', roleArn=server.role, **NONE)
    control.create_gateway_target(gatewayIdentifier=gateway['gatewayId'], name='t',
                                  targetConfiguration=mcp_server(upstream.url))
    answers = []
    call = threading.Thread(target=lambda: answers.append(
        Endpoint(gateway['gatewayUrl']).call('t___slow')))
    call.start()
    until = time.monotonic() + 20
    while 'tools/call' not in upstream.methods():
        assert time.monotonic() < until
        time.sleep(0.02)
    assert server.stop() == 0
    call.join()
    assert answers == [{'content': []}]
