"""Run one room's benchmarks: `python -m bench ROOM [CASE …]`. `make bench B=ROOM` is the door.

Beside the stack that the environment names (EDOMEX_URL), or a fresh one with the vanilla peer. Some cases alone leave
the other figures of the room's results file as they are.
"""

from __future__ import annotations

import argparse
import importlib
import os
import shlex
import sys
from collections.abc import Callable, Mapping

from bench import results
from bench.figures import BenchError, Figure
from bench.place import Place, place
from stack.demo.api import ApiError
from stack.places import VENV

#: Modules of this folder that are rooms; each has `CASES`.
ROOMS = ("autoservicio", "federation", "feed", "release", "schemas", "shield")


def main() -> int:
    """Run the cases, or start a stack for them first; an error of ours is one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("room", choices=ROOMS)
    parser.add_argument("case", nargs="*", help="some cases only")
    arguments = parser.parse_args()
    if "EDOMEX_URL" not in os.environ:
        start_beside_a_stack(arguments.room)
    try:
        run(arguments.room, arguments.case)
    except (BenchError, ApiError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


def start_beside_a_stack(room: str) -> None:
    """Become `stack with --peer` whose command is this one, with the federal side where the room needs it; does not return."""
    python = str(VENV / "bin" / "python")
    command = shlex.join([python, "-m", "bench", *sys.argv[1:]])
    federal = ["--federal"] if room == "federation" else []
    os.execv(python, [python, "-m", "stack", "with", "--peer", *federal, "--command", command])  # noqa: S606  # the stack runs it in a shell


def run(room: str, only: list[str]) -> None:
    """Run a room's cases in their order; print each line as it is found, and write the results."""
    cases: Mapping[str, Callable[[Place], list[Figure]]] = importlib.import_module(f"bench.{room}").CASES
    unknown = sorted(set(only) - set(cases))
    if unknown:
        raise BenchError(f"{room} has no case {', '.join(unknown)}; it has {', '.join(cases)}.")
    figures: list[Figure] = []
    with place() as here:
        for name, case in cases.items():
            if only and name not in only:
                continue
            found = case(here)
            figures += found
            for figure in found:
                print(figure.line(room), flush=True)
            results.write(room, found)
    print(f"{sum(figure.met for figure in figures)} of {len(figures)} within their limits; bench/results/{room}.json")


if __name__ == "__main__":
    sys.exit(main())
