"""The Action API of a CKAN elsewhere, 2.9 to 2.12: one request at a time, bounded in time, pace and size; each failure has a name."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from ckanext.edomex.adapters.outgoing import Answer, Client, ForbiddenAddressError, LimitError, Limits, OutgoingError
from ckanext.edomex.outbound import config
from ckanext.edomex.outbound.domain import answers
from ckanext.edomex.outbound.domain.answers import Trouble

Data = dict[str, Any]
#: Of one request: a trickle does not hold us longer, and an upload of a large file has its time.
LIMITS = Limits(total_s=300.0, most_bytes=20 * 2**20, most_redirects=0)
#: Some servers in front of portals refuse programs that do not say who they are.
AGENT = "ckanext-edomex (+https://datos.edomex.gob.mx)"

_JSON = {"Content-Type": "application/json"}


class TroubleError(Exception):
    """A request failed; `trouble` says in which way, `fields` which fields the target named, `wait_s` how long it asked us to wait."""

    def __init__(self, trouble: Trouble, *, fields: Iterable[str] = (), wait_s: float | None = None) -> None:
        super().__init__(trouble.code)
        self.trouble, self.fields, self.wait_s = trouble, tuple(fields), wait_s

    @property
    def text(self) -> str:
        """For a person. Names of fields only: what a stranger's server says is not repeated on our pages."""
        return self.trouble.text.format(fields=", ".join(self.fields) or "sin decir por qué")


class CkanApi:
    """One target, spoken to with our key."""

    def __init__(self, url: str, token: str | None, rate: int) -> None:
        self._base, self._pause_s, self._last = url.rstrip("/"), 60.0 / rate, 0.0
        self._client = Client(config.allowed_addresses(), LIMITS, AGENT)
        self._token = token

    def __enter__(self) -> CkanApi:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.__exit__(None, None, None)

    def show(self, name: str) -> Data | None:
        """A dataset there, also a private or deleted one if we may see it; None where it is not."""
        try:
            return self.call("package_show", id=name)
        except NotThereError:
            return None

    def call(self, action: str, **data: Any) -> Any:
        """An action's result. NotThereError for what CKAN does not find; TroubleError for everything else."""
        return self._asked(action, data=json.dumps(data).encode(), headers=_JSON)

    def send_file(self, action: str, values: Mapping[str, str], file_name: str, pieces: Iterable[bytes], size: int) -> Any:
        """An action with a file, which is streamed and never in memory as a whole."""
        boundary = uuid.uuid4().hex
        head, tail = _multipart(boundary, values, file_name)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Length": str(len(head) + size + len(tail)),
        }  # fmt: skip
        return self._asked(action, data=_joined(head, pieces, tail), headers=headers)

    def _asked(self, action: str, *, data: Any, headers: Mapping[str, str]) -> Any:
        try:
            return self._answered(action, data, headers)
        except TroubleError as error:
            if error.trouble is answers.FORBIDDEN and self._is_nobody():
                raise TroubleError(answers.TOKEN_REFUSED) from error
            raise

    def _is_nobody(self) -> bool:
        """Whether our key is nobody's there: CKAN takes a revoked one for none, and forbids what it is asked, dataset by dataset.

        From 2.9 to 2.12 anyone may ask for this list, and only for who is nobody, or may change nothing anywhere, it is empty.
        """
        try:
            return not self._answered("organization_list_for_user", b'{"permission": "read"}', _JSON)
        except TroubleError as error:
            if error.trouble is answers.FORBIDDEN:
                return True
            raise
        except NotThereError:
            return False

    def _answered(self, action: str, data: Any, headers: Mapping[str, str]) -> Any:
        if not self._token:
            raise TroubleError(answers.NO_TOKEN)
        time.sleep(max(0.0, self._last + self._pause_s - time.monotonic()))
        self._last = time.monotonic()
        address = f"{self._base}/api/3/action/{action}"
        try:
            sent = {"Authorization": self._token, "Accept": "application/json", **headers}
            with self._client.post(address, data, sent) as answer:
                return _result(answer)
        except ForbiddenAddressError:
            raise TroubleError(answers.ADDRESS_REFUSED) from None
        except LimitError:
            raise TroubleError(answers.GARBLED) from None
        except OutgoingError:
            raise TroubleError(answers.SILENT) from None


class NotThereError(Exception):
    """CKAN there does not know what was asked for."""


def _result(answer: Answer) -> Any:
    said, status = _said(answer.body.read()), answer.status
    if status == HTTPStatus.OK and said.get("success") is True:
        return said.get("result")
    is_ckan, error = isinstance(said.get("success"), bool), said.get("error")
    if is_ckan and status == HTTPStatus.NOT_FOUND and _type_of(error) == "Not Found Error":
        raise NotThereError
    # CKAN says «success: false» with a status of its own; with 200 it is no CKAN's answer.
    trouble = answers.trouble_of(status, is_json=is_ckan and status != HTTPStatus.OK)
    wait = answers.asked_wait_s(answer.headers.get("retry-after"), datetime.now(UTC))
    raise TroubleError(trouble or answers.GARBLED, fields=_fields(error), wait_s=wait)


def _said(body: bytes) -> Data:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _type_of(error: Any) -> str:
    return str(error.get("__type") or "") if isinstance(error, dict) else ""


def _fields(error: Any) -> list[str]:
    """Names of fields alone, and only such as are names: the rest is a stranger's text."""
    found = error if isinstance(error, dict) else {}
    return sorted(key for key in found if isinstance(key, str) and key.isidentifier() and not key.startswith("__"))[:20]


def _multipart(boundary: str, values: Mapping[str, str], file_name: str) -> tuple[bytes, bytes]:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in values.items()
    ]
    safe = "".join(letter for letter in file_name if letter.isprintable() and letter not in '"\\/') or "archivo"
    file = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="upload"; filename="{safe}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return ("".join(parts) + file).encode(), f"\r\n--{boundary}--\r\n".encode()


def _joined(head: bytes, pieces: Iterable[bytes], tail: bytes) -> Iterator[bytes]:
    yield head
    yield from pieces
    yield tail
