"""Statements gathered as they are said: whatever is empty or cannot be cleaned is left out, and never breaks the rest."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast

from ckanext.edomex.feed.domain.terms import RDF_TYPE, XSD_DATE, XSD_DATETIME, XSD_MONTH, XSD_YEAR, term
from ckanext.edomex.feed.domain.triples import Iri, Text, Triple, clean_iri, clean_text

LANGUAGE = "es"
WEB = ("http", "https")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(:00(\.0+)?)?")
_DAY = re.compile(r"\d{4}(-\d{2}){0,2}", re.ASCII)
#: What is missing to a date's length → its datatype.
_DAYS = {10: ("", XSD_DATE), 7: ("-01", XSD_MONTH), 4: ("-01-01", XSD_YEAR)}
_short = functools.lru_cache(maxsize=512)(term)


class Statements(list[Triple]):
    """A growing list of statements; names are short ones (`dct:title`)."""

    def a(self, node: str, *kinds: str) -> str:
        """The node is of these kinds."""
        for kind in kinds:
            self.append(Triple(node, RDF_TYPE, Iri(_short(kind))))
        return node

    def link(self, node: str, name: str, target: str | None) -> None:
        """The node points to another, whose address is a clean one."""
        if target:
            self.append(Triple(node, _short(name), Iri(target)))

    def say(self, node: str, name: str, text: Any) -> None:
        """The node says something to people, in Spanish."""
        self.value(node, name, text, language=LANGUAGE)

    def say_first(self, node: str, name: str, *texts: Any) -> None:
        """The node says the first of these that says anything: what a reader has to be told somehow."""
        self.say(node, name, next((text for text in texts if text and clean_text(str(text)).strip()), None))

    def value(self, node: str, name: str, text: Any, *, language: str = "", datatype: str = "") -> None:
        """The node has a value."""
        cleaned = clean_text(str(text)) if text not in {None, ""} else ""
        if cleaned and not cleaned.isspace():
            self.append(Triple(node, _short(name), Text(cleaned, language, datatype)))

    def date(self, node: str, name: str, found: Text | None) -> None:
        """The node has a date of some length."""
        if found is not None:
            self.append(Triple(node, _short(name), found))


def items(value: Any) -> list[Any]:
    """What is in a list; one thing that is none stands for itself, and nothing for nothing."""
    if isinstance(value, list):
        return cast("list[Any]", value)
    return [value] if value else []


def rows(value: Any) -> list[Mapping[str, Any]]:
    """The dictionaries in a list."""
    return [cast("Mapping[str, Any]", row) for row in items(value) if isinstance(row, Mapping)]


def day(value: Any) -> Text | None:
    """A day, a month or a year with its datatype; None for what is none of them, or in no calendar."""
    text = str(value or "").strip()
    at_midnight = _MIDNIGHT.fullmatch(text)
    text = at_midnight[1] if at_midnight else text
    if not _DAY.fullmatch(text):
        return None
    rest, datatype = _DAYS[len(text)]
    try:
        date.fromisoformat(text + rest)
    except ValueError:
        return None
    return Text(text, "", datatype)


def instant(value: Any) -> Text | None:
    """An instant with a zone. CKAN's dates are UTC and do not say so."""
    text = str(value or "")
    found = _INSTANT.fullmatch(text)
    if found is None:
        return None
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return Text(text if found[1] else f"{text}+00:00", "", XSD_DATETIME)


def web(value: Any) -> str | None:
    """An address of the web, cleaned; None where there is none."""
    return clean_iri(str(value), WEB) if value else None
