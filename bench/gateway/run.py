#!/usr/bin/env python3
"""What a signed-in tools/call costs, beside nginx proxying the same bytes to the same server.

One run starts a fast MCP server, nginx (keep-alive, no access log) and toolgate (default logging,
JWT), with one worker and one thread or with as many as --threads says, drives each with wrk and
prints CPU time per request, throughput and p99. Ratios within one run are what counts; absolute
numbers are the machine's.

    bench/gateway/run.py [--seconds 5] [--build build/release]
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import time
import urllib.request

from stage import Stage, fast_folder, tool_call

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAUSE_MS = 8
SETTLED_SECONDS = 1.5  # what a start leaves for later is done by then


def cpu_seconds(pids: list[int]) -> tuple[float, float]:
    """User and system time of processes."""
    rows = [pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            for pid in pids]
    ticks = os.sysconf("SC_CLK_TCK")
    return sum(int(row[11]) for row in rows) / ticks, sum(int(row[12]) for row in rows) / ticks


def rss_mib(pid: int) -> float:
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


def drive(url: str, script: pathlib.Path, connections: int, seconds: int,
          pids: list[int]) -> dict:
    before = cpu_seconds(pids)
    out = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script), url],
        capture_output=True, text=True, check=True).stdout
    user, system = (b - a for a, b in zip(before, cpu_seconds(pids)))
    requests = int(re.search(r"(\d+) requests in", out).group(1))
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    if wrong:
        raise SystemExit(f"{url}: {wrong.group(0)}")
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", out)
    p99_ms = float(p99.group(1)) * {"us": 0.001, "ms": 1, "s": 1000}[p99.group(2)]
    return {"us": (user + system) / requests * 1e6, "user": user / requests * 1e6,
            "rps": requests / seconds, "p99": p99_ms}


def compare(name, rounds, a, b):
    """Alternates the two, so that a noisy minute hits both; medians."""
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(b())
        ours.append(a())
    mid = lambda rows, key: statistics.median(r[key] for r in rows)  # noqa: E731
    ratio = mid(ours, "us") / mid(theirs, "us")
    for who, rows in (("nginx", theirs), ("toolgate", ours)):
        print(f"{name:34} {who:9} {mid(rows, 'us'):6.1f} us/request "
              f"({mid(rows, 'user'):4.1f} user) "
              f"{mid(rows, 'rps'):8.0f} req/s p99 {mid(rows, 'p99'):7.2f} ms")
    print(f"{name:34} ratio of CPU time, toolgate : nginx = {ratio:.2f}", flush=True)
    return ratio


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--tools", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=1,
                        help="of toolgate, and workers of nginx; 0: one for each core")
    args = parser.parse_args()
    with (fast_folder() as folder,
          Stage(ROOT / args.build, folder, args.tools, threads=args.threads) as stage):
        run(args, stage)


def run(args, stage) -> None:
    gateway = [stage.gateway.pid]
    time.sleep(SETTLED_SECONDS)
    print(f"start to first answer {stage.start_ms:.1f} ms; CreateGateway seen from boto3 "
          f"{stage.create_gateway_ms:.2f} ms; idle memory with 10 gateways "
          f"{rss_mib(stage.gateway.pid):.1f} MiB")
    print(f"CreateGateway on the wire {stage.create_on_wire_ms():.2f} ms")
    print(f"{args.tools} tools synchronised in {stage.synchronise_ms:.0f} ms: "
          f"{stage.target['status']} {stage.target['statusReasons']}")
    body = tool_call()
    print(f"body {len(body)} bytes, authorization {len(stage.authorization)} bytes")
    path = "/" + stage.url.split("/", 3)[3]
    ours = stage.script("ours", "POST", path, body)
    theirs = stage.script("theirs", "POST", "/mcp", body)
    workers = stage.nginx_workers()
    for connections in (32, 256):
        compare(f"tools/call, {connections} connections", args.rounds,
                lambda: drive(stage.base, ours, connections, args.seconds, gateway),
                lambda: drive(stage.proxy, theirs, connections, args.seconds, workers))
    # Both have time to spare then, and are asked equally much: their p99 compare.
    ours = stage.script("ours", "POST", path, body, PAUSE_MS)
    theirs = stage.script("theirs", "POST", "/mcp", body, PAUSE_MS)
    compare(f"the same with pauses of {PAUSE_MS} ms", args.rounds,
            lambda: drive(stage.base, ours, 256, args.seconds, gateway),
            lambda: drive(stage.proxy, theirs, 256, args.seconds, workers))

    listing = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    request = urllib.request.Request(stage.url, listing.encode(), {
        "authorization": stage.authorization, "content-type": "application/json"})
    answer = urllib.request.urlopen(request).read()
    (stage.folder / "static" / "list.json").write_bytes(answer)
    listed = stage.script("listed", "POST", path, listing)
    static = stage.script("static", "GET", "/static/list.json", "")
    compare(f"tools/list, {len(answer) // 1024} KiB, 32 connections", args.rounds,
            lambda: drive(stage.base, listed, 32, args.seconds, gateway),
            lambda: drive(stage.proxy, static, 32, args.seconds, workers))
    print(f"memory after the load {rss_mib(stage.gateway.pid):.1f} MiB")


if __name__ == "__main__":
    main()
