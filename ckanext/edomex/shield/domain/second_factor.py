"""Codes of a second factor (RFC 6238) and recovery codes: what is accepted, and what is not accepted twice."""

from __future__ import annotations

import hmac
import re
import secrets

from pyotp import random_base32
from pyotp.totp import TOTP

#: Seconds of an interval, and intervals before and after in which a telephone's clock may be wrong.
INTERVAL_S, DRIFT = 30, 1
RECOVERY_CODES = 10
#: Without letters and digits that look alike.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_HALF = 5


def new_secret() -> str:
    """160 random bits, as authenticator programs read them."""
    return random_base32()


def address(secret: str, account: str, issuer: str) -> str:
    """What the picture holds that an authenticator program scans."""
    return TOTP(secret, interval=INTERVAL_S).provisioning_uri(name=account, issuer_name=issuer)


def matching_step(secret: str, code: str, now_s: float, last: int | None) -> int | None:
    """The interval that a code belongs to; nothing if it is wrong, too old, or not newer than the `last` accepted."""
    digits = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    totp, here = TOTP(secret, interval=INTERVAL_S), int(now_s) // INTERVAL_S
    found = None
    for step in range(here - DRIFT, here + DRIFT + 1):
        # Each is compared, so that the time taken tells nothing.
        if hmac.compare_digest(totp.at(step * INTERVAL_S), digits) and (last is None or step > last):
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Codes for whoever loses the telephone, to be kept on paper: «abcde-23456», 49 bits each."""
    return ["-".join("".join(secrets.choice(_ALPHABET) for _ in range(_HALF)) for _ in range(2)) for _ in range(RECOVERY_CODES)]


def plain_recovery(code: str) -> str | None:
    """A recovery code as it is hashed, whatever was typed between its letters; nothing if it can be none."""
    letters = re.sub(r"[\s-]", "", code.lower())
    return letters if len(letters) == 2 * _HALF else None


def is_needed(*, wanted: frozenset[str], roles: frozenset[str]) -> bool:
    """Whether somebody with these roles has to have one, where the operator wants it of some."""
    return bool(wanted & roles)
