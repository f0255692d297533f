"""What must not be readable in the database or in a backup of it: encrypted, or hashed, with the operator's key."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ckanext.edomex.shield import config


class VaultError(Exception):
    """What was locked with another key: `second_factor_key` or `SECRET_KEY` has changed. Reset the second factor."""


def lock(secret: str) -> str:
    """Encrypt."""
    return Fernet(base64.urlsafe_b64encode(_key("lock"))).encrypt(secret.encode()).decode()


def unlock(locked: str) -> str:
    """Decrypt. VaultError if the key is another."""
    try:
        return Fernet(base64.urlsafe_b64encode(_key("lock"))).decrypt(locked.encode()).decode()
    except InvalidToken:
        raise VaultError from None


def seal(user_id: str, code: str) -> str:
    """A hash that nobody can try codes against without the key."""
    return hmac.new(_key("seal"), f"{user_id}:{code}".encode(), hashlib.sha256).hexdigest()


def _key(purpose: str) -> bytes:
    return _derived(config.second_factor_key(), purpose)


@functools.lru_cache(maxsize=8)
def _derived(master: str, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=f"edomex_shield {purpose}".encode()).derive(master.encode())
