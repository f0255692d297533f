"""What administrators do meanwhile: roles given and taken, memberships, the agency's name; and two people at once."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Any

from ckan import model
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ckanext.edomex.tests.integration.workflow.ground import MEMBERS, REFUSED, ROLES
from ckanext.edomex.tests.integration.workflow.releasing_doors import ReleasingDoors

#: Mostly given back: a day in which nobody has a right is a short one.
GIVEN = st.sampled_from([True, True, False])


class PeopleDoors(ReleasingDoors):
    """Rights that change between an approval and its date."""

    @rule(who=st.sampled_from(sorted(ROLES)), given=GIVEN, by=st.sampled_from(["sysadmin", "sysadmin", "manager"]))
    def change_role(self, *, who: str, given: bool, by: str) -> None:
        (role,) = ROLES[who]
        action = "edomex_release_role_grant" if given else "edomex_release_role_revoke"
        if self.do(by, action, user=self.people[who]["name"], role=role):
            (self.roles[who].add if given else self.roles[who].discard)(role)

    @rule(who=st.sampled_from(MEMBERS), given=GIVEN, by=st.sampled_from(["sysadmin", "sysadmin", "editor"]))
    def change_membership(self, *, who: str, given: bool, by: str) -> None:
        data = {"id": self.agency, "username": self.people[who]["name"]}
        if given:
            if self.do(by, "organization_member_create", **data, role="editor"):
                self.members.add(who)
        elif self.do(by, "organization_member_delete", **data):
            self.members.discard(who)

    @rule(by=st.sampled_from(["sysadmin", "editor"]))
    def rename_agency(self, *, by: str) -> None:
        self.words += 1
        self.do(by, "organization_patch", id=self.agency, name=f"otra-{self.agency}-{self.words}", title=f"Otra {self.words}")

    @precondition(lambda self: self.may("editor", "write") and self.seen["item"])
    @rule(pick=st.integers(0, 5))
    def two_change_a_row_at_once(self, *, pick: int) -> None:
        row = self.one(pick, "item")
        given = {"id": row["id"], "version": row["version"]}
        first = ("editor", "edomex_inventory_update", {**given, "system": self.word("Excel")})
        second = ("sysadmin", "edomex_inventory_update", {**given, "system": self.word("Papel")})
        assert self.at_once(first, second) == 1, "of two who changed the same version, one is told"

    @precondition(lambda self: self.may("editor", "write") and self.seen["line"])
    @rule(pick=st.integers(0, 5))
    def two_make_a_dataset_at_once(self, *, pick: int) -> None:
        line = self.one(pick, "line")
        before = self.seen["package"]
        lives = line["dataset_id"] and before.get(line["dataset_id"], {}).get("state") not in {None, "deleted"}
        self.at_once(*((who, "edomex_plan_line_draft", {"id": line["id"]}) for who in ("editor", "sysadmin")))
        assert len(self.seen["package"]) == len(before) + (0 if lives else 1), "two who asked at once made two datasets of a line"

    @precondition(lambda self: self.may("editor", "write") and self.rows("plan", state="draft") and self.seen["item"])
    @rule(pick=st.integers(0, 5))
    def a_row_goes_while_its_plan_takes_it_in(self, *, pick: int) -> None:
        row, plan = self.one(pick, "item"), self.one(0, "plan", state="draft")
        self.at_once(
            ("editor", "edomex_inventory_delete", {"id": row["id"], "version": row["version"]}),
            ("sysadmin", "edomex_plan_derive", {"id": plan["id"]}),
        )

    @precondition(lambda self: self.may("reviewer", "review") and self.may("double", "review"))
    @precondition(lambda self: self.rows("release", state="in_review"))
    @rule(pick=st.integers(0, 5))
    def approved_and_returned_at_once(self, *, pick: int) -> None:
        release = self.one(pick, "release", state="in_review", kind={"first", "edition"})
        if release:
            done: list[str] = []
            self.at_once(
                ("reviewer", "edomex_release_approve", {"id": release["id"], "release_at": "2031-03-03T09:00:00-06:00"}),
                ("double", "edomex_release_request_changes", {"id": release["id"], "note": "Falta la fuente"}),
                done=done,
            )
            assert len(done) <= 1, "a release was approved and returned at once"
            if "edomex_release_approve" in done:
                self.note_approval("reviewer", release, announced=False)

    def at_once(self, *steps: tuple[str, str, dict[str, Any]], done: list[str] | None = None) -> int:
        """Several people at the same instant; how many were not refused. What else is raised is a fault."""
        together, faults = threading.Barrier(len(steps)), list[BaseException]()
        succeeded: list[str] = done if done is not None else []

        def attempt(who: str, action: str, data: dict[str, Any]) -> None:
            together.wait()
            try:
                type(self).act(self.people[who], action, **data)
                succeeded.append(action)
            except REFUSED:
                model.Session.rollback()
            except Exception as error:  # noqa: BLE001  # told to the thread that asks
                faults.append(error)
            finally:
                model.Session.remove()

        def started(step: tuple[str, str, dict[str, Any]]) -> threading.Thread:
            run: Callable[..., Any] = contextvars.copy_context().run
            thread = threading.Thread(target=run, args=(attempt, *step))
            thread.start()
            return thread

        model.Session.commit()
        for thread in [started(step) for step in steps]:
            thread.join()
        self.look()
        if faults:
            raise faults[0]
        return len(succeeded)
