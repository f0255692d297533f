"""A stack ends with its owner, however that ends; two starts do not share a folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from stack import lifetime
from stack.places import ROOT, Stack
from stack.programs import StackError

pytestmark = pytest.mark.stack


def processes_of(directory):
    return lifetime.marked(Stack(directory))


def wait(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.2)
    return condition()


def test_a_killed_owner_leaves_no_process_and_no_folder(tmp_path):
    mark = tmp_path / "up"
    command = [sys.executable, "-m", "stack", "with", "--command", f"echo $EDOMEX_STACK_DIR > {mark}; sleep 300"]
    owner = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        assert wait(mark.exists, 150)
        directory = Path(mark.read_text().strip())
        assert len(processes_of(directory)) > 5
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        assert wait(lambda: not processes_of(directory), 30)
        assert wait(lambda: not directory.exists(), 10)
    finally:
        for process in psutil.process_iter():
            if process.pid == owner.pid or _session(process) == owner.pid:
                process.kill()


def _session(process):
    try:
        return os.getsid(process.pid)
    except OSError:
        return None


def test_a_running_stack_is_not_started_twice():
    stack = Stack(Path(os.environ["EDOMEX_STACK_DIR"]))
    with pytest.raises(StackError, match="ya está en marcha"):
        lifetime.hold(stack)
