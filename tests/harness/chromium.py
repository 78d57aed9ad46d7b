"""Debian's Chromium, headless, driven over its DevTools pipe: file descriptors 3 and 4, messages of
JSON that end with NUL. It reaches 127.0.0.1 alone."""
import fcntl
import json
import os
import select
import subprocess
import time
from pathlib import Path

COMMAND = 'chromium'
WAIT_SECONDS = 30
# Root and containers have no sandbox of namespaces; the pages are those of this test.
FLAGS = ('--headless=new', '--no-sandbox', '--remote-debugging-pipe', '--no-first-run',
         '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking',
         '--disable-component-update', '--disable-sync', '--disable-default-apps',
         '--disable-extensions', '--no-proxy-server', '--password-store=basic',
         '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1')


class Chromium:
    """One page. `visited` is every address that its documents had."""

    def __init__(self, profile: Path) -> None:
        self._to_browser, self._from_browser = self._start(profile)
        self._read, self._ids, self._session = b'', 0, None
        self.visited: list[str] = []
        self.version = self._ask('Browser.getVersion')['product']
        target = self._ask('Target.createTarget', url='about:blank')['targetId']
        self._session = self._ask('Target.attachToTarget', targetId=target,
                                  flatten=True)['sessionId']
        self._ask('Page.enable')

    def _start(self, profile: Path) -> tuple[int, int]:
        def pipe() -> list[int]:
            """Away from 3 and 4."""
            ends = os.pipe()
            high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in ends]
            for end in ends:
                os.close(end)
            return high

        (theirs_in, ours_out), (ours_in, theirs_out) = pipe(), pipe()

        def place() -> None:
            os.dup2(theirs_in, 3)
            os.dup2(theirs_out, 4)

        self._log = open(profile.with_suffix('.log'), 'wb')
        self._process = subprocess.Popen(
            [COMMAND, *FLAGS, f'--user-data-dir={profile}', 'about:blank'], preexec_fn=place,
            pass_fds=(3, 4), stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
            env=os.environ | {'HOME': str(profile.parent)})
        os.close(theirs_in)
        os.close(theirs_out)
        return ours_out, ours_in

    def close(self) -> None:
        try:
            self._session = None
            self._ask('Browser.close')
            self._process.wait(10)
        except (OSError, AssertionError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        for end in (self._to_browser, self._from_browser):
            os.close(end)
        self._log.close()

    def open(self, url: str) -> None:
        failed = self._ask('Page.navigate', url=url).get('errorText')
        assert not failed, f'{url}: {failed}'

    def script(self, expression: str):
        """The value of an expression in the page."""
        answer = self._ask('Runtime.evaluate', expression=expression, returnByValue=True)
        if 'exceptionDetails' in answer:
            raise LookupError(f"{expression}: {answer['exceptionDetails']}")
        return answer['result'].get('value')

    def wait(self, expression: str):
        """Until the expression is true in the page; what it is then."""
        until = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                if found := self.script(expression):
                    return found
            except LookupError:
                pass  # between two documents
            assert time.monotonic() < until, (expression, self.visited, self.text())
            time.sleep(0.05)

    def fill(self, selector: str, text: str) -> None:
        self.wait(f'document.querySelector({json.dumps(selector)}) !== null')
        self.script(f'document.querySelector({json.dumps(selector)}).focus()')
        self._ask('Input.insertText', text=text)

    def click(self, selector: str) -> None:
        """With the mouse, as a user would."""
        box = self.wait(f'''(() => {{
            const found = document.querySelector({json.dumps(selector)});
            if (!found || document.readyState !== 'complete') return null;
            found.scrollIntoView({{block: 'center'}});
            const box = found.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }})()''')
        for kind in ('mousePressed', 'mouseReleased'):
            self._ask('Input.dispatchMouseEvent', type=kind, x=box[0], y=box[1], button='left',
                      clickCount=1)

    def text(self) -> str:
        return self.script('document.body ? document.body.innerText : ""')

    def _ask(self, method: str, **params) -> dict:
        self._ids += 1
        message = {'id': self._ids, 'method': method, 'params': params}
        if self._session:
            message['sessionId'] = self._session
        os.write(self._to_browser, json.dumps(message).encode() + b'\0')
        while True:
            answer = self._next()
            if answer.get('method') == 'Page.frameNavigated':
                self.visited.append(answer['params']['frame']['url'])
            if answer.get('id') != self._ids:
                continue
            if 'error' in answer:
                raise LookupError(f"{method}: {answer['error']}")
            return answer['result']

    def _next(self) -> dict:
        while b'\0' not in self._read:
            ready, _, _ = select.select([self._from_browser], [], [], WAIT_SECONDS)
            piece = os.read(self._from_browser, 1 << 16) if ready else b''
            assert piece, f'Chromium says nothing: {Path(self._log.name).read_text()[-2000:]}'
            self._read += piece
        message, _, self._read = self._read.partition(b'\0')
        return json.loads(message)
