"""What of a release's history is to be told: each event that asks for it, and a rehearsal's finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ckanext.edomex.notices.domain.kinds import of_release
from ckanext.edomex.notices.domain.people import As
from ckanext.edomex.notices.domain.telling import Happening

Data = Mapping[str, Any]
#: Moves by which somebody becomes concerned by name.
_NAMES: Mapping[str, As] = {"submit": As.SUBMITTER, "propose": As.SUBMITTER, "approve": As.APPROVER}


def happenings(release: Data, since: datetime) -> Iterator[Happening]:
    """What happened to a release after an instant, as `edomex_release_happenings` tells it; who is concerned, as it was then."""
    named: dict[As, frozenset[str]] = {}
    for event in release["events"]:
        if (who := _NAMES.get(event["move"])) and event["actor"]:
            named[who] = frozenset({event["actor"]})
        kind = of_release(event["move"], event["from"])
        if kind and datetime.fromisoformat(event["at"]) > since:
            key = f"release:{release['id']}:{event['id']}"
            yield _happening(release, kind, key, named, actor=event["actor"], moment=event["to"])
    if release["state"] == "scheduled" and release["problems"] and release["events"]:
        # The event's number makes each approval's problem its own; one that is found anew is on the page.
        yield _happening(release, "problem", f"problem:{release['id']}:{release['events'][-1]['id']}", named)


def _happening(
    release: Data, kind: str, key: str, named: Mapping[As, frozenset[str]], *, actor: str | None = None, moment: str | None = None
) -> Happening:
    facts = {"release": release["id"], "dataset": release["dataset_id"], "draft": release["draft_id"]}
    at = moment or release["release_at"]
    return Happening(
        kind=kind, key=key, agency_id=release["agency_id"], actor=actor, named=dict(named),
        facts={**facts, **({"moment": at} if at else {})},
    )  # fmt: skip
