"""Folios: what people call a sealed event, with a last character by which a mistyped one is known.

Source: ISO/IEC 7064, MOD 37,36: one check character over letters and digits; it finds every single wrong character and nearly
every two that changed places.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MODULUS = len(_ALPHABET)
#: Digits of the position, filled up with noughts; a longer one keeps all its own.
_WIDTH = 6
_FOLIO = re.compile(r"([A-Z0-9]+)-(\d{4})-(\d{6,18})-([A-Z0-9])")


class FolioError(ValueError):
    """No folio of this portal, or a mistyped one; the text says what to look at."""


@dataclass(frozen=True, kw_only=True)
class Folio:
    """The name of a sealed event."""

    #: The portal's own word, letters and digits.
    prefix: str
    #: In which it was sealed, in the state's zone.
    year: int
    #: The seal's place in the chain.
    position: int

    def __str__(self) -> str:
        parts = (self.prefix, f"{self.year:04}", f"{self.position:0{_WIDTH}}")
        return "-".join((*parts, check_character("".join(parts))))


def parsed(text: str, prefix: str) -> Folio:
    """The folio that was typed, in any case and with spaces around it.

    Raises:
        FolioError: it has another form, is another portal's, or its last character says that it was mistyped.
    """
    found = _FOLIO.fullmatch(text.strip().upper())
    if not found:
        example = Folio(prefix=prefix, year=2027, position=123)
        raise FolioError(f"Un folio se escribe como {example}; cópielo completo, con sus guiones.")
    if found[1] != prefix:
        raise FolioError(f"Los folios de este portal empiezan con {prefix}.")
    folio = Folio(prefix=prefix, year=int(found[2]), position=int(found[3]))
    if str(folio) != found[0]:
        raise FolioError("Ese folio tiene algún carácter equivocado: la última letra o cifra no corresponde. Compárelo con el acuse.")
    return folio


def check_character(text: str) -> str:
    """The check character of letters and digits."""
    product = _MODULUS
    for character in text:
        rest = (product + _ALPHABET.index(character)) % _MODULUS or _MODULUS
        product = rest * 2 % (_MODULUS + 1)
    return _ALPHABET[(_MODULUS + 1 - product) % _MODULUS]
