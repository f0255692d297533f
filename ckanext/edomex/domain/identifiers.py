"""Opaque names: they say nothing of a dataset before its release, and never change after it."""

from __future__ import annotations

import secrets

#: Letters and digits that are hard to confuse when read aloud (Crockford's base 32, lower case).
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 12


def opaque_name(prefix: str = "ds") -> str:
    """A random name for a dataset's address, such as `ds-7k3m9q2xw4tz`. 60 bits: guessing one is hopeless."""
    return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
