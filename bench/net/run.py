#!/usr/bin/env python3
"""CPU time per request of our bare proxy beside nginx's, in one run on this machine.

usage: run.py PATH/net_proxy [--seconds 2] [--rounds 7] [--connections 32]
Needs nginx and wrk. Prints one table; the ratio is what counts, the machine being noisy.
"""
import argparse
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

TICK = os.sysconf("SC_CLK_TCK")

NGINX = """
worker_processes 1;
daemon off;
master_process on;
error_log {dir}/error.log crit;
pid {dir}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy;
  fastcgi_temp_path {dir}/f; uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
  keepalive_requests 1000000000;
  tcp_nodelay on;
  upstream backend {{
    server 127.0.0.1:{upstream};
    keepalive 512; keepalive_requests 1000000000;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host;
    }}
    location /static {{ default_type application/json; return 200 "{body}"; }}
  }}
}}
"""

WRK = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json, text/event-stream"
wrk.headers["Authorization"] = "Bearer " .. string.rep("t", 893)
wrk.body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"a":"'
wrk.body = wrk.body .. string.rep("x", 266) .. '"}}'
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"nothing listens on {port}")


def cpu(pids):
    """User and system seconds of these processes."""
    user = system = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        user += int(fields[11])
        system += int(fields[12])
    return user / TICK, system / TICK


def children(pid):
    return [int(p) for p in
            pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def measure(pids, url, script, seconds, connections):
    run = ["wrk", "-t1", f"-c{connections}", "-s", script, url]
    subprocess.run(run[:1] + ["-d1s"] + run[1:], check=True, capture_output=True)
    before = cpu(pids)
    out = subprocess.run(run[:1] + [f"-d{seconds}s"] + run[1:], check=True, capture_output=True,
                         text=True).stdout
    after = cpu(pids)
    requests = int(re.search(r"(\d+) requests in", out).group(1))
    if re.search(r"Non-2xx|Socket errors", out):
        raise SystemExit(out)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    user, system = ((b - a) * 1e6 / requests for a, b in zip(before, after))
    return user, system, rate


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("proxy")
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--connections", type=int, default=32)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        upstream, ours, plain, nginx = (free_port() for _ in range(4))
        script = os.path.join(directory, "post.lua")
        pathlib.Path(script).write_text(WRK)
        conf = os.path.join(directory, "nginx.conf")
        body = r'{\"result\":\"' + "r" * 586 + r'\"}'
        pathlib.Path(conf).write_text(
            NGINX.format(dir=directory, upstream=upstream, port=nginx, body=body))
        started = [subprocess.Popen([args.proxy, "upstream", str(upstream)]),
                   subprocess.Popen([args.proxy, "proxy", str(ours), str(upstream)]),
                   subprocess.Popen([args.proxy, "static", str(plain)]),
                   subprocess.Popen(["nginx", "-c", conf, "-p", directory],
                                    stderr=subprocess.DEVNULL)]
        try:
            for port in (upstream, ours, plain, nginx):
                wait_for(port)
            time.sleep(0.3)
            workers = children(started[3].pid)
            cases = [("proxy, toolgate", [started[1].pid], ours, "/mcp"),
                     ("proxy, nginx", workers, nginx, "/mcp"),
                     ("static, toolgate", [started[2].pid], plain, "/static"),
                     ("static, nginx", workers, nginx, "/static")]
            runs = {name: [] for name, *_ in cases}
            for _ in range(args.rounds):
                for name, pids, port, path in cases:
                    runs[name].append(measure(pids, f"http://127.0.0.1:{port}{path}", script,
                                              args.seconds, args.connections))
        finally:
            for process in started:
                process.send_signal(signal.SIGTERM)
            for process in started:
                process.wait()
        # The best and the median run: neighbours on the machine only ever add.
        ranked = {name: sorted(got, key=lambda run: run[0] + run[1]) for name, got in runs.items()}
        best = {name: got[0] for name, got in ranked.items()}
        middle = {name: sum(got[len(got) // 2][:2]) for name, got in ranked.items()}
        print(f"{args.connections} connections, best of {args.rounds} and median")
        print(f"{'':18} {'user µs':>8} {'sys µs':>8} {'CPU µs':>8} {'median':>8} {'req/s':>9}")
        for name, (user, system, rate) in best.items():
            print(f"{name:18} {user:8.2f} {system:8.2f} {user + system:8.2f} "
                  f"{middle[name]:8.2f} {rate:9.0f}")
        for kind in ("proxy", "static"):
            a, b = (sum(best[f"{kind}, {who}"][:2]) for who in ("toolgate", "nginx"))
            c, d = (middle[f"{kind}, {who}"] for who in ("toolgate", "nginx"))
            print(f"{kind}: {a / b:.2f} of nginx's CPU at best, {c / d:.2f} in the median")


if __name__ == "__main__":
    main()
