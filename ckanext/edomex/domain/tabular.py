"""Tables as people send them: the text out of the bytes, the cells out of the text, whatever program wrote them."""

from __future__ import annotations

import csv
import io
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ckanext.edomex.domain.texts import plain

#: Encodings of one byte a letter that Spanish spreadsheets come in, the likelier first.
_SINGLE_BYTE = ("cp1252", "mac_roman", "cp850", "cp437")
_SPANISH = frozenset("áéíóúüñÁÉÍÓÚÜÑ¿¡°ºª«»–—“”’")
_DELIMITERS = ",;\t|"
#: Characters of a file in which the delimiter is looked for.
_SAMPLE = 64_000
LAST_ASCII = 0x7F
MOST_ROWS, MOST_COLUMNS = 5_000, 200
#: A geometry of as many positions as are taken, or the dictionary of a wide table, written out.
LONGEST_CELL = 2_000_000
#: What a sheet may have in cells, most of them empty, and in lines: more is another program's mistake, or an attack.
MOST_CELLS, MOST_LINES = 5_000_000, 1_048_576
_WORDS = re.compile(r"[^a-z0-9]+")
#: A cell that a spreadsheet would take for a formula; a number with a sign is none. Source: OWASP, CSV injection.
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*%?")


class TableError(ValueError):
    """A file that is no table, or more of one than is taken; the text says what to do."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a table: its number in the file, the header being the first, and its cells without outer space."""

    line: int
    cells: tuple[str, ...]


def decoded(content: bytes) -> str:
    """The text of a file: by its mark, as UTF-8, or in the encoding that makes most Spanish letters of it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    high = bytes(sorted({byte for byte in content if byte > LAST_ASCII}))
    counts = {byte: content.count(byte) for byte in high}

    def spanish(encoding: str) -> int:
        return sum(count for byte, count in counts.items() if bytes([byte]).decode(encoding, "replace") in _SPANISH)

    return content.decode(max(_SINGLE_BYTE, key=spanish), "replace")


def table_of(text: str, most: int = MOST_ROWS) -> Iterator[Row]:
    """The rows of a CSV text, those that are empty left out.

    Args:
        text: the whole file.
        most: rows that are taken, the header not counted.

    Raises:
        TableError: a cell without end, or more rows or columns than are taken.
    """
    # For the whole process, so never less than others need.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_CELL))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text[:_SAMPLE]), strict=False)
    try:
        yield from limited(((reader.line_num, cells) for cells in reader), most)
    except csv.Error:
        raise TableError(f"Cerca del renglón {reader.line_num} hay comillas sin cerrar o una celda demasiado larga.") from None


def limited(
    lines: Iterator[tuple[int, Sequence[object]]], most: int = MOST_ROWS, written: Callable[[object], str] = str
) -> Iterator[Row]:
    """Rows of text out of rows of anything, as long as there are not too many, and not too much of nothing between them."""
    kept = seen = 0
    for line, cells in lines:
        seen += len(cells)
        if seen > MOST_CELLS or line > MOST_LINES:
            raise TableError("La hoja tiene demasiadas celdas vacías; copie solo la tabla a un libro nuevo.")
        texts = [unicodedata.normalize("NFC", "" if cell is None else written(cell)).strip() for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if not texts:
            continue
        if len(texts) > MOST_COLUMNS:
            raise TableError(f"El renglón {line} tiene más de {MOST_COLUMNS} columnas.")
        kept += 1
        if kept > most + 1:
            raise TableError(f"Tiene más de {most} renglones; divida el archivo.")
        yield Row(line=line, cells=tuple(texts))


def header_key(text: str) -> str:
    """A header as it is compared: lower case, no accents, one space between words."""
    return _WORDS.sub(" ", plain(text)).strip()


def header_skeleton(text: str) -> str:
    """A header without the letters that bad encodings mangle: «Razón», «RazÃ³n» and «Raz?n» are one."""
    return _WORDS.sub(" ", text.casefold()).strip()


def guarded(text: str) -> str:
    """A cell for a spreadsheet of ours, that no program takes for a formula; data of others are never changed."""
    return f"'{text}" if _runs(text) else text


def unguarded(text: str) -> str:
    """A cell as it was before `guarded`."""
    return text[1:] if text.startswith("'") and _runs(text) else text


def _runs(text: str) -> bool:
    """Whether a program would run it, or would if the marks before it were gone."""
    bare = text.lstrip("'")
    return bool(_FORMULA.match(bare)) and not _NUMBER.fullmatch(bare)


def _delimiter(sample: str) -> str:
    """The delimiter that splits the first lines into most columns, the same number in each."""

    def score(delimiter: str) -> tuple[int, int]:
        lines = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        try:
            widths = [len(cells) for cells in itertools.islice(lines, 20)]
        except csv.Error:
            return (0, 0)
        first = widths[0] if widths else 1
        return (min(first, 3), sum(width == first for width in widths)) if first > 1 else (0, 0)

    return max(_DELIMITERS, key=score)
