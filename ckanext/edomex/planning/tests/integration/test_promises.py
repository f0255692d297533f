"""Provisional dates: what a published plan promises, until it is public; nothing of a plan that is not."""

import pytest
from ckan import model

from ckanext.edomex.release.jobs import engine

HEAD = {"vision": "Abrir lo útil", "liaison_post": "Coordinación de datos", "liaison_mail": "datos@dependencia.example.org"}


@pytest.fixture
def open_now(act, editor, reviewer):
    """Release a private dataset, or an edition of a public one, at once."""

    def make(dataset_id):
        release = act(editor, "edomex_release_submit", dataset_id=dataset_id)
        act(reviewer, "edomex_release_approve", id=release["id"], release_at="now")
        model.Session.commit()
        engine.release_due(model.meta.engine)
        model.Session.remove()

    return make


@pytest.fixture
def plan(act, editor, agency, reviewer, row):
    """An approved plan with one promise."""
    row(decision="abrir", expected="2031-03")
    made = act(editor, "edomex_plan_create", agency=agency["id"], year=2031, **HEAD)
    act(editor, "edomex_plan_submit", id=made["id"])
    act(reviewer, "edomex_plan_approve", id=made["id"])
    return made


@pytest.fixture
def published(act, editor, plan, open_now):
    open_now(act(editor, "edomex_plan_publish", id=plan["id"])["dataset_id"])
    return plan


def promises(act, **asked):
    return [(each["title"], each["committed"]) for each in act(None, "edomex_plan_promise_list", **asked)]


def test_a_plan_that_is_not_published_promises_nothing_in_public(act, visit, plan):
    assert promises(act) == []
    assert "Calidad del agua" not in visit(None, "/calendario").body


def test_a_published_one_does(act, visit, published, agency):
    assert promises(act) == [("Calidad del agua", "2031-03")]
    assert promises(act, agency=agency["name"], month="2031-03") == [("Calidad del agua", "2031-03")]
    assert promises(act, month="2031-04") == promises(act, agency="otra") == []
    page = visit(None, "/calendario").body
    assert "Fechas provisionales" in page
    assert "Calidad del agua" in page
    assert "Marzo de 2031" in page


def test_what_was_approved_anew_is_told_once_it_is_released(act, editor, reviewer, published, open_now):
    act(editor, "edomex_plan_reopen", id=published["id"], reason="Cambió una fecha")
    act(editor, "edomex_plan_line_update", id=published["lines"][0]["id"], version=1, committed="2031-05")
    act(editor, "edomex_plan_submit", id=published["id"])
    act(reviewer, "edomex_plan_approve", id=published["id"])
    draft = act(editor, "edomex_plan_publish", id=published["id"])["dataset_id"]
    assert promises(act) == [("Calidad del agua", "2031-03")]
    open_now(draft)
    assert promises(act) == [("Calidad del agua", "2031-05")]


def test_a_promise_that_is_kept_is_none_any_more(act, editor, published, open_now):
    line = act(editor, "edomex_plan_line_draft", id=published["lines"][0]["id"])
    assert promises(act) == [("Calidad del agua", "2031-03")]
    open_now(line["dataset"]["id"])
    assert promises(act) == []


def test_a_promise_that_is_kept_under_another_name_is_none_any_more_either(act, editor, published, open_now):
    line = published["lines"][0]
    act(editor, "edomex_inventory_update", id=line["item_id"], version=1, name="Calidad del agua potable")
    made = act(editor, "edomex_plan_line_draft", id=line["id"])
    assert promises(act) == [("Calidad del agua", "2031-03")]
    open_now(made["dataset"]["id"])
    assert promises(act) == []
    act(editor, "edomex_plan_reopen", id=published["id"], reason="Cambió una fecha")
    assert promises(act) == []
