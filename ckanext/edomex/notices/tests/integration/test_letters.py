"""Letters reach those concerned over a real SMTP server, each once, and say nothing of the dataset."""

import socket

import pytest
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests.helpers import changed_config

from ckanext.edomex.adapters import duties, mail
from ckanext.edomex.notices.jobs import happenings, sender
from ckanext.edomex.notices.model import Letter, Notice
from ckanext.edomex.notices.tests.integration.post import OPERATOR, beside, sql, subject_of
from ckanext.edomex.release.jobs import outbox, rehearsal
from ckanext.edomex.release.jobs.loop import Loop
from ckanext.edomex.release.model import Outbox, enqueue

SECRET = "Zopilote secreto"


@pytest.fixture
def quiet(box, hear, send):
    """Whatever was told so far is forgotten."""

    def run():
        hear()
        send()
        box.taken.clear()

    return run


def fail(release):
    sql("UPDATE package SET title = 'Otro' WHERE id = :id", id=release["dataset_id"])


def test_a_release_is_told_to_who_sent_and_who_approved(box, due, pass_once, quiet, told, editor, reviewer, address):
    (release,) = due(title=SECRET)
    quiet()
    pass_once()
    told()
    assert box.to == sorted([address(editor), address(reviewer)])
    for _, letter in box.taken:
        text = letter.get_payload(decode=True).decode()
        assert f"/autoservicio/liberacion/{release['id']}" in text
        assert "/autoservicio/avisos/preferencias" in text
        assert "opilote" not in subject_of(letter) + text


def test_a_failure_is_told_to_the_operators_too(box, due, pass_once, quiet, told, editor, reviewer, address):
    (release,) = due()
    quiet()
    fail(release)
    assert pass_once().failed
    told()
    assert box.to == sorted([address(editor), address(reviewer), OPERATOR])


def test_a_problem_is_told_before_the_instant_and_once(box, due, quiet, told, editor, reviewer, address):
    (release,) = due(at="2031-01-01T09:00:00-06:00")
    quiet()
    for _ in range(2):
        fail(release)
        sql("UPDATE edomex_release SET warm_at = clock_timestamp()")
        model.Session.remove()
        rehearsal.rehearse_due(model.meta.engine)
        told()
    assert box.to == sorted([address(editor), address(reviewer), OPERATOR])
    assert all("antes de una publicación" in subject_of(letter) for _, letter in box.taken)


def test_each_step_is_told_to_whom_it_concerns(box, act, due, told, editor, reviewer, manager, address):
    (release,) = due(at="2031-01-01T09:00:00-06:00")
    told()
    assert [subject for subject, _ in box.letters(address(editor))] == ["Se aprobó un conjunto de su dependencia"]
    box.taken.clear()
    act(manager, "edomex_release_reschedule", id=release["id"], release_at="2031-02-01T09:00:00-06:00", reason=SECRET)
    told()
    ((_, text),) = box.letters(address(editor))
    assert "1 de febrero de 2031, 09:00" in text
    assert "opilote" not in text
    assert box.to == [address(editor)]
    box.taken.clear()
    act(editor, "package_patch", id=release["dataset_id"], title="Otra vez")
    told()
    assert {subject_of(letter) for _, letter in box.taken} == {"Una aprobación quedó sin efecto"}
    assert box.to == [address(reviewer)]


def test_one_refused_person_keeps_no_letter_from_the_others(box, due, pass_once, quiet, told, send, editor, reviewer, address, rows):
    due()
    quiet()
    box.refused.add(address(editor))
    pass_once()
    told()
    assert box.to == [address(reviewer)]
    (waiting,) = [each for each in rows(Letter) if each.sent_at is None]
    assert (waiting.last_error, waiting.attempts) == ("SMTPRecipientsRefused", 1)
    box.refused.clear()
    assert 50 < send() <= 60
    assert box.to == [address(reviewer)]
    sql("UPDATE edomex_notices_letter SET next_at = clock_timestamp()")
    send()
    assert box.to == sorted([address(editor), address(reviewer)])


