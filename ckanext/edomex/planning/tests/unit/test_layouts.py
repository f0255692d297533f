"""ADELA's tables and ours: read by header whatever the encoding did to it, written so that reading changes nothing."""

import pytest

from ckanext.edomex.adapters.workbooks import csv_of, rows_of, xlsx_of
from ckanext.edomex.domain.catalogue import HeaderError
from ckanext.edomex.planning.domain import inventory, layouts
from ckanext.edomex.planning.domain.inventory import Decision, fields_of

FREQUENCIES = {
    "R/P1M": "Mensual",
    "R/P3M": "Trimestral",
    "R/P1Y": "Anual",
    "R/P2Y": "Bienal (cada dos años)",
    "irregular": "Irregular",
}
KNOWN = fields_of(FREQUENCIES)
ADELA = (
    "Responsable", "Nombre del conjunto", "Nombre del recurso", "¿De qué es?", "¿Tiene datos privados?",
    "Razón por la cual los datos son privados", "¿En qué plataforma, tecnología, programa o sistema se albergan?",
    "Fecha estimada de publicación en datos.gob.mx",
)  # fmt: skip
ADELA9 = (*ADELA, "Frecuencia con la que actualizan")
ROWS = [
    ("Dirección de Agua", "Calidad del agua", "Pozos", "Mediciones por pozo", "Público", "", "Excel", "2027-03", "Trimestral"),
    ("Dirección de Agua", "Calidad del agua", "Ríos", "Mediciones por río", "", "", "Base de datos", "", ""),
    ("Registro", "Padrón", "Padrón", "Personas", "Privado", "Ley de datos personales, art. 7", "SIREP", "2027-04-15", "anual"),
    ("Jurídico", "Litigios", "Expedientes", "Juicios", "Restringido", "Art. 140, fracción VIII", "Papel", "", "irregular"),
]  # fmt: skip


def read(header, rows, encoding="utf-8", make=None):
    content = (make or (lambda table: "\n".join(",".join(f'"{cell}"' for cell in row) for row in table).encode(encoding)))(
        [header, *rows]
    )
    return layouts.read(rows_of(content, layouts.MOST_ROWS), KNOWN)


def taken(table, here=None):
    found = {}
    for told in table.told:
        key = inventory.key_of(told.name)
        found[key] = inventory.settled(layouts.merged(told, (here or {}).get(key) or inventory.blank(KNOWN)))
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_real_nine_columns_in_any_encoding(encoding):
    table = read(ADELA9, ROWS, encoding)
    assert table.wrong == []
    water, register, suits = taken(table).values()
    assert (water["responsible"], water["expected"], water["frequency"], water["system"]) == (
        "Dirección de Agua", "2027-03", "R/P3M", "Excel",
    )  # fmt: skip
    assert [(each["name"], each["about"], each["system"]) for each in water["resources"]] == [
        ("Pozos", "Mediciones por pozo", ""), ("Ríos", "Mediciones por río", "Base de datos"),
    ]  # fmt: skip
    assert (register["personal"], register["personal_ground"], register["reserved"]) == (
        True,
        "Ley de datos personales, art. 7",
        False,
    )
    assert (suits["personal"], suits["reserved"], suits["reserved_ground"]) == (False, True, "Art. 140, fracción VIII")
    assert suits["frequency"] == "irregular"


def test_the_eight_columns_in_another_order_below_a_title():
    header, rows = [tuple(reversed(row)) for row in ([ADELA, *(row[:8] for row in ROWS)])][0:1][0], [row[:8][::-1] for row in ROWS]
    content = "\n".join(",".join(f'"{cell}"' for cell in row) for row in [("INVENTARIO INSTITUCIONAL",), header, *rows]).encode()
    table = layouts.read(rows_of(content), KNOWN)
    assert table.wrong == [] and len(table.told) == 3


@pytest.mark.parametrize("mangle", [
    lambda text: text.encode().decode("cp1252", "replace"),
    lambda text: "".join(letter if letter.isascii() else "\N{REPLACEMENT CHARACTER}" for letter in text),
    lambda text: "".join(letter if letter.isascii() else "?" for letter in text),
    str.upper,
])  # fmt: skip
def test_a_header_whose_accents_are_mangled_is_known(mangle):
    table = read([mangle(cell) for cell in ADELA9], [("A", "B", "C", "D", "Público", "", "Excel", "2027-03", "Anual")])
    assert table.wrong == []
    assert set(table.headers) == {"responsible", "name", "resource", "about", "level", "reason", "system", "expected", "frequency"}


