"""A dataset of another CKAN in our words: what is taken over, what it becomes, and what of it has no place here."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

Data = dict[str, Any]
#: An identifier that says nothing and may stay, so that old addresses and what others keep under it stay good.
OPAQUE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: What a dataset of any CKAN has, by our names. Persons (author, maintainer) are left behind: a contact here is an office.
PLAIN = ("title", "notes", "url")
OF_RESOURCE = ("id", "name", "url", "description", "format", "mimetype", "size")
#: What is dealt with by itself: their own word for it is not ours, whatever it is called.
APART = frozenset({"id", "name", "owner_org", "license_id", "groups", "tags", "resources", "former_name"})
#: The day of an instant as CKAN writes it.
DAY = 10


class RulesError(ValueError):
    """The file of rules is not one; the text says what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How one portal's words become ours; what is in none of the tables keeps its own."""

    #: Their organization → our agency, by name.
    agencies: Mapping[str, str] = field(default_factory=dict[str, str])
    #: Their field or extra → our field.
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    #: Their licence's id → ours.
    licences: Mapping[str, str] = field(default_factory=dict[str, str])
    #: Their group → our theme.
    themes: Mapping[str, str] = field(default_factory=dict[str, str])
    #: Our field → its value where they say nothing.
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @classmethod
    def of(cls, *tables: Any) -> Rules:
        """Rules from what files say, a later one over an earlier one.

        Raises:
            RulesError: something in one is unknown or no table.
        """
        merged: dict[str, dict[str, Any]] = {}
        for table in tables:
            if not isinstance(table, dict):
                raise RulesError("El archivo de reglas debe tener tablas: agencies, fields, licences, themes, defaults.")
            for name, rows in cast("dict[str, Any]", table).items():
                if name not in cls.__dataclass_fields__:
                    raise RulesError(f"No se conoce «{name}»: use agencies, fields, licences, themes o defaults.")
                if not isinstance(rows, dict):
                    raise RulesError(f"«{name}» debe ser una tabla: lo de allá, dos puntos, lo de aquí.")
                merged.setdefault(name, {}).update(cast("dict[str, Any]", rows))
        return cls(**merged)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What there is here to become: names of the schema's fields, licences, themes."""

    fields: Collection[str]
    resource_fields: Collection[str]
    licences: Collection[str]
    themes: Collection[str]


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A dataset in our words, the agency it is to belong to, and in Spanish what stayed behind."""

    agency: str
    dataset: Data
    left: list[str]


def moved(theirs: Mapping[str, Any], rules: Rules, known: Known) -> Moved:
    """What a dataset of theirs becomes here.

    Args:
        theirs: as their `package_show` has it.
        rules: how their words become ours.
        known: what there is here.
    """
    left: list[str] = []
    said = _said(theirs)
    dataset: Data = {**rules.defaults, **_fields(said, rules, known.fields)}
    dataset |= {name: said[name] for name in PLAIN if said.get(name)}
    dataset |= _dates(said, dataset)
    dataset["former_name"] = str(theirs.get("name") or "")
    if OPAQUE.fullmatch(str(theirs.get("id") or "")):
        dataset["id"] = theirs["id"]
    if tags := _names(theirs.get("tags")):
        dataset["tags"] = [{"name": name} for name in tags]
    licence = str(theirs.get("license_id") or "")
    _choose(dataset, "license_id", rules.licences.get(licence, licence), known.licences, f"licencia «{licence}»", left)
    themes = [rules.themes.get(name, name) for name in _names(theirs.get("groups"))]
    filed = [{"name": name} for name in dict.fromkeys(themes) if name in known.themes]
    dataset["groups"] = filed or rules.defaults.get("groups", [])
    left += [f"tema «{name}»" for name in themes if name not in known.themes]
    dataset["resources"] = [_resource(each, rules, known) for each in _rows(theirs.get("resources"))]
    agency: Any = theirs.get("organization") or {}
    name = str(agency.get("name") or "")
    return Moved(agency=rules.agencies.get(name, name), dataset=dataset, left=left)


def _said(theirs: Mapping[str, Any]) -> Data:
    """All that they say, extras beside the rest."""
    extras = {str(each.get("key")): each.get("value") for each in _rows(theirs.get("extras"))}
    return {**extras, **{key: value for key, value in theirs.items() if value not in (None, "", [])}}


def _fields(said: Mapping[str, Any], rules: Rules, names: Collection[str]) -> Data:
    found = {name: said[name] for name in names if said.get(name) and name not in APART}
    # Themes have a table of their own, which makes them CKAN's list.
    return found | {ours: said[name] for name, ours in rules.fields.items() if said.get(name) and ours in names and ours != "groups"}


def _dates(said: Mapping[str, Any], dataset: Data) -> Data:
    """They were made known there when they came there, if nobody says otherwise."""
    created, changed = (str(said.get(f"metadata_{word}") or "")[:DAY] for word in ("created", "modified"))
    first = str(dataset.get("issued") or created)
    return {name: day for name, day in (("issued", first), ("modified", dataset.get("modified") or max(changed, first))) if day}


def _choose(dataset: Data, name: str, value: str, known: Collection[str], told: str, left: list[str]) -> None:
    if value in known:
        dataset[name] = value
    elif value:
        left.append(told)


def _resource(theirs: Mapping[str, Any], rules: Rules, known: Known) -> Data:
    said = {key: value for key, value in theirs.items() if value not in (None, "")}
    found = {name: said[name] for name in (*OF_RESOURCE, *known.resource_fields) if name in said and name != "sha256"}
    found |= {ours: said[name] for name, ours in rules.fields.items() if name in said and ours in known.resource_fields}
    if not OPAQUE.fullmatch(str(found.get("id") or "")):
        found.pop("id", None)
    return found


def _names(rows: Any) -> list[str]:
    return [str(each.get("name")) for each in _rows(rows) if each.get("name")]


def _rows(rows: Any) -> list[Mapping[str, Any]]:
    found = cast("list[Any]", rows) if isinstance(rows, list) else []
    return [cast("Mapping[str, Any]", each) for each in found if isinstance(each, dict)]
