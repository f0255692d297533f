"""What can keep the feed from being whole."""

from __future__ import annotations


class FeedError(Exception):
    """Root of this room's errors."""


class UnavailableError(FeedError):
    """The catalogue cannot be read whole now; half of one would make its readers delete the other half."""


class MovedError(FeedError):
    """A dataset changed, or was hidden, between being listed and being read; list again."""


class ShrunkError(FeedError):
    """More datasets are missing than were withdrawn; an operator looks, and says `ckan edomex feed accept` if it is right."""


class PageError(FeedError):
    """There is no such page, date or run; the text says what to ask for instead."""
