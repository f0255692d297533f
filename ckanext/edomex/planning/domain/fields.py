"""How each kind of field is read: from a form, a program or a cell, in the words that people use."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ckanext.edomex.domain import days
from ckanext.edomex.domain.tabular import header_skeleton
from ckanext.edomex.domain.texts import cleaned, fault_of, plain

Reader = Callable[[Any], Any]
#: Years in which a date of opening is no mistake.
EARLIEST_YEAR, LATEST_YEAR = 2000, 2099
_LOST = "\N{REPLACEMENT CHARACTER}"
#: What UTF-8 looks like that was read as one byte a letter.
_MANGLED = re.compile("[ÃÂ][\x80-\xff\u0152-\u2122]")
YES = frozenset({"si", "s", "yes", "true", "1", "x", "on"})
NO = frozenset({"no", "n", "false", "0", "", "ninguno", "ninguna"})
#: What people call a frequency besides its label; «bianual» is every two years in the federal codes.
FREQUENCY_WORDS: Mapping[str, str] = MappingProxyType({
    "bienal": "R/P2Y", "bianual": "R/P2Y", "cada dos anos": "R/P2Y", "cada mes": "R/P1M", "cada ano": "R/P1Y", "diaria": "R/P1D",
    "quincenalmente": "R/P2W", "mensualmente": "R/P1M", "trimestralmente": "R/P3M", "anualmente": "R/P1Y", "eventual": "irregular",
    "variable": "irregular", "permanente": "realtime", "continua": "realtime", "por evento": "irregular",
})  # fmt: skip


class WrongError(ValueError):
    """A value that cannot be kept; the text says what to write."""


def repaired(text: str) -> str:
    """The text with accents that a wrong encoding mangled, where they can be known again."""
    if not _MANGLED.search(text):
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def text(longest: int, *, needed: str = "") -> Reader:
    """A reader of words: trimmed, of readable characters, not too long; `needed` is what to say where there are none."""

    def read(value: Any) -> str:
        words = cleaned(repaired(value)) if isinstance(value, str) else "" if value is None else str(value)
        if needed and not words:
            raise WrongError(needed)
        if _LOST in words:
            raise WrongError("Tiene letras dañadas (\N{REPLACEMENT CHARACTER}); escríbalo de nuevo, o guarde el archivo como XLSX.")
        if fault := fault_of(words, longest):
            raise WrongError(fault)
        return words

    return read


def yes_no(value: Any) -> bool:
    """Sí or no."""
    if isinstance(value, bool):
        return value
    word = plain(str(value if value is not None else "")).rstrip(".")
    if word in YES or header_skeleton(repaired(str(value))) in YES:
        return True
    if word in NO:
        return False
    raise WrongError("Escriba Sí o No.")


def month_or_day(value: Any) -> str:
    """A day or a month of this century, in ISO 8601; nothing for nothing."""
    written = str(value or "").strip()
    if not written:
        return ""
    try:
        found = days.parsed(repaired(written))
    except days.DayError as error:
        raise WrongError(str(error)) from None
    if "-" not in found:
        raise WrongError("Falta el mes; escriba la fecha como AAAA-MM o AAAA-MM-DD.")
    if not EARLIEST_YEAR <= int(found[:4]) <= LATEST_YEAR:
        raise WrongError(f"El año {found[:4]} no es posible; escriba uno entre {EARLIEST_YEAR} y {LATEST_YEAR}.")
    return found


def code_of(choices: Mapping[str, str], others: Mapping[str, str] | None = None) -> Reader:
    """A reader of codes: the code itself, its label, or another word for it, with or without accents."""
    known = {plain(code): code for code in choices} | {plain(label): code for code, label in choices.items()}
    known |= {plain(label.split(" (")[0]): code for code, label in choices.items()} | dict(others or {})
    bare = {header_skeleton(label): code for code, label in choices.items()}

    def read(value: Any) -> str:
        written = repaired(str(value or "").strip())
        if not written:
            return ""
        code = known.get(plain(written).rstrip(".")) or bare.get(header_skeleton(written))
        if code is None:
            raise WrongError(f"«{written[:40]}» no está en la lista: {', '.join(choices.values())}.")
        return code

    return read


def frequency(choices: Mapping[str, str]) -> Reader:
    """A reader of frequencies, by code, label or what people say."""
    return code_of(choices, FREQUENCY_WORDS)
