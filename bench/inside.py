"""A process with one CKAN loaded, for work that belongs inside it; two CKANs do not fit into one process.

    CKAN_INI=… python -m bench.inside     # reads and writes one JSON a line; the benchmarks start it themselves
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any, Self

from bench.figures import BenchError
from stack.places import ROOT


class Inside:
    """The process, seen from outside: `call` a function in it and have its result. The first result is that CKAN is loaded."""

    def __init__(self, ini: str, log: Path) -> None:
        self.log = log
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bench.inside"], cwd=ROOT, env={**os.environ, "CKAN_INI": ini},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
            )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()

    def start(self, function: str, **arguments: Any) -> None:
        """Begin a call of `module:function`; its result is taken with `result`, before the next call."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"function": function, "arguments": arguments}) + "\n")
        self.process.stdin.flush()

    def result(self) -> Any:
        """Wait for the call that was begun; BenchError if it failed."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": "the process ended"}
        if "error" in answer:
            raise BenchError(f"inside CKAN: {answer['error']}; see {self.log.name} among the logs of the stack.")
        return answer["result"]

    def call(self, function: str, **arguments: Any) -> Any:
        """Call `module:function` with arguments that JSON can say, and wait for its result."""
        self.start(function, **arguments)
        return self.result()


def serve() -> None:
    """Load CKAN, then answer calls until standard input ends."""
    # CKAN and its plugins print; what we answer goes where nobody else writes.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    app = make_app(CKANConfigLoader(os.environ["CKAN_INI"]).get_config())
    # CKAN speaks in the language of a request, and so validates within one only.
    with app._wsgi_app.test_request_context():  # type: ignore[attr-defined]  # noqa: SLF001  # what it wraps is a Flask app
        print(json.dumps({"result": "ready"}), file=answers, flush=True)
        for line in sys.stdin:
            print(json.dumps(answer(json.loads(line))), file=answers, flush=True)


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Call what the line names; an error is an answer too."""
    module, name = request["function"].split(":")
    try:
        return {"result": getattr(importlib.import_module(module), name)(**request["arguments"])}
    except Exception as error:  # noqa: BLE001  # the edge of the process: the caller says what failed
        traceback.print_exc()
        return {"error": f"{name}: {type(error).__name__}"}


if __name__ == "__main__":
    serve()
