#!/usr/bin/env python3
"""Makes the Smithy 2.0 model (JSON AST) of DynamoDB of the service model that botocore brings.

    tools/smithy_sample.py --out DIR     writes DIR/dynamodb-smithy.json and DIR/sample_data.cc

AWS keeps such a model in the public bucket of AgentCore Gateway's samples; ours says the same in
the same terms (tools/smithy_models.py).
"""
import argparse
import hashlib
import json
import zipfile
from pathlib import Path

import contract
import smithy_models

SERVICE = 'dynamodb'
FILE = 'dynamodb-smithy.json'


def embedding(file: Path) -> str:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return '\n'.join([
        '// Written by tools/smithy_sample.py.', f'// Of the file: {digest}',
        '#include "services/s3/sample.h"', '',
        f'extern const char sample_digest[] = "{digest}";',
        'asm(".section .rodata\\n.balign 16\\nsmithy_sample:\\n"',
        f'    ".incbin \\"{file}\\"\\n"', '    "smithy_sample_end:\\n.byte 0\\n.text\\n");',
        'extern "C" const char smithy_sample[];', 'extern "C" const char smithy_sample_end[];', '',
        'namespace toolgate::services::s3 {',
        'std::string_view sample_text() { return {smithy_sample, smithy_sample_end}; }',
        '}  // namespace toolgate::services::s3', ''])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('--out', type=Path, required=True)
    out = arguments.parse_args().out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(contract.fetch()) as wheel:
        model = smithy_models.model_of(wheel, SERVICE)
    contract.write(out / FILE, json.dumps(model, indent=1) + '\n')
    contract.write(out / 'sample_data.cc', embedding(out / FILE))


if __name__ == '__main__':
    main()
