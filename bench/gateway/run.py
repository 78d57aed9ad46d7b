#!/usr/bin/env python3
"""What a signed-in tools/call costs, beside nginx proxying the same bytes to the same server.

One run starts a fast MCP server, nginx (one worker, keep-alive, no access log) and toolgate (one
thread, default logging, JWT), drives each with wrk and prints CPU time per request, throughput and
p99. Ratios within one run are what counts; absolute numbers are the machine's.

    bench/gateway/run.py [--seconds 5] [--build build/release]
"""
import argparse
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]

NGINX = """
worker_processes 1; daemon off; pid {dir}/nginx.pid; error_log {dir}/nginx.err;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {dir}; proxy_temp_path {dir}; fastcgi_temp_path {dir};
  uwsgi_temp_path {dir}; scgi_temp_path {dir};
  keepalive_requests 100000000; client_header_buffer_size 4k;
  upstream stub {{ server 127.0.0.1:{stub}; keepalive 512; keepalive_requests 100000000; }}
  server {{ listen 127.0.0.1:{port}; root {dir};
    location / {{ proxy_pass http://stub; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    location /static/ {{ }} }}
}}
"""

WRK = """
wrk.method = "{method}"
wrk.path = "{path}"
wrk.body = {body}
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "{authorization}"
"""


