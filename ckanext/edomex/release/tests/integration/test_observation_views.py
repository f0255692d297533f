"""Pages of observations, as the server sends them: nothing here runs a script."""

import re

import pytest

TEXT = "Falta decir <quién> midió."


@pytest.fixture
def dataset(act, editor, agency, upload):
    made = act(editor, "package_create", title="Calidad del agua", owner_org=agency["id"], notes="Por pozo")
    act(editor, "resource_create", package_id=made["id"], name="Pozos", format="CSV", upload=upload(b"pozo,ph\n1,7\n2,8\n"))
    return act(editor, "package_show", id=made["id"])


@pytest.fixture
def in_review(act, editor, dataset):
    return act(editor, "edomex_release_submit", dataset_id=dataset["id"])


@pytest.fixture
def observed(act, reviewer, in_review):
    given = {"anchor": "field", "field": "notes", "text": TEXT}
    return act(reviewer, "edomex_observation_create", release_id=in_review["id"], **given)


def page_of(release):
    return f"/autoservicio/liberacion/{release['id']}"


def path_of(observation, step):
    return f"/autoservicio/liberacion/{observation['release_id']}/observaciones/{observation['id']}/{step}"


def form_of(page, path):
    """The form that is sent to this path, or nothing."""
    found = re.search(rf'<form method="post" action="{re.escape(path)}".*?</form>', page, re.DOTALL)
    return found[0] if found else None


class TestWriting:
    @pytest.mark.parametrize(("place", "about"), [
        ({"place": "dataset"}, "Todo el conjunto"), ({"place": "field:notes"}, "Campo «Descripción»"),
        ({"place": "resource"}, "Archivo «Pozos»"),
        ({"place": "resource", "row": "2", "column": "ph"}, "Archivo «Pozos», fila 2, columna «ph»"),
    ])  # fmt: skip
    def test_in_a_place_of_the_list(self, visit, reviewer, in_review, dataset, place, about):
        if place["place"] == "resource":
            place = {**place, "place": f"resource:{dataset['resources'][0]['id']}"}
        answer = visit(reviewer, f"{page_of(in_review)}/observaciones", form={**place, "text": TEXT})
        assert (answer.status_code, answer.headers["Location"].rsplit("#", 1)[-1]) == (303, "observacion-1")
        page = visit(reviewer, page_of(in_review)).body
        assert about in page
        assert "Falta decir &lt;quién&gt; midió." in page
        assert "1<span class=\"visually-hidden\"> por resolver</span>" in page

    @pytest.mark.parametrize(("wrong", "field"), [
        ({"row": "cero"}, "observar-row"), ({"row": "0"}, "observar-row"), ({"text": " "}, "observar-text"),
        ({"place": "field:nada"}, "observar-place"), ({"place": ""}, "observar-place"), ({"place": "resource:nada"}, "observar-place"),
    ])  # fmt: skip
    def test_what_is_wrong_comes_back_with_what_was_typed(self, visit, reviewer, in_review, dataset, wrong, field):
        column = {} if "place" in wrong else {"column": "ph"}
        given = {"place": f"resource:{dataset['resources'][0]['id']}", "text": TEXT, **column, **wrong}
        answer = visit(reviewer, f"{page_of(in_review)}/observaciones", form=given)
        assert answer.status_code == 400
        assert f'<a href="#{field}">' in answer.body
        assert f'id="{field}"' in answer.body
        assert not column or 'value="ph"' in answer.body
        if "text" not in wrong:
            assert "Falta decir &lt;quién&gt; midió.</textarea>" in answer.body

    def test_is_offered_to_reviewers_alone(self, visit, editor, reviewer, in_review):
        assert form_of(visit(reviewer, page_of(in_review)).body, f"{page_of(in_review)}/observaciones")
        assert not form_of(visit(editor, page_of(in_review)).body, f"{page_of(in_review)}/observaciones")
        answer = visit(editor, f"{page_of(in_review)}/observaciones", form={"place": "dataset", "text": TEXT})
        assert answer.status_code == 403
        assert "Solo una persona revisora escribe observaciones." in answer.body

    def test_hidden_and_absent_look_the_same(self, visit, stranger, in_review):
        absent = {"id": "00000000-0000-0000-0000-000000000000"}
        given = {"place": "dataset", "text": TEXT}
        for release in (in_review, absent):
            assert visit(stranger, f"{page_of(release)}/observaciones", form=given).status_code == 404


