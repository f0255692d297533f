"""The stack's commands: `python -m stack up|with|down`. `make` is the door to them.

up      the portal and the federal side on a kept folder, until Ctrl-C
with    a fresh throw-away stack, a command beside it, all gone afterwards
down    end a kept stack from another terminal
backup  a backup of the kept stack's portal, whether it runs or not
restore a backup into an empty kept stack; `up` shows it
"""

from __future__ import annotations

import argparse
import errno
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from stack import lifetime
from stack.places import LOCAL, ROOT, VENV, Stack
from stack.programs import StackError
from stack.running import Running, running
from stack.services.postgres import POSTGRES_BIN_PATH
from stack.sites import SITES, url

KEPT = LOCAL / "demo"
RUNS = LOCAL / "runs"


def main() -> int:
    """Run one command; an error of ours is one sentence on standard error."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `finally` blocks run
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    arguments = parse()
    try:
        return int(arguments.run(arguments) or 0)
    except StackError as error:
        print(f"edomex: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print("edomex: el disco está lleno; libere espacio y repita la orden.", file=sys.stderr)
        return 1


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="stack", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    up = commands.add_parser("up", help="the portal and the federal side, until Ctrl-C")
    up.set_defaults(run=run_up)
    beside = commands.add_parser("with", help="a command beside a fresh stack")
    beside.add_argument("--command", default=os.environ.get("CMD"), help="a shell command; by default the variable CMD")
    for name in ("federal", "municipio", "peer", "test"):
        beside.add_argument(f"--{name}", action="store_true")
    beside.add_argument("--seed", choices=["demo"])
    beside.add_argument("--keep", action="store_true", help="leave the folder, for its logs")
    beside.set_defaults(run=run_with)
    demo = commands.add_parser("demo", help="the main job, end to end, on the kept stack")
    demo.add_argument("--once", action="store_true")
    demo.set_defaults(run=run_demo)
    down = commands.add_parser("down", help="end the kept stack")
    down.set_defaults(run=run_down)
    backup = commands.add_parser("backup", help="a backup of the kept stack's portal")
    backup.add_argument("--to", type=Path, default=LOCAL / "backups")
    backup.set_defaults(run=run_backup)
    restore = commands.add_parser("restore", help="a backup into an empty kept stack")
    restore.add_argument("folder", type=Path)
    restore.set_defaults(run=run_restore)
    return parser.parse_args()


def run_up(_: argparse.Namespace) -> None:
    """Keep the portal and the federal side running until interrupted."""
    begun = time.monotonic()
    print("Arranco PostgreSQL, Valkey, Solr, el portal y el lado federal…", flush=True)
    with running(KEPT, ["portal", "federal"]) as here:
        print(f"El portal responde en {url(here.stack, SITES['portal'])} ({time.monotonic() - begun:.1f} s). Ctrl-C lo detiene.")
        signal.pause()


def run_with(arguments: argparse.Namespace) -> int:
    """Run a shell command beside a fresh stack; returns its exit status."""
    if not arguments.command:
        raise StackError('falta la orden: make with-stack CMD="…".')
    RUNS.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(dir=RUNS, prefix=""))
    sites = ["portal", *(name for name in ("federal", "municipio", "peer", "test") if getattr(arguments, name))]
    status = 1
    try:
        with running(directory, sites, throwaway=True) as here:
            if arguments.seed:
                seed(here)
            status = subprocess.run(arguments.command, shell=True, cwd=ROOT, env=caller_environment(here)).returncode
    finally:
        if status == 0 and not arguments.keep:
            shutil.rmtree(directory, ignore_errors=True)
        else:
            trim(directory)
            print(f"edomex: los registros de la pila están en {directory / 'log'}", file=sys.stderr)
    return status


def trim(directory: Path) -> None:
    """Leave only the logs of a stack that failed; drop those of earlier failures but the last three."""
    for path in directory.iterdir():
        if path.name != "log":
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    finished = [p for p in RUNS.iterdir() if p.is_dir() and not (p / "stack.json").exists()]
    for old in sorted(finished, key=lambda p: p.stat().st_mtime)[:-3]:
        shutil.rmtree(old, ignore_errors=True)


def caller_environment(here: Running) -> dict[str, str]:
    """The caller's environment with the stack's variables; first on PATH the virtual environment, then PostgreSQL's programs."""
    path = f"{VENV / 'bin'}:{POSTGRES_BIN_PATH}:{os.environ.get('PATH', '/usr/bin:/bin')}"
    return {**os.environ, **here.variables(), "PATH": path, "VIRTUAL_ENV": str(VENV)}


def seed(here: Running) -> None:
    """Load the demonstration catalogue, through the portal's own doors."""
    from stack.demo.load import load_peer, load_portal

    load_portal(here)
    if any(site.name == "peer" for site in here.sites):
        load_peer(here)


def run_demo(arguments: argparse.Namespace) -> int:
    """Show the main job; stay up afterwards unless `--once`."""
    from stack.demo.story import show

    return show(KEPT, once=arguments.once)


def run_backup(arguments: argparse.Namespace) -> int:
    """Back up the kept stack's portal."""
    from stack.backup import make

    return make(KEPT, arguments.to)


def run_restore(arguments: argparse.Namespace) -> int:
    """Restore a backup into an empty kept stack."""
    from stack.backup import restore

    status = restore(KEPT, arguments.folder)
    if status == 0:
        print("Restaurado. `make up` lo arranca y publica lo que haya vencido.")
    return status


def run_down(_: argparse.Namespace) -> None:
    """End the kept stack from another terminal: its owner first, then whatever is left."""
    stack = Stack(KEPT)
    try:
        lifetime.hold(stack).close()
    except StackError:
        owner = int((KEPT / "owner.lock").read_text() or 0)
        os.kill(owner, signal.SIGTERM)
        while Path(f"/proc/{owner}").exists():
            time.sleep(0.1)
    except FileNotFoundError:
        return
    lifetime.end(stack)


if __name__ == "__main__":
    sys.exit(main())
