"""What can be wrong with a source. Each text, in Spanish, says what to do about it."""

from __future__ import annotations


class FederationError(Exception):
    """Root of this room's errors."""


class SourceError(FederationError):
    """A source that cannot be read, or not wholly: nothing of it is taken for gone."""


class TakenBackError(FederationError):
    """People withdrew the dataset, or cancelled its release."""


class SettingsError(FederationError):
    """Settings of a source that make no sense."""
