"""Bedrock's Converse with boto3, answered by a scripted chat-completions endpoint."""
import json
import threading
import time

import boto3
import pytest
from botocore.exceptions import EventStreamError
from harness import chat as script
from harness.converse import (ADD, MODEL, TWO_CALLS, assembled, code_of, events_of, message_of,
                              refused, tools, user)
from harness.server import SHORT

PNG = b'\x89PNG\r\n\x1a\n' + bytes(range(256))


@pytest.fixture(scope='module')
def bedrock(with_model):
    return with_model.aws('bedrock-runtime')


# The scripted endpoint, whole answers.

def test_converse_asks_and_answers(chat, bedrock):
    chat.says(script.whole({'content': 'Four.'}))
    answer = bedrock.converse(
        modelId=MODEL, system=[{'text': 'Be brief.'}],
        messages=[user('What is this, and 2+2?', {'image': {'format': 'png',
                                                            'source': {'bytes': PNG}}})],
        inferenceConfig={'maxTokens': 500, 'temperature': 0.5, 'topP': 0.25,
                         'stopSequences': ['END']},
        additionalModelRequestFields={'top_k': 7},
        additionalModelResponseFieldPaths=['/model', '/choices/0/finish_reason', '/absent'])
    assert answer['output']['message'] == {'role': 'assistant', 'content': [{'text': 'Four.'}]}
    assert answer['stopReason'] == 'end_turn'
    assert answer['usage'] == {'inputTokens': 11, 'outputTokens': 3, 'totalTokens': 14}
    assert answer['metrics']['latencyMs'] >= 0
    assert answer['additionalModelResponseFields'] == {
        'model': 'scripted', 'choices': {'0': {'finish_reason': 'stop'}}}
    path, headers, body = chat.received[-1]
    assert path == '/v1/chat/completions'
    assert {name.lower(): value for name, value in headers.items()}['authorization'] == \
        'Bearer sk-of-the-file'
    assert body['model'] == 'big-model' and 'stream' not in body
    assert (body['max_tokens'], body['temperature'], body['top_p'], body['stop'], body['top_k']) \
        == (500, 0.5, 0.25, ['END'], 7)
    assert body['messages'][0] == {'role': 'system', 'content': 'Be brief.'}
    image = body['messages'][1]['content'][1]['image_url']['url']
    assert image.startswith('data:image/png;base64,iVBORw0KGg')


def test_tool_calls_go_there_and_back(chat, bedrock):
    call = {'id': 'call_1', 'type': 'function',
            'function': {'name': 'add', 'arguments': '{"a":2,"b":2}'}}
    chat.says(script.whole({'content': None, 'tool_calls': [call]}, 'tool_calls'),
              script.whole({'content': 'Four.'}))
    messages = [user('2+2?')]
    first = bedrock.converse(modelId=MODEL, messages=messages,
                             toolConfig=tools(ADD, toolChoice={'any': {}}))
    assert first['stopReason'] == 'tool_use'
    use = first['output']['message']['content'][0]['toolUse']
    assert use == {'toolUseId': 'call_1', 'name': 'add', 'input': {'a': 2, 'b': 2}}
    assert chat.asked['tool_choice'] == 'required'
    assert chat.asked['tools'][0]['function']['parameters']['required'] == ['a', 'b']
    messages += [first['output']['message'],
                 user({'toolResult': {'toolUseId': 'call_1', 'content': [{'json': {'sum': 4}}]}})]
    second = bedrock.converse(modelId=MODEL, messages=messages, toolConfig=tools(ADD))
    assert second['output']['message']['content'] == [{'text': 'Four.'}]
    asked = chat.asked['messages']
    assert asked[1]['tool_calls'][0]['function']['name'] == 'add'
    assert json.loads(asked[1]['tool_calls'][0]['function']['arguments']) == {'a': 2, 'b': 2}
    assert asked[2] == {'role': 'tool', 'tool_call_id': 'call_1', 'content': '{"sum":4}'}


@pytest.mark.parametrize('reason, stop', [('stop', 'end_turn'), ('length', 'max_tokens'),
                                          ('content_filter', 'content_filtered')])
def test_stop_reasons(chat, bedrock, reason, stop):
    chat.says(script.whole({'content': 'x'}, reason))
    assert bedrock.converse(modelId=MODEL, messages=[user('x')])['stopReason'] == stop
    chat.says(script.streamed(script.chunk({'content': 'x'}), script.chunk({}, reason)))
    assert assembled(events_of(bedrock, user('x')))['stopReason'] == stop


