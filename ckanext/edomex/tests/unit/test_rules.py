"""Rules of the schemas, without a portal: days, places, texts, limits."""

import contextlib
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.edomex.domain import days, limits, places, texts
from ckanext.edomex.domain.clock import MONTHS


class TestDays:
    @pytest.mark.parametrize(
        ("written", "day"),
        [
            ("2020", "2020"), ("2020-03", "2020-03"), ("2020-03-15", "2020-03-15"), ("15/03/2020", "2020-03-15"),
            ("15-3-2020", "2020-03-15"), ("03/2020", "2020-03"), ("15 de marzo de 2020", "2020-03-15"), ("Marzo 2020", "2020-03"),
            ("mzo-2020", "2020-03"), ("15 mar. 2020", "2020-03-15"), ("sept 2021", "2021-09"), ("2020-03-15T00:00:00", "2020-03-15"),
            ("2020-03-15 00:00", "2020-03-15"), (" 2020-03-15 ", "2020-03-15"),
        ],
    )  # fmt: skip
    def test_what_people_write_is_understood(self, written, day):
        assert days.parsed(written) == day

    @pytest.mark.parametrize(
        "written",
        ["20013-12-31", "31 de febrero de 2020", "2021-02-29", "ayer", "", "0000", "2020-13", "15 de marzoso de 2020", "1/1/20"],
    )
    def test_what_is_no_day_is_refused_in_words(self, written):
        with pytest.raises(days.DayError, match=r"[.]$"):
            days.parsed(written)

    @given(st.dates(min_value=date(1500, 1, 1), max_value=date(2200, 12, 31)))
    def test_every_dialect_of_a_day_is_that_day(self, day):
        spoken = f"{day.day} de {MONTHS[day.month - 1]} de {day.year}"
        for written in (
            day.isoformat(),
            f"{day:%d/%m/}{day.year}",
            spoken,
            f"{day.isoformat()}T12:00:00Z",
            days.spoken_day(day.isoformat()),
        ):
            assert days.parsed(written) == day.isoformat()

    def test_a_period_spans_the_whole_of_its_ends(self):
        assert (days.first_day("2020"), days.last_day("2020")) == ("2020-01-01", "2020-12-31")
        assert (days.first_day("2020-02"), days.last_day("2020-02")) == ("2020-02-01", "2020-02-29")


class TestPlaces:
    @pytest.mark.parametrize(
        ("key", "name"),
        [("15", places.STATE_NAME), ("15106", "Toluca"), ("151060001", "Toluca"), ("09", None), ("15999", None), ("1510", None)],
    )
    def test_a_key_has_a_name_if_it_is_of_the_state(self, key, name):
        assert places.name_of(key, {"15106": "Toluca"}) == name

    def test_a_rectangle_is_four_degrees(self):
        assert places.rectangle(" -100.610, 18.36,-98.59 20.28 ") == "-100.61,18.36,-98.59,20.28"

    @pytest.mark.parametrize(
        "text", ["", "1,2,3", "a,b,c,d", "-98,18,-100,20", "-100,20,-98,18", "-200,0,0,0", "nan,0,0,0", "1,2,3,4,5"]
    )
    def test_what_is_no_rectangle_is_refused(self, text):
        with pytest.raises(places.PlaceError):
            places.rectangle(text)

    def test_a_closed_polygon_is_kept(self):
        ring = [[-99, 19], [-98, 19], [-98, 20], [-99, 19]]
        assert json.loads(places.geometry(json.dumps({"type": "Polygon", "coordinates": [ring]})))["coordinates"] == [ring]

    @pytest.mark.parametrize(
        "given",
        [
            {"type": "Polygon", "coordinates": [[[-99, 19], [-98, 19], [-98, 20], [-97, 21]]]},
            {"type": "Polygon", "coordinates": [[[-99, 19], [-98, 19], [-99, 19]]]},
            {"type": "Polygon", "coordinates": []}, {"type": "Polygon"}, {"type": "Point", "coordinates": [19, -199]},
            {"type": "Point", "coordinates": ["a", "b"]}, {"type": "Point", "coordinates": [True, False]},
            {"type": "Círculo", "coordinates": []},
            {"type": "MultiPoint", "coordinates": [[0, 0]] * (places.MOST_POSITIONS + 1)}, {"type": ["Point"], "coordinates": [0, 0]},
            {"type": "Point", "coordinates": [0, 0], "<script>": 1}, [], 7, None,
        ],
    )  # fmt: skip
    def test_what_is_no_geometry_is_refused(self, given):
        with pytest.raises(places.PlaceError):
            places.geometry(json.dumps(given))

    @given(st.text(max_size=60))
    def test_no_text_breaks_it(self, text):
        for rule in (places.rectangle, places.geometry):
            with contextlib.suppress(places.PlaceError):
                assert rule(text)

    def test_a_deep_nest_is_refused(self):
        with pytest.raises(places.PlaceError):
            places.geometry("[" * 100_000)


class TestTexts:
    @pytest.mark.parametrize("hidden", ["\x00", "\x1b", "\u200b", "\u202e", "\ufeff", "\x85"])
    def test_what_hides_is_refused_with_its_place(self, hidden):
        assert f"U+{ord(hidden):04X}" in texts.fault_of(f"abc{hidden}def", 100)

    def test_what_is_only_strange_is_kept(self):
        text = "<script>alert('ñ')</script>\n\tagua 水 =1+1 نص"
        assert texts.fault_of(texts.cleaned(text), 100) is None

    def test_too_long_says_how_long(self):
        assert texts.fault_of("a" * 1001, 1000) == "Tiene 1 001 caracteres; caben 1 000."

    def test_two_ways_to_write_an_accent_are_one(self):
        assert texts.cleaned("  poblacio\u0301n\r\n ") == "población"

    @pytest.mark.parametrize(("mail", "personal"), [("x@gmail.com", True), ("x@Hotmail.es", True), ("x@edomex.gob.mx", False)])
    def test_a_mailbox_for_persons_is_known(self, mail, personal):
        assert texts.is_personal_mailbox(mail) is personal


class TestLimits:
    @pytest.mark.parametrize("given", [{"tags": [{"name": "a"}] * 10_000}, {"tag_string": "a," * 9_999 + "a"}])
    def test_ten_thousand_keywords_are_refused_with_their_number(self, given):
        assert limits.exceeded(given) == {"tags": ["Tiene 10000 palabras clave; caben 50."]}

    def test_a_dictionary_has_its_own(self):
        assert set(limits.exceeded({"resources": [{"dictionary": [{}] * (limits.MOST_COLUMNS + 1)}]})) == {"resources"}

    @pytest.mark.parametrize(
        "given", [{}, {"tags": None, "resources": ["x", None]}, {"tags": "a", "resources": {}}, {"tag_string": 7}]
    )
    def test_what_fits_or_is_no_list_is_not_spoken_of(self, given):
        assert limits.exceeded(given) == {}
