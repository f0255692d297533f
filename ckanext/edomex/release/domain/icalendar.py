"""The release calendar as RFC 5545 text, for calendar programs. Only what the public calendar shows goes in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

#: RFC 5545 §3.1: longest line, in bytes.
LONGEST_LINE = 75


def icalendar(
    entries: Iterable[Mapping[str, Any]], *, name: str, host: str, now: datetime, address: Callable[[str], str]
) -> str:
    """The calendar with one event for each entry of `edomex_calendar_list`.

    Args:
        entries: what the public calendar shows.
        name: the calendar's title.
        host: second half of every UID; with the release's id it stays the same for good.
        now: when this text is made.
        address: from a public dataset's name to its page.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ckanext-edomex//calendario//ES", "CALSCALE:GREGORIAN"]
    lines.append(f"X-WR-CALNAME:{_text(name)}")
    for entry in entries:
        lines += _event(entry, host, now, address)
    return "".join(_folded(line) + "\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(entry: Mapping[str, Any], host: str, now: datetime, address: Callable[[str], str]) -> list[str]:
    reasons = "\n".join(f"Cambio de fecha: {change['reason']}" for change in entry["changes"])
    lines = [
        "BEGIN:VEVENT",
        f"UID:{entry['id']}@{host}",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(datetime.fromisoformat(entry['release_at']))}",
        f"SUMMARY:{_text(entry['title'] + ' · ' + entry['agency']['title'])}",
        f"SEQUENCE:{len(entry['changes'])}",
        "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT",
    ]
    if reasons:
        lines.append(f"DESCRIPTION:{_text(reasons)}")
    if entry["dataset_name"]:
        lines.append(f"URL:{address(entry['dataset_name'])}")
    return [*lines, "END:VEVENT"]


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    """RFC 5545 §3.3.11: marks that mean something are escaped, control characters left out."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\n"), ("\n", "\\n")):
        words = words.replace(plain, escaped)
    return "".join(character for character in words if character.isprintable())


def _folded(line: str) -> str:
    """RFC 5545 §3.1: a long line goes on in the next after a blank, and none breaks inside a character."""
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
