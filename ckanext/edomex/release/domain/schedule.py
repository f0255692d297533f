"""Reading a release date: an instant with a zone, that exists, and is still to come.

Source: ISO 8601, with RFC 9557's `[Zone/Name]` for those who think in local time.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ckanext.edomex.domain.clock import ZONE, spoken
from ckanext.edomex.release.domain.errors import FieldError

FIELD = "release_at"
#: A date further away than this is a slip of the keyboard.
HORIZON = timedelta(days=366 * 5)
_ZONED = re.compile(r"^(?P<stamp>[^\[\]]+)\[(?P<zone>[A-Za-z_+\-/0-9]+)\]$")
EXAMPLE = "2027-03-01T09:00:00-06:00"


def parse_release_at(text: object, now: datetime) -> datetime:
    """The instant meant by a person or program, in UTC.

    Args:
        text: ISO 8601 with an offset, or local time with `[America/Mexico_City]`; `now` for at once.
        now: the database's clock.

    Raises:
        FieldError: unreadable, without zone, at a local time that does not exist, past, or beyond five years.
    """
    if text == "now":
        return now
    if not isinstance(text, str) or not text.strip():
        raise FieldError(FIELD, f"Falta la fecha de publicación; por ejemplo {EXAMPLE}.")
    instant = _instant(text.strip())
    if instant < now:
        raise FieldError(FIELD, f"La fecha ({spoken(instant)}) ya pasó; indique una futura, o «now» para publicar de inmediato.")
    if instant - now > HORIZON:
        raise FieldError(FIELD, f"La fecha ({spoken(instant)}) está a más de cinco años; revise el año.")
    return instant


def local_instant(stamp: datetime, zone: ZoneInfo = ZONE) -> datetime:
    """A wall-clock time in a zone, in UTC. FieldError where clocks skip that time."""
    instant = stamp.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != stamp:
        raise FieldError(
            FIELD, f"Las {stamp:%H:%M} del {stamp:%d/%m/%Y} no existen en {zone.key}: ese día se adelanta el reloj; elija otra hora."
        )
    return instant


def _instant(text: str) -> datetime:
    zoned = _ZONED.match(text)
    stamp = _stamp(zoned["stamp"] if zoned else text)
    if zoned:
        return _in_named_zone(stamp, zoned["zone"])
    if stamp.tzinfo is None:
        raise FieldError(FIELD, f"A la fecha «{text}» le falta la zona horaria; añádala, por ejemplo {EXAMPLE}.")
    return _utc(stamp)


def _in_named_zone(stamp: datetime, name: str) -> datetime:
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise FieldError(FIELD, f"No se conoce la zona horaria «{name}»; la del estado es {ZONE.key}.") from None
    instant = local_instant(stamp.replace(tzinfo=None), zone)
    if stamp.tzinfo is not None and _utc(stamp) != instant:
        raise FieldError(FIELD, f"El desfase indicado y la zona «{name}» no coinciden en esa fecha; deje solo uno de los dos.")
    return instant


def _utc(stamp: datetime) -> datetime:
    try:
        return stamp.astimezone(UTC)
    except OverflowError:
        raise FieldError(FIELD, f"La fecha está fuera de rango; por ejemplo {EXAMPLE}.") from None


def _stamp(text: str) -> datetime:
    if "T" not in text.upper() and " " not in text:
        raise FieldError(FIELD, f"A la fecha «{text}» le falta la hora; por ejemplo {EXAMPLE}.")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise FieldError(FIELD, f"No se entiende la fecha «{text[:40]}»; escríbala como {EXAMPLE}.") from None
