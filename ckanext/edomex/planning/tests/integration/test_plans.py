"""Plans through their actions: derived, sent, approved by another person, opened as datasets, and never public by themselves."""

import contextvars
import io
import threading
import time

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from werkzeug.datastructures import FileStorage

from ckanext.edomex.adapters import storage
from ckanext.edomex.planning.domain.permissions import PERMISSIONS
from ckanext.edomex.planning.domain.plan import LINE_FIELDS
from ckanext.edomex.planning.model import Line, hold
from ckanext.edomex.release.jobs import leftovers

HEAD = {"vision": "Abrir lo útil", "liaison_post": "Coordinación de datos", "liaison_mail": "datos@dependencia.example.org"}


@pytest.fixture
def plan(act, editor, agency, row):
    """A plan of 2027 with one line."""
    row(decision="abrir", expected="2027-03", frequency="Trimestral", description="Mediciones")
    return act(editor, "edomex_plan_create", agency=agency["id"], year=2027, **HEAD)


@pytest.fixture
def approved(act, editor, reviewer, plan):
    act(editor, "edomex_plan_submit", id=plan["id"])
    return act(reviewer, "edomex_plan_approve", id=plan["id"])


def document(name="oficio.pdf", content=b"%PDF-1.4 oficio"):
    return FileStorage(io.BytesIO(content), filename=name)


def test_lines_follow_the_inventory(act, editor, agency, row, plan):
    assert [(line["name"], line["committed"], line["responsible"]) for line in plan["lines"]] == [
        ("Calidad del agua", "2027-03", "Dirección de Agua")
    ]
    other = row("Padrón de pozos", decision="abrir", expected="2027-09")
    row("De otro año", decision="abrir", expected="2028-09")
    row("Sin decidir", expected="2027-09")
    assert act(editor, "edomex_plan_show", id=plan["id"])["behind"] == 1
    derived = act(editor, "edomex_plan_derive", id=plan["id"])
    assert ([line["name"] for line in derived["lines"]], derived["behind"]) == (["Calidad del agua", "Padrón de pozos"], 0)
    act(editor, "edomex_inventory_update", id=other["id"], version=1, name="Padrón de pozos del estado", expected="2027-10")
    assert act(editor, "edomex_plan_show", id=plan["id"])["lines"][1]["committed"] == "2027-10"
    with pytest.raises(tk.ValidationError, match="plan de apertura de 2027"):
        act(editor, "edomex_inventory_delete", id=other["id"], version=2)
    act(editor, "edomex_inventory_update", id=other["id"], version=2, decision="por_decidir")
    assert len(act(editor, "edomex_plan_derive", id=plan["id"])["lines"]) == 1
    act(editor, "edomex_inventory_delete", id=other["id"], version=3)


def test_a_row_that_a_plan_takes_in_this_instant_is_not_deleted(act, editor, agency, row, plan):
    made = row("Padrón de pozos", decision="abrir", expected="2027-09")
    said = []

    def delete():
        try:
            said.append(act(editor, "edomex_inventory_delete", id=made["id"], version=1))
        except tk.ValidationError as error:
            said.append(str(error))
        finally:
            model.Session.remove()

    thread = threading.Thread(target=contextvars.copy_context().run, args=(delete,))
    blank = {name: each.blank() for name, each in LINE_FIELDS.items()}
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with model.meta.engine.begin() as other:
        hold(other, agency["id"])
        line = {"plan_id": plan["id"], "agency_id": agency["id"], "item_id": made["id"], **blank}
        other.execute(sa.insert(Line).values(**line))
        thread.start()
        while thread.is_alive() and not other.execute(waiting).scalar_one():
            time.sleep(0.01)
    thread.join()
    assert "plan de apertura de 2027" in str(said[0])
    assert [each["item_id"] for each in act(editor, "edomex_plan_show", id=plan["id"])["lines"]].count(made["id"]) == 1


def test_one_plan_a_year(act, editor, agency, plan):
    with pytest.raises(tk.ValidationError, match="Ya hay un plan de 2027"):
        act(editor, "edomex_plan_create", agency=agency["id"], year=2027)
    for year in ("", "x", 1917):
        with pytest.raises(tk.ValidationError):
            act(editor, "edomex_plan_create", agency=agency["id"], year=year)
    assert [each["year"] for each in act(editor, "edomex_plan_list", agency=agency["name"])] == [2027]


