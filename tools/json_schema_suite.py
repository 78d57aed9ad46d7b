#!/usr/bin/env python3
"""Fetches the official JSON Schema Test Suite into .cache/json-schema-suite/.

The suite comes inside the source package of the PyPI package `jsonschema` (MIT; the suite itself is
MIT too), pinned here by version and hash. Prints the folder; quick when it is already there.
"""
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

CACHE = Path(__file__).resolve().parent.parent / '.cache'
SUITE = CACHE / 'json-schema-suite'

# A bump is a commit of its own.
VERSION = '4.26.0'
SHA256 = '0c26707e2efad8aa1bfc5b7ce170f3fccc2e4918ff85989ba9ffa9facb2be326'
PACKAGE = f'jsonschema-{VERSION}.tar.gz'
STAMP = SUITE / 'package-sha256.txt'


def fetch(into: Path) -> Path:
    """The source package, from the package index; pip checks the hash, we check it again."""
    wanted = into / 'requirements.txt'
    wanted.write_text(f'jsonschema=={VERSION} --hash=sha256:{SHA256}\n')
    subprocess.run(
        [sys.executable, '-m', 'pip', 'download', '--quiet', '--disable-pip-version-check',
         '--no-deps', '--require-hashes', '--no-binary=:all:', '--dest', str(into),
         '--requirement', str(wanted)], check=True)
    package = into / PACKAGE
    if hashlib.sha256(package.read_bytes()).hexdigest() != SHA256:
        raise SystemExit(f'json_schema_suite: {PACKAGE} has another hash than expected')
    return package


def unpack(package: Path, into: Path) -> None:
    """The suite's own files: cases, the documents they refer to, and the licence."""
    prefix = f'jsonschema-{VERSION}/json/'
    with tarfile.open(package) as archive:
        for member in archive.getmembers():
            name = member.name.removeprefix(prefix)
            wanted = name.startswith(('tests/', 'remotes/')) or name == 'LICENSE'
            if name == member.name or not wanted or not member.isfile() or '..' in name:
                continue
            target = into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            source = archive.extractfile(member)
            assert source is not None
            target.write_bytes(source.read())
    (into / STAMP.name).write_text(SHA256 + '\n')


def main() -> None:
    if not STAMP.is_file() or STAMP.read_text().strip() != SHA256:
        print(f'json_schema_suite: fetching jsonschema {VERSION} into {CACHE.name}/',
              file=sys.stderr)
        CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as work:
            fresh = Path(work) / 'suite'
            unpack(fetch(Path(work)), fresh)
            shutil.rmtree(SUITE, ignore_errors=True)
            fresh.rename(SUITE)
    print(SUITE)


if __name__ == '__main__':
    main()
