"""Inventories and opening plans of the demonstration: two agencies and a municipality, loaded through the portal's own doors."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from stack.demo.api import Api

FOLDER = Path(__file__).parent / "inventories"


def load_inventories(clerk: Api, reviewer: Api) -> None:
    """Register what each agency of `inventories/` holds and make its plan; what is there already stays as it is."""
    for path in sorted(FOLDER.glob("*.toml")):
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        agency = path.stem
        if clerk.call("edomex_inventory_list", agency=agency, limit=0)["count"] == 0:
            for item in told["item"]:
                clerk.call("edomex_inventory_create", agency=agency, **item)
        plan = told["plan"]
        if not clerk.call("edomex_plan_list", agency=agency, year=plan["year"]):
            _make_plan(clerk, reviewer, agency, plan)


def _make_plan(clerk: Api, reviewer: Api, agency: str, told: dict[str, Any]) -> None:
    head = {name: value for name, value in told.items() if name not in {"state", "line"}}
    plan = clerk.call("edomex_plan_create", agency=agency, **head)
    lines = {line["name"]: line for line in plan["lines"]}
    for line in told.get("line", []):
        own = {name: value for name, value in line.items() if name != "name"}
        found = lines[line["name"]]
        clerk.call("edomex_plan_line_update", id=found["id"], version=found["version"], **own)
    if told["state"] in {"submitted", "approved"}:
        clerk.call("edomex_plan_submit", id=plan["id"])
    if told["state"] == "approved":
        reviewer.call("edomex_plan_approve", id=plan["id"])
