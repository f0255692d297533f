"""What an operator does with the vocabularies: look whether they hold together, and bring the themes into the portal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters.callers import call_as_site
from ckanext.edomex.adapters.groups import extra_of
from ckanext.edomex.adapters.vocabularies import readable, vocabulary
from ckanext.edomex.domain import vocabularies as rules
from ckanext.edomex.domain.schemas import coded

#: Column of `temas.csv` → field of a theme in the portal.
THEME_FIELDS = ("title", "federal_2015", "pnda", "eu_theme")
_THEMES = sa.text("""
SELECT DISTINCT g.name FROM "group" g JOIN member m ON m.group_id = g.id AND m.table_name = 'package' AND m.state = 'active'
JOIN package p ON p.id = m.table_id AND p.type = 'dataset' AND p.state <> 'deleted'
WHERE g.type = 'group' AND NOT g.is_organization AND g.state = 'active'
""")
#: Who has fields of a schema, in Spanish → all that they say in one of them. What was deleted needs no word for it.
_SAID = {
    "conjuntos": sa.text("""
SELECT DISTINCT (jsonb_build_object('license_id', license_id) || COALESCE(extras, '{}')) ->> :field
FROM package WHERE type = 'dataset' AND state <> 'deleted'
"""),
    "recursos": sa.text("""
SELECT DISTINCT CAST(NULLIF(r.extras, '') AS jsonb) ->> :field FROM resource r JOIN package p ON p.id = r.package_id
WHERE p.type = 'dataset' AND p.state <> 'deleted' AND r.state <> 'deleted'
"""),
    "dependencias": sa.text("""
SELECT DISTINCT extras ->> :field FROM "group" WHERE is_organization AND state <> 'deleted'
"""),
}


@dataclass(kw_only=True)
class Loaded:
    """What a load of themes came to, by name."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: int = 0
    #: In the portal, and in no file.
    unlisted: list[str] = field(default_factory=list)


def faults() -> list[rules.Fault]:
    """All that is wrong with the files, and every code that datasets, files or agencies use and a file has lost."""
    tables, unreadable = readable()
    # What refers to a file that cannot be read would be told as wrong, row by row.
    found = unreadable or rules.faults(tables)
    if found:
        return found
    return [fault for whose, name, used in _used() for fault in rules.removed(name, tables[name], used, whose)]


def load_themes() -> Loaded:
    """Make the portal's themes those of `temas.csv`; none is deleted, for datasets may be in it."""
    done = Loaded()
    rows = vocabulary("temas")
    for row in rows:
        wanted = {"title": row["title"], **{name: row[name] for name in THEME_FIELDS}}
        group = model.Group.get(row["slug"])
        if group is None:
            call_as_site("group_create", name=row["slug"], **wanted)
            done.created.append(row["slug"])
        elif any(_now(group, name) != value for name, value in wanted.items()):
            call_as_site("group_patch", id=group.id, **wanted)
            done.changed.append(row["slug"])
        else:
            done.same += 1
    known = {row["slug"] for row in rows}
    here = model.Session.query(model.Group.name).filter_by(type="group", is_organization=False, state="active")
    done.unlisted = sorted(name for (name,) in here if name not in known)
    return done


def _now(group: model.Group, name: str) -> Any:
    return group.title if name == "title" else extra_of(group, name)


def _used() -> Iterator[tuple[str, str, set[str]]]:
    """Who in the portal has codes of a vocabulary, which one, and the codes.

    What themes are called elsewhere is not asked for: `load` is what brings it into line with `temas.csv`.
    """
    yield "conjuntos", "temas", set(model.Session.execute(_THEMES).scalars())
    dataset, agency = tk.h.scheming_get_dataset_schema("dataset"), tk.h.scheming_get_organization_schema("organization")
    fields = {"conjuntos": dataset["dataset_fields"], "recursos": dataset["resource_fields"], "dependencias": agency["fields"]}
    for whose, said in _SAID.items():
        for each in coded(fields[whose]):
            found = model.Session.execute(said, {"field": each.name}).scalars()
            used = {code for text in found if text for code in rules.codes(each.vocabulary, text, each.subfield)}
            yield whose, each.vocabulary, used
