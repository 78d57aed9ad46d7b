#!/usr/bin/env python3
"""What a call of an OpenAPI operation and of a Lambda function costs, beside the raw HTTP call: all
go to one nginx (one worker) that answers a small JSON object at once. toolgate has one thread. And
how long an OpenAPI document of 5 MB takes to become tools.

    .venv/tests/bin/python bench/targets/run.py [--seconds 4] [--rounds 3]
"""
import argparse
import json
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench/gateway")]

from harness import signed  # noqa: E402
from harness.gateway import Gateway  # noqa: E402
from harness.server import Server  # noqa: E402
from run import drive  # noqa: E402

NGINX = """
worker_processes 1; master_process off; daemon off; pid {dir}/nginx.pid; error_log {dir}/err;
events {{ worker_connections 4096; }}
http {{ access_log off; client_body_temp_path {dir}; proxy_temp_path {dir};
  fastcgi_temp_path {dir}; uwsgi_temp_path {dir}; scgi_temp_path {dir};
  keepalive_requests 100000000; default_type application/json;
  server {{ listen 127.0.0.1:{port};
    location / {{ return 200 '{{"order":123,"state":"on its way","days":2}}'; }} }} }}
"""
SCRIPT = """
wrk.method = "POST"
wrk.path = "{path}"
wrk.body = {body}
wrk.headers["Content-Type"] = "application/json"
"""
SCHEMA = {"type": "object", "properties": {"order": {"type": "integer"},
                                           "note": {"type": "string"}}, "required": ["order"]}
ARN = "arn:aws:lambda:us-east-1:123456789012:function:orders"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def add_targets(gateway: Gateway, upstream: str) -> None:
    api = {"openapi": "3.0.3", "info": {"title": "orders", "version": "1"},
           "servers": [{"url": upstream}], "paths": {"/orders": {"post": {
               "operationId": "look", "responses": {},
               "requestBody": {"content": {"application/json": {"schema": SCHEMA}}}}}}}
    tool = {"name": "look", "description": "Looks an order up", "inputSchema": SCHEMA}
    for name, configuration, credentials in (
            ("api", {"openApiSchema": {"inlinePayload": json.dumps(api)}}, []),
            ("fn", {"lambda": {"lambdaArn": ARN, "toolSchema": {"inlinePayload": [tool]}}},
             [{"credentialProviderType": "GATEWAY_IAM_ROLE"}])):
        more = {"credentialProviderConfigurations": credentials} if credentials else {}
        made = gateway.at_rest(gateway.control.create_gateway_target(
            gatewayIdentifier=gateway.id, name=name, targetConfiguration={"mcp": configuration},
            **more))
        assert made["status"] == "READY", made
        gateway.endpoint().text(f"{name}___look", {"order": 123})


def document(size: int) -> str:
    """About as many bytes of operations as APIs have them: parameters, a body, an answer."""
    schemas = {f"Thing{i}": {"type": "object", "required": ["id"], "properties": {
        "id": {"type": "string", "format": "uuid", "description": "Which one it is."},
        "part": {"$ref": f"#/components/schemas/Thing{i // 5 * 5 + (i + 1) % 5}"},
        "state": {"type": "string", "enum": ["new", "open", "closed"]}}} for i in range(200)}
    whole = {"openapi": "3.0.3", "info": {"title": "Things", "version": "1"},
             "servers": [{"url": "https://api.example/v1"}], "components": {"schemas": schemas},
             "paths": {}}
    for i in range(size // 960):
        thing = {"$ref": f"#/components/schemas/Thing{i % 200}"}
        content = {"application/json": {"schema": thing}}
        whole["paths"][f"/things{i}/{{id}}"] = {"put": {
            "operationId": f"things{i}", "summary": "Changes a thing",
            "description": "Changes one of the things that there are, and gives it back. " * 5,
            "parameters": [{"name": "id", "in": "path", "required": True,
                            "schema": {"type": "string"}},
                           {"name": "limit", "in": "query", "description": "How many at most",
                            "schema": {"type": "integer", "minimum": 1, "maximum": 100}}],
            "requestBody": {"required": True, "content": content},
            "responses": {"200": {"description": "It is changed", "content": content}}}}
    return json.dumps(whole)


def convert(server: Server, gateway: Gateway) -> None:
    text = document(5_000_000)
    s3 = server.aws("s3")
    s3.create_bucket(Bucket="bench")
    s3.put_object(Bucket="bench", Key="api.json", Body=text.encode())
    times = []
    for _ in range(5):
        answer = signed.send(
            server, "POST", f"{server.base}/gateways/{gateway.id}/targets/", {
                "name": "large", "targetConfiguration": {"mcp": {"openApiSchema": {
                    "s3": {"uri": "s3://bench/api.json"}}}}}, headers={"DryRun": "true"}).json()
        assert answer["status"] == "READY", answer["statusReasons"]
        took = {one["step"]: one["microseconds"] / 1e6 for one in answer["explanation"]["steps"]
                if one["subject"].startswith(("OpenAPI", "operations"))}
        times.append((took["document"], took["tool list"]))
    read, made = (statistics.median(column) for column in zip(*times))
    print(f"{len(text) / 1e6:.1f} MB of OpenAPI: read in {read:.2f} s, converted in {made:.2f} s, "
          f"{answer['explanation']['steps'][-1]['message']}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(dir=folder, port=port))
    nginx = subprocess.Popen(["nginx", "-c", folder / "nginx.conf", "-p", folder],
                             stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    upstream = f"http://127.0.0.1:{port}"
    server = Server(folder, ("--threads", "1", "--aws-endpoint", f"lambda={upstream}",
                             "--log-level", "warn", "--search-model", "off")).start()
    role = server.make_role("bench", "lambda:InvokeFunction", "s3:GetObject")
    gateway = Gateway(server, "bench", {"authorizerType": "NONE"}, roleArn=role)
    add_targets(gateway, upstream)
    convert(server, gateway)

    def script(name: str, path: str, body: dict) -> pathlib.Path:
        file = folder / f"{name}.lua"
        file.write_text(SCRIPT.format(path=path, body=json.dumps(json.dumps(body))))
        return file

    arguments = {"order": 123, "note": "x" * 200}
    path = re.sub(r"^https?://[^/]+", "", gateway.url)
    call = {name: script(name, path, {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": f"{name}___look", "arguments": arguments}}) for name in ("api", "fn")}
    ways = {
        "raw HTTP": (upstream, script("raw", "/orders", arguments), nginx.pid),
        "OpenAPI": (server.base, call["api"], server.program.pid),
        "Lambda": (server.base, call["fn"], server.program.pid),
    }
    for connections in (1, 32):
        rows = {name: [] for name in ways}
        for _ in range(args.rounds):  # in turns, so that a noisy minute hits all
            for name, (url, file, pid) in ways.items():
                rows[name].append(drive(url, file, connections, args.seconds, pid))
        for name, runs in rows.items():
            mid = {key: statistics.median(one[key] for one in runs) for key in runs[0]}
            print(f"{connections:3} connections  {name:9} {mid['rps']:8.0f} calls/s "
                  f"{mid['us']:6.1f} us of CPU a call, p99 {mid['p99']:6.2f} ms", flush=True)
    server.stop()
    nginx.terminate()


if __name__ == "__main__":
    main()
