"""What is in the catalogue at this moment, and its ledger: worked out once for every commit, however many ask."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from ckan import model as ckan_model
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk
from ckan.types import AlchemySession, Context

from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.feed import config, model, profile
from ckanext.edomex.feed.domain.errors import ShrunkError
from ckanext.edomex.feed.domain.guard import lost_too_many
from ckanext.edomex.feed.domain.keys import Listed, digest
from ckanext.edomex.feed.model import ledger

log = logging.getLogger(__name__)
#: As many ids as one question to the release room may have.
CHUNK = 2000
#: In the ledger: the catalogue's own node, which is no dataset.
ITSELF = ""


@dataclass(frozen=True, kw_only=True)
class State:
    """The public datasets in their order, what the catalogue says of itself, and what all of it is known by."""

    listed: Sequence[Listed]
    itself: Mapping[str, str]
    #: Hash over everything that any document of the catalogue depends on.
    mark: str
    #: When the feed last told something new.
    changed_at: datetime | None


_held: dict[tuple[str, ...], State] = {}
_lock = threading.Lock()


def current() -> State:
    """The state of this moment, from memory where nothing was committed since it was worked out.

    Raises:
        ShrunkError: more is missing than was withdrawn.
    """
    session = ckan_model.Session
    # Asked first: what is committed while the list is read makes the next one who asks read it again.
    moment = ledger.moment(session)
    key = (moment, profile.fingerprint(), *_settings().values())
    held = _held.get(key)
    if held is None:
        held = _work_out(session, moment)
        with _lock:
            _held.clear()
            _held[key] = held
    return held


def still(state: State) -> bool:
    """Whether the datasets are those of this state: what was hidden meanwhile must not be sent."""
    found = zip_longest(model.listed(ckan_model.Session), state.listed)
    return all(now == then for now, then in found)


def accept() -> int:
    """Take what is there for right, whatever is missing; how many datasets the feed has now."""
    with unit_of_work() as session:
        ledger.lock(session)
        listed = model.public_datasets(session)
        _tell(session, ledger.entries(session), listed, guarded=False)
    return len(listed)


def _work_out(session: AlchemySession, moment: str) -> State:
    listed, told = model.public_datasets(session), ledger.entries(session)
    if _is_news(told, listed):
        with unit_of_work():
            ledger.lock(session)
            if ledger.moment(session) != moment:
                # Read again behind the lock: an older list must not undo what a newer one told.
                listed, told = model.public_datasets(session), ledger.entries(session)
            _tell(session, told, listed, guarded=True)
    itself = _itself(listed)
    settings = [f"{key}={value}" for key, value in itself.items()]
    mark = digest([profile.fingerprint(), *settings, *(one.stamp for one in listed)])
    return State(listed=listed, itself=itself, mark=mark, changed_at=ledger.last_change(session))


def _is_news(told: Mapping[str, ledger.Told], listed: Sequence[Listed]) -> bool:
    present = sum(each.present for each in told.values())
    known = present == len(listed) and all(told.get(one.id) == (one.stamp, True) for one in listed)
    return not known or told.get(ITSELF) != _own_entry()


def _own_entry() -> ledger.Told:
    """Of the catalogue's own node: what it says of itself, and how things are said."""
    return ledger.Told(stamp=digest([profile.fingerprint(), *_settings().values()]), present=False)


def _tell(session: AlchemySession, told: Mapping[str, ledger.Told], listed: Sequence[Listed], *, guarded: bool) -> None:
    """Write into the ledger what differs from what was told: new ones in their order, changed ones, and those that have gone."""
    here = {one.id for one in listed}
    before = [key for key, each in told.items() if each.present]
    gone = sorted(key for key in before if key not in here)
    notes = withdrawals(gone)
    if guarded:
        _guard(len(before), sum(key not in notes for key in gone))
    fresh = [one for one in listed if told.get(one.id) != (one.stamp, True)]

    def rows() -> Iterator[dict[str, Any]]:
        for key in gone:
            yield {"package_id": key, "kind": "withdrawn", "note": notes.get(key)}
        for one in fresh:
            known = told.get(one.id)
            yield {"package_id": one.id, "kind": "changed" if known is not None and known.present else "created"}

    ledger.add_changes(session, rows())
    ledger.keep(session, ((one.id, one.stamp) for one in fresh), present=True)
    ledger.keep(session, ((key, "") for key in gone), present=False)
    if told.get(ITSELF) != _own_entry():
        ledger.keep(session, [(ITSELF, _own_entry().stamp)], present=False)


def _guard(before: int, missing: int) -> None:
    if lost_too_many(before, missing, config.guard_share()):
        extra = {"event": "feed.shrunk", "before": before, "missing": missing}
        log.error("the feed lost %d of %d datasets that nobody withdrew", missing, before, extra=extra)
        raise ShrunkError(f"{missing} of {before} datasets are missing and were not withdrawn")


def withdrawals(ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The public note of each of these that was withdrawn."""
    if not plugin_loaded("edomex_release"):
        return {}
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(ids), CHUNK):
        asked = {"dataset_ids": list(ids[start : start + CHUNK])}
        for row in tk.get_action("edomex_release_withdrawal_list")(Context(ignore_auth=True, user=""), asked):
            found[row["dataset_id"]] = {key: row[key] for key in ("withdrawn_at", "reason", "legal_ground")}
    return found


def _settings() -> dict[str, str]:
    return {
        "title": config.title(), "description": config.description(), "publisher_name": config.publisher_name(),
        "license": config.license_url() or "",
    }  # fmt: skip


def _itself(listed: Sequence[Listed]) -> dict[str, str]:
    """What the catalogue says of itself. Its dates are those of what is in it."""
    dates = {
        "issued": iso(min((one.created for one in listed), default=None)),
        "modified": iso(max((one.modified for one in listed), default=None)),
    }
    return {**_settings(), **{key: value for key, value in dates.items() if value}}

