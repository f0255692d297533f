"""One copy, brought in step: compared, then the one thing done, then read back. A dry run is the same path without the doing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import storage
from ckanext.edomex.adapters.vocabularies import mapping as column
from ckanext.edomex.outbound import config
from ckanext.edomex.outbound.domain import answers, comparison
from ckanext.edomex.outbound.domain.comparison import Past, Step
from ckanext.edomex.outbound.domain.copies import Operation, State
from ckanext.edomex.outbound.domain.mapping import FILE_HASH, FILE_IDENTITY, Gate, Wanted, digest, known_by, name_of, told, wanted
from ckanext.edomex.outbound.logic.ckan_api import CkanApi, NotThereError, TroubleError
from ckanext.edomex.outbound.logic.origins import came_from
from ckanext.edomex.outbound.model import Copy, Target

Data = dict[str, Any]
#: Keeps, at once, the digest of what is there now of ours; until the step is done a write of ours may be half there.
Noted = Callable[[str | None], None]


@dataclass(frozen=True, kw_only=True)
class Done:
    """What became of a copy."""

    step: Step
    state: State
    remote_name: str
    sent: str | None = None
    written: str | None = None


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Both sides of a copy."""

    name: str
    ours: Wanted | None
    theirs: Data | None
    step: Step


def look(api: CkanApi, target: Target, copy: Copy) -> Seen:
    """Compare; nothing is written anywhere."""
    dataset, gate = _public(copy.package_id), gate_of(target)
    # What we sent before we knew is withdrawn with it.
    if dataset is not None and came_from(target.url, copy.package_id):
        return Seen(name=copy.remote_name, ours=None, theirs=None, step=comparison.FROM_THERE)
    name = copy.remote_name or (name_of(copy.package_id, str(dataset["name"])) if dataset else "")
    if not name:
        # It was never there, and is no more here.
        return Seen(name="", ours=None, theirs=None, step=comparison.step(None, None, Past(), guid="", may_publish=False))
    ours = wanted(dataset, gate) if dataset else None
    if ours is not None:
        # What it was called when it was sent first stays: a new name here is no second dataset there.
        ours.dataset["name"] = name
    theirs = api.show(name)
    past = Past(sent=copy.sent, written=copy.written, overwrite=copy.overwrite)
    guid = known_by(copy.package_id, gate.base)
    step = comparison.step(ours, theirs, past, guid=guid, may_publish=target.may_publish)
    return Seen(name=name, ours=ours, theirs=theirs, step=step)


def bring_in_step(api: CkanApi, target: Target, copy: Copy, note: Callable[[str, str | None], None]) -> Done:
    """Compare, do what is to do, and read back what is there now. TroubleError; whatever was done until then is found next time.

    Args:
        api: the target, spoken to.
        target: its settings.
        copy: what is known of the copy.
        note: keeps the copy's name there and what was written, whatever becomes of the rest.
    """
    seen = look(api, target, copy)
    DOING[seen.step.operation](api, target, seen, partial(note, seen.name))
    if seen.step.operation == Operation.REFUSE:
        return Done(step=seen.step, state=State.REFUSED, remote_name=seen.name, sent=copy.sent, written=copy.written)
    if seen.ours is None:
        return Done(step=seen.step, state=State.WITHDRAWN, remote_name=seen.name)
    there = seen.theirs if seen.step.operation == Operation.NOTHING else api.show(seen.name)
    if there is None:
        return Done(step=seen.step, state=State.SENT, remote_name=seen.name)
    state = State.PRIVATE_THERE if there.get("private") else State.PUBLIC_THERE
    return Done(step=seen.step, state=state, remote_name=seen.name, sent=digest(told(seen.ours.dataset)), written=digest(told(there)))


def gate_of(target: Target) -> Gate:
    """A target's gate, with the vocabulary's groups where it names none of its own."""
    return Gate(
        base=config.site_url(), organization=target.organization, groups={**column("temas", "pnda"), **target.groups},
        formats=frozenset(target.formats), sends_files=target.sends_files,
    )  # fmt: skip


