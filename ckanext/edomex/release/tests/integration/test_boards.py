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
        assert row == {"agency": named, "to_do": 2, "in_review": 1, "scheduled": 2, "overdue": 1}
        assert (kept["due"], kept["missed"]) == (1, 1)

    def test_is_of_what_the_caller_may_know(self, act, visit, reviewer, stranger, agency, editor, sent):
        sent()
        act(editor, "package_patch", id=sent()["dataset_id"], notes="Otra vez")
        assert act(stranger, "edomex_release_board")["agencies"] == []
        (row,) = act(reviewer, "edomex_release_board")["agencies"]
        assert (row["in_review"], row["to_do"]) == (1, 0)
        assert "Cómo va cada dependencia" in visit(reviewer, "/autoservicio").body
        assert "Cómo va cada dependencia" not in visit(stranger, "/autoservicio").body