class TestConversation:
    def test_the_agency_answers_and_the_reviewer_settles(self, visit, editor, reviewer, in_review, observed):
        page = visit(editor, page_of(in_review)).body
        assert form_of(page, path_of(observed, "contestar"))
        assert not form_of(page, path_of(observed, "resolver"))
        answer = visit(editor, path_of(observed, "contestar"), form={"text": "Ya lo dice.", "version": "1"})
        assert (answer.status_code, answer.headers["Location"].rsplit("#", 1)[-1]) == (303, "observacion-1")
        page = visit(reviewer, page_of(in_review)).body
        assert "Ya lo dice." in page
        assert form_of(page, path_of(observed, "reabrir"))
        assert not form_of(page, path_of(observed, "contestar"))
        assert visit(reviewer, path_of(observed, "resolver"), form={"version": "2"}).status_code == 303
        assert "Resuelta" in visit(editor, page_of(in_review)).body

    def test_a_stale_form_is_told_so_and_keeps_what_was_typed(self, act, visit, editor, reviewer, observed):
        act(editor, "edomex_observation_answer", id=observed["id"], text="Ya lo dice.")
        answer = visit(editor, path_of(observed, "contestar"), form={"text": "También dice cuándo.", "version": "1"})
        assert answer.status_code == 409
        assert "Otra persona escribió en esta observación" in answer.body
        assert "También dice cuándo.</textarea>" in answer.body
        assert 'name="version" value="2"' in answer.body

    def test_an_empty_answer_is_asked_for(self, visit, editor, observed):
        answer = visit(editor, path_of(observed, "contestar"), form={"text": "  ", "version": "1"})
        assert answer.status_code == 400
        assert f'<a href="#contestar-{observed["id"]}-text">' in answer.body

    def test_of_another_agency_or_with_another_step_is_not_found(self, visit, editor, stranger, observed):
        assert visit(stranger, path_of(observed, "contestar"), form={"text": "x"}).status_code == 404
        assert visit(editor, path_of(observed, "borrar"), form={"text": "x"}).status_code == 404

    def test_settling_by_the_agency_is_refused(self, visit, editor, observed):
        answer = visit(editor, path_of(observed, "resolver"), form={"version": "1"})
        assert answer.status_code == 403
        assert "Solo una persona revisora da por resuelta una observación." in answer.body

    def test_anonymous_is_sent_to_log_in(self, visit, observed):
        assert visit(None, path_of(observed, "contestar"), form={"text": "x"}).status_code == 302


class TestAround:
    def test_approving_says_what_is_left(self, visit, reviewer, in_review, observed):
        answer = visit(reviewer, f"{page_of(in_review)}/aprobar", form={"when": "now"})
        assert answer.status_code == 409
        assert "Antes de aprobar hay que resolver o retirar la observación 1." in answer.body

    def test_is_returned_without_a_note(self, act, visit, reviewer, in_review, observed):
        assert visit(reviewer, f"{page_of(in_review)}/pedir-cambios", form={"note": " "}).status_code == 303
        assert act(reviewer, "edomex_release_show", id=in_review["id"])["note"] == "Hay que atender la observación 1."

    def test_the_queue_and_the_calendar_count_them(self, visit, reviewer, observed):
        assert "1 observación por resolver" in visit(reviewer, "/autoservicio").body

    def test_the_form_leads_to_each_field(self, act, visit, editor, reviewer, in_review, dataset, observed):
        table = dataset["resources"][0]["id"]
        given = {"anchor": "row", "resource_id": table, "row": 2, "text": "La fila está repetida."}
        act(reviewer, "edomex_observation_create", release_id=in_review["id"], **given)
        act(reviewer, "edomex_release_request_changes", id=in_review["id"])
        for path in (f"/dataset/edit/{dataset['name']}/1", f"/dataset/{dataset['name']}/resource/{table}/edit"):
            page = visit(editor, path).body
            assert "2 observaciones por atender" in page
            assert f"/dataset/edit/{dataset['name']}/1#field-notes" in page
            assert f"/dataset/{dataset['name']}/resource/{table}/edit\">Archivo «Pozos», fila 2</a>" in page
            assert page.index("<h1") < page.index("2 observaciones por atender")
        assert 'id="field-notes"' in visit(editor, f"/dataset/edit/{dataset['name']}/1").body
