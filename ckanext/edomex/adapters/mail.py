"""Sending one letter over SMTP, so that returning means the server took it. CKAN's own letters go the same way.

CKAN's mailer waits for ever for a server that hangs, encrypts to whoever answers (CVE-2026-41132, mended in 2.11.6), and
says nothing when there is no server; its settings (`smtp.…`) are the same.
"""

from __future__ import annotations

import mimetypes
import smtplib
import ssl
from collections.abc import Iterable, Mapping
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from typing import IO, Any, NamedTuple
from urllib.parse import urlsplit

from ckan.plugins import toolkit as tk

#: Seconds for each answer of the server.
TIMEOUT_S = 15
SUBMISSION_PORT = 25


class MailError(Exception):
    """The server did not take the letter; its name says why, its text never whose it was."""


class RefusedError(MailError):
    """The server answered, and refused this letter: others may go. Any other MailError is the server's own trouble."""


class Enclosed(NamedTuple):
    """What goes with a letter beside its text."""

    html: str | None = None
    headers: Mapping[str, str] = {}
    #: As CKAN hands them over: name, open file, and maybe its type.
    files: Iterable[tuple[Any, ...]] = ()


def is_set_up() -> bool:
    """Whether the operator has said from whom letters come; CKAN's default server is no sign of that."""
    return bool(tk.config.get("smtp.mail_from") and tk.config.get("smtp.server"))


def send(address: str, subject: str, body: str, enclosed: Enclosed = Enclosed()) -> None:  # noqa: B008  # a tuple
    """Send a letter; MailError if the server did not take it, or is not the one that it says it is.

    Raises:
        RefusedError: it is about this letter or its recipient.
    """
    if not is_set_up():
        raise MailError("NoSender")
    try:
        _hand_over(_letter(address, subject, body, enclosed))
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPNotSupportedError, ValueError) as error:
        # ValueError: a line break in a header, letters that no address may have.
        raise RefusedError(type(error).__name__) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailError(type(error).__name__) from error


def _letter(address: str, subject: str, body: str, enclosed: Enclosed) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = formataddr((tk.config.get("ckan.site_title") or "", tk.config["smtp.mail_from"]))
    letter["To"], letter["Subject"] = address, subject
    letter["Date"], letter["Message-ID"] = formatdate(), make_msgid(domain="edomex.invalid")
    letter["Auto-Submitted"] = "auto-generated"
    if tk.config.get("smtp.reply_to") and "reply-to" not in {name.lower() for name in enclosed.headers}:
        letter["Reply-To"] = tk.config["smtp.reply_to"]
    for name, value in enclosed.headers.items():
        del letter[name]
        letter[name] = value
    letter.set_content(body)
    if enclosed.html:
        letter.add_alternative(enclosed.html, subtype="html")
    for name, file, *kind in enclosed.files:
        _enclose(letter, name, file, kind[0] if kind else None)
    return letter


def _enclose(letter: EmailMessage, name: str, file: IO[Any], kind: str | None) -> None:
    content = file.read()
    main, _, sub = (kind or mimetypes.guess_type(name)[0] or "application/octet-stream").partition("/")
    letter.add_attachment(content.encode() if isinstance(content, str) else content, filename=name, maintype=main, subtype=sub)


def _hand_over(letter: EmailMessage) -> None:
    place = urlsplit(f"smtp://{tk.config['smtp.server']}")
    with smtplib.SMTP(place.hostname or "", place.port or SUBMISSION_PORT, timeout=TIMEOUT_S) as server:
        if tk.config.get("smtp.starttls"):
            server.starttls(context=trusted())
        if tk.config.get("smtp.user"):
            server.login(tk.config["smtp.user"], tk.config.get("smtp.password") or "")
        server.send_message(letter)


def trusted() -> ssl.SSLContext:
    """Who may answer for a mail server: the machine's authorities, or those of the operator's own file."""
    return ssl.create_default_context(cafile=tk.config.get("ckanext.edomex.shield.smtp_ca_file") or None)
