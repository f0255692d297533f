"""The datasets and files of another CKAN: asked of its Action API, or read from a dump of it."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import requests

Data = dict[str, Any]
#: Datasets in one answer.
PAGE = 100
#: Seconds to connect, and between two pieces of an answer.
PATIENCE_S = (10, 60)
#: An answer of `PAGE` datasets is smaller.
MOST_BYTES = 200 * 2**20
_PIECE = 2**16


class PortalError(Exception):
    """The other portal, or its dump, cannot be read; the text says why and what to do."""


def datasets_of(source: str) -> Iterator[Data]:
    """Every public dataset of a portal's address, or of a file: JSON lines as `ckanapi dump` writes, a list, or a search's answer.

    Raises:
        PortalError: it cannot be read.
    """
    yield from _asked(source.rstrip("/")) if is_address(source) else _dumped(Path(source))


def is_address(source: str) -> bool:
    """Whether it is an address rather than a file."""
    return urlsplit(source).scheme in {"http", "https"}


def fetched(address: str, portal: str, most_bytes: int) -> IO[bytes]:
    """A file of the portal itself, in a temporary file, at its beginning. Redirects are not followed: they may lead anywhere.

    Raises:
        PortalError: it is another's, too large, or not given.
    """
    if urlsplit(address)[:2] != urlsplit(portal)[:2]:
        raise PortalError("no es de ese portal")
    file = tempfile.TemporaryFile()  # noqa: SIM115  # whoever asked for it closes it
    try:
        _read(address, file, most_bytes)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _asked(portal: str) -> Iterator[Data]:
    seen: set[str] = set()
    while True:
        # By the moment of creation: a dataset that is edited meanwhile keeps its place.
        query = f"rows={PAGE}&start={len(seen)}&sort=metadata_created+asc,id+asc"
        answer = _json(f"{portal}/api/3/action/package_search?{query}")
        found = answer.get("result", {}).get("results") if isinstance(answer, dict) and answer.get("success") else None
        if not isinstance(found, list):
            raise PortalError(f"{portal} no contesta como un CKAN; revise la dirección, sin /dataset ni /api.")
        new = [each for each in found if each.get("id") not in seen]
        yield from new
        seen |= {each["id"] for each in new}
        if not new:
            return


def _json(address: str) -> Any:
    with tempfile.TemporaryFile() as file:
        try:
            _read(address, file, MOST_BYTES)
            file.seek(0)
            return json.load(file)
        except ValueError:
            raise PortalError(f"{address} no contesta JSON; revise la dirección del portal.") from None


def _read(address: str, file: IO[bytes], most_bytes: int) -> None:
    try:
        with requests.get(address, stream=True, timeout=PATIENCE_S, allow_redirects=False) as answer:
            if answer.status_code != requests.codes.ok:
                raise PortalError(f"{address} contesta {answer.status_code}")
            for piece in answer.iter_content(_PIECE):
                file.write(piece)
                if file.tell() > most_bytes:
                    raise PortalError(f"mide más de {most_bytes // 2**20} MB")
    except requests.RequestException as error:
        raise PortalError(f"{address} no contesta ({type(error).__name__}); vuelva a intentarlo.") from None


def _dumped(path: Path) -> Iterator[Data]:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8-sig") as file:
            text = file.read(1)
            file.seek(0)
            yield from _listed(json.load(file)) if text == "[" else _lines(file)
    except (OSError, ValueError) as error:
        raise PortalError(f"{path.name} no es un volcado de CKAN ({error}); use el de `ckanapi dump datasets`.") from None


def _lines(file: IO[str]) -> Iterator[Data]:
    for line in file:
        if line.strip():
            yield from _listed(json.loads(line))


def _listed(value: Any) -> list[Data]:
    """Datasets of a list, of a search's answer, or the one that it is."""
    if isinstance(value, dict) and isinstance(value.get("result"), dict):
        value = value["result"]
    if isinstance(value, dict) and isinstance(value.get("results"), list):
        value = value["results"]
    found = value if isinstance(value, list) else [value]
    if not all(isinstance(each, dict) for each in found):
        raise ValueError("no son conjuntos")
    return found
