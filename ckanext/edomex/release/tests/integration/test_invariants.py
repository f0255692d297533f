"""Whatever people, machines and loops do in whatever order, the invariants of a release hold.

A Hypothesis state machine on the real database: its model knows only who may see what, and since when.
Source of the invariants: `publishing.md` §6.12 of the project's notes, named at each check.
"""

from __future__ import annotations

import io
from typing import ClassVar

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from werkzeug.datastructures import FileStorage

from ckanext.edomex.adapters import index
from ckanext.edomex.release.domain.lifecycle import OPEN, TRANSITIONS
from ckanext.edomex.release.jobs import engine, outbox, reconciler, rehearsal
from ckanext.edomex.release.model import Event, Release, Version, content_hashes
from ckanext.edomex.tests.machines import run

FAR = "2031-01-01T09:00:00-06:00"
REFUSED = (tk.ValidationError, tk.NotAuthorized, tk.ObjectNotFound)


class Portal(RuleBasedStateMachine):
    """People, machines and loops at one portal; `act`, `people` and `agency` are set by the test."""

    act = None
    people: ClassVar[dict] = {}
    agency = ""

    datasets = Bundle("datasets")

    def __init__(self):
        super().__init__()
        self.known: set[str] = set()

    def do(self, who, action, **data):
        """Do it, or be refused; whatever else goes wrong is a fault."""
        try:
            return type(self).act(self.people.get(who), action, **data)
        except REFUSED:
            model.Session.rollback()
            return None

    @initialize()
    def begin(self):
        model.Session.remove()

    @rule(target=datasets)
    def register(self):
        made = self.do("editor", "package_create", title="Conjunto", owner_org=self.agency)
        upload = FileStorage(io.BytesIO(b"a,b\n1,2\n"), filename="datos.txt")
        self.do("editor", "resource_create", package_id=made["id"], name="Datos", upload=upload)
        self.known.add(made["id"])
        return made["id"]

    @rule(dataset=datasets, who=st.sampled_from(["editor", "sysadmin", "stranger"]))
    def submit(self, dataset, who):
        self.do(who, "edomex_release_submit", dataset_id=dataset)

    @rule(dataset=datasets, who=st.sampled_from(["reviewer", "editor", "sysadmin"]), when=st.sampled_from(["now", FAR]))
    def approve(self, dataset, who, when):
        for release in self.open_releases(dataset):
            self.do(who, "edomex_release_approve", id=release, release_at=when)

    @rule(dataset=datasets, when=st.sampled_from(["now", FAR]))
    def reschedule(self, dataset, when):
        for release in self.open_releases(dataset):
            self.do("manager", "edomex_release_reschedule", id=release, release_at=when, reason="cambio")

    @rule(dataset=datasets)
    def cancel(self, dataset):
        for release in self.open_releases(dataset):
            self.do("manager", "edomex_release_cancel", id=release, reason="no")

    @rule(dataset=datasets, word=st.sampled_from(["uno", "dos"]), door=st.sampled_from(["patch", "resource", "private", "notes"]))
    def edit(self, dataset, word, door):
        draft = self.draft_of(dataset)
        if door == "resource":
            self.do("editor", "resource_create", package_id=draft, name=word, url=f"https://example.org/{word}.csv")
        elif door == "private":
            self.do("sysadmin", "package_patch", id=draft, private=False)
        elif door == "notes":
            self.do("sysadmin", "package_patch", id=draft, state="active", notes=word)
        else:
            self.do("editor", "package_patch", id=draft, title=word)

    @rule(dataset=datasets)
    def open_edition(self, dataset):
        self.do("editor", "edomex_release_edition_open", dataset_id=dataset)

    @rule(dataset=datasets)
    def propose_withdrawal(self, dataset):
        self.do("manager", "edomex_release_withdraw", dataset_id=dataset, reason="porque sí", legal_ground="artículo 1")

    @rule(dataset=datasets, who=st.sampled_from(["manager", "sysadmin"]))
    def confirm_withdrawal(self, dataset, who):
        for release in self.open_releases(dataset, kind="withdrawal"):
            self.do(who, "edomex_release_withdraw_confirm", id=release)

    @rule(dataset=datasets)
    def instant_comes(self, dataset):
        """The clock moves on to a promised date: as if the date had been now."""
        with model.meta.engine.begin() as connection:
            connection.execute(
                sa.text("UPDATE edomex_release SET release_at = clock_timestamp(), due_at = clock_timestamp()"
                        " WHERE package_id = :id AND state = 'scheduled'"), {"id": dataset})  # fmt: skip

    @rule()
    def loop_passes(self):
        model.Session.commit()
        engine.release_due(model.meta.engine)
        # Invariant 5: a second pass at once is as none.
        assert engine.release_due(model.meta.engine).released == []

    @rule()
    def rehearsal_passes(self):
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("UPDATE edomex_release SET warm_at = clock_timestamp() WHERE state = 'scheduled'"))
        model.Session.remove()
        rehearsal.rehearse_due(model.meta.engine)

    @rule()
    def outbox_passes(self):
        model.Session.remove()
        while outbox.drain(model.meta.engine).taken:
            pass
        self.index_equals_database()

    @rule()
    def reconciler_passes(self):
        model.Session.remove()
        reconciler.run(model.meta.engine, everything=True)
        while outbox.drain(model.meta.engine).taken:
            pass
        # Invariant 8: once it ran, it finds nothing.
        assert reconciler.run(model.meta.engine, everything=True).hidden == 0
        self.index_equals_database()

    def open_releases(self, dataset, kind=None):
        query = sa.select(Release.id).where(Release.package_id == dataset, Release.state.in_(sorted(OPEN)))
        return list(model.Session.execute(query.where(Release.kind == kind) if kind else query).scalars())

    def draft_of(self, dataset):
        open_editions = (Release.package_id == dataset, Release.kind == "edition", Release.state.in_(sorted(OPEN)))
        query = sa.select(Release.content_id).where(*open_editions)
        return model.Session.execute(query).scalars().first() or dataset

    def public_in_database(self):
        rows = sa.text("SELECT id FROM package WHERE type = 'dataset' AND private IS FALSE AND state = 'active' AND id = ANY(:ids)")
        return set(model.Session.execute(rows, {"ids": list(self.known)}).scalars())

    def index_equals_database(self):
        """Invariant 8."""
        model.Session.rollback()
        assert index.public_ids() & self.known == self.public_in_database()

    @invariant()
    def visible_means_released(self):
        """Invariants 1, 2: what anybody sees has one approved release, at or after its date, by two people, of this content."""
        model.Session.rollback()
        model.Session.expire_all()
        shown = self.public_in_database()
        for dataset in self.known:
            visible = self.do(None, "package_show", id=dataset) is not None
            assert visible == (dataset in shown)
            found = model.Session.query(Release).filter_by(package_id=dataset, state="released").all()
            publications = [each for each in found if each.kind != "withdrawal"]
            assert len(publications) == (1 if visible else 0)
            for release in publications:
                assert release.released_at >= release.release_at
                assert release.approved_by != release.submitted_by
                version = model.Session.get(Version, (dataset, release.version))
                assert version.content_hash == content_hashes(model.Session, [dataset])[dataset]

    @invariant()
    def history_yields_the_state(self):
        """Invariants 3, 9: one `released` for each release, and the events end where the row stands."""
        model.Session.rollback()
        model.Session.expire_all()
        for release in model.Session.query(Release).filter(Release.package_id.in_(self.known)):
            events = model.Session.query(Event).filter_by(release_id=release.id).order_by(Event.id).all()
            assert sum(1 for event in events if event.to_state == "released") <= 1
            state = "draft"
            for event in events:
                assert event.from_state == state
                assert state in TRANSITIONS[event.move].sources
                state = event.to_state
            assert state == release.state


@pytest.fixture
def portal(act, editor, stranger, reviewer, manager, sysadmin, agency):
    Portal.act = staticmethod(act)
    Portal.people = {"editor": editor, "stranger": stranger, "reviewer": reviewer, "manager": manager, "sysadmin": sysadmin}
    Portal.agency = agency["id"]
    return Portal


def test_invariants_hold(portal):
    run(portal, examples=6, steps=20)


@pytest.mark.long
def test_invariants_hold_for_long(portal):
    run(portal, examples=80, steps=50)
