"""What holds after every step of anybody: of rows, histories, plans with their datasets, and of who reads what."""

from __future__ import annotations

from typing import Any

from ckan import model
from hypothesis.stateful import invariant

from ckanext.edomex.audit.logic.sealing import seal_all
from ckanext.edomex.audit.logic.verifying import verify
from ckanext.edomex.planning.domain.plan import TRANSITIONS as PLAN_MOVES
from ckanext.edomex.release.domain.lifecycle import TRANSITIONS
from ckanext.edomex.release.domain.observations import TRANSITIONS as OBSERVATION_MOVES
from ckanext.edomex.release.model import content_hashes
from ckanext.edomex.tests.integration.workflow.ground import APPENDED, REFUSED
from ckanext.edomex.tests.integration.workflow.people_doors import PeopleDoors

#: Action → table of what it shows, and the parameter that names it.
READS = {
    "edomex_inventory_show": ("item", "id"), "edomex_inventory_history": ("item", "id"), "edomex_plan_show": ("plan", "id"),
    "edomex_plan_history": ("plan", "id"), "edomex_plan_export": ("plan", "id"), "edomex_plan_document_show": ("document", "id"),
    "edomex_release_show": ("release", "id"), "edomex_release_changes": ("release", "id"),
    "edomex_observation_list": ("release", "release_id"), "package_show": ("package", "id"),
    "edomex_plan_commitment": ("line", "dataset_id"),
}  # fmt: skip
READERS = ("stranger", "nobody", "editor", "reviewer", "manager", "colleague", "double")
UNDER_REVIEW = {"in_review", "changes_requested", "scheduled", "failed"}


