"""What is different between two contents of a dataset, place by place: for who has seen the one and is to judge the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from ckanext.edomex.release.domain.content import EXTRAS, FIELDS, RESOURCES, TAGS, THEMES
from ckanext.edomex.release.domain.lifecycle import State


class What(StrEnum):
    """What became of a place."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    #: Of all files together: the same ones in another order.
    MOVED = "moved"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference. Without a field it is about a whole file or link; `FILE` is its bytes."""

    what: What
    field: str | None = None
    resource_id: str | None = None
    before: Any = None
    after: Any = None


#: In the place of a field: the bytes of a file, the order of files, and what has no field of its own.
FILE, ORDER, REST = "file", "order", "rest"
#: Names that tags and themes have in the form.
_TAGS, _THEMES = "tag_string", "theme"
#: Follows from the file's bytes, or from where it is kept.
_OF_THE_FILE = frozenset({"sha256", "size", "mimetype", "mimetype_inner", "url_type", "resource_type"})
#: States in which an agency changes what it sent.
_BACK = frozenset({State.DRAFT, State.CHANGES_REQUESTED, State.FAILED})
#: The same for every content of a dataset.
_SET = frozenset({"type", "id"})
Fields = Mapping[str, Any]
_NONE: Fields = MappingProxyType({})


def differences(before: Sequence[Any], after: Sequence[Any], same: Mapping[str, str] = _NONE) -> list[Change]:
    """What somebody who knows the one content has to look at in the other.

    Args:
        before: the canonical content (`content.py`) that they know.
        after: the one that they do not.
        same: resource in `after` → resource in `before` whose place it takes, where their ids are not the same.
    """
    found = [*_fields(_dataset(before), _dataset(after)), *_resources(before[RESOURCES] or [], after[RESOURCES] or [], same)]
    if not found and not same and before != after:
        return [Change(what=What.CHANGED, field=REST)]
    return found


def base_of(state: State, newest: int, seen: int | None) -> int | None:
    """The submission that the content of now is compared with; None where there is none before it.

    Args:
        state: of the release; once it is back with its agency, what was sent last is what changes.
        newest: number of the newest submission, 0 for none.
        seen: number of the newest one that whoever asks has gone through.
    """
    if state in _BACK:
        return newest or None
    return min(seen, newest) if seen else (newest - 1 or None) if newest else None


def _dataset(content: Sequence[Any]) -> dict[str, Any]:
    own: dict[str, Any] = {**content[FIELDS], **(content[EXTRAS] or {})}
    return {**own, _TAGS: content[TAGS] or None, _THEMES: content[THEMES] or None}


def _fields(before: Fields, after: Fields, resource_id: str | None = None) -> Iterator[Change]:
    for name in sorted({*before, *after} - _SET):
        old, new = _plain(before.get(name)), _plain(after.get(name))
        if old != new:
            what = What.ADDED if old is None else What.REMOVED if new is None else What.CHANGED
            yield Change(what=what, field=name, resource_id=resource_id, before=old, after=new)


def _resources(before: Sequence[Fields], after: Sequence[Fields], same: Mapping[str, str]) -> Iterator[Change]:
    old = {each["id"]: each for each in before}
    kept: list[str] = []
    for resource in after:
        known = same.get(resource["id"], resource["id"])
        if known not in old:
            yield Change(what=What.ADDED, resource_id=resource["id"])
            continue
        kept.append(known)
        yield from _resource(old[known], resource)
    yield from (Change(what=What.REMOVED, resource_id=each) for each in old if each not in kept)
    if kept != [each for each in old if each in kept]:
        yield Change(what=What.MOVED, field=ORDER)


def _resource(before: Fields, after: Fields) -> Iterator[Change]:
    old, new = _described(before), _described(after)
    if _extras(before).get("sha256") != _extras(after).get("sha256"):
        yield Change(what=What.CHANGED, field=FILE, resource_id=after["id"])
        # The name of a file comes with its bytes.
        old["url"] = new["url"] = None
    yield from _fields(old, new, after["id"])


def _described(resource: Fields) -> dict[str, Any]:
    whole = {**resource, **_extras(resource)}
    described = {name: value for name, value in whole.items() if name not in _OF_THE_FILE and name != "extras"}
    # Of a file CKAN keeps the bare name; the address of one that takes another's place is not the same.
    if resource.get("url_type") == "upload":
        described["url"] = str(resource.get("url") or "").rsplit("/", 1)[-1]
    return described


def _extras(resource: Fields) -> Fields:
    found: Fields | None = resource.get("extras")
    return found or _NONE


def _plain(value: Any) -> Any:
    return None if value in ("", [], {}, "[]", "null") else value
