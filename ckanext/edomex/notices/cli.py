"""`ckan edomex notices …`: letters for operators: how they read, whether they arrive, how they are doing."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters import mail
from ckanext.edomex.adapters.commands import edomex
from ckanext.edomex.notices.domain import digests
from ckanext.edomex.notices.domain.kinds import KINDS
from ckanext.edomex.notices.domain.letters import DIGEST, Letter, LettersError
from ckanext.edomex.notices.logic import wording

__all__ = ["edomex"]

#: What examples are filled with: no release of anybody's.
EXAMPLE = {"release": "00000000-0000-0000-0000-000000000000", "moment": "2027-03-01T15:00:00+00:00", "day": "2027-03-01"}
_KIND = click.Choice([*KINDS, DIGEST])


@edomex.group()
def notices() -> None:
    """Avisos y correo a las personas."""


@notices.command()
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
def check(file: Path) -> None:
    """Say what is wrong with the letters in FILE; exit status 1 if anything is."""
    try:
        found = wording.read_file(file)
    except LettersError as error:
        for fault in error.faults:
            click.echo(fault, err=True)
        sys.exit(1)
    click.echo(f"{len(found)} avisos con texto propio: {', '.join(found)}.")


@notices.command()
@click.argument("kind", type=_KIND, required=False)
def preview(kind: str | None) -> None:
    """Show the letter of KIND, or of every kind, as it would be sent now."""
    for name in [kind] if kind else [*KINDS, DIGEST]:
        letter = _example(name)
        click.echo(f"=== {name}\nAsunto: {letter.subject}\n\n{letter.text}")


@notices.command("send-test")
@click.argument("kind", type=_KIND)
@click.argument("address")
def send_test(kind: str, address: str) -> None:
    """Send the letter of KIND, with an example in it, to ADDRESS; exit status 1 if the server does not take it."""
    letter = _example(kind)
    try:
        mail.send(address, letter.subject, letter.text)
    except mail.MailError as error:
        click.echo(f"El servidor de correo no lo aceptó: {error}.", err=True)
        sys.exit(1)
    click.echo("El servidor de correo lo aceptó.")


@notices.command()
def status() -> None:
    """Figures of letters as JSON; exit status 1 if an alarm is raised."""
    found = tk.get_action("edomex_notice_status")({"ignore_auth": True, "user": ""}, {})
    click.echo(json.dumps(found, indent=1, ensure_ascii=False))
    if found["alarms"]:
        sys.exit(1)


@notices.command()
@click.argument("letter", required=False, type=int)
def retry(letter: int | None) -> None:
    """Give LETTER, or all that were given up, another three days."""
    chosen = {"id": letter} if letter is not None else {}
    done = tk.get_action("edomex_notice_letter_retry")({"ignore_auth": True, "user": ""}, chosen)
    click.echo(f"retried={done['retried']}")


def _example(kind: str) -> Letter:
    if kind != DIGEST:
        return wording.single(kind, EXAMPLE)
    rows = [(wording.line_of(name, EXAMPLE), f"{tk.config['ckan.site_url']}{wording.path_of(EXAMPLE)}") for name in list(KINDS)[:3]]
    return wording.daily(len(rows), digests.listed(rows))
