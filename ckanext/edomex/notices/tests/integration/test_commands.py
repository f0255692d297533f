"""What operators do with letters: check their own, see them, send one, look how they are doing."""

import json

import pytest
from ckan.cli.cli import ckan
from ckan.tests.helpers import changed_config

from ckanext.edomex.notices.domain.kinds import KINDS

OWN = "released:\n  line: Ya salió\n  subject: Ya salió un conjunto\n  text: 'Mírelo: {address}'\n"


@pytest.fixture
def file(tmp_path):
    """A file of an operator's."""

    def write(text):
        path = tmp_path / "avisos.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def run(cli, *words):
    return cli.invoke(ckan, ["edomex", "notices", *map(str, words)])


def test_a_file_is_checked_with_all_its_faults(cli, file):
    good = run(cli, "check", file(OWN))
    assert (good.exit_code, "released" in good.output) == (0, True)
    wrong = run(cli, "check", file("released:\n  line: ''\n  subject: '{title}'\n  text: x\n"))
    assert wrong.exit_code == 1
    for said in ("released, line", "{title} no se puede usar", "falta {address}"):
        assert said in wrong.output
    assert run(cli, "check", file("a: [")).exit_code == 1


def test_every_letter_can_be_seen(cli):
    shown = run(cli, "preview").output
    assert shown.count("=== ") == len(KINDS) + 1
    assert "{" not in shown


def test_an_operators_words_take_the_portals_place(cli, file, box, due, told, pass_once, editor, address):
    with changed_config("ckanext.edomex.notices.letters", str(file(OWN))):
        assert "Asunto: Ya salió un conjunto" in run(cli, "preview", "released").output
        assert "Asunto: Se retiró" in run(cli, "preview", "withdrawn").output
        due()
        pass_once()
        told()
    assert "Ya salió un conjunto" in [subject for subject, _ in box.letters(address(editor))]


def test_a_file_that_became_wrong_stops_no_letter(file, box, caplog, due, told, editor, address):
    with changed_config("ckanext.edomex.notices.letters", str(file("approved: x"))):
        due(at="2031-01-01T09:00:00-06:00")
        told()
    assert [subject for subject, _ in box.letters(address(editor))] == ["Se aprobó un conjunto de su dependencia"]
    assert "notices.letters_refused" in [getattr(each, "event", "") for each in caplog.records]


def test_a_letter_can_be_tried(cli, box):
    done = run(cli, "send-test", "failed", "alguien@example.org")
    assert (done.exit_code, box.to) == (0, ["alguien@example.org"])
    box.refused.add("nadie@example.org")
    refused = run(cli, "send-test", "failed", "nadie@example.org")
    assert (refused.exit_code, "SMTPRecipientsRefused" in refused.output) == (1, True)


def test_figures(cli, clean_releases, box, due, hear):
    assert run(cli, "status").exit_code == 0
    due(at="2031-01-01T09:00:00-06:00")
    hear()
    found = json.loads(run(cli, "status").output)
    assert (found["waiting"], found["dead"], found["alarms"]) == (1, 0, [])
    assert run(cli, "retry").output == "retried=0\n"
