"""Boards on the real database: of promises for everybody, of work for staff."""

import csv
import io

import pytest
import sqlalchemy as sa
from ckan import model


@pytest.fixture
def sent(act, editor, agency):
    def make(title="Agua"):
        dataset = act(editor, "package_create", title=title, owner_org=agency["id"])
        return act(editor, "edomex_release_submit", dataset_id=dataset["id"])

    return make


@pytest.fixture
def promise(act, reviewer, sent):
    def make(at="2031-03-03T15:00:00Z"):
        return act(reviewer, "edomex_release_approve", id=sent()["id"], release_at=at)

    return make


@pytest.fixture
def came():
    """Let a promise's instant be so many minutes ago, announced two days ahead; and released so many seconds after it."""

    def move(release, minutes, late_s=None):
        with model.meta.engine.begin() as connection:
            given = {"id": release["id"], "minutes": minutes, "late": late_s}
            connection.execute(sa.text("ALTER TABLE edomex_release_event DISABLE TRIGGER edomex_release_event_append_only"))
            connection.execute(
                sa.text("UPDATE edomex_release_event SET at = at - interval '3 days' WHERE release_id = :id"), given
            )
            connection.execute(sa.text("ALTER TABLE edomex_release_event ENABLE TRIGGER edomex_release_event_append_only"))
            connection.execute(
                sa.text(
                    "UPDATE edomex_release SET promised_at = clock_timestamp() - CAST(:minutes AS float) * interval '1 minute',"
                    " release_at = clock_timestamp() - CAST(:minutes AS float) * interval '1 minute' WHERE id = :id"
                ),
                given,
            )
            if late_s is not None:
                connection.execute(
                    sa.text(
                        "UPDATE edomex_release SET state = 'withdrawn',"
                        " released_at = promised_at + CAST(:late AS float) * interval '1 second' WHERE id = :id"
                    ),
                    given,
                )

    return move


@pytest.fixture
def year(act, manager, promise, came, agency):
    """One on time, one late, one missed, one cancelled, one to come, one «now»."""
    came(promise(), 60, 3)
    came(promise(), 120, 600)
    came(promise(), 180)
    cancelled = promise()
    came(cancelled, 240)
    act(manager, "edomex_release_cancel", id=cancelled["id"], reason="x")
    promise()
    promise("now")
    counts = {"on_time": 1, "late": 1, "missed": 1, "cancelled": 1, "moved": 0, "due": 3, "share": 0.3333}
    return {"name": agency["name"], "title": agency["title"], **counts}


def test_punctuality_is_of_what_was_announced_and_has_come(act, year):
    assert act(None, "edomex_calendar_punctuality")["agencies"] == [year]
    assert act(None, "edomex_calendar_punctuality", **{"from": "2001-01-01", "to": "2002-01-01"})["agencies"] == []


def test_page_and_files_say_the_same(act, visit, year):
    page = visit(None, "/calendario/puntualidad").body
    assert "33 %" in page and year["title"] in page
    assert visit(None, "/calendario/puntualidad.json").json["agencies"] == [year]
    rows = list(csv.DictReader(io.StringIO(visit(None, "/calendario/puntualidad.csv").get_data().decode("utf-8-sig"))))
    assert [(row["dependencia"], row["vencidas"], row["a_tiempo"], row["proporcion_a_tiempo"]) for row in rows] == [
        (year["name"], "3", "1", "0.3333")
    ]
    assert visit(None, "/calendario/puntualidad.csv?from=ayer").status_code == 400


def test_of_nothing_is_said_so(visit, clean_releases):
    assert "Todavía no ha llegado ninguna fecha anunciada" in visit(None, "/calendario/puntualidad").body


