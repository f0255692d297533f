"""What a portal answers to, as its own application says: run as a program, so that the tests' process stays free of CKAN.

    python -m tests.shield.inventory portal.ini     # JSON: `{"routes": [...], "actions": [...], "auths": [...]}`
"""

from __future__ import annotations

import functools
import inspect
import json
import logging
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

#: A parameter that an action's own description names.
DOCUMENTED = re.compile(r":(?:param|type) (?:[\w ]+ )?([\w.]+):")


@dataclass(frozen=True)
class Route:
    """An address that is read with GET: its pattern, and the names of its parameters."""

    endpoint: str
    rule: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Action:
    """An action of the API, what of it a caller may read by GET, and the parameters that it speaks of."""

    name: str
    side_effect_free: bool
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class Inventory:
    """All of it."""

    routes: tuple[Route, ...]
    actions: tuple[Action, ...]
    auths: tuple[str, ...]


@functools.cache
def of(ini: str) -> Inventory:
    """Ask the application of this configuration, in a process of its own."""
    command = [sys.executable, "-m", "tests.shield.inventory", ini]
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return Inventory(
        tuple(Route(each["endpoint"], each["rule"], tuple(each["arguments"])) for each in found["routes"]),
        tuple(Action(each["name"], each["side_effect_free"], tuple(each["parameters"])) for each in found["actions"]),
        tuple(found["auths"]),
    )


def take(ini: str) -> dict[str, Any]:
    """Load CKAN and look."""
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    app = make_app(CKANConfigLoader(ini).get_config())._wsgi_app  # type: ignore[attr-defined]  # what it wraps is a Flask app
    with app.test_request_context():
        return {"routes": routes(app), "actions": actions(), "auths": auths()}


def routes(app: Any) -> list[dict[str, Any]]:
    """Rules with GET, without those of the languages, which CKAN's middleware takes off before."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods]
    found = [{"endpoint": rule.endpoint, "rule": rule.rule, "arguments": sorted(rule.arguments)} for rule in rules]
    return sorted(found, key=lambda each: (each["endpoint"], each["rule"]))


def actions() -> list[dict[str, Any]]:
    """Every action, chained or not."""
    from ckan import logic

    logic.get_action("package_show")
    return [
        {
            "name": name,
            "side_effect_free": bool(getattr(function, "side_effect_free", False)),
            "parameters": sorted({*DOCUMENTED.findall(inspect.getdoc(original(function)) or "")}),
        }
        for name, function in sorted(logic._actions.items())
    ]


def original(function: Any) -> Any:
    """What stands at the end of a chain of actions, each wrapped by CKAN: its description names the parameters."""
    while True:
        inner = inspect.getclosurevars(function).nonlocals.get("_action") if inspect.isfunction(function) else None
        if isinstance(function, functools.partial):
            inner = function.args[0]
        if not callable(inner):
            return inspect.unwrap(function)
        function = inner


def auths() -> list[str]:
    """Every permission that has a function."""
    from ckan import authz

    return sorted(authz.auth_functions_list())


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    print(json.dumps(take(sys.argv[1])))  # noqa: T201  # its answer
