"""Approving several at once: what would happen is shown, and what was shown is done, to each by itself."""

import re

import pytest
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.edomex.release.model import Release

SOON = "2031-01-01T09:00:00-06:00"
WHEN = {"when": "date", "date": "2031-01-01", "time": "09:00"}
PAGE = "/autoservicio/aprobar"


@pytest.fixture
def waiting(act, editor, agency):
    """Two releases in review."""
    made = []
    for title in ("Calidad del agua", "Matrícula <escolar>"):
        dataset = act(editor, "package_create", title=title, owner_org=agency["id"], notes="Por municipio")
        made.append(act(editor, "edomex_release_submit", dataset_id=dataset["id"]))
    return made


def ids(*releases):
    return [("id", each["id"]) for each in releases]


def state_of(release):
    model.Session.expire_all()
    return model.Session.get(Release, release["id"]).state


def hidden(page):
    """The fields of the form that approves."""
    form = page[: page.rindex("Aprobar est")].rsplit("<form", 1)[1]
    return re.findall(r'name="([^"]+)" value="([^"]*)"', form)


class TestPreview:
    def test_says_what_an_approval_would_do_and_does_nothing(self, act, reviewer, waiting):
        found = act(reviewer, "edomex_release_approve_preview", id=waiting[0]["id"], release_at=SOON, announced=True)
        assert (found["ready"], found["release_at"], found["announced"]) == (True, "2031-01-01T15:00:00Z", True)
        assert (found["title"], found["submission"]) == ("Calidad del agua", 1)
        assert state_of(waiting[0]) == "in_review"

    @pytest.mark.parametrize(("given", "field"), [
        ({"release_at": "2020-01-01T09:00:00-06:00"}, "release_at"), ({"release_at": None}, "release_at"),
        ({"release_at": SOON, "submission": 7}, None),
    ])  # fmt: skip
    def test_says_why_not(self, act, reviewer, waiting, given, field):
        found = act(reviewer, "edomex_release_approve_preview", id=waiting[0]["id"], **given)
        assert (found["ready"], found["field"], found["release_at"]) == (False, field, None)
        assert found["message"]

    def test_names_observations_that_are_left(self, act, reviewer, waiting):
        act(reviewer, "edomex_observation_create", release_id=waiting[0]["id"], anchor="dataset", text="Falta la fuente.")
        found = act(reviewer, "edomex_release_approve_preview", id=waiting[0]["id"], release_at=SOON)
        assert "la observación 1" in found["message"]

    def test_is_the_reviewers(self, act, editor, manager, stranger, waiting):
        for person in (editor, manager, stranger, None):
            with pytest.raises(tk.NotAuthorized):
                act(person, "edomex_release_approve_preview", id=waiting[0]["id"], release_at=SOON)


class TestSubmission:
    def test_what_was_sent_since_is_not_approved_unseen(self, act, editor, reviewer, waiting):
        release = waiting[0]
        act(editor, "package_patch", id=release["dataset_id"], notes="Otra cosa")
        act(editor, "edomex_release_submit", dataset_id=release["dataset_id"])
        with pytest.raises(tk.ValidationError) as caught:
            act(reviewer, "edomex_release_approve", id=release["id"], release_at=SOON, submission=1)
        assert (caught.value.error_dict["submission"], caught.value.error_dict["state"]) == (2, "in_review")
        assert act(reviewer, "edomex_release_approve", id=release["id"], release_at=SOON, submission=2)["state"] == "scheduled"

    def test_the_page_of_one_says_which_it_shows(self, act, visit, editor, reviewer, waiting):
        path = f"/autoservicio/liberacion/{waiting[0]['id']}"
        assert 'name="submission" value="1"' in visit(reviewer, path).body
        act(editor, "package_patch", id=waiting[0]["dataset_id"], notes="Otra cosa")
        act(editor, "edomex_release_submit", dataset_id=waiting[0]["dataset_id"])
        answer = visit(reviewer, f"{path}/aprobar", form={**WHEN, "submission": "1"})
        assert answer.status_code == 409
        assert "envió otra vez el conjunto" in answer.body
        assert state_of(waiting[0]) == "in_review"


