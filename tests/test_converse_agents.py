"""Converse without an endpoint, its settings, and Strands agents on top of it."""
import socket
from importlib.metadata import version

import boto3
import pytest
import strands
from harness import chat as script
from harness.converse import (ADD, MODEL, TWO_CALLS, assembled, code_of, events_of, message_of,
                              refused, tool, tools, user)
from harness.server import SHORT
from mcp.client.streamable_http import streamablehttp_client
from strands import Agent
from strands.models import BedrockModel
from strands.tools.mcp.mcp_client import MCPClient


@pytest.fixture(scope='module', autouse=True)
def versions(request):
    names = ('boto3', 'botocore', 'strands-agents', 'mcp')
    request.config.get_terminal_writer().line(
        '\n' + ', '.join(f'{name} {version(name)}' for name in names))


@pytest.fixture(scope='module')
def stand_in(server):
    return server.aws('bedrock-runtime')


# Configuration.

def test_none_says_how_to_configure_one(own_server):
    client = own_server('--model-endpoint', 'none').aws('bedrock-runtime')
    for operation in (client.converse, client.converse_stream):
        caught = refused(operation, modelId=MODEL, messages=[user('x')])
        assert code_of(caught) == 'ResourceNotFoundException'
        assert '--model-endpoint URL' in message_of(caught)


def test_an_endpoint_that_is_not_there(own_server):
    client = own_server('--model-endpoint', 'http://127.0.0.1:9/v1').aws('bedrock-runtime')
    assert code_of(refused(client.converse, modelId=MODEL, messages=[user('x')])) == \
        'ServiceUnavailableException'


def test_the_address_guard_holds(own_server):
    client = own_server('--model-endpoint', 'http://169.254.169.254/v1').aws('bedrock-runtime')
    caught = refused(client.converse, modelId=MODEL, messages=[user('x')])
    assert code_of(caught) == 'AccessDeniedException'


def test_a_wrong_setting_stops_the_start(own_server):
    with pytest.raises(AssertionError, match='--model-endpoint not a url: expected'):
        own_server('--model-endpoint', 'not a url')


def test_the_service_is_found_by_its_host_name(server, monkeypatch):
    """What a redirected host name looks like from here."""
    look_up = socket.getaddrinfo
    monkeypatch.setattr(socket, 'getaddrinfo',
                        lambda host, *more, **names: look_up('127.0.0.1', *more, **names))
    port = server.base.rpartition(':')[2]
    session = boto3.session.Session(region_name='eu-west-1', **server.credentials())
    client = session.client('bedrock-runtime', config=SHORT,
                            endpoint_url=f'http://bedrock-runtime.eu-west-1.amazonaws.com:{port}')
    arn = 'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/' + MODEL
    answer = client.converse(modelId=arn, messages=[user('Hello')])
    assert 'no language model' in answer['output']['message']['content'][0]['text']


# The stand-in.

def test_the_stand_in_says_what_it_is(stand_in):
    message = stand_in.converse(modelId=MODEL, messages=[user('Which tools do you have?')],
                                toolConfig=tools(ADD))['output']['message']
    text = message['content'][0]['text']
    assert 'no language model' in text and '- add: Adds two numbers' in text


def test_the_stand_in_calls_a_tool(stand_in):
    parcel = tool('trackParcel', 'Where a parcel is', parcelId={'type': 'string'})
    events = events_of(stand_in, user('Track parcel PX-17, please'), toolConfig=tools(ADD, parcel))
    message = assembled(events)
    assert message['stopReason'] == 'tool_use'
    use = message['content'][1]['toolUse']
    assert use['name'] == 'trackParcel' and use['input'] == {'parcelId': 'PX-17'}
    assert message['usage']['totalTokens'] > 10


# Strands.

def agent_model(server, **more) -> BedrockModel:
    session = boto3.session.Session(region_name='us-east-1', **server.credentials())
    return BedrockModel(boto_session=session, model_id=MODEL, endpoint_url=server.base, **more)


def text_of(result) -> str:
    return ''.join(block.get('text', '') for block in result.message['content'])


@pytest.mark.parametrize('streaming', [True, False])
def test_a_strands_agent_calls_its_tool(chat, with_model, streaming):
    calls = []

    @strands.tool
    def add(a: int, b: int) -> int:
        """Adds two numbers."""
        calls.append((a, b))
        return a + b

    call = {'id': 'call_1', 'type': 'function',
            'function': {'name': 'add', 'arguments': '{"a":2,"b":40}'}}
    if streaming:
        chat.says(script.streamed(*TWO_CALLS),
                  script.streamed(script.chunk({'content': '42 and 3.'}),
                                  script.chunk({}, 'stop')))
    else:
        chat.says(script.whole({'tool_calls': [call]}, 'tool_calls'),
                  script.whole({'content': '42 and 3.'}))
    model = agent_model(with_model, streaming=streaming, max_tokens=300, temperature=0.5)
    result = Agent(model=model, tools=[add], callback_handler=None)('What is 2+40?')
    assert text_of(result) == '42 and 3.' and result.stop_reason == 'end_turn'
    assert sorted(calls) == ([(1, 2), (2, 40)] if streaming else [(2, 40)])
    answered = [message for message in chat.asked['messages'] if message['role'] == 'tool']
    assert sorted(message['content'] for message in answered) == \
        (['3', '42'] if streaming else ['42'])


def test_a_strands_agent_is_answered_by_the_stand_in(server):
    @strands.tool
    def track_parcel(parcel_id: str) -> str:
        """Tells where a parcel is."""
        return f'{parcel_id} is in Lyon'

    @strands.tool
    def refund(invoice: int, reason: str = 'none') -> str:
        """Pays an invoice back."""
        return f'{invoice} is paid back'

    agent = Agent(model=agent_model(server), tools=[track_parcel, refund], callback_handler=None)
    listed = text_of(agent('Hi, which tools are available to you?'))
    assert 'no language model' in listed and 'track_parcel' in listed and 'refund' in listed
    assert 'PX-204 is in Lyon' in text_of(agent('Where is parcel PX-204?'))
    assert '17 is paid back' in text_of(agent('Refund invoice 17'))


def test_a_strands_agent_through_a_gateway(server, gateway, orders_url, monkeypatch):
    """The end of the tutorials, with the model that an unconfigured server has; found as a script
    finds it, by the environment."""
    for name, value in server.environment().items():
        if name.startswith('AWS_'):
            monkeypatch.setenv(name, value)
    made = gateway(search=True)
    made.add_ready('shop', orders_url)

    def transport():
        return streamablehttp_client(
            made.url, headers={'Authorization': f'Bearer {made.tokens.token()}'})

    with MCPClient(transport) as client:
        tools_found = client.list_tools_sync()
        model = BedrockModel(model_id=MODEL, temperature=0.7, max_tokens=500)
        agent = Agent(model=model, tools=tools_found, callback_handler=None)
        listed = text_of(agent('Hi, can you list all tools available to you'))
        assert 'shop___updateOrder' in listed
        result = agent('Update order 123')
        assert 'shop___updateOrder answered: 456' in text_of(result)
        assert result.stop_reason == 'end_turn'
