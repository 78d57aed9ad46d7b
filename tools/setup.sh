#!/usr/bin/env bash
# Installs what a purpose needs and is not there yet:
#   tools/setup.sh [--debian] build|style|tests|full|quickstart|bench…
# With --debian only what comes from Debian. Says what it does; does nothing, quickly, when nothing
# is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '== %s\n' "$*"; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# The rows of a section of tools/packages.txt.
rows() {
    sed -n "/^\[$1\]\$/,/^\[/p" tools/packages.txt | grep -v -e '^\[' -e '^#' -e '^$' || true
}

debian_packages() {
    local missing=() package command purpose
    while read -r package command; do
        if [ -n "$command" ] && command -v "$command" >/dev/null; then continue; fi
        if ! dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
            missing+=("$package")
        fi
    done < <(for purpose in "$@"; do rows "$purpose"; done)
    if [ ${#missing[@]} = 0 ]; then return; fi
    say "Debian packages for $*: ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "${missing[@]}" >/dev/null
}

# One environment a requirements file; made anew when the file has changed.
python_environment() {
    local name=$1 file=$2 at=.venv/$1
    if cmp -s "$file" "$at/installed.txt"; then return; fi
    say "Python packages of $file in $at"
    rm -rf "$at"
    python3 -m venv "$at"
    "$at/bin/python" -m pip install --quiet --disable-pip-version-check -r "$file"
    cp "$file" "$at/installed.txt"
}

node_packages() {
    local lock=tests/node/package-lock.json
    if cmp -s "$lock" tests/node/node_modules/installed.json; then return; fi
    say "Node packages of $lock"
    npm ci --prefix tests/node --ignore-scripts --no-audit --no-fund --loglevel=error
    cp "$lock" tests/node/node_modules/installed.json
}

only_debian=no
if [ "${1:-}" = --debian ]; then
    only_debian=yes
    shift
fi
[ $# -gt 0 ] || set -- build
for purpose in "$@"; do
    case $purpose in
        build | style | tests | full | quickstart | bench) ;;
        *)
            echo "setup.sh: no purpose '$purpose': see its first lines" >&2
            exit 2
            ;;
    esac
done
debian_packages "$@"
if [ $only_debian = yes ]; then exit; fi
for purpose in "$@"; do
    case $purpose in
        quickstart) python_environment quickstart tests/requirements-quickstart.txt ;;
        tests)
            python_environment tests tests/requirements.txt
            python_environment boto3-1.43.11 tests/requirements-boto3-1.43.11.txt
            python_environment mcp2 tests/requirements-mcp2.txt
            python_environment toolkit tests/requirements-toolkit.txt
            python_environment toolkit-0.2.0 tests/requirements-toolkit-0.2.0.txt
            python_environment moto tests/requirements-moto.txt
            python_environment llama tests/requirements-llama.txt
            node_packages
            ;;
        full) python_environment toolkit-mcp2 tests/requirements-toolkit-mcp2.txt ;;
    esac
done