def test_a_line_has_a_date_of_its_own_in_the_plans_year(act, editor, plan):
    line = plan["lines"][0]
    changed = act(editor, "edomex_plan_line_update", id=line["id"], version=1, committed="15/04/2027", priority="Alta")
    assert (changed["committed"], changed["priority"], changed["version"]) == ("2027-04-15", "alta", 2)
    with pytest.raises(tk.ValidationError) as error:
        act(editor, "edomex_plan_line_update", id=line["id"], version=1, notes="x")
    assert error.value.error_dict["version"] == 2
    for committed in ("2028-01", "2027-02-30"):
        with pytest.raises(tk.ValidationError) as error:
            act(editor, "edomex_plan_line_update", id=line["id"], version=2, committed=committed)
        assert "committed" in error.value.error_dict


def test_the_way_of_a_plan(act, editor, reviewer, sysadmin, plan):
    with pytest.raises(tk.ValidationError) as error:
        act(reviewer, "edomex_plan_approve", id=plan["id"])
    assert (error.value.error_dict["state"], error.value.error_dict["allowed"]) == ("draft", ["submit"])
    act(editor, "edomex_plan_submit", id=plan["id"])
    for action, given in (("edomex_plan_update", {"vision": "x"}), ("edomex_plan_derive", {}), ("edomex_plan_submit", {})):
        with pytest.raises(tk.ValidationError) as error:
            act(editor, action, id=plan["id"], version=2, **given)
        assert error.value.error_dict["state"] == "submitted"
    returned = act(reviewer, "edomex_plan_return", id=plan["id"], reason="Falta el padrón")
    assert returned["state"] == "draft"
    act(editor, "edomex_plan_submit", id=plan["id"])
    approved = act(reviewer, "edomex_plan_approve", id=plan["id"])
    assert (approved["state"], approved["submitted_by"], approved["approved_by"]) == ("approved", editor["name"], reviewer["name"])
    with pytest.raises(tk.ValidationError, match="Escriba el motivo"):
        act(editor, "edomex_plan_reopen", id=plan["id"], reason=" ")
    assert act(editor, "edomex_plan_reopen", id=plan["id"], reason="Cambió una fecha")["state"] == "draft"
    history = act(reviewer, "edomex_plan_history", id=plan["id"])
    assert [event["move"] for event in history if event["kind"] == "plan"] == [
        "reopen", "approve", "submit", "return", "submit", "create"
    ]  # fmt: skip
    assert history[0]["changes"]["content"][0]["lines"][0]["name"] == "Calidad del agua"


def test_nobody_approves_what_they_sent_and_the_database_says_so_too(act, sysadmin, plan):
    act(sysadmin, "edomex_plan_submit", id=plan["id"])
    with pytest.raises(tk.NotAuthorized, match="otra persona"):
        act(sysadmin, "edomex_plan_approve", id=plan["id"])
    for statement in ("SET approved_by = submitted_by", "SET state = 'approved'"):
        with pytest.raises(sa.exc.IntegrityError):
            model.Session.execute(sa.text(f"UPDATE edomex_planning_plan {statement}"))
        model.Session.rollback()


def test_what_is_not_complete_is_not_sent(act, editor, agency):
    plan = act(editor, "edomex_plan_create", agency=agency["id"], year=2027)
    with pytest.raises(tk.ValidationError) as error:
        act(editor, "edomex_plan_submit", id=plan["id"])
    assert set(error.value.error_dict) == {"vision", "liaison_post", "liaison_mail", "lines"}


def test_what_changed_since_it_was_sent_is_not_approved(act, editor, reviewer, plan):
    act(editor, "edomex_plan_submit", id=plan["id"])
    act(editor, "edomex_inventory_update", id=plan["lines"][0]["item_id"], version=1, name="Otra cosa")
    with pytest.raises(tk.ValidationError, match="cambió después del envío"):
        act(reviewer, "edomex_plan_approve", id=plan["id"])


def test_an_approved_plan_says_what_was_approved(act, editor, approved):
    act(editor, "edomex_inventory_update", id=approved["lines"][0]["item_id"], version=1, name="Otra cosa")
    assert act(editor, "edomex_plan_export", id=approved["id"])[1][0] == "Calidad del agua"
    assert act(editor, "edomex_plan_show", id=approved["id"])["differs"] is True
    assert act(editor, "edomex_plan_export", id=approved["id"], layout="adela")[1][-1] == "2027-03-31"


