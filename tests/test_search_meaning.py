"""Tools found by meaning: quality, the making and keeping of vectors, and other embedders."""
import json
import math
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests
from harness.gateway import SEARCH, Gateway
from harness.scripted import tool
from harness.server import BINARY, ROOT

MODEL = os.environ.get('TOOLGATE_MODEL') or next(
    (str(at) for at in (BINARY.parent / 'minilm.model', ROOT / 'build/release/minilm.model')
     if at.is_file()), 'minilm.model is not built: tools/model.py')
OWN_SET = ROOT / 'tests/data/search'
SEARCH_DATA = os.environ.get('TOOLGATE_SEARCH_DATA')  # the folder of the large set
SECONDS_MAX = 300  # until all vectors are there, on a busy machine


def metric(server, name: str) -> int:
    text = requests.get(server.base + '/metrics', timeout=10).text
    return int(re.search(rf'^toolgate_search_{name} (\d+)$', text, re.M)[1])


def when(reached, seconds: float = SECONDS_MAX) -> None:
    until = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < until
        time.sleep(0.1)


def gateway_of(server, upstream, name: str = 'meaning') -> Gateway:
    made = Gateway(server, name, {'authorizerType': 'NONE'}, search=True)
    made.ready = made.add_ready('t', upstream.url)
    return made


def by_meaning(server, endpoint) -> bool:
    """Whether a search of now goes by meaning."""
    before = metric(server, 'by_meaning_total')
    endpoint.search(f'anything at {time.monotonic()}')
    return metric(server, 'by_meaning_total') > before


SOME = [tool('getWeatherForecast', 'Rain, wind and temperature of the next days'),
        tool('send_invoice', 'Mails a bill to a customer'),
        tool('lock_door', 'Locks or opens an entrance')]


def load(folder: Path):
    tools = [json.loads(line) for line in (folder / 'tools.jsonl').open()]
    queries = [json.loads(line) for line in (folder / 'queries.jsonl').open()]
    return tools, queries


def definition(one: dict) -> dict:
    properties = {p['name']: {'type': 'string'} |
                  ({'description': p['description']} if p['description'] else {})
                  for p in one['params']}
    return tool(one['name'], one['description'] or '',
                {'type': 'object', 'properties': properties})


def quality(endpoint, queries) -> tuple[float, float]:
    """NDCG@10 and Recall@10, in percent."""
    gains, recalls = [], []
    for query in queries:
        found = [name.removeprefix('t___') for name in endpoint.search(query['query'])]
        wanted = set(query['relevant'])
        gain = sum(1 / math.log2(rank + 2) for rank, name in enumerate(found) if name in wanted)
        ideal = sum(1 / math.log2(rank + 2) for rank in range(min(10, len(wanted))))
        gains.append(gain / ideal)
        recalls.append(len(wanted & set(found)) / len(wanted))
    return 100 * sum(gains) / len(gains), 100 * sum(recalls) / len(recalls)


def test_our_own_set(own_server, upstream):
    """Requests in other words than the tools': words alone reach 26 and 35 here."""
    tools, queries = load(OWN_SET)
    upstream.set_tools([definition(one) for one in tools])
    server = own_server('--search-model', MODEL)
    endpoint = gateway_of(server, upstream).endpoint()
    when(lambda: by_meaning(server, endpoint))
    ndcg, recall = quality(endpoint, queries)
    assert ndcg >= 68.5 and recall >= 94.9, (ndcg, recall)


@pytest.mark.skipif(not SEARCH_DATA, reason='TOOLGATE_SEARCH_DATA names no folder')
@pytest.mark.timeout(1800)
def test_the_large_set(own_server, upstream):
    tools, queries = load(Path(SEARCH_DATA))
    once = {one['name']: one for one in reversed(tools)}
    upstream.set_tools([definition(one) for one in once.values()])
    server = own_server('--search-model', MODEL)
    endpoint = gateway_of(server, upstream).endpoint()
    when(lambda: by_meaning(server, endpoint), 900)
    ndcg, recall = quality(endpoint, queries)
    assert ndcg >= 78.3 and recall >= 89.6, (ndcg, recall)


