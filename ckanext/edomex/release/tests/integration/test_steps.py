"""Every step of a release against every kind of caller, on the real stack."""

from datetime import UTC, datetime, timedelta

import pytest
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories

from ckanext.edomex.release.model import Event, Outbox, Release, content_hashes

SOON = "2031-01-01T09:00:00-06:00"


@pytest.fixture
def dataset(act, editor, agency):
    return act(editor, "package_create", title="Población 2020", owner_org=agency["id"], notes="Por municipio")


@pytest.fixture
def in_review(act, editor, dataset):
    return act(editor, "edomex_release_submit", dataset_id=dataset["id"])


@pytest.fixture
def scheduled(act, reviewer, in_review):
    return act(reviewer, "edomex_release_approve", id=in_review["id"], release_at=SOON)


def events(release):
    rows = model.Session.query(Event).filter_by(release_id=release["id"]).order_by(Event.id)
    return [(event.move, event.from_state, event.to_state) for event in rows]


class TestSubmit:
    def test_sends_to_review(self, in_review, editor, dataset):
        assert in_review["state"] == "in_review"
        assert in_review["submitted_by"] == editor["name"]
        assert in_review["dataset_id"] == dataset["id"]
        assert in_review["allowed"] == ["request_changes", "approve", "cancel"]
        assert events(in_review) == [("submit", "draft", "in_review")]

    def test_twice_is_a_conflict_that_names_the_state(self, act, editor, in_review, dataset):
        with pytest.raises(tk.ValidationError) as caught:
            act(editor, "edomex_release_submit", dataset_id=dataset["id"])
        assert caught.value.error_dict["state"] == "in_review"
        assert "approve" in caught.value.error_dict["allowed"]

    def test_by_name_as_well_as_by_id(self, act, editor, dataset):
        assert act(editor, "edomex_release_submit", dataset_id=dataset["name"])["dataset_id"] == dataset["id"]

    def test_of_another_agency_is_not_found(self, act, stranger, dataset):
        with pytest.raises(tk.ObjectNotFound):
            act(stranger, "edomex_release_submit", dataset_id=dataset["id"])

    def test_member_without_edit_right_is_refused(self, act, dataset, agency):
        member = factories.User()
        tk.get_action("organization_member_create")(
            {"ignore_auth": True, "user": ""}, {"id": agency["id"], "username": member["name"], "role": "member"}
        )
        with pytest.raises(tk.NotAuthorized):
            act(member, "edomex_release_submit", dataset_id=dataset["id"])

    def test_index_learns_of_it(self, in_review, dataset):
        waiting = model.Session.query(Outbox).filter_by(done_at=None, dedupe_key=dataset["id"]).all()
        assert {entry.kind for entry in waiting} == {"index"}


class TestApprove:
    def test_schedules_and_freezes(self, scheduled, reviewer, dataset):
        assert scheduled["state"] == "scheduled"
        assert scheduled["calendar_status"] == "confirmed"
        assert scheduled["release_at"] == "2031-01-01T15:00:00Z"
        assert scheduled["approved_by"] == reviewer["name"]
        stored = model.Session.get(Release, scheduled["id"])
        assert stored.content_hash == content_hashes(model.Session, [dataset["id"]])[dataset["id"]]

    def test_by_the_submitter_is_refused_whatever_their_role(self, act, agency, sysadmin):
        dataset = act(sysadmin, "package_create", title="x", owner_org=agency["id"])
        release = act(sysadmin, "edomex_release_submit", dataset_id=dataset["id"])
        with pytest.raises(tk.NotAuthorized, match="otra persona tiene que aprobarlo"):
            act(sysadmin, "edomex_release_approve", id=release["id"], release_at=SOON)
        assert model.Session.get(Release, release["id"]).state == "in_review"

    @pytest.mark.parametrize(
        "date", ["2020-01-01T09:00:00-06:00", "2031-01-01T09:00:00", "2027-03-14T02:30[America/Ciudad_Juarez]", "pronto", None]
    )
    def test_bad_dates_are_field_errors_and_leave_nothing(self, act, reviewer, in_review, date):
        with pytest.raises(tk.ValidationError) as caught:
            act(reviewer, "edomex_release_approve", id=in_review["id"], release_at=date)
        assert list(caught.value.error_dict) == ["release_at"]
        model.Session.expire_all()
        assert model.Session.get(Release, in_review["id"]).state == "in_review"
        assert len(events(in_review)) == 1

    def test_now_is_due_at_once(self, act, reviewer, in_review):
        release = act(reviewer, "edomex_release_approve", id=in_review["id"], release_at="now")
        assert abs(datetime.fromisoformat(release["release_at"]) - datetime.now(UTC)) < timedelta(seconds=5)

    def test_of_content_that_changed_without_an_edit_is_refused(self, act, reviewer, in_review, dataset):
        theme = factories.Group()
        tk.get_action("member_create")(
            {"ignore_auth": True, "user": ""},
            {"id": theme["id"], "object": dataset["id"], "object_type": "package", "capacity": "public"},
        )
        with pytest.raises(tk.ValidationError, match="cambió después del envío"):
            act(reviewer, "edomex_release_approve", id=in_review["id"], release_at=SOON)

    def test_editor_is_refused_and_stranger_finds_nothing(self, act, editor, stranger, in_review):
        with pytest.raises(tk.NotAuthorized):
            act(editor, "edomex_release_approve", id=in_review["id"], release_at=SOON)
        with pytest.raises(tk.ObjectNotFound):
            act(stranger, "edomex_release_approve", id=in_review["id"], release_at=SOON)


