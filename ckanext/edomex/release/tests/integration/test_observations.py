"""Observations against every kind of caller, in every place, two at once, on the real stack."""

import contextvars
import threading

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories

from ckanext.edomex.release.model import Observation, ObservationEvent, Submission

SOON = "2031-01-01T09:00:00-06:00"


@pytest.fixture
def dataset(act, editor, agency, upload):
    made = act(editor, "package_create", title="Calidad del agua", owner_org=agency["id"], notes="Por pozo")
    act(editor, "resource_create", package_id=made["id"], name="Pozos", format="CSV", upload=upload(b"pozo,ph\n1,7\n2,8\n"))
    act(editor, "resource_create", package_id=made["id"], name="Método", format="PDF", url="https://example.org/metodo.pdf")
    return act(editor, "package_show", id=made["id"])


@pytest.fixture
def in_review(act, editor, dataset):
    return act(editor, "edomex_release_submit", dataset_id=dataset["id"])


@pytest.fixture
def observe(act, reviewer, in_review):
    """Write an observation of the whole, or wherever asked."""

    def make(text="Falta decir qué laboratorio midió.", anchor="dataset", **place):
        return act(reviewer, "edomex_observation_create", release_id=in_review["id"], anchor=anchor, text=text, **place)

    return make


@pytest.fixture
def table(dataset):
    return dataset["resources"][0]["id"]


def refused(caught):
    """What a program is told: the state and the moves of a 409, or the fields of a 400."""
    return caught.value.error_dict


class TestCreate:
    def test_in_every_place_in_the_order_in_which_one_reads(self, act, observe, editor, in_review, table):
        observe("La fila 2 repite un pozo.", "row", resource_id=table, row=2, column="ph")
        observe("El archivo no abre en hojas de cálculo viejas.", "resource", resource_id=table)
        observe("¿Qué es ph?", "field", field="description", resource_id=table)
        observe("Diga quién midió.", "field", field="notes")
        observe("Falta el título completo.", "field", field="title")
        observe()
        found = act(editor, "edomex_observation_list", release_id=in_review["id"])
        assert [(each["number"], each["about"]) for each in found] == [
            (6, "Todo el conjunto"), (5, "Campo «Título»"), (4, "Campo «Descripción»"), (2, "Archivo «Pozos»"),
            (3, "Archivo «Pozos», campo «Descripción del recurso»"), (1, "Archivo «Pozos», fila 2, columna «ph»"),
        ]  # fmt: skip
        assert found[0]["events"][0]["move"] == "create"
        assert {each["state"] for each in found} == {"open"}
        assert found[0]["allowed"] == ["answer", "resolve", "withdraw"]

    @pytest.mark.parametrize(("place", "field"), [
        ({"anchor": "field", "field": "no_existe"}, "field"), ({"anchor": "resource", "resource_id": "otro"}, "resource_id"),
        ({"anchor": "row", "resource_id": "table", "row": 0}, "row"), ({"anchor": "row", "resource_id": "table", "row": "dos"}, "row"),
        ({"anchor": "row", "resource_id": "document", "row": 1}, "row"), ({"anchor": "aparte"}, "anchor"), ({"anchor": ""}, "anchor"),
        ({"anchor": "row", "resource_id": "table", "row": 10**30}, "row"),
        ({"anchor": "row", "resource_id": "table", "row": 1, "column": "\x00"}, "column"),
    ])  # fmt: skip
    def test_in_a_place_that_is_not_there_is_refused(self, observe, dataset, in_review, place, field):
        ids = {"table": dataset["resources"][0]["id"], "document": dataset["resources"][1]["id"]}
        place = {**place, "resource_id": ids.get(place.get("resource_id"), place.get("resource_id"))}
        with pytest.raises(tk.ValidationError) as caught:
            observe(**place)
        assert list(refused(caught)) == [field]
        assert model.Session.query(Observation).count() == 0

    @pytest.mark.parametrize("text", ["", "  ", None, "a" * 2001, "con \x00 nulo", ["lista"]])
    def test_needs_sound_words(self, observe, text):
        with pytest.raises(tk.ValidationError) as caught:
            observe(text=text)
        assert list(refused(caught)) == ["text"]

    def test_of_what_is_not_in_review_is_a_conflict(self, act, reviewer, observe, in_review):
        act(reviewer, "edomex_release_request_changes", id=in_review["id"], note="Corrija el título")
        with pytest.raises(tk.ValidationError) as caught:
            observe()
        assert refused(caught)["state"] == "changes_requested"
        assert "allowed" in refused(caught)

    def test_is_the_reviewers(self, act, editor, manager, stranger, in_review):
        given = {"release_id": in_review["id"], "anchor": "dataset", "text": "x"}
        for person in (editor, manager):
            with pytest.raises(tk.NotAuthorized):
                act(person, "edomex_observation_create", **given)
        with pytest.raises(tk.ObjectNotFound):
            act(stranger, "edomex_observation_create", **given)
        with pytest.raises(tk.NotAuthorized):
            act(None, "edomex_observation_create", **given)


