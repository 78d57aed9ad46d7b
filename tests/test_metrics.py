"""The page of /metrics, read as Prometheus reads it."""
import time

import pytest
import requests
from harness.scripted import text_result, tool
from prometheus_client.parser import text_string_to_metric_families

CALLS = 'toolgate_gateway_tool_call_duration_seconds'
OPERATIONS = 'toolgate_aws_operation_duration_seconds'
BOUNDS = ['0.0001', '0.00025', '0.0005', '0.001', '0.0025', '0.005', '0.01', '0.025', '0.05', '0.1',
          '0.25', '0.5', '1', '2.5', '5', '10', '30', '60', '+Inf']
SLOW_SECONDS = 0.3


def page(server) -> dict:
    answer = requests.get(f'{server.base}/metrics', timeout=10)
    assert answer.headers['content-type'].startswith('text/plain; version=0.0.4')
    families = list(text_string_to_metric_families(answer.text))
    assert len({family.name for family in families}) == len(families)
    return {family.name: family for family in families}


def samples(server, name: str, **labels) -> dict:
    """A histogram's series: {'count': 1.0, 'sum': 0.2, '0.0001': 0.0, …, '+Inf': 1.0}."""
    out = {}
    for sample in page(server)[name].samples:
        if labels.items() <= sample.labels.items():
            out[sample.labels.get('le', sample.name.rsplit('_', 1)[1])] = sample.value
    return out


def more(before: dict, after: dict) -> dict:
    return {name: after[name] - before[name] for name in after}


def test_all_of_it_is_prometheus_text(server):
    families = page(server)
    for family in families.values():
        assert family.name.startswith('toolgate_') and family.documentation
        assert family.type in ('counter', 'gauge', 'histogram') and family.samples
    build = families['toolgate_build_info'].samples
    assert [sample.value for sample in build] == [1] and build[0].labels['version']


@pytest.mark.parametrize('name', [CALLS, OPERATIONS])
def test_histograms_are_whole(server, name):
    family = page(server)[name]
    assert family.type == 'histogram'
    series = {}
    for sample in family.samples:
        (label, value), = ((label, value) for label, value in sample.labels.items()
                           if label != 'le')
        series.setdefault((label, value), []).append(sample)
    assert len(series) > 4
    for one in series.values():
        buckets = [sample for sample in one if sample.name == f'{name}_bucket']
        assert [sample.labels['le'] for sample in buckets] == BOUNDS
        counts = [sample.value for sample in buckets]
        assert counts == sorted(counts)
        assert next(sample.value for sample in one if sample.name == f'{name}_count') == counts[-1]


def test_calls_of_tools_are_counted_where_their_time_belongs(server, gateway, upstream):
    upstream.tools = [tool('quick'), tool('slow')]
    upstream.calls['quick'] = text_result('done')

    def slow(_):
        time.sleep(SLOW_SECONDS)
        return text_result('done')
    upstream.calls['slow'] = slow
    place = gateway()
    place.add_ready('t', upstream.url)
    endpoint = place.endpoint()
    before = samples(server, CALLS, target_kind='MCP_SERVER')
    lambdas = samples(server, CALLS, target_kind='LAMBDA')
    for _ in range(5):
        endpoint.call('t___quick')
    endpoint.call('t___slow')
    endpoint.tools()
    endpoint.ask('tools/call', {'name': 't___nothing'})
    grown = more(before, samples(server, CALLS, target_kind='MCP_SERVER'))
    assert grown['count'] == grown['+Inf'] == 6
    # The quick ones are so only on a quiet machine.
    assert grown['0.25'] <= 5 and grown['60'] == 6
    assert SLOW_SECONDS <= grown['sum'] < 60
    assert samples(server, CALLS, target_kind='LAMBDA') == lambdas


def test_operations_are_counted_by_service(own_server):
    server = own_server()
    iam, sts = server.aws('iam'), server.aws('sts')
    before = samples(server, OPERATIONS, service='iam'), samples(server, OPERATIONS, service='sts')
    for _ in range(3):
        iam.list_users()
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_user(UserName='nobody-of-that-name')
    sts.get_caller_identity()
    assert more(before[0], samples(server, OPERATIONS, service='iam'))['count'] == 4
    assert more(before[1], samples(server, OPERATIONS, service='sts'))['count'] == 1
