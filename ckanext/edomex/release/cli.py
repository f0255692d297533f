"""`ckan edomex release …`: the loop, one pass, and who has which role."""

from __future__ import annotations

import json
import signal
from typing import Any

import click
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters.commands import edomex
from ckanext.edomex.release.jobs import leftovers, reconciler, rehearsal
from ckanext.edomex.release.jobs.loop import Loop

__all__ = ["edomex"]


@edomex.group()
def release() -> None:
    """Publicación programada de conjuntos de datos."""


@release.command()
def run() -> None:
    """Run a release loop until SIGTERM; any number may run, on any number of hosts."""
    loop = Loop(_engine_without_pings())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, loop.stop)
    loop.run()


@release.command()
def tick() -> None:
    """One pass, for cron as a net under the loops: release what is due and do what follows."""
    outcome = Loop(_engine()).tick()
    click.echo(f"released={len(outcome.released)} failed={len(outcome.failed)} postponed={len(outcome.postponed)}")


@release.command()
@click.option("--all", "everything", is_flag=True, help="every dataset, not only what changed and a sample")
def reconcile(everything: bool) -> None:  # noqa: FBT001  # click passes options so
    """Compare index and files with the database; hide first, then repair."""
    found = reconciler.run(_engine(), everything=everything)
    click.echo(f"compared={found.compared} hidden={found.hidden} repaired={found.repaired} missing={found.missing}")
    if found.missing:
        raise SystemExit(1)


@release.command()
def warm() -> None:
    """Rehearse now what comes soon, as the loops do by themselves."""
    count = 0
    while done := rehearsal.rehearse_due(_engine()):
        count += done
    click.echo(f"rehearsed={count}")


@release.command()
def status() -> None:
    """Figures of the engine as JSON; exit status 1 if an alarm is raised."""
    found = tk.get_action("edomex_release_status")({"ignore_auth": True, "user": ""}, {})
    click.echo(json.dumps(found, indent=1, ensure_ascii=False))
    if found["alarms"]:
        raise SystemExit(1)


@edomex.group()
def outbox() -> None:
    """Tareas que siguen a una publicación."""


@outbox.command(name="list")
@click.option("--waiting", is_flag=True, help="what waits, instead of what was given up")
def list_entries(waiting: bool) -> None:  # noqa: FBT001  # click passes options so
    """Show what was given up."""
    for entry in tk.get_action("edomex_release_outbox_list")({"ignore_auth": True, "user": ""}, {"dead": not waiting}):
        moment = entry["dead_at"] or entry["next_at"]
        click.echo(f"{entry['id']}\t{entry['kind']}\t{entry['key']}\t{entry['attempts']}\t{moment}\t{entry['last_error'] or ''}")


@outbox.command()
@click.argument("entry", required=False, type=int)
def replay(entry: int | None) -> None:
    """Give ENTRY another beginning; without it, everything that was given up."""
    chosen = {"id": entry} if entry is not None else {}
    done = tk.get_action("edomex_release_outbox_replay")({"ignore_auth": True, "user": ""}, chosen)
    click.echo(f"replayed={done['replayed']}")


@edomex.group()
def files() -> None:
    """Archivos guardados por su huella."""


@files.command()
@click.option("--dry-run", is_flag=True, help="say what would go")
def sweep(dry_run: bool) -> None:  # noqa: FBT001  # click passes options so
    """Delete files that no resource and no version refers to, once they are old enough."""
    found = leftovers.sweep(_engine(), dry_run=dry_run)
    click.echo(f"kept={found.kept} swept={found.swept} bytes={found.size}")


def _engine() -> sa.Engine:
    engine = model.meta.engine
    assert engine is not None, "CKAN is configured before its commands run"
    return engine


def _engine_without_pings() -> sa.Engine:
    """A loop meets a lost database by itself: it need not ask, before each statement for ever, whether it is there."""
    return sa.engine_from_config({**tk.config, "sqlalchemy.pool_pre_ping": False})


@release.group()
def role() -> None:
    """Quién revisa y quién administra el calendario."""


@role.command()
@click.argument("user")
@click.argument("name", type=click.Choice(["reviewer", "manager"]))
def grant(user: str, name: str) -> None:
    """Give USER a role."""
    tk.get_action("edomex_release_role_grant")({"ignore_auth": True, "user": ""}, {"user": user, "role": name})
    click.echo(f"{user}: {name}")


@role.command()
@click.argument("user")
@click.argument("name", type=click.Choice(["reviewer", "manager"]))
def revoke(user: str, name: str) -> None:
    """Take a role from USER."""
    tk.get_action("edomex_release_role_revoke")({"ignore_auth": True, "user": ""}, {"user": user, "role": name})
    click.echo(f"{user}: -{name}")


@release.group()
def window() -> None:
    """Periodos en que no se publica, o se avisa."""


@window.command(name="list")
def list_windows() -> None:
    """Show what is not over: id, agency, period, effect, confirmed dates within it, reason."""
    for each in tk.get_action("edomex_blackout_list")({"ignore_auth": True, "user": _site_user()}, {}):
        agency = each["agency"]["name"] if each["agency"] else "-"
        columns = (each["id"], agency, each["starts_at"], each["ends_at"], each["effect"], str(each["affected"]), each["reason"])
        click.echo("\t".join(columns))


@window.command()
@click.argument("starts_at")
@click.argument("ends_at")
@click.argument("effect", type=click.Choice(["warn", "hold"]))
@click.argument("reason")
@click.option("--agency", help="only this one's; without it, all")
def add(starts_at: str, ends_at: str, effect: str, reason: str, agency: str | None) -> None:
    """Put a window over a period; says which confirmed dates lie within it."""
    given: dict[str, Any] = {
        "starts_at": starts_at, "ends_at": ends_at, "effect": effect, "reason": reason, "agency": agency or "",
    }  # fmt: skip
    made = tk.get_action("edomex_blackout_create")({"ignore_auth": True, "user": _site_user()}, given)
    click.echo(made["id"])
    for each in made["releases"]:
        click.echo(f"{each['id']}\t{each['dataset_id']}\t{each['release_at']}")


@window.command()
@click.argument("window_id")
def end(window_id: str) -> None:
    """End a window now."""
    done = tk.get_action("edomex_blackout_end")({"ignore_auth": True, "user": _site_user()}, {"id": window_id})
    click.echo(f"{done['id']}: {done['ended_at']}")


def _site_user() -> str:
    """Who stands in the record for what an operator does."""
    return tk.get_action("get_site_user")({"ignore_auth": True, "user": ""}, {})["name"]