class TestRequestChanges:
    def test_goes_back_with_its_note_and_comes_again(self, act, editor, reviewer, in_review, dataset):
        back = act(reviewer, "edomex_release_request_changes", id=in_review["id"], note="Falta la unidad de medida")
        assert (back["state"], back["note"]) == ("changes_requested", "Falta la unidad de medida")
        again = act(editor, "edomex_release_submit", dataset_id=dataset["id"])
        assert (again["id"], again["state"]) == (in_review["id"], "in_review")

    @pytest.mark.parametrize("note", ["", "   ", None, "a" * 2001, "con \x00 nulo"])
    def test_needs_a_sound_note(self, act, reviewer, in_review, note):
        with pytest.raises(tk.ValidationError) as caught:
            act(reviewer, "edomex_release_request_changes", id=in_review["id"], note=note)
        assert list(caught.value.error_dict) == ["note"]


class TestReschedule:
    def test_moves_the_date_and_publishes_the_reason(self, act, manager, scheduled):
        later = act(
            manager, "edomex_release_reschedule", id=scheduled["id"], release_at="2031-02-01T09:00:00-06:00", reason="Faltan datos"
        )
        assert later["release_at"] == "2031-02-01T15:00:00Z"
        (entry,) = act(None, "edomex_calendar_list")
        change = entry["changes"][0]
        assert (change["reason"], change["from"], change["to"]) == ("Faltan datos", "2031-01-01T15:00:00Z", "2031-02-01T15:00:00Z")

    def test_without_a_reason_is_refused(self, act, manager, scheduled):
        with pytest.raises(tk.ValidationError) as caught:
            act(manager, "edomex_release_reschedule", id=scheduled["id"], release_at=SOON)
        assert list(caught.value.error_dict) == ["reason"]

    def test_is_the_managers(self, act, editor, reviewer, scheduled):
        for person in (editor, reviewer):
            with pytest.raises(tk.NotAuthorized):
                act(person, "edomex_release_reschedule", id=scheduled["id"], release_at=SOON, reason="x")


class TestCancel:
    def test_ends_it_and_a_new_one_may_begin(self, act, editor, manager, scheduled, dataset):
        assert act(manager, "edomex_release_cancel", id=scheduled["id"], reason="No procede")["calendar_status"] == "cancelled"
        again = act(editor, "edomex_release_submit", dataset_id=dataset["id"])
        assert again["id"] != scheduled["id"]

    def test_of_what_is_over_is_a_conflict(self, act, manager, scheduled):
        act(manager, "edomex_release_cancel", id=scheduled["id"], reason="x")
        with pytest.raises(tk.ObjectNotFound):
            # A manager who is of no agency loses sight of it with its review.
            act(manager, "edomex_release_cancel", id=scheduled["id"], reason="x")