def test_a_stop_sequence_that_the_endpoint_names(chat, bedrock):
    chat.says(script.whole({'content': 'x'}, choices=[
        {'message': {'content': 'x'}, 'finish_reason': 'stop', 'stop_reason': 'END'}]))
    assert bedrock.converse(modelId=MODEL, messages=[user('x')])['stopReason'] == 'stop_sequence'


@pytest.mark.parametrize('status, code', [
    (400, 'ValidationException'), (401, 'AccessDeniedException'),
    (404, 'ResourceNotFoundException'), (429, 'ThrottlingException'),
    (500, 'ModelErrorException'), (503, 'ServiceUnavailableException'),
    (504, 'ModelTimeoutException')])
def test_errors_of_the_endpoint(chat, bedrock, status, code):
    """Of both operations: no stream has begun."""
    chat.says(script.error(status, 'because'))
    for operation in (bedrock.converse, bedrock.converse_stream):
        caught = refused(operation, modelId=MODEL, messages=[user('x')])
        assert code_of(caught) == code and str(status) in message_of(caught)
        assert ('because' in message_of(caught)) == (status != 401)


def test_a_renamed_member_is_sent_again(chat, bedrock):
    """Newer models of some hosts know the bound by another name, others count no streams."""
    def particular(body: dict):
        if 'max_tokens' in body:
            return script.error(400, "Unsupported parameter: use 'max_completion_tokens' instead.")
        if 'stream_options' in body:
            return script.error(422, 'Extra inputs are not permitted: stream_options')
        return script.streamed(script.chunk({'content': 'x'}), script.chunk({}, 'stop'))

    chat.says(particular)
    message = assembled(events_of(bedrock, user('x'), inferenceConfig={'maxTokens': 9}))
    assert message['content'] == [{'text': 'x'}] and message['usage']['totalTokens'] == 0
    assert len(chat.received) == 3 and chat.asked['max_completion_tokens'] == 9


def test_answers_that_are_none(chat, bedrock):
    for pieces in ([b'<html>'], [b'{}'], [b'{"choices":[]}'], [b'[' * 5000]):
        chat.says(script.Answer(pieces))
        for operation in (bedrock.converse, bedrock.converse_stream):
            assert code_of(refused(operation, modelId=MODEL, messages=[user('x')])) == \
                'ModelErrorException'
    chat.says(script.Answer([b'{"choices":', b' '], cut=True))
    assert code_of(refused(bedrock.converse, modelId=MODEL, messages=[user('x')])) == \
        'ModelErrorException'
    chat.says(script.Answer([b' ' * 1_000_000] * 8))
    caught = refused(bedrock.converse, modelId=MODEL, messages=[user('x')])
    assert code_of(caught) == 'ModelErrorException' and 'longer than' in message_of(caught)


def test_wrong_input_is_named(chat, bedrock):
    chat.says(script.whole({'content': 'x'}))
    video = {'video': {'format': 'mp4', 'source': {'bytes': b'1'}}}
    for messages, more, says in [
            ([user(video)], {}, 'messages[0].content[0].video'),
            ([], {}, 'messages'),
            ([user('x')], {'guardrailConfig': {'guardrailIdentifier': 'abc',
                                               'guardrailVersion': '1'}}, 'guardrailConfig'),
            ([user('x')], {'inferenceConfig': {'temperature': 1.5}},
             'inferenceConfig.temperature')]:
        caught = refused(bedrock.converse, modelId=MODEL, messages=messages, **more)
        assert code_of(caught) == 'ValidationException' and says in message_of(caught)
    assert chat.received == []


def test_other_operations_are_unknown(bedrock):
    caught = refused(bedrock.invoke_model, modelId=MODEL, body=b'{}')
    assert code_of(caught) == 'UnknownOperationException'


def test_a_wrong_signature_is_refused(with_model):
    session = boto3.session.Session(aws_access_key_id='AKIAIOSFODNN7EXAMPLE',
                                    aws_secret_access_key='wrong', region_name='us-east-1')
    client = session.client('bedrock-runtime', endpoint_url=with_model.base, config=SHORT)
    assert code_of(refused(client.converse, modelId=MODEL, messages=[user('x')])) == \
        'UnrecognizedClientException'


# The scripted endpoint, streams.

