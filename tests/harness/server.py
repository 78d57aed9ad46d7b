"""The binary under test: started on a free port with a data directory of its own."""
import json
import os
import selectors
import shlex
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parent.parent.parent
BINARY = Path(os.environ.get('TOOLGATE_BINARY', ROOT / 'build/release/toolgate'))
START_SECONDS_MAX = 60  # a sanitized binary on a busy machine
SHORT = Config(retries={'total_max_attempts': 1}, read_timeout=150, connect_timeout=5)


class Server:
    def __init__(self, home: Path | None = None, flags: tuple[str, ...] = ()) -> None:
        self.home = Path(home or tempfile.mkdtemp(prefix='toolgate-test-'))
        self.data = self.home / 'data'
        self.flags = flags
        self.program: subprocess.Popen | None = None
        self.ready: dict = {}
        self.base = ''
        self._environment: dict[str, str] = {}
        self._role_is_there = False

    def start(self) -> 'Server':
        self.log = (self.home / 'log').open('a')
        listen = () if '--listen' in self.flags else ('--listen', '127.0.0.1:0')
        self.program = subprocess.Popen(
            [BINARY, 'serve', *listen, '--data-dir', self.data,
             '--master-key', self.home / 'master.key', *self.flags],
            stdout=subprocess.PIPE, stderr=self.log, env=self._own_environment())
        self.ready = json.loads(self._first_line())
        self.base = self.ready['listen']
        self._environment = {}
        return self

    def _own_environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(('AWS_', 'TOOLGATE_'))}
        return kept | {'XDG_STATE_HOME': str(self.home), 'XDG_CONFIG_HOME': str(self.home)}

    def _first_line(self) -> bytes:
        waiting = selectors.DefaultSelector()
        waiting.register(self.program.stdout, selectors.EVENT_READ)
        line = b''
        if waiting.select(START_SECONDS_MAX):
            line = self.program.stdout.readline()
        if not line:
            raise AssertionError(f'serve said nothing; its log ends:\n{self.log_text()[-3000:]}')
        return line

    def log_text(self) -> str:
        return (self.home / 'log').read_text(errors='replace')

    def logs(self, text: str, seconds: float = 20) -> bool:
        """Whether the log holds that text by then: lines are written a moment after the event."""
        until = time.monotonic() + seconds
        while text not in self.log_text():
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    def stop(self) -> int:
        """SIGTERM drains and exits 0."""
        if self.program is None:
            return 0
        self.program.send_signal(signal.SIGTERM)
        try:
            return self._ended(30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError('serve did not end within 30 s of SIGTERM') from None

    def kill(self) -> None:
        """SIGKILL: what was acknowledged must survive it."""
        if self.program is not None:
            self.program.kill()
            self._ended(30)

    def _ended(self, seconds: float) -> int:
        status = self.program.wait(seconds)
        self.program.stdout.close()
        self.program = None
        self.log.close()
        return status

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        """Another command of the binary, on this server's data directory."""
        return subprocess.run([BINARY, *arguments, '--data-dir', self.data], text=True,
                              capture_output=True, timeout=30, env=self._own_environment())

    def environment(self) -> dict[str, str]:
        """What `toolgate env` exports."""
        if not self._environment:
            done = self.run('env')
            assert done.returncode == 0, done.stderr
            for word in shlex.split(done.stdout):
                name, assigns, value = word.partition('=')
                if assigns:
                    self._environment[name] = value
        return self._environment

    def forget_environment(self) -> None:
        """After the root's key was replaced: its sessions have ended."""
        self._environment = {}

    def credentials(self) -> dict[str, str]:
        exported = self.environment()
        return {'aws_access_key_id': exported['AWS_ACCESS_KEY_ID'],
                'aws_secret_access_key': exported['AWS_SECRET_ACCESS_KEY'],
                'aws_session_token': exported['AWS_SESSION_TOKEN']}

    def aws(self, service: str, **credentials: str):
        """A boto3 client of this server, as root's session unless credentials are given."""
        session = boto3.session.Session(region_name=self.environment()['AWS_REGION'],
                                        **(credentials or self.credentials()))
        return session.client(service, endpoint_url=self.base, config=SHORT)

    def memory_mb(self) -> float:
        """Resident memory."""
        pages = Path(f'/proc/{self.program.pid}/statm').read_text().split()[1]
        return int(pages) * os.sysconf('SC_PAGE_SIZE') / 1e6

    def cpu_seconds(self) -> float:
        """User and system time of the server's own process; of none of its children."""
        words = Path(f'/proc/{self.program.pid}/stat').read_text().rsplit(')', 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf('SC_CLK_TCK')

    @property
    def role(self) -> str:
        """A gateway's role that may do what gateways do, made at first use."""
        arn = f'arn:aws:iam::{self.ready["account"]}:role/gateway'
        if not self._role_is_there:
            self.make_role('gateway', 'bedrock-agentcore:*', 'secretsmanager:GetSecretValue')
            self._role_is_there = True
        return arn

    def make_role(self, name: str, *actions: str) -> str:
        """A role that gateways may assume; makes it anew where it is there."""
        iam = self.aws('iam')
        trust = {'Version': '2012-10-17', 'Statement': [{
            'Effect': 'Allow', 'Action': 'sts:AssumeRole',
            'Principal': {'Service': 'bedrock-agentcore.amazonaws.com'}}]}
        try:
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        except iam.exceptions.EntityAlreadyExistsException:
            pass
        self.allow_role(name, *actions)
        return f'arn:aws:iam::{self.ready["account"]}:role/{name}'

    def allow_role(self, name: str, *actions: str) -> None:
        """What the role may do from now on, on anything; nothing without actions."""
        iam = self.aws('iam')
        if not actions:
            iam.delete_role_policy(RoleName=name, PolicyName='allowed')
            return
        iam.put_role_policy(RoleName=name, PolicyName='allowed', PolicyDocument=json.dumps({
            'Version': '2012-10-17', 'Statement': [
                {'Effect': 'Allow', 'Action': list(actions), 'Resource': '*'}]}))
