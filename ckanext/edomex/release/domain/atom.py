"""The release calendar as an Atom feed (RFC 4287): what changed last comes first. Only what the public calendar shows goes in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ckanext.edomex.domain.clock import spoken
from ckanext.edomex.release.domain.calendar import STATUS_NAMES, Status
from ckanext.edomex.release.domain.icalendar import description

#: `updated` of a feed that has nothing to tell yet: RFC 4287 asks for one, and it has to be the same each time.
BEGINNING = "2016-06-01T00:00:00Z"


def atom(
    entries: Iterable[Mapping[str, Any]], *, title: str, own: str, page: str, address: Callable[[Mapping[str, Any]], str]
) -> str:
    """The feed, entries in the order in which they are given.

    Args:
        entries: what the public calendar shows.
        title: the feed's title.
        own: address of this feed, and its id.
        page: address of the calendar for people.
        address: from an entry to the page where it is told of.
    """
    entries = list(entries)
    updated = max((entry["changed_at"] for entry in entries), default=BEGINNING, key=datetime.fromisoformat)
    head = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="es">',
        f"<id>{_text(own)}</id>",
        f"<title>{_text(title)}</title>",
        f"<updated>{updated}</updated>",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(own)}/>',
        f'<link rel="alternate" type="text/html" href={quoteattr(page)}/>',
    ]
    return "\n".join([*head, *(_entry(entry, address) for entry in entries), "</feed>", ""])


def _entry(entry: Mapping[str, Any], address: Callable[[Mapping[str, Any]], str]) -> str:
    name = STATUS_NAMES[Status(entry["status"])]
    words = [f"{name}: {entry['agency']['title']}, {spoken(datetime.fromisoformat(entry['release_at']))}.", description(entry)]
    return "\n".join([
        "<entry>",
        f"<id>urn:uuid:{entry['id']}</id>",
        f"<title>{_text(name + ': ' + entry['title'])}</title>",
        f"<updated>{entry['changed_at']}</updated>",
        f"<author><name>{_text(entry['agency']['title'])}</name></author>",
        f'<category term="{entry["status"]}" label={quoteattr(name)}/>',
        f'<link rel="alternate" type="text/html" href={quoteattr(address(entry))}/>',
        f"<summary>{_text(chr(10).join(filter(None, words)))}</summary>",
        "</entry>",
    ])


def _text(words: str) -> str:
    """Escaped, and without the characters that XML 1.0 knows no way to write."""
    return escape("".join(each if each.isprintable() or each == "\n" else " " * each.isspace() for each in words))