def test_a_server_that_is_down_loses_no_letter_and_is_not_asked_for_each(box, due, pass_once, quiet, hear, send, rows):
    due(2)
    quiet()
    pass_once()
    hear()
    with changed_config("smtp.server", "127.0.0.1:1"):
        assert send() == sender.FIRST_REST_S
    waiting = [each for each in rows(Letter) if each.sent_at is None]
    assert len(waiting) == 4
    assert sorted(filter(None, (each.last_error for each in waiting))) == ["ConnectionRefusedError"]
    assert {each.attempts for each in waiting} == {0}
    sql("UPDATE edomex_notices_letter SET next_at = clock_timestamp()")
    send()
    assert len(box.taken) == 4


def test_a_process_waits_longer_for_a_server_that_stays_away(box, due, hear):
    due()
    hear()
    process = sender.Sender()
    with changed_config("smtp.server", "127.0.0.1:1"):
        waits = []
        for _ in range(6):
            waits.append(process.work(model.meta.engine))
            sql("UPDATE edomex_notices_letter SET next_at = clock_timestamp()")
    assert waits == [5, 10, 20, 40, 60, 60]


def test_a_server_that_hangs_delays_nothing_else(monkeypatch, box, due, pass_once, hear):
    """The letter waits for an answer; meanwhile a dataset comes out and the search learns of it."""
    monkeypatch.setattr(mail, "TIMEOUT_S", 120)
    due(at="2031-01-01T09:00:00-06:00")
    hear()
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        silent.settimeout(30)
        with changed_config("smtp.server", f"127.0.0.1:{silent.getsockname()[1]}"):
            waiting = beside(sender.Sender().work)
            caller, _ = silent.accept()
            (release,) = due()
            assert pass_once().released == [release["id"]]
            hear()
            assert waiting.is_alive()
            model.Session.remove()
            assert model.Session.query(Outbox).filter(Outbox.done_at.is_(None)).count() == 0
        caller.close()
    waiting.join(30)
    assert not waiting.is_alive()


def test_a_letter_in_one_process_hands_is_not_taken_by_another(monkeypatch, box, due, hear, send, editor, reviewer, address):
    monkeypatch.setattr(mail, "TIMEOUT_S", 120)
    due(at="2031-01-01T09:00:00-06:00")
    hear()
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        silent.settimeout(30)
        with changed_config("smtp.server", f"127.0.0.1:{silent.getsockname()[1]}"):
            waiting = beside(sender.Sender().work)
            caller, _ = silent.accept()
        assert send() is not None
        assert box.taken == []
        caller.close()
    waiting.join(30)
    sql("UPDATE edomex_notices_letter SET next_at = clock_timestamp()")
    send()
    assert box.to == [address(editor)]


def test_heard_again_nobody_is_told_twice(box, due, pass_once, told):
    (release,) = due()
    pass_once()
    told()
    before = len(box.taken)
    with model.meta.engine.begin() as connection:
        enqueue(connection, "notice", [release["id"]])
    told()
    assert len(box.taken) == before > 0


def test_a_letter_that_went_out_and_was_not_noted_is_the_same_letter_again(box, due, told, send):
    """A crash between the server's OK and the commit: told in docs/operations.md, and known by its Message-ID."""
    due(at="2031-01-01T09:00:00-06:00")
    told()
    sql("UPDATE edomex_notices_letter SET sent_at = NULL")
    send()
    (first, second) = (letter["Message-ID"] for _, letter in box.taken)
    assert first == second


def test_after_three_days_somebody_has_to_look(box, act, sysadmin, due, hear, send, rows, editor, address):
    due(at="2031-01-01T09:00:00-06:00")
    hear()
    box.refused.add(address(editor))
    sql("UPDATE edomex_notices_letter SET created_at = clock_timestamp() - interval '4 days'")
    send()
    (letter,) = rows(Letter)
    assert letter.dead_at is not None
    status = act(sysadmin, "edomex_notice_status")
    assert (status["dead"], status["errors"], status["alarms"]) == (1, {"SMTPRecipientsRefused": 1}, ["letters_dead"])
    box.refused.clear()
    assert act(sysadmin, "edomex_notice_letter_retry") == {"retried": 1}
    send()
    assert box.to == [address(editor)]
    assert act(sysadmin, "edomex_notice_status")["alarms"] == []


