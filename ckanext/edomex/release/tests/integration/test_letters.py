"""Letters reach those concerned over a real SMTP server, each once, and say nothing of the dataset."""

import contextlib
import email
import email.header
import socket

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from ckan import model
from ckan.tests.helpers import changed_config

from ckanext.edomex.release.jobs import outbox, rehearsal
from ckanext.edomex.release.model import Outbox

OPERATOR = "operacion@example.org"


class Box:
    """What the server took, and whom it refuses."""

    def __init__(self):
        self.taken, self.refused = [], set()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802  # the library's name
        if address in self.refused:
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  # the library's name
        self.taken.append((envelope.rcpt_tos[0], email.message_from_bytes(envelope.content)))
        return "250 OK"


@pytest.fixture
def box():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    box = Box()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    with contextlib.ExitStack() as settings:
        settings.callback(server.stop)
        settings.enter_context(changed_config("smtp.server", f"127.0.0.1:{port}"))
        settings.enter_context(changed_config("smtp.mail_from", "portal@example.org"))
        settings.enter_context(changed_config("ckanext.edomex.release.alarm_mail", [OPERATOR]))
        yield box


def addresses(*people):
    return sorted(model.User.get(person["name"]).email for person in people)


def recipients(box):
    return sorted(to for to, _ in box.taken)


def test_a_release_is_told_to_who_sent_and_who_approved(box, due, pass_once, drain, editor, reviewer):
    (release,) = due(title="Zopilote secreto")
    pass_once()
    drain()
    assert recipients(box) == addresses(editor, reviewer)
    for _, letter in box.taken:
        text = letter.get_payload(decode=True).decode()
        assert f"/autoservicio/liberacion/{release['id']}" in text
        assert "opilote" not in str(letter["Subject"]) + text


def test_a_failure_is_told_to_the_operators_too(box, due, pass_once, drain, editor, reviewer):
    (release,) = due()
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("UPDATE package SET title = 'Otro' WHERE id = :id"), {"id": release["dataset_id"]})
    assert pass_once().failed
    drain()
    assert recipients(box) == sorted([*addresses(editor, reviewer), OPERATOR])


def test_a_problem_is_told_before_the_instant_and_once(box, due, drain, editor, reviewer):
    (release,) = due(at="2031-01-01T09:00:00-06:00")
    for _ in range(2):
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("UPDATE package SET title = 'Otro' WHERE id = :id"), {"id": release["dataset_id"]})
            connection.execute(sa.text("UPDATE edomex_release SET warm_at = clock_timestamp()"))
        model.Session.remove()
        rehearsal.rehearse_due(model.meta.engine)
        drain()
    assert recipients(box) == sorted([*addresses(editor, reviewer), OPERATOR])
    subjects = [str(email.header.make_header(email.header.decode_header(letter["Subject"]))) for _, letter in box.taken]
    assert all("antes de una publicación" in subject for subject in subjects)


def test_one_refused_person_keeps_no_letter_from_the_others(box, due, pass_once, drain, editor, reviewer):
    (mine,), (theirs,) = addresses(editor), addresses(reviewer)
    box.refused.add(mine)
    due()
    pass_once()
    drain()
    assert recipients(box) == [theirs]
    (waiting,) = model.Session.query(Outbox).filter_by(kind="letter", done_at=None).all()
    assert waiting.last_error == "SMTPRecipientsRefused"
    box.refused.clear()
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("UPDATE edomex_release_outbox SET next_at = clock_timestamp()"))
    drain()
    assert recipients(box) == addresses(editor, reviewer)


def test_a_server_that_is_down_loses_no_letter(box, due, pass_once, drain, editor, reviewer):
    due()
    pass_once()
    with changed_config("smtp.server", "127.0.0.1:1"):
        drain()
    assert box.taken == []
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("UPDATE edomex_release_outbox SET next_at = clock_timestamp()"))
    drain()
    assert recipients(box) == addresses(editor, reviewer)


def test_told_again_nobody_gets_it_twice(box, due, pass_once, drain):
    (release,) = due()
    pass_once()
    drain()
    before = len(box.taken)
    from ckanext.edomex.release.model import enqueue

    with model.meta.engine.begin() as connection:
        enqueue(connection, "mail", [release["id"]])
    drain()
    assert len(box.taken) == before


def test_without_a_sender_nothing_is_asked_for(due, pass_once):
    due()
    pass_once()
    assert model.Session.query(Outbox).filter(Outbox.kind.in_(["mail", "letter"])).count() == 0
    assert outbox.drain(model.meta.engine).taken > 0
