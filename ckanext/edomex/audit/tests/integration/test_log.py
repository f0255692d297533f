"""The log and the receipts: who sees them, what they say, how they leave the portal."""

import csv
import io
import json

import pytest
from ckan.plugins import toolkit as tk
from ckan.tests import factories

LOG = "/autoservicio/bitacora"
TITLE = "Pozos de agua"


@pytest.fixture
def passed(act, reviewer, manager, sent, seal):
    """A release that was sent, approved and moved; sealed."""
    release = sent(TITLE)
    act(reviewer, "edomex_release_approve", id=release["id"], release_at="2031-01-01T09:00:00-06:00")
    act(manager, "edomex_release_reschedule", id=release["id"], release_at="2031-02-01T09:00:00-06:00", reason="=HYPERLINK(1)")
    assert seal() == 3
    return release


@pytest.fixture
def folio(act, editor, passed):
    """Of the submission."""
    return act(editor, "edomex_audit_list")["steps"][-1]["folio"]


def moves(found):
    return [step["move"] for step in found["steps"]]


class TestList:
    def test_says_who_did_what_to_what_and_why(self, act, editor, manager, agency, passed):
        found = act(editor, "edomex_audit_list")
        assert moves(found) == ["reschedule", "approve", "submit"]
        newest, approval, submission = found["steps"]
        assert (newest["what"], newest["reason"], newest["by"]) == ("Fecha cambiada", "=HYPERLINK(1)", manager["name"])
        assert (submission["by"], submission["called"], submission["agency"]["name"]) == (editor["name"], TITLE, agency["name"])
        assert submission["path"] == f"/autoservicio/liberacion/{passed['id']}"
        assert len(submission["content_hash"]) == 64
        assert submission["content_hash"] == approval["content_hash"]

    def test_each_sees_their_own_and_the_state_sees_all(self, act, editor, stranger, reviewer, manager, sysadmin, agency, passed):
        member = factories.User()
        act(sysadmin, "organization_member_create", id=agency["id"], username=member["name"], role="member")
        for person in (editor, reviewer, manager, sysadmin):
            assert len(act(person, "edomex_audit_list")["steps"]) == 3
        for person in (stranger, member):
            assert act(person, "edomex_audit_list") == {"steps": [], "next": None}
            with pytest.raises(tk.ObjectNotFound):
                act(person, "edomex_audit_list", agency=agency["name"])
        with pytest.raises(tk.NotAuthorized):
            act(None, "edomex_audit_list")

    def test_pages_and_filters(self, act, editor, agency, passed, sent, seal):
        first = act(editor, "edomex_audit_list", limit=2)
        second = act(editor, "edomex_audit_list", limit=2, before=first["next"])
        assert (moves(first), moves(second), second["next"]) == (["reschedule", "approve"], ["submit"], None)
        sent("Otro")
        seal()
        assert moves(act(editor, "edomex_audit_list", ledger="release", subject=passed["id"])) == ["reschedule", "approve", "submit"]
        assert len(act(editor, "edomex_audit_list", subject=passed["id"])["steps"]) == 3
        assert act(editor, "edomex_audit_list", ledger="planning")["steps"] == []
        assert len(act(editor, "edomex_audit_list", agency=agency["name"])["steps"]) == 4
        assert act(editor, "edomex_audit_list", to="2020-01-01")["steps"] == []
        assert len(act(editor, "edomex_audit_list", **{"from": "2020-01-01", "to": "2200-01-01"})["steps"]) == 4

    def test_a_plan_is_approved_as_it_was_sent(self, act, editor, reviewer, agency, seal):
        given = {"responsible": "Dirección de Agua", "resources": [{"name": "Pozos", "about": "Mediciones por pozo"}]}
        row = {"decision": "abrir", "expected": "2027-03", "frequency": "Trimestral", "description": "Mediciones", **given}
        item = act(editor, "edomex_inventory_create", agency=agency["id"], name="Calidad del agua", **row)
        head = {"vision": "Abrir lo útil", "liaison_post": "Coordinación", "liaison_mail": "datos@dependencia.example.org"}
        plan = act(editor, "edomex_plan_create", agency=agency["id"], year=2027, **head)
        act(editor, "edomex_plan_submit", id=plan["id"])
        act(reviewer, "edomex_plan_approve", id=plan["id"])
        seal()
        approved, sent = act(editor, "edomex_audit_list", subject=plan["id"])["steps"][:2]
        assert (sent["what"], approved["what"]) == ("Se envió a aprobación", "Se aprobó")
        assert (sent["by"], approved["by"]) == (editor["name"], reviewer["name"])
        assert len(sent["content_hash"]) == 64
        assert sent["content_hash"] == approved["content_hash"]
        (kept,) = act(editor, "edomex_audit_list", subject=item["id"])["steps"]
        assert (kept["called"], kept["path"]) == ("Calidad del agua", f"/autoservicio/inventario/renglon/{item['id']}")

    @pytest.mark.parametrize("wrong", [{"from": "mañana"}, {"to": "2027-13-01"}, {"ledger": "paloma"}, {"before": "x"}])
    def test_what_is_wrong_is_said(self, act, editor, wrong):
        with pytest.raises(tk.ValidationError) as caught:
            act(editor, "edomex_audit_list", **wrong)
        assert set(caught.value.error_dict) == set(wrong)

    def test_a_step_whose_event_is_gone_still_has_its_seal(self, act, editor, passed, tamper):
        tamper("edomex_release_event", "DELETE FROM edomex_release_event WHERE move = 'approve'")
        found = act(editor, "edomex_audit_list")["steps"]
        assert [step["what"].startswith("El movimiento ya no está") for step in found] == [False, True, False]
        assert act(editor, "edomex_audit_show", folio=found[1]["folio"])["intact"] is False

    def test_the_agency_keeps_its_steps_when_the_dataset_is_purged(self, act, editor, manager, sysadmin, sent, seal):
        release = sent("Se va")
        act(manager, "edomex_release_cancel", id=release["id"], reason="No procede.")
        seal()
        act(sysadmin, "dataset_purge", id=release["dataset_id"])
        assert moves(act(editor, "edomex_audit_list")) == ["cancel", "submit"]


