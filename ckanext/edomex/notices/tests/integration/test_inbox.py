"""The inbox and the preferences: one's own, of agencies that one works for, by action and by page."""

import re

import pytest
from ckan.plugins import toolkit as tk
from ckan.tests import factories

from ckanext.edomex.notices.model import Notice
from ckanext.edomex.notices.tests.integration.post import sql

INBOX, PREFERENCES = "/autoservicio/avisos", "/autoservicio/avisos/preferencias"
TITLE = "Pozos de agua"


@pytest.fixture
def passed(due, hear):
    """A dataset that was sent and approved; its people have a notice each."""
    (release,) = due(title=TITLE, at="2031-01-01T09:00:00-06:00")
    hear()
    return release


def kinds(found):
    return [each["kind"] for each in found["notices"]]


class TestList:
    def test_says_what_happened_to_what_and_where(self, act, editor, agency, passed):
        found = act(editor, "edomex_notice_list")
        (notice,) = found["notices"]
        assert (found["total"], found["unread"], notice["kind"]) == (1, 1, "approved")
        assert notice["text"] == "Se aprobó un conjunto, con fecha 1 de enero de 2031, 09:00"
        assert (notice["title"], notice["agency"]["name"]) == (TITLE, agency["name"])
        assert notice["path"] == f"/autoservicio/liberacion/{passed['id']}"

    def test_is_of_nobody_else(self, act, stranger, sysadmin, passed):
        for person in (stranger, sysadmin):
            assert act(person, "edomex_notice_list") == {"total": 0, "unread": 0, "notices": []}
        with pytest.raises(tk.NotAuthorized):
            act(None, "edomex_notice_list")

    def test_ends_with_the_membership(self, act, sysadmin, editor, agency, passed):
        act(sysadmin, "organization_member_delete", id=agency["id"], username=editor["name"])
        assert act(editor, "edomex_notice_list")["total"] == 0
        act(sysadmin, "organization_member_create", id=agency["id"], username=editor["name"], role="editor")
        assert act(editor, "edomex_notice_list")["total"] == 1

    def test_a_mere_reader_of_the_agency_is_told_nothing(self, act, sysadmin, editor, agency, passed):
        act(sysadmin, "organization_member_create", id=agency["id"], username=editor["name"], role="member")
        assert act(editor, "edomex_notice_list")["total"] == 0

    def test_a_title_is_shown_as_long_as_the_reader_may_see_it(self, act, manager, reviewer, passed, hear):
        (notice,) = act(reviewer, "edomex_notice_list")["notices"]
        assert (notice["kind"], notice["title"]) == ("submitted", TITLE)
        act(manager, "edomex_release_cancel", id=passed["id"], reason="No procede.")
        hear()
        found = act(reviewer, "edomex_notice_list")["notices"]
        assert [each["title"] for each in found if each["kind"] == "submitted"] == [None]

    def test_the_agencys_administrator_hears_of_it_too(self, act, sysadmin, agency, due, hear):
        admin = factories.User()
        act(sysadmin, "organization_member_create", id=agency["id"], username=admin["name"], role="admin")
        due(at="2031-01-01T09:00:00-06:00")
        hear()
        assert kinds(act(admin, "edomex_notice_list")) == ["approved"]

    def test_pages(self, act, editor, due, hear):
        due(3, at="2031-01-01T09:00:00-06:00")
        hear()
        first, second = (act(editor, "edomex_notice_list", limit=2, offset=offset)["notices"] for offset in (0, 2))
        assert len({each["id"] for each in (*first, *second)}) == 3


class TestRead:
    def test_marks_once_and_keeps_the_moment(self, act, editor, passed, rows):
        (notice,) = act(editor, "edomex_notice_list")["notices"]
        path = f"/autoservicio/liberacion/{passed['id']}"
        assert act(editor, "edomex_notice_read", id=notice["id"]) == {"read": 1, "paths": {notice["id"]: path}}
        before = [each.read_at for each in rows(Notice) if each.id == notice["id"]]
        assert act(editor, "edomex_notice_read", id=[notice["id"]])["read"] == 0
        assert [each.read_at for each in rows(Notice) if each.id == notice["id"]] == before
        assert act(editor, "edomex_notice_list", unread=True)["total"] == 0

    def test_all(self, act, editor, due, hear):
        due(2, at="2031-01-01T09:00:00-06:00")
        hear()
        assert act(editor, "edomex_notice_read", all=True)["read"] == 2
        assert act(editor, "edomex_notice_list")["unread"] == 0

    def test_not_somebody_elses(self, act, editor, stranger, sysadmin, passed):
        (notice,) = act(editor, "edomex_notice_list")["notices"]
        for person in (stranger, sysadmin):
            with pytest.raises(tk.ObjectNotFound):
                act(person, "edomex_notice_read", id=notice["id"])
        assert act(editor, "edomex_notice_list")["unread"] == 1

    @pytest.mark.parametrize("wrong", [{}, {"id": ""}, {"id": []}, {"id": [1]}, {"id": {"a": 1}}])
    def test_what_is_no_notice_is_said(self, act, editor, passed, wrong):
        with pytest.raises(tk.ValidationError):
            act(editor, "edomex_notice_read", **wrong)


