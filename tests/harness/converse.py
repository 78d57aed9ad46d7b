"""What tests of Bedrock's Converse share: inputs in its words, and streams put together again."""
import json

import pytest
from botocore.exceptions import ClientError

from harness import chat as script

MODEL = 'us.anthropic.claude-sonnet-4-20250514-v1:0'


def user(*blocks) -> dict:
    return {'role': 'user', 'content': [{'text': block} if isinstance(block, str) else block
                                        for block in blocks]}


def tool(name: str, description: str, **properties) -> dict:
    schema = {'type': 'object', 'properties': properties, 'required': list(properties)}
    return {'toolSpec': {'name': name, 'description': description, 'inputSchema': {'json': schema}}}


def tools(*specs, **more) -> dict:
    return {'tools': list(specs)} | more


ADD = tool('add', 'Adds two numbers', a={'type': 'integer'}, b={'type': 'integer'})


def events_of(client, *messages, **more) -> list[tuple[str, dict]]:
    """The stream's events as pairs of name and value."""
    answer = client.converse_stream(modelId=MODEL, messages=list(messages), **more)
    assert answer['ResponseMetadata']['HTTPHeaders']['content-type'] == \
        'application/vnd.amazon.eventstream'
    return [next(iter(event.items())) for event in answer['stream']]


def assembled(events: list[tuple[str, dict]]) -> dict:
    """The message that the events build, checked for their order: as a careful client does."""
    assert events[0] == ('messageStart', {'role': 'assistant'})
    assert [name for name, _ in events[-2:]] == ['messageStop', 'metadata']
    content, open_block, started = [], None, set()
    for name, value in events[1:-2]:
        index = value['contentBlockIndex']
        if name == 'contentBlockStop':
            assert index == open_block
            open_block = None
            continue
        if open_block is None:
            assert index == len(content) and index not in started
            open_block = index
            started.add(index)
            content.append({})
        assert index == open_block, 'two blocks are open'
        block = content[index]
        if name == 'contentBlockStart':
            block['toolUse'] = value['start']['toolUse'] | {'input': ''}
        elif 'text' in value['delta']:
            block['text'] = block.get('text', '') + value['delta']['text']
        elif 'reasoningContent' in value['delta']:
            block['thought'] = block.get('thought', '') + value['delta']['reasoningContent']['text']
        else:
            block['toolUse']['input'] += value['delta']['toolUse']['input']
    assert open_block is None
    for block in content:
        if 'toolUse' in block:
            block['toolUse']['input'] = json.loads(block['toolUse']['input'] or '{}')
    return {'content': content, 'stopReason': events[-2][1]['stopReason'], **events[-1][1]}


def refused(call, *arguments, **more) -> ClientError:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **more)
    return caught.value


def code_of(caught: ClientError) -> str:
    return caught.response['Error']['Code']


def message_of(caught: ClientError) -> str:
    return caught.response['Error']['Message']


# An answer of the endpoint: words, and two calls of ADD in many pieces.
TWO_CALLS = (script.chunk({'content': 'Adding.'}),
             script.call_chunk(0, '', id='call_1', name='add'),
             *[script.call_chunk(0, piece) for piece in '{"a": 2, "b": 40}'],
             script.call_chunk(1, '{"a"', id='call_2', name='add'),
             script.call_chunk(1, ':1,"b":'), script.call_chunk(1, '2}'),
             script.chunk({}, 'tool_calls'), script.USAGE)
