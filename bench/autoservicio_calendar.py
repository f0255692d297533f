"""A page of the queue and of the calendar, each of 5,000 releases, against the peer's search page over 5,000 datasets.

Both are what somebody opens to see the first of many: a page of theirs, 20 hits and facets; a page of ours, up to 50 rows.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench import release_engine as engine
from bench.datasets import Batch, make, visible
from bench.figures import BenchError, Comparison, Figure, alternate
from bench.place import Place, variable
from stack.demo.api import Api

SIZE = 5_000
ROUNDS, WARM_UP = 40, 12
LIMIT = 0.66
OK = 200
TAG = "cinco-mil"
#: Sent one after the other during the last fortnight.
_SENT = """
INSERT INTO edomex_release (id, package_id, content_id, kind, version, state, calendar_status, content_hash, announced, submitted_by,
    attempts, modified_at)
SELECT gen_random_uuid()::text, id, id, 'first', 1, 'in_review', 'provisional', repeat('0', 64), false, 'bench-enlace', 0,
    clock_timestamp() - n * interval '4 minutes' FROM unnest(%(ids)s::text[]) WITH ORDINALITY AS given (id, n)
"""
#: Every second one was released during the last month, the others come during the next; some have moved, some are named.
_PROMISED = (
    """UPDATE edomex_release r SET state = CASE WHEN n %% 2 = 0 THEN 'released' ELSE 'scheduled' END, calendar_status = 'confirmed',
        approved_by = 'bench-revisor', announced = n %% 3 = 0, announced_title = 'Serie ' || n, promised_at = given.at,
        release_at = given.at, due_at = given.at, released_at = CASE WHEN n %% 2 = 0 THEN given.at END
    FROM (SELECT id, n, clock_timestamp() + interval '2 hours' + (CASE WHEN n %% 2 = 0 THEN -1 ELSE 1 END) * n * interval '8 minutes'
            - (CASE WHEN n %% 2 = 0 THEN interval '1 day' ELSE interval '0' END) AS at
          FROM unnest(%(ids)s::text[]) WITH ORDINALITY AS given (id, n)) AS given WHERE r.package_id = given.id""",
    """INSERT INTO edomex_release_event (release_id, move, from_state, to_state, details)
    SELECT id, 'approve', 'in_review', 'scheduled', jsonb_build_object('to', promised_at) FROM edomex_release
    WHERE package_id = ANY(%(ids)s)""",
    """INSERT INTO edomex_release_event (release_id, move, from_state, to_state, reason, details)
    SELECT id, 'reschedule', 'scheduled', 'scheduled', 'Falta la validación de dos municipios.',
        jsonb_build_object('from', '2026-01-01T15:00:00Z', 'to', promised_at)
    FROM edomex_release WHERE package_id = ANY(%(ids)s) AND announced""",
    """INSERT INTO edomex_release_event (release_id, move, from_state, to_state)
    SELECT id, 'release', 'scheduled', 'released' FROM edomex_release WHERE package_id = ANY(%(ids)s) AND state = 'released'""",
    """UPDATE package SET private = false WHERE id IN (SELECT package_id FROM edomex_release WHERE state = 'released')
        AND id = ANY(%(ids)s)""",
    "ANALYZE package, edomex_release, edomex_release_event",
)  # fmt: skip
#: Addresses of the calendar by the number of the round: what a person opens, and the month they look at next.
_CALENDAR = ("/calendario", "/calendario?vista=mes", "/calendario?estado=proximas&pagina=7")
_made: dict[str, Batch] = {}


def queue_5000(place: Place) -> list[Figure]:
    """The start page of who reviews, with 5,000 datasets that wait."""
    _prepare(place)
    reviewer = Api(place.ours.url, variable("EDOMEX_REVIEWER_TOKEN"))
    with _quiet(place):
        return [_compared(place, "queue_5000", reviewer, lambda number: f"/autoservicio?cola={1 + number % 100}", "Esperan revisión")]


def calendar_5000(place: Place) -> list[Figure]:
    """The public calendar with 5,000 promises: its first page, a month, a page of the list."""
    ours = _prepare(place)
    with _quiet(place):
        with place.ours.database() as cursor:
            for statement in _PROMISED:
                cursor.execute(statement, {"ids": ours.ids})
        words = "Calendario de publicación"
        return [_compared(place, "calendar_5000", place.ours.visitor(), lambda number: _CALENDAR[number % len(_CALENDAR)], words)]


def _prepare(place: Place) -> Batch:
    """Both sides' datasets, once for all cases; ours need no index, for neither page asks it."""
    if not _made:
        _made["ours"] = make(place.ours, TAG, SIZE, indexed=False)
        _made["peer"] = make(place.peer, TAG, SIZE, public=True)
        found = visible(place.peer.visitor(), _made["peer"])
        if found != SIZE:
            raise BenchError(f"the peer shows {found} of {SIZE} datasets; the figure would be of something else.")
        with place.ours.database() as cursor:
            cursor.execute(_SENT, {"ids": _made["ours"].ids})
            cursor.execute("ANALYZE edomex_release")
    return _made["ours"]


@contextmanager
def _quiet(place: Place) -> Iterator[None]:
    """Without the loops: rows that were written by hand would give their housekeeping work, on one side alone."""
    place.processes.stop(*engine.LOOPS)
    try:
        yield
    finally:
        place.processes.start(*engine.LOOPS)


def _compared(place: Place, name: str, ours: Api, address: Callable[[int], str], words: str) -> Comparison:
    mine = _reader(ours, address, words)
    theirs = _reader(place.peer.visitor(), lambda number: f"/dataset/?page={1 + number % 100}", "serie")
    for number in range(WARM_UP):
        mine(number)
        theirs(number)
    ours_s, peer_s = alternate(ROUNDS, mine, theirs)
    pairs = statistics.median(peer / own for own, peer in zip(ours_s, peer_s, strict=True))
    asked = {"ours": [address(number) for number in range(3)], "peer": "/dataset/?page=N"}
    details = {"median_ratio_of_pairs": pairs, "size": SIZE, **asked}
    return Comparison(name=name, ours=ours_s, peer=peer_s, at_least_ratio=LIMIT, details=details)


def _reader(api: Api, address: Callable[[int], str], words: str) -> Callable[[int], float]:
    """Seconds of one request by its number; the page has to say what it is."""

    def read(number: int) -> float:
        path = address(number)
        begun = time.perf_counter()
        answer = api.get(path)
        seconds = time.perf_counter() - begun
        if answer.status_code != OK or words not in answer.text:
            raise BenchError(f"{path} answered {answer.status_code}, or without «{words}»; the figure would be of something else.")
        return seconds

    return read


