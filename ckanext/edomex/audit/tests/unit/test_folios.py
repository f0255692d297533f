"""Folios: how they are written and read, and that a mistyped one is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.edomex.audit.domain.folios import Folio, FolioError, check_character, parsed

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_the_check_character_is_that_of_the_standard():
    # The example of the GRid standard, which uses ISO 7064 MOD 37,36.
    assert check_character("A12425GABC1234002") == "M"


@given(st.from_regex(r"[A-Z0-9]{1,12}", fullmatch=True), st.integers(2020, 9999), st.integers(1, 10**12))
def test_what_is_written_is_read(prefix, year, position):
    folio = Folio(prefix=prefix, year=year, position=position)
    assert parsed(f" {str(folio).lower()} ", prefix) == folio


def test_a_folio_keeps_all_digits_of_its_position():
    assert str(Folio(prefix="EDOMEX", year=2026, position=123)).startswith("EDOMEX-2026-000123-")
    assert str(Folio(prefix="EDOMEX", year=2026, position=12345678)).startswith("EDOMEX-2026-12345678-")


@given(st.integers(1, 10**7), st.integers(0, 9), st.sampled_from("0123456789"))
def test_every_wrong_digit_is_known(position, place, digit):
    folio = str(Folio(prefix="EDOMEX", year=2026, position=position))
    at = len("EDOMEX-") + place
    if folio[at] in {"-", digit}:
        return
    with pytest.raises(FolioError):
        parsed(folio[:at] + digit + folio[at + 1 :], "EDOMEX")


@given(st.integers(1, 10**6), st.sampled_from(ALPHABET))
def test_no_other_check_character_does(position, character):
    folio = str(Folio(prefix="EDOMEX", year=2026, position=position))
    if folio[-1] == character:
        assert parsed(folio, "EDOMEX").position == position
    else:
        with pytest.raises(FolioError, match="carácter equivocado"):
            parsed(folio[:-1] + character, "EDOMEX")


@pytest.mark.parametrize("typed", [
    "", "123", "EDOMEX-2026-1-K", "EDOMEX-2026-000123", "EDOMEX 2026 000123 K", "x" * 500, "ÉDOMEX-2026-000123-K",
])  # fmt: skip
def test_what_is_no_folio_is_told_how_to_write_one(typed):
    with pytest.raises(FolioError, match=r"EDOMEX-2027-000123-"):
        parsed(typed, "EDOMEX")


def test_another_portals_folio_is_told_so():
    with pytest.raises(FolioError, match="empiezan con EDOMEX"):
        parsed(str(Folio(prefix="TOLUCA", year=2026, position=1)), "EDOMEX")
