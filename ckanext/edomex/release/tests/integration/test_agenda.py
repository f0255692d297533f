"""The calendar of staff: each sees what they may, with windows and holidays, and managers put windows from its page."""

import pytest
from ckan.tests import factories

from ckanext.edomex.release.logic.agenda import GONE

TITLE = "Padrón de pozos"
MARCH = {"month": "2031-03"}


@pytest.fixture
def promise(act, editor, reviewer, agency):
    def make(at="2031-03-18T09:00:00-06:00", title=TITLE):
        dataset = act(editor, "package_create", title=title, owner_org=agency["id"])
        release = act(editor, "edomex_release_submit", dataset_id=dataset["id"])
        return act(reviewer, "edomex_release_approve", id=release["id"], release_at=at)

    return make


def seen(act, who, **by):
    return [(each["title"], each["state"]) for each in act(who, "edomex_release_agenda", **by)["releases"]]


class TestAction:
    def test_each_sees_what_they_may(self, act, editor, reviewer, manager, stranger, promise):
        promise()
        for person in (editor, reviewer, manager):
            assert seen(act, person, **MARCH) == [(TITLE, "scheduled")]
        assert act(stranger, "edomex_release_agenda", **MARCH) == {"total": 0, "days": {}, "releases": []}

    def test_a_draft_that_was_promised_is_its_agencys_and_has_its_date(self, act, editor, reviewer, promise):
        release = promise()
        act(editor, "package_patch", id=release["dataset_id"], title="Otro")
        assert seen(act, editor, **MARCH) == [("Otro", "draft")]
        assert seen(act, reviewer, **MARCH) == []

    def test_what_is_withdrawn_has_no_title_for_who_decided(self, act, manager, sysadmin, public):
        dataset = public(TITLE)
        proposed = act(manager, "edomex_release_withdraw", dataset_id=dataset["id"], reason="x", legal_ground="y")
        act(sysadmin, "edomex_release_withdraw_confirm", id=proposed["id"])
        assert {title for title, _state in seen(act, manager)} == {GONE}

    def test_filters_pages_and_days(self, act, reviewer, agency, promise):
        for minute in range(3):
            promise(f"2031-03-18T09:0{minute}:00-06:00", title=f"Serie {minute}")
        promise("2031-03-31T23:59:00-06:00")
        promise("2031-04-01T00:00:00-06:00")
        found = act(reviewer, "edomex_release_agenda", **MARCH, per_day=2)
        assert (found["total"], found["days"]) == (4, {"2031-03-18": 3, "2031-03-31": 1})
        assert [each["title"] for each in found["releases"]] == ["Serie 0", "Serie 1", TITLE]
        assert seen(act, reviewer, **MARCH, limit=1, offset=2) == [("Serie 2", "scheduled")]
        assert seen(act, reviewer, **MARCH, state="draft") == seen(act, reviewer, agency="otra") == []
        assert len(seen(act, reviewer, agency=agency["name"])) == 5

    def test_marks_what_a_window_was_put_over(self, act, manager, promise, agency):
        def held():
            return [each["held"] for each in act(manager, "edomex_release_agenda")["releases"]]

        promise()
        period = {"starts_at": "2031-03-01", "ends_at": "2031-03-19", "reason": "Veda"}
        for given in ({"effect": "warn"}, {"effect": "hold", "agency": factories.Organization()["name"]}):
            act(manager, "edomex_blackout_create", **period, **given)
        assert held() == [False]
        made = act(manager, "edomex_blackout_create", **period, effect="hold", agency=agency["name"])
        assert held() == [True]
        act(manager, "edomex_blackout_end", id=made["id"])
        assert held() == [False]


class TestQueue:
    def test_who_waits_longest_comes_first(self, act, editor, reviewer, stranger, agency):
        sent = []
        for number in range(3):
            dataset = act(editor, "package_create", title=f"Serie {number}", owner_org=agency["id"])
            sent.append(act(editor, "edomex_release_submit", dataset_id=dataset["id"]))
        # The first goes back and comes again: it waits anew.
        act(reviewer, "edomex_release_request_changes", id=sent[0]["id"], note="x")
        act(editor, "edomex_release_submit", dataset_id=sent[0]["dataset_id"])
        found = act(reviewer, "edomex_release_queue")
        assert (found["total"], [row["dataset"]["title"] for row in found["rows"]]) == (3, ["Serie 1", "Serie 2", "Serie 0"])
        assert found["rows"][0]["since"] == found["oldest"] and found["rows"][0]["submitted_by"] == editor["name"]
        assert [row["id"] for row in act(reviewer, "edomex_release_queue", limit=1, offset=1)["rows"]] == [sent[2]["id"]]
        assert act(stranger, "edomex_release_queue")["total"] == 0
        assert act(reviewer, "edomex_release_queue", agency="otra")["rows"] == []

    def test_a_long_one_has_pages(self, act, visit, editor, reviewer, agency, monkeypatch):
        from ckanext.edomex.release.views import autoservicio

        monkeypatch.setattr(autoservicio, "ROWS", 2)
        for number in range(3):
            dataset = act(editor, "package_create", title=f"Serie {number}", owner_org=agency["id"])
            act(editor, "edomex_release_submit", dataset_id=dataset["id"])
        first, second = (visit(reviewer, f"/autoservicio?cola={page}").body for page in (1, 2))
        assert "Serie 0" in first and "Serie 2" not in first and "Página 1 de 2" in first
        assert "Serie 2" in second and "Serie 0" not in second
        assert "Espera desde hace menos de una hora" in first


