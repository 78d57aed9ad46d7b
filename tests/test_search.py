"""The search tool: its wire shape, its rank by words, and that it follows the catalogue."""
import json

import pytest
from harness.gateway import SEARCH
from harness.scripted import tool

TOOLS = [
    tool('getWeatherForecast', 'Tomorrow and the day after', {'type': 'object', 'properties': {
        'city': {'type': 'string', 'description': 'Town whose sky is meant'}}}),
    tool('send_invoice', 'Mails a bill to a customer'),
    tool('refundPayment', 'Gives money back for an invoice'),
    tool('list_files', 'Names of documents in a folder'),
    *[tool(f'filler{number}', f'Nothing of interest, number {number}') for number in range(30)],
]


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
