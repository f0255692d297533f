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
from ckanext.edomex.adapters.vocabularies import everything, vocabulary
from ckanext.edomex.domain import vocabularies as rules

#: Column of `temas.csv` → field of a theme in the portal.
THEME_FIELDS = ("title", "federal_2015", "pnda", "eu_theme")
_EXTRA = sa.text("SELECT DISTINCT extras ->> :field FROM package WHERE state = 'active' AND extras ->> :field <> ''")
_LICENCE = sa.text("SELECT DISTINCT license_id FROM package WHERE state = 'active' AND type = 'dataset' AND license_id <> ''")
_THEMES = sa.text("""
SELECT DISTINCT g.name FROM "group" g JOIN member m ON m.group_id = g.id AND m.table_name = 'package' AND m.state = 'active'
WHERE g.type = 'group' AND NOT g.is_organization AND g.state = 'active'
""")


@dataclass(kw_only=True)
class Loaded:
    """What a load of themes came to, by name."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: int = 0
    #: In the portal, and in no file.
    unlisted: list[str] = field(default_factory=list)


def faults() -> list[rules.Fault]:
    """All that is wrong with the files, and every code that datasets use and a file has lost."""
    tables = everything()
    found = rules.faults(tables)
    if found:
        return found
    return [fault for name, used in _used() for fault in rules.removed(name, tables[name], used)]


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


def _used() -> Iterator[tuple[str, set[str]]]:
    """Each vocabulary and the codes that the portal's datasets have of it."""
    yield "temas", set(model.Session.execute(_THEMES).scalars())
    yield "licencias", set(model.Session.execute(_LICENCE).scalars())
    for each in tk.h.scheming_get_dataset_schema("dataset")["dataset_fields"]:
        name = each.get("vocabulary")
        # Places also have keys of localities, which no file lists.
        if name and name not in {"licencias", "municipios-edomex"}:
            yield name, set(model.Session.execute(_EXTRA, {"field": each["field_name"]}).scalars())
