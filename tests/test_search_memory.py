"""What many tools take of a server's memory. bench/search/server.py measures a hundred thousand."""
import re
import time
from pathlib import Path

from harness.gateway import Gateway
from harness.scripted import tool

TARGETS, TOOLS = 2, 10_000
WORDS = ('account amount archive balance batch branch budget calendar channel claim contract '
         'country currency customer delivery deposit device discount document employee event '
         'folder invoice journal ledger license location market message meter network notice '
         'offer office order package parcel partner payment period person price product '
         'profile project quote rating record refund region report request reserve return '
         'route sample schedule season section segment service session shipment signal station '
         'status stock storage supplier survey target ticket transfer travel vehicle vendor '
         'version voucher wallet warehouse').split()


def text(seed: int, words: int) -> str:
    """Of many words in an order of its own, so that little of it repeats."""
    return ' '.join(WORDS[(seed * 7919 + i * i * 31 + seed % 97 * i) % len(WORDS)]
                    for i in range(words))


def definition(i: int) -> dict:
    properties = {f'{WORDS[(i + p) % len(WORDS)]}_{p}': {'type': 'string',
                                                       'description': text(i * 5 + p, 12)}
                  for p in range(3)}
    return tool(f'tool_{i}', text(i, 20), {'type': 'object', 'properties': properties})


def own_bytes(server) -> int:
    status = Path(f'/proc/{server.program.pid}/status').read_text()
    return int(re.search(r'RssAnon:\s+(\d+)', status)[1]) * 1024


def test_definitions_of_many_tools_are_kept_packed(own_server, upstream):
    """A tool of 670 bytes takes about 1,000, most of them for the words of its search; with its
    definition as it is it would take 1,500."""
    server = own_server('--search-model', 'off')
    before = own_bytes(server)
    upstream.set_tools([definition(i) for i in range(TOOLS)])
    gateway = Gateway(server, 'many', {'authorizerType': 'NONE'}, search=True)
    for i in range(TARGETS):
        gateway.add_ready(f't{i}', upstream.url)
    server.kill()
    server.start()
    endpoint = gateway.endpoint()
    endpoint.url = endpoint.url.replace(gateway.url[:gateway.url.index('/gateways')], server.base)
    assert len(endpoint.search(text(77, 20))) == 10
    until = time.monotonic() + 60  # what starting needed is given back
    while (own_bytes(server) - before) / (TARGETS * TOOLS) > 1_200:
        assert time.monotonic() < until, (own_bytes(server) - before) / (TARGETS * TOOLS)
        time.sleep(0.1)
