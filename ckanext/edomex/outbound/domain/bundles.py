"""A parcel for a portal that is written to by hand: which files go in, under which names, and what is said of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: Names in the parcel. ADELA's, for whoever loads it there knows that one.
CATALOGUE, PLAN, CONTENTS, FILES = "catalogo.json", "plan-de-apertura.csv", "contenido.csv", "archivos"
HEADER = ("archivo", "conjunto", "recurso", "formato", "bytes", "sha256", "por que no va")
LONGEST_NAME = 80
OTHER_FORMAT, LINK, GONE = "el destino no acepta este formato", "es un enlace, no un archivo", "el archivo no se encontró"
FROM_THERE = "vino de ese portal; no se le devuelve"
_PLAIN = re.compile(r"[^a-z0-9.]+")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One resource of a public dataset: the name that its file has in the parcel, or why it stays here."""

    dataset: str
    resource: str
    format: str
    sha256: str = ""
    path: str = ""
    left_out: str = ""


def items(datasets: Sequence[Mapping[str, Any]], formats: Sequence[str], theirs: Collection[str] = ()) -> Iterator[Item]:
    """Each resource of these datasets.

    Args:
        datasets: as `package_show` gives them.
        formats: that the target takes, in capitals; empty for all.
        theirs: ids of those that came from the target.
    """
    taken: set[str] = set()
    for number, dataset in enumerate(datasets, 1):
        folder = f"{FILES}/{number:04d}-{_name(str(dataset['title']))}"
        for resource in dataset["resources"]:
            told = str(resource.get("format") or "").upper()
            known = {"dataset": str(dataset["title"]), "resource": str(resource.get("name") or ""), "format": told}
            why = FROM_THERE if dataset.get("id") in theirs else _stays(resource, told, formats)
            if why:
                yield Item(left_out=why, **known)
                continue
            path = _free(f"{folder}/{_name(str(resource['url']).rsplit('/', 1)[-1])}", taken)
            yield Item(sha256=str(resource["sha256"]), path=path, **known)


def _stays(resource: Mapping[str, Any], told: str, formats: Sequence[str]) -> str:
    return LINK if not resource.get("sha256") else OTHER_FORMAT if formats and told not in formats else ""


def row(item: Item, size: int | None) -> list[str]:
    """What the list of contents says of it."""
    return [item.path, item.dataset, item.resource, item.format, "" if size is None else str(size), item.sha256, item.left_out]


def _name(text: str) -> str:
    """A name that every file system takes: plain letters, digits and hyphens, the ending kept."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    stem, dot, ending = _PLAIN.sub("-", plain).strip("-.").rpartition(".")
    return f"{stem[:LONGEST_NAME].strip('-')}{dot}{ending}" if dot else ending[:LONGEST_NAME].strip("-") or "sin-nombre"


def _free(path: str, taken: set[str]) -> str:
    stem, dot, ending = path.rpartition(".")
    found, number = path, 1
    while found in taken:
        number += 1
        found = f"{stem}-{number}{dot}{ending}" if dot else f"{path}-{number}"
    taken.add(found)
    return found
