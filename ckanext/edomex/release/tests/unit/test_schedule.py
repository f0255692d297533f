"""Reading release dates: what is understood, and what is refused with a remedy."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.edomex.release.domain.errors import FieldError
from ckanext.edomex.release.domain.schedule import HORIZON, local_instant, parse_release_at

NOW = datetime(2027, 1, 15, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2027-03-01T09:00:00-06:00", datetime(2027, 3, 1, 15, 0, tzinfo=UTC)),
        ("2027-03-01T15:00Z", datetime(2027, 3, 1, 15, 0, tzinfo=UTC)),
        ("2027-03-01 15:00:00.250+00:00", datetime(2027, 3, 1, 15, 0, 0, 250000, tzinfo=UTC)),
        ("2027-03-01T09:00[America/Mexico_City]", datetime(2027, 3, 1, 15, 0, tzinfo=UTC)),
        ("2027-03-01T09:00-06:00[America/Mexico_City]", datetime(2027, 3, 1, 15, 0, tzinfo=UTC)),
        ("now", NOW),
    ],
)
def test_understands(text, instant):
    assert parse_release_at(text, NOW) == instant


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("2027-03-01T09:00:00", "falta la zona horaria"),
        ("2027-03-01", "falta la hora"),
        ("2027-01-15T17:59:59Z", "ya pasó"),
        ("2099-01-01T00:00:00Z", "más de cinco años"),
        ("mañana a las nueve", "No se entiende la fecha"),
        ("2027-02-31T09:00:00-06:00", "No se entiende la fecha"),
        ("2027-03-14T02:30[America/Ciudad_Juarez]", "no existen en America/Ciudad_Juarez"),
        ("2027-03-01T09:00[America/Toluca]", "No se conoce la zona horaria"),
        ("2027-03-01T09:00-05:00[America/Mexico_City]", "no coinciden"),
        ("0001-01-01T00:00:00+14:00", "fuera de rango"),
        ("", "Falta la fecha"),
        (None, "Falta la fecha"),
        (20270301, "Falta la fecha"),
    ],
)
def test_refuses_with_a_remedy(text, remedy):
    with pytest.raises(FieldError, match=remedy) as caught:
        parse_release_at(text, NOW)
    assert caught.value.field == "release_at"


ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("America/Mexico_City", "America/Tijuana", "America/Ciudad_Juarez", "America/Cancun")]
)


@given(st.datetimes(datetime(2027, 2, 1), datetime(2031, 12, 1)), ZONES)
def test_a_local_time_comes_back_as_it_went_or_is_refused(stamp, zone):
    try:
        instant = local_instant(stamp, zone)
    except FieldError:
        # Skipped by the clocks: one hour on, it exists.
        assert local_instant(stamp + timedelta(hours=1), zone)
    else:
        assert instant.astimezone(zone).replace(tzinfo=None) == stamp


@given(st.text(max_size=60))
def test_any_text_is_an_instant_to_come_or_a_field_error(text):
    try:
        instant = parse_release_at(text, NOW)
    except FieldError:
        return
    assert NOW <= instant <= NOW + HORIZON
