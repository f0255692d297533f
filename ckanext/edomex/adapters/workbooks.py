"""Files of tables in and out: CSV of any dialect, XLSX that may be an attack."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook, load_workbook

from ckanext.edomex.domain.tabular import MOST_ROWS, Row, TableError, decoded, guarded, limited, table_of

LARGEST_FILE = 20 * 2**20
#: What an XLSX may unpack to, and how many times its size: a bomb is small outside. Source: the notes, quality 1.6.
LARGEST_UNPACKED, MOST_RATIO, MOST_PARTS = 200 * 2**20, 200, 2_000
#: Characters of a cell of Excel.
LONGEST_OF_WORKBOOK = 32_767
_NO_TABLE = "El archivo no es una tabla que se pueda leer; guárdelo como CSV o XLSX e inténtelo de nuevo."


def rows_of(content: bytes, most: int = MOST_ROWS) -> list[Row]:
    """The rows of a CSV or XLSX file, header included; of a workbook, those of its first sheet that has any.

    Args:
        content: the file.
        most: rows that are taken, the header not counted.

    Raises:
        TableError: too large, damaged, or no table.
    """
    if len(content) > LARGEST_FILE:
        raise TableError(f"El archivo pesa más de {LARGEST_FILE // 2**20} MB; divídalo.")
    if not content.strip():
        raise TableError("El archivo está vacío.")
    rows = list(_workbook(content, most) if content.startswith(b"PK") else _text(content, most))
    if not rows:
        raise TableError("El archivo no tiene renglones.")
    return rows


def csv_of(rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with the mark that makes Excel read accents; cells that look like formulas are guarded."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([guarded(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def xlsx_of(rows: Iterable[Sequence[str]], title: str) -> bytes:
    """A workbook of one sheet, all cells text.

    Raises:
        TableError: a cell is longer than a workbook's may be; it would be cut without a word.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    for row in rows:
        cells = [guarded(cell) for cell in row]
        if any(len(cell) > LONGEST_OF_WORKBOOK for cell in cells):
            raise TableError("Una celda (un diccionario o una geometría) no cabe en un libro de Excel; descárguelo como CSV.")
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text(content: bytes, most: int) -> Iterator[Row]:
    if b"\x00" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TableError(_NO_TABLE)
    return table_of(decoded(content), most)


def _workbook(content: bytes, most: int) -> Iterator[Row]:
    try:
        _refuse_bomb(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            # What a sheet says of its own size may be a lie that costs gigabytes.
            sheet.reset_dimensions()
            lines: Iterator[tuple[int, Sequence[Any]]] = enumerate(sheet.iter_rows(values_only=True), start=1)
            rows = list(limited(lines, most, _cell))
            if rows:
                return iter(rows)
    except TableError:
        raise
    except Exception:  # noqa: BLE001  # openpyxl has no error of its own for the many ways in which a workbook may be broken
        raise TableError(_NO_TABLE) from None
    return iter(())


def _refuse_bomb(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED or unpacked > MOST_RATIO * max(len(content), 2**16):
        raise TableError("El libro se desempaca a un tamaño que no se acepta; guárdelo como CSV.")


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
