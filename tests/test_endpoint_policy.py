"""--endpoint-policy: which gateways may be invoked through the listener, whatever else allows."""
import json

import pytest
import requests

POLICY = {'Statement': [{'Principal': '*', 'Effect': 'Allow', 'Action': '*',
                         'Resource': 'arn:aws:bedrock-agentcore:us-east-1::gateway/open-*'}]}
LIST = {'jsonrpc': '2.0', 'id': 1, 'method': 'tools/list', 'params': {}}


@pytest.fixture
def guarded(own_server, tmp_path):
    path = tmp_path / 'endpoint-policy.json'
    path.write_text(json.dumps(POLICY))
    return own_server('--endpoint-policy', str(path))


def test_only_what_the_policy_names_is_invoked(guarded):
    control = guarded.aws('bedrock-agentcore-control')
    made = {name: control.create_gateway(name=name, roleArn=guarded.role, protocolType='MCP',
                                         authorizerType='NONE') for name in ('open', 'closed')}
    assert requests.post(made['open']['gatewayUrl'], json=LIST, timeout=10).status_code == 200
    refused = requests.post(made['closed']['gatewayUrl'], json=LIST, timeout=10)
    assert refused.status_code == 403
    assert 'no endpoint policy allows the bedrock-agentcore:InvokeGateway action' in refused.text
    # It says nothing of the AWS API.
    assert len(control.list_gateways()['items']) == 2


def test_a_policy_that_cannot_be_read_ends_the_start(own_server, tmp_path):
    path = tmp_path / 'broken.json'
    path.write_text('{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}')
    with pytest.raises(AssertionError, match='broken.json'):
        own_server('--endpoint-policy', str(path))
