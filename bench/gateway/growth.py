#!/usr/bin/env python3
"""Whether memory or descriptors grow with the number of calls: signed-in tools/call, all alike.

    bench/gateway/growth.py [--millions 10] [--build build/release]
"""
import argparse
import os

from run import ROOT, drive, rss_mib
from stage import Stage, fast_folder, tool_call

CONNECTIONS = 32
# What the allocator may still take after the first million calls.
SLACK_MIB = 2.0


def state(pid: int) -> tuple[float, int]:
    return rss_mib(pid), len(os.listdir(f"/proc/{pid}/fd"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--millions", type=int, default=10)
    parser.add_argument("--build", default="build/release")
    args = parser.parse_args()
    with fast_folder() as folder, Stage(ROOT / args.build, folder, 10) as stage:
        pid = stage.gateway.pid
        script = stage.script("ours", "POST", "/" + stage.url.split("/", 3)[3], tool_call())
        calls, first = 0, None
        for million in range(1, args.millions + 1):
            while calls < million * 1_000_000:
                calls += drive(stage.base, script, CONNECTIONS, 5, pid)["rps"] * 5
            memory, descriptors = state(pid)
            first = first or (memory, descriptors)
            print(f"{calls / 1e6:6.1f} million calls: {memory:.1f} MiB, "
                  f"{descriptors} descriptors", flush=True)
    if memory > first[0] + SLACK_MIB or descriptors > first[1]:
        raise SystemExit(f"grew from {first} to {(memory, descriptors)}")


if __name__ == "__main__":
    main()
