#!/usr/bin/env python3
"""From exec to the first answer, and what is resident then.

Starts each binary on a fresh data directory and on one with ten gateways, and nginx beside them as
a measure of the machine, in turns, so that a noisy minute hits all; medians, and the least of all
rounds.

    bench/gateway/start.py [--rounds 50] [BINARY …]
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import time

from stage import fast_folder, free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
GATEWAYS = 10
SETTLED_SECONDS = 1.5  # what a start leaves for later is done by then
REQUEST = b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"


NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/errors; events {{ }}
http {{ access_log off; client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; location / {{ return 200 "{{}}"; }} }} }}
"""


class Nginx:
    """One start of nginx, timed. It does not say when it is ready: it is asked until it answers."""

    def __init__(self, folder: pathlib.Path):
        folder.mkdir(exist_ok=True)
        port = free_port()
        file = folder / "nginx.conf"
        file.write_text(NGINX.format(folder=folder, port=port))
        began = time.perf_counter()
        self.process = subprocess.Popen(["nginx", "-p", folder, "-c", file],
                                        stderr=subprocess.DEVNULL)
        self.ready_ms = self.answer_ms = None
        while self.answer_ms is None:
            with socket.socket() as wire:
                if wire.connect_ex(("127.0.0.1", port)) != 0:
                    time.sleep(0.0002)
                    continue
                self.ready_ms = (time.perf_counter() - began) * 1000
                wire.sendall(REQUEST)
                assert wire.recv(4096).startswith(b"HTTP/1.1 200 ")
                self.answer_ms = (time.perf_counter() - began) * 1000

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Serve:
    """One start, timed."""

    def __init__(self, binary: str, folder: pathlib.Path):
        self.where = ["--data-dir", str(folder / "data"), "--master-key", str(folder / "key")]
        command = [binary, "serve", "--listen", "127.0.0.1:0", *self.where]
        heard, said = os.pipe()
        began = time.perf_counter()
        self.pid = os.posix_spawn(binary, command, os.environ, file_actions=[
            (os.POSIX_SPAWN_DUP2, said, 1),
            (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)])
        os.close(said)
        with os.fdopen(heard) as lines:
            self.base = json.loads(lines.readline())["listen"]
        self.ready_ms = (time.perf_counter() - began) * 1000
        host, port = self.base.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as wire:
            wire.sendall(REQUEST)
            answer = wire.recv(4096)
        self.answer_ms = (time.perf_counter() - began) * 1000
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise SystemExit(f"{binary}: {answer!r}")

    def resident(self) -> str:
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        whole, own = (int(re.search(rf"{name}:\s+(\d+)", status)[1]) / 1024
                      for name in ("VmRSS", "RssAnon"))
        return f"{whole:.1f} MiB, {own:.1f} of it not a file's"

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)


def make_gateways(binary: str, folder: pathlib.Path) -> None:
    """Leaves a data directory with ten gateways; says what is resident with them just made."""
    server = Serve(binary, folder)
    time.sleep(SETTLED_SECONDS)
    env = subprocess.run([binary, "env", *server.where], capture_output=True, text=True,
                         check=True).stdout
    os.environ.update(re.findall(r"export (\w+)='([^']*)'", env))
    import boto3

    control = boto3.Session().client("bedrock-agentcore-control", endpoint_url=server.base)
    for i in range(GATEWAYS):
        control.create_gateway(
            name=f"start{i}", roleArn="arn:aws:iam::123456789012:role/bench", protocolType="MCP",
            authorizerType="CUSTOM_JWT", authorizerConfiguration={"customJWTAuthorizer": {
                "discoveryUrl": f"{server.base}/pool/.well-known/openid-configuration",
                "allowedClients": ["anyone"]}})
    time.sleep(SETTLED_SECONDS)
    print(f"{binary}: {GATEWAYS} gateways just made: {server.resident()}")
    server.stop()
    server = Serve(binary, folder)
    time.sleep(SETTLED_SECONDS)
    print(f"{binary}: after a start with them: {server.resident()}")
    server.stop()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("binaries", nargs="*", default=[str(ROOT / "build/release/toolgate")])
    args = parser.parse_args()
    with fast_folder() as folder:
        times = {}
        for number, binary in enumerate(args.binaries):
            make_gateways(binary, folder / f"ten{number}")
        for _ in range(args.rounds):
            for number, binary in enumerate(args.binaries):
                for what in ("fresh", "ten"):
                    place = folder / f"{what}{number}"
                    server = Serve(binary, place)
                    server.stop()
                    times.setdefault((binary, what), []).append((server.ready_ms, server.answer_ms))
                shutil.rmtree(folder / f"fresh{number}")
            server = Nginx(folder / "nginx")
            server.stop()
            times.setdefault(("nginx", "fresh"), []).append((server.ready_ms, server.answer_ms))
    for (binary, what), rounds in times.items():
        said = [f"{name} {statistics.median(ms):.1f} (least {min(ms):.1f}) ms"
                for name, ms in zip(("ready", "answer"), zip(*rounds))]
        print(f"{binary} {'no data' if what == 'fresh' else 'ten gateways'}: {', '.join(said)}")


if __name__ == "__main__":
    main()
