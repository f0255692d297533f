"""An operator who has pages kept for an hour keeps none over a release, and no file at all."""

from datetime import UTC, datetime, timedelta

import pytest
from ckan import model

PAGES = (
    "/", "/dataset/", "/organization/", "/calendario", "/calendario?vista=mes", "/calendario.json", "/calendario.csv",
    "/calendario.ics", "/calendario.atom", "/api/3/action/package_search", "/dataset/ds-000000000000", "/catalog.ttl",
)  # fmt: skip


@pytest.fixture(autouse=True)
def an_hour(ckan_config, monkeypatch):
    monkeypatch.setitem(ckan_config, "ckan.cache_enabled", "true")
    monkeypatch.setitem(ckan_config, "ckan.cache_expires", 3600)


@pytest.fixture
def promised(act, editor, agency, reviewer):
    """Promise a dataset, so many seconds from now."""

    def make(seconds):
        dataset = act(editor, "package_create", title="x", owner_org=agency["id"])
        release = act(editor, "edomex_release_submit", dataset_id=dataset["id"])
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        act(reviewer, "edomex_release_approve", id=release["id"], release_at=at.isoformat())
        model.Session.commit()
        return release

    return make


def kept(app, path):
    return app.get(path, status=None).cache_control.max_age or 0


@pytest.mark.parametrize("path", PAGES)
def test_no_page_outlives_the_next_release(app, promised, path):
    promised(60)
    assert kept(app, path) <= 60


@pytest.mark.parametrize("path", PAGES)
def test_nor_waits_long_for_what_nobody_announced(app, clean_releases, path):
    assert kept(app, path) <= 300


def test_pages_are_kept_at_all(app, clean_releases):
    """Or the other tests would hold of nothing."""
    assert kept(app, "/dataset/") == 300


def test_a_cancelled_promise_keeps_nobody_waiting(app, act, manager, promised):
    release = promised(60)
    act(manager, "edomex_release_cancel", id=release["id"], reason="x")
    model.Session.commit()
    assert kept(app, "/calendario.ics") == 300


def test_what_is_due_and_waits_lets_nothing_be_kept(app, promised):
    promised(0.2)
    assert kept(app, "/dataset/") == 0
