"""`ckan edomex doctor`: what is wrong with this installation, and what to do. Its words are the operator's, in Spanish."""

from __future__ import annotations

import json

import click

from ckanext.edomex.adapters.commands import edomex
from ckanext.edomex.shield import config
from ckanext.edomex.shield.domain.findings import Severity
from ckanext.edomex.shield.logic.doctor import examine

__all__ = ["edomex"]

WORDS = {Severity.ERROR: "ERROR", Severity.WARNING: "aviso"}


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