def test_a_line_becomes_a_private_draft_once(act, editor, reviewer, agency, plan):
    line = plan["lines"][0]
    made = act(editor, "edomex_plan_line_draft", id=line["id"])["dataset"]
    assert act(editor, "edomex_plan_line_draft", id=line["id"])["dataset"] == made
    dataset = act(editor, "package_show", id=made["id"])
    assert (dataset["title"], dataset["owner_org"], dataset["private"]) == ("Calidad del agua", agency["id"], True)
    assert (dataset["frequency"], dataset["contact_unit"], dataset["notes"]) == ("R/P3M", "Dirección de Agua", "Mediciones")
    told = act(editor, "edomex_plan_commitment", dataset_id=made["id"])
    assert (told["year"], told["committed"], told["day"]) == (2027, "2027-03", "2027-03-31")
    # Until it is sent, the draft is its agency's alone: who reviews plans does not learn of it.
    assert act(reviewer, "edomex_plan_show", id=plan["id"])["lines"][0]["dataset"] is None
    with pytest.raises(tk.ObjectNotFound):
        act(None, "package_show", id=made["id"])
    found = act(editor, "package_search", fq=f"id:{made['id']}", include_private=True)
    assert found["count"] == 1
    act(editor, "package_delete", id=made["id"])
    other = act(editor, "edomex_plan_line_draft", id=line["id"])["dataset"]
    assert other["id"] != made["id"]
    history = act(editor, "edomex_plan_history", id=plan["id"])
    drafts = [each["changes"]["dataset_id"] for each in history if each["move"] == "draft"]
    assert drafts == [[made["id"], other["id"]], [None, made["id"]]]


def test_a_draft_that_cannot_be_made_leaves_no_link(act, editor, plan, monkeypatch):
    line = plan["lines"][0]
    item = act(editor, "edomex_inventory_show", id=line["item_id"])
    model.Session.execute(sa.text("UPDATE edomex_planning_item SET name = repeat('x', 300)"))
    model.Session.commit()
    with pytest.raises(tk.ValidationError):
        act(editor, "edomex_plan_line_draft", id=line["id"])
    assert act(editor, "edomex_plan_show", id=plan["id"])["lines"][0]["dataset"] is None and item["name"]


def test_a_plan_is_published_as_any_dataset_is(act, editor, reviewer, plan):
    with pytest.raises(tk.ValidationError, match="Solo se publica un plan aprobado"):
        act(editor, "edomex_plan_publish", id=plan["id"])
    act(editor, "edomex_plan_submit", id=plan["id"])
    act(reviewer, "edomex_plan_approve", id=plan["id"])
    dataset_id = act(editor, "edomex_plan_publish", id=plan["id"])["dataset_id"]
    assert act(editor, "edomex_plan_publish", id=plan["id"])["dataset_id"] == dataset_id
    dataset = act(editor, "package_show", id=dataset_id)
    assert dataset["private"] is True and dataset["title"].startswith("Plan de apertura institucional 2027 de ")
    (file,) = dataset["resources"]
    content = b"".join(storage.read(file["sha256"]))
    assert "Fecha publicación 2027".encode() in content and b"Calidad del agua" in content
    assert b"dependencia.example.org" not in content
    act(editor, "edomex_plan_reopen", id=plan["id"], reason="Cambió una fecha")
    act(editor, "edomex_plan_line_update", id=plan["lines"][0]["id"], version=1, committed="2027-05")
    act(editor, "edomex_plan_submit", id=plan["id"])
    act(reviewer, "edomex_plan_approve", id=plan["id"])
    assert act(editor, "edomex_plan_publish", id=plan["id"])["dataset_id"] == dataset_id
    (after,) = act(editor, "package_show", id=dataset_id)["resources"]
    assert after["id"] == file["id"] and b"2027-05" in b"".join(storage.read(after["sha256"]))


