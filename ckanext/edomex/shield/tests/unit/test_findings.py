"""The table of findings is whole, and every row of it can be found."""

import re
from pathlib import Path

import pytest

from ckanext.edomex.shield.domain.findings import KINDS, Finding, Severity, refusing

SHIELD = Path(__file__).resolve().parents[2]
CODE = "\n".join(path.read_text() for folder in ("domain", "logic") for path in (SHIELD / folder).rglob("*.py"))


@pytest.mark.parametrize("code", KINDS)
def test_every_row_says_what_and_what_to_do(code):
    kind = KINDS[code]
    for text in (kind.symptom, kind.check, kind.says, kind.remedy):
        assert text.strip()
    assert kind.remedy.endswith("."), "a remedy is a sentence"
    assert not kind.says.endswith("."), "where it was seen follows"
    # Spanish for people of the state, English for the document.
    assert not re.search(r"\b(el|la|los|las|una|que)\b", kind.symptom + kind.check)
    assert not re.search(r"\b(the|of|and|with)\b", kind.says + kind.remedy)


@pytest.mark.parametrize("code", KINDS)
def test_every_row_is_found_by_some_rule(code):
    assert f'"{code}"' in CODE


def test_rules_find_nothing_that_has_no_row():
    named = set(re.findall(r'code="(\w+)"', CODE))
    assert named
    assert named <= set(KINDS)


def test_only_errors_refuse_a_start():
    assert refusing([Finding(code=code, seen="x") for code in KINDS])
    assert all(KINDS[code].severity is Severity.ERROR for code in KINDS if KINDS[code].refuses)


def test_a_laptop_is_excused_only_from_what_it_cannot_have():
    excused = {code for code, kind in KINDS.items() if kind.laptop is not kind.severity}
    assert excused == {
        "address_http", "address_local", "cookie_insecure", "csrf_off", "password_default", "mail_open", "mail_no_password",
    }  # fmt: skip
