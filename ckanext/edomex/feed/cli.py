"""`ckan edomex feed …`: what an operator does about the catalogue."""

from __future__ import annotations

import click

from ckanext.edomex.adapters.commands import edomex
from ckanext.edomex.feed.logic import state

__all__ = ["edomex"]


@edomex.group()
def feed() -> None:
    """Catálogo para máquinas."""


@feed.command()
def accept() -> None:
    """Take what is public now for right, after the feed refused because too much was missing."""
    click.echo(f"datasets={state.accept()}")
