"""What an answer of a target means: done, refused for this dataset, or a trouble of the whole target. A table, not a chain of ifs.

Every refusal is a normal outcome: the federal portal's gate is not documented and has changed three times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType

#: Seconds that a target may ask us to wait at most.
LONGEST_WAIT_S = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """One way in which a request can fail."""

    code: str
    #: For a person, with the remedy.
    text: str
    #: It is of the target, not of the dataset: nothing more is sent for a while.
    of_target: bool
    #: Waiting does not mend it.
    needs_person: bool


def _dataset(code: str, text: str) -> Trouble:
    return Trouble(code=code, text=text, of_target=False, needs_person=True)


def _target(code: str, text: str, *, needs_person: bool = False) -> Trouble:
    return Trouble(code=code, text=text, of_target=True, needs_person=needs_person)


TOKEN_REFUSED = _target("token_refused", "El destino no acepta la clave; pida otra y póngala.", needs_person=True)
BLOCKED = _target("blocked", "Un intermediario del destino bloquea el paso (403 con una página); pida que admita a este servidor.")
NOT_AN_API = _target("not_an_api", "Ahí no contesta la API de un CKAN; revise la dirección del destino.", needs_person=True)
MOVED = _target("moved", "El destino redirige a otra dirección; corríjala en la ficha del destino.", needs_person=True)
TOO_MANY = _target("too_many", "El destino pide esperar; se sigue después solo.")
UNAVAILABLE = _target("unavailable", "El destino falla; se intenta de nuevo solo.")
SILENT = _target("silent", "El destino no contesta; se intenta de nuevo solo.")
GARBLED = _target("garbled", "El destino contesta a medias o con algo que no es JSON; se intenta de nuevo solo.")
NO_TOKEN = _target("no_token", "Falta la clave de este destino; la guía de operación dice dónde se pone.", needs_person=True)
ADDRESS_REFUSED = _target("address_refused", "La dirección del destino no se puede usar; corríjala en su ficha.", needs_person=True)
FORBIDDEN = _dataset("forbidden", "El destino no permite este cambio con nuestra clave; pida el permiso y reintente.")
INVALID = _dataset("invalid", "El destino no acepta el conjunto: {fields}.")
TOO_LARGE = _dataset("too_large", "El destino no acepta un archivo tan grande; envíe su dirección en lugar del archivo.")
NOT_MADE = _dataset("not_made", "No se pudo preparar; avise a quien administra el portal.")
LOST_FILE = _dataset("lost_file", "El archivo ya no está aquí; revise el conjunto y reintente.")

#: Status → what it means where CKAN itself speaks (JSON).
OF_CKAN: Mapping[int, Trouble] = MappingProxyType({
    400: INVALID, 401: TOKEN_REFUSED, 403: FORBIDDEN, 404: FORBIDDEN, 409: INVALID, 413: TOO_LARGE, 429: TOO_MANY,
})  # fmt: skip
#: Status → what it means where a server or proxy in front of it speaks.
OF_PROXY: Mapping[int, Trouble] = MappingProxyType({
    400: NOT_AN_API, 401: TOKEN_REFUSED, 403: BLOCKED, 404: NOT_AN_API, 413: TOO_LARGE, 429: TOO_MANY,
})  # fmt: skip
TROUBLES: Mapping[str, Trouble] = MappingProxyType({
    each.code: each
    for each in (
        TOKEN_REFUSED, BLOCKED, NOT_AN_API, MOVED, TOO_MANY, UNAVAILABLE, SILENT, GARBLED, NO_TOKEN, ADDRESS_REFUSED, FORBIDDEN,
        INVALID, TOO_LARGE, LOST_FILE, NOT_MADE,
    )
})  # fmt: skip


def trouble_of(status: int, *, is_json: bool) -> Trouble | None:
    """What a status means; None for success, which must be JSON too."""
    if status == 200:  # noqa: PLR2004  # the one status that the Action API succeeds with
        return None if is_json else GARBLED
    if 300 <= status < 400:  # noqa: PLR2004
        return MOVED
    if status >= 500:  # noqa: PLR2004
        return UNAVAILABLE
    return (OF_CKAN if is_json else OF_PROXY).get(status, NOT_AN_API)


def asked_wait_s(retry_after: str | None, now: datetime) -> float | None:
    """Seconds that a `Retry-After` asks for, within reason; None where it asks for nothing that can be understood."""
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            until = parsedate_to_datetime(retry_after)
        except ValueError:
            return None
        seconds = ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT_S) if seconds == seconds else None  # noqa: PLR0124  # not a number is none
