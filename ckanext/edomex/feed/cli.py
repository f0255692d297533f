"""`ckan edomex feed …`: what an operator does about the catalogue."""

from __future__ import annotations

import json
from typing import Any

import click
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters.commands import edomex
from ckanext.edomex.feed.logic import fragments, state

__all__ = ["edomex"]


@edomex.group()
def feed() -> None:
    """Catálogo para máquinas."""


@feed.command()
def accept() -> None:
    """Take what is public now for right, after the feed refused because too much was missing."""
    click.echo(f"datasets={state.accept()}")


@feed.command()
@click.option("--agency", default="", help="Solo los conjuntos de esta dependencia.")
@click.option("--json", "as_json", is_flag=True, help="Para programas.")
def report(agency: str, as_json: bool) -> None:  # noqa: FBT001  # click gives it so
    """Points of the catalogue (MQA), worst datasets first, each with what would better it."""
    found = _report(agency)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"{found['points']:.0f} de {found['of']} puntos ({found['rating']}), {found['count']} conjuntos")
    for each in found["datasets"]:
        click.echo(f"{each['points']:6.1f}  {each['name']}  {each['title']}")
        for gap in each["missing"]:
            if gap["remedy"]:
                click.echo(f"        +{gap['points']:.1f} {gap['label']}: {gap['remedy']}")


@feed.command()
@click.option("--agency", default="", help="Solo los conjuntos de esta dependencia.")
def validate(agency: str) -> None:
    """What the feed leaves out of each dataset, and what it can only describe in short; exit status 1 if there is anything."""
    wrong = {each["name"]: list(each["left_out"]) for each in _report(agency)["datasets"] if each["left_out"]}
    for listed in state.current().listed:
        if not agency and fragments.make(listed) is None:
            wrong.setdefault(listed.name, []).append("No puede describirse completo; vea feed.described_in_short en la bitácora.")
    for name, faults in wrong.items():
        click.echo(name)
        for fault in faults:
            click.echo(f"        {fault}")
    click.echo(f"{len(wrong)} conjuntos con algo que corregir")
    raise SystemExit(1 if wrong else 0)


def _report(agency: str) -> dict[str, Any]:
    return tk.get_action("edomex_feed_report")(Context(user=""), {"agency": agency})
