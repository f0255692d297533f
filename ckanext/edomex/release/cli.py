"""`ckan edomex release …`: the loop, one pass, and who has which role."""

from __future__ import annotations

import signal

import click
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters.commands import edomex
from ckanext.edomex.release.jobs.loop import Loop

__all__ = ["edomex"]


@edomex.group()
def release() -> None:
    """Publicación programada de conjuntos de datos."""


@release.command()
def run() -> None:
    """Run a release loop until SIGTERM; any number may run, on any number of hosts."""
    loop = Loop(_engine())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, loop.stop)
    loop.run()


@release.command()
def tick() -> None:
    """One pass, for cron as a net under the loops: release what is due and do what follows."""
    outcome = Loop(_engine()).tick()
    click.echo(f"released={len(outcome.released)} failed={len(outcome.failed)} postponed={len(outcome.postponed)}")


def _engine() -> sa.Engine:
    engine = model.meta.engine
    assert engine is not None, "CKAN is configured before its commands run"
    return engine


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
