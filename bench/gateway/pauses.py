#!/usr/bin/env python3
"""How long listings wait while a target's tools are synchronised: eight connections list pages of
100 tools, without a synchronisation and beside one after the other of 10,000 tools.

    bench/gateway/pauses.py [--seconds 10] [--build build/release]
"""
import argparse
import json
import re
import statistics
import subprocess
import time

from run import ROOT
from stage import Stage, fast_folder

CONNECTIONS, PAGE, PAUSE_MS_MAX = 8, 100, 50
# A moment between two requests of a connection, so that what is measured is no queue of their own.
WAITS = "function delay() return 5 end\n"


def list_pages(stage: Stage, seconds: int) -> subprocess.Popen:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}})
    file = stage.script("lists", "POST", "/" + stage.url.split("/", 3)[3], body)
    file.write_text(file.read_text() + WAITS)
    return subprocess.Popen(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s",
                             str(file), stage.base], stdout=subprocess.PIPE, text=True)


def told(process: subprocess.Popen) -> dict[str, float]:
    """Requests a second; p99 and the longest in milliseconds."""
    out, _ = process.communicate()
    wrong = re.search(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", out)
    if wrong:
        raise SystemExit(wrong[0])

    def ms(pattern: str) -> float:
        found = re.search(pattern + r"\s+([\d.]+)(us|ms|s)", out)
        return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]
    return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), "p99": ms("99%"),
            "max": ms(r"Latency\s+\S+\s+\S+")}


def synchronise(stage: Stage, until: float) -> list[float]:
    """Seconds of each synchronisation."""
    control = stage.creator[0].client("bedrock-agentcore-control")
    gateway, target = stage.target["gatewayArn"].rsplit("/", 1)[1], stage.target["targetId"]
    times = []
    while time.monotonic() < until:
        began = time.monotonic()
        one, = control.synchronize_gateway_targets(gatewayIdentifier=gateway,
                                                   targetIdList=[target])["targets"]
        while one["status"] == "SYNCHRONIZING":
            one = control.get_gateway_target(gatewayIdentifier=gateway, targetId=target)
        if one["status"] != "READY":
            raise SystemExit(f"{one['status']}: {one['statusReasons']}")
        times.append(time.monotonic() - began)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tools", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--build", default="build/release")
    args = parser.parse_args()
    flags = ("--page-tools", str(PAGE))
    with fast_folder() as folder, Stage(ROOT / args.build, folder, args.tools,
                                        threads=0, flags=flags) as stage:
        alone = told(list_pages(stage, args.seconds))
        beside = list_pages(stage, args.seconds)
        times = synchronise(stage, time.monotonic() + args.seconds)
        beside = told(beside)
    print(f"{len(times)} synchronisations of {args.tools} tools: median "
          f"{statistics.median(times):.2f} s, longest {max(times):.2f} s")
    for name, one in (("alone", alone), ("beside them", beside)):
        print(f"pages of {PAGE} tools, {CONNECTIONS} connections, {name}: {one['rate']:.0f}/s, "
              f"p99 {one['p99']:.1f} ms, longest {one['max']:.1f} ms")
    # On a busy machine all wait now and then: what counts is what the synchronisations add.
    if beside["max"] > max(PAUSE_MS_MAX, 1.5 * alone["max"]):
        raise SystemExit(f"a listing waited {beside['max']:.0f} ms; at most {PAUSE_MS_MAX} may")


if __name__ == "__main__":
    main()
