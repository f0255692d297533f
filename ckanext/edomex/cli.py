"""Commands of the root plugin: those that concern the whole portal."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import click
import yaml

from ckanext.edomex.adapters.commands import edomex, tables_refusals
from ckanext.edomex.adapters.portals import PortalError
from ckanext.edomex.adapters.workbooks import csv_of
from ckanext.edomex.backup.cli import backup
from ckanext.edomex.domain.takeover import RulesError
from ckanext.edomex.logic import takeover, vocabularies
from ckanext.edomex.logic.catalogue import take_file

__all__ = ["edomex"]

edomex.add_command(backup)


@edomex.group()
def vocabulary() -> None:
    """Vocabularios: temas, municipios, licencias y las demás listas cerradas."""


@vocabulary.command()
def check() -> None:
    """Compare the CSV files with their rules, with one another, and with what the portal uses; exit status 1 if anything is wrong."""
    _stop_if_wrong()
    click.echo("Los vocabularios están bien.")


@vocabulary.command()
def load() -> None:
    """Bring the themes into the portal: those that are missing are made, those that differ changed. Twice is as once."""
    _stop_if_wrong()
    done = vocabularies.load_themes()
    click.echo(f"Temas: {len(done.created)} nuevos, {len(done.changed)} cambiados, {done.same} como estaban.")
    for name in done.unlisted:
        click.echo(f"Aviso: el tema «{name}» está en el portal y no en temas.csv.", err=True)


@edomex.group()
def catalogue() -> None:
    """Catálogos de dependencias en una tabla."""


@catalogue.command("import")
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--agency", required=True, help="Name of the agency.")
@click.option("--dry-run", is_flag=True, help="Only say what would become of it.")
def import_(file: Path, agency: str, *, dry_run: bool) -> None:
    """Register the datasets of FILE (CSV or XLSX) as drafts of an agency: all or none; exit status 1 names the rows that are wrong."""
    with tables_refusals():
        done = take_file(file.read_bytes(), agency, dry_run=dry_run)
    click.echo(f"{len(done['created'])} nuevos, {len(done['changed'])} cambiados, {len(done['same'])} como estaban.")


@edomex.command("import-portal")
@click.argument("source")
@click.option("--rules", type=click.Path(dir_okay=False, exists=True, path_type=Path), help="YAML: how their words become ours.")
@click.option("--agency", help="Agency of what belongs to an organization that is none here.")
@click.option("--files", is_flag=True, help="Bring the files that the portal keeps, instead of links to it.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="CSV: what became of each dataset.")
@click.option("--dry-run", is_flag=True, help="Only say what would become of each.")
def import_portal(source: str, rules: Path | None, agency: str | None, report: Path | None, *, files: bool, dry_run: bool) -> None:
    """Take over another CKAN: SOURCE is its address, or the file of `ckanapi dump datasets`; exit status 1 if any was refused."""
    counted: Counter[str] = Counter()
    rows: list[tuple[str, ...]] = []
    try:
        for one in takeover.take_over(source, takeover.rules_of(rules), agency=agency, files=files, dry_run=dry_run):
            counted[one.result] += 1
            rows.append(one.as_row())
            click.echo(f"{one.result}: {one.former_name}{': ' if one.left else ''}{'; '.join(one.left)}")
    except (PortalError, RulesError, yaml.YAMLError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    finally:
        _write_report(report, rows)
    click.echo(", ".join(f"{result}: {number}" for result, number in counted.items()) or "Ningún conjunto.")
    if counted["rechazado"]:
        sys.exit(1)


def _write_report(report: Path | None, rows: list[tuple[str, ...]]) -> None:
    if report is not None:
        report.write_bytes(csv_of([takeover.COLUMNS, *rows]))


def _stop_if_wrong() -> None:
    found = vocabularies.faults()
    for fault in found:
        click.echo(str(fault), err=True)
    if found:
        click.echo(f"Hay {len(found)} problema{'' if len(found) == 1 else 's'}; no se cambió nada.", err=True)
        sys.exit(1)