def _public(package_id: str) -> Data | None:
    """The dataset as anybody sees it; None for what nobody may."""
    anybody = Context(user="", ignore_auth=False, auth_user_obj=None, use_cache=False)  # type: ignore[typeddict-unknown-key]
    try:
        shown = tk.get_action("package_show")(anybody, {"id": package_id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None
    return shown if shown.get("state") == "active" and not shown.get("private") else None


def _create(api: CkanApi, target: Target, seen: Seen, noted: Noted) -> None:
    """Private first: whoever runs the target sees it before its readers do."""
    assert seen.ours is not None
    noted(None)
    links = [each for each in seen.ours.dataset["resources"] if each[FILE_IDENTITY] not in seen.ours.files]
    dataset = {**seen.ours.dataset, "private": True, "resources": links}
    if seen.theirs is not None:
        # Withdrawn before: its name and address are waiting there.
        there = api.call("package_update", **_over(dataset, seen.theirs), id=seen.theirs["id"], state="active")
    else:
        there = _made(api, dataset)
    noted(digest(told(there)))
    _send_files(api, seen.ours, there, noted)
    _publish(api, target, seen, noted)


def _made(api: CkanApi, dataset: Data) -> Data:
    try:
        return api.call("package_create", **dataset)
    except TroubleError as error:
        if error.trouble.of_target or api.show(dataset["name"]) is None:
            raise
        # It came while we looked: a loop that died had asked for it. The next comparison finds it.
        raise TroubleError(answers.UNAVAILABLE) from error


def _update(api: CkanApi, target: Target, seen: Seen, noted: Noted) -> None:
    assert seen.ours is not None
    assert seen.theirs is not None
    dataset = {**_over(seen.ours.dataset, seen.theirs), "id": seen.theirs["id"]}
    noted(digest(told(seen.theirs)))
    there = api.call("package_update", **dataset)
    noted(digest(told(there)))
    _send_files(api, seen.ours, there, noted)
    if there.get("private"):
        _publish(api, target, seen, noted)


def _publish(api: CkanApi, target: Target, seen: Seen, _noted: Noted) -> None:
    if target.may_publish:
        api.call("package_patch", id=seen.name, private=False)


def _delete(api: CkanApi, _target: Target, seen: Seen, _noted: Noted) -> None:
    """Hide first, at once; then delete. Where deleting is not ours to do, hidden is what counts."""
    api.call("package_patch", id=seen.name, private=True)
    try:
        api.call("package_delete", id=seen.name)
    except NotThereError:
        return
    except TroubleError as error:
        if error.trouble.of_target:
            raise


def _nothing(_api: CkanApi, _target: Target, _seen: Seen, _noted: Noted) -> None:
    pass


DOING: Mapping[Operation, Callable[[CkanApi, Target, Seen, Noted], None]] = MappingProxyType({
    Operation.CREATE: _create,
    Operation.UPDATE: _update,
    Operation.PUBLISH: _publish,
    Operation.DELETE: _delete,
    Operation.NOTHING: _nothing,
    Operation.REFUSE: _nothing,
})


def _over(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Data:
    """Ours over theirs: their ids, and what they added, stay; a file of ours that is gone here goes there."""
    known = {str(each[FILE_IDENTITY]): each for each in theirs.get("resources") or [] if each.get(FILE_IDENTITY)}
    added = [each for each in theirs.get("resources") or [] if not each.get(FILE_IDENTITY)]
    names = {each["key"] for each in ours["extras"]}
    extras = [each for each in theirs.get("extras") or [] if each["key"] not in names]
    files = [_file_over(each, known.get(each[FILE_IDENTITY])) for each in ours["resources"]]
    kept = {key: theirs[key] for key in ("private", "author", "author_email", "maintainer", "maintainer_email") if key in theirs}
    return {**kept, **ours, "extras": [*ours["extras"], *extras], "resources": [*filter(None, files), *added]}


def _file_over(ours: Mapping[str, Any], theirs: Mapping[str, Any] | None) -> Data | None:
    if ours.get("url_type") != "upload":
        return {**ours, **({"id": theirs["id"]} if theirs else {})}
    # Bytes travel apart; until they are there the copy says of which file it is, and a crash in between is seen.
    return {**ours, **{key: theirs[key] for key in ("id", "url", FILE_HASH) if key in theirs}} if theirs else None


def _send_files(api: CkanApi, ours: Wanted, theirs: Mapping[str, Any], noted: Noted) -> None:
    rows = {each["id"]: each for each in theirs.get("resources") or []}
    there = {str(each[FILE_IDENTITY]): each for each in rows.values() if each.get(FILE_IDENTITY)}
    for resource in ours.dataset["resources"]:
        sha256, old = ours.files.get(resource[FILE_IDENTITY]), there.get(resource[FILE_IDENTITY])
        if sha256 is None or (old is not None and old.get(FILE_HASH) == sha256):
            continue
        size = storage.size_of(sha256)
        if size is None:
            raise TroubleError(answers.LOST_FILE)
        values = {key: text for key, text in resource.items() if key not in {"url", "url_type"}}
        action, whose = ("resource_patch", {"id": old["id"]}) if old else ("resource_create", {"package_id": str(theirs["id"])})
        name = f"{resource['name']}.{resource['format'].lower() or 'dat'}"
        sent = api.send_file(action, {**values, **whose}, name, storage.read(sha256), size)
        rows[sent["id"]] = sent
        noted(digest(told({**theirs, "resources": list(rows.values())})))