class TestPage:
    PATH = "/autoservicio/calendario"

    def test_is_staffs(self, visit, clean_releases):
        assert visit(None, self.PATH).status_code == 302

    @pytest.mark.parametrize("view", ["mes", "lista"])
    def test_shows_releases_windows_and_holidays(self, act, visit, editor, manager, promise, view):
        release = promise()
        act(manager, "edomex_blackout_create", starts_at="2031-03-20", ends_at="2031-03-22", effect="hold", reason="Cambio de equipos")
        page = visit(editor, f"{self.PATH}?vista={view}&mes=2031-03").body
        assert f"/autoservicio/liberacion/{release['id']}" in page and TITLE in page
        assert "Cambio de equipos" in page
        assert ("Inhábil: Natalicio de Benito Juárez" in page) == (view == "mes")
        assert page.count("Sin publicaciones: Cambio de equipos") == (2 if view == "mes" else 0)

    def test_another_agency_sees_nothing_of_it(self, visit, stranger, promise):
        promise()
        page = visit(stranger, f"{self.PATH}?mes=2031-03")
        assert page.status_code == 200 and TITLE not in page.body

    def test_only_managers_have_the_forms(self, visit, editor, reviewer, manager):
        assert "Poner un periodo" not in visit(editor, self.PATH).body + visit(reviewer, self.PATH).body
        assert "Poner un periodo" in visit(manager, self.PATH).body

    def test_a_manager_puts_a_window_over_whole_days_and_is_told_what_it_meets(self, act, visit, manager, promise):
        promise()
        form = {"begin": "2031-03-18", "end": "2031-03-18", "effect": "hold", "reason": "Veda", "agency": ""}
        answer = visit(manager, f"{self.PATH}/periodo", form=form)
        assert answer.status_code == 303 and answer.headers["Location"].endswith("?mes=2031-03")
        (window,) = act(manager, "edomex_blackout_list")
        assert (window["starts_at"], window["ends_at"]) == ("2031-03-18T06:00:00Z", "2031-03-19T06:00:00Z")
        page = visit(manager, f"{self.PATH}?mes=2031-03").body
        assert "Dentro de un periodo sin publicaciones" in page and "1 fecha confirmada quedó dentro" in page
        assert visit(manager, f"{self.PATH}/periodo/{window['id']}/terminar", form={}).status_code == 303
        assert act(manager, "edomex_blackout_list") == []
        assert visit(manager, f"{self.PATH}/periodo/{window['id']}/terminar", form={}).status_code == 404

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [({"begin": ""}, "begin"), ({"end": "2031-02-30"}, "end"), ({"end": "2031-03-01"}, "end"), ({"reason": ""}, "reason")],
    )
    def test_what_is_wrong_comes_back_with_the_form(self, visit, manager, wrong, field):
        form = {"begin": "2031-03-18", "end": "2031-03-20", "effect": "hold", "reason": "Veda", "agency": "", **wrong}
        answer = visit(manager, f"{self.PATH}/periodo", form=form)
        assert answer.status_code == 400
        assert f'<a href="#periodo-{field}">' in answer.body and f'id="periodo-{field}"' in answer.body
        assert 'value="2031-03-18"' in answer.body or field == "begin"

    def test_others_are_refused(self, visit, reviewer, agency):
        form = {"begin": "2031-03-18", "end": "2031-03-20", "effect": "hold", "reason": "Veda"}
        assert visit(reviewer, f"{self.PATH}/periodo", form=form).status_code == 403
        assert visit(reviewer, f"{self.PATH}/periodo/nada/terminar", form={}).status_code == 403
        form = {"agency": agency["name"], "time": "10:00", "weekdays": "1"}
        assert visit(reviewer, f"{self.PATH}/horario", form=form).status_code == 403

    def test_a_manager_sets_an_agencys_hours_and_takes_them_back(self, act, visit, manager, agency):
        def own():
            return act(manager, "edomex_schedule_show", agency=agency["name"])

        form = {"agency": agency["name"], "time": "16:30", "weekdays": ["2", "4"]}
        assert visit(manager, f"{self.PATH}/horario", form=form).status_code == 303
        assert (own()["time"], own()["weekdays"]) == ("16:30", [2, 4])
        assert "martes, jueves" in visit(manager, self.PATH).body
        assert visit(manager, f"{self.PATH}/horario", form={"agency": agency["name"], "reset": "1"}).status_code == 303
        assert own()["own"] is False
        assert visit(manager, f"{self.PATH}/horario", form={**form, "weekdays": []}).status_code == 400
