"""Commands of the root plugin: those that concern the whole portal."""

from __future__ import annotations

from ckanext.edomex.backup.cli import edomex

__all__ = ["edomex"]
