"""What the release loops cost while nothing is due: processor time of their processes, and queries that PostgreSQL saw."""

from __future__ import annotations

import ctypes
import re
import time
from collections import Counter
from pathlib import Path

from psycopg2 import sql

from bench import release_engine as engine
from bench.figures import BenchError, Figure, Measure
from bench.place import Place, Site

IDLE_S = 60.0
#: Share of one core, in percent, for each loop; queries a second for all of them together.
CPU_LIMIT, QUERY_LIMIT = 0.1, 1.0
#: A statement as PostgreSQL logs it here: our mark, the database, the application's name. Its own lines may begin with an
#: empty one, and each but the first is indented by a tab.
_LOGGED = re.compile(
    r"^bench:(?P<database>[^:\n]*):(?P<application>[^:\n]*):LOG: +statement:(?P<statement>.*(?:\n\t.*)*)", re.MULTILINE
)
#: As much of a statement as tells it from the others.
_HEAD = 72
_LOGGING = {"log_line_prefix": "bench:%d:%a:", "log_statement": "all"}
_BRACKETS = ("BEGIN", "COMMIT", "ROLLBACK")
#: What our own connection says it is, to be left out.
_OURSELVES = "bench"


def idle(place: Place) -> list[Figure]:
    """A minute in which nothing is due. The harvest consumers rest: what they ask of the database is not the loops' doing."""
    site = place.ours
    engine.wait_until_followed(site)
    others = ("portal-worker", "portal-gather", "portal-fetch")
    place.processes.stop(*others)
    try:
        clocks = [cpu_clock(pid(place, loop)) for loop in engine.LOOPS]
        before = [time.clock_gettime(clock) for clock in clocks]
        counted, seconds = queries(place, site)
        shares = [100 * (time.clock_gettime(clock) - spent) / seconds for clock, spent in zip(clocks, before, strict=True)]
    finally:
        place.processes.start(*others)
    asked = {statement: number for statement, number in counted.items() if not statement.startswith(_BRACKETS)}
    details = {"seconds": seconds, "loops": len(shares)}
    return [
        Measure(
            name="idle_cpu", value=max(shares), limit=CPU_LIMIT, unit="% of a core, the busier loop",
            samples={"each_loop": shares}, details=details,
        ),
        Measure(
            name="idle_queries", value=sum(asked.values()) / seconds, limit=QUERY_LIMIT, unit="queries/s of all loops",
            samples={}, details={**details, "statements": dict(counted.most_common())},
        ),
    ]  # fmt: skip


def pid(place: Place, program: str) -> int:
    """A loop's process; BenchError if it is not running."""
    found = place.processes.pid(program)
    if not found:
        raise BenchError(f"{program} is not running; see its log.")
    return found


def cpu_clock(process: int) -> int:
    """The processor clock of another process. Its `stat` counts in hundredths of a second, ten times too coarse for 0.1 %."""
    clock = ctypes.c_int()
    status = ctypes.CDLL(None).clock_getcpuclockid(process, ctypes.byref(clock))
    if status:
        raise BenchError(f"the processor clock of a loop cannot be read (error {status}); run on Linux, as the loops' own user.")
    return clock.value


def queries(place: Place, site: Site) -> tuple[Counter[str], float]:
    """Count what PostgreSQL is asked in the site's database for a while: every statement, and the seconds.

    From its log, for that is exact without a restart: the statistics views count transactions, or need a library at start.
    """
    log = place.stack.logs / "postgres.log"
    with site.database() as cursor:
        cursor.execute("SET application_name = 'bench'")
        begun, offset = time.monotonic(), log.stat().st_size
        try:
            for name, value in _LOGGING.items():
                cursor.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
            cursor.execute("SELECT pg_reload_conf()")
            time.sleep(IDLE_S)  # not a wait for anything: the length of what is measured
            seconds = time.monotonic() - begun
        finally:
            for name in _LOGGING:
                cursor.execute(sql.SQL("ALTER SYSTEM RESET {}").format(sql.Identifier(name)))
            cursor.execute("SELECT pg_reload_conf()")
    return count_statements(_since(log, offset), site.name), seconds


def _since(log: Path, offset: int) -> str:
    if log.stat().st_size < offset:
        raise BenchError("PostgreSQL's log was begun anew while it was read; run the case again.")
    with log.open("rb") as file:
        file.seek(offset)
        return file.read().decode(errors="replace")


def count_statements(text: str, database: str) -> Counter[str]:
    """Statements of one database in PostgreSQL's log, by their beginnings, without our own."""
    own = (m for m in _LOGGED.finditer(text) if m["database"] == database and m["application"] != _OURSELVES)
    return Counter(" ".join(m["statement"].split())[:_HEAD] for m in own)
