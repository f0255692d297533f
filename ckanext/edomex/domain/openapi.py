"""Our actions as an OpenAPI document, from what each says of itself: `:param name:`, `(optional…)` and `:returns:`.

Source of the form: OpenAPI Specification 3.1.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_OPTIONAL = re.compile(r"\(optional\b")
#: A parameter of this name is a file.
UPLOAD = "upload"
#: Status → what it means for a caller; CKAN's own form of an error is in all of them.
ERRORS = {
    "400": "Un parámetro está mal; `error` dice cuál y qué hacer.",
    "403": "Falta el permiso.",
    "404": "No existe, o no puede saberse de él con esta cuenta.",
    "409": "El estado no permite ese paso; `error.state` y `error.allowed` dicen cuál es y qué se puede.",
}


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of an action."""

    name: str
    meaning: str

    @property
    def optional(self) -> bool:
        """Whether the action does without it."""
        return _OPTIONAL.search(self.meaning) is not None


@dataclass(frozen=True, kw_only=True)
class Description:
    """What an action says of itself."""

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    returns: str
    #: Whether GET will do.
    reads: bool


def description(name: str, docstring: str, *, reads: bool) -> Description:
    """Read an action's docstring, its indentation taken away."""
    head, *fields = re.split(r"^:", docstring, flags=re.MULTILINE)
    parameters: list[Parameter] = []
    returns = ""
    for each in fields:
        kind, _, rest = each.partition(":")
        meaning = " ".join(rest.split())
        if kind.startswith("param "):
            parameters.append(Parameter(name=kind.removeprefix("param ").strip(), meaning=meaning))
        elif kind.startswith("return"):
            returns = meaning
    return Description(name=name, summary=head.strip(), parameters=tuple(parameters), returns=returns, reads=reads)


def document(actions: Iterable[Description], *, title: str, server: str, version: str) -> dict[str, Any]:
    """The whole document.

    Args:
        actions: in the order in which they are to stand.
        title: of the portal.
        server: its address, without a slash at the end.
        version: of what it runs.
    """
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{title}: API", "version": version},
        "servers": [{"url": f"{server}/api/3/action"}],
        "paths": {f"/{each.name}": _path(each) for each in actions},
        "components": {
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": "Authorization"}},
            "schemas": {"Error": _error()},
        },
        # Without a token one is anybody, which is enough for what is public.
        "security": [{}, {"token": []}],
    }


def _path(action: Description) -> dict[str, Any]:
    post = _operation(action, "POST")
    if action.parameters:
        post["requestBody"] = {"required": any(not each.optional for each in action.parameters), "content": _bodies(action)}
    if not action.reads:
        return {"post": post}
    get = _operation(action, "GET")
    get["parameters"] = [
        {"name": each.name, "in": "query", "description": each.meaning, "required": not each.optional, "schema": {"type": "string"}}
        for each in action.parameters
    ]
    return {"get": get, "post": post}


def _operation(action: Description, method: str) -> dict[str, Any]:
    answer = {
        "type": "object", "required": ["success", "result"],
        "properties": {"success": {"const": True}, "result": {"description": action.returns}, "help": {"type": "string"}},
    }  # fmt: skip
    refused = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {
        "operationId": action.name if method == "POST" else f"{action.name}_get",
        "summary": " ".join(action.summary.split()),
        "responses": {
            "200": {"description": action.returns or "Hecho.", "content": {"application/json": {"schema": answer}}},
            **{status: {"description": meaning, "content": refused} for status, meaning in ERRORS.items()},
        },
    }


def _bodies(action: Description) -> dict[str, Any]:
    """JSON, or a form where a file goes with it."""
    named = {each.name: {"description": each.meaning} for each in action.parameters}
    schema: dict[str, Any] = {"type": "object", "properties": named}
    if required := [each.name for each in action.parameters if not each.optional]:
        schema["required"] = required
    if UPLOAD not in named:
        return {"application/json": {"schema": schema}}
    named[UPLOAD] |= {"type": "string", "format": "binary"}
    return {"multipart/form-data": {"schema": schema}}


def _error() -> dict[str, Any]:
    error = {"type": "object", "properties": {"__type": {"type": "string"}, "message": {"type": "string"}}}
    return {"type": "object", "required": ["success", "error"], "properties": {"success": {"const": False}, "error": error}}
