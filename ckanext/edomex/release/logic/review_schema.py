"""Parameters of the actions of a review, with their validators."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args
from ckan.plugins import toolkit as tk

from ckanext.edomex.release.domain.observations import Anchor, State
from ckanext.edomex.release.logic.schema import approve, words

said = words("Escriba el texto: quedará en la conversación de la observación.")


def whole(value: Any) -> int:
    """A whole number, as a number or as its digits."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise tk.Invalid("Escriba un número entero, como 12.") from None


@validator_args
def observation(not_missing: Any, not_empty: Any, ignore_empty: Any, unicode_safe: Any, one_of: Any) -> Any:
    """`edomex_observation_create`."""
    return {
        "release_id": [not_missing, unicode_safe],
        "anchor": [not_empty, one_of([str(anchor) for anchor in Anchor])],
        **{name: [ignore_empty, unicode_safe] for name in ("field", "resource_id")},
        "row": [ignore_empty, whole],
        "column": [ignore_empty, said],
        "text": [not_missing, said],
    }


@validator_args
def observed(not_missing: Any, ignore_empty: Any, unicode_safe: Any) -> Any:
    """A move of an observation; where it needs a text the domain says so."""
    return {"id": [not_missing, unicode_safe], "text": [ignore_empty, said], "version": [ignore_empty, whole]}


@validator_args
def changes(not_missing: Any, ignore_empty: Any, unicode_safe: Any) -> Any:
    """`edomex_release_changes`."""
    return {"id": [not_missing, unicode_safe], "since": [ignore_empty, whole]}


@validator_args
def seen(ignore_empty: Any) -> Any:
    """What `edomex_release_approve` takes besides: the submission that was looked at."""
    return {"submission": [ignore_empty, whole]}


def preview() -> Any:
    """`edomex_release_approve_preview`."""
    return {name: checks for name, checks in (approve() | seen()).items() if name != "reason"}


@validator_args
def look(not_missing: Any, not_empty: Any, unicode_safe: Any) -> Any:
    """`edomex_release_look`."""
    return {"id": [not_missing, unicode_safe], "number": [not_empty, whole]}


@validator_args
def observations(not_missing: Any, ignore_empty: Any, unicode_safe: Any, one_of: Any) -> Any:
    """`edomex_observation_list`."""
    states = [str(state) for state in State]
    return {"release_id": [not_missing, unicode_safe], "state": [ignore_empty, one_of(states)]}