class Invariants(PeopleDoors):
    """Checks of rows and of reading; `calendar.py` has those of what everybody is told."""

    def __init__(self) -> None:
        super().__init__()
        self.before: dict[str, dict[Any, Any]] = {}
        self.asked = 0
        self.sealed_until = 0

    @invariant()
    def visible_means_released(self) -> None:
        """Seen by anybody ⇔ one released publication, of the content that somebody else approved, and not before its date."""
        model.Session.rollback()
        shown = [each["id"] for each in self.rows("package", private=False, state="active")]
        now = content_hashes(model.Session, shown) if shown else {}
        for dataset in self.seen["package"].values():
            found = self.rows("release", package_id=dataset["id"], state="released", kind={"first", "edition"})
            assert len(found) == (dataset["id"] in shown), f"{dataset['title']} is seen by {len(found)} releases"
            for release in found:
                approved = self.approved[release["id"]]
                assert release["approved_by"] == approved["by"] != release["submitted_by"]
                assert release["released_at"] >= release["release_at"]
                assert release["content_hash"] == approved["hash"], "something else was released than was approved"
                assert self.seen["version"][release["id"]]["content_hash"] == now[dataset["id"]]
                assert release["kind"] == "edition" or now[dataset["id"]] == approved["hash"]

    @invariant()
    def histories_only_grow(self) -> None:
        for name in APPENDED if self.before else ():
            for key, row in self.before[name].items():
                assert self.seen[name].get(key) == row, f"{name} {key} was changed or taken away"
        for key, line in self.before["line"].items() if self.before else ():
            assert line["dataset_id"] is None or key in self.seen["line"], "a line went, and its dataset is an orphan"
        self.before = self.seen

    @invariant()
    def history_yields_the_release(self) -> None:
        for release in self.seen["release"].values():
            state, released = "draft", 0
            for event in self.rows("release_event", release_id=release["id"]):
                assert event["from_state"] == state and state in TRANSITIONS[event["move"]].sources
                state, released = event["to_state"], released + (event["to_state"] == "released")
            assert state == release["state"], f"the history ends in {state}, the row says {release['state']}"
            assert released <= 1
            told = self.told.get(release["id"], [])
            assert release["promised_at"] == (told[-1] if told else None), "the promised instant is not the one that was told last"

    @invariant()
    def history_yields_the_observation(self) -> None:
        for observation in self.seen["observation"].values():
            state, events = None, self.rows("observation_event", observation_id=observation["id"])
            for event in events:
                assert event["from_state"] == state
                assert state is None or state in OBSERVATION_MOVES[event["move"]].sources
                state = event["to_state"]
            assert (state, len(events)) == (observation["state"], observation["version"])

    @invariant()
    def history_yields_inventory_and_plans(self) -> None:
        for kind in ("item", "plan", "line"):
            told: dict[str, dict[str, Any]] = {}
            for event in self.rows("planning_event", kind=kind):
                self.retell(kind, event, told.setdefault(event["subject_id"], {"version": 0}))
            for key, row in self.seen[kind].items():
                known = {name: value for name, value in told[key].items() if name in row}
                assert known == {name: row[name] for name in known}, f"the history of a {kind} says {known}, the row {row}"
            if kind == "item":
                alive = {key for key, values in told.items() if not values.get("gone")}
                assert alive == self.seen[kind].keys(), "a row went, or stayed, without a word in its history"

    def retell(self, kind: str, event: dict[str, Any], values: dict[str, Any]) -> None:
        """Make one event's changes to what was told before; each has to begin where that ended."""
        move = event["move"]
        if kind == "plan" and move in PLAN_MOVES:
            begins, ends = PLAN_MOVES[move]
            assert values.get("state", "draft") == begins and event["changes"]["state"] == [begins, ends]
        grows = move in {"create", "update", "import", "derive", *PLAN_MOVES}
        assert event["version"] == values["version"] + grows, f"{move} of a {kind} left out a version"
        values["version"], values["gone"] = event["version"], move == "delete"
        for name, (old, new) in event["changes"].items():
            if name in {"content", "content_sha256", "document"} or (name == "name" and kind != "item"):
                continue
            assert values.get(name) == old or name == "state" or (kind == "line" and old in ("", "media", "CSV")), f"{name} was {old}"
            values[name] = new

    @invariant()
    def plans_and_datasets_agree(self) -> None:
        """One line, one dataset; its proposed date is the line's; nothing hangs in the air."""
        named = [line["dataset_id"] for line in self.seen["line"].values() if line["dataset_id"]]
        named += [plan["dataset_id"] for plan in self.seen["plan"].values() if plan["dataset_id"]]
        assert len(named) == len(set(named)), "a dataset belongs to two lines"
        assert set(named) <= self.seen["package"].keys(), "a line's dataset is of another agency, or none"
        for line in self.seen["line"].values():
            assert line["plan_id"] in self.seen["plan"] and line["item_id"] in self.seen["item"], "a line without its row or plan"
        pairs = [(line["plan_id"], line["item_id"]) for line in self.seen["line"].values()]
        assert len(pairs) == len(set(pairs))
        promised = [line for line in self.seen["line"].values() if line["dataset_id"]]
        if promised:
            line = promised[self.asked % len(promised)]
            told = self.call("sysadmin", "edomex_plan_commitment", dataset_id=line["dataset_id"])
            committed = line["committed"] or self.seen["item"][line["item_id"]]["expected"]
            assert (told["line_id"], told["committed"]) == (line["id"], committed)
            assert told["day"].startswith(committed)

    @invariant()
    def an_approved_plan_has_two_people_and_stays_as_it_was_sent(self) -> None:
        for plan in self.seen["plan"].values():
            assert (plan["content"] is not None) == (plan["state"] in {"submitted", "approved"})
            assert (plan["approved_by"] is not None) == (plan["state"] == "approved")
            assert plan["approved_by"] is None or plan["approved_by"] != plan["submitted_by"]

    @invariant()
    def each_reads_what_is_theirs(self) -> None:
        """A few questions after each step; all of them at the end of a day."""
        for _ in range(2):
            self.asked += 1
            action = list(READS)[self.asked % len(READS)]
            self.ask(READERS[self.asked // len(READS) % len(READERS)], action, self.asked)

    def ask(self, who: str, action: str, pick: int) -> None:
        """Whether somebody reads one thing if they may; if not, it is to them as what does not exist."""
        table, parameter = READS[action]
        row = self.one(pick, table, **({"state": {"active", "draft"}} if table == "package" else {}))
        thing = row and row["dataset_id" if table == "line" else "id"]
        if not thing:
            return
        expected = self.expected(who, action, row)
        if expected is None:
            return
        found, missing = self.answer(who, action, **{parameter: thing}), self.answer(who, action, **{parameter: "no-hay-tal"})
        if expected:
            assert not isinstance(found, Exception), f"{who} may read {table} and was told by {action}: {found}"
        else:
            assert isinstance(found, Exception), f"{who} read a {table} through {action}"
            assert (type(found), str(found)) == (type(missing), str(missing)), f"{action} tells {who} that a {table} exists: {found}"

    def expected(self, who: str, action: str, row: dict[str, Any]) -> bool | None:
        """Whether somebody reads it; None where it depends on what this machine does not follow."""
        if action not in {"package_show", "edomex_release_show", "edomex_release_changes", "edomex_observation_list"}:
            return self.reads_all(who)
        of_release = action != "package_show"
        package = self.seen["package"][row["content_id"] if of_release else row["id"]]
        if package["state"] == "deleted" or (of_release and row["kind"] == "withdrawal"):
            return None
        if who in self.members:
            return True if action in {"package_show", "edomex_release_show"} else None
        if not package["private"]:
            return True if not of_release else None if self.roles.get(who) else False
        if not self.roles.get(who):
            return False
        sent = [each for each in self.rows("release", content_id=package["id"]) if self.rows("submission", release_id=each["id"])]
        under_way = any(each["state"] in UNDER_REVIEW for each in sent)
        return under_way or (None if sent else False)

    def answer(self, who: str, action: str, **data: Any) -> Any:
        try:
            return self.call(who, action, **data)
        except REFUSED as error:
            return error

    @invariant()
    def lists_show_each_their_own(self) -> None:
        """To somebody after every other step: lists are what takes longest here."""
        who = READERS[self.asked // 4 % len(READERS)]
        if who == "nobody" or self.asked % 4:
            return
        asked = {"agency": self.agency} if self.reads_all(who) else {}
        rows = self.call(who, "edomex_inventory_list", limit=1000, **asked)["results"]
        mine = {each["id"] for each in rows if each["agency"]["id"] == self.agency}
        assert mine == (set(self.seen["item"]) if self.reads_all(who) else set())
        plans = {each["id"] for each in self.call(who, "edomex_plan_list", **asked) if each["agency"]["id"] == self.agency}
        assert plans == (set(self.seen["plan"]) if self.reads_all(who) else set())
        due = {each["plan_id"] for each in self.call(who, "edomex_plan_due_list", within=4000) if each["agency_id"] == self.agency}
        assert not due or self.reads_all(who)
        if not self.reads_all(who):
            notices = self.call(who, "edomex_notice_list", limit=100)["notices"]
            steps = self.call(who, "edomex_audit_list", limit=100)["steps"]
            assert self.agency not in str(notices) + str(steps), f"{who} is told of an agency that is not theirs"

    @invariant()
    def the_chain_holds(self) -> None:
        """What was written is sealed, and the seals hold: `ckan edomex audit verify`, from where it was good before."""
        model.Session.rollback()
        seal_all(model.meta.engine, everything=False, wait=True)
        verdict = verify(model.meta.engine, after=self.sealed_until)
        assert not verdict.faults, [str(each) for each in verdict.told]
        self.sealed_until = verdict.head.position if verdict.head else 0

    def teardown(self) -> None:
        """At the end of a day every question is asked to everybody."""
        if self.seen and not self.failed():
            for who in READERS:
                for action in READS:
                    self.ask(who, action, 0)
        model.Session.remove()

    def failed(self) -> bool:
        """Whether the day ended with a fault: what is asked then would hide it."""
        return self.before is not self.seen
