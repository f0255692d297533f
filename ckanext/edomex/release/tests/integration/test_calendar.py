"""The public calendar: each promise as what became of it, in every form, and no word more than was promised."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from icalendar import Calendar
from lxml import etree

from ckanext.edomex.release.domain.calendar import APPROVED_ANEW, Status
from ckanext.edomex.release.model import Release

FAR, FARTHER = "2031-03-03T15:00:00Z", "2031-04-07T15:00:00Z"
SECRET = "Padrón de pozos clausurados"
ALWAYS = {"from": "2000-01-01"}


@pytest.fixture
def sent(act, editor, agency):
    """Send datasets to review."""

    def make(title=SECRET):
        dataset = act(editor, "package_create", title=title, owner_org=agency["id"])
        return act(editor, "edomex_release_submit", dataset_id=dataset["id"])

    return make


@pytest.fixture
def promise(act, reviewer, sent):
    """Promise datasets, each at its instant."""

    def make(at=FAR, title=SECRET, **fields):
        return act(reviewer, "edomex_release_approve", id=sent(title)["id"], release_at=at, **fields)

    return make


@pytest.fixture
def back_date():
    """Put a promise into the past, as if nobody had kept it."""

    def move(release, **ago):
        then = datetime.now(UTC) - timedelta(**ago)
        model.Session.execute(
            sa.text("UPDATE edomex_release SET promised_at = :at, release_at = :at WHERE id = :id"),
            {"at": then, "id": release["id"]},
        )  # fmt: skip
        model.Session.commit()

    return move


def entries(act, **by):
    return act(None, "edomex_calendar_list", **{**ALWAYS, **by})


def only(act, **by):
    (one,) = entries(act, **by)
    return one


class TestStatus:
    def test_upcoming(self, act, promise):
        promise()
        assert only(act)["status"] == "upcoming" == only(act, status="upcoming")["status"]
        assert entries(act, status="overdue") == []

    def test_a_void_approval_leaves_its_date_to_be_confirmed_and_says_nothing_new(self, act, editor, promise):
        release = promise(announced=True)
        act(editor, "package_patch", id=release["dataset_id"], title="Otro título que nadie aprobó")
        one = only(act)
        assert (one["status"], one["title"], one["release_at"]) == ("unconfirmed", SECRET, FAR)
        assert "nadie aprobó" not in str(one)
        assert one["changes"] == [] and one["reason"] is None

    def test_approved_anew_for_another_day_it_has_moved_with_a_public_reason(self, act, editor, reviewer, promise):
        release = promise()
        act(editor, "package_patch", id=release["dataset_id"], notes="Otra vez")
        act(editor, "edomex_release_submit", dataset_id=release["dataset_id"])
        act(reviewer, "edomex_release_approve", id=release["id"], release_at=FARTHER)
        one = only(act, moved=True)
        assert (one["status"], one["release_at"], one["sequence"]) == ("upcoming", FARTHER, 2)
        assert [(each["from"], each["to"], each["reason"]) for each in one["changes"]] == [(FAR, FARTHER, APPROVED_ANEW)]

    def test_or_with_the_reviewers_own(self, act, editor, reviewer, promise):
        release = promise()
        act(editor, "package_patch", id=release["dataset_id"], notes="Otra vez")
        act(editor, "edomex_release_submit", dataset_id=release["dataset_id"])
        act(reviewer, "edomex_release_approve", id=release["id"], release_at=FARTHER, reason="Se agregó un municipio")
        assert only(act)["changes"][0]["reason"] == "Se agregó un municipio"

    def test_overdue_after_a_minute_and_not_before(self, act, promise, back_date):
        release = promise()
        back_date(release, seconds=30)
        assert only(act)["status"] == "upcoming"
        back_date(release, seconds=90)
        assert only(act)["status"] == "overdue"

    def test_a_failed_release_is_overdue_a_minute_later(self, act, promise, pass_once, back_date):
        release = promise("now")
        model.Session.execute(sa.text("UPDATE package SET title = 'por debajo' WHERE id = :id"), {"id": release["dataset_id"]})
        assert pass_once().failed == [release["id"]]
        assert only(act)["status"] == "unconfirmed"
        back_date(release, seconds=90)
        one = only(act)
        assert (one["status"], one["title"]) == ("overdue", "Por anunciar")
        assert "por debajo" not in str(one)

    def test_cancelled_stays_with_its_reason(self, act, manager, promise):
        release = promise(announced=True)
        act(manager, "edomex_release_cancel", id=release["id"], reason="Se publicará con otro conjunto")
        one = only(act, status="cancelled")
        assert (one["title"], one["reason"], one["dataset_id"]) == (SECRET, "Se publicará con otro conjunto", None)

    def test_what_was_never_promised_is_not_there(self, act, manager, sent):
        release = sent()
        act(manager, "edomex_release_cancel", id=release["id"], reason="No procede")
        assert entries(act) == []

    def test_released_and_then_withdrawn(self, act, manager, sysadmin, public):
        dataset = public(SECRET)
        assert (only(act)["status"], only(act)["title"]) == ("released", SECRET)
        proposed = act(manager, "edomex_release_withdraw", dataset_id=dataset["id"], reason="Tiene datos", legal_ground="Artículo 1")
        act(sysadmin, "edomex_release_withdraw_confirm", id=proposed["id"])
        assert entries(act) == []

    def test_an_announced_edition_of_what_was_withdrawn_is_not_named_any_more(self, act, manager, sysadmin, public, edition):
        dataset = public("Agua")
        edition(dataset, at=FAR, release=False)
        model.Session.execute(sa.text("UPDATE edomex_release SET announced = true, announced_title = 'Agua 2' WHERE kind = 'edition'"))
        assert [entry["title"] for entry in entries(act)] == ["Agua", "Agua 2"]
        proposed = act(manager, "edomex_release_withdraw", dataset_id=dataset["id"], reason="Tiene datos", legal_ground="Artículo 1")
        act(sysadmin, "edomex_release_withdraw_confirm", id=proposed["id"])
        one = only(act)
        assert (one["status"], one["title"], one["dataset_id"]) == ("cancelled", "Por anunciar", None)

    def test_a_cancelled_promise_outlives_its_dataset(self, act, editor, manager, promise):
        release = promise()
        act(manager, "edomex_release_cancel", id=release["id"], reason="x")
        act(editor, "package_delete", id=release["dataset_id"])
        assert only(act)["status"] == "cancelled"


class TestSums:
    def test_count_says_what_list_lists(self, act, manager, promise, public, back_date, agency):
        public("Agua")
        act(manager, "edomex_release_cancel", id=promise()["id"], reason="x")
        back_date(promise(), days=2)
        promise(FARTHER)
        found = act(None, "edomex_calendar_count")
        listed = [entry["status"] for entry in entries(act)]
        assert found["statuses"] == {str(status): listed.count(status) for status in Status}
        assert found["total"] == 4
        assert found["agencies"] == [{"name": agency["name"], "title": agency["title"], "total": 4, "statuses": found["statuses"]}]

    def test_a_month_has_its_days_in_the_states_zone_and_so_many_of_each(self, act, promise):
        for minute in range(5):
            promise(f"2031-03-31T23:5{minute}:00-06:00")
        promise("2031-04-01T00:00:00-06:00")
        found = act(None, "edomex_calendar_month", month="2031-03", per_day=3)
        (day,) = found["days"]
        assert (found["month"], day["date"], day["total"]) == ("2031-03", "2031-03-31", 5)
        assert [entry["release_at"] for entry in day["entries"]] == [f"2031-04-01T05:5{minute}:00Z" for minute in range(3)]
        assert act(None, "edomex_calendar_month", month="2031-03", agency="otra")["days"] == []

    @pytest.mark.parametrize("bad", [{"month": "marzo"}, {"status": "hidden"}, {"sort": "id; DROP"}, {"per_day": -1}])
    def test_bad_filters_are_field_errors(self, act, clean_releases, bad):
        for action in ("edomex_calendar_list", "edomex_calendar_month", "edomex_calendar_count"):
            with pytest.raises(tk.ValidationError) as caught:
                act(None, action, **bad)
            assert list(caught.value.error_dict) == list(bad)

    def test_what_changed_last_comes_first(self, act, manager, promise):
        first, second = promise(), promise(FARTHER)
        assert [entry["id"] for entry in entries(act, sort="changed")] == [second["id"], first["id"]]
        act(manager, "edomex_release_cancel", id=first["id"], reason="x")
        assert [entry["id"] for entry in entries(act, sort="changed")] == [first["id"], second["id"]]


@pytest.fixture
def everything(act, manager, promise, public, back_date):
    """One of each."""
    public("Agua; con, signos\\y «comillas»")
    act(manager, "edomex_release_cancel", id=promise(announced=True)["id"], reason="Se publicará con otro; con más")
    moved = promise("2031-03-10T15:00:00Z", title="Movido")
    act(manager, "edomex_release_reschedule", id=moved["id"], release_at=FARTHER, reason="Falta\nun municipio")
    back_date(promise(title="Atrasado"), days=2)
    promise("2031-05-01T15:00:00Z", title="Sin anunciar")
    return entries(act)


@pytest.fixture
def get(app):
    def visit(path, **headers):
        return app.get(path, headers=headers, status=None)

    return visit


class TestFiles:
    def test_ics_equals_the_calendar_event_by_event(self, get, everything):
        calendar = Calendar.from_ical(get("/calendario.ics").body)
        events = {str(event["UID"]).split("@")[0]: event for event in calendar.walk("VEVENT")}
        assert len(everything) == 5 and events.keys() == {entry["id"] for entry in everything}
        for entry in everything:
            event = events[entry["id"]]
            assert event.decoded("DTSTART") == datetime.fromisoformat(entry["release_at"]).replace(microsecond=0)
            assert entry["title"] in str(event["SUMMARY"]) and entry["agency"]["title"] in str(event["SUMMARY"])
            assert event["SEQUENCE"] == entry["sequence"]
            assert (str(event["STATUS"]) == "CANCELLED") == (entry["status"] == "cancelled")
            assert all(change["reason"] in str(event["DESCRIPTION"]) for change in entry["changes"])
            assert str(event["URL"]).startswith("http")

    def test_an_uid_stays_and_its_sequence_grows(self, act, manager, get, promise):
        def event():
            (found,) = Calendar.from_ical(get("/calendario.ics").body).walk("VEVENT")
            return str(found["UID"]), found["SEQUENCE"], str(found["STATUS"])

        release = promise()
        uid, number, status = event()
        assert (number, status) == (0, "CONFIRMED")
        act(manager, "edomex_release_reschedule", id=release["id"], release_at=FARTHER, reason="x")
        assert event() == (uid, 1, "CONFIRMED")
        act(manager, "edomex_release_cancel", id=release["id"], reason="x")
        assert event() == (uid, 2, "CANCELLED")

    def test_csv_has_a_row_for_each(self, get, everything):
        answer = get("/calendario.csv?from=2000-01-01")
        rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
        assert [row["id"] for row in rows] == [entry["id"] for entry in everything]
        assert {row["estado"] for row in rows} == {"Próxima", "Atrasada", "Publicada", "Cancelada"}
        moved = next(row for row in rows if row["cambios_de_fecha"] == "1")
        assert (moved["fecha_prometida"], moved["motivo"]) == ("2031-04-07T09:00:00-06:00", "Falta\nun municipio")

    def test_atom_has_an_entry_for_each(self, get, everything):
        feed = etree.fromstring(get("/calendario.atom").get_data())
        ids = {node.text for node in feed.iter("{http://www.w3.org/2005/Atom}id")}
        assert {f"urn:uuid:{entry['id']}" for entry in everything} < ids

    @pytest.mark.parametrize("form", ["json", "csv", "ics", "atom"])
    def test_no_file_says_a_title_that_was_not_announced(self, get, everything, form):
        body = get(f"/calendario.{form}?from=2000-01-01").get_data().decode().replace("\r\n ", "").replace("\\u00f3", "ó")
        for title in ("Movido", "Atrasado", "Sin anunciar"):
            assert title not in body
        assert SECRET in body

    @pytest.mark.parametrize("form", ["json", "csv", "ics", "atom"])
    def test_who_has_it_already_gets_304_until_something_changes(self, act, manager, get, promise, form):
        release = promise()
        etag = get(f"/calendario.{form}").headers["ETag"]
        again = get(f"/calendario.{form}", **{"If-None-Match": etag})
        assert (again.status_code, again.get_data()) == (304, b"")
        act(manager, "edomex_release_reschedule", id=release["id"], release_at=FARTHER, reason="x")
        assert get(f"/calendario.{form}", **{"If-None-Match": etag}).status_code == 200

    def test_more_than_a_thousand_are_all_in_the_file(self, get, promise):
        release = promise()
        own = {"id", "package_id", "content_id", "state"}
        listed = ", ".join(column.name for column in Release.__table__.columns if column.name not in own)
        # Cancelled ones: of those a dataset may have any number.
        model.Session.execute(
            sa.text(
                f"INSERT INTO edomex_release (id, package_id, content_id, state, {listed})"
                f" SELECT gen_random_uuid()::text, package_id, content_id, 'cancelled', {listed}"
                " FROM edomex_release, generate_series(1, 1100) WHERE id = :id"
            ),
            {"id": release["id"]},
        )
        model.Session.commit()
        assert len(Calendar.from_ical(get("/calendario.ics").body).walk("VEVENT")) == 1101


class TestPages:
    def test_start_has_what_is_late_what_comes_and_what_came(self, get, everything):
        page = get("/calendario").body
        assert page.index("Atrasadas</h2>") < page.index("Próximas publicaciones") < page.index("Publicado en los últimos 30 días")
        assert "Falta\nun municipio" in page and "Motivo de la cancelación: Se publicará con otro; con más" in page
        for title in ("Movido", "Atrasado", "Sin anunciar"):
            assert f">{title}<" not in page

    @pytest.mark.parametrize(
        ("query", "there", "not_there"),
        [
            ("estado=canceladas", SECRET, "Agua;"),
            ("estado=publicadas", "Agua;", SECRET),
            ("estado=movidas", "Falta\nun municipio", SECRET),
            ("estado=atrasadas", "Atrasada</span>", SECRET),
            ("mes=2031-03", SECRET, "Falta\nun municipio"),
            ("vista=lista&dia=2031-04-07", "Falta\nun municipio", SECRET),
            ("vista=mes&mes=2031-04", "lunes </span>7", SECRET),
            ("vista=dependencias&mes=2031-03", "estado=canceladas", "estado=publicadas\">"),
        ],
    )  # fmt: skip
    def test_views_and_filters(self, get, everything, query, there, not_there):
        page = get(f"/calendario?{query}").body.split("llevarlo")[0].split("</form>")[-1]
        assert there in page
        assert not_there not in page

    @pytest.mark.parametrize(
        "query",
        ["mes=ayer", "dia=2031-02-30", "estado=otro", "vista=otra", "pagina=x", "pagina=-3", "pagina=99999", "dia=9999-12-31"],
    )
    def test_what_nobody_can_read_is_as_if_it_were_not_there(self, get, clean_releases, query):
        assert get(f"/calendario?{query}").status_code == 200

    def test_a_long_list_has_pages(self, get, promise, monkeypatch):
        from ckanext.edomex.release.views import calendar

        monkeypatch.setattr(calendar, "ROWS", 2)
        for minute in range(5):
            promise(f"2031-03-03T15:0{minute}:00Z")
        pages = [get(f"/calendario?estado=proximas&pagina={number}").body for number in (1, 2, 3)]
        assert [page.count("edomex-entry-title") for page in pages] == [2, 2, 1]
        assert "Página 2 de 3" in pages[1]
        assert "Ver todas las próximas" in get("/calendario").body
