"""What the gateway's benchmarks measure on: a fast MCP server, nginx and toolgate, signed in to."""
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request

NGINX = """
worker_processes {workers}; master_process {master}; daemon off;
pid {dir}/nginx.pid; error_log {dir}/nginx.err;
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


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def fast_folder():
    """A folder for one run, in memory where the machine has that; nginx's worker may enter it."""
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=memory) as path:
        os.chmod(path, 0o755)
        yield pathlib.Path(path)


class Stage:
    """`under` is put before the commands of toolgate and nginx: a profiler, say. With `search` the
    first gateway offers the search tool. `threads` are toolgate's and as many workers are nginx's;
    0: one for each core. `flags` are more of serve's."""

    def __init__(self, build: pathlib.Path, folder: pathlib.Path, tools: int, under=(),
                 search: bool = False, threads: int = 1, flags=()):
        self.build, self.folder, self.tools, self.under = build, folder, tools, list(under)
        self.search, self.threads, self.flags = search, threads, flags
        self.processes = []

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self.processes:
            # Under a profiler an orderly end takes minutes.
            process.send_signal(signal.SIGKILL if self.under else signal.SIGTERM)
        for process in self.processes:
            process.wait(60)

    def _run(self, command, **kwargs):
        process = subprocess.Popen(command, **kwargs)
        self.processes.append(process)
        return process

    def _start(self):
        stub = self._run([self.build / "bench/stub_upstream", "0", str(self.tools)],
                         stdout=subprocess.PIPE, text=True)
        self.stub_port = int(stub.stdout.readline())
        nginx_port = free_port()
        (self.folder / "static").mkdir()
        config = self.folder / "nginx.conf"
        config.write_text(NGINX.format(dir=self.folder, stub=self.stub_port, port=nginx_port,
                                       workers=self.threads or "auto",
                                       master="off" if self.under else "on"))
        self.nginx = self._run([*self.under, "nginx", "-c", str(config), "-p", str(self.folder)],
                  stderr=subprocess.DEVNULL)
        self.proxy = f"http://127.0.0.1:{nginx_port}"
        where = ["--data-dir", self.folder / "data",
                 "--master-key", self.folder / "keys/master.key"]

        began = time.monotonic()
        log = open(self.folder / "toolgate.log", "w")
        self.gateway = self._run(
            [*self.under, self.build / "toolgate", "serve", "--listen", "127.0.0.1:0",
             "--threads", str(self.threads), *self.flags, *where],
            stdout=subprocess.PIPE, stderr=log, text=True)
        self.base = json.loads(self.gateway.stdout.readline())["listen"]
        urllib.request.urlopen(self.base + "/healthz").read()
        self.start_ms = (time.monotonic() - began) * 1000
        env = subprocess.run([self.build / "toolgate", "env", *where], capture_output=True,
                             text=True, check=True).stdout
        os.environ.update(re.findall(r"export (\w+)='([^']*)'", env))
        self._populate()

    def _populate(self):
        import boto3

        session = boto3.Session()  # of this server's environment
        control = session.client("bedrock-agentcore-control")
        cognito = session.client("cognito-idp")
        pool = cognito.create_user_pool(PoolName="bench")["UserPool"]["Id"]
        cognito.create_resource_server(
            UserPoolId=pool, Identifier="bench", Name="bench",
            Scopes=[{"ScopeName": "invoke", "ScopeDescription": "invoke"}])
        client = cognito.create_user_pool_client(
            UserPoolId=pool, ClientName="bench", GenerateSecret=True,
            AllowedOAuthFlows=["client_credentials"], AllowedOAuthScopes=["bench/invoke"],
            AllowedOAuthFlowsUserPoolClient=True)["UserPoolClient"]
        form = (f"grant_type=client_credentials&client_id={client['ClientId']}"
                f"&client_secret={client['ClientSecret']}").encode()
        answer = urllib.request.urlopen(self.base + "/oauth2/token", form)
        self.authorization = "Bearer " + json.load(answer)["access_token"]

        times, gateways = [], []
        for i in range(10):
            more = {"protocolConfiguration": {"mcp": {"searchType": "SEMANTIC"}}}
            before = time.perf_counter()
            gateways.append(control.create_gateway(
                name=f"bench{i}", roleArn="arn:aws:iam::123456789012:role/bench",
                protocolType="MCP", authorizerType="CUSTOM_JWT",
                authorizerConfiguration={"customJWTAuthorizer": {
                    "discoveryUrl": f"{self.base}/{pool}/.well-known/openid-configuration",
                    "allowedClients": [client["ClientId"]]}},
                **(more if self.search and i == 0 else {})))
            times.append((time.perf_counter() - before) * 1000)
        self.create_gateway_ms = statistics.median(times)
        self.creator = (session, pool, client["ClientId"])
        self.url = gateways[0]["gatewayUrl"]
        before = time.perf_counter()
        self.target = control.create_gateway_target(
            gatewayIdentifier=gateways[0]["gatewayId"], name="orders",
            targetConfiguration={
                "mcp": {"mcpServer": {"endpoint": f"http://127.0.0.1:{self.stub_port}/mcp"}}})
        self.synchronise_ms = (time.perf_counter() - before) * 1000

    def create_on_wire_ms(self, count: int = 60) -> float:
        """Median milliseconds from the first byte of a CreateGateway, signed beforehand, to the
        last of its answer on a kept connection: the server's time and the loopback's."""
        import uuid

        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        session, pool, client = self.creator

        def request(i: int) -> bytes:
            body = json.dumps({
                "name": f"wire{i}", "roleArn": "arn:aws:iam::123456789012:role/bench",
                "protocolType": "MCP", "authorizerType": "CUSTOM_JWT",
                "clientToken": str(uuid.uuid4()),
                "authorizerConfiguration": {"customJWTAuthorizer": {
                    "discoveryUrl": f"{self.base}/{pool}/.well-known/openid-configuration",
                    "allowedClients": [client]}}})
            signed = AWSRequest("POST", self.base + "/gateways/", data=body,
                                headers={"content-type": "application/json",
                                         "host": self.base.removeprefix("http://")})
            SigV4Auth(session.get_credentials(), "bedrock-agentcore",
                      session.region_name).add_auth(signed)
            head = "".join(f"{name}: {value}\r\n" for name, value in signed.headers.items())
            return (f"POST /gateways/ HTTP/1.1\r\n{head}content-length: {len(body)}\r\n\r\n"
                    f"{body}").encode()

        host, port = self.base.removeprefix("http://").split(":")
        times = []
        with socket.create_connection((host, int(port))) as wire:
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for message in [request(i) for i in range(count)]:
                before = time.perf_counter()
                wire.sendall(message)
                answer = b""
                while b"\r\n\r\n" not in answer:
                    answer += wire.recv(65536)
                head, _, body = answer.partition(b"\r\n\r\n")
                length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
                while len(body) < length:
                    body += wire.recv(65536)
                times.append((time.perf_counter() - before) * 1000)
                if not head.startswith(b"HTTP/1.1 202 "):
                    raise RuntimeError(f"CreateGateway: {head.decode()} {body.decode()}")
        return statistics.median(times)

    def nginx_workers(self) -> list[int]:
        if self.under:
            return [self.nginx.pid]
        for _ in range(200):
            if (self.folder / "nginx.pid").exists():
                master = (self.folder / "nginx.pid").read_text().strip()
                children = pathlib.Path(f"/proc/{master}/task/{master}/children").read_text()
                if children.split():
                    return [int(child) for child in children.split()]
            time.sleep(0.1)
        raise SystemExit("nginx did not start: " + (self.folder / "nginx.err").read_text())

    def script(self, name, method, path, text, pause_ms=0):
        """A wrk script that sends this request; each connection pauses before the next."""
        file = self.folder / f"{name}.lua"
        body = json.dumps(text) if text else "nil"
        file.write_text(WRK.format(method=method, path=path, body=body,
                                   authorization=self.authorization))
        if pause_ms:
            with file.open("a") as more:
                more.write(f"function delay() return {pause_ms} end\n")
        return file


def tool_call(name="orders___tool0", size=330) -> str:
    """A tools/call of that many bytes."""
    def body(note):
        return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                           "params": {"name": name, "arguments": {"orderId": 123, "note": note}}})
    return body("x" * (size - len(body(""))))
