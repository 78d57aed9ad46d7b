#!/usr/bin/env python3
"""What searches cost the calls beside them: p99 of tools/call alone, and while four callers search
without a pause, in turns; and the searches' own times.

One run starts a fast MCP server of 10,000 tools, nginx and toolgate (one I/O thread, JWT), waits
until all tools have their vectors, and drives them with wrk. Each search has words of its own, so
that none is answered from the cache of queries. Calls come at a steady rate: beside a load that
wants the whole machine for itself anything would be slow.

Clients and servers share the cores, so a part of the rise is theirs. Two references say how much:
four callers who get as many answers of the same size from nginx as the searchers do, without a
model; and the same calls through nginx instead of toolgate, alone and beside the searchers.

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
# As many answers as searches are answered, or a little more.
FILE = """
wrk.method = "GET"
wrk.path = "/static/answer"
function delay() return 2 end
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


def wrk(base: str, file: pathlib.Path, seconds: float) -> subprocess.Popen:
    return subprocess.Popen(["wrk", "-t1", f"-c{CALLERS}", f"-d{seconds}s", "--latency", "-s",
                             str(file), base], stdout=subprocess.PIPE, text=True)


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


def answer_bytes(stage: Stage, path: str) -> int:
    """The size of a search's answer."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "x_amz_bedrock_agentcore_search", "arguments": {
            "query": "find what tells a customer order of the next week"}}})
    request = urllib.request.Request(stage.base + path, body.encode(), {
        "content-type": "application/json", "authorization": stage.authorization})
    return len(urllib.request.urlopen(request).read())


def run(args, stage: Stage) -> None:
    wait_for_vectors(stage, args.tools)
    path = "/" + stage.url.split("/", 3)[3]
    size = answer_bytes(stage, path)
    answer = stage.folder / "static/answer"
    answer.write_bytes(b"x" * size)
    for readable in (answer.parent, answer):  # nginx's worker is nobody
        readable.chmod(0o755)
    text = dict(body=json.dumps(tool_call()), pause=PAUSE_MS)
    calls = stage.base, script(stage, "call", CALL.format(path=path, **text))
    proxied = stage.proxy, script(stage, "proxied", CALL.format(path="/mcp", **text))
    files = stage.proxy, script(stage, "file", FILE)
    rows: dict[str, list[dict]] = {}

    def measure(name: str, what, beside=None, beside_name: str = "") -> None:
        others = beside and wrk(*beside, args.seconds + 1)
        time.sleep(0.5 if others else 0)
        rows.setdefault(name, []).append(read(wrk(*what, args.seconds)))
        if others:
            rows.setdefault(beside_name, []).append(read(others))

    for seed in range(args.rounds):
        search = stage.base, script(stage, "search", SEARCH.format(path=path, seed=seed))
        measure("tools/call alone", calls)
        measure("tools/call beside searches", calls, search, "searches")
        measure("tools/call beside files", calls, files, "files")
        measure("nginx alone", proxied)
        measure("nginx beside searches", proxied, search, "searches beside nginx")

    def p99(name: str) -> float:
        return statistics.median(row["99"] for row in rows[name])

    print(f"answers of a search: {size} bytes")
    for name, all_of in rows.items():
        rate, half = (statistics.median(row[key] for row in all_of) for key in ("rate", "50"))
        best = min(row["99"] for row in all_of)
        print(f"{name:28} {rate:7.0f}/s  median {half:6.2f} ms  p99 {p99(name):6.2f} ms  "
              f"in the best round {best:6.2f} ms")
    for what, of in (("tools/call", ("searches", "files")), ("nginx", ("searches",))):
        for beside in of:
            rise = 100 * (p99(f"{what} beside {beside}") / p99(f"{what} alone") - 1)
            print(f"p99 of {what} beside {beside} rises by {rise:.0f} %")
    meaning, words, cached = (metric(stage, f"{name}_total") for name in
                              ("by_meaning", "by_words", "query_cache_hits"))
    print(f"by meaning {meaning}, by words {words}, from the cache {cached}")


if __name__ == "__main__":
    main()
