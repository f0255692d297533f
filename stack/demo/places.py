"""The state's municipalities and localities as INEGI gives them, and places drawn among them."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path

from .chance import Chance

DATA = Path(__file__).parent / "data"
LIMITS = DATA / "municipios-edomex.geojson"

Ring = list[list[float]]


@dataclass(frozen=True)
class Municipality:
    """One row of INEGI's count of 2020 by municipality."""

    cvegeo: str
    name: str
    seat: str
    population: int
    men: int
    women: int
    dwellings: int


@dataclass(frozen=True)
class Locality:
    """One locality of 1,000 inhabitants and more; its municipality carries the official name, with accents."""

    cvegeo: str
    municipality: Municipality
    name: str
    urban: bool
    latitude: float
    longitude: float
    altitude: int
    population: int
    dwellings: int


def read_csv(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a UTF-8 CSV file with a header."""
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


@cache
def municipalities() -> dict[str, Municipality]:
    """The 125 municipalities by INEGI key, in the order of their keys."""
    return {
        row["cvegeo"]: Municipality(
            cvegeo=row["cvegeo"],
            name=row["municipio"],
            seat=row["cabecera"],
            population=int(row["poblacion_total"]),
            men=int(row["poblacion_masculina"]),
            women=int(row["poblacion_femenina"]),
            dwellings=int(row["viviendas_habitadas"]),
        )
        for row in read_csv(DATA / "poblacion-municipal-2020.csv")
    }


@cache
def localities(within: str = "15") -> tuple[Locality, ...]:
    """The localities whose key begins with *within*: the state's, or one municipality's."""
    return tuple(
        Locality(
            cvegeo=row["cvegeo"],
            municipality=municipalities()[row["cvegeo"][:5]],
            name=row["localidad"],
            urban=row["ambito"] == "U",
            latitude=float(row["latitud"]),
            longitude=float(row["longitud"]),
            altitude=int(row["altitud"]),
            population=int(row["poblacion_total"]),
            dwellings=int(row["viviendas_habitadas"]),
        )
        for row in read_csv(DATA / "localidades-2020.csv")
        if row["cvegeo"].startswith(within)
    )


@cache
def _rings() -> dict[str, list[Ring]]:
    """All rings of each municipality's limit, outer and inner alike: counting crossings needs no more."""
    found: dict[str, list[Ring]] = {}
    for feature in json.loads(LIMITS.read_bytes())["features"]:
        shape = feature["geometry"]
        polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        found[feature["properties"]["cvegeo"]] = [ring for polygon in polygons for ring in polygon]
    return found


def inside(cvegeo: str, longitude: float, latitude: float) -> bool:
    """Whether a point lies within a municipality's simplified limit (even-odd rule)."""
    within = False
    for ring in _rings()[cvegeo]:
        for (x1, y1), (x2, y2) in pairwise(ring):
            if (y1 > latitude) != (y2 > latitude) and longitude < (x2 - x1) * (latitude - y1) / (y2 - y1) + x1:
                within = not within
    return within


@cache
def _weights(within: str) -> list[float]:
    """Running totals by which localities are drawn: by people, with something for each so that none is left out."""
    return list(
        accumulate(place.population + 0.05 * place.municipality.population + 1500 for place in localities(within))
    )


def draw_locality(chance: Chance, within: str = "15") -> Locality:
    """A locality, the populous ones more often."""
    return localities(within)[chance.index(_weights(within))]


def draw_point(chance: Chance, locality: Locality) -> tuple[float, float]:
    """Longitude and latitude, to some 11 m, near a locality and within its municipality."""
    reach = 0.015
    for _ in range(8):
        longitude = round(locality.longitude + chance.uniform(-reach, reach), 4)
        latitude = round(locality.latitude + chance.uniform(-reach, reach), 4)
        if inside(locality.municipality.cvegeo, longitude, latitude):
            return longitude, latitude
        reach *= 0.7
    return round(locality.longitude, 4), round(locality.latitude, 4)
