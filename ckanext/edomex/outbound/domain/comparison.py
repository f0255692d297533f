"""What a target has, beside what it should have: the one thing to do, and why. Compared before anything is written.

Three ways: what is wanted, what was written last, what is there. Where somebody there changed what we wrote, we do not write over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ckanext.edomex.outbound.domain.copies import Operation
from ckanext.edomex.outbound.domain.mapping import FILE_HASH, FILE_IDENTITY, IDENTITY, Wanted, digest, told

Data = dict[str, Any]
NOT_OURS = "Allá otro conjunto usa el nombre {name}; pida al portal de destino que lo libere, y reintente."
NO_FILES = "Ninguno de sus archivos está en un formato que el destino acepte; publique uno que lo esté."
LOST_THERE = (
    "Aquí dejó de ser público, y allá {name} sigue sin la seña que lo hace nuestro ({guid}); si es la copia, pida a ese portal que la "
    "retire, y reintente."
)
CHANGED_THERE = "Alguien lo cambió allá ({fields}); revise ese cambio y reintente con «sobrescribir» si lo de aquí vale."


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do, with its reason in Spanish and the fields that differ."""

    operation: Operation
    reason: str
    differences: tuple[str, ...] = ()


#: It is theirs: sent back, it would be harvested again, and so on for ever.
FROM_THERE = Step(operation=Operation.REFUSE, reason="Vino de ese portal; no se le devuelve.")


@dataclass(frozen=True, kw_only=True)
class Past:
    """What is known of a copy from before."""

    #: Digest of what was sent last, and of what was there afterwards: a target may keep less than it is sent. Of a write that did not
    #: come to its end only the second is known, and what was to follow may be there too.
    sent: str | None = None
    written: str | None = None
    #: A person said that what is here goes over what is there.
    overwrite: bool = False


def step(ours: Wanted | None, theirs: Mapping[str, Any] | None, past: Past, *, guid: str, may_publish: bool) -> Step:
    """What to do.

    Args:
        ours: what is to be there; None for nothing, since the dataset is not public here.
        theirs: what is there under the name, as `package_show` tells; None for nothing.
        past: what was written before.
        guid: the address that tells a copy of this dataset.
        may_publish: whether it is us who make it public there.
    """
    there = theirs if theirs is not None and theirs.get("state", "active") == "active" else None
    if there is not None and _guid(there) != guid:
        return _stranger(ours, there, past, guid)
    if ours is None:
        return _hidden(there)
    if not ours.dataset["resources"] and ours.left_out:
        return Step(operation=Operation.REFUSE, reason=NO_FILES)
    if there is None:
        return Step(operation=Operation.CREATE, reason="Allá no está.")
    return _changed(ours, there, past) or _same(there, may_publish=may_publish)


def differing(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the fields that do not say the same."""
    return tuple(name for name in ours if ours[name] != theirs.get(name))


def _hidden(there: Mapping[str, Any] | None) -> Step:
    if there is None:
        return Step(operation=Operation.NOTHING, reason="Aquí no es público y allá no está.")
    return Step(operation=Operation.DELETE, reason="Aquí dejó de ser público.")


def _changed(ours: Wanted, there: Mapping[str, Any], past: Past) -> Step | None:
    wanted, found = told(ours.dataset), told(there)
    differences = differing(wanted, found)
    kept_less = past.sent == digest(wanted) and past.written == digest(found)
    if not differences or kept_less:
        return None
    kept = past.overwrite or past.written in {None, digest(found)} or (past.sent is None and _half_written(ours, found))
    if not kept:
        return Step(operation=Operation.REFUSE, reason=CHANGED_THERE.format(fields=", ".join(differences)), differences=differences)
    return Step(operation=Operation.UPDATE, reason=f"Cambió: {', '.join(differences)}.", differences=differences)


def _same(there: Mapping[str, Any], *, may_publish: bool) -> Step:
    if there.get("private") and may_publish:
        return Step(operation=Operation.PUBLISH, reason="Allá es privado todavía.")
    return Step(operation=Operation.NOTHING, reason="Allá dice lo mismo que aquí.")


def _half_written(ours: Wanted, found: Mapping[str, Any]) -> bool:
    """Whether what is there is ours but for files that had not arrived."""
    wanted = told(ours.dataset)
    if set(differing(wanted, found)) != {"resources"}:
        return False
    arrived = {each[FILE_IDENTITY]: each for each in found["resources"]}
    files = {each[FILE_IDENTITY]: each for each in wanted["resources"]}
    waiting = {key for key, each in files.items() if arrived.get(key) != each}
    same = all({**arrived.get(key, files[key]), FILE_HASH: files[key][FILE_HASH]} == files[key] for key in waiting)
    return same and waiting <= ours.files.keys() and arrived.keys() <= files.keys()


def _stranger(ours: Wanted | None, there: Mapping[str, Any], past: Past, guid: str) -> Step:
    if ours is None and past.written:
        return Step(operation=Operation.REFUSE, reason=LOST_THERE.format(name=there.get("name"), guid=guid))
    if ours is None:
        return Step(operation=Operation.NOTHING, reason="Aquí no es público, y lo que hay allá con ese nombre no es nuestro.")
    return Step(operation=Operation.REFUSE, reason=NOT_OURS.format(name=there.get("name")))


def _guid(dataset: Mapping[str, Any]) -> str | None:
    extras: Any = dataset.get("extras") or []
    return next((str(each["value"]) for each in extras if each["key"] == IDENTITY), None)