class TestPage:
    def test_is_reached_from_the_queue(self, visit, reviewer, waiting):
        page = visit(reviewer, "/autoservicio").body
        assert f'action="{PAGE}"' in page
        assert all(f'value="{each["id"]}"' in page for each in waiting)
        chosen = visit(reviewer, f"{PAGE}?id={waiting[0]['id']}&id={waiting[1]['id']}").body
        assert "Aprobar 2 conjuntos" in chosen
        assert "Matrícula &lt;escolar&gt;" in chosen

    def test_shows_then_does_exactly_that(self, visit, reviewer, waiting):
        shown = visit(reviewer, PAGE, form=MultiForm(ids(*waiting), WHEN))
        assert shown.status_code == 200
        assert "1 de enero de 2031, 09:00" in shown.body
        assert [state_of(each) for each in waiting] == ["in_review", "in_review"]
        answer = visit(reviewer, PAGE, form=MultiForm(hidden(shown.body)))
        assert (answer.status_code, answer.headers["Location"].rsplit("/", 1)[-1]) == (303, "autoservicio")
        assert [state_of(each) for each in waiting] == ["scheduled", "scheduled"]
        assert {model.Session.get(Release, each["id"]).release_at.isoformat()[:16] for each in waiting} == {"2031-01-01T15:00"}

    def test_each_in_its_agencys_next_slot(self, act, visit, reviewer, agency, waiting):
        slot = act(reviewer, "edomex_schedule_show", agency=agency["id"])["next_slot"]
        shown = visit(reviewer, PAGE, form=MultiForm(ids(*waiting), {"when": "slot"}))
        assert shown.body.count(f'<time datetime="{slot}">') == 2

    def test_one_that_cannot_be_stops_no_other(self, act, visit, editor, reviewer, waiting):
        shown = visit(reviewer, PAGE, form=MultiForm(ids(*waiting), WHEN))
        act(editor, "package_patch", id=waiting[0]["dataset_id"], notes="Otra cosa")
        act(editor, "edomex_release_submit", dataset_id=waiting[0]["dataset_id"])
        assert visit(reviewer, PAGE, form=MultiForm(hidden(shown.body))).status_code == 303
        assert [state_of(each) for each in waiting] == ["in_review", "scheduled"]

    def test_what_is_gone_is_named_and_left_out(self, act, visit, editor, reviewer, waiting):
        act(editor, "package_patch", id=waiting[0]["dataset_id"], notes="Otra cosa")
        shown = visit(reviewer, PAGE, form=MultiForm(ids(*waiting), WHEN))
        assert "Ya no espera revisión" in shown.body
        assert "Calidad del agua" not in shown.body
        assert "Aprobar este conjunto" in shown.body

    @pytest.mark.parametrize(("wrong", "status"), [
        ({"when": "date", "date": "", "time": "09:00"}, 400), ({"when": "date", "date": "2020-01-01", "time": "09:00"}, 400),
    ])  # fmt: skip
    def test_a_wrong_date_comes_back(self, visit, reviewer, waiting, wrong, status):
        answer = visit(reviewer, PAGE, form=MultiForm(ids(*waiting), wrong))
        assert answer.status_code == status
        assert '<a href="#varios-date">' in answer.body
        assert "Qué pasará" not in answer.body

    def test_without_a_choice_it_says_so(self, visit, reviewer, waiting):
        assert visit(reviewer, PAGE).status_code == 303
        assert visit(reviewer, PAGE, form=WHEN).status_code == 303

    def test_is_the_reviewers(self, visit, editor, stranger, waiting):
        for person in (editor, stranger):
            assert visit(person, f"{PAGE}?id={waiting[0]['id']}").status_code == 403
            assert visit(person, PAGE, form=MultiForm(ids(*waiting), WHEN)).status_code == 403
        assert visit(None, PAGE).status_code == 302


def MultiForm(pairs, more=None):  # noqa: N802  # it makes one
    """A form in which a name may stand more than once."""
    from werkzeug.datastructures import MultiDict

    return MultiDict([*pairs, *(more or {}).items()])
