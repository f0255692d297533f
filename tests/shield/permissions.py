"""Ask every permission for every role, without acting; run as a program, so that the tests' process stays free of CKAN.

    python -m tests.shield.permissions portal.ini < questions.json     # `{"users": {role: account}, "actions": {name: [parameters]}}`
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any

ALLOWED, REFUSED, BROKEN, WITHOUT = "+", "-", "!", "."
Rows = dict[str, dict[str, str]]


def ask(ini: str, users: Mapping[str, str], actions: Mapping[str, list[dict[str, Any]]]) -> Rows:
    """Action → role → whether it is allowed with any of these parameters."""
    command = [sys.executable, "-m", "tests.shield.permissions", ini]
    asked = json.dumps({"users": users, "actions": actions})
    return json.loads(subprocess.run(command, input=asked, text=True, check=True, stdout=subprocess.PIPE).stdout)


def answer(ini: str, asked: dict[str, Any]) -> Rows:
    """Load CKAN and try."""
    from ckan import authz
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    app = make_app(CKANConfigLoader(ini).get_config())._wsgi_app  # type: ignore[attr-defined]  # what it wraps is a Flask app
    with app.test_request_context():
        known = set(authz.auth_functions_list())
        return {
            name: {role: verdict(name, user, parameters) if name in known else WITHOUT for role, user in asked["users"].items()}
            for name, parameters in asked["actions"].items()
        }


def verdict(name: str, user: str, parameters: Iterable[dict[str, Any]]) -> str:
    """Allowed if it is with any of the parameters; else what the first question that could be judged came to."""
    found = [one(name, user, each) for each in parameters]
    return next((each for each in (ALLOWED, REFUSED) if each in found), BROKEN)


def one(name: str, user: str, parameters: dict[str, Any]) -> str:
    """One question to one permission."""
    from ckan import model
    from ckan.plugins import toolkit as tk

    try:
        tk.check_access(name, {"user": user, "model": model, "session": model.Session}, dict(parameters))
    except tk.NotAuthorized:
        return REFUSED
    except Exception:  # noqa: BLE001  # permissions of all kinds of extensions, given what they may not understand
        model.Session.rollback()
        return BROKEN
    return ALLOWED


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    print(json.dumps(answer(sys.argv[1], json.load(sys.stdin))))  # noqa: T201  # its answer
