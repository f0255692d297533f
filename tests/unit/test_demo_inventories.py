"""Inventories and plans of the demonstration: what the portal would refuse, or what names a person, is found without a portal."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

from ckanext.edomex.planning.domain import inventory, plan
from ckanext.edomex.planning.domain.inventory import fields_of
from stack.demo.inventory import FOLDER

VOCABULARY = Path(__file__).parents[2] / "ckanext/edomex/schemas/vocabularies/periodicidad.csv"
AGENCIES = FOLDER.parent / "organizations.csv"
FILES = sorted(FOLDER.glob("*.toml"))


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


KNOWN = fields_of({row["code"]: row["label"] for row in rows(VOCABULARY)})


def read(item):
    values, wrong = inventory.read({**inventory.blank(KNOWN), **item}, KNOWN)
    assert wrong == {}
    return inventory.settled(values)


def test_two_agencies_and_a_municipality_of_the_catalogue():
    kinds = {row["name"]: row["kind"] for row in rows(AGENCIES)}
    assert sorted(kinds[path.stem] for path in FILES) == ["dependencia", "dependencia", "municipio"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_portal_would_take_every_row_and_line(path):
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    items = [read(item) for item in told["item"]]
    assert [inventory.faults(item) for item in items] == [{}] * len(items)
    assert {item["decision"] for item in items} >= {"abrir", "no_abrir"}
    head = told["plan"]
    assert inventory.read(head, plan.PLAN_FIELDS)[1] == {}
    lines = {item["name"] for item in items if plan.belongs(item, head["year"])}
    assert lines and {line["name"] for line in head["line"]} <= lines
    for line in head["line"]:
        assert inventory.read(line, plan.LINE_FIELDS)[1] == {}
        assert line.get("committed", f"{head['year']}-01").startswith(str(head["year"]))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_person_is_named_and_no_real_mailbox(path):
    head = tomllib.loads(path.read_text(encoding="utf-8"))["plan"]
    assert not {"liaison_name", "admin_name"} & head.keys()
    assert all(value.endswith("@example.org") for name, value in head.items() if name.endswith("mail"))
