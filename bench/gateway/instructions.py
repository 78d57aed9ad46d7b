#!/usr/bin/env python3
"""Instructions that a request costs in user space, counted by callgrind, beside nginx's.

Counts do not depend on what else the machine does, so that a change shows on a noisy one.

    bench/gateway/instructions.py [--build build/release] [--requests 2000] [--top 25]
"""
import argparse
import collections
import http.client
import pathlib
import subprocess
import time

from stage import Stage, fast_folder, tool_call

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
    with fast_folder() as folder:
        under = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out.%p", "-q"]
        build = without_debug_information(ROOT / args.build, folder)
        with Stage(build, folder, 10, under) as stage:
            body = tool_call()
            path = "/" + stage.url.split("/", 3)[3]
            cases = (("nginx", stage.proxy, "/mcp", stage.nginx_workers()[0]),
                     ("toolgate", stage.base, path, stage.gateway.pid))
            for who, base, where, pid in cases:
                send(base, where, body, stage.authorization, 200)  # caches and connections
                subprocess.run(["callgrind_control", "-z", str(pid)], check=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                send(base, where, body, stage.authorization, args.requests)
                subprocess.run(["callgrind_control", "-d", str(pid)], check=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                counts, calls = read(whole_dump(folder, pid))
                print(f"tools/call {who:9} {sum(counts.values()) / args.requests:9.0f} "
                      "instructions a request in user space", flush=True)
                for name, count in counts.most_common(args.top):
                    print(f"  {count / args.requests:8.0f}  {calls[name] / args.requests:7.2f} "
                          f"calls  {name[:110]}")


def whole_dump(folder: pathlib.Path, pid: int) -> str:
    """callgrind_control does not wait until the file, which ends with its totals, is written."""
    for _ in range(100):
        text = sorted(folder.glob(f"out.{pid}.*"))[-1].read_text()
        if "\ntotals:" in text:
            return text
        time.sleep(0.1)
    raise SystemExit(f"callgrind did not dump the counts of process {pid}")


def read(dumped: str):
    """Instructions and calls by function (callgrind's format, its manual's chapter 6.2). Without
    libcrypto: a key that is made beside the calls, for later, is none of theirs."""
    names, objects, inside = {}, {}, {}
    counts, calls = collections.Counter(), collections.Counter()
    function = called = where = None
    of_a_call = False
    for line in dumped.splitlines():
        kind, _, rest = line.partition("=")
        if kind in ("ob", "cob", "fn", "cfn"):
            number, _, name = rest.partition(" ")
            known = objects if kind in ("ob", "cob") else names
            if name:
                known[number] = name
            if kind == "ob":
                where = number
            elif kind == "fn":
                function, inside[number] = number, where
            elif kind == "cfn":
                called = number
        elif kind == "calls":
            calls[called] += int(rest.split()[0])
            of_a_call = True  # the next line counts what the function called cost
        elif line and (line[0].isdigit() or line[0] in "+-*"):
            if not of_a_call:
                counts[function] += int(line.split()[1])
            of_a_call = False
    ours = {number: count for number, count in counts.items()
            if "libcrypto" not in objects.get(inside[number], "")}
    return (collections.Counter({names[number]: count for number, count in ours.items()}),
            collections.Counter({names[number]: calls[number] for number in ours}))


if __name__ == "__main__":
    main()
