"""What the people of an agency do with its inventory and its opening plans."""

from __future__ import annotations

import io
import json
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from werkzeug.datastructures import FileStorage

from ckanext.edomex.adapters.workbooks import csv_of
from ckanext.edomex.tests.integration.workflow.ground import PICK, REVIEWERS, STALE, WRITERS, Ground

HEAD = {"vision": "Abrir lo útil", "liaison_post": "Coordinación de datos", "liaison_mail": "datos@dependencia.example.org"}
YEARS = st.sampled_from([2031, 2031, 2031, 2030])
#: To be opened, or not, and when; the last one cannot be kept.
DECISIONS = st.sampled_from([
    {"decision": "abrir", "expected": "2031-03"}, {"decision": "abrir", "expected": "2031-04-15"},
    {"decision": "abrir_en_parte", "expected": "2031-09", "personal": True, "personal_ground": "Artículo 1"},
    {"decision": "abrir", "expected": "2030-11"}, {"decision": "por_decidir", "expected": ""}, {"decision": "abrir", "expected": ""},
])  # fmt: skip
COMMITTED = st.sampled_from(["", "2031-05", "2031-06-10", "2030-12", "ayer"])


class PlanningDoors(Ground):
    """Rows of the inventory, plans and their lines."""

    def __init__(self) -> None:
        super().__init__()
        #: Table of a plan as it was offered to be published, by its bytes' hash → what it promises.
        self.offered: dict[str, list[dict[str, Any]]] = {}

    @rule(who=WRITERS, about=DECISIONS)
    def register_row(self, *, who: str, about: dict[str, Any]) -> None:
        self.register(who, about)

    def register(self, who: str, about: dict[str, Any]) -> Any:
        resources = [{"name": self.word("Pozos"), "about": "Mediciones por pozo"}]
        given = {"responsible": "Dirección de Agua", "resources": resources, "frequency": "R/P3M", **about}
        return self.do(who, "edomex_inventory_create", agency=self.agency, name=self.word(), **given)

    @precondition(lambda self: self.seen["item"])
    @rule(who=WRITERS, pick=PICK, about=DECISIONS, stale=STALE, renamed=st.booleans())
    def change_row(self, *, who: str, pick: int, about: dict[str, Any], stale: int, renamed: bool) -> None:
        row = self.one(pick, "item")
        given = {**about, "name": self.word()} if renamed else about
        done = self.do(who, "edomex_inventory_update", id=row["id"], version=self.aged(row["version"], stale), **given)
        assert not (done and stale), "what somebody else changed meanwhile was overwritten"

    @precondition(lambda self: self.seen["item"])
    @rule(who=WRITERS, pick=PICK, stale=STALE)
    def delete_row(self, *, who: str, pick: int, stale: int) -> None:
        row = self.one(pick, "item")
        planned = self.rows("line", item_id=row["id"])
        done = self.do(who, "edomex_inventory_delete", id=row["id"], version=self.aged(row["version"], stale))
        assert not (done and (stale or planned)), "a row went that somebody else had changed, or that a plan still has"

    @rule(who=WRITERS, new=st.integers(0, 2), wrong=st.booleans(), dry=st.booleans())
    def import_table(self, *, who: str, new: int, wrong: bool, dry: bool) -> None:
        """The inventory as it is given out, with one row decided anew and others added: all of it, or nothing."""
        table = self.call("sysadmin", "edomex_inventory_export", agency=self.agency)
        head = {name: at for at, name in enumerate(table[0])}
        for _ in range(new):
            row = [""] * len(head)
            row[head["Nombre del conjunto"]], row[head["Responsable"]] = self.word(), "Dirección de Agua"
            row[head["Decisión"]], row[head["Fecha estimada de publicación en datos.gob.mx"]] = "Se abre", "2031-07"
            table.append(row)
        if wrong and len(table) > 1:
            table[-1][head["Fecha estimada de publicación en datos.gob.mx"]] = "pronto"
        before = self.seen["item"]
        done = self.do(who, "edomex_inventory_import", agency=self.agency, upload=csv_of(table), dry_run=dry)
        if done:
            assert not (wrong and len(table) > 1), "a table with a mistake was taken in"
            assert done["created"] == new and done["same"] == len(before), "what was given out and taken in again is not the same"
            assert len(self.seen["item"]) == len(before) + (0 if dry else new)

    @rule(who=WRITERS, year=YEARS, whole=st.sampled_from([True, True, False]))
    def begin_plan(self, *, who: str, year: int, whole: bool) -> None:
        self.do(who, "edomex_plan_create", agency=self.agency, year=year, **(HEAD if whole else {}))

    @precondition(lambda self: self.seen["plan"])
    @rule(who=WRITERS, pick=PICK, stale=STALE, step=st.sampled_from(["derive", "derive", "update", "document"]))
    def prepare_plan(self, *, who: str, pick: int, stale: int, step: str) -> None:
        plan = self.one(pick, "plan")
        if step == "derive":
            self.do(who, "edomex_plan_derive", id=plan["id"])
        elif step == "update":
            version = self.aged(plan["version"], stale)
            done = self.do(who, "edomex_plan_update", id=plan["id"], version=version, **{**HEAD, "vision": self.word("Visión")})
            assert not (done and (stale or plan["state"] != "draft")), "a plan was changed that somebody else had, or that was sent"
        else:
            upload = FileStorage(io.BytesIO(b"%PDF-1.4 oficio"), filename="oficio.pdf")
            self.do(who, "edomex_plan_document_add", id=plan["id"], title=self.word("Oficio"), upload=upload)

    @precondition(lambda self: self.seen["line"])
    @rule(who=WRITERS, pick=PICK, stale=STALE, committed=COMMITTED)
    def commit_to_a_date(self, *, who: str, pick: int, stale: int, committed: str) -> None:
        line = self.one(pick, "line")
        plan = self.seen["plan"][line["plan_id"]]
        version = self.aged(line["version"], stale)
        done = self.do(who, "edomex_plan_line_update", id=line["id"], version=version, committed=committed, notes=self.word("Nota"))
        if done:
            assert plan["state"] == "draft" and not stale
            assert not committed or committed.startswith(str(plan["year"]))

    @precondition(lambda self: self.seen["plan"])
    @rule(who=WRITERS, pick=PICK, step=st.sampled_from(["submit", "submit", "reopen"]))
    def move_plan(self, *, who: str, pick: int, step: str) -> None:
        plan = self.one(pick, "plan")
        self.do(who, f"edomex_plan_{step}", id=plan["id"], **({"reason": "Cambió una fecha"} if step == "reopen" else {}))

    @precondition(lambda self: self.rows("plan", state="submitted"))
    @rule(who=REVIEWERS, pick=PICK, step=st.sampled_from(["approve", "approve", "return"]))
    def decide_on_plan(self, *, who: str, pick: int, step: str) -> None:
        plan = self.one(pick, "plan", state="submitted")
        self.decide(who, plan, step)

    def decide(self, who: str, plan: dict[str, Any], step: str) -> Any:
        done = self.do(who, f"edomex_plan_{step}", id=plan["id"], **({"reason": "Falta el padrón"} if step == "return" else {}))
        if done and step == "approve":
            after = self.seen["plan"][plan["id"]]
            assert after["submitted_by"] != self.user_id(who) == after["approved_by"], "a plan was approved by who sent it"
            assert after["content"] == plan["content"], "something else was approved than was sent"
        return done

    @precondition(lambda self: self.seen["line"])
    @rule(who=WRITERS, pick=PICK)
    def make_the_dataset(self, *, who: str, pick: int) -> None:
        line = self.one(pick, "line")
        self.draft_of(who, line)

    def draft_of(self, who: str, line: dict[str, Any]) -> Any:
        done = self.do(who, "edomex_plan_line_draft", id=line["id"])
        before = self.seen["package"].get(line["dataset_id"])
        if done and before and before["state"] != "deleted":
            assert self.seen["line"][line["id"]]["dataset_id"] == before["id"], "a line has two datasets"
        return done

    @precondition(lambda self: self.rows("plan", state="approved"))
    @rule(who=WRITERS, pick=PICK)
    def publish_plan(self, *, who: str, pick: int) -> None:
        self.offer(who, self.one(pick, "plan", state="approved"))

    def offer(self, who: str, plan: dict[str, Any]) -> Any:
        done = self.do(who, "edomex_plan_publish", id=plan["id"])
        if done:
            (table,) = self.rows("resource", package_id=done["dataset_id"], state="active")
            self.offered[json.loads(table["extras"])["sha256"]] = plan["content"]["lines"]
        return done
