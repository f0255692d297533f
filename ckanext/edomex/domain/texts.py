"""What a text that people typed may hold: all that is readable, nothing that hides."""

from __future__ import annotations

import re
import unicodedata

#: Controls other than tab and line ends; marks that turn the direction of what follows; characters without width.
#: Source: Unicode TR 36 (spoofing) and TR 9 (bidirectional formatting).
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_NEWLINES = re.compile("\r\n?")
#: Characters that every browser and server still takes.
LONGEST_ADDRESS = 2000
_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`]+", re.IGNORECASE)
_LINK = re.compile(r"(https?|ftps?)://[^\s<>\"`]+", re.IGNORECASE)
#: Mail for persons, not for offices. Source: the notes on personal data (quality-security-ux, 1.4).
_PERSONAL_MAIL = re.compile(r"@(gmail|hotmail|outlook|live|msn|yahoo|icloud|me|prodigy|aol|proton(mail)?)\.", re.IGNORECASE)


def cleaned(text: str) -> str:
    """The text in one form: composed letters, one kind of line end, no space around it."""
    return unicodedata.normalize("NFC", _NEWLINES.sub("\n", text)).strip()


def plain(text: str) -> str:
    """The text as people search for it: lower case, without accents, so that «ruiz castaneda» finds Ruíz Castañeda."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in split if not unicodedata.combining(letter)).split())


def fault_of(text: str, longest: int) -> str | None:
    """What keeps a text from being kept, in words; None for nothing."""
    if len(text) > longest:
        return f"Tiene {len(text):,} caracteres; caben {longest:,}.".replace(",", " ")
    hidden = _HIDDEN.search(text)
    if hidden:
        return f"Tiene un carácter que no se ve (U+{ord(hidden[0]):04X}) en el lugar {hidden.start() + 1}; escríbalo de nuevo sin él."
    return None


def is_address(text: str) -> bool:
    """Whether it is a web address that a reader can follow."""
    return bool(_ADDRESS.fullmatch(text)) and len(text) <= LONGEST_ADDRESS


def is_link(text: str) -> bool:
    """Whether it is an address of a file: also of an FTP server, and with what an address should not have but files' have."""
    return bool(_LINK.fullmatch(text)) and fault_of(text, LONGEST_ADDRESS) is None


def is_personal_mailbox(mail: str) -> bool:
    """Whether a mailbox is of a service for persons."""
    return bool(_PERSONAL_MAIL.search(mail))