def test_cells_that_were_read_in_the_wrong_encoding_are_mended_and_lost_letters_named():
    mended = read(ADELA, [("DirecciÃ³n", "InformaciÃ³n", "R", "x", "PÃºblico", "", "Excel", "2027-03")])
    assert mended.told[0].name == "Información" and mended.wrong == []
    lost = read(ADELA, [("Direcci\N{REPLACEMENT CHARACTER}n", "A", "R", "x", "Público", "", "Excel", "2027-03")])
    assert [(each.line, each.column) for each in lost.wrong] == [(2, "Responsable")]


def test_a_file_without_our_headers_is_told_so():
    with pytest.raises(HeaderError, match="Nombre del conjunto"):
        read(("a", "b"), [("1", "2")])


@pytest.mark.parametrize(("column", "cell", "said"), [
    (4, "quizá", "Público, Restringido, Privado"),
    (7, "20013-12-31", "No se entiende"),
    (7, "2027", "Falta el mes"),
    (7, "2027-02-30", "calendario"),
    (7, "1917-02", "no es posible"),
    (8, "de vez en cuando", "no está en la lista"),
    (1, "", "Falta el nombre"),
])  # fmt: skip
def test_each_wrong_cell_is_named_by_row_and_header(column, cell, said):
    rows = [list(row) for row in ROWS]
    rows[2][column] = cell
    table = read(ADELA9, rows)
    assert [(each.line, each.column) for each in table.wrong] == [(4, ADELA9[column])]
    assert said in table.wrong[0].message


def test_two_dates_of_one_dataset_and_one_resource_twice():
    rows = [ROWS[0], ("", "calidad del AGUA", "Ríos", "", "", "", "", "2027-05", ""), ("", "Calidad del agua", "pozos", *[""] * 6)]
    table = read(ADELA9, rows)
    assert [(each.line, each.column) for each in table.wrong] == [(3, ADELA9[7]), (4, ADELA9[2])]


def test_a_level_needs_its_reason():
    table = read(ADELA, [("A", "B", "C", "D", "Privado", "", "E", "2027-03")])
    (values,) = taken(table).values()
    assert set(inventory.faults(values)) == {"personal_ground"}
    assert table.header("personal_ground") == ADELA[5]


@pytest.mark.parametrize("layout", layouts.LAYOUTS)
@pytest.mark.parametrize("form", [csv_of, lambda rows: xlsx_of(rows, "Inventario")])
def test_what_is_written_changes_nothing_when_it_is_read(layout, form):
    here = taken(read(ADELA9, ROWS))
    both = {**here["padron"], "reserved": True, "reserved_ground": "Art. 140", "decision": Decision.CLOSED}
    plus = {
        **inventory.blank(KNOWN),
        "name": "=2+2",
        "responsible": "@área",
        "description": "-descripción\ncon renglones",
        "system": "+x",
    }
    here |= {"padron": inventory.settled(both), "=2+2": inventory.settled(plus)}
    content = form(layouts.written(here.values(), layout, FREQUENCIES))
    table = layouts.read(rows_of(content), KNOWN)
    assert table.wrong == []
    assert taken(table, here) == here


def test_no_cell_that_goes_out_begins_a_formula():
    plus = {
        **inventory.blank(KNOWN),
        "name": "=cmd|' /C calc'!A0",
        "responsible": "@SUM(A1)",
        "description": "+1+cmd",
        "system": "\t=1",
    }
    for form in (csv_of, lambda rows: xlsx_of(rows, "Inventario")):
        for row in rows_of(form(layouts.written([plus], "full", FREQUENCIES))):
            assert not [cell for cell in row.cells if cell[:1] in "=+-@\t" and cell]


def test_the_full_layout_tells_what_adela_cannot():
    header = [layouts.HEADERS[name] for name in layouts.LAYOUTS["full"]]
    row = dict.fromkeys(header, "") | {
        "Nombre del conjunto": "Becas", "Responsable": "Dirección", "¿Tiene datos personales?": "Sí",
        "Decisión": "Se abre sin los datos protegidos",
        "Fundamento de los datos personales": "Art. 7", "Fecha estimada de publicación en datos.gob.mx": "15 de marzo de 2027",
    }  # fmt: skip
    (values,) = taken(read(header, [tuple(row.values())])).values()
    assert values["decision"] == Decision.OPEN_IN_PART and values["personal"] and values["expected"] == "2027-03-15"
    assert inventory.faults(values) == {}
