#!/usr/bin/env python3
"""What a server with many tools takes: resident memory of the process, after the tools came and
after a restart, and how long the restart takes.

Ten targets of one gateway list the same 10,000 tools: those of a file (tests/data/search's, unless
said) again and again, with numbers: in front of the names, so that equal kinds do not stand side by
side. Their vectors are made once (equal texts have one), but each
tool has its own place in the tables that are searched.

    bench/search/server.py [--targets 10] [--tools 10000] [--kinds FILE] [--build build/release]
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEARCH = "x_amz_bedrock_agentcore_search"


def definitions(kinds: list[dict], count: int) -> list[dict]:

    def definition(i: int) -> dict:
        kind = kinds[i % len(kinds)]
        properties = {p["name"]: {"type": "string", "description": p["description"] or ""}
                      for p in kind["params"]}
        return {"name": f"n{i}_{kind['name']}", "description": f"{kind['description'] or ''} ({i})",
                "inputSchema": {"type": "object", "properties": properties}}
    return [definition(i) for i in range(count)]


class Upstream:
    """An MCP server that lists tools."""

    def __init__(self, tools: list[dict]):
        results = {"initialize": {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}},
                                  "serverInfo": {"name": "many", "version": "1"}},
                   "tools/list": {"tools": tools}}
        printed = {method: json.dumps(result).encode() for method, result in results.items()}

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                answer = b""
                if "id" in asked:
                    answer = (b'{"jsonrpc":"2.0","id":%s,"result":%s}' %
                              (json.dumps(asked["id"]).encode(), printed[asked["method"]]))
                self.send_response(200 if answer else 202)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/mcp"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Toolgate:
    def __init__(self, build: pathlib.Path, folder: pathlib.Path):
        self.build, self.folder = build, folder
        self.where = ["--data-dir", folder / "data", "--master-key", folder / "keys/master.key"]
        self.start()

    def start(self) -> None:
        log = open(self.folder / "toolgate.log", "a")
        began = time.monotonic()
        self.process = subprocess.Popen(
            [self.build / "toolgate", "serve", "--listen", "127.0.0.1:0", *self.where],
            stdout=subprocess.PIPE, stderr=log, text=True)
        self.base = json.loads(self.process.stdout.readline())["listen"]
        self.start_s = time.monotonic() - began
        env = subprocess.run([self.build / "toolgate", "env", *self.where], capture_output=True,
                             text=True, check=True).stdout
        os.environ.update(re.findall(r"export (\w+)='([^']*)'", env))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)

    def memory(self, when: str) -> float:
        status = (pathlib.Path("/proc") / str(self.process.pid) / "status").read_text()
        now, anonymous, file, most = (
            int(re.search(rf"{name}:\s+(\d+)", status)[1]) * 1024 / 1e6
            for name in ("VmRSS", "RssAnon", "RssFile", "VmHWM"))
        print(f"{when:38} {now:6.1f} MB ({anonymous:.1f} of its own, {file:.1f} of files; "
              f"at most {most:.1f})", flush=True)
        return now

    def metric(self, name: str) -> int:
        text = urllib.request.urlopen(self.base + "/metrics").read().decode()
        return int(re.search(rf"^toolgate_search_{name} (\d+)$", text, re.M)[1])

    def ask(self, gateway: str, method: str, params: dict) -> dict:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        request = urllib.request.Request(f"{self.base}/gateways/{gateway}/mcp", body.encode(),
                                         {"content-type": "application/json"})
        return json.load(urllib.request.urlopen(request, timeout=60))["result"]

    def wait_for_meaning(self, gateway: str) -> float:
        began = time.monotonic()
        while True:
            before = self.metric("by_meaning_total")
            query = {"query": f"anything at {time.monotonic()}"}
            self.ask(gateway, "tools/call", {"name": SEARCH, "arguments": query})
            if self.metric("by_meaning_total") > before:
                return time.monotonic() - began
            time.sleep(0.2)


def populate(toolgate: Toolgate, url: str, targets: int) -> str:
    import boto3

    control = boto3.Session().client("bedrock-agentcore-control")
    gateway = control.create_gateway(
        name="many", roleArn="arn:aws:iam::123456789012:role/bench", protocolType="MCP",
        authorizerType="NONE",
        protocolConfiguration={"mcp": {"searchType": "SEMANTIC"}})["gatewayId"]
    for i in range(targets):
        target = control.create_gateway_target(
            gatewayIdentifier=gateway, name=f"target{i}",
            targetConfiguration={"mcp": {"mcpServer": {"endpoint": url}}})["targetId"]
        while True:
            got = control.get_gateway_target(gatewayIdentifier=gateway, targetId=target)
            if got["status"] == "READY":
                break
            if got["status"] not in ("CREATING", "SYNCHRONIZING"):
                raise SystemExit(f"{got['status']}: {got['statusReasons']}")
            time.sleep(0.1)
    return gateway


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--targets", type=int, default=10)
    parser.add_argument("--tools", type=int, default=10_000)
    parser.add_argument("--kinds", type=pathlib.Path,
                        default=ROOT / "tests/data/search/tools.jsonl")
    parser.add_argument("--build", default="build/release")
    args = parser.parse_args()
    kinds = [json.loads(line) for line in args.kinds.open()]
    tools = definitions(kinds, args.tools)
    size = len(json.dumps(tools)) / len(tools)
    print(f"{args.targets * args.tools} tools, {size:.0f} bytes each")
    with tempfile.TemporaryDirectory() as folder:
        toolgate = Toolgate(ROOT / args.build, pathlib.Path(folder))
        try:
            toolgate.memory("without any")
            began = time.monotonic()
            gateway = populate(toolgate, Upstream(tools).url, args.targets)
            print(f"synchronised in {time.monotonic() - began:.1f} s")
            print(f"by meaning after another {toolgate.wait_for_meaning(gateway):.1f} s")
            toolgate.memory("synchronised and searched")
            toolgate.stop()
            toolgate.start()
            print(f"restarted in {toolgate.start_s:.2f} s; by meaning after another "
                  f"{toolgate.wait_for_meaning(gateway):.1f} s")
            toolgate.memory("restarted and searched")
            listed, cursor = 0, {}
            while True:
                page = toolgate.ask(gateway, "tools/list", cursor)
                listed += len(page["tools"])
                if "nextCursor" not in page:
                    break
                cursor = {"cursor": page["nextCursor"]}
            toolgate.memory(f"after tools/list of all {listed}")
        finally:
            toolgate.stop()


if __name__ == "__main__":
    main()
