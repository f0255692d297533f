"""What a history says in public, months, and the calendar's two texts."""

from collections import namedtuple
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from lxml import etree

from ckanext.edomex.release.domain.atom import atom
from ckanext.edomex.release.domain.calendar import PUBLIC_MOVES, Status, told
from ckanext.edomex.release.domain.icalendar import icalendar
from ckanext.edomex.release.domain.months import Month, MonthError, day_bounds, month_of, parse_month

Event = namedtuple("Event", "move at reason details", defaults=(None, None))
T0 = datetime(2031, 1, 1, 15, tzinfo=UTC)
FIRST, SECOND = "2031-03-01T15:00:00Z", "2031-04-01T15:00:00Z"


def at(number):
    return T0 + timedelta(hours=number)


class TestTold:
    def test_nothing_before_the_first_promise(self):
        found = told([Event("submit", at(0)), Event("edit", at(1), "secreto"), Event("cancel", at(2), "secreto")])
        assert (found.sequence, found.changed_at, found.changes, found.reason) == (0, None, [], None)

    def test_a_promise_is_the_beginning(self):
        found = told([Event("submit", at(0)), Event("approve", at(1), None, {"to": FIRST})])
        assert (found.sequence, found.changed_at, found.changes) == (0, at(1), [])

    def test_each_change_counts_and_has_its_reason(self):
        found = told([
            Event("approve", at(1), None, {"to": FIRST}),
            Event("reschedule", at(2), "Falta un municipio", {"from": FIRST, "to": SECOND}),
            Event("edit", at(3), "interno"),
            Event("request_changes", at(4), "interno"),
            Event("approve", at(5), "Se corrigió", {"from": SECOND, "to": FIRST}),
            Event("release", at(6)),
        ])
        assert (found.sequence, found.changed_at) == (4, at(6))
        assert [(change["reason"], change["from"], change["to"]) for change in found.changes] == [
            ("Falta un municipio", FIRST, SECOND), ("Se corrigió", SECOND, FIRST),
        ]
        assert "interno" not in str(found)

    def test_a_move_to_the_same_instant_is_no_change(self):
        found = told([Event("approve", at(1), None, {"to": FIRST}), Event("reschedule", at(2), "x", {"from": FIRST, "to": FIRST})])
        assert found.changes == []

    def test_the_reason_of_the_end_is_public_and_others_are_not(self):
        begun = [Event("approve", at(1), None, {"to": FIRST})]
        assert told([*begun, Event("cancel", at(2), "Ya no procede")]).reason == "Ya no procede"
        assert told([*begun, Event("fail", at(2), "interno")]).reason is None

    @given(st.lists(st.sampled_from(sorted({*PUBLIC_MOVES, "submit", "request_changes"})), max_size=12))
    def test_the_sequence_never_falls_while_a_history_grows(self, moves):
        events = [Event(move, at(number), "x", {"to": FIRST}) for number, move in enumerate(moves)]
        numbers = [told(events[:length]).sequence for length in range(len(events) + 1)]
        assert numbers == sorted(numbers)


class TestMonths:
    @pytest.mark.parametrize("text", ["", None, "2027", "2027-13", "2027-00", "27-01", "1999-12", "2101-01", "2027-1", 202701])
    def test_what_is_none(self, text):
        with pytest.raises(MonthError, match="2027-03"):
            parse_month(text)

    def test_its_instants_are_the_states(self):
        month = parse_month("2027-12")
        assert (month.begin.isoformat(), month.end.isoformat()) == ("2027-12-01T00:00:00-06:00", "2028-01-01T00:00:00-06:00")
        assert month_of(datetime(2028, 1, 1, 5, 59, tzinfo=UTC)) == month
        assert month_of(datetime(2028, 1, 1, 6, 0, tzinfo=UTC)) == Month(2028, 1)

    @given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
    def test_days_fill_months_without_gap_or_overlap(self, day):
        month = Month(day.year, day.month)
        days = month.days()
        assert day in days
        assert day_bounds(days[0])[0] == month.begin
        assert day_bounds(days[-1])[1] == month.end
        assert month.plus(1).plus(-1) == month


TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=200)