class TestBoard:
    def test_each_agency_by_what_it_has_to_do(self, act, editor, reviewer, agency, sent, promise, came):
        sent()
        act(reviewer, "edomex_release_request_changes", id=sent()["id"], note="x")
        promise()
        came(promise(), 60)
        act(editor, "package_patch", id=promise()["dataset_id"], notes="Otra vez")
        (row,) = act(editor, "edomex_release_board")["agencies"]
        kept = row.pop("punctuality")
        named = {"name": agency["name"], "title": agency["title"]}
        assert row == {"agency": named, "to_do": 2, "in_review": 1, "scheduled": 2, "overdue": 1, "updates_overdue": 0}
        assert (kept["due"], kept["missed"]) == (1, 1)

    def test_is_of_what_the_caller_may_know(self, act, visit, reviewer, stranger, agency, editor, sent):
        sent()
        act(editor, "package_patch", id=sent()["dataset_id"], notes="Otra vez")
        assert act(stranger, "edomex_release_board")["agencies"] == []
        (row,) = act(reviewer, "edomex_release_board")["agencies"]
        assert (row["in_review"], row["to_do"]) == (1, 0)
        assert "Cómo va cada dependencia" in visit(reviewer, "/autoservicio").body
        assert "Cómo va cada dependencia" not in visit(stranger, "/autoservicio").body


class TestUpdates:
    """Public datasets whose next edition did not come."""

    @pytest.fixture
    def monthly(self, due, pass_once):
        """A public dataset that says that it changes monthly, released so many days ago."""

        def make(days, **fields):
            (release,) = due(frequency="R/P1M", **fields)
            pass_once()
            moved = ", ".join(f"{name} = {name} - make_interval(days => :days)" for name in ("release_at", "due_at", "released_at"))
            with model.meta.engine.begin() as connection:
                back = sa.text(f"UPDATE edomex_release SET {moved} WHERE id = :id")
                connection.execute(back, {"days": days, "id": release["id"]})
            model.Session.remove()

        return make

    def test_an_agency_with_nothing_else_to_do_has_them_on_its_board(self, act, monthly, editor, reviewer, stranger, agency):
        monthly(40)
        monthly(5)
        for who in (editor, reviewer):
            (row,) = act(who, "edomex_release_board")["agencies"]
            assert (row["agency"]["name"], row["updates_overdue"], row["in_review"]) == (agency["name"], 1, 0)
        assert act(stranger, "edomex_release_board")["agencies"] == []

    def test_the_list_is_whole_and_of_one_agency_if_asked(self, visit, monthly, editor, stranger, agency):
        monthly(40, title="Aforo de presas")
        path = f"/autoservicio/actualizaciones?dependencia={agency['name']}"
        for asked in ("/autoservicio/actualizaciones", path):
            page = visit(editor, asked)
            assert "Aforo de presas" in page.body and "Atrasadas: 1" in page.body
        for who, asked in ((stranger, path), (editor, "/autoservicio/actualizaciones?dependencia=no-existe")):
            assert "Aforo de presas" not in visit(who, asked).body
        assert "/user/login" in visit(None, "/autoservicio/actualizaciones").headers["Location"]

    def test_both_tables_are_files_too(self, visit, monthly, editor, stranger, agency):
        monthly(40, title="=Aforo")
        board, rows = (read(visit(editor, f"/autoservicio/{name}.csv")) for name in ("tablero", "actualizaciones"))
        assert [(row["dependencia"], row["actualizaciones_atrasadas"], row["proporcion_a_tiempo"]) for row in board] == [
            (agency["name"], "1", "")
        ]
        assert [(row["titulo"], row["periodicidad"], row["atrasada"], row["edicion_en_curso"]) for row in rows] == [
            ("'=Aforo", "R/P1M", "si", "no")
        ]
        assert read(visit(stranger, "/autoservicio/tablero.csv")) == read(visit(stranger, "/autoservicio/actualizaciones.csv")) == []


def read(response):
    assert response.headers["Cache-Control"].startswith("private, no-store")
    return list(csv.DictReader(io.StringIO(response.get_data().decode("utf-8-sig"))))
