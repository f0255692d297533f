"""How a notice reads: the portal's letters or the operator's, the page that it leads to."""

from __future__ import annotations

import functools
import logging
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from ckanext.edomex.domain.clock import spoken
from ckanext.edomex.domain.days import spoken_day
from ckanext.edomex.notices import config
from ckanext.edomex.notices.domain import letters
from ckanext.edomex.notices.domain.letters import CLOSING, Letter, LettersError

log = logging.getLogger(__name__)

INBOX, PREFERENCES = "/autoservicio/avisos", "/autoservicio/avisos/preferencias"
#: What a notice is of → its page, the closest first.
_PAGES: Mapping[str, str] = {
    "release": "/autoservicio/liberacion/{}", "plan": "/autoservicio/plan/{}", "dataset": "/dataset/{}",
    "source": "/autoservicio/federacion/fuentes/{}", "agency": "/autoservicio/inventario/{}",
}  # fmt: skip


def path_of(facts: Mapping[str, Any]) -> str:
    """The page that a notice leads to; the inbox where there is none."""
    return next((page.format(facts[what]) for what, page in _PAGES.items() if facts.get(what)), INBOX)


def line_of(kind: str, facts: Mapping[str, Any]) -> str:
    """What the inbox and the daily letter say."""
    return letters.filled(letter_of(kind), _words(facts)).line


def single(kind: str, facts: Mapping[str, Any]) -> Letter:
    """A letter of one notice, ready to be sent."""
    return _closed(letters.filled(letter_of(kind), {**_words(facts), "address": config.site_url() + path_of(facts)}))


def daily(count: int, listed: str) -> Letter:
    """The letter of a day."""
    words = {"count": str(count), "list": listed, "address": config.site_url() + INBOX}
    return _closed(letters.filled(letter_of(letters.DIGEST), words))


def letter_of(kind: str) -> Letter:
    """The operator's letter of a kind, or the portal's."""
    return {**letters.table(), **operators()}[kind]


def operators() -> Mapping[str, Letter]:
    """What the operator's file says otherwise. A file that cannot be used is said aloud, and the portal's letters go out."""
    path = config.letters_file()
    if path is None:
        return {}
    return _read(path, path.stat().st_mtime_ns if path.exists() else 0)


def read_file(path: Path) -> dict[str, Letter]:
    """The letters of a file. LettersError with every fault, one that is no YAML included."""
    try:
        return letters.read(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LettersError([f"El archivo no se puede leer como YAML en UTF-8: {type(error).__name__}."]) from error


@functools.lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> Mapping[str, Letter]:
    """A file as it is since it changed last: read once, and complained of once."""
    try:
        return read_file(path)
    except (OSError, LettersError) as error:
        log.error("letters: %s", error, extra={"event": "notices.letters_refused"})  # noqa: TRY400  # a file's fault needs no traceback
        return {}


def _words(facts: Mapping[str, Any]) -> dict[str, str]:
    moment = {"moment": spoken(datetime.fromisoformat(facts["moment"]))} if facts.get("moment") else {}
    return {**moment, **({"day": spoken_day(facts["day"])} if facts.get("day") else {})}


def _closed(letter: Letter) -> Letter:
    closing = letters.filled(letter_of(CLOSING), {"preferences": config.site_url() + PREFERENCES}).text
    return letter._replace(text=f"{letter.text}\n\n{closing}\n")
