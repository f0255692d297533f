"""A mail server's box, and statements past the actions."""

import contextvars
import email
import email.header
import threading

import sqlalchemy as sa
from ckan import model

OPERATOR = "operacion@example.org"


class Box:
    """What the server took, and whom it refuses."""

    def __init__(self):
        self.taken, self.refused, self.first = [], set(), threading.Event()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802  # the library's name
        if address in self.refused:
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  # the library's name
        self.taken.append((envelope.rcpt_tos[0], email.message_from_bytes(envelope.content)))
        self.first.set()
        return "250 OK"

    @property
    def to(self):
        """Who got letters, in alphabetical order."""
        return sorted(to for to, _ in self.taken)

    def letters(self, address):
        """`(subject, text)` of the letters to an address."""
        return [(subject_of(letter), letter.get_payload(decode=True).decode()) for to, letter in self.taken if to == address]


def subject_of(letter):
    return str(email.header.make_header(email.header.decode_header(letter["Subject"])))


def sql(statement, **values):
    with model.meta.engine.begin() as connection:
        return connection.execute(sa.text(statement), values)


def beside(work):
    """A thread with CKAN's application context, and no session left behind, as the loops' have it."""

    def run():
        try:
            work(model.meta.engine)
        finally:
            model.Session.remove()

    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True)
    thread.start()
    return thread