class TestShow:
    def test_can_be_computed_again(self, act, editor, folio):
        from hashlib import sha256

        found = act(editor, "edomex_audit_show", folio=folio.lower())
        assert found["intact"] is True
        assert sha256(found["event_text"].encode()).hexdigest() == found["event_hash"]
        assert sha256(found["chain_text"].encode()).hexdigest() == found["chain"]

    def test_is_of_nobody_else(self, act, stranger, folio):
        with pytest.raises(tk.ObjectNotFound):
            act(stranger, "edomex_audit_show", folio=folio)
        with pytest.raises(tk.NotAuthorized):
            act(None, "edomex_audit_show", folio=folio)

    def test_a_mistyped_one_is_told(self, act, editor, folio):
        other = "A" if folio[-1] != "A" else "B"
        with pytest.raises(tk.ValidationError, match="carácter equivocado"):
            act(editor, "edomex_audit_show", folio=folio[:-1] + other)

    def test_one_of_another_year_is_none(self, act, editor, folio):
        from ckanext.edomex.audit.domain.folios import Folio, parsed

        real = parsed(folio, "EDOMEX")
        with pytest.raises(tk.ObjectNotFound):
            act(editor, "edomex_audit_show", folio=str(Folio(prefix="EDOMEX", year=real.year + 1, position=real.position)))

    def test_what_was_changed_is_told(self, act, editor, folio, tamper):
        tamper("edomex_release_event", "UPDATE edomex_release_event SET actor = 'otra' WHERE move = 'submit'")
        assert act(editor, "edomex_audit_show", folio=folio)["intact"] is False


