"""How a domain's error reaches a caller of the Action API: 400, 403, 404 or 409, with the remedy.

CKAN answers every validation error with 409. The contract keeps 409 for a move that the state forbids,
so for our own actions a wrong field becomes 400 on its way out (`field_errors_are_400`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, request

from ckanext.edomex.domain import forms

OUR_ACTION = re.compile(r"^(/[a-z_]{2,5})?/api/(3/)?action/edomex_")


def field_errors_are_400(response: Response) -> Response:
    """Change the status of our actions' field errors; leave every other answer alone."""
    if response.status_code == HTTPStatus.CONFLICT and OUR_ACTION.match(request.path):
        body = response.get_json(silent=True) or {}
        if "allowed" not in body.get("error", {}):
            response.status_code = HTTPStatus.BAD_REQUEST
    return response


def told(errors: Mapping[str, Any]) -> Iterator[tuple[int | None, str, str]]:
    """What CKAN says is wrong with a dataset, flat: the number of the resource or None, the field, a sentence."""
    for field, messages in errors.items():
        if field == "resources":
            for number, one in enumerate(messages):
                yield from ((number, name, _sentence(each)) for name, each in dict(one or {}).items())
        else:
            yield None, field, _sentence(messages)


def _sentence(messages: Any) -> str:
    said = forms.flat(messages)
    return " ".join(message if row is None else f"Renglón {row + 1} ({subfield}): {message}" for row, subfield, message in said)
