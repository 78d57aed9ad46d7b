#!/usr/bin/env python3
"""Writes tools/characters.txt: what the reference tokenizer does with each Unicode character.

    tools/characters.py              needs the PyPI package `tokenizers`

The BERT normaliser of that package (clean text, CJK apart, accents off, lower case) works character
by character but for Hangul, which is arithmetic. So all that it does is a table, and asking it is
exact where a Unicode database of another version is not. tools/model.py puts the table into the
model file; tests/test_wordpiece.py compares whole texts.
"""
import textwrap
from pathlib import Path

from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

OUT = Path(__file__).resolve().parent / 'characters.txt'
HANGUL = range(0xAC00, 0xD7A4)
SURROGATES = range(0xD800, 0xE000)

HEADER = """\
# Made by tools/characters.py; read by tools/model.py. Hexadecimal code points; - is a range.
# drop: vanish. space: a blank. alone: a word of its own. punctuation: the same, after all else.
# shift A-B+D/S: every S-th character from A to B becomes itself plus D (decimal).
# lone A=B: becomes B, a word of its own. expand A=B.C: becomes several.
"""


def is_plain(changes: dict[int, str], point: int) -> bool:
    return changes[point] == chr(point)


def ranges(points) -> list[str]:
    runs: list[list[int]] = []
    for point in sorted(points):
        if runs and runs[-1][1] == point - 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    return [f'{a:X}' if a == b else f'{a:X}-{b:X}' for a, b in runs]


def shifts(changes: dict[int, str]) -> list[str]:
    """Characters that become one other: runs of a common distance, one or two apart."""
    runs: list[list[int]] = []  # first, last, distance, stride
    for point, text in sorted(changes.items()):
        if len(text) != 1 or text in (' ', chr(point)):
            continue
        distance = ord(text) - point
        if runs and runs[-1][2] == distance:
            first, last, _, stride = runs[-1]
            gap = point - last
            fits = gap == 1 or (gap == 2 and is_plain(changes, point - 1))
            if fits and (first == last or stride == gap):
                runs[-1][1], runs[-1][3] = point, gap
                continue
        runs.append([point, point, distance, 1])
    return [f'{a:X}-{b:X}{d:+}/{s}' for a, b, d, s in runs]


def main() -> None:
    normalizer = BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None,
                                lowercase=True)
    splitter = BertPreTokenizer()
    points = [p for p in range(0x110000) if p not in SURROGATES]
    changes = {p: normalizer.normalize_str(chr(p)) for p in points if p not in HANGUL}
    apart = {p: text[1] for p, text in changes.items()
             if len(text) == 3 and text[0] == text[2] == ' '}
    sections = {
        'drop': ranges(p for p, text in changes.items() if text == ''),
        'space': ranges(p for p, text in changes.items() if text == ' ' and p != 32),
        'alone': ranges(p for p, text in apart.items() if text == chr(p)),
        'lone': [f'{p:X}={ord(text):X}' for p, text in sorted(apart.items()) if text != chr(p)],
        'shift': shifts(changes),
        'expand': [f'{p:X}=' + '.'.join(f'{ord(c):X}' for c in text)
                   for p, text in sorted(changes.items()) if len(text) > 1 and p not in apart],
        'punctuation': ranges(p for p in points
                              if len(splitter.pre_tokenize_str(f'a{chr(p)}a')) == 3),
    }
    with OUT.open('w') as file:
        file.write(HEADER)
        for name, entries in sections.items():
            file.write(f'{name}\n{textwrap.fill(" ".join(entries), 100, break_on_hyphens=False)}\n')


if __name__ == '__main__':
    main()
