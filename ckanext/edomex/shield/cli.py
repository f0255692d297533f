"""`ckan edomex accounts …`: which accounts somebody has to look at, closing one, resetting a second factor."""

from __future__ import annotations

from typing import Any

import click
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters.commands import edomex

__all__ = ["edomex"]

_FINDINGS = {"unused": "sin uso desde hace 90 días o más", "leaver_open": "su titular se fue hace más de 15 días"}


@edomex.group()
def accounts() -> None:
    """Cuentas: informe, cierre y segundo factor."""


@accounts.command()
@click.option("--all", "everything", is_flag=True, help="También las cuentas en orden.")
def report(*, everything: bool) -> None:
    """List accounts that nobody uses, and those of people who have left."""
    rows = _call("edomex_account_report", only_findings=not everything)
    for row in rows:
        why = "; ".join(_FINDINGS[finding] for finding in row["findings"]) or "en orden"
        click.echo(f"{row['user']}\t{', '.join(row['agencies']) or '–'}\t{row['last_active'] or 'nunca'}\t{why}")
    if not rows:
        click.echo("Todas las cuentas están en orden.")


@accounts.command()
@click.argument("name")
def close(name: str) -> None:
    """Close an account: keys, sessions, memberships and roles end at once."""
    done = _call("edomex_account_close", user=name)
    click.echo(
        f"{done['user']}: cerrada. Terminaron {done['tokens']} claves, {done['sessions']} sesiones y {done['memberships']} membresías."
    )


@accounts.command("reset-factor")
@click.argument("name")
def reset_factor(name: str) -> None:
    """Take an account's second factor away; its owner sets up another at the next log-in."""
    done = _call("edomex_second_factor_reset", user=name)
    click.echo(f"{done['user']}: sin segundo factor. Terminaron {done['sessions']} sesiones.")


def _call(action: str, **data: Any) -> Any:
    try:
        return tk.get_action(action)(Context(ignore_auth=True, user=""), data)
    except tk.ObjectNotFound as error:
        raise click.ClickException(str(error)) from None
