"""Tools found by meaning with an embeddings service of somebody else's: llama.cpp's server."""
import json
import math
import os
import subprocess

import pytest
import requests
from harness import programs
from harness.scripted import tool
from harness.server import ROOT
from test_search_meaning import (
    MODEL, OWN_SET, SOME, by_meaning, definition, gateway_of, load, metric, quality, when)

BUILD = ROOT / 'build/release'
KEY = 'sk-of-the-service'


@pytest.fixture(scope='module')
def llama(tmp_path_factory):
    running = programs.llama(tmp_path_factory.mktemp('llama') / 'log', KEY)
    when(lambda: requests.get(running.url + '/health', timeout=10).status_code == 200, 60)
    yield running
    running.stop()


def vectors(llama, texts: list[str]) -> list[list[float]]:
    answer = requests.post(llama.url + '/v1/embeddings', timeout=60, json={
        'model': 'all-minilm-l6-v2', 'input': texts}, headers={'Authorization': f'Bearer {KEY}'})
    assert answer.status_code == 200, answer.text
    return [one['embedding'] for one in sorted(answer.json()['data'], key=lambda d: d['index'])]


def own_vectors(texts: list[str]) -> list[list[float]]:
    build = os.environ.get('TOOLGATE_BUILD', BUILD)
    done = subprocess.run([f'{build}/bench/search_encode', MODEL, 'vectors'], text=True, check=True,
                          input=''.join(json.dumps(text) + '\n' for text in texts),
                          capture_output=True)
    return [[float(word) for word in line.split()] for line in done.stdout.splitlines()]


def cosine(a, b) -> float:
    return (sum(x * y for x, y in zip(a, b)) /
            math.sqrt(sum(x * x for x in a) * sum(y * y for y in b)))


def test_our_vectors_are_those_of_the_model_in_floats(llama, capsys):
    tools, queries = load(OWN_SET)
    texts = [query['query'] for query in queries] + [one['description'] for one in tools]
    theirs = [one for at in range(0, len(texts), 32) for one in vectors(llama, texts[at:at + 32])]
    cosines = [cosine(*pair) for pair in zip(own_vectors(texts), theirs)]
    with capsys.disabled():
        print(f'\n8-bit integers and floats: cosine {min(cosines):.4f} at least, '
              f'{sum(cosines) / len(cosines):.4f} on average, of {len(cosines)} texts', end='')
    assert len(cosines) > 200 and min(cosines) > 0.98
    # And are told apart: the same text's vectors are near, not all vectors.
    assert cosine(vectors(llama, texts[:1])[0], own_vectors(texts[-1:])[0]) < 0.5


def of_service(own_server, llama, *key: str):
    return own_server('--embeddings-url', llama.url + '/v1/embeddings', '--embeddings-model',
                      'all-minilm-l6-v2', *key)


def test_our_own_set_with_the_service(own_server, upstream, llama, tmp_path):
    (tmp_path / 'key').write_text(KEY + '\n')
    tools, queries = load(OWN_SET)
    upstream.set_tools([definition(one) for one in tools])
    server = of_service(own_server, llama, '--embeddings-key-file', str(tmp_path / 'key'))
    endpoint = gateway_of(server, upstream).endpoint()
    when(lambda: by_meaning(server, endpoint))
    ndcg, recall = quality(endpoint, queries)
    assert ndcg >= 67.0 and recall >= 94.0, (ndcg, recall)
    assert metric(server, 'query_failures_total') == 0
    assert KEY not in server.log_text()


def test_a_text_too_long_for_the_service_costs_no_other_its_vector(own_server, upstream, llama,
                                                                   tmp_path):
    """llama.cpp's server answers 500 to a whole batch when one of its texts is too long."""
    (tmp_path / 'key').write_text(KEY)
    long = 'x1 y2 z3 ' * 450
    assert requests.post(llama.url + '/v1/embeddings', json={'input': [long, 'short']}, timeout=60,
                         headers={'Authorization': f'Bearer {KEY}'}).status_code >= 400
    upstream.set_tools([*SOME, tool('verbose', 'Rents a bicycle. ' + long)])
    server = of_service(own_server, llama, '--embeddings-key-file', str(tmp_path / 'key'))
    endpoint = gateway_of(server, upstream).endpoint()
    when(lambda: by_meaning(server, endpoint))
    assert metric(server, 'embedded_total') == 4
    assert endpoint.search('will I need an umbrella')[0] == 't___getWeatherForecast'
    assert endpoint.search('cycling')[0] == 't___verbose'
    # A request that is too long as well.
    assert endpoint.search('will I need an umbrella ' + long[:1_900])
    assert metric(server, 'query_failures_total') == 0


def test_the_key_of_a_credential_provider(own_server, upstream, llama):
    """Sealed in the store, read at the next request when it changes, told to nobody."""
    upstream.set_tools(SOME)
    server = of_service(own_server, llama, '--embeddings-key-provider', 'embeddings')
    gateway = gateway_of(server, upstream)
    endpoint = gateway.endpoint()
    assert endpoint.search('door') == ['t___lock_door']  # by words, while there is no provider
    assert not by_meaning(server, endpoint)
    wrong = 'sk-that-is-wrong'
    server.aws('bedrock-agentcore-control').create_api_key_credential_provider(
        name='embeddings', apiKey=wrong)
    when(lambda: 'answered 401' in server.log_text())
    assert not by_meaning(server, endpoint)
    server.aws('bedrock-agentcore-control').update_api_key_credential_provider(
        name='embeddings', apiKey=KEY)
    when(lambda: by_meaning(server, endpoint))
    assert endpoint.search('will I need an umbrella')[0] == 't___getWeatherForecast'
    for secret in (KEY, wrong):
        assert secret not in server.log_text()
        assert all(secret.encode() not in at.read_bytes()
                   for at in server.data.rglob('*') if at.is_file())


def test_a_key_has_one_place(own_server, tmp_path):
    (tmp_path / 'key').write_text(KEY)
    with pytest.raises(AssertionError, match='--embeddings-key-provider'):
        own_server('--embeddings-url', 'http://127.0.0.1:1/', '--embeddings-model', 'm',
                   '--embeddings-key-file', str(tmp_path / 'key'),
                   '--embeddings-key-provider', 'embeddings')
