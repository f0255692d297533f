"""A real mail server, releases that are due, and the loops' work done by hand, one pass at a time."""

import contextlib
import socket

import pytest
from aiosmtpd.controller import Controller
from ckan import model
from ckan.tests.helpers import changed_config

from ckanext.edomex.notices.jobs import daily, sender
from ckanext.edomex.notices.tests.integration.post import OPERATOR, Box, sql
from ckanext.edomex.release.jobs import engine, outbox


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def box(free_port):
    """The mail server, and the portal told of it."""
    box = Box()
    server = Controller(box, hostname="127.0.0.1", port=free_port)
    server.start()
    with contextlib.ExitStack() as settings:
        settings.callback(server.stop)
        settings.enter_context(changed_config("smtp.server", f"127.0.0.1:{free_port}"))
        settings.enter_context(changed_config("smtp.mail_from", "portal@example.org"))
        settings.enter_context(changed_config("ckanext.edomex.release.alarm_mail", [OPERATOR]))
        yield box


@pytest.fixture
def address():
    """The address of somebody's account."""
    return lambda person: model.User.get(person["name"]).email


@pytest.fixture
def due(act, editor, agency, reviewer):
    """Make datasets that are due; returns their releases."""

    def make(count=1, at="now", **fields):
        made = []
        for number in range(count):
            dataset = act(editor, "package_create", **{"title": f"Conjunto {number}", "owner_org": agency["id"], **fields})
            release = act(editor, "edomex_release_submit", dataset_id=dataset["id"])
            made.append(act(reviewer, "edomex_release_approve", id=release["id"], release_at=at))
        model.Session.commit()
        return made

    return make


@pytest.fixture
def pass_once(clean_releases):
    """One pass of the engine; returns what it did."""

    def run():
        model.Session.commit()
        return engine.release_due(model.meta.engine)

    return run


@pytest.fixture
def hear(clean_releases):
    """Do all that waits in the outbox: notices are written down, no letter is sent."""

    def run():
        model.Session.remove()
        while outbox.drain(model.meta.engine).taken:
            pass

    return run


@pytest.fixture
def send(clean_releases):
    """Everything that is due goes to the mail server, in one pass of a new process."""

    def run():
        model.Session.remove()
        wait = 0.0
        process = sender.Sender()
        while wait == 0.0:
            wait = process.work(model.meta.engine)
        return wait

    return run


@pytest.fixture
def told(hear, send):
    """Hear and send."""

    def run():
        hear()
        send()

    return run


@pytest.fixture
def morning(clean_releases):
    """The hour of the daily work comes: it is composed, and not yet sent."""

    def run():
        sql("DELETE FROM edomex_notices_mark WHERE name = 'daily'")
        with changed_config("ckanext.edomex.notices.digest_time", "00:00"):
            daily.work(model.meta.engine)
        model.Session.remove()

    return run


@pytest.fixture
def rows():
    """`rows(Notice)`: what is in a table now."""

    def read(table):
        model.Session.remove()
        return model.Session.query(table).order_by(table.id).all()

    return read
