"""The search tool as MCP's own clients see it, by meaning, while the catalogue changes."""
import json
import sys

import pytest
from harness import programs
from harness.gateway import SEARCH, Gateway
from harness.pool import Pool
from harness.scripted import Scripted, tool
from harness.server import Server
from test_mcp_clients import MCP2, python_client, ran
from test_search_meaning import MODEL, SOME, by_meaning, when


def python(interpreter, script: str):
    return lambda url, token, *calls: python_client(interpreter, script, url, token, SEARCH, *calls)


def node(mode: str):
    return lambda url, token, *calls: ran(
        programs.node('search.mjs', url, token, mode, SEARCH, *calls))


CLIENTS = {
    'mcp 1.x': python(sys.executable, 'search_v1.py'),
    'mcp 2.x': python(MCP2, 'search_v2.py'),
    '@modelcontextprotocol/sdk 1.x': node('sdk'),
    '@modelcontextprotocol/client 2.x, legacy': node('legacy'),
    '@modelcontextprotocol/client 2.x, auto': node('auto'),
}


@pytest.fixture(scope='module')
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp('clients'), ('--search-model', MODEL)).start()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope='module')
def pool(server):
    return Pool(server, 'search-clients', scopes=('invoke',))


class Shop:
    """A gateway with two targets, searched by one client."""

    def __init__(self, server, pool, name: str, client) -> None:
        self.client, self.pool, self.server = client, pool, server
        self.one, self.two = Scripted(), Scripted()
        self.one.set_tools(SOME)
        self.two.set_tools([tool('book_table', 'Reserves seats in a restaurant'),
                            tool('unlock_bicycle', 'Opens the lock of a rented bicycle')])
        self.gateway = Gateway(server, name, pool.authorizer(), search=True)
        self.gateway.tokens = pool
        self.first = self.gateway.add_ready('one', self.one.url)
        self.second = self.gateway.add_ready('two', self.two.url)
        self.by_meaning()

    def by_meaning(self) -> None:
        when(lambda: by_meaning(self.server, self.gateway.endpoint()))

    def ask(self, *calls: dict) -> dict:
        return self.client(self.gateway.url, self.pool.token(),
                           *(json.dumps(call) for call in calls))

    def found(self, **arguments) -> list[str]:
        return [one['name'] for one in self.ask(arguments)['results'][0]['tools']]


@pytest.fixture(params=CLIENTS)
def shop(request, server, pool, unique):
    made = Shop(server, pool, unique('shop'), CLIENTS[request.param])
    yield made
    made.one.close()
    made.two.close()


def test_limit_targets_and_scores(shop):
    query = 'will I need an umbrella'
    saw = shop.ask({'query': query}, {'query': 'open a lock', 'limit': 1},
                   {'query': 'open a lock', 'targets': ['one']},
                   {'query': 'open a lock', 'targets': ['two'], 'limit': 1}, {'limit': 3},
                   {'query': 'x', 'limit': 51})
    assert saw['tools'][0] == SEARCH and len(saw['tools']) == 6
    umbrella, one, first, second, none, many = saw['results']
    assert umbrella['tools'][0]['name'] == 'one___getWeatherForecast'
    scores = [one['score'] for one in umbrella['tools']]
    assert scores == sorted(scores, reverse=True) and all(0 < score <= 1 for score in scores)
    best = umbrella['tools'][0]
    assert best['description'] == SOME[0]['description']
    assert best['inputSchema']['type'] == 'object'
    assert len(one['tools']) == 1
    assert {found['name'] for found in first['tools']} <= {f'one___{t["name"]}' for t in SOME}
    assert first['tools'][0]['name'] == 'one___lock_door'
    assert [found['name'] for found in second['tools']] == ['two___unlock_bicycle']
    assert none is None and many is None  # refused, each with a tool error


def test_a_new_tool_is_found_at_once_and_a_removed_one_is_gone(shop):
    assert 'two___book_table' in shop.found(query='reserve seats in a restaurant')
    shop.two.set_tools([tool('rent_boat', 'Hires out a rowing boat by the hour')])
    shop.gateway.synchronize(shop.second['targetId'])
    # By words, the moment the synchronisation has ended; the vector follows.
    assert shop.found(query='a rowing boat')[0] == 'two___rent_boat'
    assert 'two___book_table' not in shop.found(query='reserve seats in a restaurant')
    shop.by_meaning()
    assert shop.found(query='paddle across the lake')[0] == 'two___rent_boat'
    assert not any(name.startswith('two___b') for name in shop.found(query='dinner tonight'))
    shop.gateway.control.delete_gateway_target(gatewayIdentifier=shop.gateway.id,
                                               targetId=shop.second['targetId'])
    assert all(name.startswith('one___') for name in shop.found(query='a rowing boat'))


@pytest.mark.parametrize('client', CLIENTS)
def test_a_client_is_told_that_it_searches_too_often(own_server, upstream, unique, client):
    """HTTP 429: no client waits for an answer that does not come, or goes on as if it were one."""
    upstream.set_tools(SOME)
    server = own_server('--search-model', 'off', '--search-rate', '1')
    pool = Pool(server, unique('pool'), scopes=('invoke',))
    gateway = Gateway(server, unique('rate'), pool.authorizer(), search=True)
    gateway.add_ready('t', upstream.url)
    calls = [json.dumps({'query': 'door'})] * 2
    with pytest.raises(AssertionError, match='(?i)rate exceeded|429|-32000'):
        CLIENTS[client](gateway.url, pool.token(), *calls)
    assert CLIENTS[client](gateway.url, pool.token())['tools'][0] == SEARCH
