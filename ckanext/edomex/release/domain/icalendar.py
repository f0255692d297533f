"""The release calendar as RFC 5545 text, for calendar programs. Only what the public calendar shows goes in.

One event for each promise, under an UID that stays; SEQUENCE grows with each change, what was cancelled stays and says
so. All instants are UTC, which every program reads alike. Without METHOD, DTSTAMP is the event's last change (3.8.7.2),
so the same calendar is the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from ckanext.edomex.domain.clock import ZONE, spoken
from ckanext.edomex.release.domain.calendar import STATUS_NAMES, Status

#: RFC 5545 §3.1: longest line, in bytes.
LONGEST_LINE = 75
#: How often programs should ask again (RFC 7986, and the older name that Outlook knows).
REFRESH = "PT1H"
STATUSES: Mapping[Status, str] = MappingProxyType({
    Status.UPCOMING: "CONFIRMED",
    Status.UNCONFIRMED: "TENTATIVE",
    Status.OVERDUE: "TENTATIVE",
    Status.RELEASED: "CONFIRMED",
    Status.CANCELLED: "CANCELLED",
})
#: What a program that shows no status has to say in the title.
MARKED = frozenset({Status.UNCONFIRMED, Status.OVERDUE, Status.CANCELLED})


def icalendar(
    entries: Iterable[Mapping[str, Any]], *, name: str, host: str, source: str, address: Callable[[Mapping[str, Any]], str]
) -> str:
    """The calendar with one event for each entry of `edomex_calendar_list`.

    Args:
        entries: what the public calendar shows.
        name: the calendar's title.
        host: second half of every UID; with the release's id it stays the same for good.
        source: address of this calendar.
        address: from an entry to the page where it is told of.
    """
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ckanext-edomex//calendario//ES", "CALSCALE:GREGORIAN",
        f"NAME:{_text(name)}", f"X-WR-CALNAME:{_text(name)}", f"X-WR-TIMEZONE:{ZONE.key}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}", f"X-PUBLISHED-TTL:{REFRESH}", f"SOURCE;VALUE=URI:{source}",
    ]  # fmt: skip
    for entry in entries:
        lines += _event(entry, host, address)
    return "".join(_folded(line) + "\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(entry: Mapping[str, Any], host: str, address: Callable[[Mapping[str, Any]], str]) -> list[str]:
    status = Status(entry["status"])
    mark = f"{STATUS_NAMES[status]}: " if status in MARKED else ""
    lines = [
        "BEGIN:VEVENT",
        f"UID:{entry['id']}@{host}",
        f"DTSTAMP:{_utc(entry['changed_at'])}",
        f"LAST-MODIFIED:{_utc(entry['changed_at'])}",
        f"DTSTART:{_utc(entry['release_at'])}",
        f"SUMMARY:{_text(mark + entry['title'] + ' · ' + entry['agency']['title'])}",
        f"SEQUENCE:{entry['sequence']}",
        f"STATUS:{STATUSES[status]}",
        "TRANSP:TRANSPARENT",
        f"CATEGORIES:{_text(entry['agency']['title'])}",
        f"URL:{address(entry)}",
    ]
    words = description(entry)
    return [*lines, *([f"DESCRIPTION:{_text(words)}"] if words else []), "END:VEVENT"]


def description(entry: Mapping[str, Any]) -> str:
    """What there is to say of an entry beyond title and date: why it moved, why it was cancelled."""
    lines: list[str] = []
    for change in entry["changes"]:
        before = f" (estaba prevista para el {spoken(datetime.fromisoformat(change['from']))})" if change["from"] else ""
        lines.append(f"Cambio de fecha{before}: {change['reason']}")
    if entry["reason"]:
        lines.append(f"Motivo: {entry['reason']}")
    return "\n".join(lines)


def _utc(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    """RFC 5545 §3.3.11: marks that mean something are escaped, control characters left out."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\n"), ("\n", "\\n")):
        words = words.replace(plain, escaped)
    return "".join(character if character.isprintable() else " " * character.isspace() for character in words)


def _folded(line: str) -> str:
    """RFC 5545 §3.1: a long line goes on in the next after a blank, and none breaks inside a character."""
    if len(line) * 4 <= LONGEST_LINE or (line.isascii() and len(line) <= LONGEST_LINE):
        return line
    folded: list[str] = []
    size = 0
    for character in line:
        width = len(character.encode())
        if size + width > LONGEST_LINE:
            folded.append("\r\n ")
            size = 1
        folded.append(character)
        size += width
    return "".join(folded)
