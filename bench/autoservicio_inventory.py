"""An inventory from a file to the database, through the portal's own door: no peer is named, for nobody else takes one."""

from __future__ import annotations

import secrets
import time

from bench.figures import LEAST_ROUNDS, Figure, Timing
from bench.place import Place
from ckanext.edomex.adapters.workbooks import xlsx_of
from ckanext.edomex.planning.domain.layouts import HEADERS, LAYOUTS

ROWS, ROUNDS = 1_000, LEAST_ROUNDS + 2
LIMIT_S = 3.0
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def inventory_1000(place: Place) -> list[Figure]:
    """A workbook of 1,000 rows in the nine real columns, each time into an agency that has none of them."""
    clerk, content = place.ours.clerk(), workbook()
    samples: list[float] = []
    for _ in range(ROUNDS):
        agency = clerk.call("organization_create", name=f"bench-{secrets.token_hex(6)}", title="Dependencia de prueba")
        begun = time.perf_counter()
        done = clerk.call("edomex_inventory_import", agency=agency["id"], file=("inventario.xlsx", content, XLSX))
        samples.append(time.perf_counter() - begun)
        assert done == {"created": ROWS // 2, "changed": 0, "same": 0}, done
    return [Timing(name="inventory_1000", ours=samples, at_most_s=LIMIT_S, details={"rows": ROWS, "bytes": len(content)})]


def workbook() -> bytes:
    """The file: two resources to a dataset, all levels and frequencies."""
    levels = (("Público", ""), ("Privado", "Ley de datos personales, art. 7"), ("Restringido", "Art. 140, fracción VIII"))
    rows = [[HEADERS[name] for name in LAYOUTS["adela9"]]]
    for number in range(ROWS):
        level, reason = levels[number // 2 % 3]
        about = f"Registros del conjunto {number // 2}, con un renglón por municipio y mes, desde 2015 y hasta el último mes cerrado."
        rows.append([
            "Dirección de Estadística", f"Conjunto de datos número {number // 2}", f"Recurso {number % 2}", about, level, reason,
            "Base de datos institucional", "2027-03", ("Mensual", "Trimestral", "Anual")[number // 2 % 3],
        ])  # fmt: skip
    return xlsx_of(rows, "Inventario")
