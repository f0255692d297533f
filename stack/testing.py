"""Run every kind of test, count what passed, failed and did not run, and say it in one last line.

    python -m stack.testing [--all]      # `make test` and `make test-all`
    python -m stack.testing --soak       # beside a stack: `make soak`
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from stack.browser import find_chromium
from stack.places import LOCAL, ROOT, VENV

REPORTS = LOCAL / "reports"
#: A test that hangs fails, with where it stood; long before CI is ended from outside, which would tell nothing.
QUICK = ["-m", "not long", "--timeout=1500"]
#: Folders of tests that stop services or kill processes of the stack.
DISTURBING = frozenset({"faults"})


@dataclass
class Tally:
    """Counts over all the parts of a run."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, name: str, report: Path, status: int) -> None:
        """Count a pytest part from its report; a part without one failed as a whole."""
        if not report.exists():
            print(f"!! {name}: no report, exit status {status}")
            self.failed += 1
            return
        failed = 0
        for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314
            total, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
            failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            self.skipped += skipped
            self.passed += total - skipped - int(suite.get("failures", 0)) - int(suite.get("errors", 0))
        self.failed += max(failed, 1 if status else 0)


def main() -> int:
    """Run all parts, whatever fails; 0 only if nothing did."""
    everything = "--all" in sys.argv
    REPORTS.mkdir(parents=True, exist_ok=True)
    for old in REPORTS.glob("*.xml"):
        old.unlink()
    tally, begun = Tally(), time.monotonic()
    checks(tally)
    selection = [] if everything else QUICK
    part(tally, "unit", ["-p", "no:ckan", "-p", "no:ckan_fixtures", *unit_folders(), *selection])
    stacks(tally, selection)
    if everything:
        long_day(tally)
    print(f"\n{time.monotonic() - begun:.0f} s", flush=True)
    print(f"{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped", flush=True)
    return 1 if tally.failed else 0


def checks(tally: Tally) -> None:
    """Lint, types and import contracts: each counts as one test."""
    commands = {
        "lint": ["ruff", "check", "."],
        "types": ["pyright"],
        "imports": ["python", "-m", "stack.contracts"],
    }
    for name, command in commands.items():
        heading(name)
        status = subprocess.run([str(VENV / "bin" / command[0]), *command[1:]], cwd=ROOT, env=environment()).returncode
        tally.failed += bool(status)
        tally.passed += not status


def unit_folders() -> list[str]:
    """Tests that need no service."""
    return [str(path) for path in sorted([*ROOT.glob("ckanext/edomex/**/tests/unit"), *ROOT.glob("tests/unit")])]


def stacks(tally: Tally, selection: list[str]) -> None:
    """Tests on real services: in-process ones first, then those that drive the running portal."""
    inside = [str(p) for p in sorted([*ROOT.glob("ckanext/edomex/**/tests/integration"), *ROOT.glob("tests/migration")])]
    outside = [str(p) for p in (ROOT / "tests" / name for name in ("shield", "faults", "e2e", "interop", "stack")) if p.exists()]
    beside = [str(VENV / "bin" / "python"), "-m", "stack", "with", "--federal", "--test", "--command"]
    this = [str(VENV / "bin" / "python"), "-m", "stack.testing", "--parts"]
    heading("stack")
    script = " ".join([*this, *selection_words(selection), "--", *inside, "--", *outside])
    status = subprocess.run([*beside, script], cwd=ROOT, env=environment()).returncode
    failed = tally.failed
    for name in ("integration", "portal", "faults"):
        tally.add(name, REPORTS / f"{name}.xml", 0)
    # Services that did not start or end are one failure more, a test's is counted once.
    tally.failed += bool(status) and tally.failed == failed


def long_day(tally: Tally) -> None:
    """The soak, on a stack that no other test has used: its memory and logs are watched."""
    this = f"{VENV / 'bin' / 'python'} -m stack.testing --soak"
    status = subprocess.run(
        [str(VENV / "bin" / "python"), "-m", "stack", "with", "--command", this], cwd=ROOT, env=environment()
    ).returncode
    tally.add("soak", REPORTS / "soak.xml", status)


def soak() -> int:
    """Beside a stack: the soak alone."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    return pytest("soak", ["-p", "no:ckan", "-p", "no:ckan_fixtures", "tests/soak"])


def selection_words(selection: list[str]) -> list[str]:
    """The selection quoted for a shell."""
    return [f"'{word}'" for word in selection]


def parts(arguments: list[str]) -> int:
    """Beside a stack: the in-process tests on the test database, then the tests of the running portal."""
    selection, inside, outside = _split(arguments)
    ini = f"--ckan-ini={os.environ['EDOMEX_TEST_INI']}"
    plain = ["-p", "no:ckan", "-p", "no:ckan_fixtures", *selection]
    calm = [path for path in outside if Path(path).name not in DISTURBING]
    disturbing = [path for path in outside if path not in calm]
    # Two at a time, each on a database of its own; those that stop services come after, alone.
    with ThreadPoolExecutor(2) as both:
        asked = (("integration", [ini, *selection, *inside]), ("portal", [*plain, *calm]))
        found = list(both.map(lambda one: pytest(*one, aside=one[0] == "integration"), asked))
    if disturbing:
        found.append(pytest("faults", [*plain, *disturbing]))
    return max(found)


def _split(words: list[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for word in words:
        if word == "--":
            found.append([])
        else:
            found[-1].append(word)
    return found


def part(tally: Tally, name: str, arguments: list[str]) -> None:
    """Run pytest and count its report."""
    status = pytest(name, arguments)
    tally.add(name, REPORTS / f"{name}.xml", status)


def pytest(name: str, arguments: list[str], *, aside: bool = False) -> int:
    """Run pytest with a report of this name; what one that runs beside another prints comes when it has ended."""
    command = [str(VENV / "bin" / "python"), "-m", "pytest", "-q", f"--junitxml={REPORTS / name}.xml", *arguments]
    if not aside:
        heading(name)
        return subprocess.run(command, cwd=ROOT, env=environment()).returncode
    done = subprocess.run(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    heading(name)
    print(done.stdout, flush=True)
    return done.returncode


def environment() -> dict[str, str]:
    """The caller's environment with our programs first, and the browser where there is one."""
    found = {**os.environ, "PATH": f"{VENV / 'bin'}:{os.environ.get('PATH', '')}", "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    chromium = find_chromium()
    return {**found, "CHROMIUM": chromium} if chromium else found


def heading(name: str) -> None:
    """Say what comes."""
    print(f"\n== {name}", flush=True)


if __name__ == "__main__":
    match sys.argv[1:2]:
        case ["--parts"]:
            sys.exit(parts(sys.argv[2:]))
        case ["--soak"]:
            sys.exit(soak())
        case _:
            sys.exit(main())
