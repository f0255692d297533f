"""Health checks of the processes behind the portal: exit status 0 while this container does its work.

alive.py release           the loop of this container wrote its heartbeat lately
alive.py jobs              the job worker of this container is registered
alive.py queue             database and queue can be reached from here
alive.py period SECONDS    the periodic command succeeded within so many seconds
"""

from __future__ import annotations

import configparser
import os
import socket
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg2
import redis

#: A loop beats every 15 s at most, longer while it works through a batch.
HEARTBEAT_S = 120
#: Touched by every.sh.
LAST_SUCCESS = Path("/tmp/last-success")  # noqa: S108  # this container's own


def main() -> int:
    """Run the check that was asked for; anything it raises is a failure as well."""
    name, *rest = sys.argv[1:]
    return 0 if CHECKS[name](*rest) else 1


def release() -> bool:
    """The database's clock judges, as it does everywhere."""
    sql = (
        "SELECT EXISTS (SELECT 1 FROM edomex_release_worker WHERE starts_with(id, %s)"
        " AND seen_at > clock_timestamp() - make_interval(secs => %s))"
    )
    with closing(connect()) as connection, connection.cursor() as cursor:
        cursor.execute(sql, [f"{socket.gethostname()}:", HEARTBEAT_S])
        return bool(cursor.fetchone()[0])  # type: ignore[index]  # EXISTS always gives a row


def jobs() -> bool:
    """A worker's record in the queue expires by itself when its process is gone."""
    from rq import Worker

    return any(worker.hostname == socket.gethostname() for worker in Worker.all(connection=queue_server()))


def queue() -> bool:
    """Consumers keep no record of themselves, so this is what can be known: that they are able to work."""
    connect().close()
    return bool(queue_server().ping())


def period(seconds: str) -> bool:
    """Before its first success a container is starting, which Docker knows by itself."""
    return time.time() - LAST_SUCCESS.stat().st_mtime < float(seconds)


def connect() -> psycopg2.extensions.connection:
    """A connection to CKAN's database."""
    return psycopg2.connect(setting("sqlalchemy.url"), connect_timeout=3)


def queue_server() -> redis.Redis:
    """A connection to Valkey."""
    return redis.Redis.from_url(setting("ckan.redis.url"), socket_timeout=3)


def setting(name: str) -> str:
    """A setting of this container's configuration."""
    parser = configparser.ConfigParser()
    parser.read(os.environ["CKAN_INI"], encoding="utf-8")
    return parser.get("app:main", name)


CHECKS = {check.__name__: check for check in (release, jobs, queue, period)}

if __name__ == "__main__":
    sys.exit(main())
