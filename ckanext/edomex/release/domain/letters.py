"""Letters about a release. They say that something happened and where to look, never what the dataset is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Letter(NamedTuple):
    """Subject and text; `{address}` is the release's page, `{moment}` its date as people read it."""

    subject: str
    text: str


#: What happened → the letter. The subject travels in the open, so it names nothing.
LETTERS: Mapping[str, Letter] = MappingProxyType({
    "release": Letter(
        "Se publicó un conjunto de su dependencia",
        "Un conjunto de datos de su dependencia ya es público, desde el {moment}.\n\n{address}",
    ),
    "problem": Letter(
        "Hay un problema antes de una publicación programada",
        "El ensayo de una publicación programada para el {moment} encontró un problema. Todavía hay tiempo de corregirlo;"
        " en esta página se ve cuál es y qué hacer:\n\n{address}",
    ),
    "fail": Letter(
        "Una publicación programada no se pudo hacer",
        "Una publicación programada para el {moment} no se hizo, y el conjunto sigue sin ser público. Lo que hay que corregir"
        " está en esta página:\n\n{address}",
    ),
    "confirm": Letter(
        "Se retiró un conjunto de su dependencia",
        "Un conjunto de datos de su dependencia dejó de ser público. El motivo está en esta página:\n\n{address}",
    ),
})
CLOSING = "\n\nEste aviso lo envía el portal; no hace falta responderlo.\n"


def written(kind: str, *, address: str, moment: str) -> Letter:
    """The letter for what happened, ready to send. KeyError for what there is no letter for."""
    letter = LETTERS[kind]
    return Letter(letter.subject, letter.text.format(address=address, moment=moment) + CLOSING)