def entry(**fields):
    made = {
        "id": "0f0f0f0f-0000-4000-8000-000000000001", "title": "Por anunciar", "agency": {"name": "igecem", "title": "IGECEM"},
        "status": "upcoming", "release_at": FIRST, "changes": [], "reason": None, "sequence": 0, "changed_at": "2031-01-01T15:00:00Z",
        "kind": "first", "dataset_name": None,
    }
    return {**made, **fields}


def read(entries):
    source = "https://datos.example.org/calendario.ics"
    text = icalendar(entries, name="Calendario", host="datos.example.org", source=source, address=page)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text, Calendar.from_ical(text)


def page(one):
    return f"https://datos.example.org/calendario?mes={one['release_at'][:7]}&dependencia={one['agency']['name']}"


def plain(words):
    """As RFC 5545 can say it: no control characters, one kind of line end."""
    return "".join(each if each.isprintable() or each == "\n" else " " * each.isspace() for each in words.replace("\r\n", "\n"))


class TestCalendarPrograms:
    @pytest.mark.parametrize(
        ("status", "shown", "mark"),
        [
            ("upcoming", "CONFIRMED", ""), ("released", "CONFIRMED", ""), ("unconfirmed", "TENTATIVE", "Fecha por confirmar: "),
            ("overdue", "TENTATIVE", "Atrasada: "), ("cancelled", "CANCELLED", "Cancelada: "),
        ],
    )  # fmt: skip
    def test_each_status_is_told(self, status, shown, mark):
        (event,) = read([entry(status=status, sequence=3)])[1].walk("VEVENT")
        assert (str(event["STATUS"]), str(event["SUMMARY"]), event["SEQUENCE"]) == (shown, f"{mark}Por anunciar · IGECEM", 3)
        assert set(Status) == {"upcoming", "released", "unconfirmed", "overdue", "cancelled"}

    def test_instants_and_stamps_are_utc_and_the_text_is_the_same_each_time(self):
        text, calendar = read([entry()])
        (event,) = calendar.walk("VEVENT")
        assert event.decoded("DTSTART") == datetime(2031, 3, 1, 15, tzinfo=UTC)
        assert event.decoded("DTSTAMP") == event.decoded("LAST-MODIFIED") == datetime(2031, 1, 1, 15, tzinfo=UTC)
        assert text == read([entry()])[0]

    @given(title=TEXT, agency=TEXT, reason=TEXT)
    def test_another_library_reads_the_same_words(self, title, agency, reason):
        change = {"from": FIRST, "to": SECOND, "reason": reason, "at": FIRST}
        one = entry(title=title, agency={"name": "a", "title": agency}, changes=[change], release_at=SECOND)
        (event,) = read([one])[1].walk("VEVENT")
        assert str(event["SUMMARY"]) == plain(f"{title} · {agency}")
        assert str(event["DESCRIPTION"]) == plain(f"Cambio de fecha (estaba prevista para el 1 de marzo de 2031, 09:00): {reason}")


class TestAtom:
    def read(self, entries):
        own, public = "https://datos.example.org/calendario.atom?a=1&b=2", "https://datos.example.org/calendario"
        return etree.fromstring(atom(entries, title="Calendario & más", own=own, page=public, address=page).encode())

    def test_has_what_rfc_4287_asks_for(self):
        ns = {"a": "http://www.w3.org/2005/Atom"}
        gone = entry(id="0f0f0f0f-0000-4000-8000-000000000002", status="cancelled", reason="<No>", changed_at=SECOND)
        feed = self.read([entry(), gone])
        assert feed.findtext("a:updated", namespaces=ns) == SECOND
        assert feed.findtext("a:title", namespaces=ns) == "Calendario & más"
        first, second = feed.findall("a:entry", ns)
        assert first.findtext("a:id", namespaces=ns) == "urn:uuid:0f0f0f0f-0000-4000-8000-000000000001"
        assert second.findtext("a:title", namespaces=ns) == "Cancelada: Por anunciar"
        assert "Motivo: <No>" in second.findtext("a:summary", namespaces=ns)
        for one in (first, second):
            assert all(one.find(f"a:{name}", ns) is not None for name in ("id", "title", "updated", "author/a:name", "link"))

    def test_of_nothing_is_a_feed_too(self):
        assert self.read([]).tag.endswith("feed")

    @given(title=TEXT, agency=TEXT)
    def test_no_word_breaks_it(self, title, agency):
        assert self.read([entry(title=title, agency={"name": "a", "title": agency})]) is not None
