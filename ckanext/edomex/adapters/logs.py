"""One event is one line of the log, whatever a visitor puts into an address or a name."""

from __future__ import annotations

import logging
import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class OneLine(logging.LogRecord):
    """A record whose text cannot begin another one. Tracebacks, which follow the text, are the program's own."""

    def getMessage(self) -> str:  # noqa: N802  # the library's name
        """The text with control characters written out."""
        return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", super().getMessage())


def keep_to_one_line() -> None:
    """For every logger of the process: CKAN logs each request's address as it came, decoded."""
    logging.setLogRecordFactory(OneLine)
