"""The roof's progress line on a terminal."""

import time
from typing import Any

EVERY = 2.0


class Progress:
    """Says how far a step is, at most every two seconds, and when it ends."""

    def __init__(self, out: Any) -> None:
        self.out = out
        self.said = time.monotonic()

    def __call__(self, step: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.said > EVERY or done == total:
            self.said = now
            self.out.write(f"  {step}: {done} of {total}")
            self.out.flush()