def test_text_streams(chat, bedrock):
    chat.says(script.streamed(script.chunk({'role': 'assistant', 'content': ''}),
                              script.chunk({'content': 'Hel'}), script.chunk({'content': 'lö'}),
                              script.chunk({}, 'stop'), script.USAGE))
    message = assembled(events_of(bedrock, user('Hi')))
    assert message['content'] == [{'text': 'Hellö'}]
    assert message['usage'] == {'inputTokens': 12, 'outputTokens': 5, 'totalTokens': 25,
                                'cacheReadInputTokens': 8}
    assert message['metrics']['latencyMs'] >= 0
    assert chat.asked['stream'] is True
    assert chat.asked['stream_options'] == {'include_usage': True}


@pytest.mark.parametrize('split', [0, 1, 7, 64])
def test_tool_calls_split_over_many_pieces(chat, bedrock, split):
    chat.says(script.streamed(*TWO_CALLS, split=split))
    message = assembled(events_of(bedrock, user('2+40?'), toolConfig=tools(ADD)))
    assert message['content'] == [
        {'text': 'Adding.'},
        {'toolUse': {'toolUseId': 'call_1', 'name': 'add', 'input': {'a': 2, 'b': 40}}},
        {'toolUse': {'toolUseId': 'call_2', 'name': 'add', 'input': {'a': 1, 'b': 2}}}]
    assert message['stopReason'] == 'tool_use'


def test_reasoning_streams(chat, bedrock):
    chat.says(script.streamed(script.chunk({'reasoning_content': 'Let me '}),
                              script.chunk({'reasoning_content': 'see.'}),
                              script.chunk({'content': '4'}), script.chunk({}, 'stop')))
    assert assembled(events_of(bedrock, user('2+2')))['content'] == [
        {'thought': 'Let me see.'}, {'text': '4'}]


def test_events_come_while_the_model_speaks(chat, bedrock):
    chat.says(script.streamed(*[script.chunk({'content': str(n)}) for n in range(5)],
                              script.chunk({}, 'stop'), pause=0.2))
    stream = bedrock.converse_stream(modelId=MODEL, messages=[user('x')])['stream']
    times = [time.monotonic() for _ in stream]
    assert times[-1] - times[0] > 0.2  # of a second; none if they came together


def test_an_endpoint_that_cannot_stream(chat, bedrock):
    chat.says(script.whole({'content': 'All at once.'}))
    assert assembled(events_of(bedrock, user('x')))['content'] == [{'text': 'All at once.'}]


@pytest.mark.parametrize('answer, code', [
    (script.streamed(script.chunk({'content': 'Hel'}), done=False, cut=True),
     'modelStreamErrorException'),
    (script.streamed(script.chunk({'content': 'Hel'}), done=False), 'modelStreamErrorException'),
    (script.streamed(script.chunk({'content': 'Hel'}), {'error': {'message': 'x', 'code': 429}}),
     'throttlingException'),
    (script.streamed(script.chunk({'content': 'Hel'}), {'error': {'message': 'x', 'code': 503}}),
     'serviceUnavailableException'),
    (script.Answer([b'data: {"choices":[{"delta":{"content":"Hel"}}]}\n\n', b'data: {oops\n\n'],
                   content_type='text/event-stream'), 'modelStreamErrorException'),
    (script.streamed(script.chunk({'content': 'Hel'}), script.chunk({'content': 'x' * 1_100_000})),
     'modelStreamErrorException'),
])
def test_a_stream_that_breaks_off_ends_with_an_exception(chat, bedrock, answer, code):
    chat.says(answer)
    stream = bedrock.converse_stream(modelId=MODEL, messages=[user('x')])['stream']
    seen = []
    with pytest.raises(EventStreamError) as caught:
        for event in stream:
            seen.append(event)
    assert code_of(caught.value) == code
    assert seen[1]['contentBlockDelta']['delta'] == {'text': 'Hel'}


def test_a_caller_that_goes_away_ends_the_question(chat, bedrock):
    chat.says(script.streamed(*[script.chunk({'content': 'word ' * 200})] * 400, pause=0.02))
    chat.ended.clear()
    stream = bedrock.converse_stream(modelId=MODEL, messages=[user('x')])['stream']
    next(iter(stream))
    stream.close()
    assert chat.ended.wait(6), 'the endpoint is still asked'


def test_many_at_once(chat, with_model):
    chat.says(lambda body: script.streamed(
        script.chunk({'content': body['messages'][-1]['content']}), script.chunk({}, 'stop')))
    wrong = []

    def ask(number: int) -> None:
        client = with_model.aws('bedrock-runtime')
        for turn in range(5):
            text = f'{number}-{turn}'
            if assembled(events_of(client, user(text)))['content'] != [{'text': text}]:
                wrong.append(text)

    with_model.environment()
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
