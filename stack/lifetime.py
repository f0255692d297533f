"""A stack lives as long as its owner: a watcher ends every process of it, however the owner ended.

    python -m stack.lifetime OWNER_PID STACK_FOLDER     # started by stack.running, never by hand
"""

from __future__ import annotations

import fcntl
import os
import select
import shutil
import signal
import sys
from pathlib import Path
from typing import IO

import psutil

from stack.places import Stack
from stack.programs import MARK, StackError

#: Seconds that processes get to end by themselves before they are killed.
GRACE = 12


def hold(stack: Stack) -> IO[str]:
    """Take the stack's lock; the kernel drops it with the process, so no stale lock can remain."""
    lock = (stack.directory / "owner.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise StackError(
            f"esta pila ya está en marcha (proceso {lock.read().strip() or '?'}); deténgala con Ctrl-C o `make down`."
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def marked(stack: Stack) -> list[psutil.Process]:
    """Processes of this stack, found by the mark in their environment; never the caller's own."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(MARK) == stack.identity:
                found.append(process)
        except psutil.Error:
            continue
    return found


def end(stack: Stack, grace: float = GRACE) -> None:
    """End every process of the stack: supervisor first, for it ends the others in order; then whoever is left.

    A throw-away stack has nothing to lose, so it is killed at once.
    """
    if stack.throwaway:
        grace = 0
    supervisor = [p for p in marked(stack) if "supervisord" in " ".join(_command(p))]
    for process in supervisor:
        process.send_signal(signal.SIGTERM if grace else signal.SIGKILL)
    psutil.wait_procs(supervisor, timeout=grace)
    left = marked(stack)
    for process in left:
        process.send_signal(signal.SIGTERM if grace else signal.SIGKILL)
    _, left = psutil.wait_procs(left, timeout=grace / 2)
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=5)
    stack.control_socket.unlink(missing_ok=True)


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def watch(owner: int, stack: Stack) -> None:
    """Wait for the owner's end, then end the stack; a throw-away stack's folder goes too unless it is to be kept."""
    try:
        handle = os.pidfd_open(owner)
    except ProcessLookupError:
        handle = None
    if handle is not None:
        select.select([handle], [], [])
    end(stack)
    if (stack.directory / "throwaway").exists():
        shutil.rmtree(stack.directory, ignore_errors=True)


def main() -> None:
    """Detach from the owner's terminal and session, then watch it."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.environ.pop(MARK, None)
    owner, directory = int(sys.argv[1]), Path(sys.argv[2])
    watch(owner, Stack(directory))


if __name__ == "__main__":
    main()
