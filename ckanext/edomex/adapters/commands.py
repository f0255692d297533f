"""The one `ckan edomex` command group, which each room adds its own to."""

from __future__ import annotations

import click


@click.group(short_help="Portal de datos abiertos del Estado de México")
def edomex() -> None:
    """Portal de datos abiertos del Estado de México."""
