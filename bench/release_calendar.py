"""What a pass of the engine asks, with ten scheduled rows and with a million: the cost must not grow with the calendar."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class that its module names like a function
from sqlalchemy.dialects.postgresql import psycopg2

from bench import release_engine as engine
from bench.figures import LEAST_ROUNDS, Figure, Measure
from bench.place import Place, Site

#: Schema of each calendar, and its rows.
CALENDARS: Mapping[str, int] = MappingProxyType({"bench_few": 10, "bench_many": 1_000_000})
#: Repeats of each query on each calendar, and seconds after which fewer are enough.
REPEATS, BUDGET_S = 200, 8.0
LIMIT = 1.5
#: One release each second, the first in an hour: none comes due while we look.
_AT = "clock_timestamp() + interval '1 hour' + b.n * interval '1 second'"
_MAKE_ONE_DUE = """
UPDATE edomex_release SET {due} WHERE id = (SELECT id FROM edomex_release ORDER BY release_at LIMIT 1)
"""


def claim_million(place: Place) -> list[Figure]:
    """Each query of a pass on both calendars in turn: the claim with nothing due and with one due, and the next instant."""
    site = place.ours
    with ExitStack() as kept:
        cursors = {name: kept.enter_context(_calendar(site, name, rows)) for name, rows in CALENDARS.items()}
        samples = {
            **_timed("claim_nothing_due", engine.CLAIM, engine.CLAIM_PARAMETERS, cursors),
            **_timed("next_instant", engine.NEXT, {}, cursors),
        }
        due = ", ".join(f"{column} = clock_timestamp()" for column in _instants(site))
        for cursor in cursors.values():
            cursor.execute(_MAKE_ONE_DUE.format(due=due))
        samples |= _timed("claim_one_due", engine.CLAIM, engine.CLAIM_PARAMETERS, cursors)
    medians = {name: statistics.median(values) for name, values in samples.items()}
    few, many = CALENDARS
    queries = sorted({name.split(" ")[0] for name in samples})
    ratios = {query: medians[f"{query} {many}"] / medians[f"{query} {few}"] for query in queries}
    return [
        Measure(
            name="claim_million", value=max(ratios.values()), limit=LIMIT, unit="ratio of medians, the worst query",
            samples=samples, details={"ratios": ratios, "medians_s": medians, "rows": dict(CALENDARS)},
        )
    ]  # fmt: skip


def _instants(site: Site) -> list[str]:
    return [column for column in ("release_at", "due_at") if column in engine.row_columns(site)]


@contextmanager
def _calendar(site: Site, schema: str, rows: int) -> Iterator[Cursor]:
    """A cursor, in a transaction, that finds copies of the two tables with so many rows, all to come, under their own names."""
    values = {**engine.row_columns(site), "content_hash": "repeat('0', 64)", **dict.fromkeys(_instants(site), _AT)}
    if "warm_at" in values:
        values["warm_at"] = f"{_AT} - interval '10 minutes'"
    with site.database() as cursor:
        cursor.execute(f"CREATE SCHEMA {schema}")
        try:
            for table in ("package", "edomex_release"):
                cursor.execute(f"CREATE TABLE {schema}.{table} (LIKE public.{table} INCLUDING ALL)")
            cursor.execute(f"SET search_path = {schema}, public")
            _fill(cursor, values, rows)
            cursor.execute("BEGIN")
            yield cursor
            cursor.execute("ROLLBACK")
        finally:
            cursor.execute(f"DROP SCHEMA {schema} CASCADE")


def _fill(cursor: Cursor, values: Mapping[str, str], rows: int) -> None:
    cursor.execute(
        "CREATE TEMPORARY TABLE bench_new AS SELECT gen_random_uuid()::text AS id, n FROM generate_series(1, %s) AS n", [rows]
    )
    cursor.execute(
        "INSERT INTO package (id, name, title, type, state, private)"
        " SELECT id, 'bench-' || n, 'Serie ' || n, 'dataset', 'active', true FROM bench_new"
    )
    # Columns and expressions are the engine module's own.
    columns, expressions = ", ".join(values), ", ".join(values.values())
    cursor.execute(f"INSERT INTO edomex_release ({columns}) SELECT {expressions} FROM bench_new AS b")  # noqa: S608
    cursor.execute("VACUUM ANALYZE package, edomex_release")


def _timed(
    query: str, statement: sa.TextClause, parameters: Mapping[str, Any], cursors: Mapping[str, Cursor]
) -> dict[str, list[float]]:
    """Seconds of a query on each calendar, in turn, seen by the client: no time is lost in a layer of Python's."""
    text = str(statement.compile(dialect=psycopg2.dialect()))
    found: dict[str, list[float]] = {f"{query} {name}": [] for name in cursors}
    begun = time.monotonic()
    for number in range(REPEATS):
        for name, cursor in _turn(cursors.items(), number):
            before = time.perf_counter()
            cursor.execute(text, parameters)
            cursor.fetchall()
            found[f"{query} {name}"].append(time.perf_counter() - before)
        if number >= LEAST_ROUNDS and time.monotonic() - begun > BUDGET_S:
            break
    return found


def _turn(items: Iterable[tuple[str, Cursor]], number: int) -> list[tuple[str, Cursor]]:
    both = list(items)
    return both if number % 2 == 0 else both[::-1]
