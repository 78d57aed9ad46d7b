#!/usr/bin/env python3
"""What searches cost the calls beside them: p99 of tools/call alone, and while four callers search
without a pause, in turns; and the searches' own times.

One run starts a fast MCP server of 10,000 tools and toolgate (one I/O thread, JWT), waits until all
tools have their vectors, and drives both with wrk. Each search has words of its own, so that none
is answered from the cache of queries. Calls come at a steady rate: beside a load that wants the
whole machine for itself anything would be slow.

    bench/search/calls.py [--tools 10000] [--seconds 10] [--rounds 3] [--build build/release]
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench/gateway"))
from stage import Stage, fast_folder, tool_call  # noqa: E402

CALLERS = 4
PAUSE_MS = 10  # of a connection between two calls

WRK = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "{authorization}"
"""
CALL = """
wrk.path = "{path}"
wrk.body = {body}
function delay() return {pause} end
"""
# 16 tokens with [CLS] and [SEP]: each word of four is one.
SEARCH = """
local words = {{"weather", "city", "customer", "order", "parcel", "morning", "mail", "store",
  "price", "garden", "river", "music", "school", "doctor", "window", "bridge", "winter", "letter",
  "market", "paper", "camera", "island", "engine", "animal", "ticket", "planet", "forest"}}
math.randomseed({seed})
function request()
  local some = {{}}
  for i = 1, 6 do some[i] = words[math.random(#words)] end
  return wrk.format(nil, "{path}", nil,
    '{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":'
    .. '"x_amz_bedrock_agentcore_search","arguments":{{"query":"find what tells a '
    .. table.concat(some, " ") .. ' of the next week"}}}}}}')
end
"""


def metric(stage: Stage, name: str) -> int:
    text = urllib.request.urlopen(stage.base + "/metrics").read().decode()
    return int(re.search(rf"^toolgate_search_{name} (\d+)$", text, re.M)[1])


def script(stage: Stage, name: str, text: str) -> pathlib.Path:
    file = stage.folder / f"{name}.lua"
    file.write_text(WRK.format(authorization=stage.authorization) + text)
    return file


def wrk(stage: Stage, file: pathlib.Path, seconds: float) -> subprocess.Popen:
    return subprocess.Popen(["wrk", "-t1", f"-c{CALLERS}", f"-d{seconds}s", "--latency", "-s",
                             str(file), stage.base], stdout=subprocess.PIPE, text=True)


def read(process: subprocess.Popen) -> dict:
    out, _ = process.communicate()
    wrong = re.search(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", out)
    if process.returncode or wrong:
        raise SystemExit(f"wrk: {wrong and wrong[0]}\n{out}")
    times = {part: float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit] for part, value, unit in
             re.findall(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s)", out, re.M)}
    return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), **times}


def wait_for_vectors(stage: Stage, tools: int) -> None:
    began = time.monotonic()
    while metric(stage, "embedded_total") < tools or metric(stage, "waiting") > 0:
        time.sleep(0.5)
    print(f"{tools} vectors made in {time.monotonic() - began:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tools", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--build", default="build/release")
    args = parser.parse_args()
    with (fast_folder() as folder,
          Stage(ROOT / args.build, folder, args.tools, search=True) as stage):
        run(args, stage)


def run(args, stage: Stage) -> None:
    wait_for_vectors(stage, args.tools)
    path = "/" + stage.url.split("/", 3)[3]
    call = script(stage, "call", CALL.format(path=path, body=json.dumps(tool_call()),
                                             pause=PAUSE_MS))
    alone, beside, searches = [], [], []
    for seed in range(args.rounds):
        search = script(stage, "search", SEARCH.format(path=path, seed=seed))
        alone.append(read(wrk(stage, call, args.seconds)))
        searching = wrk(stage, search, args.seconds + 1)
        time.sleep(0.5)
        beside.append(read(wrk(stage, call, args.seconds)))
        searches.append(read(searching))

    def row(name, rows):
        rate, half, most = (statistics.median(r[key] for r in rows) for key in ("rate", "50", "99"))
        print(f"{name:34} {rate:7.0f}/s  median {half:6.2f} ms  p99 {most:6.2f} ms", flush=True)
        return most

    before = row("tools/call alone", alone)
    after = row(f"tools/call beside {CALLERS} searchers", beside)
    row(f"searches of {CALLERS} callers", searches)
    print(f"p99 of tools/call rises by {100 * (after / before - 1):.0f} %")
    meaning, words, cached = (metric(stage, f"{name}_total") for name in
                              ("by_meaning", "by_words", "query_cache_hits"))
    print(f"by meaning {meaning}, by words {words}, from the cache {cached}")


if __name__ == "__main__":
    main()