def cpu_seconds(pid: int) -> float:
    """User and system time of a process."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mib(pid: int) -> float:
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


def free_port() -> int:
    import socket

    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def drive(url: str, script: pathlib.Path, connections: int, seconds: int, pid: int) -> dict:
    before = cpu_seconds(pid)
    out = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script), url],
        capture_output=True, text=True, check=True).stdout
    used = cpu_seconds(pid) - before
    requests = int(re.search(r"(\d+) requests in", out).group(1))
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    if wrong:
        raise SystemExit(f"{url}: {wrong.group(0)}")
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", out)
    p99_ms = float(p99.group(1)) * {"us": 0.001, "ms": 1, "s": 1000}[p99.group(2)]
    return {"us": used / requests * 1e6, "rps": requests / seconds, "p99": p99_ms}


def compare(name, rounds, a, b):
    """Alternates the two, so that a noisy minute hits both; medians."""
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(b())
        ours.append(a())
    mid = lambda rows, key: statistics.median(r[key] for r in rows)  # noqa: E731
    ratio = mid(ours, "us") / mid(theirs, "us")
    for who, rows in (("nginx", theirs), ("toolgate", ours)):
        print(f"{name:34} {who:9} {mid(rows, 'us'):8.1f} us/request {mid(rows, 'rps'):9.0f} req/s "
              f"p99 {mid(rows, 'p99'):7.2f} ms")
    print(f"{name:34} ratio of CPU time, toolgate : nginx = {ratio:.2f}")
    return ratio


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--tools", type=int, default=1000)
    args = parser.parse_args()
    build = ROOT / args.build
    processes = []
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as tmp:
        folder = pathlib.Path(tmp)
        folder.chmod(0o755)
        try:
            run(args, build, folder, processes)
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
            for process in processes:
                process.wait(10)


def run(args, build, folder, processes) -> None:
    import boto3

    def start(command, **kwargs):
        process = subprocess.Popen(command, **kwargs)
        processes.append(process)
        return process

    stub = start([build / "bench/stub_upstream", "0", str(args.tools)],
                 stdout=subprocess.PIPE, text=True)
    stub_port = int(stub.stdout.readline())
    nginx_port = free_port()
    (folder / "static").mkdir()
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(dir=folder, stub=stub_port, port=nginx_port))
    start(["nginx", "-c", str(config), "-p", str(folder)], stderr=subprocess.DEVNULL)

    began = time.monotonic()
    log = open(folder / "toolgate.log", "w")
    gateway = start([build / "toolgate", "serve", "--listen", "127.0.0.1:0", "--threads", "1",
                     "--data-dir", folder / "data", "--master-key", folder / "keys/master.key"],
                    stdout=subprocess.PIPE, stderr=log, text=True)
    ready = json.loads(gateway.stdout.readline())
    urllib.request.urlopen(ready["listen"] + "/healthz").read()
    start_ms = (time.monotonic() - began) * 1000

    env = subprocess.run([build / "toolgate", "env", "--data-dir", folder / "data",
                          "--master-key", folder / "keys/master.key"],
                         capture_output=True, text=True, check=True).stdout
    os.environ.update(re.findall(r"export (\w+)='([^']*)'", env))
    control = boto3.client("bedrock-agentcore-control")
    cognito = boto3.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="bench")["UserPool"]["Id"]
    cognito.create_resource_server(UserPoolId=pool, Identifier="bench", Name="bench",
                                   Scopes=[{"ScopeName": "invoke", "ScopeDescription": "invoke"}])
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="bench", GenerateSecret=True,
        AllowedOAuthFlows=["client_credentials"], AllowedOAuthScopes=["bench/invoke"],
        AllowedOAuthFlowsUserPoolClient=True)["UserPoolClient"]
    form = (f"grant_type=client_credentials&client_id={client['ClientId']}"
            f"&client_secret={client['ClientSecret']}").encode()
    answer = urllib.request.urlopen(ready["listen"] + "/oauth2/token", form)
    token = json.load(answer)["access_token"]

    times = []
    gateways = []
    for i in range(10):
        before = time.perf_counter()
        gateways.append(control.create_gateway(
            name=f"bench{i}", roleArn="arn:aws:iam::123456789012:role/bench", protocolType="MCP",
            authorizerType="CUSTOM_JWT", authorizerConfiguration={"customJWTAuthorizer": {
                "discoveryUrl": f"{ready['listen']}/{pool}/.well-known/openid-configuration",
                "allowedClients": [client["ClientId"]]}}))
        times.append((time.perf_counter() - before) * 1000)
    print(f"start to first answer {start_ms:.1f} ms; CreateGateway seen from boto3 "
          f"{statistics.median(times):.2f} ms; idle memory with 10 gateways "
          f"{rss_mib(gateway.pid):.1f} MiB")
    url = gateways[0]["gatewayUrl"]
    before = time.perf_counter()
    target = control.create_gateway_target(
        gatewayIdentifier=gateways[0]["gatewayId"], name="orders",
        targetConfiguration={
            "mcp": {"mcpServer": {"endpoint": f"http://127.0.0.1:{stub_port}/mcp"}}})
    print(f"{args.tools} tools synchronised in {(time.perf_counter() - before) * 1000:.0f} ms: "
          f"{target['status']} {target['statusReasons']}")

    def call(name, pad):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                           "params": {"name": name, "arguments": {"orderId": 123, "note": pad}}})
        return body

    body = call("orders___tool0", "")
    body = call("orders___tool0", "x" * (330 - len(body)))
    authorization = "Bearer " + token
    print(f"body {len(body)} bytes, authorization {len(authorization)} bytes")

    def script(name, method, path, text):
        file = folder / f"{name}.lua"
        body = json.dumps(text) if text else "nil"
        file.write_text(WRK.format(method=method, path=path, body=body,
                                   authorization=authorization))
        return file

    path = url.split("/", 3)[3]
    ours = script("ours", "POST", "/" + path, body)
    theirs = script("theirs", "POST", "/mcp", body)
    base = ready["listen"]
    proxy = f"http://127.0.0.1:{nginx_port}"
    worker = nginx_worker(folder)
    for connections in (32, 256):
        compare(f"tools/call, {connections} connections", args.rounds,
                lambda: drive(base, ours, connections, args.seconds, gateway.pid),
                lambda: drive(proxy, theirs, connections, args.seconds, worker))

    listing = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    request = urllib.request.Request(url, listing.encode(), {
        "authorization": authorization, "content-type": "application/json"})
    answer = urllib.request.urlopen(request).read()
    (folder / "static" / "list.json").write_bytes(answer)
    listed = script("listed", "POST", "/" + path, listing)
    static = script("static", "GET", "/static/list.json", "")
    compare(f"tools/list, {len(answer) // 1024} KiB, 32 connections", args.rounds,
            lambda: drive(base, listed, 32, args.seconds, gateway.pid),
            lambda: drive(proxy, static, 32, args.seconds, worker))
    print(f"memory after the load {rss_mib(gateway.pid):.1f} MiB")


def nginx_worker(folder) -> int:
    for _ in range(50):
        if (folder / "nginx.pid").exists():
            master = (folder / "nginx.pid").read_text().strip()
            children = pathlib.Path(f"/proc/{master}/task/{master}/children").read_text().split()
            if children:
                return int(children[0])
        time.sleep(0.1)
    raise SystemExit("nginx did not start: " + (folder / "nginx.err").read_text())


if __name__ == "__main__":
    main()
