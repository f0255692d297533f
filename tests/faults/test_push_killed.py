"""A loop that writes to another CKAN, killed before it asks, while the other side writes, and before it notes what was done there.

An edition with a file takes two requests, and it notes after each: there it is killed between them.

In the end the copy there is as what is public here, there is one, and the portal knows it.
"""

from __future__ import annotations

import contextlib
import os
import secrets

import pytest

from stack.demo.api import Api

pytestmark = [pytest.mark.stack, pytest.mark.faults]
LOOPS = ("portal-release-1", "portal-release-2")
SIGNED = {
    "agreement_number": "CA-2026-1", "agreement_date": "2026-03-01", "agreement_post": "Titular de la dependencia",
    "agreement_document": "https://legislacion.example.org/convenio.pdf",
}  # fmt: skip
#: Whoever is at a target holds its contact for as long as that takes.
AT_WORK = """
SELECT a.client_port FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.relation = 'edomex_outbound_contact'::regclass AND l.mode = 'RowShareLock' AND l.granted
"""
COPY = "SELECT state, behind_since IS NULL, remote_name FROM edomex_outbound_copy WHERE target_id = %s AND package_id = %s"
TABLE = b"municipio,pozos\nToluca,3\n"
#: The portal's other datasets are none of this target's business: each would take it a second.
ALONE = """
DELETE FROM edomex_outbound_copy WHERE target_id = %(id)s;
UPDATE edomex_outbound_contact SET rest_until = NULL, failures = 0, trouble = NULL, swept_at = clock_timestamp()
WHERE target_id = %(id)s
"""
#: Where the other side waits: before it reads what is there, or before it writes.
BEFORE, DURING, AFTER = "before it knows what is there", "while the other side writes", "before it notes what was done there"
HELD = {BEFORE: "ACCESS EXCLUSIVE", DURING: "SHARE", AFTER: "SHARE"}


class Push:
    """A dataset of ours and its copy on the federal side."""

    def __init__(self, people, federal, database, until):
        self.editor, self.reviewer, self.federal, self.until = people["editor"], people["reviewer"], federal, until
        self.sysadmin = Api(os.environ["EDOMEX_URL"], os.environ["EDOMEX_SYSADMIN_TOKEN"])
        self.cursor = database.cursor()
        self.name = f"destino-{secrets.token_hex(4)}"
        self.target = self.dataset = ""
        self.title, self.table = f"Pozos {self.name}", b""

    def sign_up(self, key):
        self.federal.call("organization_create", name=self.name, title="Estado")
        given = {"kind": "ckan", "url": self.federal.url, "organization": self.name, "rate": 600}
        given |= {"may_publish": True, "sends_files": True}
        self.target = self.sysadmin.call("edomex_target_create", name=self.name, title="Federal", **given, **SIGNED)["id"]
        # Without its key nothing is sent, and the target rests.
        self.sysadmin.call("edomex_target_update", id=self.name, enabled=True)
        assert self.until(lambda: self.shown()["trouble"] or not self.shown()["copies"], 60)
        key.parent.mkdir(exist_ok=True)
        key.write_text(self.federal.session.headers["Authorization"])
        self.cursor.execute(ALONE, {"id": self.target})

    def shown(self):
        return self.sysadmin.call("edomex_target_show", id=self.name)

    def register(self):
        files = [{"name": "Pozos", "url": "https://datos.example.org/pozos.csv", "format": "CSV"}]
        made = self.editor.call("package_create", title=self.title, owner_org=os.environ["EDOMEX_AGENCY"], resources=files)
        self.dataset = made["id"]

    def create(self):
        self.approve(self.dataset)

    def update(self):
        draft = self.editor.call("edomex_release_edition_open", dataset_id=self.dataset)["draft_id"]
        self.title = f"{self.title}, otra edición"
        shown = self.editor.call("package_patch", id=draft, title=self.title)
        if self.table:
            self.editor.call("resource_patch", id=shown["resources"][0]["id"], file=("pozos.csv", self.table, "text/csv"))
        self.approve(draft)

    def replace(self):
        self.table = TABLE
        self.update()

    def withdraw(self):
        why = {"reason": "Se retira para probar.", "legal_ground": "Prueba"}
        asked = self.sysadmin.call("edomex_release_withdraw", dataset_id=self.dataset, **why)
        self.reviewer.call("edomex_release_withdraw_confirm", id=asked["id"])

    def approve(self, dataset):
        sent = self.editor.call("edomex_release_submit", dataset_id=dataset)
        self.reviewer.call("edomex_release_approve", id=sent["id"], release_at="now")

    def noted(self):
        self.cursor.execute(COPY, [self.target, self.dataset])
        return self.cursor.fetchone()

    def there(self):
        """Title, whether anybody sees it, and the file, of each of our datasets there."""
        rows = self.federal.call("package_search", fq=f"organization:{self.name}", include_private=True, rows=100)["results"]
        return [(row["title"], not row["private"], self.content(row["resources"][0])) for row in rows]

    def content(self, resource):
        return self.federal.get(resource["url"]).content if resource["url_type"] == "upload" else b""

    def settle(self, state):
        """The portal knows that the copy is in step, and it is."""
        assert self.until(lambda: (self.noted() or ())[:2] == (state, True), 90), self.noted()
        assert self.there() == ([(self.title, True, self.table)] if state == "public_there" else [])


@pytest.fixture
def push(people, federal, database, until, stack):
    from pathlib import Path

    made = Push(people, federal, database, until)
    key = Path(stack.directory, "targets", made.name)
    made.register()
    made.sign_up(key)
    yield made
    made.sysadmin.call("edomex_target_update", id=made.name, enabled=False)
    key.unlink()


@pytest.fixture
def killed(push, locked, connect, processes, stalled, owners, kill, until):
    """Kill the loop at a step of a change."""
    there = connect("federal").cursor()

    def waiting_there():
        there.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'package'::regclass")
        return there.fetchall()

    def at_work():
        push.cursor.execute(AT_WORK)
        ports = {row[0] for row in push.cursor.fetchall()}
        return [name for name in LOOPS if owners([processes.pid(name)], ports)]

    def at(step, change):
        with contextlib.ExitStack() as later:
            with locked("federal", f"LOCK TABLE package IN {HELD[step]} MODE"):
                change()
                assert until(waiting_there, 60)
                assert until(at_work, 10)
                (name,) = at_work()
                if step != AFTER:
                    kill(name)
                    return
                later.enter_context(locked("portal", "LOCK TABLE edomex_outbound_copy IN EXCLUSIVE MODE"))
            assert until(lambda: stalled("portal", [processes.pid(name)]), 30)
            kill(name)

    return at


QUICK = [("create", DURING), ("create", AFTER), ("replace", AFTER)]
SLOW = [("create", BEFORE), *((change, step) for change in ("update", "withdraw") for step in HELD)]


@pytest.mark.parametrize(("change", "step"), [*QUICK, *(pytest.param(*each, marks=pytest.mark.long) for each in SLOW)])
def test_a_loop_killed(push, killed, change, step):
    if change != "create":
        push.create()
        push.settle("public_there")
    killed(step, getattr(push, change))
    push.settle("withdrawn" if change == "withdraw" else "public_there")
