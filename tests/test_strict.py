"""--strict on: what AWS refuses fails here too."""
import json

from harness.gateway import Gateway
from harness.gateway_logs import OPEN


def test_a_document_of_which_a_part_is_no_tool_fails_whole(own_server):
    gateway = Gateway(own_server('--strict', 'on'), 'strict', OPEN)

    def status_of(paths: dict) -> dict:
        document = {'openapi': '3.0.3', 'info': {'title': 'Things', 'version': '1'},
                    'servers': [{'url': 'http://127.0.0.1:1'}], 'paths': paths}
        target = gateway.control.create_gateway_target(
            gatewayIdentifier=gateway.id, name=f'api{len(made)}',
            targetConfiguration={'mcp': {'openApiSchema': {'inlinePayload': json.dumps(document)}}})
        made.append(target)
        return gateway.at_rest(target)

    made = []
    named = {'/a': {'get': {'operationId': 'a'}}}
    assert status_of(named)['status'] == 'READY'
    unnamed = status_of(named | {'/b': {'get': {}}})
    assert (unnamed['status'], unnamed['statusReasons']) == ('FAILED', [
        '--strict refuses a target of which one part cannot be taken as it is: GET /b has no '
        'operationId: its tool is get_b.'])
    impossible = status_of(named | {'/b/{x}': {'get': {'operationId': 'b'}}, '/c': {'get': {}}})
    assert impossible['status'] == 'FAILED'
    assert '2 parts cannot be taken as they are: GET /b/{x}: its path names {x}' in (
        impossible['statusReasons'][0])
    assert gateway.endpoint().names() == ['api0___a']
