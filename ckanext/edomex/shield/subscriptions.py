"""What the shield does when CKAN sends a letter: it sends it itself, for CKAN's mailer encrypts to whoever answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ckan.lib.mailer import MailerException

from ckanext.edomex.adapters import mail

NOT_SENT = "El servidor de correo no aceptó el mensaje ({why})."


def deliver(
    address: str, subject: str, body: str, html: str | None, headers: Mapping[str, Any] | None, files: Iterable[Any] | None
) -> bool:
    """Send one of CKAN's letters by our rule. MailerException, which CKAN's callers know, if it was not taken."""
    enclosed = mail.Enclosed(html=html, headers=headers or {}, files=files or ())
    try:
        mail.send(address, " ".join(subject.split()), body, enclosed)
    except mail.MailError as error:
        raise MailerException(NOT_SENT.format(why=error)) from error
    return True
