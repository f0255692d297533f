"""What this room does when another tells that something happened, within that room's transaction."""

from __future__ import annotations

from typing import Any

from ckan import model

from ckanext.edomex.notices.domain import kinds
from ckanext.edomex.notices.domain.people import As
from ckanext.edomex.notices.domain.telling import Happening
from ckanext.edomex.notices.logic import people
from ckanext.edomex.notices.logic.telling import tell


def plan_moved(plan_id: str, **told: Any) -> None:
    """Write a plan's step down for everybody concerned: it is told if the step is committed, and not otherwise."""
    kind = kinds.of_plan(told["move"])
    if kind is None:
        return
    named = people.named({As.SUBMITTER: told["submitted_by"], As.APPROVER: told["approved_by"]})
    happening = Happening(
        kind=kind, key=f"plan:{plan_id}:{told['version']}", agency_id=told["agency_id"], facts={"plan": plan_id}, named=named,
        actor=told["actor"],
    )  # fmt: skip
    tell(model.Session, happening)


def observation_answered(observation_id: str, **told: Any) -> None:
    """Let whoever wrote an observation know that it was answered, as `plan_moved`."""
    key = f"observation:{observation_id}:{told['version']}"
    happening = Happening(
        kind="answered", key=key, agency_id=told["agency_id"], facts={"release": told["release_id"]},
        named=people.named({As.AUTHOR: told["author"]}), actor=told["actor"],
    )  # fmt: skip
    tell(model.Session, happening)


def source_moved(name: str, **told: Any) -> None:
    """Write down what has to be known of a harvest source, as `plan_moved`."""
    kind = kinds.of_source(told["move"])
    if kind is None:
        return
    key = f"source:{name}:{told['move']}:{told['key']}"
    happening = Happening(kind=kind, key=key, agency_id=told["agency_id"], facts={"source": name}, actor=told["actor"])
    tell(model.Session, happening)
