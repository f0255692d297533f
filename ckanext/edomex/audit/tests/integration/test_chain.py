"""Sealing on a real PostgreSQL, several at once and late; and whatever an owner of the database does is found and named."""

import json
import threading

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests.helpers import changed_config

from ckanext.edomex.adapters import duties
from ckanext.edomex.audit.domain.chain import GENESIS, parsed_head
from ckanext.edomex.audit.jobs.sealer import Sealer
from ckanext.edomex.audit.logic.sealing import seal_all
from ckanext.edomex.audit.model import as_sealed
from ckanext.edomex.audit.model.events import WINDOW

IDS = "SELECT id FROM edomex_release_event ORDER BY id"
ROW = {"name": "Padrón de pozos", "responsible": "Dirección de Agua", "resources": [{"name": "Pozos", "about": "Cada pozo"}]}
MANY = """
INSERT INTO edomex_release_event (release_id, move, from_state, to_state, at)
SELECT :release, 'edit', 'in_review', 'draft', clock_timestamp() - interval '1 hour' FROM generate_series(1, :count)
"""


@pytest.fixture
def ids():
    def read():
        with model.meta.engine.connect() as connection:
            return connection.execute(sa.text(IDS)).scalars().all()

    return read


@pytest.fixture
def three(sent, seal):
    """Three sealed steps of releases."""
    for number in range(3):
        sent(f"Conjunto {number}")
    assert seal() == 3


class TestSealing:
    def test_every_step_once_in_a_chain_without_gaps(self, three, seal, sealed, ids, agency):
        found, chain = sealed(), GENESIS
        assert [row.position for row in found] == [1, 2, 3]
        assert [row.event_id for row in found] == ids()
        assert {(row.ledger, row.form, row.agency_id) for row in found} == {("release", 1, agency["id"])}
        for row in found:
            chain = as_sealed(row).chained(chain)
            assert row.chain == chain
        assert seal() == 0

    def test_the_history_of_planning_is_in_it_too(self, act, editor, agency, seal, sealed):
        act(editor, "edomex_inventory_create", agency=agency["name"], **ROW)
        assert seal() == 1
        assert [(row.ledger, row.agency_id) for row in sealed()] == [("planning", agency["id"])]

    def test_several_sealers_at_once_seal_each_step_once(self, sent, sealed, ids, check):
        release = sent()
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text(MANY), {"release": release["id"], "count": 3500})
        counts, start = [], threading.Barrier(4)

        def work():
            start.wait()
            counts.append(seal_all(model.meta.engine, everything=True, wait=True))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(counts) == 3501
        assert [row.position for row in sealed()] == list(range(1, 3502))
        assert sorted(row.event_id for row in sealed()) == ids()
        assert check() == []

    def test_a_loop_does_not_wait_for_another_that_seals(self, sent, sealed):
        sent()
        model.Session.commit()
        with model.meta.engine.begin() as other:
            other.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended('edomex_audit_seal', 0))"))
            assert seal_all(model.meta.engine, everything=True, wait=False) is None
        assert sealed() == []
        assert seal_all(model.meta.engine, everything=True, wait=False) == 1

    def test_what_is_committed_late_with_a_lower_id_is_sealed(self, sent, seal, sealed, event, ids, check):
        release = sent()
        slow, quick = model.meta.engine.connect(), model.meta.engine.connect()
        with slow, quick:
            event(slow, release["id"], reason="lento")
            event(quick, release["id"], reason="rápido")
            quick.commit()
            assert seal(everything=False) == 2
            slow.commit()
        assert seal(everything=False) == 1
        order = [row.event_id for row in sealed()]
        assert order[2] < order[1]
        assert sorted(order) == ids()
        assert check() == []

    def test_what_is_later_still_is_found_by_the_pass_over_everything(self, sent, seal, event, check):
        release = sent()
        with model.meta.engine.begin() as connection:
            event(connection, release["id"], event_id=10_000_000 + WINDOW)
        assert seal() == 2
        with model.meta.engine.begin() as connection:
            event(connection, release["id"], event_id=9_999_999)
        assert seal(everything=False) == 0
        assert seal() == 1
        assert check() == []

    def test_what_is_rolled_back_leaves_no_gap(self, sent, seal, event, sealed):
        release = sent()
        with model.meta.engine.connect() as connection:
            event(connection, release["id"])
            connection.rollback()
        sent("Otro")
        assert seal() == 2
        assert [row.position for row in sealed()] == [1, 2]

    def test_a_loops_duty_does_it(self, sent, sealed):
        assert "seals" in duties.known()
        sent()
        model.Session.commit()
        assert Sealer().work(model.meta.engine) > 0
        assert len(sealed()) == 1

    @pytest.mark.parametrize("statement", [
        "UPDATE edomex_audit_seal SET agency_id = NULL", "DELETE FROM edomex_audit_seal", "TRUNCATE edomex_audit_seal",
    ])  # fmt: skip
    def test_no_statement_changes_a_seal(self, three, refused, sealed, statement):
        before = sealed()
        assert refused(statement)
        assert sealed() == before


