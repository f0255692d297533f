"""What pages ask of federation."""

from __future__ import annotations

from ckanext.edomex.federation.logic.sources import origin


def edomex_federation_origin(package_id: str) -> dict[str, str] | None:
    """Where a dataset came from, for its page: `source_title`, `iri` (a web address, or empty), `licence`; None for none."""
    return origin(package_id)
