"""What everybody is told: promises in the calendar and its files, published plans, and no word of what is not announced."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from ckan import model
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from icalendar import Calendar

from ckanext.edomex.tests.integration.workflow.invariants import Invariants
from ckanext.edomex.tests.integration.workflow.planning_doors import HEAD
from ckanext.edomex.tests.integration.workflow.releasing_doors import OPEN

UNNAMED = "Por anunciar"
#: Pages and answers that anybody gets.
PUBLIC = (
    "/calendario?agency={agency}", "/calendario.ics?agency={agency}",
    "/calendario.json?limit=1000&from=2020-01-01", "/calendario.csv", "/calendario.atom",
    "/organization/{agency}", "/dataset/?q=canario", "/api/3/action/package_search?q={token}&include_private=true&rows=100",
    "/api/3/action/edomex_plan_promise_list", "/calendario?month=2031-01&agency={agency}",
)  # fmt: skip
#: Of another agency's editor.
STRANGERS = ("/autoservicio", "/autoservicio/inventario", "/autoservicio/plan", "/autoservicio/calendario", "/autoservicio/tablero")


class Workflow(Invariants):
    """The whole: its ground, its doors, its invariants."""

    def __init__(self) -> None:
        super().__init__()
        #: UID → SEQUENCE and instant, as they were told last.
        self.announced: dict[str, tuple[int, str]] = {}
        self.looked: Any = None
        self.listed: dict[str, dict[str, Any]] = {}

    @initialize(begun=st.sampled_from(["empty", "plan", "reviewed", "published", "promised", "whole"]))
    def begin(self, *, begun: str) -> None:
        """A day begins somewhere on the way: a machine that begins with nothing seldom comes far."""
        self.arrive()
        if begun != "empty":
            self.register("editor", {"decision": "abrir", "expected": "2031-03"})
            self.register("editor", {"decision": "abrir", "expected": "2031-04-15"})
            plan = self.do("editor", "edomex_plan_create", agency=self.agency, year=2031, **HEAD)
        if begun in {"published", "whole"}:
            self.do("editor", "edomex_plan_submit", id=plan["id"])
            self.decide("reviewer", self.seen["plan"][plan["id"]], "approve")
            if begun == "published":
                # What was approved is published, whatever the inventory says by then.
                row = next(iter(self.seen["item"].values()))
                self.do("editor", "edomex_inventory_update", id=row["id"], version=row["version"], name=self.word())
            self.release_now(self.offer("editor", self.seen["plan"][plan["id"]])["dataset_id"])
            self.loop_passes()
        if begun in {"promised", "whole"}:
            line = next(iter(self.seen["line"].values()))
            self.draft_of("editor", line)
            self.release_now(self.seen["line"][line["id"]]["dataset_id"], "2031-03-03T09:00:00-06:00")
        if begun == "reviewed":
            self.do("manager", "edomex_blackout_create", starts_at="2031-01-01", ends_at="2031-02-01", effect="hold", reason="Veda")
            self.do("manager", "edomex_blackout_create", starts_at="2031-02-01", ends_at="2031-02-15", effect="warn", reason="Veda")
        if begun in {"reviewed", "whole"}:
            for _ in range(2):
                self.do("editor", "edomex_release_submit", dataset_id=self.write("editor")["id"])

    def release_now(self, dataset: str, when: str = "now") -> None:
        release = self.do("editor", "edomex_release_submit", dataset_id=dataset)
        waiting = self.seen["release"][release["id"]]
        self.do("reviewer", "edomex_release_approve", id=release["id"], release_at=when)
        self.note_approval("reviewer", waiting, announced=False)

    def entries(self) -> dict[str, dict[str, Any]]:
        """The public calendar of the agency, by release, once for what was seen last."""
        if self.looked is self.seen:
            return self.listed
        found = self.call("nobody", "edomex_calendar_list", **{"from": "2020-01-01", "agency": self.agency, "limit": 1000})
        self.looked, self.listed = self.seen, {each["id"]: each for each in found}
        return self.listed

    @invariant()
    def the_calendar_says_what_was_promised(self) -> None:
        entries = self.entries()
        promised = {key: dates for key, dates in self.told.items() if self.is_told(self.seen["release"][key])}
        assert entries.keys() == promised.keys(), "the calendar has other entries than there are promises"
        for key, dates in promised.items():
            release, entry = self.seen["release"][key], entries[key]
            assert entry["status"] in self.statuses(release), f"{release['state']} is told as {entry['status']}"
            assert datetime.fromisoformat(entry["release_at"]) == dates[-1]
            moves = [(old, new) for old, new in pairwise(dates) if old != new]
            said = [(datetime.fromisoformat(each["from"]), datetime.fromisoformat(each["to"])) for each in entry["changes"]]
            assert said == moves, "the calendar tells other changes of date than there were"
            assert all((each["reason"] or "").strip() for each in entry["changes"]), "a date was moved and nobody says why"
            assert entry["title"] == self.title(release), f"«{entry['title']}» is named"
            assert (entry["dataset_id"] is not None) == (entry["status"] == "released")

    def is_told(self, release: dict[str, Any]) -> bool:
        done = release["state"] in {"released", "superseded"} and not self.seen["package"][release["package_id"]]["private"]
        return done or release["state"] in OPEN | {"cancelled"}

    def statuses(self, release: dict[str, Any]) -> set[str]:
        """What the calendar may say of a promise; a minute after its instant it is late."""
        if release["state"] in {"released", "superseded"}:
            return {"released"}
        if release["state"] == "cancelled" or self.seen["package"][release["package_id"]]["state"] == "deleted":
            return {"cancelled"}
        late = {"overdue"} if release["promised_at"] <= datetime.now(UTC) else set()
        return late | {"upcoming" if release["state"] == "scheduled" else "unconfirmed"}

    def title(self, release: dict[str, Any]) -> str:
        if release["state"] in {"released", "superseded"}:
            return self.seen["package"][release["package_id"]]["title"]
        withdrawn = self.rows("release", package_id=release["package_id"], kind="withdrawal", state="released")
        return (self.approved[release["id"]]["title"] if not withdrawn else None) or UNNAMED

    @invariant()
    def events_keep_their_name_and_never_go_back(self) -> None:
        entries = self.entries()
        for key, (sequence, instant) in self.announced.items():
            if key not in entries:
                assert self.seen["release"][key]["state"] in {"released", "superseded", "withdrawn"}, "what was promised is left out"
                continue
            now = entries[key]
            assert now["sequence"] >= sequence, "SEQUENCE went back"
            assert now["release_at"] == instant or now["sequence"] > sequence, "a date moved under the same SEQUENCE"
        self.announced = {**self.announced, **{key: (each["sequence"], each["release_at"]) for key, each in entries.items()}}

    @invariant()
    def a_published_plan_promises_what_was_approved(self) -> None:
        expected = []
        for plan in self.seen["plan"].values():
            dataset = self.seen["package"].get(plan["dataset_id"])
            if dataset and not dataset["private"]:
                expected += [(line["name"], line["committed"]) for line in self.promised_by(dataset) if not self.is_kept(line)]
        said = self.call("nobody", "edomex_plan_promise_list", agency=self.agency)
        assert sorted((each["title"], each["committed"]) for each in said) == sorted(expected)

    def promised_by(self, dataset: dict[str, Any]) -> list[dict[str, Any]]:
        """Lines of the plan that was approved when the table was offered that everybody sees now."""
        (table,) = self.rows("resource", package_id=dataset["id"], state="active")
        return self.offered[json.loads(table["extras"])["sha256"]]

    def is_kept(self, line: dict[str, Any]) -> bool:
        made = self.seen["line"].get(line["line"], {}).get("dataset_id")
        return bool(made) and not self.seen["package"][made]["private"]

    @rule(page=st.sampled_from([*(("nobody", path) for path in PUBLIC), *(("stranger", path) for path in STRANGERS)]))
    def somebody_looks_around(self, *, page: tuple[str, str]) -> None:
        """No page and no answer has a word of what is not public, and the file for calendar programs is the calendar."""
        model.Session.remove()
        who, path = page
        name = self.call("sysadmin", "organization_show", id=self.agency)["name"]
        text = type(self).visit(self.people.get(who), path.format(agency=name, token=f"{self.agency[:8]}canario"))
        leaked = set(re.findall(rf"{self.agency[:8]}canario\d+x", text)) - self.public_words()
        assert not leaked, f"{path} tells {who} of {leaked}"
        if path.startswith("/calendario.ics"):
            self.same_in_the_file(text)

    def same_in_the_file(self, text: str) -> None:
        events = {str(each["UID"]).split("@")[0]: each for each in Calendar.from_ical(text).walk("VEVENT")}
        entries = self.entries()
        assert events.keys() == entries.keys()
        for key, event in events.items():
            assert int(event["SEQUENCE"]) == entries[key]["sequence"]
            assert event["DTSTART"].dt == datetime.fromisoformat(entries[key]["release_at"]).replace(microsecond=0)

    def public_words(self) -> set[str]:
        """Words of what was released, of titles that were to be announced, and of plans that are public."""
        shown = {each["id"]: each for each in self.rows("package", private=False, state="active")}
        told: list[Any] = [*shown.values(), *(self.promised_by(each) for each in shown.values() if self.is_plan(each["id"]))]
        told += [each["content"] for each in self.seen["version"].values() if each["package_id"] in shown]
        told += [entry["title"] for entry in self.entries().values()]
        return set(re.findall(rf"{self.agency[:8]}canario\d+x", str(told)))

    def is_plan(self, dataset: str) -> bool:
        return bool(self.rows("plan", dataset_id=dataset))
