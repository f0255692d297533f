"""What an approval freezes: an explicit list of fields, the same for SQL and for dictionaries.

Fields that machines write are left out on purpose: `datastore_active`, xloader's `hash` and `last_modified`,
views, counters, `metadata_modified`; so are `private` and `state`, which the release itself sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: Columns of `package`.
PACKAGE_COLUMNS = (
    "name", "title", "version", "url", "author", "author_email", "maintainer", "maintainer_email",
    "notes", "license_id", "type", "owner_org",
)
#: Columns of `resource`. The file's bytes stand for themselves as `sha256`, which is an extra.
RESOURCE_COLUMNS = (
    "id", "name", "description", "url", "url_type", "format", "mimetype", "mimetype_inner", "resource_type", "size",
)
#: Keys of a resource's extras that machines write.
MACHINE_RESOURCE_EXTRAS = (
    "datastore_active", "datastore_contains_all_records_of_source_file", "ckan_url", "original_url", "hash",
    "task_created", "tracking_summary", "_original_url", "validation_status", "validation_timestamp",
    # What xloader leaves of its job.
    "ignore_hash", "queue_name", "resource_id", "set_url_type",
)
#: Keys that CKAN adds to a dataset's dictionary and nobody edits.
DERIVED_PACKAGE_KEYS = frozenset({
    "id", "private", "state", "metadata_created", "metadata_modified", "creator_user_id", "isopen", "license_title", "license_url",
    "num_resources", "num_tags", "organization", "relationships_as_object", "relationships_as_subject", "tracking_summary",
    "plugin_data", "revision_id", "resources", "tags", "groups", "extras", "tag_string",
    # What the form sends besides.
    "pkg_name", "save", "_ckan_phase", "log_message",
})
DERIVED_RESOURCE_KEYS = frozenset({
    *MACHINE_RESOURCE_EXTRAS, "package_id", "created", "last_modified", "metadata_modified", "position", "state", "cache_url",
    "cache_last_updated", "revision_id", "has_views", "on_same_domain", "upload", "clear_upload", "save", "url",
})


#: Places of the canonical content, as `model/content.py` builds it.
FIELDS, EXTRAS, RESOURCES, TAGS, THEMES = range(5)


@dataclass(frozen=True, kw_only=True)
class File:
    """An uploaded file of a dataset, known by its bytes."""

    resource_id: str
    name: str
    sha256: str
    size: int | None


def files_of(resources: Iterable[Mapping[str, Any]]) -> Iterator[File]:
    """The files among the resources of a canonical content; older uploads, which have no hash, are left out."""
    for resource in resources:
        extras: Mapping[str, Any] = resource.get("extras") or {}
        sha256 = extras.get("sha256")
        if resource.get("url_type") == "upload" and sha256:
            name = str(resource.get("url") or "").rsplit("/", 1)[-1]
            yield File(resource_id=resource["id"], name=name, sha256=sha256, size=resource.get("size"))


def differences(stored: Mapping[str, Any], incoming: Mapping[str, Any]) -> list[str]:
    """Names of the frozen fields that an update would change.

    Args:
        stored: the dataset as `package_show` gives it.
        incoming: what was sent to `package_update`; without `resources` or `groups` these stay as they are.
    """
    found = [key for key in sorted(_keys(stored) | _keys(incoming)) if _plain(stored.get(key)) != _plain(incoming.get(key))]
    sent = {**_ABSENT, **_tags_of_form(incoming), **incoming}
    for part, read in _PARTS.items():
        if part in sent and read(stored.get(part) or []) != read(sent[part] or []):
            found.append(part)
    return found


#: What CKAN empties when an update leaves it out; resources and groups it keeps.
_ABSENT: Mapping[str, Any] = {"tags": [], "extras": []}


def _tags_of_form(incoming: Mapping[str, Any]) -> dict[str, Any]:
    if "tag_string" not in incoming:
        return {}
    return {"tags": [{"name": name.strip()} for name in str(incoming["tag_string"] or "").split(",") if name.strip()]}


def _keys(dataset: Mapping[str, Any]) -> set[str]:
    return {key for key in dataset if key not in DERIVED_PACKAGE_KEYS and not key.startswith("__")}


def _plain(value: Any) -> Any:
    """Absent, null and empty are one to CKAN's forms."""
    return None if value in (None, "", [], {}, "null") else value


def _tags(tags: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted(str(tag.get("name")) for tag in tags)


def _groups(groups: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted(str(group.get("name") or group.get("id")) for group in groups)


def _extras(extras: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return sorted((str(extra.get("key")), str(extra.get("value"))) for extra in extras)


def _resources(resources: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [_resource(resource) for resource in resources]


def _resource(resource: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: _plain(value) for key, value in resource.items() if key not in DERIVED_RESOURCE_KEYS}
    if resource.get("upload"):
        kept["upload"] = "a new file"
    # CKAN shows an uploaded file's full address and stores its bare name.
    kept["url"] = str(resource.get("url") or "").rsplit("/", 1)[-1] if resource.get("url_type") == "upload" else resource.get("url")
    return {key: value for key, value in kept.items() if value is not None}


_PARTS = {"resources": _resources, "tags": _tags, "groups": _groups, "extras": _extras}
