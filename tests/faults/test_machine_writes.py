"""A machine that writes down what it did to a file, in the very moment in which the dataset is released."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta

import pytest

from stack.demo.api import Api, ApiError

pytestmark = [pytest.mark.stack, pytest.mark.faults]

#: What the engine's transaction does to a release and its dataset, said by hand: the engine itself passes over a row that is held.
RELEASE = (
    """UPDATE edomex_release SET state = 'released', calendar_status = 'done', release_at = clock_timestamp(),
        released_at = clock_timestamp() + interval '1 ms' WHERE id = %(release)s""",
    """INSERT INTO edomex_release_event (release_id, move, from_state, to_state)
        VALUES (%(release)s, 'release', 'scheduled', 'released')""",
    "UPDATE package SET private = false WHERE id = %(dataset)s",
)


def waits_for_a_row(database):
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'FROM package'")
        return cursor.fetchone()[0]


def test_a_table_that_was_loaded_is_noted_though_the_dataset_was_released_meanwhile(people, connect, database, until):
    editor, reviewer = people["editor"], people["reviewer"]
    machine = Api(os.environ["EDOMEX_URL"], os.environ["EDOMEX_SYSADMIN_TOKEN"])
    link = {"name": "Datos", "url": "https://example.org/datos.csv"}
    dataset = editor.call("package_create", title="Tabla a medias", owner_org=os.environ["EDOMEX_AGENCY"], resources=[link])
    release = editor.call("edomex_release_submit", dataset_id=dataset["id"])
    at = datetime.now(UTC) + timedelta(hours=1)
    reviewer.call("edomex_release_approve", id=release["id"], release_at=at.isoformat())
    answers = []

    def note():
        try:
            answers.append(machine.call("resource_patch", id=dataset["resources"][0]["id"], task_created="2026-01-01 00:00:00"))
        except ApiError as error:
            answers.append(error)

    ids = {"release": release["id"], "dataset": dataset["id"]}
    holding = connect().cursor()
    holding.execute("BEGIN")
    holding.execute("SELECT 1 FROM package WHERE id = %(dataset)s FOR UPDATE", ids)
    try:
        writing = threading.Thread(target=note)
        writing.start()
        assert until(lambda: waits_for_a_row(database), 20)
        for statement in RELEASE:
            holding.execute(statement, ids)
        holding.execute("COMMIT")
    finally:
        holding.execute("ROLLBACK")
        # What the engine adds, and later tests ask for: the index learns of it.
        connect().cursor().execute(
            "INSERT INTO edomex_release_outbox (kind, dedupe_key, priority, attempts) VALUES ('index', %(dataset)s, 0, 0)", ids
        )
    writing.join(30)
    if isinstance(answers[0], ApiError):
        raise answers[0]
    assert editor.call("package_show", id=dataset["id"])["private"] is False
