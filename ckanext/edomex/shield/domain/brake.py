"""How long the next attempt has to wait: nobody is locked out, and nobody guesses fast.

Three counters go with every attempt. That of the account *from this address* is strict, that of the address lenient
(an agency's staff share one), that of the account from anywhere is for guesses spread over many addresses. The last
does not hold back an address from which the account has logged in before: whoever attacks it cannot keep its owner out.
"""

from __future__ import annotations

import ipaddress
from typing import NamedTuple


class Rule(NamedTuple):
    """Attempts that are free, the first wait, and the longest, in seconds; the wait doubles between."""

    free: int
    first_s: int
    longest_s: int


class Counter(NamedTuple):
    """What is counted, and by which rule."""

    name: str
    rule: Rule


#: Seconds after its last attempt in which a counter is forgotten.
FORGET_S = 3600
#: Seconds for which an address is known to be its owner's.
KNOWN_S = 90 * 24 * 3600
_PAIR, _ADDRESS, _ACCOUNT = Rule(5, 2, 900), Rule(60, 2, 900), Rule(20, 2, 120)
#: A letter is no guess, but a nuisance to who gets it.
_LETTER, _LETTERS = Rule(3, 60, 3600), Rule(20, 10, 3600)
#: Six digits have a million values: ten tries a quarter of an hour are a chance of one in three thousand a day.
_CODE = Rule(5, 30, 900)


def wait_s(attempt: int, rule: Rule) -> int:
    """Seconds to wait after the nth attempt, the first being 1."""
    if attempt <= rule.free:
        return 0
    return min(rule.longest_s, rule.first_s * 2 ** min(attempt - rule.free - 1, 20))


def of_log_in(account: str, address: str, *, known: bool) -> list[Counter]:
    """Counters of an attempt to log in; `known` if the account has logged in from there before."""
    counters = [Counter(f"in:{account}@{address}", _PAIR), Counter(f"in:@{address}", _ADDRESS)]
    return counters if known else [*counters, Counter(f"in:{account}@", _ACCOUNT)]


def of_letter(account: str, address: str) -> list[Counter]:
    """Counters of a letter with a link that sets a new password."""
    return [Counter(f"letter:{account}@", _LETTER), Counter(f"letter:@{address}", _LETTERS)]


def of_code(account: str) -> list[Counter]:
    """Counters of a code of a second factor: the password was right already, so there is no stranger to let pass."""
    return [Counter(f"code:{account}@", _CODE)]


def of_address(address: str) -> str:
    """What is counted as one address: an IPv6 network of one customer (/64), an IPv4 address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def spoken(seconds: int) -> str:
    """«40 segundos», «3 minutos»; rounded up, for who comes too early is refused again."""
    if seconds < 90:  # noqa: PLR2004  # below that, minutes are too coarse
        return "1 segundo" if seconds == 1 else f"{seconds} segundos"
    return f"{-(-seconds // 60)} minutos"
