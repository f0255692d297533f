"""Windows and habits on the real database: who sets them, what they refuse, and that they move nothing by themselves."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories

from ckanext.edomex.domain.clock import local
from ckanext.edomex.release.cli import edomex

BEGIN, END = "2031-03-01T00:00:00-06:00", "2031-06-02T00:00:00-06:00"
INSIDE, AFTER = "2031-04-01T09:00:00-06:00", "2031-06-02T09:00:00-06:00"
WHY = "Veda electoral"


@pytest.fixture
def sent(act, editor, agency):
    def make():
        dataset = act(editor, "package_create", title="Agua", owner_org=agency["id"])
        return act(editor, "edomex_release_submit", dataset_id=dataset["id"])

    return make


@pytest.fixture
def hold(act, manager):
    def make(effect="hold", **fields):
        given = {"starts_at": BEGIN, "ends_at": END, "effect": effect, "reason": WHY, **fields}
        return act(manager, "edomex_blackout_create", **given)

    return make


def approve(act, reviewer, release, at=INSIDE, **more):
    return act(reviewer, "edomex_release_approve", id=release["id"], release_at=at, **more)


class TestHolding:
    def test_by_default_nothing_is_held(self, act, reviewer, sent):
        assert approve(act, reviewer, sent())["state"] == "scheduled"

    def test_no_date_is_set_within_it_and_the_error_says_what_is_free(self, act, reviewer, sent, hold):
        hold()
        release = sent()
        with pytest.raises(tk.ValidationError) as caught:
            approve(act, reviewer, release, confirm=True)
        assert WHY in caught.value.error_dict["release_at"][0]
        assert caught.value.error_dict["next_allowed"] == ["2031-06-02T06:00:00Z"]
        assert approve(act, reviewer, release, at="2031-06-02T06:00:00Z")["state"] == "scheduled"

    def test_nor_moved_into_it(self, act, reviewer, manager, sent, hold):
        release = approve(act, reviewer, sent(), at=AFTER)
        hold()
        with pytest.raises(tk.ValidationError, match=WHY):
            act(manager, "edomex_release_reschedule", id=release["id"], release_at=INSIDE, reason="x")
        assert act(reviewer, "edomex_release_show", id=release["id"])["release_at"] == "2031-06-02T15:00:00Z"

    def test_now_is_a_date_too(self, act, reviewer, sent, hold):
        now = datetime.now(UTC)
        hold(starts_at=(now - timedelta(hours=1)).isoformat(), ends_at=(now + timedelta(hours=1)).isoformat())
        with pytest.raises(tk.ValidationError, match=WHY):
            approve(act, reviewer, sent(), at="now")

    def test_of_one_agency_holds_nobody_else(self, act, reviewer, sent, hold):
        other = factories.Organization()
        hold(agency=other["name"])
        assert approve(act, reviewer, sent())["state"] == "scheduled"

    def test_that_was_ended_holds_nothing(self, act, manager, reviewer, sent, hold):
        assert act(manager, "edomex_blackout_end", id=hold()["id"])["ended_at"]
        assert approve(act, reviewer, sent())["state"] == "scheduled"
        assert act(manager, "edomex_blackout_list") == []

    def test_a_withdrawal_is_never_held(self, act, manager, sysadmin, public, hold):
        dataset = public()
        now = datetime.now(UTC)
        hold(starts_at=(now - timedelta(hours=1)).isoformat(), ends_at=(now + timedelta(hours=1)).isoformat())
        proposed = act(manager, "edomex_release_withdraw", dataset_id=dataset["id"], reason="x", legal_ground="y")
        assert act(sysadmin, "edomex_release_withdraw_confirm", id=proposed["id"])["state"] == "released"


class TestWarning:
    def test_asks_once_and_lets_pass_who_confirms(self, act, manager, reviewer, sent, hold):
        hold("warn")
        release = sent()
        with pytest.raises(tk.ValidationError) as caught:
            approve(act, reviewer, release)
        assert list(caught.value.error_dict) == ["confirm"]
        assert approve(act, reviewer, release, confirm=True)["state"] == "scheduled"
        moved = {"id": release["id"], "release_at": "2031-04-02T09:00:00-06:00", "reason": "x"}
        with pytest.raises(tk.ValidationError):
            act(manager, "edomex_release_reschedule", **moved)
        assert act(manager, "edomex_release_reschedule", **moved, confirm=True)["release_at"] == "2031-04-02T15:00:00Z"


class TestOverConfirmedDates:
    def test_it_lists_them_marks_them_and_moves_none(self, act, reviewer, sent, hold):
        inside, outside = approve(act, reviewer, sent()), approve(act, reviewer, sent(), at=AFTER)
        made = hold()
        assert [each["id"] for each in made["releases"]] == [inside["id"]]
        assert made["affected"] == 1
        shown = act(reviewer, "edomex_release_show", id=inside["id"])
        assert (shown["release_at"], shown["window"]["reason"]) == ("2031-04-01T15:00:00Z", WHY)
        assert act(reviewer, "edomex_release_show", id=outside["id"])["window"] is None

    def test_a_promise_is_kept_within_it(self, act, reviewer, sent, hold, pass_once):
        release = approve(act, reviewer, sent())
        now = datetime.now(UTC)
        hold(starts_at=(now - timedelta(hours=1)).isoformat(), ends_at=(now + timedelta(hours=1)).isoformat())
        model.Session.execute(sa.text("UPDATE edomex_release SET release_at = clock_timestamp(), due_at = clock_timestamp()"))
        assert pass_once().released == [release["id"]]

    def test_a_person_moves_it_with_a_reason_and_the_mark_goes(self, act, manager, reviewer, sent, hold):
        release = approve(act, reviewer, sent())
        hold()
        act(manager, "edomex_release_reschedule", id=release["id"], release_at=AFTER, reason=WHY)
        assert act(reviewer, "edomex_release_show", id=release["id"])["window"] is None
        (entry,) = act(None, "edomex_calendar_list")
        assert entry["changes"][0]["reason"] == WHY


class TestWho:
    @pytest.mark.parametrize("who", ["editor", "reviewer", "stranger"])
    def test_only_managers_set_them(self, act, request, agency, hold, who):
        person, made = request.getfixturevalue(who), hold()
        calls = [
            ("edomex_blackout_create", {"starts_at": BEGIN, "ends_at": END, "effect": "hold", "reason": "x"}),
            ("edomex_blackout_end", {"id": made["id"]}),
            ("edomex_schedule_update", {"agency": agency["id"], "time": "10:00", "weekdays": [1]}),
            ("edomex_schedule_reset", {"agency": agency["id"]}),
        ]
        for action, data in calls:
            with pytest.raises(tk.NotAuthorized):
                act(person, action, **data)
            with pytest.raises(tk.NotAuthorized):
                act(None, action, **data)

    def test_each_sees_the_states_and_their_own(self, act, editor, reviewer, stranger, agency, hold):
        everybodys, own = hold()["id"], hold(agency=agency["name"])["id"]

        def seen(person, **by):
            return {each["id"] for each in act(person, "edomex_blackout_list", **by)}

        assert seen(editor) == seen(reviewer) == seen(editor, agency=agency["name"]) == {everybodys, own}
        assert seen(stranger) == seen(stranger, agency=agency["name"]) == {everybodys}
        with pytest.raises(tk.NotAuthorized):
            act(None, "edomex_blackout_list")


class TestBad:
    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"ends_at": BEGIN}, "ends_at"), ({"ends_at": "2039-01-01"}, "ends_at"), ({"starts_at": "ayer"}, "starts_at"),
            ({"starts_at": "2001-01-01", "ends_at": "2001-02-01"}, "ends_at"), ({"effect": "forbid"}, "effect"),
            ({"reason": " "}, "reason"),
        ],
    )  # fmt: skip
    def test_windows(self, hold, wrong, field):
        with pytest.raises(tk.ValidationError) as caught:
            hold(**wrong)
        assert list(caught.value.error_dict) == [field]

    def test_agencies_and_windows_that_are_not_there(self, act, manager, hold):
        for action, data in (("edomex_blackout_end", {"id": "nada"}), ("edomex_schedule_show", {"agency": "nada"})):
            with pytest.raises(tk.ObjectNotFound):
                act(manager, action, **data)
        with pytest.raises(tk.ObjectNotFound):
            hold(agency="nada")
        made = hold()
        act(manager, "edomex_blackout_end", id=made["id"])
        with pytest.raises(tk.ObjectNotFound):
            act(manager, "edomex_blackout_end", id=made["id"])

    @pytest.mark.parametrize(
        "wrong", [{"time": "25:00"}, {"time": "mañana"}, {"weekdays": [0]}, {"weekdays": "lunes"}, {"weekdays": [9]}]
    )
    def test_habits(self, act, manager, agency, wrong):
        with pytest.raises(tk.ValidationError) as caught:
            act(manager, "edomex_schedule_update", **{"agency": agency["id"], "time": "09:00", "weekdays": [1], **wrong})
        assert list(caught.value.error_dict) == list(wrong)


class TestSlots:
    def test_an_agencys_own_and_back_again(self, act, manager, editor, agency):
        usual = act(editor, "edomex_schedule_show", agency=agency["name"])
        assert (usual["time"], usual["weekdays"], usual["own"]) == ("09:00", [1, 2, 3, 4, 5], False)
        own = act(manager, "edomex_schedule_update", agency=agency["id"], time="16:30", weekdays="2 4")
        slot = local(datetime.fromisoformat(own["next_slot"]))
        assert (own["own"], f"{slot:%H:%M}", slot.isoweekday() in {2, 4}) == (True, "16:30", True)
        assert act(manager, "edomex_schedule_reset", agency=agency["id"])["own"] is False

    def test_the_form_proposes_it_and_takes_it(self, act, visit, reviewer, agency, sent):
        release = sent()
        slot = act(reviewer, "edomex_schedule_show", agency=agency["id"])["next_slot"]
        path = f"/autoservicio/liberacion/{release['id']}"
        assert f'name="slot" value="{slot}"' in visit(reviewer, path).body
        assert visit(reviewer, f"{path}/aprobar", form={"when": "slot", "slot": slot}).status_code == 303
        assert act(reviewer, "edomex_release_show", id=release["id"])["release_at"] == slot

    def test_the_form_asks_about_a_warning_and_keeps_what_was_typed(self, act, visit, reviewer, sent, hold):
        hold("warn")
        release = sent()
        path = f"/autoservicio/liberacion/{release['id']}/aprobar"
        form = {"when": "date", "date": "2031-04-01", "time": "09:00"}
        page = visit(reviewer, path, form=form)
        assert page.status_code == 400
        assert all(words in page.body for words in ('href="#aprobar-confirm"', 'id="aprobar-confirm"', WHY, 'value="2031-04-01"'))
        assert visit(reviewer, path, form={**form, "confirm": "1"}).status_code == 303

    def test_the_form_says_what_is_held_and_what_is_free(self, visit, reviewer, sent, hold):
        hold()
        path = f"/autoservicio/liberacion/{sent()['id']}/aprobar"
        page = visit(reviewer, path, form={"when": "date", "date": "2031-04-01", "time": "09:00"})
        assert page.status_code == 400
        assert 'href="#aprobar-date"' in page.body and "El siguiente momento permitido es el 2 de junio de 2031, 00:00" in page.body


def test_an_operator_does_it_from_the_command_line(act, reviewer, sent, cli):
    release = approve(act, reviewer, sent())
    made = cli.invoke(edomex, ["release", "window", "add", BEGIN, END, "hold", WHY])
    assert made.exit_code == 0, made.output
    window_id, marked = made.output.split("\n")[:2]
    assert marked.startswith(release["id"])
    assert WHY in cli.invoke(edomex, ["release", "window", "list"]).output
    assert cli.invoke(edomex, ["release", "window", "end", window_id]).output.startswith(window_id)
    assert WHY not in cli.invoke(edomex, ["release", "window", "list"]).output
