#!/usr/bin/env python3
"""Takes the table of AWS's partitions out of the botocore package that tools/contract.py pins.

    tools/partitions.py --out DIR        writes DIR/partitions_data.cc
"""
import argparse
import json
import zipfile
from pathlib import Path

import contract

NEEDED = ('id', 'regionRegex', 'outputs', 'regions')
RAW_BYTES_MAX = 60_000  # compilers promise a literal of 65,536 bytes


def cut(table: dict) -> str:
    """Region names without their descriptions, which the rules never read."""
    partitions = [{name: part[name] for name in NEEDED} for part in table['partitions']]
    for part in partitions:
        part['regions'] = {name: {} for name in part['regions']}
    return json.dumps({'partitions': partitions}, separators=(',', ':'))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('--out', type=Path, required=True)
    out = arguments.parse_args().out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(contract.fetch()) as wheel:
        text = cut(json.loads(wheel.read('botocore/data/partitions.json')))
    assert len(text) < RAW_BYTES_MAX and ')data"' not in text
    contract.write(out / 'partitions_data.cc', '\n'.join([
        '// Written by tools/partitions.py.', '#include "targets/smithy/partitions_data.h"', '',
        'namespace toolgate::targets::smithy {',
        f'std::string_view partitions_text() {{ return R"data({text})data"; }}',
        '}  // namespace toolgate::targets::smithy', '']))


if __name__ == '__main__':
    main()
