"""A target: another portal that takes our datasets, under an agreement. Its settings, checked.

Source of the agreement: Lineamientos en materia de datos abiertos, DOF 2025-09-11, Art. 4: states and municipalities join by *convenio
de adhesión*.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit


class Kind(StrEnum):
    """How a target gets its copies."""

    CKAN = "ckan"
    BUNDLE = "bundle"
    PULLED = "pulled"


KIND_NAMES: Mapping[str, str] = MappingProxyType({
    Kind.CKAN: "Se le escribe por su API (CKAN)",
    Kind.BUNDLE: "Se le entrega un paquete a mano",
    Kind.PULLED: "Lee nuestros catálogos",
})
NAME = re.compile(r"^[a-z][a-z0-9-]{1,39}$")
AGREEMENT = ("agreement_number", "agreement_date", "agreement_post", "agreement_document")
#: Shortest part of a User-Agent by which a portal that pulls is known: less would be anybody's.
SHORTEST_READER = 4
#: What changed and was not read for so long is told to a person.
SILENCE = timedelta(days=7)
#: Requests in a minute to one target.
SLOWEST, FASTEST = 1, 600


def faults(values: Mapping[str, Any], today: date) -> dict[str, str]:
    """Field → what is wrong with it, with the remedy; empty for a target that can be kept."""
    wrong = {
        "name": "" if NAME.match(str(values.get("name") or "")) else "Use minúsculas, cifras y guiones, como datos-gob-mx.",
        "title": "" if str(values.get("title") or "").strip() else "Escriba cómo se llama el portal de destino.",
        "kind": "" if values.get("kind") in set(Kind) else f"Elija uno de: {', '.join(Kind)}.",
        "url": _address(values, "url", needed=values.get("kind") != Kind.BUNDLE),
        "organization": _organization(values),
        "reader": _reader(values),
        "rate": "" if SLOWEST <= int(values.get("rate") or 0) <= FASTEST else f"Escriba de {SLOWEST} a {FASTEST} por minuto.",
        **(_agreement(values, today) if values.get("enabled") else {}),
    }
    return {name: text for name, text in wrong.items() if text}


def is_reader(reader: str, agent: str) -> bool:
    """Whether a request with this User-Agent is of a portal that is known by this part of its own."""
    return len(reader) >= SHORTEST_READER and reader.casefold() in agent.casefold()


def is_silent(behind_since: datetime | None, now: datetime) -> bool:
    """Whether a portal that pulls has left unread for too long what changed."""
    return behind_since is not None and now - behind_since >= SILENCE


def _reader(values: Mapping[str, Any]) -> str:
    if values.get("kind") == Kind.PULLED and len(str(values.get("reader") or "").strip()) < SHORTEST_READER:
        return f"Escriba cómo se presenta ese portal al leer (su User-Agent), o una parte de {SHORTEST_READER} letras o más."
    return ""


def _organization(values: Mapping[str, Any]) -> str:
    if values.get("kind") == Kind.CKAN and not str(values.get("organization") or "").strip():
        return "Escriba el nombre de nuestra organización en ese portal."
    return ""


def _agreement(values: Mapping[str, Any], today: date) -> dict[str, str]:
    missing = "Un destino funciona solo con su convenio de adhesión registrado; escriba {what}."
    signed = values.get("agreement_date")
    return {
        "agreement_number": "" if values.get("agreement_number") else missing.format(what="su número"),
        "agreement_date": "" if isinstance(signed, date) and signed <= today else missing.format(what="la fecha de su firma"),
        "agreement_post": "" if values.get("agreement_post") else missing.format(what="el cargo de quien lo firmó"),
        "agreement_document": _address(values, "agreement_document", needed=True),
    }


def _address(values: Mapping[str, Any], name: str, *, needed: bool) -> str:
    text = str(values.get(name) or "")
    if not text:
        return "Escriba la dirección completa, con https://." if needed else ""
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and not (parts.username or parts.password)
    except ValueError:
        good = False
    return "" if good else "Escriba una dirección completa, con https:// y sin claves en ella."
