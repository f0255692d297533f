"""The health door, before CKAN: no session, no cookie, no account, no template, and so nothing that a dead service could block.

`/edomex/health/live` says that the process answers; `/edomex/health/ready` which of the parts behind it do. Neither
tells a stranger more than names and whether.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Response

from ckanext.edomex.shield.logic.parts import Watch

LIVE, READY = "/edomex/health/live", "/edomex/health/ready"
#: Seconds after which a client may ask again.
PATIENCE_S = 5


class HealthDoor:
    """Answers the two addresses and hands everything else on."""

    def __init__(self, app: Callable[..., Iterable[bytes]], watch: Watch) -> None:
        self.app = app
        self.watch = watch

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """One request, as WSGI has it."""
        path = environ.get("PATH_INFO")
        if path not in {LIVE, READY}:
            return self.app(environ, start_response)
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            answer = _answer(HTTPStatus.METHOD_NOT_ALLOWED, {"status": "failed"})
            answer.headers["Allow"] = "GET, HEAD"
        elif path == LIVE:
            answer = _answer(HTTPStatus.OK, {"status": "ok"})
        else:
            answer = _readiness(self.watch.ask())
        return answer(environ, start_response)


def _readiness(parts: Mapping[str, bool]) -> Response:
    words = {name: "ok" if answers else "failed" for name, answers in parts.items()}
    if all(parts.values()):
        return _answer(HTTPStatus.OK, {"status": "ok", "parts": words})
    answer = _answer(HTTPStatus.SERVICE_UNAVAILABLE, {"status": "failed", "parts": words})
    answer.headers["Retry-After"] = str(PATIENCE_S)
    return answer


def _answer(status: HTTPStatus, body: Mapping[str, Any]) -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(json.dumps(body) + "\n", status=status, headers=headers, content_type="application/json")
