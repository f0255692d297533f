"""A portal that pulls: what it read of our catalogue is known, and since when it is behind."""

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories

from ckanext.edomex.outbound.logic.readings import SILENT
from ckanext.edomex.outbound.tests.integration.conftest import SIGNED

AGENT = "Cosechador-Federal/2.1 (+https://federal.example.org)"


@pytest.fixture
def puller(act, sysadmin):
    """A target that reads our catalogue and is known by a part of its User-Agent."""
    given = {"name": "federal", "title": "Portal federal", "kind": "pulled", "url": "https://federal.example.org", **SIGNED}
    return act(sysadmin, "edomex_target_create", reader="cosechador-federal", enabled=True, **given)["name"]


@pytest.fixture
def shown(act, manager):
    def show():
        model.Session.rollback()
        return act(manager, "edomex_target_show", id="federal")

    return show


def read(app, path, agent=AGENT, **more):
    return app.get(path, headers={"User-Agent": agent, **more}, follow_redirects=False)


def test_without_a_way_to_know_it_there_is_no_target(act, sysadmin):
    for reader in ("", "abc"):
        with pytest.raises(tk.ValidationError) as refused:
            act(sysadmin, "edomex_target_create", name="x-y", title="X", kind="pulled", url="https://x.example.org", reader=reader)
        assert list(refused.value.error_dict) == ["reader"]


def test_what_it_read_is_known(app, puller, publish, shown):
    assert "Todavía no ha leído nada" in shown()["trouble"]
    publish(title="Pozos")
    first = read(app, "/catalog.ttl")
    again = read(app, "/data.json")
    found = shown()
    assert (first.status_code, again.status_code) == (200, 200)
    assert [(each["path"], each["status"], each["agent"]) for each in found["readings"]] == [
        ("/data.json", 200, AGENT), ("/catalog.ttl", 200, AGENT),
    ]  # fmt: skip
    assert (found["answered_at"], found["behind"], found["behind_since"], found["trouble"], found["alarm"]) == (
        found["readings"][0]["read_at"], 0, None, None, False,
    )  # fmt: skip


def test_one_that_has_it_already_is_in_step_too(app, puller, publish, shown):
    publish(title="Pozos")
    tag = read(app, "/catalog.ttl").headers["ETag"]
    earlier(hours=1)
    assert read(app, "/catalog.ttl", **{"If-None-Match": tag}).status_code == 304
    assert [(each["path"], each["status"]) for each in shown()["readings"]] == [("/catalog.ttl", 304)]


def test_others_and_other_pages_are_not_noted(app, puller, publish, shown):
    dataset = publish(title="Pozos")
    read(app, "/catalog.ttl", agent="Mozilla/5.0")
    read(app, "/catalog.ttl", agent="")
    for path in (f"/dataset/{dataset['name']}", "/sitemap.xml", "/vocabularios.ttl"):
        read(app, path)
    app.test_client().head("/catalog.ttl", headers={"User-Agent": AGENT})
    app.get("/ninguna/catalogo.json", headers={"User-Agent": AGENT}, status=404)
    assert shown()["readings"] == []


def test_what_changed_since_is_counted_and_told_after_a_week(app, puller, publish, shown):
    publish(title="Antes")
    read(app, "/catalog.ttl")
    publish(title="Después")
    found = shown()
    assert (found["behind"], found["alarm"], found["trouble"]) == (1, False, None)
    assert found["behind_since"] > found["answered_at"]
    earlier(days=9)
    with model.meta.engine.begin() as connection:
        back = "UPDATE package SET metadata_modified = metadata_modified - interval '8 days' WHERE title = 'Después'"
        connection.execute(sa.text(back))
    found = shown()
    assert (found["behind"], found["alarm"], found["trouble"]) == (2, True, SILENT)
    read(app, "/catalog.ttl")
    assert (shown()["behind"], shown()["alarm"]) == (0, False)


def test_a_withdrawal_that_it_has_not_read_counts_too(app, puller, publish, withdraw, shown, act, editor, agency):
    dataset, before = publish(title="Pozos"), publish(title="Antes")
    withdraw(before)
    read(app, "/catalog.ttl")
    act(editor, "package_create", title="Nunca fue público", owner_org=agency["id"])
    withdraw(dataset)
    found = shown()
    assert (found["behind"], found["alarm"]) == (1, False)
    assert found["behind_since"] > found["answered_at"]
    earlier(days=9)
    with model.meta.engine.begin() as connection:
        back = "release_at = release_at - interval '8 days', released_at = released_at - interval '8 days'"
        connection.execute(sa.text(f"UPDATE edomex_release SET {back} WHERE kind = 'withdrawal'"))
    found = shown()
    assert (found["behind"], found["alarm"], found["trouble"]) == (2, True, SILENT)
    read(app, "/catalog.ttl")
    assert (shown()["behind"], shown()["alarm"]) == (0, False)


def test_one_that_is_turned_off_is_not_noted(app, puller, publish, shown, act, sysadmin):
    publish(title="Pozos")
    act(sysadmin, "edomex_target_update", id=puller, enabled=False)
    read(app, "/catalog.ttl")
    assert shown()["readings"] == []


def test_a_reading_that_cannot_be_noted_ends_no_answer(app, puller, publish, shown, caplog):
    publish(title="Pozos")
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE edomex_outbound_reading RENAME TO edomex_outbound_reading_gone"))
    try:
        assert read(app, "/catalog.ttl").status_code == 200
    finally:
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE edomex_outbound_reading_gone RENAME TO edomex_outbound_reading"))
    assert any(getattr(record, "event", "") == "outbound.reading_not_noted" for record in caplog.records)


def test_its_page_says_so(app, puller, publish, manager, shown):
    publish(title="Pozos")
    read(app, "/catalog.ttl")
    token = factories.APIToken(user=manager["name"])["token"]
    page = app.get("/autoservicio/federacion/federal", headers={"Authorization": token})
    assert "Qué leyó" in page.text
    assert "/catalog.ttl" in page.text


def earlier(**time):
    """Let what was read be read so much earlier."""
    with model.meta.engine.begin() as connection:
        ago = "UPDATE edomex_outbound_reading SET read_at = read_at - make_interval(days => :days, hours => :hours)"
        connection.execute(sa.text(ago), {"days": 0, "hours": 0, **time})
