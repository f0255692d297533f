"""`ckan edomex accounts …` and `ckan edomex doctor`: accounts, and what is wrong with this installation. Its words are Spanish."""

from __future__ import annotations

import json
from typing import Any

import click
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters.commands import edomex
from ckanext.edomex.shield import config
from ckanext.edomex.shield.domain.findings import Severity
from ckanext.edomex.shield.logic.doctor import examine

__all__ = ["edomex"]

WORDS = {Severity.ERROR: "ERROR", Severity.WARNING: "aviso"}
_FINDINGS = {"unused": "sin uso desde hace 90 días o más", "leaver_open": "su titular se fue hace más de 15 días"}


@edomex.command()
@click.option("--json", "as_json", is_flag=True, help="findings as JSON, for programs")
def doctor(as_json: bool) -> None:  # noqa: FBT001  # click passes options so
    """Look at configuration and services; exit status 1 if anything is wrong that matters."""
    production = config.is_production()
    found = [(finding.severity(production=production), finding) for finding in examine()]
    errors = sum(severity is Severity.ERROR for severity, _ in found)
    if as_json:
        rows = [{"code": one.code, "severity": severity, "seen": one.seen, "text": one.text} for severity, one in found]
        summary = {"production": production, "errors": errors, "warnings": len(found) - errors, "findings": rows}
        click.echo(json.dumps(summary, indent=1, ensure_ascii=False))
    else:
        for severity, one in sorted(found, key=lambda pair: pair[0]):
            click.echo(f"{WORDS[severity]}  {one.code}: {one.text}")
        click.echo(f"{errors} errores, {len(found) - errors} avisos.")
    raise SystemExit(1 if errors else 0)


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