def test_words_at_once_and_vectors_only_for_what_changed(own_server, upstream):
    upstream.set_tools(SOME)
    server = own_server('--search-model', MODEL)
    gateway = gateway_of(server, upstream)
    endpoint = gateway.endpoint()
    assert endpoint.search('weather')[0] == 't___getWeatherForecast'  # the moment it is there
    when(lambda: by_meaning(server, endpoint))
    assert endpoint.search('will I need an umbrella')[0] == 't___getWeatherForecast'
    assert metric(server, 'embedded_total') == 3

    upstream.set_tools([*SOME[1:], tool('play_music', 'Starts a song')])
    gateway.synchronize(gateway.ready['targetId'])
    assert 't___getWeatherForecast' not in endpoint.search('weather')
    when(lambda: by_meaning(server, endpoint))
    assert metric(server, 'embedded_total') == 4
    assert endpoint.search('put on some jazz')[0] == 't___play_music'


def test_a_restart_makes_no_vector_again(own_server, upstream):
    upstream.set_tools(SOME)
    server = own_server('--search-model', MODEL)
    gateway = gateway_of(server, upstream)
    when(lambda: by_meaning(server, gateway.endpoint()))
    server.kill()
    server.start()
    endpoint = gateway.endpoint()
    endpoint.url = endpoint.url.replace(gateway.url[:gateway.url.index('/gateways')], server.base)
    when(lambda: by_meaning(server, endpoint))
    assert metric(server, 'embedded_total') == 0
    assert endpoint.search('will I need an umbrella')[0] == 't___getWeatherForecast'


def test_the_command_says_why(own_server, upstream):
    upstream.set_tools(SOME)
    server = own_server('--search-model', MODEL)
    gateway = gateway_of(server, upstream)
    when(lambda: by_meaning(server, gateway.endpoint()))
    done = server.run('search', gateway.name, 'mail the customer a bill', '--search-model', MODEL)
    assert done.returncode == 0, done.stderr
    best = done.stdout.splitlines()[0]
    assert 't___send_invoice' in best and 'words: bill, custom, mail' in best
    assert float(re.search(r'cosine (\d\.\d+)', best)[1]) > 0.5
    words = server.run('search', gateway.id, 'customers', '--search-model', 'off')
    assert 't___send_invoice' in words.stdout and 'cosine' not in words.stdout
    empty = server.run('search', gateway.id, ' ', '--search-model', 'off')
    assert empty.returncode == 1 and 'toolgate: search: QUERY: expected' in empty.stderr
    unknown = server.run('search', 'no-such-gateway', 'x', '--search-model', 'off')
    assert unknown.returncode == 1 and 'no-such-gateway' in unknown.stderr


class Embeddings:
    """An OpenAI-compatible /v1/embeddings in this process: a text's direction is its first letter.
    `failures` answers of `status` come first."""

    def __init__(self) -> None:
        self.asked: list[dict] = []
        self.headers: list[dict] = []
        self.failures, self.status = 0, 503
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers['content-length'])))
                outer.asked.append(body)
                outer.headers.append(dict(self.headers.items()))
                status, answer = 200, {'object': 'list', 'model': body['model'], 'data': [
                    {'object': 'embedding', 'index': index, 'embedding': outer.vector(text)}
                    for index, text in enumerate(body['input'])]}
                if outer.failures > 0:
                    outer.failures -= 1
                    status, answer = outer.status, {'error': {'message': 'later'}}
                printed = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header('content-type', 'application/json')
                self.send_header('content-length', str(len(printed)))
                self.end_headers()
                self.wfile.write(printed)

            def log_message(self, *_) -> None:
                pass

        self.server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self.server.server_address[1]}/v1/embeddings'
        Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def vector(text: str) -> list[float]:
        return [1.5 if letter == text[:1].lower() else 0.0
                for letter in 'abcdefghijklmnopqrstuvwxyz ']


