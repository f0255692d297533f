"""Whether a secret is one: long enough, mixed enough, and no example's."""

from __future__ import annotations

import re

#: Characters; `openssl rand -hex 32` gives 64, the Compose file asks for 16 at least where a password stands in an address.
SHORTEST = 24
#: Different characters: random hexadecimal has 15 or 16.
LEAST_VARIETY = 10
#: What examples and tutorials write.
EXAMPLES = re.compile(r"change.?me|cambi[ae]|secret|ejemplo|example|password|contrase|default|ckan|%\(|1234|abcd", re.IGNORECASE)
#: Passwords of CKAN's documentation and of its Docker examples.
DEFAULT_PASSWORDS = frozenset({
    "pass", "password", "ckan", "ckan_default", "datastore", "postgres", "admin", "test", "secret", "changeme",
})  # fmt: skip


def is_weak(secret: str) -> bool:
    """Whether somebody could guess it: what an example's words leave of it is judged, since chance writes «ckan» too."""
    rest = EXAMPLES.sub("", secret)
    return len(rest) < SHORTEST or len(set(rest)) < LEAST_VARIETY


def is_default_password(account: str, password: str) -> bool:
    """Whether a database's password is an example's, or its account's name."""
    return password.lower() in DEFAULT_PASSWORDS or password == account
