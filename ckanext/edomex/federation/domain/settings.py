"""Settings of one source: what the person who made it wrote, as JSON, into its form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, cast

from ckanext.edomex.federation.domain.comparison import Grace
from ckanext.edomex.federation.domain.errors import SettingsError
from ckanext.edomex.federation.domain.records import Record

#: What becomes of a dataset that comes in.
ARRIVALS = ("draft", "public")
TEXTS = frozenset(each.name for each in fields(Record) if each.type == "str") - {"id", "iri"}
SOURCES = TEXTS | {"id", "iri"}
MOST_DAYS = 3650
EXAMPLE = '{"arrival": "draft", "defaults": {"licence": "https://creativecommons.org/licenses/by/4.0/"}}'


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a source is read and imported."""

    #: `draft`: private, for people to review; `public`: at once, with a release engine in the name of whoever approved the source;
    #: None: as the portal does, which is `draft` where there is an engine and `public` elsewhere.
    arrival: str | None = None
    #: Field of a record → what it is where the source says nothing.
    defaults: Mapping[str, str] = field(default_factory=dict[str, str])
    #: Field of a record → the one that the source has it in.
    mapping: Mapping[str, str] = field(default_factory=dict[str, str])
    grace: Grace = field(default_factory=Grace)
    #: Address of the source's change stream; empty for none, `auto` to look where this portal's would be.
    changes: str = "auto"
    #: Days after which all is read, though the change stream said what changed.
    whole_every_days: int = 7

    def fingerprint(self) -> str:
        """A digest of what bears on the result of an import."""
        text = json.dumps([self.arrival, dict(self.defaults), dict(self.mapping)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def reading(self) -> str:
        """The same with the stream that is named: what is remembered of one says nothing of another."""
        return self.fingerprint() if self.changes == "auto" else f"{self.fingerprint()} {self.changes}"

    def applied(self, record: Record) -> Record:
        """The record with the source's mapping and defaults."""
        if not self.mapping and not self.defaults:
            return record
        found = asdict(record)
        values = {name: found[other] for name, other in self.mapping.items() if found[other]}
        values |= {name: value for name, value in self.defaults.items() if not (values.get(name) or found[name])}
        return Record(**{each.name: values.get(each.name, getattr(record, each.name)) for each in fields(Record)})


def read(text: str | None) -> Settings:
    """The settings that a text says; the portal's own where it is empty.

    Raises:
        SettingsError: it is no JSON, or has something that no source can have.
    """
    try:
        found: Any = json.loads(text) if text and text.strip() else {}
    except ValueError:
        raise SettingsError(f"La configuración no es JSON; por ejemplo {EXAMPLE}") from None
    if not isinstance(found, dict):
        raise SettingsError(f"La configuración es un objeto JSON; por ejemplo {EXAMPLE}")
    data = cast("dict[str, Any]", found)
    return Settings(
        arrival=_one_of(data, "arrival", ARRIVALS),
        defaults=_texts(data, "defaults"), mapping=_mapping(data), grace=_grace(data),
        changes=_address(data), whole_every_days=_number(data, "whole_every_days", 7),
    )  # fmt: skip


def _one_of(data: Mapping[str, Any], name: str, words: tuple[str, ...]) -> str | None:
    value = data.get(name)
    if value is not None and value not in words:
        raise SettingsError(f"{name} es una de estas palabras: {', '.join(words)}.")
    return value


def _texts(data: Mapping[str, Any], name: str) -> dict[str, str]:
    found: Any = data.get(name, {})
    if not isinstance(found, dict):
        raise SettingsError(f"{name} es un objeto con el nombre de cada campo y su valor.")
    rows = cast("dict[str, Any]", found)
    wrong = sorted(key for key, value in rows.items() if key not in TEXTS or not isinstance(value, str))
    if wrong:
        there = ", ".join(sorted(TEXTS))
        raise SettingsError(f"{name} tiene campos que no hay, o valores que no son texto: {', '.join(wrong)}. Hay: {there}.")
    return rows


def _mapping(data: Mapping[str, Any]) -> dict[str, str]:
    found = _texts(data, "mapping")
    wrong = sorted(value for value in found.values() if value not in SOURCES)
    if wrong:
        raise SettingsError(f"mapping toma campos que no hay: {', '.join(wrong)}. Hay: {', '.join(sorted(SOURCES))}.")
    return found


def _grace(data: Mapping[str, Any]) -> Grace:
    usual = Grace()
    return Grace(
        days=_number(data, "grace_days", usual.days), percent=min(100, _number(data, "missing_percent", usual.percent)),
        most=_number(data, "missing_most", usual.most),
    )  # fmt: skip


def _number(data: Mapping[str, Any], name: str, usual: int) -> int:
    value = data.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_DAYS:
        raise SettingsError(f"{name} es un número entero de 0 a {MOST_DAYS}.")
    return value


def _address(data: Mapping[str, Any]) -> str:
    value = data.get("changes", "auto")
    if value in {"auto", "", False, None}:
        return "auto" if value == "auto" else ""
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise SettingsError("changes es la dirección del canal de cambios de la fuente, que empieza con http:// o https://, o «auto».")
    return value
