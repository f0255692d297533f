"""`ckan edomex audit …`: seal, prove that nothing was changed, note where the chain ends, take the log out."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import IO, Any

import click
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters.commands import edomex
from ckanext.edomex.audit.domain.chain import Head, HeadError, parsed_head
from ckanext.edomex.audit.logic import access, reading, schema
from ckanext.edomex.audit.logic.sealing import seal_all
from ckanext.edomex.audit.logic.verifying import Verdict, verify
from ckanext.edomex.audit.model import Seal, head

__all__ = ["edomex"]


class _Day(click.ParamType):
    """A day in the state's zone, from its first instant on, or to its last."""

    name = "YYYY-MM-DD"

    def __init__(self, read: Any) -> None:
        self.read = read

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        """The instant, or a sentence on what to write."""
        try:
            return self.read(value)
        except tk.Invalid as error:
            self.fail(str(error.error), param, ctx)


class _Head(click.ParamType):
    """A value that was noted before."""

    name = "POSITION:HASH"

    def convert(self, value: Any, param: Any, ctx: Any) -> Head:
        """The value, or a sentence on what to write."""
        try:
            return parsed_head(value)
        except HeadError as error:
            self.fail(str(error), param, ctx)


FROM, TO, HEAD = _Day(schema.from_day), _Day(schema.to_day), _Head()


@edomex.group()
def audit() -> None:
    """Bitácora sellada de los pasos de publicación y planeación."""


@audit.command()
def seal() -> None:
    """Seal now what was committed, as the loops do by themselves; looks at every event there is."""
    click.echo(f"sealed={seal_all(_engine(), everything=True, wait=True)}")


@audit.command("head")
def show_head() -> None:
    """Print where the chain ends, to be noted outside: printed, published or mailed."""
    with _engine().connect() as connection:
        click.echo(str(head(connection)))


@audit.command("verify")
@click.option("--since", type=FROM, help="only what was sealed from this day on; what is before is taken on trust")
@click.option("--head", "heads", type=HEAD, multiple=True, help="a value noted before, which the chain has to contain")
@click.option("--json", "as_json", is_flag=True, help="for programs")
def verify_chain(since: datetime | None, heads: tuple[Head, ...], as_json: bool) -> None:  # noqa: FBT001  # click passes options so
    """Walk the chain and compare each seal with its event; exit status 1 if anything is wrong."""
    found = verify(_engine(), after=_position_before(since) if since else 0, heads=heads)
    click.echo(json.dumps(_told(found), indent=1, ensure_ascii=False) if as_json else _said(found))
    if found.faults:
        sys.exit(1)


@audit.command("export")
@click.option("--from", "from_", type=FROM, help="first day, in the state's zone")
@click.option("--to", type=TO, help="last day")
@click.option("--agency", help="name of an agency")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@click.option("--output", type=click.File("wb"), default="-", help="file; standard output by default")
def export(from_: datetime | None, to: datetime | None, agency: str | None, form: str, output: IO[bytes]) -> None:
    """Write every sealed step with its folio, the oldest first."""
    try:
        agency_id = access.find_agency(Context(ignore_auth=True, user=""), agency) if agency else None
    except tk.ObjectNotFound as error:
        click.echo(str(error.message), err=True)
        sys.exit(1)
    for part in reading.written(reading.all_pages(reading.conditions({"from": from_, "to": to}, agency_id)), form):
        output.write(part)


@audit.command()
def status() -> None:
    """Figures of the chain as JSON; exit status 1 if an alarm is raised."""
    found = tk.get_action("edomex_audit_status")(Context(ignore_auth=True, user=""), {})
    click.echo(json.dumps(found, indent=1, ensure_ascii=False))
    if found["alarms"]:
        sys.exit(1)


def _engine() -> sa.Engine:
    engine = model.meta.engine
    assert engine is not None
    return engine


def _position_before(instant: datetime) -> int:
    query = sa.select(sa.func.max(Seal.position)).where(Seal.sealed_at < instant)
    with _engine().connect() as connection:
        return connection.execute(query).scalar() or 0


def _told(found: Verdict) -> dict[str, Any]:
    return {
        "looked": found.looked, "unknown": found.unknown, "head": str(found.head), "faults": found.faults,
        "counts": {str(kind): count for kind, count in found.counts.items()},
        "told": [{**asdict(fault), "text": fault.text} for fault in found.told],
    }  # fmt: skip


def _said(found: Verdict) -> str:
    lines = [fault.text for fault in found.told]
    if found.faults > len(lines):
        lines.append(f"… y {found.faults - len(lines)} más")
    if found.unknown:
        lines.append(f"{found.unknown} sellos son de partes que no están instaladas; su evento no se comparó.")
    outcome = f"{found.faults} faltas" if found.faults else "La bitácora está íntegra"
    lines.append(f"{outcome}: {found.looked} sellos revisados, la cadena termina en {found.head}")
    return "\n".join(lines)