class TestStable:
    def test_a_column_that_is_added_later_changes_no_hash(self, three, check):
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE edomex_release_event ADD COLUMN later text DEFAULT 'x'"))
        try:
            assert check() == []
        finally:
            with model.meta.engine.begin() as connection:
                connection.execute(sa.text("ALTER TABLE edomex_release_event DROP COLUMN later"))

    def test_nor_do_the_servers_zone_and_its_way_of_writing_dates(self, three, check):
        with model.meta.engine.begin() as connection:
            name = connection.execute(sa.text("SELECT current_database()")).scalar()
            connection.execute(sa.text(f"ALTER DATABASE \"{name}\" SET timezone = 'Asia/Tokyo'"))
            connection.execute(sa.text(f"ALTER DATABASE \"{name}\" SET datestyle = 'German'"))
        model.meta.engine.dispose()
        try:
            assert check() == []
        finally:
            with model.meta.engine.begin() as connection:
                connection.execute(sa.text(f'ALTER DATABASE "{name}" RESET timezone'))
                connection.execute(sa.text(f'ALTER DATABASE "{name}" RESET datestyle'))
            model.meta.engine.dispose()

    def test_a_column_in_another_place_is_another_text(self, act, editor, sent, seal, event, sealed):
        release = sent()
        with model.meta.engine.begin() as connection:
            event(connection, release["id"], reason="")
            event(connection, release["id"], reason=None)
        seal()
        hashes = [row.event_hash for row in sealed()]
        assert len(set(hashes)) == 3


