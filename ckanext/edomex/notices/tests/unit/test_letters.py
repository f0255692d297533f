"""Letters say what happened and where to look; an operator's file is read whole or refused with all its faults."""

import re

import pytest

from ckanext.edomex.notices.domain import letters
from ckanext.edomex.notices.domain.kinds import KINDS
from ckanext.edomex.notices.domain.letters import CLOSING, DIGEST, LettersError

GOOD = {"line": "Pasó algo", "subject": "Pasó algo", "text": "Vea {address}"}


def test_every_kind_has_its_letter():
    assert set(letters.table()) == {*KINDS, DIGEST, CLOSING}


def test_no_subject_has_a_word_that_depends_on_what_it_is_about():
    assert [kind for kind in KINDS if "{" in letters.table()[kind].subject] == []


def test_filled_letters_have_no_places_left():
    facts = {"address": "https://datos.example.org/x", "moment": "1 de marzo de 2027, 09:00"}
    for kind in KINDS:
        letter = letters.filled(letters.table()[kind], facts)
        assert not re.search(r"[{}]", "".join(letter)), kind
        assert facts["address"] in letter.text, kind


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ([], "lista de avisos"),
        ({"liberado": GOOD}, "«liberado» no es un aviso"),
        ({"released": "hola"}, "escriba debajo line, subject, text"),
        ({"released": {**GOOD, "titulo": "x"}}, "«titulo» no se usa"),
        ({"released": {**GOOD, "text": "Sin enlace"}}, "falta {address}"),
        ({"released": {**GOOD, "text": "{address} {title}"}}, "{title} no se puede usar"),
        ({"released": {**GOOD, "subject": "{moment}"}}, "{moment} no se puede usar aquí; se puede: ninguno"),
        ({"released": {**GOOD, "text": "{address.__class__}"}}, "{address.__class__} no se puede usar"),
        ({"released": {**GOOD, "text": "{address!r}"}}, "sin más signos dentro"),
        ({"released": {**GOOD, "text": "{address"}}, "llave"),
        ({"released": {**GOOD, "line": " "}}, "released, line: escriba un texto"),
        ({"released": {**GOOD, "subject": "a" * 121}}, "hasta 120"),
        ({"released": {**GOOD, "subject": "a\nb"}}, "un renglón"),
        ({"closing": {"subject": "x", "text": "Adiós"}}, "«subject» no se usa"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(raw, said):
    with pytest.raises(LettersError) as caught:
        letters.read(raw)
    assert said in str(caught.value)


def test_all_faults_are_named_at_once():
    with pytest.raises(LettersError) as caught:
        letters.read({"released": {**GOOD, "text": "x"}, "failed": {**GOOD, "line": ""}})
    assert len(caught.value.faults) == 2


def test_a_brace_of_a_value_is_no_place():
    assert letters.filled(letters.Letter("{moment}", "", ""), {"moment": "{address}"}).line == "{address}"
