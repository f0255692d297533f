"""What comes from elsewhere, in our words: codes of authorities become ours, lists of links become rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

#: A dataset's field → the vocabulary whose EU code it may hold, as an IRI or by itself.
AUTHORITIES = {"frequency": "frequencies", "language": "languages", "access_level": "access"}
LONGEST_TITLE = 200


def in_our_words(dataset: Mapping[str, Any], codes: Mapping[str, Mapping[str, str]], licences: Mapping[str, str]) -> dict[str, Any]:
    """The dataset with codes of ours in the place of authorities' and of licences' addresses.

    Args:
        dataset: as ckanext-dcat's parser makes one.
        codes: for each of `AUTHORITIES`, EU code → our code.
        licences: address of a licence, without scheme and last slash → our id.
    """
    found = dict(dataset)
    for field, table in AUTHORITIES.items():
        code = _last(found.get(field))
        if code in codes[table]:
            found[field] = codes[table][code]
    licence = found.get("license_id") or found.get("license_url")
    if isinstance(licence, str) and address(licence) in licences:
        found["license_id"] = licences[address(licence)]
    links: Any = found.get("documentation")
    if isinstance(links, list) and links and isinstance(links[0], str):
        texts = [str(link) for link in cast("list[Any]", links)]
        found["documentation"] = [{"title": link.rstrip("/").rsplit("/", 1)[-1][:LONGEST_TITLE], "url": link} for link in texts]
    return found


def address(text: str) -> str:
    """An address as it is compared."""
    return text.strip().removeprefix("https://").removeprefix("http://").rstrip("/").lower()


def _last(value: Any) -> str:
    """The last word of an IRI, or of the first of several."""
    items = cast("list[Any]", value) if isinstance(value, list) else [value]
    return str((items or [""])[0] or "").rstrip("/").rsplit("/", 1)[-1]
