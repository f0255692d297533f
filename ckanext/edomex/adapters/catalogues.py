"""The catalogue in the words of others, as the room that writes it offers it to rooms that pass it on."""

from __future__ import annotations

from collections.abc import Callable

#: Gives the document of the state, or of one agency by its name; None if there is none. NotNowError where it cannot be had whole.
Writer = Callable[[str | None], bytes | None]


class NotNowError(Exception):
    """The catalogue cannot be read whole now. Half of one would make its readers delete the other half."""


_known: dict[str, Writer] = {}


def register(name: str, writer: Writer) -> None:
    """Offer a document; a plugin does so when it is configured. A second time replaces the first."""
    _known[name] = writer


def document(name: str, agency: str | None = None) -> bytes | None:
    """The document; None where nobody offers it, or there is no such agency."""
    writer = _known.get(name)
    return writer(agency) if writer is not None else None
