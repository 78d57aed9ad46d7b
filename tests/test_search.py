"""The search tool: its wire shape, its rank by words alone, and that it follows the catalogue.

By meaning: test_search_meaning.py."""
import json

import pytest
import requests
from harness.gateway import SEARCH, Gateway
from harness.scripted import text_result, tool
from harness.server import Server

TOOLS = [
    tool('getWeatherForecast', 'Tomorrow and the day after', {'type': 'object', 'properties': {
        'city': {'type': 'string', 'description': 'Town whose sky is meant'}}}),
    tool('send_invoice', 'Mails a bill to a customer'),
    tool('refundPayment', 'Gives money back for an invoice'),
    tool('list_files', 'Names of documents in a folder'),
    *[tool(f'filler{number}', f'Nothing of interest, number {number}') for number in range(30)],
]


@pytest.fixture(scope='module')
def words_server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp('words'), ('--search-model', 'off')).start()
    yield running
    assert running.stop() == 0


@pytest.fixture
def gateway(words_server, unique):
    return lambda **more: Gateway(words_server, unique('gateway'), {'authorizerType': 'NONE'},
                                  **more)


@pytest.fixture
def endpoint(gateway, upstream):
    upstream.set_tools(TOOLS)
    made = gateway(search=True)
    made.add_ready('shop', upstream.url)
    return made.endpoint()


def test_the_search_tool_is_listed_first(endpoint):
    first = endpoint.tools()[0]
    assert first['name'] == SEARCH
    assert first['inputSchema']['required'] == ['query']
    assert first['inputSchema']['properties']['query']['type'] == 'string'
    assert first['description']


def test_the_answer_has_structure_and_text(endpoint):
    result = endpoint.call(SEARCH, {'query': 'weather'})
    assert result.get('isError') in (None, False)
    tools = result['structuredContent']['tools']
    assert json.loads(result['content'][0]['text']) == {'tools': tools}
    for member, value in (TOOLS[0] | {'name': 'shop___getWeatherForecast'}).items():
        assert tools[0][member] == value
    assert isinstance(tools[0].get('score', 0.0), float)


@pytest.mark.parametrize('query, best', [
    ('weather forecast', 'getWeatherForecast'),
    ('what is the WEATHER like?', 'getWeatherForecast'),
    ('town', 'getWeatherForecast'),  # a word of a parameter's description
    ('send an invoice', 'send_invoice'),
    ('invoices', 'send_invoice'),  # the stem; a name weighs more than a description
    ('refund', 'refundPayment'),
    ('customer bill', 'send_invoice'),
    ('folders of documents', 'list_files'),
])
def test_the_best_is_first(endpoint, query, best):
    assert endpoint.search(query)[0] == f'shop___{best}'


def test_at_most_ten_and_none_for_nothing(endpoint):
    assert len(endpoint.search('nothing of interest')) == 10
    assert endpoint.search('xyzzy') == []


def test_a_search_wants_a_query(endpoint):
    assert "'query'" in endpoint.error_text(SEARCH, {})
    assert 'query' in endpoint.error_text(SEARCH, {'query': 7})


def test_without_search_there_is_no_search_tool(gateway, upstream):
    upstream.set_tools(TOOLS)
    made = gateway()
    made.add_ready('shop', upstream.url)
    endpoint = made.endpoint()
    assert SEARCH not in endpoint.names()
    error = endpoint.ask('tools/call', {'name': SEARCH, 'arguments': {'query': 'x'}})['error']
    assert error['message'] == f'Unknown tool: {SEARCH}'


def test_search_follows_the_catalogue(gateway, upstream):
    upstream.set_tools([tool('alpha', 'first letter')])
    made = gateway(search=True)
    target = made.add_ready('t', upstream.url)
    endpoint = made.endpoint()
    assert endpoint.search('alpha') == ['t___alpha']
    upstream.set_tools([tool('beta', 'second letter')])
    made.synchronize(target['targetId'])
    assert endpoint.search('alpha') == [] and endpoint.search('beta') == ['t___beta']
    made.control.delete_gateway_target(gatewayIdentifier=made.id, targetId=target['targetId'])
    assert endpoint.search('beta') == []


def test_limit_targets_and_scores(gateway, upstream):
    upstream.set_tools(TOOLS)
    made = gateway(search=True)
    made.add_ready('one', upstream.url)
    made.add_ready('two', upstream.url)
    endpoint = made.endpoint()

    def found(**arguments):
        return endpoint.call(SEARCH, {'query': 'nothing of interest'} | arguments)[
            'structuredContent']['tools']

    assert len(found(limit=3)) == 3 and len(found(limit=50)) == 50
    only = found(targets=['two'], limit=50)
    assert len(only) == 30 and all(one['name'].startswith('two___') for one in only)
    scores = [one['score'] for one in found()]
    assert scores == sorted(scores, reverse=True) and all(0 < score <= 1 for score in scores)
    assert len(found(limit=3.0)) == 3 and len(found(limit=None, targets=None)) == 10
    for arguments in ({'limit': 0}, {'limit': 51}, {'limit': 'x'}, {'limit': 2.5}, {'limit': 1e300},
                      {'targets': 'two'}):
        text = endpoint.error_text(SEARCH, {'query': 'x'} | arguments)
        assert next(iter(arguments)) in text
    text = endpoint.error_text(SEARCH, {'query': 'x', 'targets': ['two', 'three']})
    assert '"three"' in text and '"two"' not in text


def test_search_is_switched_on_and_off(gateway, upstream):
    upstream.set_tools(TOOLS)
    made = gateway()
    made.add_ready('shop', upstream.url)
    endpoint = made.endpoint()

    def switch(**protocol):
        made.control.update_gateway(
            gatewayIdentifier=made.id, name=made.name, roleArn=made.server.role,
            protocolType='MCP', authorizerType='NONE', **protocol)

    assert SEARCH not in endpoint.names()
    switch(protocolConfiguration={'mcp': {'searchType': 'SEMANTIC'}})
    assert endpoint.search('refund') == ['shop___refundPayment']
    switch()
    assert SEARCH not in endpoint.names()


def test_the_server_says_that_it_goes_by_words(words_server):
    assert 'search: by words alone' in words_server.log_text()


def test_a_rate_of_searches_where_the_operator_sets_one(own_server, upstream, unique):
    upstream.set_tools(TOOLS)
    upstream.calls['send_invoice'] = text_result('sent')
    server = own_server('--search-model', 'off', '--search-rate', '4')
    endpoints = []
    for _ in range(2):
        made = Gateway(server, unique('gateway'), {'authorizerType': 'NONE'}, search=True)
        made.add_ready('shop', upstream.url)
        endpoints.append(made.endpoint())
    message = {'jsonrpc': '2.0', 'id': 'a', 'method': 'tools/call',
               'params': {'name': SEARCH, 'arguments': {'query': 'invoice'}}}
    answers = [endpoints[0].post(message) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
    refused = answers[-1]
    assert 1 <= int(refused.headers['retry-after']) <= 15
    assert refused.json() == {'jsonrpc': '2.0', 'id': 'a', 'error': {
        'code': -32000, 'message': 'ThrottlingException - Rate exceeded'}}
    # Another gateway's is its own, and calls of tools are not searches.
    assert endpoints[1].search('invoice')
    assert endpoints[0].text('shop___send_invoice') == 'sent'
    text = requests.get(server.base + '/metrics', timeout=10).text
    assert 'toolgate_gateway_searches_throttled_total 2' in text


def test_no_rate_unless_one_is_set(endpoint):
    """AWS answers 25 searches a minute."""
    for _ in range(60):
        assert endpoint.search('invoice')