class TestPreferences:
    def test_decide_what_comes_by_mail(self, box, act, editor, due, told, address):
        act(editor, "edomex_notice_preference_update", answers="portal")
        due(at="2031-01-01T09:00:00-06:00")
        told()
        assert address(editor) not in box.to
        act(editor, "edomex_notice_preference_update", answers="")
        due(at="2031-01-01T09:00:00-06:00")
        told()
        assert address(editor) in box.to

    def test_are_shown_whole_and_changed_in_part(self, act, editor):
        act(editor, "edomex_notice_preference_update", published="digest", dates="now")
        found = act(editor, "edomex_notice_preference_update", dates="portal")
        assert found == {"review": "", "answers": "", "dates": "portal", "reminders": "", "published": "digest"}
        assert act(editor, "edomex_notice_preference_show") == found

    def test_nothing_else_can_be_chosen(self, act, editor):
        with pytest.raises(tk.ValidationError) as caught:
            act(editor, "edomex_notice_preference_update", dates="paloma")
        assert "dates" in caught.value.error_dict
        act(editor, "edomex_notice_preference_update", trouble="portal")
        assert "trouble" not in act(editor, "edomex_notice_preference_show")


class TestPages:
    def test_a_visitor_is_sent_to_log_in(self, visit, clean_releases):
        for path in (INBOX, PREFERENCES):
            assert "/user/login" in visit(None, path).headers["Location"]
        assert "/user/login" in visit(None, INBOX, form={"accion": "todos"}).headers["Location"]

    def test_the_header_counts_on_every_page(self, visit, editor, stranger, passed):
        assert re.search(r'edomex-badge">1<span class="visually-hidden"> sin leer', visit(editor, "/autoservicio").body)
        assert "edomex-badge" not in visit(stranger, "/autoservicio").body
        assert "/autoservicio/avisos" not in visit(None, "/").body

    def test_opening_marks_and_leads_there(self, visit, act, editor, passed):
        page = visit(editor, INBOX).body
        assert TITLE in page and "Sin leer" in page
        (notice,) = act(editor, "edomex_notice_list")["notices"]
        answer = visit(editor, INBOX, form={"accion": "abrir", "id": notice["id"]})
        assert answer.status_code == 303
        assert answer.headers["Location"].endswith(f"/autoservicio/liberacion/{passed['id']}")
        assert "Marcar como leído" not in visit(editor, INBOX).body
        assert "No tiene avisos sin leer." in visit(editor, f"{INBOX}?sin_leer=1").body

    def test_marking_stays_where_one_was(self, visit, act, editor, passed):
        (notice,) = act(editor, "edomex_notice_list")["notices"]
        form = {"accion": "leido", "id": notice["id"], "pagina": "1", "sin_leer": "1"}
        answer = visit(editor, INBOX, form=form)
        assert (answer.status_code, "sin_leer=1" in answer.headers["Location"]) == (303, True)
        assert visit(editor, INBOX, form={"accion": "todos"}).status_code == 303

    def test_somebody_elses_notice_is_no_page(self, visit, act, editor, stranger, passed):
        (notice,) = act(editor, "edomex_notice_list")["notices"]
        assert visit(stranger, INBOX, form={"accion": "abrir", "id": notice["id"]}).status_code == 404

    def test_an_empty_inbox_says_what_will_be_there(self, visit, stranger):
        assert "Todavía no hay avisos" in visit(stranger, INBOX).body

    def test_preferences_are_kept_and_a_wrong_one_is_told(self, visit, act, editor):
        assert visit(editor, PREFERENCES, form={"dates": "digest"}).status_code == 303
        assert act(editor, "edomex_notice_preference_show")["dates"] == "digest"
        assert re.search(r'value="digest" selected', visit(editor, PREFERENCES).body)
        wrong = visit(editor, PREFERENCES, form={"dates": "paloma"})
        assert (wrong.status_code, "campo-dates-error" in wrong.body) == (400, True)

    def test_a_page_that_is_none_is_the_first(self, visit, editor, passed):
        for number in ("0", "-3", "x"):
            assert TITLE in visit(editor, f"{INBOX}?pagina={number}").body


def test_what_is_older_than_a_year_goes_at_the_daily_hour(act, editor, passed, morning, rows):
    sql("UPDATE edomex_notices_notice SET created_at = clock_timestamp() - interval '366 days'")
    morning()
    assert rows(Notice) == []
