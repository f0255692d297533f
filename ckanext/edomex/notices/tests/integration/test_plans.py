"""Steps of opening plans are told within their own transaction: with the step, or not at all."""

import pytest
from ckan.plugins import toolkit as tk

from ckanext.edomex.notices.model import Notice
from ckanext.edomex.notices.tests.integration.post import sql

OFFICIALS = {
    "vision": "Datos que sirven", "liaison_name": "Enlace", "liaison_post": "Dirección", "liaison_mail": "enlace@edomex.example.org",
    "admin_name": "Administradora", "admin_post": "Subdirección", "admin_mail": "datos@edomex.example.org",
}  # fmt: skip


@pytest.fixture
def plan(act, editor, agency):
    """A plan with a line, ready to be sent."""
    act(
        editor, "edomex_inventory_create", agency=agency["id"], name="Calidad del agua", responsible="Dirección de Agua",
        decision="abrir", expected="2027-03", frequency="R/P1Y", description="Mediciones",
        resources=[{"name": "Pozos", "about": "Mediciones por pozo"}],
    )  # fmt: skip
    return act(editor, "edomex_plan_create", agency=agency["id"], year=2027, **OFFICIALS)


def test_sent_returned_and_approved(box, act, editor, reviewer, agency, plan, send, address, rows):
    act(editor, "edomex_plan_submit", id=plan["id"])
    (notice,) = act(reviewer, "edomex_notice_list")["notices"]
    assert (notice["kind"], notice["path"]) == ("plan_submitted", f"/autoservicio/plan/{plan['id']}")
    act(reviewer, "edomex_plan_return", id=plan["id"], reason="Falta una fecha.")
    act(editor, "edomex_plan_submit", id=plan["id"])
    act(reviewer, "edomex_plan_approve", id=plan["id"])
    assert [each["kind"] for each in act(editor, "edomex_notice_list")["notices"]] == ["plan_approved", "plan_returned"]
    send()
    assert [subject for subject, _ in box.letters(address(editor))] == [
        "El plan de apertura de su dependencia tiene observaciones", "Se aprobó el plan de apertura de su dependencia",
    ]  # fmt: skip
    assert address(reviewer) not in box.to


def test_a_step_that_was_refused_is_not_told(act, editor, reviewer, plan, rows):
    with pytest.raises(tk.ValidationError):
        act(reviewer, "edomex_plan_approve", id=plan["id"])
    assert rows(Notice) == []


def test_a_step_that_was_not_committed_is_not_told(act, editor, plan, rows):
    """PostgreSQL refuses at the end: the plan is as it was, and nobody hears of it."""
    sql("CREATE FUNCTION edomex_test_no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$")
    sql(
        "CREATE CONSTRAINT TRIGGER edomex_test_no AFTER UPDATE ON edomex_planning_plan DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION edomex_test_no()"
    )
    try:
        with pytest.raises(Exception, match="no"):
            act(editor, "edomex_plan_submit", id=plan["id"])
    finally:
        sql("DROP FUNCTION edomex_test_no() CASCADE")
    assert rows(Notice) == []
