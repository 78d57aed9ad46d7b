#!/usr/bin/env python3
"""Checks the rules of the house that a compiler does not: rooms, sizes, words, tables, links.

Prints one line a fault and exits 1 when there is one. Rules: CONTRIBUTING.md.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES_MAX = 400
LINE_COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70
FILE_BYTES_MAX = 128 * 1024  # more is something that the build makes or a package ships
CODE = {'.cc', '.h', '.py', '.sh', '.mjs', '.cmake'}
WORDS_OF_LATER = re.compile(r'\b(TO' r'DO|FIX' r'ME|XX' r'X|HA' r'CK)\b')
REGISTRY_HOSTS = re.compile(
    r'(registry\.npmjs' r'\.org|pypi\.' r'org|pythonhosted\.' r'org|deb\.debian\.' r'org'
    r'|crates\.' r'io\b|proxy\.golang\.' r'org)')
MACHINE_PATHS = re.compile(r'(/ro' r'ot/|/wo' r'rk/|/ho' r'me/[a-z]|/opt/wh' r'eels)')

faults: list[str] = []


def fault(path: Path, line: int, what: str) -> None:
    faults.append(f'{path.relative_to(ROOT)}:{line}: {what}')


def files() -> list[Path]:
    """What git knows or would add: build output and installed packages are not ours."""
    listed = subprocess.run(['git', 'ls-files', '-co', '--exclude-standard'], cwd=ROOT,
                            capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


def rooms() -> dict[str, set[str]]:
    """room(NAME USES …) lines, in order: a room uses only rooms above its own line."""
    path = ROOT / 'src/CMakeLists.txt'
    text = path.read_text()
    found: dict[str, set[str]] = {}
    for match in re.finditer(r'^room\((\S+)([^)]*)\)', text, re.M):
        name, rest = match[1], match[2]
        uses = re.search(r'USES((?:\s+[a-z0-9_/]+)+)', rest)
        found_uses = set(uses[1].split()) if uses else set()
        line = text[:match.start()].count('\n') + 1
        for used in found_uses - found.keys():
            fault(path, line, f'{name} uses {used}, which is not above it')
        found[name] = found_uses
    return found


def room_of(path: Path, known: dict[str, set[str]]) -> str | None:
    parts = path.relative_to(ROOT / 'src').parts
    return next((name for name in ('/'.join(parts[:2]), parts[0]) if name in known), None)


def check_includes(path: Path, text: str, known: dict[str, set[str]]) -> None:
    room = room_of(path, known)
    if room is None:
        fault(path, 1, 'stands in no room of src/CMakeLists.txt')
        return
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#include "([^"]+)"', line)
        if not match:
            continue
        header = ROOT / 'src' / match[1]
        if not header.is_file():
            continue  # generated at build time, or the compiler will say it
        of = room_of(header, known)
        if of != room and of not in known[room]:
            fault(path, number, f'{room} may not include {of} (src/CMakeLists.txt)')


def check_functions(path: Path, text: str) -> None:
    """Best effort by our formatting: a body opens at the end of a line and closes at its indent."""
    opened: tuple[int, str] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if opened is None:
            starts = re.match(r'(\s*)[\w:<>,*&\[\] ~]+\(.*\{$', line)
            if starts and not re.match(r'\s*(namespace|class|struct|enum|union|TEST)\b', line):
                opened = (number, starts[1])
        elif line.rstrip() in (opened[1] + '}', opened[1] + '};'):
            lines = number - opened[0] + 1
            if lines > FUNCTION_LINES_MAX:
                fault(path, opened[0], f'a function of {lines} lines (at most '
                                       f'{FUNCTION_LINES_MAX})')
            opened = None


def check_sizes(path: Path, text: str) -> None:
    lines = text.splitlines()
    if len(lines) > FILE_LINES_MAX:
        fault(path, 1, f'{len(lines)} lines (at most {FILE_LINES_MAX}); split it')
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_COLUMNS_MAX:
            fault(path, number, f'{len(line)} columns (at most {LINE_COLUMNS_MAX})')
        if line.rstrip() != line:
            fault(path, number, 'white space at the end of the line')
        if '\t' in line:
            fault(path, number, 'a tab')


def check_words(path: Path, text: str) -> None:
    for number, line in enumerate(text.splitlines(), 1):
        if match := WORDS_OF_LATER.search(line):
            fault(path, number, f'"{match[0]}": do it, or write an issue')
        if match := REGISTRY_HOSTS.search(line):
            fault(path, number, f'names a package registry\'s host ({match[0]}); name packages')
        if match := MACHINE_PATHS.search(line):
            fault(path, number, f'names a path of one machine ({match[0]})')


def check_header(path: Path, text: str) -> None:
    lines = text.splitlines()
    if not lines or not lines[0].startswith('//'):
        fault(path, 1, 'a header begins with what it is for')
    if '#pragma once' not in lines:
        fault(path, 1, 'no #pragma once')


def check_source(path: Path, text: str) -> None:
    has_header = path.with_suffix('.h').is_file() or path.name.endswith('_test.cc')
    if not has_header and not text.startswith('//'):
        fault(path, 1, 'a source without a header of its name begins with what it is for')


def check_links(path: Path, text: str) -> None:
    """Local links of the docs lead somewhere, headings included."""
    for match in re.finditer(r'\[[^\]]*\]\(([^)\s]+)\)', text):
        link = match[1]
        if re.match(r'[a-z]+:', link):
            continue
        line = text[:match.start()].count('\n') + 1
        name, _, heading = link.partition('#')
        target = (path.parent / name).resolve() if name else path
        if not target.exists():
            fault(path, line, f'links to {link}, which is not there')
        elif heading and target.suffix == '.md' and heading not in headings(target):
            fault(path, line, f'links to the heading #{heading}, which {target.name} has not')


def check_pages(pages: list[Path]) -> None:
    """A page that no other page links to is found by nobody."""
    linked = {(page.parent / link).resolve() for page in pages
              for link in re.findall(r'\]\(([^)\s#]+)', page.read_text())
              if (page.parent / link).resolve() != page}
    for page in pages:
        if ROOT / 'docs' in page.parents and page not in linked and '0000-' not in page.name:
            fault(page, 1, 'no other page links here')


def headings(path: Path) -> set[str]:
    found = re.findall(r'^#+ (.+)$', path.read_text(), re.M)
    return {re.sub(r'[^\w\- ]', '', text.lower()).replace(' ', '-') for text in found}


SERVICE_ROOMS = {'agentcore': 'bedrock-agentcore-control', 'cognito': 'cognito-idp',
                 'identity_data': 'bedrock-agentcore', 'bedrock_runtime': 'bedrock-runtime'}


def check_served() -> None:
    """src/aws/served.txt, the operations whose shapes are embedded, equals the tables in C++."""
    path = ROOT / 'src/aws/served.txt'
    if not path.is_file():
        return
    rows = set()
    for source in (ROOT / 'src/services').rglob('*.cc'):
        room = source.relative_to(ROOT / 'src/services').parts[0]
        if not source.name.endswith('_test.cc'):
            names = re.findall(r'\b(?:writing_)?row\(\s*\w+,\s*"([A-Z]\w+)"', source.read_text())
            rows |= {f'{SERVICE_ROOMS.get(room, room)} {name}' for name in names}
    listed = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line and not line.startswith('#'):
            listed[line] = number
    for line in sorted(listed.keys() - rows):
        fault(path, listed[line], f'"{line}" has no row in src/services')
    for line in sorted(rows - listed.keys()):
        fault(path, 1, f'"{line}" has a row in src/services and is not listed')


def check_packages() -> None:
    """Every library that CMake looks for is a row of tools/packages.txt (or comes with one)."""
    path = ROOT / 'cmake/packages.cmake'
    listed = (ROOT / 'tools/packages.txt').read_text().lower()
    part_of = {'threads': 'clang', 'openssl': 'libssl', 'gtest': 'libgtest', 'boost': 'libboost',
               'pkgconfig': 'pkg-config', 'python3': 'python3', 'sqlite3': 'libsqlite3',
               'benchmark': 'libbenchmark'}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.search(r'find_package\((\S+)|IMPORTED_TARGET (\w+)', line)
        if match:
            name = (match[1] or match[2]).lower()
            if part_of.get(name, name) not in listed:
                fault(path, number, f'{name} is in no row of tools/packages.txt')


def main() -> int:
    known = rooms()
    checked = 0
    for path in files():
        if path.stat().st_size > FILE_BYTES_MAX:
            fault(path, 1, f'larger than {FILE_BYTES_MAX} bytes: is it made, or fetched?')
        if path.suffix not in CODE | {'.md', '.txt'} and path.name not in ('check', 'quickstart'):
            continue
        if path.name in ('LICENSE', 'package-lock.json') or '/corpus/' in str(path):
            continue
        checked += 1
        text = path.read_text()
        check_words(path, text)
        if path.suffix in CODE:
            check_sizes(path, text)
        if path.suffix == '.h' and (ROOT / 'src') in path.parents:
            check_header(path, text)
        if path.suffix in ('.h', '.cc') and (ROOT / 'src') in path.parents:
            check_includes(path, text, known)
        if path.suffix == '.cc':
            check_functions(path, text)
            if (ROOT / 'src') in path.parents:
                check_source(path, text)
        if path.suffix == '.md':
            check_links(path, text)
    check_served()
    check_packages()
    check_pages([path for path in files() if path.suffix == '.md'])
    for line in faults:
        print(line)
    print(f'tidy: {checked} files, {len(faults)} faults')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
