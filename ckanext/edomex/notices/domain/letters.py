"""Letters: what each kind of notice says in the inbox, in a subject, in a text. An operator's own file may say it otherwise.

They say that something happened and where to look, never what the dataset is: mail travels in the open and stays in boxes.
"""

from __future__ import annotations

import functools
import string
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, NamedTuple, cast

import yaml

from ckanext.edomex.notices.domain.kinds import KINDS

DIGEST = "digest"
CLOSING = "closing"
LONGEST_SUBJECT = 120
#: Part → words in braces that it may hold; those of the daily letter are its own.
PLACES: Mapping[str, frozenset[str]] = {
    "line": frozenset({"moment", "day"}), "subject": frozenset(), "text": frozenset({"address", "moment", "day"}),
}  # fmt: skip
DIGEST_PLACES: Mapping[str, frozenset[str]] = {"subject": frozenset({"count"}), "text": frozenset({"count", "list", "address"})}
CLOSING_PLACES: Mapping[str, frozenset[str]] = {"text": frozenset({"preferences"})}
#: Without these a letter leads nowhere.
NEEDED = ("address",)


class Letter(NamedTuple):
    """What is said: a line for inbox and daily letter, a subject, a text."""

    line: str
    subject: str
    text: str


class LettersError(Exception):
    """A table of letters that cannot be used; each fault says where it is and what to write."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = list(faults)


def read(raw: Any) -> dict[str, Letter]:
    """The letters of a table, whole or in part.

    Raises:
        LettersError: with every fault that it has.
    """
    kinds = _mapping(raw)
    if kinds is None:
        raise LettersError(["El archivo tiene que ser una lista de avisos con «line», «subject» y «text»; vea el que trae el portal."])
    faults = [fault for kind, parts in kinds.items() for fault in _faults(kind, parts)]
    if faults:
        raise LettersError(faults)
    return {kind: _letter(_mapping(parts) or {}) for kind, parts in kinds.items()}


@functools.cache
def table() -> Mapping[str, Letter]:
    """The portal's own letters."""
    return read(yaml.safe_load(resources.files("ckanext.edomex.notices.domain").joinpath("letters.yaml").read_text(encoding="utf-8")))


def filled(letter: Letter, facts: Mapping[str, str]) -> Letter:
    """The letter with its words in the places; what is not known is left empty."""
    known = dict.fromkeys(("address", "moment", "day", "count", "list", "preferences"), "") | dict(facts)
    return Letter(*(part.format_map(known) for part in letter))


def parts_of(kind: str) -> Mapping[str, frozenset[str]]:
    """Part → places of a kind. KeyError for a kind that there is not."""
    own = {DIGEST: DIGEST_PLACES, CLOSING: CLOSING_PLACES, **dict.fromkeys(KINDS, PLACES)}
    return own[kind]


def _letter(parts: Mapping[str, Any]) -> Letter:
    return Letter(*(str(parts.get(part, "")).strip() for part in Letter._fields))


def _faults(kind: str, parts: Any) -> list[str]:
    try:
        known = parts_of(kind)
    except KeyError:
        return [f"«{kind}» no es un aviso del portal; use {', '.join([*KINDS, DIGEST, CLOSING])}."]
    written = _mapping(parts)
    if written is None:
        return [f"{kind}: escriba debajo {', '.join(known)}."]
    unknown = [f"{kind}: «{part}» no se usa; las partes son {', '.join(known)}." for part in written if part not in known]
    return unknown + [fault for part, places in known.items() for fault in _part_faults(f"{kind}, {part}", written.get(part), places)]


def _mapping(value: Any) -> Mapping[str, Any] | None:
    return {str(key): part for key, part in cast("Mapping[Any, Any]", value).items()} if isinstance(value, Mapping) else None


def _part_faults(where: str, text: Any, places: frozenset[str]) -> list[str]:
    if not isinstance(text, str) or not text.strip():
        return [f"{where}: escriba un texto."]
    try:
        used = {name: spec or conversion for _, name, spec, conversion in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return [f"{where}: una llave no se cierra; para escribir una llave póngala doble: {{{{ o }}}}."]
    allowed = " o ".join(f"{{{name}}}" for name in sorted(places)) or "ninguno"
    wrong = [f"{where}: {{{name}}} no se puede usar aquí; se puede: {allowed}." for name in used if name not in places]
    wrong += [f"{where}: escriba {{{name}}} sin más signos dentro." for name, more in used.items() if more]
    wrong += [f"{where}: falta {{{name}}}, la dirección a la que lleva." for name in NEEDED if name in places and name not in used]
    if where.endswith("subject") and (len(text.strip()) > LONGEST_SUBJECT or "\n" in text.strip()):
        wrong.append(f"{where}: el asunto va en un renglón de hasta {LONGEST_SUBJECT} caracteres.")
    return wrong
