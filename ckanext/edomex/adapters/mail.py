"""Sending one letter over SMTP, so that returning means the server took it.

CKAN's own mailer waits for ever for a server that hangs, does not look at its certificate, and says nothing when there
is none; its settings (`smtp.…`) are the same.
"""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from ckan.plugins import toolkit as tk

#: Seconds for each answer of the server.
TIMEOUT_S = 15
SUBMISSION_PORT = 25


class MailError(Exception):
    """The server did not take the letter; its name says why, its text never whose it was."""


def is_set_up() -> bool:
    """Whether the operator has said from whom letters come; CKAN's default server is no sign of that."""
    return bool(tk.config.get("smtp.mail_from") and tk.config.get("smtp.server"))


def send(address: str, subject: str, body: str) -> None:
    """Send a letter; MailError if the server did not take it."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = tk.config["smtp.mail_from"], address, subject
    letter["Date"], letter["Message-ID"] = formatdate(), make_msgid(domain="edomex.invalid")
    letter["Auto-Submitted"] = "auto-generated"
    if tk.config.get("smtp.reply_to"):
        letter["Reply-To"] = tk.config["smtp.reply_to"]
    letter.set_content(body)
    host, _, port = str(tk.config["smtp.server"]).partition(":")
    try:
        with smtplib.SMTP(host, int(port or SUBMISSION_PORT), timeout=TIMEOUT_S) as server:
            if tk.config.get("smtp.starttls"):
                server.starttls(context=ssl.create_default_context())
            if tk.config.get("smtp.user"):
                server.login(tk.config["smtp.user"], tk.config.get("smtp.password") or "")
            server.send_message(letter)
    except (smtplib.SMTPException, OSError) as error:
        raise MailError(type(error).__name__) from error
