"""Releases that are due, and the loops' work done by hand, one pass at a time."""

import io

import pytest
from ckan import model
from werkzeug.datastructures import FileStorage

from ckanext.edomex.release.jobs import engine, outbox


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
def drain(clean_releases):
    """Do all that waits in the outbox."""

    def run():
        model.Session.remove()
        while outbox.drain(model.meta.engine).taken:
            pass

    return run


@pytest.fixture
def upload():
    """A file as a browser sends it."""

    def make(content=b"a,b\n1,2\n", name="datos.csv"):
        return FileStorage(io.BytesIO(content), filename=name)

    return make


@pytest.fixture
def public(act, editor, agency, reviewer, manager, upload, pass_once, drain):
    """Make a public dataset with one file; returns it as anybody sees it."""

    def make(title="Agua", content=b"a,b\n1,2\n", **fields):
        created = act(editor, "package_create", title=title, owner_org=agency["id"], **fields)
        act(editor, "resource_create", package_id=created["id"], name="Pozos", format="CSV", upload=upload(content))
        release = act(editor, "edomex_release_submit", dataset_id=created["id"])
        act(reviewer, "edomex_release_approve", id=release["id"], release_at="now")
        assert pass_once().released == [release["id"]]
        drain()
        return act(None, "package_show", id=created["id"])

    return make


@pytest.fixture
def edition(act, editor, reviewer, pass_once, drain):
    """Open an edition of a public dataset, change it, and have it released at once unless asked otherwise."""

    def make(dataset, change=None, *, at="now", release=True):
        opened = act(editor, "edomex_release_edition_open", dataset_id=dataset["id"])
        if change:
            change(act(editor, "package_show", id=opened["draft_id"]))
        act(editor, "edomex_release_submit", dataset_id=opened["draft_id"])
        approved = act(reviewer, "edomex_release_approve", id=opened["id"], release_at=at)
        if release:
            assert pass_once().released == [opened["id"]]
            drain()
        return approved

    return make
