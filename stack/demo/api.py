"""A small client of CKAN's Action API, for loading the demonstration and telling its story."""

from __future__ import annotations

from typing import Any

import requests

TIMEOUT_S = 60


class ApiError(Exception):
    """An action answered otherwise than with success: `status` and CKAN's own words."""

    def __init__(self, action: str, status: int, error: Any) -> None:
        super().__init__(f"{action}: {status} {error}")
        self.status = status


class Api:
    """One visitor of one portal: anonymous, or whoever the token belongs to."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        if token:
            self.session.headers["Authorization"] = token

    def call(self, action: str, *, file: tuple[str, bytes, str] | None = None, **data: Any) -> Any:
        """Call an action, with a file to upload where there is one; returns its result or raises ApiError."""
        address = f"{self.url}/api/3/action/{action}"
        if file:
            answer = self.session.post(address, data=data, files={"upload": file}, timeout=TIMEOUT_S)
        else:
            answer = self.session.post(address, json=data, timeout=TIMEOUT_S)
        try:
            body = answer.json()
        except ValueError:
            raise ApiError(action, answer.status_code, answer.text[:200]) from None
        if not body.get("success"):
            raise ApiError(action, answer.status_code, body.get("error"))
        return body["result"]

    def get(self, path: str) -> requests.Response:
        """Open a page or file of the portal, redirects not followed."""
        return self.session.get(self.url + path if path.startswith("/") else path, timeout=TIMEOUT_S, allow_redirects=False)

    def exists(self, action: str, name: str) -> bool:
        """Whether a `…_show` action finds this."""
        try:
            self.call(action, id=name)
        except ApiError as error:
            if error.status in {403, 404}:
                return False
            raise
        return True
