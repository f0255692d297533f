"""Pages of the Autoservicio and the calendar, as the server sends them: nothing here runs a script."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from ckan.tests import factories

TITLE = "Población por municipio, 2020"
FAR = datetime(2031, 3, 1, 15, 0, tzinfo=UTC)


@pytest.fixture
def dataset(act, editor, agency):
    resources = [{"url": "https://example.org/poblacion.csv", "name": "Población", "format": "CSV"}]
    return act(editor, "package_create", title=TITLE, owner_org=agency["id"], notes="Censo", resources=resources)


@pytest.fixture
def in_review(act, editor, dataset):
    return act(editor, "edomex_release_submit", dataset_id=dataset["id"])


@pytest.fixture
def scheduled(act, reviewer, in_review):
    return act(reviewer, "edomex_release_approve", id=in_review["id"], release_at=FAR.isoformat())


def path_of(release, step=""):
    return f"/autoservicio/liberacion/{release['id']}" + (f"/{step}" if step else "")


class TestStart:
    def test_anonymous_is_sent_to_log_in_and_back(self, visit):
        answer = visit(None, "/autoservicio")
        assert answer.status_code == 302
        assert answer.headers["Location"].endswith("/user/login?next=/autoservicio")

    def test_editor_sees_what_is_next(self, visit, editor, dataset):
        page = visit(editor, "/autoservicio").body
        assert TITLE in page
        assert "Falta enviarlo a revisión." in page
        assert f"/autoservicio/conjunto/{dataset['id']}/enviar" in page

    def test_editor_reads_the_requested_changes(self, act, visit, editor, reviewer, in_review):
        act(reviewer, "edomex_release_request_changes", id=in_review["id"], note="Falta el año <2020>")
        page = visit(editor, "/autoservicio").body
        assert "Falta el año &lt;2020&gt;" in page
        assert "Corregir" in page

    def test_a_dataset_without_files_asks_for_one(self, act, visit, editor, agency):
        act(editor, "package_create", title="Vacío", owner_org=agency["id"])
        assert "Falta agregar al menos un archivo" in visit(editor, "/autoservicio").body

    def test_another_agency_sees_nothing_of_it(self, visit, stranger, in_review):
        page = visit(stranger, "/autoservicio").body
        assert TITLE not in page
        assert "No hay conjuntos pendientes" in page

    def test_reviewer_sees_what_waits_and_then_what_is_scheduled(self, visit, reviewer, scheduled):
        page = visit(reviewer, "/autoservicio").body
        assert page.index('id="cola-in_review"') < page.index('id="cola-scheduled"')
        assert path_of(scheduled) in page
        assert "1 de marzo de 2031, 09:00" in page

    def test_reviewer_with_nothing_to_do_is_told_so(self, visit, reviewer):
        assert "Nada espera revisión" in visit(reviewer, "/autoservicio").body

    def test_an_account_without_agency_is_told_whom_to_ask(self, visit, clean_releases):
        assert "no está ligada a ninguna dependencia" in visit(factories.User(), "/autoservicio").body


class TestSubmit:
    def test_sends_and_comes_back_to_the_list(self, act, visit, editor, dataset):
        answer = visit(editor, f"/autoservicio/conjunto/{dataset['id']}/enviar", form={})
        assert answer.status_code == 303
        assert answer.headers["Location"].endswith("/autoservicio")
        assert act(editor, "edomex_release_list", dataset_id=dataset["id"])[0]["state"] == "in_review"

    def test_from_the_dataset_page_back_to_it(self, visit, editor, dataset):
        answer = visit(editor, f"/autoservicio/conjunto/{dataset['id']}/enviar", form={"volver": "conjunto"})
        assert answer.headers["Location"].endswith(f"/dataset/{dataset['id']}")

    def test_never_to_another_site(self, visit, editor, dataset):
        answer = visit(editor, f"/autoservicio/conjunto/{dataset['id']}/enviar", form={"volver": "https://example.org"})
        assert answer.headers["Location"].endswith("/autoservicio")

    def test_is_no_link(self, visit, editor, dataset):
        # CKAN answers a method that is not allowed like a page that is not there.
        assert visit(editor, f"/autoservicio/conjunto/{dataset['id']}/enviar").status_code in {404, 405}

    @pytest.mark.parametrize("who", ["stranger", "reviewer"])
    def test_of_what_one_may_not_know_is_not_found(self, visit, request, dataset, who):
        person = request.getfixturevalue(who)
        assert visit(person, f"/autoservicio/conjunto/{dataset['id']}/enviar", form={}).status_code == 404


class TestRelease:
    def test_hidden_and_absent_look_the_same(self, visit, stranger, in_review):
        hidden = visit(stranger, path_of(in_review))
        absent = visit(stranger, "/autoservicio/liberacion/00000000-0000-0000-0000-000000000000")
        assert hidden.status_code == absent.status_code == 404
        assert TITLE not in hidden.body
        assert _text(hidden.body) == _text(absent.body)

    def test_reviewer_gets_the_forms_that_the_state_allows(self, visit, reviewer, in_review):
        page = visit(reviewer, path_of(in_review)).body
        assert path_of(in_review, "aprobar") in page
        assert path_of(in_review, "pedir-cambios") in page
        # Only who manages the calendar cancels or changes dates.
        assert path_of(in_review, "cancelar") not in page

    def test_editor_gets_none_of_them(self, visit, editor, in_review):
        page = visit(editor, path_of(in_review)).body
        assert "Está en manos del equipo revisor" in page
        assert path_of(in_review, "aprobar") not in page

    def test_who_submitted_is_told_that_another_person_approves(self, act, visit, sysadmin, dataset):
        sent = act(sysadmin, "edomex_release_submit", dataset_id=dataset["id"])
        page = visit(sysadmin, path_of(sent)).body
        assert "Otra persona tiene que aprobar" in page
        assert path_of(sent, "aprobar") not in page

    def test_approval_reads_local_time(self, act, visit, reviewer, in_review):
        form = {"when": "date", "date": "2031-03-01", "time": "09:00"}
        answer = visit(reviewer, path_of(in_review, "aprobar"), form=form)
        assert answer.status_code == 303
        release = act(reviewer, "edomex_release_show", id=in_review["id"])
        assert datetime.fromisoformat(release["release_at"]) == FAR
        assert release["announced"] is False

    def test_approval_at_once_and_by_name(self, act, visit, reviewer, in_review):
        visit(reviewer, path_of(in_review, "aprobar"), form={"when": "now", "announced": "1"})
        release = act(reviewer, "edomex_release_show", id=in_review["id"])
        assert abs(datetime.fromisoformat(release["release_at"]) - datetime.now(UTC)) < timedelta(minutes=1)
        assert release["announced"] is True

    def test_a_wrong_date_comes_back_with_its_form(self, visit, reviewer, in_review):
        wrong = [
            ({"time": "09:00"}, "date", "Escriba la fecha"),
            ({"date": "2031-03-01"}, "time", "Escriba la hora"),
            ({"date": "ayer", "time": "09:00"}, "date", "No se entiende la fecha"),
            ({"date": "2001-03-01", "time": "09:00"}, "date", "ya pasó"),
            ({"date": "2931-03-01", "time": "09:00"}, "date", "más de cinco años"),
        ]
        for form, field, message in wrong:
            answer = visit(reviewer, path_of(in_review, "aprobar"), form={"when": "date", "announced": "1", **form})
            assert answer.status_code == 400, form
            assert f'<a href="#aprobar-{field}">' in answer.body
            assert message in answer.body
            assert f'id="aprobar-{field}"' in answer.body
            assert re.search(r'id="aprobar-announced"\s+checked', answer.body)
            for value in form.values():
                assert f'value="{value}"' in answer.body

    def test_a_missing_note_comes_back_with_its_form(self, visit, reviewer, in_review):
        answer = visit(reviewer, path_of(in_review, "pedir-cambios"), form={"note": " "})
        assert answer.status_code == 400
        assert '<a href="#pedir-cambios-note">' in answer.body

    def test_what_the_state_forbids_is_explained(self, act, visit, reviewer, in_review):
        act(reviewer, "edomex_release_request_changes", id=in_review["id"], note="Falta el año")
        answer = visit(reviewer, path_of(in_review, "aprobar"), form={"when": "now"})
        assert answer.status_code == 409
        assert "Con observaciones" in answer.body

    def test_what_one_may_not_do_is_refused(self, visit, editor, in_review):
        assert visit(editor, path_of(in_review, "aprobar"), form={"when": "now"}).status_code == 403

    def test_manager_changes_the_date_with_a_reason(self, act, visit, manager, scheduled):
        form = {"date": "2031-03-02", "time": "10:30", "reason": "Faltan municipios"}
        assert visit(manager, path_of(scheduled, "cambiar-fecha"), form=form).status_code == 303
        assert act(manager, "edomex_release_show", id=scheduled["id"])["release_at"] == "2031-03-02T16:30:00Z"

    def test_manager_cancels_and_is_led_to_the_start(self, act, editor, visit, manager, scheduled):
        answer = visit(manager, path_of(scheduled, "cancelar"), form={"reason": "Se repite"})
        assert answer.status_code == 303
        assert answer.headers["Location"].endswith("/autoservicio")
        assert act(editor, "edomex_release_show", id=scheduled["id"])["state"] == "cancelled"

    def test_an_unknown_step_is_not_found(self, visit, reviewer, in_review):
        assert visit(reviewer, path_of(in_review, "publicar"), form={}).status_code == 404


class TestDatasetPage:
    def test_says_what_is_next_and_promises_nothing(self, visit, editor, dataset):
        page = visit(editor, f"/dataset/{dataset['name']}").body
        assert "Este conjunto aún no es público" in page
        assert "Enviar a revisión" in page
        assert "Privado" not in page

    def test_form_has_no_choice_of_visibility(self, visit, editor, dataset):
        for path in ("/dataset/new", f"/dataset/edit/{dataset['name']}/1"):
            page = visit(editor, path).body
            assert 'name="private"' not in page
            assert "go-metadata-unpublish" not in page
            assert 'name="title"' in page


class TestCalendar:
    def test_keeps_unannounced_titles_to_itself(self, visit, scheduled, agency):
        for path in ("/calendario", "/calendario.json", "/calendario.ics"):
            body = visit(None, path).body
            assert TITLE not in body.replace("\r\n ", "").replace("\\,", ",")
            assert "Por anunciar" in body

    def test_names_what_was_announced(self, act, visit, reviewer, in_review):
        act(reviewer, "edomex_release_approve", id=in_review["id"], release_at=FAR.isoformat(), announced=True)
        assert TITLE in visit(None, "/calendario").body
        assert "Sábado 1 de marzo de 2031".lower() in visit(None, "/calendario").body

    def test_filters_by_agency(self, visit, scheduled, agency):
        assert "Por anunciar" in visit(None, f"/calendario?dependencia={agency['name']}").body
        assert "No hay publicaciones con fecha" in visit(None, "/calendario?dependencia=otra").body

    def test_json_is_what_the_action_says(self, act, visit, scheduled):
        assert visit(None, "/calendario.json").json == act(None, "edomex_calendar_list")

    def test_a_wrong_period_is_a_bad_request(self, visit, clean_releases):
        assert visit(None, "/calendario.json?from=ayer").status_code == 400
        assert visit(None, "/calendario.ics?from=ayer").status_code == 400

    def test_ics_is_rfc_5545(self, visit, scheduled):
        answer = visit(None, "/calendario.ics")
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        lines = answer.body.split("\r\n")
        assert lines[0] == "BEGIN:VCALENDAR"
        assert lines[-2:] == ["END:VCALENDAR", ""]
        assert all(len(line.encode()) <= 75 for line in lines)
        assert any(line.startswith(f"UID:{scheduled['id']}@") for line in lines)
        assert "DTSTART:20310301T150000Z" in lines

    def test_empty_states_say_what_will_come(self, visit, clean_releases):
        page = visit(None, "/calendario").body
        assert "No hay publicaciones con fecha" in page
        assert "No se publicó nada" in page


def _text(page):
    """A page without what differs by request."""
    return re.sub(r'(name="_csrf_token" (content|value)|value)="[^"]*"', "", page)
