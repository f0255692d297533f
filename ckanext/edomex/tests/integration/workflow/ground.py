"""The ground on which the machine of the whole workflow stands: people, what they may, and every row that concerns the agency."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

REFUSED = (tk.ValidationError, tk.NotAuthorized, tk.ObjectNotFound)
#: Who works for the agency at the beginning; `double` reviews for the state as well.
MEMBERS = ("editor", "colleague", "double")
ROLES = {"reviewer": {"reviewer"}, "manager": {"manager"}, "double": {"reviewer"}}
#: Whoever tries a door: mostly somebody who may, now and then somebody who may not.
WRITERS = st.sampled_from(["editor", "editor", "editor", "colleague", "double", "sysadmin", "reviewer", "stranger", "nobody"])
REVIEWERS = st.sampled_from(["reviewer", "reviewer", "reviewer", "double", "sysadmin", "editor", "manager", "stranger"])
MANAGERS = st.sampled_from(["manager", "manager", "manager", "sysadmin", "reviewer", "editor"])
PICK = st.integers(0, 5)
#: How far the version that somebody has seen lies from the one that is.
STALE = st.sampled_from([0, 0, 0, 0, -1, 1])

_WRITE, _REVIEW, _MANAGE, _RULE = "write", "review", "manage", "rule"
#: Action → what one needs to be for it. Written here anew, so that a table of the portal that is wrong is found.
NEEDED = {
    **dict.fromkeys((
        "edomex_inventory_create", "edomex_inventory_update", "edomex_inventory_delete", "edomex_inventory_import",
        "edomex_plan_create", "edomex_plan_update", "edomex_plan_derive", "edomex_plan_line_update",
        "edomex_plan_line_draft", "edomex_plan_submit", "edomex_plan_reopen", "edomex_plan_publish", "edomex_plan_document_add",
        "edomex_release_submit", "edomex_release_edition_open", "edomex_release_edition_discard", "edomex_observation_answer",
        "package_create", "package_patch", "package_delete", "resource_create",
    ), _WRITE),
    **dict.fromkeys((
        "edomex_plan_return", "edomex_plan_approve", "edomex_release_request_changes", "edomex_release_approve",
        "edomex_observation_create", "edomex_observation_resolve", "edomex_observation_reopen", "edomex_observation_withdraw",
    ), _REVIEW),
    **dict.fromkeys((
        "edomex_release_reschedule", "edomex_release_cancel", "edomex_release_withdraw", "edomex_release_withdraw_confirm",
        "edomex_blackout_create", "edomex_blackout_end",
    ), _MANAGE),
    **dict.fromkeys((
        "edomex_release_role_grant", "edomex_release_role_revoke", "organization_patch", "organization_member_create",
        "organization_member_delete",
    ), _RULE),
}  # fmt: skip

_OURS = "(SELECT id FROM package WHERE owner_org = :agency AND type = 'dataset')"
_RELEASES = f"(SELECT id FROM edomex_release WHERE package_id IN {_OURS})"
#: Every row that the workflow of one agency touches, the oldest first; each has an `id`.
TABLES = {
    "item": "SELECT * FROM edomex_planning_item WHERE agency_id = :agency ORDER BY created_at, id",
    "plan": "SELECT * FROM edomex_planning_plan WHERE agency_id = :agency ORDER BY created_at, id",
    "line": "SELECT * FROM edomex_planning_line WHERE agency_id = :agency ORDER BY id",
    "document": "SELECT * FROM edomex_planning_document WHERE agency_id = :agency ORDER BY uploaded_at, id",
    "planning_event": "SELECT * FROM edomex_planning_event WHERE agency_id = :agency ORDER BY id",
    "package": "SELECT id, name, title, notes, private, state, owner_org, metadata_modified FROM package"
    " WHERE owner_org = :agency AND type = 'dataset' ORDER BY metadata_created, id",
    "resource": f"SELECT id, package_id, name, url, state, extras FROM resource WHERE package_id IN {_OURS} ORDER BY created, id",
    "release": f"SELECT * FROM edomex_release WHERE package_id IN {_OURS} ORDER BY created_at, id",
    "release_event": f"SELECT * FROM edomex_release_event WHERE release_id IN {_RELEASES} ORDER BY id",
    "observation": f"SELECT * FROM edomex_release_observation WHERE release_id IN {_RELEASES} ORDER BY at, id",
    "observation_event": "SELECT e.* FROM edomex_release_observation_event e JOIN edomex_release_observation o"
    f" ON o.id = e.observation_id WHERE o.release_id IN {_RELEASES} ORDER BY e.id",
    "submission": "SELECT release_id || '/' || number AS id, release_id, number, content_hash FROM edomex_release_submission"
    f" WHERE release_id IN {_RELEASES} ORDER BY release_id, number",
    "version": "SELECT release_id AS id, package_id, version, content_hash, content FROM edomex_release_version"
    f" WHERE package_id IN {_OURS} ORDER BY version",
    "window": "SELECT * FROM edomex_release_blackout ORDER BY created_at, id",
    "role": "SELECT user_id || '/' || role AS id FROM edomex_release_role ORDER BY 1",
    "member": "SELECT id, table_id, capacity, state FROM member WHERE group_id = :agency AND table_name = 'user' ORDER BY id",
}  # fmt: skip
#: What is only ever added to.
APPENDED = ("planning_event", "release_event", "observation_event", "submission", "version")


class Ground(RuleBasedStateMachine):
    """People at one agency of its own; the test sets `act`, `visit` and `people`."""

    act: Any = None
    visit: Any = None
    people: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.words = 0
        self.seen: dict[str, dict[Any, Any]] = {}
        self.refusal: Exception | None = None
        self.members = set(MEMBERS)
        self.roles = {who: set(roles) for who, roles in ROLES.items()}

    def arrive(self) -> None:
        """A new agency; who lost a role in the example before has it again."""
        model.Session.remove()
        users = [{"name": self.people[who]["name"], "capacity": "editor"} for who in MEMBERS]
        self.agency = factories.Organization(name=f"dependencia-{uuid.uuid4().hex[:12]}", users=users)["id"]
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM edomex_release_blackout"))
        self.look()
        for who, roles in ROLES.items():
            for role in roles:
                self.do("sysadmin", "edomex_release_role_grant", user=self.people[who]["name"], role=role)

    def word(self, about: str = "Padrón") -> str:
        """A name that is found again wherever it leaks."""
        self.words += 1
        return f"{about} {self.agency[:8]}canario{self.words}x"

    @staticmethod
    def aged(version: int, stale: int) -> int:
        """A version that somebody may have seen; there is none below 1."""
        return version + stale if version + stale > 0 else version + 7

    def may(self, who: str, needed: str) -> bool:
        """Whether somebody has a right now, by what the machine did with memberships and roles."""
        roles = self.roles.get(who, set())
        has = {_WRITE: who in self.members, _REVIEW: "reviewer" in roles, _MANAGE: "manager" in roles, _RULE: False}
        return who == "sysadmin" or has[needed]

    def reads_all(self, who: str) -> bool:
        """Whether somebody may read the agency's inventory and plans."""
        return who == "sysadmin" or who in self.members or bool(self.roles.get(who))

    def user_id(self, who: str) -> str:
        """Id of somebody's account."""
        return self.people[who]["id"]

    def call(self, who: str, action: str, /, **data: Any) -> Any:
        """The action alone, refusals included."""
        try:
            return type(self).act(self.people.get(who), action, **data)
        except REFUSED:
            model.Session.rollback()
            raise

    def do(self, who: str, action: str, /, **data: Any) -> Any:
        """Do it, or be refused and change nothing; who may not is refused. Whatever else goes wrong is a fault."""
        before = self.seen
        try:
            answer = self.call(who, action, **data)
        except REFUSED as error:
            self.refusal = error
        else:
            self.refusal = None
        self.look()
        if self.refusal is not None:
            assert self.seen == before, f"{action} was refused to {who} ({self.refusal}) and yet changed {self.differences(before)}"
            return None
        if action in NEEDED:
            assert self.may(who, NEEDED[action]), f"{who} may not {action}, and did"
        # An answer may be an empty list; it is no refusal.
        return answer if answer is not None else True

    def differences(self, before: dict[str, dict[Any, Any]]) -> dict[str, Any]:
        """Tables that are not as they were, with the rows."""
        found = {}
        for name, rows in self.seen.items():
            ids = [key for key in {**rows, **before[name]} if rows.get(key) != before[name].get(key)]
            if ids:
                found[name] = [(before[name].get(key), rows.get(key)) for key in ids]
        return found

    def look(self) -> None:
        """Read every row anew, in one snapshot."""
        with model.meta.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            self.seen = {
                name: {row["id"]: dict(row) for row in connection.execute(sa.text(query), {"agency": self.agency}).mappings()}
                for name, query in TABLES.items()
            }

    def rows(self, name: str, **by: Any) -> list[dict[str, Any]]:
        """Rows of a table by some of their columns; a set stands for any of it."""
        def fits(row: dict[str, Any]) -> bool:
            return all(row[key] in wanted if isinstance(wanted, set) else row[key] == wanted for key, wanted in by.items())

        return [row for row in self.seen[name].values() if fits(row)]

    def one(self, pick: int, name: str, **by: Any) -> dict[str, Any] | None:
        """One of them; those made last come first. None where there is none."""
        found = self.rows(name, **by)[::-1]
        return found[pick % len(found)] if found else None
