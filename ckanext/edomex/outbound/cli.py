"""`ckan edomex federation …`: copies at other portals, for operators: how they do, what would be done, do it, try again."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters.callers import call_as_site, site_user
from ckanext.edomex.adapters.catalogues import NotNowError
from ckanext.edomex.adapters.commands import edomex
from ckanext.edomex.outbound.domain.copies import OPERATION_NAMES
from ckanext.edomex.outbound.jobs import syncing
from ckanext.edomex.outbound.logic import bundles

__all__ = ["edomex"]

#: Copies of one comparison.
PAGE = 25


@edomex.group()
def federation() -> None:
    """Copias en otros portales: datos.gob.mx y los que se registren."""


@federation.command()
def status() -> None:
    """Figures of every target as JSON; exit status 1 if one needs a person."""
    found = call_as_site("edomex_target_list")
    click.echo(json.dumps(found, indent=1, ensure_ascii=False))
    if any(target["alarm"] for target in found):
        sys.exit(1)


@federation.command()
@click.argument("target")
def compare(target: str) -> None:
    """Say what would be done at TARGET, and why; exit status 1 if anything would."""
    if _compared(target):
        sys.exit(1)


@federation.command()
@click.argument("target")
@click.option("--dry-run", is_flag=True, help="Solo decir qué se haría.")
def sync(target: str, *, dry_run: bool) -> None:
    """Bring everything at TARGET in step now, in this process; exit status 1 if something is behind afterwards."""
    if dry_run:
        _compared(target)
        return
    _call("edomex_target_sync", id=target)
    engine = model.meta.engine
    assert isinstance(engine, sa.Engine)
    while syncing.work(engine) == 0:
        pass
    found = _call("edomex_target_show", id=target)
    click.echo(f"behind={found['behind']} " + " ".join(f"{state}={number}" for state, number in sorted(found["copies"].items())))
    if found["trouble"]:
        click.echo(found["trouble"], err=True)
    if found["behind"]:
        sys.exit(1)


@federation.command()
@click.argument("target")
@click.argument("dataset", required=False)
@click.option("--overwrite", is_flag=True, help="Lo de aquí vale más que lo que cambiaron allá.")
def retry(target: str, dataset: str | None, *, overwrite: bool) -> None:
    """Try again at TARGET what was refused: DATASET, or all."""
    chosen = {"dataset_id": dataset} if dataset else {}
    click.echo(f"retried={_call('edomex_copy_retry', target=target, overwrite=overwrite, **chosen)['retried']}")


@federation.command()
@click.argument("target")
@click.option("--agency", default="", help="Solo los conjuntos de esta dependencia.")
@click.option("--to", "place", required=True, type=click.Path(dir_okay=False, writable=True), help="Archivo ZIP que se escribe.")
def bundle(target: str, agency: str, place: str) -> None:
    """Pack what is public for TARGET, which takes it by hand, into a ZIP file."""
    # What is there already goes only when the new one is whole.
    half = Path(f"{place}.part")
    with half.open("wb") as file:
        made = _told(lambda: bundles.write({"ignore_auth": True, "user": site_user()}, target, agency, file))
    half.replace(place)
    click.echo(" ".join(f"{name}={made[name]}" for name in ("id", "datasets", "files", "left_out", "sha256")))


def _compared(target: str) -> int:
    """Tell what would be done; returns of how many copies something would."""
    offset = to_do = 0
    while True:
        found = _call("edomex_target_compare", target=target, limit=PAGE, offset=offset)
        for step in found["steps"]:
            click.echo(f"{step['dataset_id']} {OPERATION_NAMES[step['operation']]}: {step['reason']}")
        to_do += sum(step["operation"] != "nothing" for step in found["steps"])
        if found["trouble"]:
            click.echo(found["trouble"], err=True)
            sys.exit(1)
        offset += len(found["steps"])
        if not found["steps"] or offset >= found["count"]:
            return to_do


def _call(action: str, **data: Any) -> Any:
    return _told(lambda: call_as_site(action, **data))


def _told(do: Callable[[], Any]) -> Any:
    """What is done gives; what is wrong is said, and ends with status 1."""
    try:
        return do()
    except NotNowError as error:
        click.echo(str(error), err=True)
    except tk.ObjectNotFound as error:
        click.echo(str(error.message), err=True)
    except tk.ValidationError as error:
        told = {name: texts for name, texts in error.error_dict.items() if name not in {"state", "allowed"}}
        said = (texts if isinstance(texts, list) else [texts] for texts in told.values())
        click.echo(" ".join(str(text) for texts in said for text in texts), err=True)
    sys.exit(1)