class TestExport:
    def test_a_table_that_no_spreadsheet_runs(self, act, editor, passed):
        found = act(editor, "edomex_audit_export")
        rows = list(csv.DictReader(io.StringIO(found["content"].lstrip("\ufeff"))))
        assert [row["qué pasó"] for row in rows] == ["Enviado a revisión", "Aprobado", "Fecha cambiada"]
        assert rows[2]["motivo"] == "'=HYPERLINK(1)"
        assert rows[0]["momento"].endswith("-06:00")
        assert rows[0]["página"] == f"http://test.ckan.net/autoservicio/liberacion/{passed['id']}"
        assert all(row["folio"].startswith("EDOMEX-") for row in rows)

    def test_lines_of_json(self, act, editor, passed):
        lines = act(editor, "edomex_audit_export", format="jsonl")["content"].splitlines()
        assert [json.loads(line)["move"] for line in lines] == ["submit", "approve", "reschedule"]

    def test_holds_what_the_caller_may_read_and_no_more(self, act, stranger, agency, passed):
        assert len(act(stranger, "edomex_audit_export")["content"].splitlines()) == 1
        with pytest.raises(tk.ObjectNotFound):
            act(stranger, "edomex_audit_export", agency=agency["name"])

    def test_by_command_for_one_agency_or_all(self, run, agency, passed, tmp_path):
        status, said = run("export", "--format", "jsonl")
        assert (status, len(said.splitlines())) == (0, 3)
        file = tmp_path / "bitacora.csv"
        assert run("export", "--agency", agency["name"], "--from", "2020-01-01", "--to", "2200-01-01", "--output", file)[0] == 0
        assert file.read_bytes().startswith(b"\xef\xbb\xbf")
        assert len(file.read_text(encoding="utf-8").splitlines()) == 4
        assert run("export", "--to", "2020-01-01", "--format", "jsonl") == (0, "")
        assert run("export", "--agency", "nadie")[0] == 1


class TestPages:
    def test_a_visitor_is_sent_to_log_in(self, visit, folio):
        for path in (LOG, f"{LOG}.csv", f"/autoservicio/folios/{folio}"):
            assert "/user/login" in visit(None, path).headers["Location"]

    def test_a_receipt_says_it_all_to_its_agency_and_nothing_to_others(self, visit, editor, reviewer, stranger, folio):
        path = f"/autoservicio/folios/{folio}"
        for person in (editor, reviewer):
            page = visit(person, path)
            assert page.status_code == 200
            for said in (folio, "Enviado a revisión", editor["name"], "verify --head 1:"):
                assert said in page.body
        assert TITLE in visit(editor, path).body
        assert "coinciden" in page.body
        assert visit(stranger, path).status_code == 404
        assert visit(editor, f"{path[:-1]}!").status_code == 404

    def test_a_receipt_that_no_longer_holds_says_so(self, visit, editor, folio, tamper):
        tamper("edomex_release_event", "UPDATE edomex_release_event SET reason = 'x' WHERE move = 'submit'")
        assert "ya no coincide" in visit(editor, f"/autoservicio/folios/{folio}").body

    def test_the_release_and_the_start_lead_there(self, visit, editor, passed, folio):
        page = visit(editor, f"/autoservicio/liberacion/{passed['id']}").body
        assert "Acuses" in page and f"/autoservicio/folios/{folio}" in page
        assert LOG in visit(editor, "/autoservicio").body

    def test_the_plan_leads_there(self, visit, act, editor, agency, seal):
        plan = act(editor, "edomex_plan_create", agency=agency["name"], year=2031)
        page = f"/autoservicio/plan/{plan['id']}"
        assert "aparece aquí unos segundos después" in visit(editor, page).body
        seal()
        (step,) = act(editor, "edomex_audit_list", ledger="planning")["steps"]
        assert (step["what"], step["called"], step["path"]) == ("Se registró", "Plan de apertura 2031", page)
        assert f"/autoservicio/folios/{step['folio']}" in visit(editor, page).body

    def test_the_log_filters_and_finds_a_folio(self, visit, editor, agency, folio):
        assert TITLE in visit(editor, LOG).body
        assert "No hay pasos sellados con esos filtros" in visit(editor, f"{LOG}?ambito=planning").body
        assert visit(editor, f"{LOG}?folio={folio.lower()}").headers["Location"].endswith(f"/autoservicio/folios/{folio}")
        for query, said in {"folio=x": "Un folio se escribe como", "desde=ayer": "No se entiende la fecha"}.items():
            wrong = visit(editor, f"{LOG}?{query}")
            assert (wrong.status_code, said in wrong.body) == (400, True)

    def test_the_file_is_private(self, visit, editor, stranger, passed):
        answer = visit(editor, f"{LOG}.csv?ambito=release")
        assert answer.headers["Cache-Control"].startswith("private, no-store")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "Fecha cambiada" in answer.body
        assert "Fecha cambiada" not in visit(stranger, f"{LOG}.csv").body
        assert visit(editor, f"{LOG}.csv?desde=ayer").status_code == 400

    def test_another_agencys_log_is_no_page(self, visit, stranger, agency, passed):
        for path in (LOG, f"{LOG}.csv"):
            assert visit(stranger, f"{path}?dependencia={agency['name']}").status_code == 404
