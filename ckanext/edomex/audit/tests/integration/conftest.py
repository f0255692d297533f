"""Releases with steps, sealing by hand, and an owner of the database who means ill."""

import contextlib

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.cli.cli import ckan
from ckan.tests import factories

from ckanext.edomex.audit.logic.sealing import seal_all
from ckanext.edomex.audit.logic.verifying import verify
from ckanext.edomex.audit.model import Seal

GUARDS = {
    "edomex_release_event": ["edomex_release_event_append_only"],
    "edomex_audit_seal": ["edomex_audit_seal_append_only", "edomex_audit_seal_never_empty"],
}


@pytest.fixture
def sent(act, editor, agency):
    """Send a dataset to review; returns its release."""

    def make(title="Pozos de agua"):
        dataset = act(editor, "package_create", title=title, owner_org=agency["id"])
        return act(editor, "edomex_release_submit", dataset_id=dataset["id"])

    return make


@pytest.fixture
def seal(clean_releases):
    """Seal what is committed, as a loop does; returns how many."""

    def run(*, everything=True):
        model.Session.commit()
        return seal_all(model.meta.engine, everything=everything, wait=True)

    return run


@pytest.fixture
def sealed():
    """Every seal, in order."""

    def read():
        with model.meta.engine.connect() as connection:
            return connection.execute(sa.select(*Seal.__table__.c).order_by(Seal.position)).all()

    return read


@pytest.fixture
def check(clean_releases):
    """Walk the chain: the kinds of faults, with the positions."""

    def run(**options):
        model.Session.commit()
        found = verify(model.meta.engine, **options)
        return [(str(fault.kind), fault.position) for fault in found.told]

    return run


@pytest.fixture
def tamper(clean_releases):
    """A statement of the database's owner, with the guards of the table lifted."""

    def run(table, statement, **values):
        model.Session.commit()
        with model.meta.engine.begin() as connection:
            for guard in GUARDS[table]:
                connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER {guard}"))
            connection.execute(sa.text(statement), values)
            for guard in GUARDS[table]:
                connection.execute(sa.text(f"ALTER TABLE {table} ENABLE TRIGGER {guard}"))

    return run


@pytest.fixture
def event():
    """Write an event of a release by hand, within somebody's transaction."""

    def write(connection, release_id, event_id=None, reason=None):
        names, values = ("", "") if event_id is None else ("id, ", ":id, ")
        connection.execute(
            sa.text(
                f"INSERT INTO edomex_release_event ({names}release_id, move, from_state, to_state, reason)"
                f" VALUES ({values}:release, 'edit', 'in_review', 'draft', :reason)"
            ),
            {"id": event_id, "release": release_id, "reason": reason},
        )

    return write


@pytest.fixture
def run(cli):
    """`run("verify", "--json")`: the command's status and what it printed."""

    def call(*words):
        model.Session.commit()
        done = cli.invoke(ckan, ["edomex", "audit", *map(str, words)])
        return done.exit_code, done.output

    return call


@pytest.fixture
def visit(app):
    """`visit(editor, "/autoservicio/bitacora")`; redirects are not followed."""

    def go(user, path):
        headers = {"Authorization": factories.APIToken(user=user["name"])["token"]} if user else {}
        return app.get(path, headers=headers, follow_redirects=False)

    return go


@pytest.fixture
def refused(clean_releases):
    """Whether PostgreSQL refuses a statement."""

    def ask(statement):
        with contextlib.suppress(sa.exc.DBAPIError), model.meta.engine.begin() as connection:
            connection.execute(sa.text(statement))
            return False
        return True

    return ask
