"""Styles and scripts: whether a bundle's sources changed is looked at once in a process's life, not at each page.

webassets compares the times of all sources of all bundles whenever a page names them, some hundred system calls for
what only an upgrade changes. A process that serves is started anew by an upgrade.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from webassets.updater import TimestampUpdater


class OncePerProcess(TimestampUpdater):
    """webassets' own comparison, remembered for as long as the built file is there."""

    #: A name of its own: the class would otherwise take the place of the one that it stands on.
    id = "edomex_once_per_process"

    def __init__(self) -> None:
        self._fresh: dict[str, Path] = {}

    def needs_rebuild(self, bundle: Any, ctx: Any) -> Any:
        """Whether a bundle has to be built, as webassets asks."""
        known = self._fresh.get(bundle.output)
        if known is not None and known.exists():
            return False
        needed = super().needs_rebuild(bundle, ctx)
        if not needed:
            self._fresh[bundle.output] = Path(bundle.resolve_output(ctx))
        return needed
