"""What this machine's other work makes of a bound in seconds."""
import time


def slowness() -> float:
    """How many times as long as alone a computation takes beside this machine's other work."""
    began, used = time.monotonic(), time.process_time()
    while time.process_time() - used < 0.2:
        pass
    return max(1.0, (time.monotonic() - began) / (time.process_time() - used))
