"""Steps of a demonstration: each fails under its name, and says what it shows."""

from __future__ import annotations

import time
from collections.abc import Callable


class StepFailedError(Exception):
    """A step did not show what it had to; `step` is its name."""

    def __init__(self, step: str, message: str) -> None:
        super().__init__(message)
        self.step = step


def need(condition: bool, step: str, message: str) -> None:  # noqa: FBT001  # reads as the sentence it checks
    """Fail the step unless the condition holds."""
    if not condition:
        raise StepFailedError(step, message)


def until(condition: Callable[[], bool], seconds: float, step: str, message: str) -> None:
    """Fail the step unless the condition comes to hold within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        need(time.monotonic() < deadline, step, f"{message} en {seconds:.0f} s")
        time.sleep(0.25)


def say(text: str) -> None:
    """Tell whoever watches."""
    print(text, flush=True)
