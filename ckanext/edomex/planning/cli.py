"""`ckan edomex planning …`: inventories and plans for operators."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters.callers import call_as_site
from ckanext.edomex.adapters.commands import edomex, tables_refusals
from ckanext.edomex.adapters.workbooks import csv_of, xlsx_of
from ckanext.edomex.planning.domain.layouts import LAYOUTS
from ckanext.edomex.planning.logic.taking import take_file

__all__ = ["edomex"]


@edomex.group()
def planning() -> None:
    """Inventarios de datos y planes de apertura."""


@planning.command("inventory-import")
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--agency", required=True, help="Name of the agency.")
@click.option("--dry-run", is_flag=True, help="Only say what would become of it.")
def inventory_import(file: Path, agency: str, *, dry_run: bool) -> None:
    """Take the inventory in FILE (CSV or XLSX) in: all or none; exit status 1 names the rows that are wrong."""
    with tables_refusals():
        done = take_file(file.read_bytes(), agency, dry_run=dry_run)
    click.echo(f"{done['created']} nuevos, {done['changed']} cambiados, {done['same']} como estaban.")


@planning.command("inventory-export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--agency", required=True, help="Name of the agency.")
@click.option("--layout", type=click.Choice(list(LAYOUTS)), default="full", show_default=True)
def inventory_export(file: Path, agency: str, layout: str) -> None:
    """Write an agency's inventory to FILE, as CSV or, where the name ends so, XLSX."""
    try:
        rows = call_as_site("edomex_inventory_export", agency=agency, layout=layout)
    except tk.ObjectNotFound as error:
        click.echo(str(error.message), err=True)
        sys.exit(1)
    file.write_bytes(xlsx_of(rows, "Inventario") if file.suffix.lower() == ".xlsx" else csv_of(rows))
    click.echo(f"{len(rows) - 1} renglones.")
