#!/usr/bin/env python3
"""Instructions that a request costs in user space, counted by callgrind, beside nginx's.

Counts do not depend on what else the machine does, so that a change shows on a noisy one.

    bench/gateway/instructions.py [--build build/release] [--requests 2000] [--top 25]
"""
import argparse
import http.client
import pathlib
import re
import subprocess
import tempfile

from stage import Stage, tool_call

ROOT = pathlib.Path(__file__).resolve().parents[2]


def send(base: str, path: str, body: str, authorization: str, count: int) -> None:
    connection = http.client.HTTPConnection(base.removeprefix("http://"))
    headers = {"content-type": "application/json", "authorization": authorization}
    for _ in range(count):
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{base}{path}: {answer.status}")


def without_debug_information(build: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """Debian 12's valgrind cannot read clang's; function names are enough."""
    copy = folder / "build"
    (copy / "bench").mkdir(parents=True)
    for name in ("toolgate", "bench/stub_upstream"):
        subprocess.run(["objcopy", "--strip-debug", build / name, copy / name], check=True)
    return copy


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--top", type=int, default=0, help="also print the dearest functions")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as tmp:
        folder = pathlib.Path(tmp)
        folder.chmod(0o755)
        under = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out.%p", "-q"]
        build = without_debug_information(ROOT / args.build, folder)
        with Stage(build, folder, 10, under) as stage:
            body = tool_call()
            path = "/" + stage.url.split("/", 3)[3]
            cases = (("nginx", stage.proxy, "/mcp", stage.nginx_worker()),
                     ("toolgate", stage.base, path, stage.gateway.pid))
            for who, base, where, pid in cases:
                send(base, where, body, stage.authorization, 200)  # caches and connections
                subprocess.run(["callgrind_control", "-z", str(pid)], check=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                send(base, where, body, stage.authorization, args.requests)
                subprocess.run(["callgrind_control", "-d", str(pid)], check=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                dumped = sorted(folder.glob(f"out.{pid}.*"))[-1]
                counted = re.search(r"^(?:summary|totals): (\d+)", dumped.read_text(), re.M)
                print(f"tools/call {who:9} {int(counted.group(1)) / args.requests:9.0f} "
                      "instructions a request in user space")
                if args.top:
                    print_top(dumped, args.requests, args.top)


def print_top(dumped: pathlib.Path, requests: int, count: int) -> None:
    out = subprocess.run(["callgrind_annotate", "--inclusive=no", "--auto=no", "--threshold=98", str(dumped)], capture_output=True, text=True,
                         check=True).stdout
    rows = re.findall(r"^\s*([\d,]+) \([ \d.]+%\)\s+(.*)$", out, re.M)[1:count + 1]
    for number, name in rows:
        print(f"  {int(number.replace(',', '')) / requests:8.0f}  {name[:110]}")


if __name__ == "__main__":
    main()
