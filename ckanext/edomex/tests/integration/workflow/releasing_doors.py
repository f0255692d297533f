"""What becomes of datasets: written, reviewed, promised, moved, released, withdrawn; and what time does by itself."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from werkzeug.datastructures import FileStorage

from ckanext.edomex.notices.jobs import reminding
from ckanext.edomex.release.jobs import engine, outbox, reconciler, rehearsal
from ckanext.edomex.tests.integration.workflow.ground import MANAGERS, PICK, REVIEWERS, STALE, WRITERS
from ckanext.edomex.tests.integration.workflow.planning_doors import PlanningDoors

#: Days on which something may come out; windows lie over the first two.
DAYS = ["2031-01-07T09:00:00-06:00", "2031-02-04T10:30:00-06:00", "2031-03-03T09:00:00-06:00"]
WHEN = st.sampled_from(["now", "now", *DAYS])
WINDOWS = {"2031-01-01": "2031-02-01", "2031-02-01": "2031-02-15"}
REASON = "Se espera un dato de otra área"
HASTY = st.sampled_from([None, "double", "sysadmin"])
MOVES = st.sampled_from(["answer", "answer", "resolve", "reopen", "withdraw"])
OPEN = {"draft", "in_review", "changes_requested", "scheduled", "failed"}


class ReleasingDoors(PlanningDoors):
    """Datasets and their releases, the calendar, and the loops."""

    def __init__(self) -> None:
        super().__init__()
        #: Release → what was approved last: by whom, for when, under which title if it was announced, and which content.
        self.approved: dict[str, dict[str, Any]] = {}
        #: Release → instants that everybody was told, in order.
        self.told: dict[str, list[datetime]] = {}

    @rule(who=WRITERS, file=st.booleans())
    def write_dataset(self, *, who: str, file: bool) -> None:
        self.write(who, file=file)

    def write(self, who: str, *, file: bool = False) -> Any:
        made = self.do(who, "package_create", title=self.word("Conjunto"), notes=self.word("Notas"), owner_org=self.agency)
        if made and file:
            upload = FileStorage(io.BytesIO(b"a,b\n1,2\n"), filename="datos.txt")
            self.do(who, "resource_create", package_id=made["id"], name=self.word("Datos"), upload=upload)
        return made

    @precondition(lambda self: self.rows("package", state={"active", "draft"}))
    @rule(who=WRITERS, pick=PICK, door=st.sampled_from(["title", "title", "link", "private", "owner", "delete", "bulk", "public"]))
    def touch_dataset(self, *, who: str, pick: int, door: str) -> None:
        """Every door by which content changes, and those by which somebody might make it public past its release."""
        dataset = self.one(pick, "package", state={"active", "draft"})
        action, given = {
            "title": ("package_patch", {"id": dataset["id"], "title": self.word("Conjunto")}),
            "link": ("resource_create", {"package_id": dataset["id"], "name": self.word("Liga"), "url": "https://example.org/a.csv"}),
            "private": ("package_patch", {"id": dataset["id"], "private": False, "title": self.word("Conjunto")}),
            "owner": ("package_patch", {"id": dataset["id"], "owner_org": "", "private": False}),
            "delete": ("package_delete", {"id": dataset["id"]}),
            "bulk": ("bulk_update_public", {"org_id": self.agency, "datasets": [dataset["id"]]}),
            "public": ("package_revise", {"match": {"id": dataset["id"]}, "update": {"private": False, "state": "active"}}),
        }[door]
        before = self.content(dataset["id"])
        self.do(who, action, **given)
        changed = self.seen["package"].get(dataset["id"], {}).get("private")
        assert changed == dataset["private"], f"{who} made a dataset public or hid it through {action}"
        assert dataset["private"] or self.content(dataset["id"]) == before, "what is public was changed past an edition"

    def content(self, dataset: str) -> Any:
        """What somebody sees of a dataset, but for the instant of its last change."""
        package = {name: value for name, value in self.seen["package"][dataset].items() if name != "metadata_modified"}
        return package, self.rows("resource", package_id=dataset)

    @precondition(lambda self: self.rows("package", state={"active", "draft"}))
    @rule(who=WRITERS, pick=PICK)
    def send(self, *, who: str, pick: int) -> None:
        self.do(who, "edomex_release_submit", dataset_id=self.one(pick, "package", state={"active", "draft"})["id"])

    @precondition(lambda self: self.rows("release", state="in_review"))
    @rule(who=REVIEWERS, pick=PICK, anchor=st.sampled_from(["dataset", "field", "row"]), hasty=HASTY)
    def observe(self, *, who: str, pick: int, anchor: str, hasty: str | None) -> None:
        """Somebody may approve what somebody else has just objected to."""
        release = self.one(pick, "release", state="in_review")
        place = {"field": {"field": "title"}, "row": {"row": 1}}.get(anchor, {})
        self.do(who, "edomex_observation_create", release_id=release["id"], anchor=anchor, text=self.word("Revise"), **place)
        if hasty and release["kind"] in {"first", "edition"}:
            sent = max(each["number"] for each in self.rows("submission", release_id=release["id"]))
            given = {"announced": False, "confirm": True, "submission": sent}
            if self.do(hasty, "edomex_release_approve", id=release["id"], release_at="now", **given):
                self.note_approval(hasty, release, announced=False, confirm=True)

    @precondition(lambda self: self.seen["observation"])
    @rule(who=REVIEWERS, writer=WRITERS, pick=PICK, stale=STALE, move=MOVES)
    def settle(self, *, who: str, writer: str, pick: int, stale: int, move: str) -> None:
        observation = self.one(pick, "observation")
        release = self.seen["release"][observation["release_id"]]
        given = {"version": self.aged(observation["version"], stale), "text": self.word("Respuesta")}
        actor = writer if move == "answer" else who
        done = self.do(actor, f"edomex_observation_{move}", id=observation["id"], **given)
        assert not (done and stale), "an observation was settled that somebody else had changed"
        if done and move in {"resolve", "withdraw"}:
            assert release["submitted_by"] != self.user_id(actor), "who sent a dataset settled its observations"

    @precondition(lambda self: self.rows("release", state="in_review"))
    @rule(who=REVIEWERS, pick=PICK, note=st.booleans())
    def return_to_agency(self, *, who: str, pick: int, note: bool) -> None:
        release = self.one(pick, "release", state="in_review")
        self.do(who, "edomex_release_request_changes", id=release["id"], **({"note": "Falta la fuente"} if note else {}))

    @precondition(lambda self: self.rows("release", state="in_review"))
    @rule(who=REVIEWERS, pick=PICK, when=WHEN, announced=st.booleans(), confirm=st.booleans(), stale=STALE)
    def approve(self, *, who: str, pick: int, when: str, announced: bool, confirm: bool, stale: int) -> None:
        release = self.one(pick, "release", state="in_review", kind={"first", "edition"})
        if release:
            sent = max(each["number"] for each in self.rows("submission", release_id=release["id"]))
            given = {"announced": announced, "confirm": confirm, "submission": self.aged(sent, stale)}
            done = self.do(who, "edomex_release_approve", id=release["id"], release_at=when, **given)
            assert not (done and stale), "a submission was approved that nobody had looked at"
            if done:
                self.note_approval(who, release, announced=announced, confirm=confirm)

    def note_approval(self, who: str, release: dict[str, Any], *, announced: bool, confirm: bool = False) -> None:
        after = self.seen["release"][release["id"]]
        left = self.rows("observation", release_id=release["id"], state={"open", "answered"})
        assert not left, "a release was approved with observations that nobody settled"
        assert release["submitted_by"] != self.user_id(who), "a release was approved by who sent it"
        title = self.seen["package"][release["content_id"]]["title"] if announced else None
        self.approved[release["id"]] = {"by": self.user_id(who), "title": title, "hash": after["content_hash"]}
        self.note_date(after, confirm=confirm)

    def note_date(self, release: dict[str, Any], *, confirm: bool) -> None:
        met = [each for each in self.seen["window"].values() if each["agency_id"] in {None, self.agency} and each["ended_at"] is None
               and each["starts_at"] <= release["release_at"] < each["ends_at"]]  # fmt: skip
        assert not any(each["effect"] == "hold" for each in met), "a date was set within a window that holds"
        assert confirm or not met, "a date was set within a window that warns, and nobody confirmed it"
        self.told.setdefault(release["id"], []).append(release["release_at"])

    @precondition(lambda self: self.rows("release", state="in_review"))
    @rule(who=REVIEWERS, when=WHEN, announced=st.booleans())
    def approve_many(self, *, who: str, when: str, announced: bool) -> None:
        """As the page does: looked at first, and then exactly what was shown, to each by itself."""
        for release in self.rows("release", state="in_review", kind={"first", "edition"}):
            try:
                shown = self.call(who, "edomex_release_approve_preview", id=release["id"], release_at=when, announced=announced)
            except Exception as error:  # noqa: BLE001  # what is refused here is refused below, and looked at there
                shown = {"ready": False, "submission": None, "message": str(error)}
            given = {"announced": announced, "submission": shown["submission"]}
            done = self.do(who, "edomex_release_approve", id=release["id"], release_at=when, **given)
            assert bool(done) == shown["ready"], f"the preview said otherwise: {shown} {self.refusal}"
            if done:
                self.note_approval(who, release, announced=announced)

    @precondition(lambda self: self.rows("release", state="scheduled"))
    @rule(who=MANAGERS, pick=PICK, when=WHEN, confirm=st.booleans(), reason=st.sampled_from([REASON, REASON, " "]))
    def move_date(self, *, who: str, pick: int, when: str, confirm: bool, reason: str) -> None:
        release = self.one(pick, "release", state="scheduled")
        done = self.do(who, "edomex_release_reschedule", id=release["id"], release_at=when, confirm=confirm, reason=reason)
        if done:
            assert reason.strip(), "a promised date was moved without a reason"
            self.note_date(self.seen["release"][release["id"]], confirm=confirm)

    @precondition(lambda self: self.rows("release", state=OPEN))
    @rule(who=MANAGERS, pick=PICK)
    def cancel(self, *, who: str, pick: int) -> None:
        self.do(who, "edomex_release_cancel", id=self.one(pick, "release", state=OPEN)["id"], reason=REASON)

    @precondition(lambda self: self.rows("package", private=False))
    @rule(who=WRITERS, pick=PICK, discard=st.sampled_from([False, False, True]))
    def open_edition(self, *, who: str, pick: int, discard: bool) -> None:
        if discard:
            release = self.one(pick, "release", kind="edition", state=OPEN)
            if release:
                self.do(who, "edomex_release_edition_discard", id=release["id"])
        else:
            self.do(who, "edomex_release_edition_open", dataset_id=self.one(pick, "package", private=False)["id"])

    @precondition(lambda self: self.rows("package", private=False))
    @rule(who=MANAGERS, other=MANAGERS, pick=PICK)
    def withdraw(self, *, who: str, other: str, pick: int) -> None:
        dataset = self.one(pick, "package", private=False)
        proposed = self.do(who, "edomex_release_withdraw", dataset_id=dataset["id"], reason=REASON, legal_ground="Artículo 1")
        if proposed and self.do(other, "edomex_release_withdraw_confirm", id=proposed["id"]):
            assert who != other, "one person alone withdrew a dataset"
            assert self.seen["package"][dataset["id"]]["private"], "a withdrawn dataset is still there"

    @rule(who=MANAGERS, start=st.sampled_from(sorted(WINDOWS)), effect=st.sampled_from(["hold", "warn"]), everybody=st.booleans())
    def close_a_period(self, *, who: str, start: str, effect: str, everybody: bool) -> None:
        before = self.seen["release"]
        given = {} if everybody else {"agency": self.agency}
        done = self.do(who, "edomex_blackout_create", starts_at=start, ends_at=WINDOWS[start], effect=effect, reason="Veda", **given)
        assert self.seen["release"] == before, "a window moved a date that was promised"
        if done:
            window = self.seen["window"][done["id"]]
            within = {each["id"] for each in self.rows("release", state="scheduled")
                      if window["starts_at"] <= each["release_at"] < window["ends_at"]}  # fmt: skip
            assert within <= {each["id"] for each in done["releases"]}, "a confirmed date within the window is not listed"

    @precondition(lambda self: self.rows("window", ended_at=None))
    @rule(who=MANAGERS, pick=PICK)
    def end_a_period(self, *, who: str, pick: int) -> None:
        self.do(who, "edomex_blackout_end", id=self.one(pick, "window", ended_at=None)["id"])

    @precondition(lambda self: self.rows("release", state="scheduled"))
    @rule(pick=PICK, edited=st.booleans())
    def instant_comes(self, *, pick: int, edited: bool) -> None:
        """For the engine the date has come, maybe just after an edit; what everybody was told stays as it is."""
        release = self.one(pick, "release", state="scheduled")
        if edited:
            self.do("colleague", "package_patch", id=release["content_id"], notes=self.word("Notas"))
        with model.meta.engine.begin() as connection:
            connection.execute(
                sa.text("UPDATE edomex_release SET release_at = clock_timestamp(), due_at = clock_timestamp()"
                        " WHERE id = :id AND state = 'scheduled'"),
                {"id": release["id"]},
            )
        self.loop_passes()

    @rule()
    def loop_passes(self) -> None:
        model.Session.commit()
        engine.release_due(model.meta.engine)
        assert engine.release_due(model.meta.engine).released == [], "a second pass at once is not as none"
        self.look()

    @rule(reconcile=st.booleans())
    def follow_ups_pass(self, *, reconcile: bool) -> None:
        model.Session.remove()
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("UPDATE edomex_release SET warm_at = clock_timestamp() WHERE state = 'scheduled'"))
        rehearsal.rehearse_due(model.meta.engine)
        if reconcile:
            reconciler.run(model.meta.engine, everything=True)
        while outbox.drain(model.meta.engine).taken:
            pass
        reminding.remind(model.Session)
        model.Session.commit()
        assert reminding.remind(model.Session) == 0, "somebody is reminded twice of the same"
        model.Session.rollback()
        self.look()