@pytest.fixture
def embeddings():
    made = Embeddings()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_a_service_can_make_the_vectors(own_server, upstream, embeddings, tmp_path):
    upstream.set_tools(SOME)
    key = tmp_path / 'key'
    key.write_text('secret-of-the-service\n')
    embeddings.failures = 1
    server = own_server('--embeddings-url', embeddings.url, '--embeddings-model', 'letters',
                        '--embeddings-key-file', str(key))
    endpoint = gateway_of(server, upstream).endpoint()
    when(lambda: by_meaning(server, endpoint))
    assert endpoint.search('lxxx') == ['t___lock_door']
    documents = [asked for asked in embeddings.asked if len(asked['input']) == 3]
    assert len(documents) == 2  # one batch, tried again after 503
    assert documents[0]['model'] == 'letters'
    assert embeddings.headers[0]['authorization'] == 'Bearer secret-of-the-service'
    assert 'secret-of-the-service' not in server.log_text()


def test_a_service_that_fails_costs_meaning_only(own_server, upstream, embeddings):
    upstream.set_tools(SOME)
    server = own_server('--embeddings-url', embeddings.url, '--embeddings-model', 'letters')
    endpoint = gateway_of(server, upstream).endpoint()
    when(lambda: by_meaning(server, endpoint))
    embeddings.failures = 1000
    failed = metric(server, 'query_failures_total')
    assert endpoint.search('invoice') == ['t___send_invoice']
    assert endpoint.search('lyyy') == []
    assert metric(server, 'query_failures_total') == failed + 2
    embeddings.failures = 0
    assert endpoint.search('lzzz') == ['t___lock_door']


def test_settings_that_cannot_be(own_server):
    for flags, word in ((('--search-model', '/nonexistent'), '--search-model'),
                        (('--embeddings-url', 'nowhere'), '--embeddings-url'),
                        (('--embeddings-url', 'http://127.0.0.1:1/'), '--embeddings-model')):
        with pytest.raises(AssertionError, match=word):
            own_server(*flags)


def test_many_callers_while_tools_are_called(own_server, upstream):
    """A search does not hold up its neighbours: calls go on while four search without end."""
    tools, queries = load(OWN_SET)
    upstream.set_tools([definition(one) for one in tools])
    server = own_server('--search-model', MODEL)
    gateway = gateway_of(server, upstream)
    when(lambda: by_meaning(server, gateway.endpoint()))
    done = []

    def search() -> None:
        endpoint = gateway.endpoint()
        done.extend(endpoint.search(f'{query["query"]} {os.urandom(4).hex()}')
                    for query in queries[:50])

    threads = [Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    endpoint = gateway.endpoint()
    while any(thread.is_alive() for thread in threads):
        assert endpoint.ask('tools/call', {'name': 't___start_timer', 'arguments': {}})
    assert len(done) == 200 and all(done)


def priorities(server) -> list[int]:
    """The nice values of its threads."""
    stats = [path.read_text() for path in Path(f'/proc/{server.program.pid}/task').glob('*/stat')]
    return sorted(int(stat.rpartition(')')[2].split()[16]) for stat in stats)


def test_inference_gives_way_to_everything_else(own_server, upstream):
    """By its priority, on no more threads than there are cores, however many search."""
    upstream.set_tools(SOME)
    server = own_server('--search-model', MODEL)
    others = priorities(server).count(10)  # who writes logs
    gateway = gateway_of(server, upstream)
    when(lambda: by_meaning(server, gateway.endpoint()))
    with ThreadPoolExecutor(8) as pool:
        def search(i: int) -> None:
            gateway.endpoint().search(f'the {i}th of many requests')
        list(pool.map(search, range(40)))
    nice = priorities(server)
    assert nice[-1] == 19 and nice[0] == 0, nice
    assert 1 <= nice.count(10) - others <= min(4, len(os.sched_getaffinity(0))), nice


def test_the_tool_is_an_ordinary_one_for_sdks(own_server, upstream):
    """SEARCH is called as any tool; its arguments are checked."""
    upstream.set_tools(SOME)
    server = own_server('--search-model', MODEL)
    endpoint = gateway_of(server, upstream).endpoint()
    result = endpoint.call(SEARCH, {'query': 'door', 'limit': 1})
    assert [one['name'] for one in result['structuredContent']['tools']] == ['t___lock_door']
    assert json.loads(result['content'][0]['text']) == result['structuredContent']
    assert "'query'" in endpoint.error_text(SEARCH, {})