class TestVerifying:
    def test_what_is_whole_is_said_so(self, three, run):
        status, said = run("verify")
        assert (status, "La bitácora está íntegra: 3 sellos" in said) == (0, True)

    def test_an_event_that_was_changed(self, three, tamper, run, sealed):
        row = sealed()[1]
        tamper("edomex_release_event", "UPDATE edomex_release_event SET actor = 'otra' WHERE id = :id", id=row.event_id)
        status, said = run("verify")
        assert status == 1
        assert f"el evento no es el que se selló (posición 2, evento {row.event_id} de release). Guarde una copia" in said
        status, told = run("verify", "--json")
        assert (status, json.loads(told)["counts"]) == (1, {"event_changed": 1})

    def test_the_smallest_change_of_time_or_of_an_empty_text(self, three, tamper, check):
        change = "UPDATE edomex_release_event SET {} WHERE id = (SELECT {}(id) FROM edomex_release_event)"
        tamper("edomex_release_event", change.format("at = at + interval '1 microsecond'", "min"))
        tamper("edomex_release_event", change.format("reason = ''", "max"))
        assert check() == [("event_changed", 1), ("event_changed", 3)]

    def test_an_event_that_vanished(self, three, tamper, check, sealed):
        tamper("edomex_release_event", "DELETE FROM edomex_release_event WHERE id = :id", id=sealed()[0].event_id)
        assert check() == [("event_gone", 1)]

    def test_a_seal_that_was_changed_with_its_event(self, three, tamper, check, sealed):
        """Who makes the event's hash anew has to make every value after it anew."""
        tamper("edomex_release_event", "UPDATE edomex_release_event SET reason = 'x' WHERE id = :id", id=sealed()[1].event_id)
        tamper("edomex_audit_seal", "UPDATE edomex_audit_seal SET event_hash = repeat('a', 64) WHERE position = 2")
        assert check() == [("seal_changed", 2)]

    def test_a_seal_that_is_missing(self, three, tamper, check):
        tamper("edomex_audit_seal", "DELETE FROM edomex_audit_seal WHERE position = 2")
        assert check() == [("gap", 2)]

    def test_the_end_that_was_cut_off_is_known_by_a_noted_head(self, three, tamper, run, seal):
        status, head = run("head")
        assert (status, parsed_head(head).position) == (0, 3)
        assert run("verify", "--head", head.strip())[0] == 0
        tamper("edomex_audit_seal", "DELETE FROM edomex_audit_seal WHERE position = 3")
        status, said = run("verify", "--head", head.strip())
        assert (status, "la cadena ya no contiene el valor anotado (posición 3" in said) == (1, True)
        # Sealed anew, the chain is whole again, and still not the one that was noted.
        seal()
        status, said = run("verify", "--head", head.strip())
        assert (status, "ahí hay otro valor" in said) == (1, True)

    def test_what_was_good_at_the_last_verification_has_to_be_there(self, three, tamper, check, seal, sent):
        assert check() == []
        tamper("edomex_audit_seal", "DELETE FROM edomex_audit_seal WHERE position = 3")
        assert check() == [("head_lost", 3)]
        seal()
        assert check() == [("head_lost", 3)]

    def test_what_waits_too_long_for_its_seal(self, three, sent, check, run):
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text(MANY), {"release": sent()["id"], "count": 2})
        assert check() == [("unsealed", None)]
        status, said = run("verify")
        assert (status, "hay eventos sin sellar (release, 2; el más antiguo" in said) == (1, True)
        assert run("seal") == (0, "sealed=3\n")
        assert check() == []

    def test_a_part_since_a_day(self, three, tamper, run):
        tamper("edomex_audit_seal", "UPDATE edomex_audit_seal SET ledger = 'planning' WHERE position = 1")
        assert run("verify", "--since", "2200-01-01")[0] == 0
        assert run("verify", "--since", "2020-01-01")[0] == 1
        status, said = run("verify", "--since", "mañana")
        assert (status, "escríbala como 2027-03-01" in said) == (2, True)
        assert run("verify", "--head", "7")[0] == 2

    def test_many_pages_are_walked(self, sent, seal, run):
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text(MANY), {"release": sent()["id"], "count": 12_000})
        assert seal() == 12_001
        status, told = run("verify", "--json")
        assert (status, json.loads(told)["looked"]) == (0, 12_001)


class TestStatus:
    def test_says_where_it_ends_and_that_all_is_well(self, three, act, manager, run):
        run("verify")
        found = act(manager, "edomex_audit_status")
        assert (found["sealed"], found["unsealed"], found["faults"], found["alarms"]) == (3, 0, 0, [])
        assert found["head"] == run("head")[1].strip()
        assert run("status")[0] == 0

    def test_raises_what_waits_and_what_is_broken(self, three, act, manager, sent, tamper, run):
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text(MANY), {"release": sent()["id"], "count": 1})
        tamper("edomex_audit_seal", "DELETE FROM edomex_audit_seal WHERE position = 1")
        assert act(manager, "edomex_audit_status")["alarms"] == ["unsealed"]
        run("verify")
        assert act(manager, "edomex_audit_status")["alarms"] == ["broken", "unsealed"]
        assert run("status")[0] == 1
        with changed_config("ckanext.edomex.audit.unsealed_minutes", 120):
            assert act(manager, "edomex_audit_status")["alarms"] == ["broken"]

    def test_is_for_who_manages_the_calendar(self, act, editor, reviewer):
        for person in (editor, reviewer, None):
            with pytest.raises(tk.NotAuthorized):
                act(person, "edomex_audit_status")


def test_a_loop_finds_out_with_one_question_whether_there_is_work(sent):
    asked, sealer = [], Sealer()
    sealer.work(model.meta.engine)
    sent("Agua")

    def count(*given):
        asked.append(given[2])

    sa.event.listen(model.meta.engine, "before_cursor_execute", count)
    try:
        sealer.work(model.meta.engine)
        assert len(asked) > 1
        asked.clear()
        sealer.work(model.meta.engine)
    finally:
        sa.event.remove(model.meta.engine, "before_cursor_execute", count)
    assert len(asked) == 1
    assert seal_all(model.meta.engine, everything=True, wait=True) == 0
