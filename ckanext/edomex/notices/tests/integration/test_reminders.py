"""Reminders on the real portal: told once a stage, to the right people, of the right agency."""

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.edomex.notices.model import Notice
from ckanext.edomex.release.jobs import engine


@pytest.fixture
def monthly(due, pass_once):
    """A public dataset that says that it changes monthly, released so many days ago."""

    def make(days):
        (release,) = due(frequency="R/P1M")
        pass_once()
        back = sa.text(
            "UPDATE edomex_release SET release_at = release_at - make_interval(days => :days),"
            " due_at = due_at - make_interval(days => :days), released_at = released_at - make_interval(days => :days) WHERE id = :id"
        )
        with model.meta.engine.begin() as connection:
            connection.execute(back, {"days": days, "id": release["id"]})
        model.Session.remove()
        return release["dataset_id"]

    return make


@pytest.fixture
def reminders(rows):
    return lambda: sorted((each.kind, each.recipient) for each in rows(Notice) if each.happening.startswith("reminder:"))


def test_an_update_that_is_due_is_told_once_a_stage(monthly, morning, reminders, editor):
    account = model.User.get(editor["name"]).id
    monthly(27)
    morning()
    morning()
    assert reminders() == [("update_before", account)]


def test_an_overdue_update_is_told_to_the_states_unit_as_well(monthly, morning, reminders, editor, reviewer):
    monthly(40)
    morning()
    told = dict.fromkeys(who for kind, who in reminders() if kind == "update_after")
    assert {model.User.get(editor["name"]).id, model.User.get(reviewer["name"]).id} <= told.keys()


def test_what_was_updated_in_time_is_not_told(monthly, morning, reminders):
    monthly(5)
    morning()
    assert reminders() == []


def test_updates_that_are_due_stand_in_the_list_of_their_agency_alone(monthly, act, editor, stranger, reviewer, visit):
    dataset = monthly(40)
    found = act(editor, "edomex_update_due_list")
    assert (found["total"], found["overdue"], found["rows"][0]["dataset"]["id"]) == (1, 1, dataset)
    assert act(reviewer, "edomex_update_due_list")["total"] == 1
    assert act(stranger, "edomex_update_due_list") == {"total": 0, "overdue": 0, "rows": []}
    assert "Actualizaciones que tocan" in visit(editor, "/autoservicio").body
    assert "Actualizaciones que tocan" not in visit(stranger, "/autoservicio").body


def test_an_edition_takes_it_off_once_it_is_released(monthly, act, editor, reviewer):
    dataset = monthly(40)
    draft = act(editor, "edomex_release_edition_open", dataset_id=dataset)["draft_id"]
    assert act(editor, "edomex_update_due_list")["rows"][0]["has_edition"] is True
    act(editor, "package_patch", id=draft, notes="Al día")
    release = act(editor, "edomex_release_submit", dataset_id=draft)
    act(reviewer, "edomex_release_approve", id=release["id"], release_at="now")
    model.Session.commit()
    engine.release_due(model.meta.engine)
    model.Session.remove()
    assert act(editor, "edomex_update_due_list")["total"] == 0


def test_a_promise_of_the_plan_is_told_until_it_is_kept(act, editor, agency, reviewer, morning, reminders):
    today = model.Session.execute(sa.text("SELECT (clock_timestamp() AT TIME ZONE 'America/Mexico_City')::date")).scalar_one()
    resources = [{"name": "Pozos", "about": "Mediciones"}]
    act(
        editor, "edomex_inventory_create", agency=agency["id"], name="Agua", responsible="Dirección", resources=resources,
        decision="abrir", expected=today.isoformat(),
    )  # fmt: skip
    plan = act(editor, "edomex_plan_create", agency=agency["id"], year=today.year)
    act(
        editor, "edomex_plan_update", id=plan["id"], version=plan["version"], vision="Abrir", liaison_post="Enlace",
        liaison_mail="enlace@dependencia.example.org",
    )  # fmt: skip
    act(editor, "edomex_plan_submit", id=plan["id"])
    act(reviewer, "edomex_plan_approve", id=plan["id"])
    assert [row["overdue"] for row in act(editor, "edomex_plan_due_list")] == [False]
    morning()
    assert "promise_today" in {kind for kind, _ in reminders()}


def test_a_stranger_hears_of_no_promise(act, stranger):
    assert act(stranger, "edomex_plan_due_list") == []
    assert act(stranger, "edomex_plan_cycle_list") == []