class TestReading:
    def test_list_shows_each_their_own(self, act, editor, stranger, reviewer, in_review):
        assert [r["id"] for r in act(editor, "edomex_release_list")] == [in_review["id"]]
        assert [r["id"] for r in act(reviewer, "edomex_release_list", state="in_review")] == [in_review["id"]]
        assert act(stranger, "edomex_release_list") == []

    def test_drafts_are_not_the_reviewers_yet(self, act, editor, reviewer, in_review, dataset):
        act(editor, "package_patch", id=dataset["id"], notes="Otra vez")
        assert act(reviewer, "edomex_release_list") == []
        with pytest.raises(tk.ObjectNotFound):
            act(reviewer, "edomex_release_show", id=in_review["id"])
        with pytest.raises(tk.ObjectNotFound):
            act(reviewer, "package_show", id=dataset["id"])

    def test_show_tells_its_history(self, act, reviewer, scheduled, editor):
        shown = act(reviewer, "edomex_release_show", id=scheduled["id"])
        assert [(event["move"], event["by"]) for event in shown["events"]] == [
            ("submit", editor["name"]),
            ("approve", reviewer["name"]),
        ]

    def test_filters(self, act, reviewer, scheduled, agency, dataset):
        def found(**by):
            return [r["id"] for r in act(reviewer, "edomex_release_list", **by)]

        assert found(dataset_id=dataset["name"], agency=agency["name"]) == [scheduled["id"]]
        assert found(**{"from": "2031-01-01", "to": "2031-01-02"}) == [scheduled["id"]]
        assert found(to="2030-12-31") == []
        assert found(agency="no-hay") == []

    def test_calendar_names_nothing_before_its_time_unless_asked(self, act, reviewer, manager, in_review):
        act(reviewer, "edomex_release_approve", id=in_review["id"], release_at=SOON)
        (entry,) = act(None, "edomex_calendar_list")
        assert (entry["title"], entry["dataset_id"], entry["dataset_name"]) == ("Por anunciar", None, None)
        assert "Población" not in str(entry)

    def test_calendar_names_what_was_to_be_announced(self, act, reviewer, in_review):
        act(reviewer, "edomex_release_approve", id=in_review["id"], release_at=SOON, announced=True)
        (entry,) = act(None, "edomex_calendar_list")
        assert (entry["title"], entry["dataset_id"]) == ("Población 2020", None)

    def test_calendar_of_one_dataset_tells_nothing_before_its_time(self, act, editor, reviewer, in_review, dataset):
        act(reviewer, "edomex_release_approve", id=in_review["id"], release_at=SOON, announced=True)
        for who in (None, editor):
            assert act(who, "edomex_calendar_list", dataset_id=dataset["id"]) == []

    @pytest.mark.parametrize("bad", [{"from": "ayer"}, {"limit": "-1"}, {"to": "2031-02-30"}])
    def test_bad_filters_are_field_errors(self, act, clean_releases, bad):
        with pytest.raises(tk.ValidationError):
            act(None, "edomex_calendar_list", **bad)


ACTIONS = {
    "edomex_release_submit": {"dataset_id": "{dataset}"},
    "edomex_release_request_changes": {"id": "{release}", "note": "x"},
    "edomex_release_approve": {"id": "{release}", "release_at": SOON},
    "edomex_release_reschedule": {"id": "{release}", "release_at": SOON, "reason": "x"},
    "edomex_release_cancel": {"id": "{release}", "reason": "x"},
    "edomex_release_show": {"id": "{release}"},
}


@pytest.mark.parametrize("action", ACTIONS)
class TestOutsiders:
    def data(self, action, in_review, dataset):
        return {key: value.format(release=in_review["id"], dataset=dataset["id"]) for key, value in ACTIONS[action].items()}

    def test_editor_of_another_agency_finds_nothing(self, act, stranger, in_review, dataset, action):
        with pytest.raises(tk.ObjectNotFound):
            act(stranger, action, **self.data(action, in_review, dataset))

    def test_anonymous_gets_one_answer_whatever_they_name(self, act, in_review, dataset, action):
        data = self.data(action, in_review, dataset)
        with pytest.raises(tk.NotAuthorized) as real:
            act(None, action, **data)
        with pytest.raises(tk.NotAuthorized) as absent:
            act(None, action, **{**data, next(iter(data)): "no-existe"})
        assert str(real.value) == str(absent.value)

    def test_what_does_not_exist_is_not_found(self, act, reviewer, action):
        data = {key: value.format(release="no-existe", dataset="no-existe") for key, value in ACTIONS[action].items()}
        with pytest.raises(tk.ObjectNotFound):
            act(reviewer, action, **data)


class TestRoles:
    def test_are_given_and_taken_by_sysadmins_alone(self, act, editor, sysadmin):
        with pytest.raises(tk.NotAuthorized):
            act(editor, "edomex_release_role_grant", user=editor["name"], role="reviewer")
        act(sysadmin, "edomex_release_role_grant", user=editor["name"], role="reviewer")
        act(sysadmin, "edomex_release_role_grant", user=editor["name"], role="reviewer")
        assert act(sysadmin, "edomex_release_role_list") == [{"user": editor["name"], "role": "reviewer"}]
        act(sysadmin, "edomex_release_role_revoke", user=editor["name"], role="reviewer")
        assert act(sysadmin, "edomex_release_role_list") == []

    def test_unknown_role_or_account(self, act, sysadmin, editor):
        with pytest.raises(tk.ValidationError):
            act(sysadmin, "edomex_release_role_grant", user=editor["name"], role="dios")
        with pytest.raises(tk.ObjectNotFound):
            act(sysadmin, "edomex_release_role_grant", user="nadie", role="reviewer")
