"""Vocabularies as data: CSV files that an operator may edit, ours or, name by name, those of a folder of theirs."""

from __future__ import annotations

import csv
import functools
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from ckan.exceptions import CkanConfigurationException
from ckan.lib.io import get_ckan_temp_directory
from ckan.plugins import toolkit as tk

from ckanext.edomex.domain.vocabularies import SPECS, Fault

FOLDER = Path(__file__).parent.parent / "schemas" / "vocabularies"
OPTION = "ckanext.edomex.vocabularies_folder"

Rows = tuple[dict[str, str], ...]


class UnreadableError(ValueError):
    """A vocabulary's file is not in UTF-8, as one that a spreadsheet saved in its own way; the text names it and says what to do."""

    def __init__(self, name: str) -> None:
        self.fault = Fault(name=name, line=0, message="no está en UTF-8; ábralo en la hoja de cálculo y guárdelo como CSV UTF-8.")
        super().__init__(str(self.fault))


def vocabulary(name: str) -> Rows:
    """Rows of a vocabulary, in its file's order. KeyError for a name that is none."""
    return _read(path_of(name))


def choices(name: str) -> dict[str, str]:
    """Code → label, in the vocabulary's order. One dictionary for all who ask: not to be changed."""
    return _choices(name, path_of(name))


def formats() -> Mapping[str, str]:
    """Whatever a format is called, in capitals → its label. One mapping for all who ask: each file of a dataset does."""
    return _formats(path_of("formatos"))


def mapping(name: str, column: str) -> Mapping[str, str]:
    """Code → what a column says, where it says something."""
    return {row[SPECS[name].key]: row[column] for row in vocabulary(name) if row[column]}


def everything() -> dict[str, Rows]:
    """All vocabularies whose file is there."""
    return {name: _read(path) for name in SPECS if (path := path_of(name)).exists()}


def readable() -> tuple[dict[str, Rows], list[Fault]]:
    """The same, and what is wrong with those whose file is there and cannot be read."""
    tables: dict[str, Rows] = {}
    wrong: list[Fault] = []
    for name in SPECS:
        try:
            if (path := path_of(name)).exists():
                tables[name] = _read(path)
        except UnreadableError as error:
            wrong.append(error.fault)
    return tables, wrong


def path_of(name: str) -> Path:
    """The file of a vocabulary: the operator's, if their folder has one of this name."""
    if name not in SPECS:
        raise KeyError(name)
    return _path_of(name, tk.config.get(OPTION) or "")


def licence_register() -> Path:
    """The licences in the form that CKAN reads, in a file of its own; made anew at each start.

    Raises:
        CkanConfigurationException: the operator's file cannot be read; CKAN ends with the text alone.
    """
    try:
        licences = vocabulary("licencias")
    except UnreadableError as error:
        raise CkanConfigurationException(str(error)) from None
    rows = [
        {
            "id": row["id"], "title": row["title"], "url": row["url"], "maintainer": row["maintainer"], "family": "",
            "status": "active", "od_conformance": row["od_conformance"], "osd_conformance": "not reviewed", "is_generic": False,
            "domain_content": True, "domain_data": True, "domain_software": row["domain_software"] == "yes",
        }
        for row in licences
    ]  # fmt: skip
    folder = Path(get_ckan_temp_directory())
    path = folder / "edomex-licencias.json"
    # Another process may be reading it: never half a file.
    with tempfile.NamedTemporaryFile("w", dir=folder, encoding="utf-8", delete=False) as draft:
        json.dump(rows, draft, ensure_ascii=False)
    Path(draft.name).chmod(0o644)
    Path(draft.name).replace(path)
    return path


@functools.cache
def _path_of(name: str, folder: str) -> Path:
    own = Path(folder, f"{name}.csv") if folder else None
    return own if own and own.exists() else FOLDER / f"{name}.csv"


@functools.cache
def _choices(name: str, path: Path) -> dict[str, str]:
    spec = SPECS[name]
    return {row[spec.key]: row[spec.label] for row in _read(path)}


@functools.cache
def _formats(path: Path) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for row in _read(path):
        for word in (row["code"], row["label"].upper(), *row["aliases"].split()):
            # Of two that claim a word the first has it.
            found.setdefault(word, row["label"])
    return MappingProxyType(found)


@functools.cache
def _read(path: Path) -> Rows:
    try:
        # Excel puts a mark of its own before the first column's name.
        with path.open(encoding="utf-8-sig", newline="") as file:
            return tuple(csv.DictReader(file))
    except UnicodeDecodeError:
        raise UnreadableError(path.stem) from None
