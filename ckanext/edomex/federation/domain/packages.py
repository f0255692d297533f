"""A record as a dataset of CKAN: in the words of the state's schema, or of a CKAN that has none of ours.

What CKAN refuses in a text (characters of a tag, of a name) is mended here; what is no address, date or mailbox is left to the
validators. The keys of extras are ckanext-dcat's, so that its feeds say again what came in.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from ckanext.edomex.federation.domain.intake import address
from ckanext.edomex.federation.domain.records import File, Record

Package = dict[str, Any]
_TAG = re.compile(r"[^\w \-.]+")
_NAME = re.compile(r"[^a-z0-9]+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DIGITS = re.compile(r"\d{1,18}")
SHORTEST_TAG, LONGEST_TAG, LONGEST_NAME = 2, 100, 100
#: Digits of a name's ending where another dataset has it already.
_ENDING = 8
#: Beginnings of Creative Commons' addresses → CKAN's ids of the licences.
COMMONS = {
    "creativecommons.org/licenses/by/": "cc-by", "creativecommons.org/licenses/by-sa/": "cc-by-sa",
    "creativecommons.org/licenses/by-nc/": "cc-nc", "creativecommons.org/publicdomain/zero/": "cc-zero",
}  # fmt: skip
#: Key of an extra → field of a record.
EXTRAS = {
    "identifier": "id", "uri": "iri", "issued": "issued", "modified": "modified", "publisher_name": "publisher",
    "contact_name": "contact", "contact_email": "contact_email", "frequency": "frequency", "language": "language",
    "temporal_start": "start", "temporal_end": "end", "access_rights": "access", "provenance": "provenance",
    "dcat_version": "version",
}  # fmt: skip


def ours(record: Record) -> Package:
    """In the words of the state's schema; `intake.in_our_words` turns the codes of authorities into ours."""
    return _without_nothing({
        "title": record.title, "notes": record.notes, "tags": [{"name": tag} for tag in tags(record.tags)],
        "license_url": record.licence, "license_id": record.licence, "url": record.page, "contact_unit": record.contact,
        "contact_email": record.contact_email, "issued": day(record.issued), "modified": day(record.modified),
        "frequency": record.frequency, "language": record.language,
        "temporal_start": day(record.start), "temporal_end": day(record.end), "spatial_keys": list(record.places),
        "access_level": record.access, "provenance": record.provenance, "documentation": list(record.documents),
        "resources": [_our_file(each) for each in record.files if each.url],
    })  # fmt: skip


def plain(record: Record, licences: Mapping[str, str]) -> Package:
    """In the words of a CKAN without a schema of its own.

    Args:
        record: the dataset.
        licences: address of a licence, as `intake.address` compares them, or its id → the site's id of it.
    """
    extras = {key: getattr(record, field) for key, field in EXTRAS.items() if getattr(record, field)}
    if record.themes:
        extras["theme"] = ", ".join(record.themes)
    if record.licence:
        extras["license_url"] = record.licence
    return _without_nothing({
        "title": record.title, "notes": record.notes, "tags": [{"name": tag} for tag in tags(record.tags)],
        "license_id": licence_id(record.licence, licences) if record.licence else None, "url": record.page,
        "extras": [{"key": key, "value": value} for key, value in sorted(extras.items())],
        "resources": [_plain_file(each) for each in record.files if each.url],
    })  # fmt: skip


def licence_id(address_or_id: str, licences: Mapping[str, str]) -> str | None:
    """The site's id of a licence; CKAN's own register has other addresses for Creative Commons' than they have."""
    key = address(address_or_id).removeprefix("www.")
    common = next((name for start, name in COMMONS.items() if key.startswith(start)), "")
    return licences.get(address(address_or_id)) or licences.get(common)


def tags(words: Iterable[str]) -> list[str]:
    """Keywords as CKAN takes them: letters, digits, spaces and `-_.`, from 2 to 100, each once."""
    found = (" ".join(_TAG.sub(" ", word).split())[:LONGEST_TAG].strip() for word in words)
    return list(dict.fromkeys(each for each in found if len(each) >= SHORTEST_TAG))


def name_of(record: Record, *, taken: bool, seed: str) -> str:
    """A dataset's name in its address: from its title, with an ending of its own where another has it."""
    text = unicodedata.normalize("NFKD", record.title.lower()).encode("ascii", "ignore").decode()
    slug = _NAME.sub("-", text).strip("-")
    ending = f"-{uuid.uuid5(uuid.NAMESPACE_URL, seed).hex[:_ENDING]}" if taken or len(slug) < SHORTEST_TAG else ""
    return f"{slug[: LONGEST_NAME - len(ending)].strip('-') or 'conjunto'}{ending}"


def day(text: str) -> str:
    """The day of an instant; anything else as it is."""
    return text[:10] if _DAY.match(text) else text


def file_id(package_id: str, file: File, number: int) -> str:
    """A lasting id for a file: from its own address or, without one, from where its data is; its place where there is neither."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{package_id} {file.id or file.url or number}"))


def with_file_ids(package: Package, package_id: str, record: Record) -> Package:
    """The same with an id for each file that the next reading gives again: views and tables of a file hang on it."""
    seen: set[str] = set()
    files = [each for each in record.files if each.url]
    for number, (resource, file) in enumerate(zip(package.get("resources", []), files, strict=True)):
        chosen = file_id(package_id, file, number)
        if chosen in seen:
            chosen = file_id(package_id, File(id=f"{file.id or file.url} {number}"), number)
        seen.add(chosen)
        resource["id"] = chosen
    return package


def _our_file(file: File) -> Package:
    return _without_nothing({
        "url": file.url, "name": file.name, "description": file.description, "format": _format(file),
    })  # fmt: skip


def _plain_file(file: File) -> Package:
    return _without_nothing({
        "url": file.url, "name": file.name, "description": file.description, "format": _format(file), "mimetype": file.media_type,
        "size": int(file.size) if _DIGITS.fullmatch(file.size) else None, "hash": file.sha256, "uri": file.id, "license": file.licence,
    })  # fmt: skip


def _format(file: File) -> str:
    return file.format or file.media_type


def _without_nothing(fields: Package) -> Package:
    return {key: value for key, value in fields.items() if value not in (None, "", [])}
