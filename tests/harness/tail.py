"""`aws logs tail --follow`, running, and what it has printed."""
import subprocess
import threading
import time


class Tail:
    """with Tail(command, environment) as tail: … tail.shows('text')"""

    def __init__(self, command: list, environment: dict[str, str]) -> None:
        self.program = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
        self.lines: list[str] = []
        self.reader = threading.Thread(
            target=lambda: self.lines.extend(self.program.stdout), daemon=True)
        self.reader.start()

    def __enter__(self) -> 'Tail':
        return self

    def __exit__(self, *_) -> None:
        self.program.terminate()
        self.program.wait()

    def shows(self, text: str, seconds: float = 60) -> bool:
        """Whether a line with the text is printed within so many seconds."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.program.poll() is None:
            if any(text in line for line in list(self.lines)):
                return True
            time.sleep(0.1)
        return False