def test_documents_stay_with_agency_and_state_and_are_not_swept(act, editor, reviewer, stranger, plan, monkeypatch):
    kept = act(editor, "edomex_plan_document_add", id=plan["id"], title="Oficio 12/2027", upload=document())
    assert act(reviewer, "edomex_plan_document_show", id=kept["id"])["filename"] == "oficio.pdf"
    for who, error in ((stranger, tk.ObjectNotFound), (None, tk.NotAuthorized)):
        with pytest.raises(error):
            act(who, "edomex_plan_document_show", id=kept["id"])
    for upload in (None, document("programa.exe"), document("pagina.html")):
        with pytest.raises(tk.ValidationError) as refused:
            act(editor, "edomex_plan_document_add", id=plan["id"], upload=upload)
        assert "upload" in refused.value.error_dict
    monkeypatch.setitem(tk.config, "ckanext.edomex.release.keep_files_days", -1)
    leftovers.sweep(model.meta.engine)
    assert storage.size_of(kept["sha256"]) == kept["size"]
    act(editor, "edomex_plan_document_remove", id=kept["id"])
    with pytest.raises(tk.ObjectNotFound):
        act(editor, "edomex_plan_document_show", id=kept["id"])
    assert act(editor, "edomex_plan_history", id=plan["id"])[0]["move"] == "document_remove"


def parameters(name, plan, kept, agency):
    line = plan["lines"][0]["id"]
    known = {
        "edomex_plan_list": {"agency": agency["id"]},
        "edomex_plan_create": {"agency": agency["id"], "year": 2028},
        "edomex_plan_line_update": {"id": line, "version": 1, "notes": "x"},
        "edomex_plan_line_draft": {"id": line},
        "edomex_plan_commitment": {"dataset_id": plan["lines"][0]["id"]},
        "edomex_plan_document_show": {"id": kept["id"]},
        "edomex_plan_document_remove": {"id": kept["id"]},
        "edomex_plan_document_add": {"id": plan["id"], "upload": document()},
    }
    return known.get(name, {"id": plan["id"], "version": 1, "reason": "Porque sí"})


#: These name no agency: each is shown what is theirs.
OF_ALL = {"edomex_plan_cycle_list", "edomex_plan_due_list"}


@pytest.mark.parametrize("name", sorted(OF_ALL))
def test_lists_over_all_agencies_show_each_their_own(act, editor, agency, plan, reviewer, stranger, name):
    if name == "edomex_plan_due_list":
        act(editor, "edomex_plan_submit", id=plan["id"])
        act(reviewer, "edomex_plan_approve", id=plan["id"])
    asked = {"within": 4000} if name == "edomex_plan_due_list" else {}
    for who in (editor, reviewer):
        assert {row["agency_id"] for row in act(who, name, **asked)} == {agency["id"]}
    assert act(stranger, name, **asked) == []
    with pytest.raises(tk.NotAuthorized):
        act(None, name, **asked)


def test_commitments_that_are_due_stand_on_the_start_page_of_those_concerned(act, visit, editor, agency, row, reviewer, stranger):
    row("Aforo de presas", decision="abrir", expected="2024-03", frequency="Anual", description="Aforos")
    plan = act(editor, "edomex_plan_create", agency=agency["id"], year=2024, **HEAD)
    act(editor, "edomex_plan_submit", id=plan["id"])
    assert "Compromisos del plan que tocan" not in visit(editor, "/autoservicio").body
    act(reviewer, "edomex_plan_approve", id=plan["id"])
    for who in (editor, reviewer):
        page = visit(who, "/autoservicio").body
        assert "Aforo de presas" in page and "Atrasados: 1" in page and "31 de marzo de 2024" in page
    assert "Aforo de presas" not in visit(stranger, "/autoservicio").body


@pytest.mark.parametrize("name", sorted({name for name in PERMISSIONS if name.startswith("edomex_plan")} - OF_ALL))
def test_who_may_what(act, editor, agency, plan, reviewer, stranger, name):
    kept = act(editor, "edomex_plan_document_add", id=plan["id"], upload=document())
    before = act(editor, "edomex_plan_show", id=plan["id"])
    asked = parameters(name, plan, kept, agency)
    with pytest.raises(tk.ObjectNotFound):
        act(stranger, name, **asked)
    with pytest.raises(tk.NotAuthorized):
        act(None, name, **asked)
    if "reviewer" not in PERMISSIONS[name]:
        with pytest.raises(tk.NotAuthorized):
            act(reviewer, name, **asked)
    elif "editor" not in PERMISSIONS[name]:
        with pytest.raises(tk.NotAuthorized):
            act(editor, name, **asked)
    assert act(editor, "edomex_plan_show", id=plan["id"]) == before
