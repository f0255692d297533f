"""Catalogues as another portal writes them, and a web server on loopback that sends them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ckanext.edomex.tests.loopback import reply, web

__all__ = ["reply", "web"]
PREFIXES = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
"""


def dataset(number: int, title: str = "", base: str = "https://datos.municipio.example.org") -> str:
    """A dataset of two files in Turtle."""
    node = f"{base}/dataset/{number}"
    return f"""<{node}> a dcat:Dataset; dct:title "{title or f'Conjunto {number}'}"@es; dct:description "Lo que dice el {number}."@es;
  dct:identifier "{number}"; dcat:keyword "agua", "pozos"; dct:license <https://creativecommons.org/licenses/by/4.0/>;
  dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/ANNUAL>; dct:issued "2024-05-01T10:00:00";
  dct:publisher [ foaf:name "Ayuntamiento de ejemplo" ];
  dcat:distribution <{node}/a>, [ a dcat:Distribution; dcat:accessURL <{node}/b.csv>; dct:format "CSV" ] .
<{node}/a> a dcat:Distribution; dct:title "Tabla"@es; dcat:downloadURL <{node}/a.csv>; dcat:mediaType "text/csv" .
"""


def catalogue(*numbers: int, **titles: str) -> str:
    """A catalogue in Turtle; `t3="Otro"` gives the third another title."""
    return PREFIXES + "".join(dataset(number, titles.get(f"t{number}", "")) for number in numbers)


@pytest.fixture
def ttl() -> Callable[..., str]:
    """Write a catalogue."""
    return catalogue
