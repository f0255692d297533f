"""The daily letter: one for each person, of what they have not read, and of agencies that they still work for."""

import pytest
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config

from ckanext.edomex.notices.jobs import daily
from ckanext.edomex.notices.model import Letter, Notice
from ckanext.edomex.notices.tests.integration.post import beside, sql


@pytest.fixture
def by_day(act, editor):
    """The editor chose to hear of answers once a day."""
    act(editor, "edomex_notice_preference_update", answers="digest")
    return editor


@pytest.fixture
def composed(box, by_day, due, told, morning):
    """Two approvals of a day, composed."""
    due(2, title="Zopilote secreto", at="2031-01-01T09:00:00-06:00")
    told()
    assert box.taken == []
    morning()


def test_one_letter_counts_and_leads_there(box, composed, send, by_day, address):
    send()
    ((subject, text),) = box.letters(address(by_day))
    assert subject == "Resumen de avisos del portal (2)"
    assert "Se aprobó un conjunto, con fecha 1 de enero de 2031, 09:00 (2)" in text
    assert text.count("/autoservicio/liberacion/") == 2
    assert "opilote" not in text


def test_once_a_day_even_after_a_restart(box, composed, send, due, told, morning, rows):
    send()
    due(at="2031-01-01T09:00:00-06:00")
    told()
    before = len(box.taken)
    with changed_config("ckanext.edomex.notices.digest_time", "00:00"):
        daily.work(model.meta.engine)
    send()
    assert len(box.taken) == before
    assert len([each for each in rows(Letter) if each.day]) == 3


def test_any_number_of_loops_compose_one(box, by_day, due, told, rows):
    due(at="2031-01-01T09:00:00-06:00")
    told()
    with changed_config("ckanext.edomex.notices.digest_time", "00:00"):
        loops = [beside(daily.work) for _ in range(4)]
        for each in loops:
            each.join(30)
    letters = [each.recipient for each in rows(Letter) if each.day]
    assert len(letters) == len(set(letters)) == 3


def test_before_the_hour_nothing_is_composed(box, by_day, due, told, rows):
    due(at="2031-01-01T09:00:00-06:00")
    told()
    with changed_config("ckanext.edomex.notices.digest_time", "23:59"):
        assert 0 < daily.work(model.meta.engine) <= 86400
    assert [each for each in rows(Letter) if each.day] == []


def test_what_was_read_meanwhile_is_left_out(box, act, composed, send, by_day, address):
    (first, _) = act(by_day, "edomex_notice_list")["notices"]
    act(by_day, "edomex_notice_read", id=first["id"])
    send()
    ((subject, _),) = box.letters(address(by_day))
    assert subject == "Resumen de avisos del portal (1)"


def test_all_read_no_letter(box, act, composed, send, by_day, address, rows):
    act(by_day, "edomex_notice_read", all=True)
    send()
    assert address(by_day) not in box.to
    assert [each.void_at is not None for each in rows(Letter) if each.recipient == by_day["id"]] == [True]


def test_an_agency_that_one_has_left_is_not_spoken_of(box, act, sysadmin, agency, composed, send, by_day, address, rows):
    """Composed while a member of two, sent when of one."""
    other = factories.Organization(users=[{"name": by_day["name"], "capacity": "editor"}])
    (kept, _) = [each.id for each in rows(Notice) if each.recipient == by_day["id"]]
    sql("UPDATE edomex_notices_notice SET agency_id = :other WHERE id = :kept", other=other["id"], kept=kept)
    act(sysadmin, "organization_member_delete", id=agency["id"], username=by_day["name"])
    send()
    ((subject, text),) = box.letters(address(by_day))
    assert subject == "Resumen de avisos del portal (1)"
    assert text.count("/autoservicio/liberacion/") == 1


def test_days_without_a_loop_are_one_letter(box, by_day, due, told, send, address):
    due(2, at="2031-01-01T09:00:00-06:00")
    told()
    sql("UPDATE edomex_notices_notice SET created_at = clock_timestamp() - interval '5 days'")
    sql("INSERT INTO edomex_notices_mark (name, at) VALUES ('daily', clock_timestamp() - interval '6 days')")
    with changed_config("ckanext.edomex.notices.digest_time", "00:00"):
        for _ in range(3):
            daily.work(model.meta.engine)
    send()
    assert len(box.letters(address(by_day))) == 1


def test_a_reviewer_hears_once_a_day_of_what_waits(box, act, editor, agency, reviewer, hear, morning, send, address):
    for number in range(3):
        dataset = act(editor, "package_create", title=f"Conjunto {number}", owner_org=agency["id"])
        act(editor, "edomex_release_submit", dataset_id=dataset["id"])
    hear()
    morning()
    send()
    ((_, text),) = box.letters(address(reviewer))
    assert "Un conjunto espera revisión (3)" in text
