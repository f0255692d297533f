"""A source before it starts: under which terms it was looked at and approved, and what it would make of each record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, cast

Data = Mapping[str, Any]
#: Types of source that can be read without taking anything: our harvesters'.
TRIABLE = frozenset({"edomex_dcat", "edomex_ckan", "edomex_datajson"})
#: Characters of a value that are kept.
LONGEST_VALUE = 300
#: Written with each dataset, and none of it from the source.
_OURS = frozenset({"id", "name", "type", "owner_org", "private", "state", "groups"})


class Standing(StrEnum):
    """Whether a source may be harvested."""

    #: Nobody has seen what it would bring, under the terms that it has now.
    UNTRIED = "untried"
    #: It was looked at and could not be read.
    UNREADABLE = "unreadable"
    #: What it would bring is there to be judged.
    TRIED = "tried"
    APPROVED = "approved"


STANDING_NAMES: Mapping[str, str] = {
    Standing.UNTRIED: "Falta ensayarla", Standing.UNREADABLE: "No se pudo leer", Standing.TRIED: "Espera aprobación",
    Standing.APPROVED: "Aprobada",
}  # fmt: skip


class Outcome(StrEnum):
    """What would become of a record."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    #: It is here, and the source has it no more.
    GONE = "gone"
    #: Read, and beyond the number that is tried one by one.
    UNTRIED = "untried"


OUTCOME_NAMES: Mapping[str, str] = {
    Outcome.NEW: "Nuevo", Outcome.CHANGED: "Cambia", Outcome.UNCHANGED: "Igual", Outcome.REFUSED: "No se puede tomar",
    Outcome.GONE: "Ya no está en la fuente", Outcome.UNTRIED: "Sin ensayar",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A field that would not be as it is. Texts as people read them, cut where they are long; empty for nothing."""

    field: str
    #: The file's name or address; empty for a field of the dataset itself.
    file: str = ""
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A record, and what would become of it."""

    record_id: str
    outcome: Outcome
    title: str = ""
    iri: str = ""
    reason: str = ""
    differences: Sequence[Difference] = ()

    def plain(self) -> dict[str, Any]:
        """For a table."""
        return {**asdict(self), "outcome": self.outcome.value}


def terms_of(kind: str, url: str, config: str | None, agency: str | None) -> str:
    """A digest of what an approval is of: whatever of a source decides on what it brings, and to whom. SHA-256, hexadecimal."""
    return hashlib.sha256("\n".join([kind, url, config or "", agency or ""]).encode()).hexdigest()


def standing_of(terms: str, *, approved: str | None, tried: str | None, readable: bool) -> Standing:
    """Where a source stands.

    Args:
        terms: that it has now.
        approved: terms that somebody approved; None for never.
        tried: terms that were tried last; None for never.
        readable: whether that trial could read it.
    """
    if approved == terms:
        return Standing.APPROVED
    if tried != terms:
        return Standing.UNTRIED
    return Standing.TRIED if readable else Standing.UNREADABLE


def differences(before: Data, after: Data, written: Data) -> list[Difference]:
    """What would not be as it is, of that which the source writes.

    Args:
        before: the dataset as it is, as `package_show` gives it.
        after: the dataset as it would be.
        written: what is written; other fields are none of the source's.
    """
    found = list(_fields(before, after, [name for name in written if name not in _OURS and name != "resources"]))
    old = {each["id"]: each for each in before.get("resources", [])}
    new = {each["id"]: each for each in after.get("resources", [])}
    names = sorted({name for each in written.get("resources", []) for name in each} - {"id"} | {"url"})
    for identity, resource in new.items():
        found += _fields(old.get(identity, {}), resource, names, _called(resource))
    for identity in old.keys() - new.keys():
        found += _fields(old[identity], {}, ["url"], _called(old[identity]))
    return found


def _fields(before: Data, after: Data, names: Sequence[str], file: str = "") -> Iterator[Difference]:
    for name in names:
        old, new = _text(before.get(name)), _text(after.get(name))
        if old != new:
            yield Difference(field=name, file=file, before=_cut(old), after=_cut(new))


def _called(resource: Data) -> str:
    return _cut(str(resource.get("name") or resource.get("url") or ""))


def _text(value: Any) -> str:
    """A value for people; of tags and extras their names, in an order that says nothing."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, list):
        return "; ".join(sorted(_text(each) for each in cast("list[Any]", value)))
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, Any]", value)
        if "key" in fields:
            return f"{fields['key']}: {_text(fields.get('value'))}"
        if "name" in fields:
            return _text(fields["name"])
        return ", ".join(f"{key}: {_text(each)}" for key, each in sorted(fields.items()))
    return str(value)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
