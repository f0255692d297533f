"""What changed since somebody went through a release: for reviewers, for its agency, for an edition; pages and actions."""

import pytest
from ckan.plugins import toolkit as tk

FAR = "2031-01-01T09:00:00-06:00"


@pytest.fixture
def dataset(act, editor, agency, upload):
    made = act(editor, "package_create", title="Calidad del agua", owner_org=agency["id"], notes="Por pozo", frequency="R/P1Y")
    act(editor, "resource_create", package_id=made["id"], name="Pozos", format="CSV", upload=upload())
    return act(editor, "package_show", id=made["id"])


@pytest.fixture
def first(act, editor, dataset):
    return act(editor, "edomex_release_submit", dataset_id=dataset["id"])


@pytest.fixture
def second(act, editor, reviewer, first, dataset, upload):
    """Sent back, corrected in four places, and sent again."""
    act(reviewer, "edomex_release_request_changes", id=first["id"], note="Falta el periodo")
    table = dataset["resources"][0]["id"]
    act(editor, "package_patch", id=dataset["id"], notes="Por pozo y año", frequency="R/P1M")
    act(editor, "resource_patch", id=table, upload=upload(b"a,b\n3,4\n"))
    act(editor, "resource_create", package_id=dataset["id"], name="Método", format="PDF", url="https://example.org/metodo.pdf")
    return act(editor, "edomex_release_submit", dataset_id=dataset["id"])


def told(found):
    return [(each["what"], each["about"], each["before"], each["after"]) for each in found["changes"]]


def path_of(release, step=""):
    return f"/autoservicio/liberacion/{release['id']}" + (f"/{step}" if step else "")


class TestReviewer:
    def test_has_nothing_to_compare_a_first_submission_with(self, act, reviewer, first):
        found = act(reviewer, "edomex_release_changes", id=first["id"])
        assert (found["submission"], found["since"], found["version"], found["changes"]) == (1, None, None, [])

    def test_sees_what_was_corrected_since_they_returned_it(self, act, reviewer, second):
        found = act(reviewer, "edomex_release_changes", id=second["id"])
        assert (found["submission"], found["since"], found["seen"]) == (2, 1, 1)
        assert told(found) == [
            ("changed", "Descripción", "Por pozo", "Por pozo y año"), ("changed", "Frecuencia de actualización", "Anual", "Mensual"),
            ("changed", "Archivo «Pozos»: el archivo", None, None), ("added", "Archivo «Método»", None, None),
        ]  # fmt: skip

    def test_another_who_never_looked_sees_the_same_from_the_submission_before(self, act, sysadmin, second):
        found = act(sysadmin, "edomex_release_changes", id=second["id"])
        assert (found["since"], found["seen"], len(found["changes"])) == (1, None, 4)

    def test_has_gone_through_what_they_say(self, act, reviewer, second):
        act(reviewer, "edomex_release_look", id=second["id"], number=2)
        found = act(reviewer, "edomex_release_changes", id=second["id"])
        assert (found["since"], found["changes"]) == (2, [])
        # An older form, sent late, takes nothing back.
        act(reviewer, "edomex_release_look", id=second["id"], number=1)
        assert act(reviewer, "edomex_release_changes", id=second["id"])["since"] == 2
        assert len(act(reviewer, "edomex_release_changes", id=second["id"], since=1)["changes"]) == 4

    @pytest.mark.parametrize("number", [0, 3, -1, "dos", None])
    def test_did_not_go_through_what_was_never_sent(self, act, reviewer, second, number):
        with pytest.raises(tk.ValidationError) as caught:
            act(reviewer, "edomex_release_look", id=second["id"], number=number)
        assert list(caught.value.error_dict) == ["number"]

    @pytest.mark.parametrize("since", [3, -1, "dos"])
    def test_cannot_compare_with_what_was_never_sent(self, act, reviewer, second, since):
        with pytest.raises(tk.ValidationError) as caught:
            act(reviewer, "edomex_release_changes", id=second["id"], since=since)
        assert list(caught.value.error_dict) == ["since"]


class TestAgency:
    def test_sees_what_it_changed_since_it_sent_it(self, act, editor, reviewer, first, dataset):
        act(reviewer, "edomex_release_request_changes", id=first["id"], note="Falta el periodo")
        assert act(editor, "edomex_release_changes", id=first["id"])["changes"] == []
        act(editor, "package_patch", id=dataset["id"], title="Calidad del agua, 2024")
        assert told(act(editor, "edomex_release_changes", id=first["id"])) == [
            ("changed", "Título", "Calidad del agua", "Calidad del agua, 2024")
        ]

    def test_does_not_look_for_reviewers(self, act, editor, stranger, first):
        with pytest.raises(tk.NotAuthorized):
            act(editor, "edomex_release_look", id=first["id"], number=1)
        with pytest.raises(tk.ObjectNotFound):
            act(stranger, "edomex_release_look", id=first["id"], number=1)

    def test_another_one_learns_nothing(self, act, stranger, second):
        for release_id in (second["id"], "00000000-0000-0000-0000-000000000000"):
            with pytest.raises(tk.ObjectNotFound):
                act(stranger, "edomex_release_changes", id=release_id)
        with pytest.raises(tk.NotAuthorized):
            act(None, "edomex_release_changes", id=second["id"])


class TestEdition:
    def test_is_compared_with_what_is_public(self, act, editor, reviewer, public):
        opened = act(editor, "edomex_release_edition_open", dataset_id=public()["id"])
        assert act(editor, "edomex_release_changes", id=opened["id"])["changes"] == []
        draft = act(editor, "package_patch", id=opened["draft_id"], title="Agua, 2024")
        act(editor, "resource_patch", id=draft["resources"][0]["id"], description="Por pozo")
        act(editor, "edomex_release_submit", dataset_id=opened["draft_id"])
        found = act(reviewer, "edomex_release_changes", id=opened["id"])
        assert (found["since"], found["version"]) == (None, 1)
        assert told(found) == [
            ("changed", "Título", "Agua", "Agua, 2024"), ("added", "Archivo «Pozos»: descripción del recurso", None, "Por pozo"),
        ]  # fmt: skip


class TestPage:
    def test_tells_each_change_and_takes_the_look(self, act, visit, reviewer, second):
        page = visit(reviewer, path_of(second)).body
        assert "Qué cambió desde su última revisión" in page
        assert "decía <del>Por pozo</del> y ahora dice <ins>Por pozo y año</ins>" in page
        answer = visit(reviewer, path_of(second, "visto"), form={"number": "2"})
        assert answer.status_code == 303
        page = visit(reviewer, path_of(second)).body
        assert "Nada: el contenido es el mismo." in page
        assert "Ya revisé estos cambios" not in page

    def test_is_silent_where_there_is_nothing_to_compare(self, visit, reviewer, first):
        assert "Qué cambi" not in visit(reviewer, path_of(first)).body

    def test_a_look_is_the_reviewers(self, visit, editor, stranger, second):
        assert visit(editor, path_of(second, "visto"), form={"number": "2"}).status_code == 403
        assert visit(stranger, path_of(second, "visto"), form={"number": "2"}).status_code == 404

    def test_a_wrong_number_is_a_clear_error(self, visit, reviewer, second):
        answer = visit(reviewer, path_of(second, "visto"), form={"number": "9"})
        assert answer.status_code == 400
        assert "No hay un envío con ese número" in answer.body
