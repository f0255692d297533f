"""Make the virtual environment that everything else runs in. Standard library only.

    python3 stack/bootstrap.py      # idempotent; quick and offline when nothing changed
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
VENV = LOCAL / "venv"
UV = "uv==0.13.9"
#: Free space that a first set-up and one stack need, in bytes.
NEEDED = 2_500_000_000


class SetupError(Exception):
    """What keeps this machine from running the stack, said in one sentence with its remedy."""


def main() -> int:
    """Return 0 once the environment is there; print one sentence and return 1 otherwise."""
    try:
        LOCAL.mkdir(exist_ok=True)
        with (LOCAL / "bootstrap.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # released by the kernel, whatever happens to us
            ensure_environment()
    except SetupError as error:
        print(f"edomex: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print(f"edomex: el disco está lleno ({ROOT}); libere espacio y repita la orden.", file=sys.stderr)
        return 1
    return 0


def ensure_environment() -> None:
    """Create or renew `.local/venv` when the lock file or this Python changed."""
    check_machine()
    stamp = VENV / ".stamp"
    wanted = fingerprint()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    check_room()
    print("edomex: preparing the environment (about a minute the first time)…", file=sys.stderr)
    stamp.unlink(missing_ok=True)
    if not (VENV / "bin" / "uv").exists():
        shutil.rmtree(VENV, ignore_errors=True)
        venv.create(VENV, with_pip=True)
        run([VENV / "bin" / "python", "-m", "pip", "install", "--quiet", UV], "install uv")
    uv = [VENV / "bin" / "uv", "pip", "install", "--quiet", "--python", VENV / "bin" / "python"]
    run([*uv, "--no-deps", "--requirements", ROOT / "stack" / "requirements.lock"], "install the packages")
    run([*uv, "--no-deps", "--editable", ROOT], "install ckanext-edomex")
    link_for_types()
    stamp.write_text(wanted)


def link_for_types() -> None:
    """Lay out `.local/typing`, where pyright sees ours beside the installed extensions.

    A wheel among them brings `ckanext/__init__.py`, which would hide this repository's namespace folder.
    """
    typing = LOCAL / "typing" / "ckanext"
    shutil.rmtree(typing, ignore_errors=True)
    typing.mkdir(parents=True)
    (typing / "__init__.py").touch()
    (typing / "edomex").symlink_to(ROOT / "ckanext" / "edomex")
    installed = next((VENV / "lib").glob("python3*/site-packages/ckanext"))
    for name in ("activity", "datastore", "dcat", "harvest", "scheming", "xloader"):
        (typing / name).symlink_to(installed / name)


def check_machine() -> None:
    """Refuse what cannot work, before anything is written."""
    if sys.version_info < (3, 11):
        found = ".".join(map(str, sys.version_info[:2]))
        raise SetupError(f"hace falta Python 3.11 o posterior y este es {found}; indique otro con `make PYTHON=python3.12 …`.")
    if not sys.platform.startswith("linux"):
        raise SetupError(f"la pila local necesita Linux y este sistema es {sys.platform}; use docker-compose.yml.")
    try:
        import ensurepip  # noqa: F401  Debian ships it apart, as python3-venv
    except ImportError:
        raise SetupError("a este Python le falta venv; en Debian: apt install python3-venv.") from None


def check_room() -> None:
    """Refuse to start a download that cannot end well."""
    free = shutil.disk_usage(LOCAL).free
    if free < NEEDED:
        raise SetupError(f"quedan {free / 1e9:.1f} GB libres en {LOCAL} y hacen falta {NEEDED / 1e9:.1f}; libere espacio.")


def fingerprint() -> str:
    """Everything that the environment depends on, as one hash."""
    parts = [sys.version, str(ROOT), UV]
    parts += [(ROOT / name).read_text() for name in ("stack/requirements.lock", "pyproject.toml", "setup.py")]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def run(command: list[str | Path], purpose: str) -> None:
    """Run one installation step; its output is shown only when it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=clean_environment())
    if done.returncode == 0:
        return
    output = done.stdout + done.stderr
    if "No space left" in output:
        raise OSError(errno.ENOSPC, "No space left on device")
    last = output.strip().splitlines()[-12:]
    raise SetupError(
        f"no se pudo «{purpose}»; sin red no es posible la primera vez. Revise la conexión y repita la orden.\n"
        + "\n".join(f"  | {line}" for line in last)
    )


def clean_environment() -> dict[str, str]:
    """The caller's environment without another virtual environment's traces."""
    return {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH"}}


if __name__ == "__main__":
    sys.exit(main())
