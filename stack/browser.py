"""Find a Chromium for the browser tests, or install Debian's where root may."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@functools.cache
def find_chromium() -> str | None:
    """Path of a Chromium: `CHROMIUM`, the PATH, or Debian's package; None where there is none to be had."""
    given = os.environ.get("CHROMIUM")
    if given and Path(given).exists():
        return given
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found or os.geteuid() != 0 or not shutil.which("apt-get"):
        return found
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]):
        done = subprocess.run(command, capture_output=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        if done.returncode:
            return None
    return shutil.which("chromium")
