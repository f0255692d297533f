"""Who may do what is what was reviewed: the running portal's matrix is the one in roles.csv."""

from __future__ import annotations

import os

import pytest

from tests.shield import roles

pytestmark = pytest.mark.stack
ANEW = "look at it, and write it anew: make with-stack CMD='python -m tests.shield.roles'"


@pytest.fixture(scope="module")
def found(people, portal, hidden):
    agencies = (os.environ["EDOMEX_AGENCY"], os.environ["EDOMEX_OTHER_AGENCY"])
    return roles.matrix(people, portal, hidden, agencies, os.environ["CKAN_INI"])


def test_every_action_and_page_has_its_line(found):
    new, gone = found.keys() - roles.read().keys(), roles.read().keys() - found.keys()
    assert not new, f"without a line in roles.csv: {sorted(new)}; {ANEW}"
    assert not gone, f"in roles.csv and not in the portal: {sorted(gone)}; {ANEW}"


def test_nobody_may_more_or_less_than_was_reviewed(found):
    kept = roles.read()
    changed = {name: {role: f"{kept[name][role]}→{signs[role]}" for role in signs if kept[name][role] != signs[role]}
               for name, signs in found.items() if name in kept and kept[name] != signs}  # fmt: skip
    assert not changed, f"{changed}; {ANEW}"
