"""A public dataset of ours as a CKAN elsewhere takes it: its name there, its fields, the files that its gate lets in.

Source of the extras: what the federal CKAN kept of catalogues from 2015 on (`guid`, `dcat_issued`, `frequency`…); of the gate and of
`update_frequency`: the federal platform of 2025, which takes CSV and Shapefile only.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

Data = dict[str, Any]
#: CKAN's own limit of a name.
LONGEST_NAME = 100
#: The extra by which a copy is known as ours.
IDENTITY = "guid"
#: The field of a file by which its copy is known.
FILE_IDENTITY = "edomex_id"
#: Our field → the extra that tells it there.
EXTRAS: Mapping[str, str] = {
    "issued": "dcat_issued", "modified": "dcat_modified", "frequency": "frequency", "temporal_start": "temporal_start",
    "temporal_end": "temporal_end", "contact_unit": "dcat_publisher_name", "contact_email": "dcat_publisher_email",
    "version_notes": "version_notes", "released_at": "edomex_released_at",
}  # fmt: skip
FIELDS = ("title", "notes", "url", "license_id")
#: `hash` is the loader's there; ours goes by a name of its own.
FILE_HASH = "edomex_sha256"
FILE_FIELDS = ("name", "description", "format", "update_frequency", FILE_HASH)


@dataclass(frozen=True, kw_only=True)
class Gate:
    """How a target takes datasets."""

    #: Address of our portal, no slash at the end.
    base: str
    #: Name of our organization there.
    organization: str
    #: Theme of ours → group there; a theme that is not named has none.
    groups: Mapping[str, str] = field(default_factory=dict[str, str])
    #: Formats that are let in, in capitals; empty for all.
    formats: frozenset[str] = frozenset()
    #: Whether the files themselves are sent; otherwise their addresses.
    sends_files: bool = False


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be there: `dataset` as `package_create` takes it, and why files stay behind."""

    dataset: Data
    left_out: tuple[str, ...] = ()
    #: Resource of ours → SHA-256 of its file, for those that are sent.
    files: Mapping[str, str] = field(default_factory=dict[str, str])


def wanted(dataset: Mapping[str, Any], gate: Gate) -> Wanted:
    """The copy of a public dataset, as `package_show` gives it to anybody."""
    files = [each for each in _rows(dataset.get("resources")) if _passes(each, gate)]
    left = tuple(str(each.get("name") or each.get("id")) for each in _rows(dataset.get("resources")) if not _passes(each, gate))
    sent = {str(each["id"]): str(each["sha256"]) for each in files if gate.sends_files and each.get("sha256")}
    copy: Data = {
        "name": name_of(str(dataset["id"]), str(dataset["name"])),
        "owner_org": gate.organization,
        "title": str(dataset.get("title") or dataset["name"]),
        "notes": str(dataset.get("notes") or ""),
        "url": f"{gate.base}/dataset/{dataset['name']}",
        "license_id": str(dataset.get("license_id") or ""),
        "tags": [{"name": name} for name in sorted({str(tag["name"]) for tag in _rows(dataset.get("tags"))})],
        "groups": [{"name": name} for name in _groups(dataset, gate)],
        "extras": [{"key": key, "value": value} for key, value in sorted(_extras(dataset, gate).items())],
        "resources": [_file(each, dataset, gate) for each in files],
    }
    return Wanted(dataset=copy, left_out=left, files=sent)


def name_of(dataset_id: str, name: str) -> str:
    """A name there that only this dataset has, in the federal portal's letters; the same again after a crash."""
    ending = "_" + re.sub(r"[^a-z0-9]", "", dataset_id.lower())[:12]
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "conjunto"
    return words[: LONGEST_NAME - len(ending)] + ending


def known_by(dataset_id: str, base: str) -> str:
    """The address that tells a copy of ours: the dataset's lasting one."""
    return f"{base}/dataset/{dataset_id}"


def told(dataset: Mapping[str, Any]) -> Data:
    """What a copy says, of that which we say: ours and theirs become comparable. Whatever else they added is theirs."""
    extras = {str(each["key"]): str(each["value"]) for each in _rows(dataset.get("extras"))}
    ours = {IDENTITY, *EXTRAS.values(), "theme", "spatial_text"}
    return {
        **{name: _text(dataset.get(name)) for name in FIELDS},
        "tags": sorted(str(each["name"]) for each in _rows(dataset.get("tags"))),
        "groups": sorted(str(each["name"]) for each in _rows(dataset.get("groups"))),
        "extras": {key: extras[key] for key in sorted(ours & extras.keys())},
        "resources": [_told_of_file(each) for each in _rows(dataset.get("resources")) if each.get(FILE_IDENTITY)],
    }


def digest(said: Mapping[str, Any]) -> str:
    """SHA-256 of what is told, whatever the order of its keys."""
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _told_of_file(resource: Mapping[str, Any]) -> Data:
    told = {name: _text(resource.get(name)) for name in FILE_FIELDS}
    # A file that they keep has an address of theirs, which says nothing.
    address = "" if resource.get("url_type") == "upload" else _text(resource.get("url"))
    return {**told, "url": address, FILE_IDENTITY: str(resource[FILE_IDENTITY])}


def _file(resource: Mapping[str, Any], dataset: Mapping[str, Any], gate: Gate) -> Data:
    sent = gate.sends_files and bool(resource.get("sha256"))
    return {
        FILE_IDENTITY: str(resource["id"]),
        "name": str(resource.get("name") or resource["id"]),
        "description": str(resource.get("description") or ""),
        "format": str(resource.get("format") or ""),
        "update_frequency": str(dataset.get("frequency") or ""),
        FILE_HASH: str(resource.get("sha256") or ""),
        **({"url_type": "upload", "url": ""} if sent else {"url": str(resource.get("url") or "")}),
    }


def _passes(resource: Mapping[str, Any], gate: Gate) -> bool:
    return not gate.formats or str(resource.get("format") or "").upper() in gate.formats


def _groups(dataset: Mapping[str, Any], gate: Gate) -> list[str]:
    names = [str(each["name"]) for each in _rows(dataset.get("groups"))]
    return list(dict.fromkeys(gate.groups[name] for name in names if gate.groups.get(name)))


def _extras(dataset: Mapping[str, Any], gate: Gate) -> dict[str, str]:
    found = {key: _text(dataset.get(name)) for name, key in EXTRAS.items()}
    agency: Any = dataset.get("organization") or {}
    found["dcat_publisher_name"] = _text(agency.get("title")) or found["dcat_publisher_name"]
    theme = next((_text(each.get("title")) for each in _rows(dataset.get("groups"))), "")
    return {key: text for key, text in {**found, "theme": theme, IDENTITY: known_by(str(dataset["id"]), gate.base)}.items() if text}


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _rows(value: Any) -> Sequence[Mapping[str, Any]]:
    return cast("Sequence[Mapping[str, Any]]", value) if isinstance(value, list) else []