def test_who_has_left_the_agency_gets_no_letter_of_it(box, act, sysadmin, agency, due, hear, send, rows, editor, address):
    due(at="2031-01-01T09:00:00-06:00")
    hear()
    act(sysadmin, "organization_member_delete", id=agency["id"], username=editor["name"])
    send()
    assert box.taken == []
    assert [each.void_at is not None for each in rows(Letter)] == [True]


def test_an_account_that_is_closed_gets_no_letter(box, due, hear, send, editor):
    due(at="2031-01-01T09:00:00-06:00")
    hear()
    sql("UPDATE \"user\" SET state = 'deleted' WHERE name = :name", name=editor["name"])
    send()
    assert box.taken == []


def test_a_letter_that_cannot_be_written_keeps_no_other(box, due, pass_once, hear, send, rows, editor, reviewer, address):
    due()
    pass_once()
    hear()
    sql("UPDATE edomex_notices_notice SET kind = 'of another version' WHERE kind = 'approved'")
    send()
    assert box.to == sorted([address(editor), address(reviewer)])
    assert [each.last_error for each in rows(Letter) if each.sent_at is None] == ["KeyError"]


def test_a_release_that_cannot_be_told_keeps_no_other(monkeypatch, box, due, hear, rows):
    first, second = due(2, at="2031-01-01T09:00:00-06:00")
    one = happenings.happenings

    def breaks(release, since):
        if release["id"] == first["id"]:
            raise KeyError
        return one(release, since)

    monkeypatch.setattr(happenings, "happenings", breaks)
    hear()
    assert {each.facts["release"] for each in rows(Notice)} == {second["id"]}
    assert [each.dedupe_key for each in model.Session.query(Outbox).filter_by(kind="notice", done_at=None)] == [first["id"]] * 2


def test_an_address_that_is_no_operators_any_more_gets_no_letter(box, due, pass_once, quiet, hear, send):
    (release,) = due()
    quiet()
    fail(release)
    pass_once()
    hear()
    with changed_config("ckanext.edomex.release.alarm_mail", []):
        send()
    assert OPERATOR not in box.to


def test_without_a_mail_server_there_are_notices_and_no_letters(due, pass_once, hear, rows):
    due()
    pass_once()
    hear()
    assert rows(Letter) == []
    assert {each.kind for each in rows(Notice)} == {"submitted", "approved", "released"}


def test_what_happened_before_this_room_is_not_told(box, due, hear, rows):
    due(at="2031-01-01T09:00:00-06:00")
    sql("INSERT INTO edomex_notices_mark (name) VALUES ('since')")
    hear()
    assert rows(Notice) == []


def test_the_machines_question_is_nobody_elses(act, due, editor, manager):
    (release,) = due(at="2031-01-01T09:00:00-06:00")
    for person in (editor, manager, None):
        with pytest.raises(tk.NotAuthorized):
            act(person, "edomex_release_happenings", id=release["id"])


def test_a_release_that_is_gone_is_passed_over(hear):
    with model.meta.engine.begin() as connection:
        enqueue(connection, happenings.FOLLOW_UPS[0].kind, ["none"])
    hear()
    assert outbox.drain(model.meta.engine).taken == 0


class TestDuties:
    """A pass of the loop does them all, and one that fails ends nothing."""

    def test_a_tick_hears_and_sends(self, box, due, editor, address):
        due(at="2031-01-01T09:00:00-06:00")
        Loop(model.meta.engine).tick()
        assert box.to == [address(editor)]

    def test_another_rooms_mistake_ends_nothing(self, monkeypatch, box, caplog, due, editor, address):
        def breaks(_engine):
            raise ZeroDivisionError

        monkeypatch.setattr(duties, "_known", {"broken": duties.Duty(name="broken", work=breaks), **duties.known()})
        due(at="2031-01-01T09:00:00-06:00")
        Loop(model.meta.engine).tick()
        assert box.to == [address(editor)]
        assert "loop.duty_failed" in [getattr(each, "event", "") for each in caplog.records]

    def test_a_running_loop_sends_and_ends_when_told(self, box, due, editor, address):
        due(at="2031-01-01T09:00:00-06:00")
        loop = Loop(model.meta.engine)
        running = beside(lambda _engine: loop.run())
        assert box.first.wait(30)
        loop.stop()
        running.join(30)
        assert not running.is_alive()
        assert box.to == [address(editor)]
