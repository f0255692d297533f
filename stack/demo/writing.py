"""Writes rows as the files that a portal publishes: RFC 4180 CSV and GeoJSON, in UTF-8."""

import csv
import io
import json
from collections.abc import Sequence

Row = dict[str, str | int | float]

COORDINATES = ("longitud", "latitud")


def as_csv(rows: Sequence[Row]) -> bytes:
    """Rows as comma-separated UTF-8 with one header row, lines ending as RFC 4180 asks."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def as_points(rows: Sequence[Row]) -> bytes:
    """Rows as a GeoJSON collection of points, one feature a line so that versions can be compared."""
    features = ",\n".join(json.dumps(_point(row), ensure_ascii=False, separators=(",", ":")) for row in rows)
    return f'{{"type":"FeatureCollection","features":[\n{features}\n]}}\n'.encode()


def column_names(content: bytes) -> list[str]:
    """The header of a file that this module wrote, or the names of its features' properties."""
    text = content.decode("utf-8")
    if text.startswith("{"):
        return list(json.loads(text)["features"][0]["properties"])
    return next(csv.reader(io.StringIO(text)))


def _point(row: Row) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {column: value for column, value in row.items() if column not in COORDINATES},
        "geometry": {"type": "Point", "coordinates": [row[axis] for axis in COORDINATES]},
    }