class TestConversation:
    def test_answered_opened_again_answered_and_resolved(self, act, editor, reviewer, observe):
        made = observe()
        answered = act(editor, "edomex_observation_answer", id=made["id"], text="Lo midió el laboratorio estatal.", version=1)
        assert (answered["state"], answered["version"]) == ("answered", 2)
        again = act(reviewer, "edomex_observation_reopen", id=made["id"], text="Dígalo en la descripción.")
        assert again["state"] == "open"
        act(editor, "edomex_observation_answer", id=made["id"], text="Ya está.")
        done = act(reviewer, "edomex_observation_resolve", id=made["id"])
        assert done["state"] == "resolved"
        assert [(each["move"], each["to"], each["by"]) for each in done["events"]] == [
            ("create", "open", reviewer["name"]), ("answer", "answered", editor["name"]), ("reopen", "open", reviewer["name"]),
            ("answer", "answered", editor["name"]), ("resolve", "resolved", reviewer["name"]),
        ]  # fmt: skip
        assert [each["text"] for each in done["events"]][1:3] == ["Lo midió el laboratorio estatal.", "Dígalo en la descripción."]

    @pytest.mark.parametrize("move", ["resolve", "reopen", "withdraw"])
    def test_settling_is_the_reviewers(self, act, editor, stranger, observe, move):
        made = observe()
        with pytest.raises(tk.NotAuthorized):
            act(editor, f"edomex_observation_{move}", id=made["id"], text="x")
        with pytest.raises(tk.ObjectNotFound):
            act(stranger, f"edomex_observation_{move}", id=made["id"], text="x")
        assert model.Session.get(Observation, made["id"]).state == "open"

    def test_answering_is_the_agencys(self, act, reviewer, stranger, agency, observe):
        made = observe()
        member = factories.User()
        add = {"id": agency["id"], "username": member["name"], "role": "member"}
        tk.get_action("organization_member_create")({"ignore_auth": True, "user": ""}, add)
        for person in (reviewer, member):
            with pytest.raises(tk.NotAuthorized):
                act(person, "edomex_observation_answer", id=made["id"], text="x")
        for observation_id in (made["id"], "00000000-0000-0000-0000-000000000000"):
            with pytest.raises(tk.ObjectNotFound) as caught:
                act(stranger, "edomex_observation_answer", id=observation_id, text="x")
            assert caught.value.message == "No existe esa observación, o no puede verla con esta cuenta."

    def test_an_answer_or_a_reopening_says_something(self, act, editor, observe):
        made = observe()
        with pytest.raises(tk.ValidationError) as caught:
            act(editor, "edomex_observation_answer", id=made["id"], text="")
        assert list(refused(caught)) == ["text"]

    def test_who_sent_it_does_not_settle_what_was_observed(self, act, reviewer, sysadmin, agency):
        dataset = act(sysadmin, "package_create", title="x", owner_org=agency["id"])
        release = act(sysadmin, "edomex_release_submit", dataset_id=dataset["id"])
        made = act(reviewer, "edomex_observation_create", release_id=release["id"], anchor="dataset", text="¿Quién midió?")
        for move in ("resolve", "withdraw"):
            with pytest.raises(tk.NotAuthorized, match="otra persona"):
                act(sysadmin, f"edomex_observation_{move}", id=made["id"])

    def test_a_stale_form_overwrites_nothing(self, act, editor, reviewer, observe):
        made = observe()
        act(editor, "edomex_observation_answer", id=made["id"], text="Lo midió el laboratorio estatal.")
        with pytest.raises(tk.ValidationError) as caught:
            act(reviewer, "edomex_observation_withdraw", id=made["id"], version=made["version"])
        assert (refused(caught)["state"], refused(caught)["version"]) == ("answered", 2)
        assert refused(caught)["allowed"] == ["answer", "resolve", "reopen", "withdraw"]
        model.Session.expire_all()
        assert model.Session.get(Observation, made["id"]).state == "answered"

    def test_two_at_once_are_one_after_the_other(self, act, reviewer, observe):
        made, outcomes = observe(), []
        model.Session.commit()
        context = {"user": reviewer["name"]}

        def resolve():
            try:
                tk.get_action("edomex_observation_resolve")(dict(context), {"id": made["id"], "version": 1})
                outcomes.append("resolved")
            except tk.ValidationError as error:
                outcomes.append(error.error_dict["state"])
            finally:
                model.Session.remove()

        threads = [threading.Thread(target=contextvars.copy_context().run, args=(resolve,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert outcomes == ["resolved"] * 4
        assert model.Session.query(ObservationEvent).filter_by(observation_id=made["id"], move="resolve").count() == 1

    def test_what_was_said_cannot_be_changed(self, observe):
        observe()
        with pytest.raises(sa.exc.DatabaseError, match="no se cambian ni se borran"):
            model.Session.execute(sa.text("UPDATE edomex_release_observation_event SET text = 'otra cosa'"))
        model.Session.rollback()


class TestTwoWriters:
    def test_each_gets_a_number_of_its_own(self, reviewer, in_review):
        model.Session.commit()
        numbers = []

        def write():
            given = {"release_id": in_review["id"], "anchor": "dataset", "text": "Falta la fuente."}
            numbers.append(tk.get_action("edomex_observation_create")({"user": reviewer["name"]}, given)["number"])
            model.Session.remove()

        threads = [threading.Thread(target=contextvars.copy_context().run, args=(write,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(numbers) == [1, 2, 3, 4]


class TestRelease:
    def test_is_not_approved_with_something_open(self, act, editor, reviewer, observe, in_review):
        first, second = observe(), observe("Falta la unidad.", "field", field="notes")
        act(editor, "edomex_observation_answer", id=second["id"], text="Ya está.")
        with pytest.raises(tk.ValidationError, match="las observaciones 1 y 2") as caught:
            act(reviewer, "edomex_release_approve", id=in_review["id"], release_at=SOON)
        assert refused(caught)["observations"] == [first["id"], second["id"]]
        assert (refused(caught)["state"], "approve" in refused(caught)["allowed"]) == ("in_review", False)
        act(reviewer, "edomex_observation_resolve", id=first["id"])
        act(reviewer, "edomex_observation_withdraw", id=second["id"])
        assert act(reviewer, "edomex_release_approve", id=in_review["id"], release_at=SOON)["state"] == "scheduled"

    def test_is_returned_without_a_note_where_observations_say_it(self, act, reviewer, observe, in_review):
        made = observe()
        observe("Falta la unidad.", "field", field="notes")
        act(reviewer, "edomex_observation_resolve", id=made["id"])
        back = act(reviewer, "edomex_release_request_changes", id=in_review["id"])
        assert (back["state"], back["note"]) == ("changes_requested", "Hay que atender la observación 2.")

    def test_is_not_returned_without_saying_anything(self, act, reviewer, observe, in_review):
        made = observe()
        act(reviewer, "edomex_observation_withdraw", id=made["id"])
        with pytest.raises(tk.ValidationError) as caught:
            act(reviewer, "edomex_release_request_changes", id=in_review["id"])
        assert list(refused(caught)) == ["note"]

    def test_keeps_its_observations_when_it_is_sent_again(self, act, editor, reviewer, observe, in_review, dataset, table):
        made = observe("El archivo está vacío.", "resource", resource_id=table)
        act(reviewer, "edomex_release_request_changes", id=in_review["id"])
        act(editor, "resource_delete", id=table)
        act(editor, "edomex_observation_answer", id=made["id"], text="Se quitó el archivo.")
        act(editor, "edomex_release_submit", dataset_id=dataset["id"])
        (found,) = act(reviewer, "edomex_observation_list", release_id=in_review["id"])
        assert (found["state"], found["about"], found["gone"]) == ("answered", "Archivo «Pozos»", True)
        sent = model.Session.query(Submission).filter_by(release_id=in_review["id"]).order_by(Submission.number).all()
        assert [(each.number, len(each.content[2])) for each in sent] == [(1, 2), (2, 1)]

    def test_takes_no_more_moves_once_it_is_approved(self, act, editor, reviewer, observe, in_review):
        made = observe()
        act(reviewer, "edomex_observation_resolve", id=made["id"])
        act(reviewer, "edomex_release_approve", id=in_review["id"], release_at=SOON)
        with pytest.raises(tk.ValidationError) as caught:
            act(reviewer, "edomex_observation_reopen", id=made["id"], text="Otra cosa")
        assert (refused(caught)["state"], refused(caught)["allowed"]) == ("resolved", [])

    def test_counts_in_the_queue_and_the_calendar(self, act, editor, reviewer, observe, in_review):
        made = observe()
        observe("Falta la unidad.", "field", field="notes")
        assert act(reviewer, "edomex_release_queue")["rows"][0]["observations"] == 2
        act(reviewer, "edomex_observation_resolve", id=made["id"])
        assert act(reviewer, "edomex_release_queue")["rows"][0]["observations"] == 1
        found = act(editor, "edomex_observation_list", release_id=in_review["id"], state="resolved")
        assert [each["id"] for each in found] == [made["id"]]


class TestReading:
    def test_is_the_agencys_and_the_reviewers(self, act, editor, reviewer, stranger, observe, in_review):
        observe()
        for person in (editor, reviewer):
            assert len(act(person, "edomex_observation_list", release_id=in_review["id"])) == 1
        for release_id in (in_review["id"], "00000000-0000-0000-0000-000000000000"):
            with pytest.raises(tk.ObjectNotFound):
                act(stranger, "edomex_observation_list", release_id=release_id)
        with pytest.raises(tk.NotAuthorized):
            act(None, "edomex_observation_list", release_id=in_review["id"])

    def test_a_draft_is_not_the_reviewers(self, act, editor, reviewer, observe, in_review, dataset):
        observe()
        act(editor, "package_patch", id=dataset["id"], notes="Otra cosa")
        assert len(act(editor, "edomex_observation_list", release_id=in_review["id"])) == 1
        with pytest.raises(tk.ObjectNotFound):
            act(reviewer, "edomex_observation_list", release_id=in_review["id"])

    def test_of_what_was_withdrawn_nobody_learns_anew(
        self, act, editor, reviewer, manager, sysadmin, dataset, observe, in_review, pass_once
    ):
        act(reviewer, "edomex_observation_resolve", id=observe()["id"])
        act(reviewer, "edomex_release_approve", id=in_review["id"], release_at="now")
        pass_once()
        assert len(act(reviewer, "edomex_observation_list", release_id=in_review["id"])) == 1
        why = {"reason": "Error de origen", "legal_ground": "Artículo 24"}
        proposed = act(manager, "edomex_release_withdraw", dataset_id=dataset["id"], **why)
        act(sysadmin, "edomex_release_withdraw_confirm", id=proposed["id"])
        with pytest.raises(tk.ObjectNotFound):
            act(reviewer, "edomex_observation_list", release_id=in_review["id"])
        assert len(act(editor, "edomex_observation_list", release_id=in_review["id"])) == 1
