"""The one `ckan edomex` command group, which each room adds its own to."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

import click
from ckan.plugins import toolkit as tk


@click.group(short_help="Portal de datos abiertos del Estado de México")
def edomex() -> None:
    """Portal de datos abiertos del Estado de México."""


@contextlib.contextmanager
def tables_refusals() -> Iterator[None]:
    """Say what is wrong with a table, row by row, and end with status 1; likewise for an agency that is none."""
    try:
        yield
    except tk.ValidationError as error:
        found: dict[str, Any] = error.error_dict
        for row in found.get("rows", []):
            click.echo(f"renglón {row['line']}, {row['column']}: {row['message']}", err=True)
        click.echo(" ".join(found.get("upload") or found.get("message") or []), err=True)
        sys.exit(1)
    except tk.ObjectNotFound as error:
        click.echo(str(error.message), err=True)
        sys.exit(1)
