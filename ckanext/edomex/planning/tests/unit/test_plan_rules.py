"""Plans: states as a table, lines that follow the inventory, ADELA's and the federal table to the letter."""

import pytest

from ckanext.edomex.planning.domain import inventory, plan
from ckanext.edomex.planning.domain.errors import MoveForbiddenError
from ckanext.edomex.planning.domain.inventory import Decision, fields_of
from ckanext.edomex.planning.domain.plan import Line, State

FREQUENCIES = {"R/P1D": "Diario", "R/P3M": "Trimestral"}
BLANK = inventory.blank(fields_of(FREQUENCIES))
ITEM = {
    **BLANK, "name": "Servicios Personales", "responsible": "Dirección de Personal",
    "decision": Decision.OPEN, "expected": "2027-02"}
OWN = {name: each.blank() for name, each in plan.LINE_FIELDS.items()}
HEAD = {name: f"{name}." for name in plan.PLAN_FIELDS}


def line(item=None, **own):
    return Line(id="1", item={**ITEM, **(item or {})}, own={**OWN, **own})


@pytest.mark.parametrize("move", plan.TRANSITIONS)
@pytest.mark.parametrize("state", State)
def test_each_move_from_each_state(state, move):
    begins, ends = plan.TRANSITIONS[move]
    if state == begins:
        assert plan.after(state, move) == ends
    else:
        with pytest.raises(MoveForbiddenError) as error:
            plan.after(state, move)
        assert error.value.allowed == [name for name, (first, _) in plan.TRANSITIONS.items() if first == state]


def test_only_a_draft_is_changed():
    plan.check_editable(State.DRAFT)
    for state in (State.SUBMITTED, State.APPROVED):
        with pytest.raises(MoveForbiddenError):
            plan.check_editable(state)


@pytest.mark.parametrize(
    ("item", "own", "year", "wrong"),
    [
        ({}, {}, 2027, set()),
        ({}, {}, 2028, {"lines"}),
        ({}, {"committed": "2027-11-30"}, 2027, set()),
        ({"expected": "2028-01"}, {"committed": "2027-11-30"}, 2027, set()),
        ({"decision": Decision.CLOSED}, {}, 2027, {"lines"}),
    ],
)
def test_what_keeps_a_plan_from_being_sent(item, own, year, wrong):
    assert set(plan.faults(HEAD, [line(item, **own)], year)) == wrong


def test_a_plan_without_lines_or_liaison_is_not_sent():
    assert set(plan.faults({**HEAD, "vision": "", "liaison_mail": ""}, [], 2027)) == {"vision", "liaison_mail", "lines"}


@pytest.mark.parametrize(
    ("decision", "expected", "belongs"),
    [
        (Decision.OPEN, "2027-03", True),
        (Decision.OPEN_IN_PART, "2027-12-31", True),
        (Decision.OPEN, "2028-03", False),
        (Decision.UNDECIDED, "2027-03", False),
        (Decision.CLOSED, "2027-03", False),
        (Decision.OPEN, "", False),
    ],
)
def test_which_rows_have_a_line(decision, expected, belongs):
    assert plan.belongs({**ITEM, "decision": decision, "expected": expected}, 2027) is belongs


def test_adelas_eleven_columns_with_its_spelling():
    content = {"year": 2027, "head": HEAD, "lines": [line({"frequency": "R/P1D", "description": "13"}).content()]}
    header, row = plan.written(content, "adela", FREQUENCIES)
    assert header == [
        "Visión institucional de datos abiertos",
        "Funcionario designado como Enlace",
        "Título del funcionario designado como Enlace",
        "Correo oficial del funcionario designado como Enalce",
        "Funcionario designado como Administrador",
        "Titulo del Funcionario designado como Administrador",
        "Correo oficial del funcioanrio designado como Administrador",
        "Conjuntos de datos priorizados",
        "Descripción de los conjuntos",
        "Periodicidad de la actualización",
        "Fecha tentativa de publicación (AAAA-MM-DD)",
    ]
    assert row[-4:] == ["Servicios Personales", "13", "R/P1D", "2027-02-28"]
    assert row[:7] == list(HEAD.values())


def test_the_federal_twelve_columns_a_row_for_each_resource():
    resources = [{"name": "Nómina", "about": "Por mes", "responsible": "Pagos"}, {"name": "Plazas", "about": "", "responsible": ""}]
    content = {"year": 2027, "head": HEAD, "lines": []}
    content["lines"] = [line({"frequency": "R/P3M", "resources": resources}, importance="Alta").content()]
    header, first, second = plan.written(content, "pnda", FREQUENCIES)
    assert header == [
        "Conjunto de datos",
        "Descripción del conjunto de datos",
        "Recurso de datos",
        "Descripción del recurso de datos",
        "Área que genera el recurso de datos",
        "Periodicidad de publicación",
        "Fecha publicación 2027",
        "Población objetivo o sector de uso",
        "Importancia del recurso",
        "Formato del recurso",
        "fundamento",
        "Observaciones",
    ]
    assert first[2:7] == ["Nómina", "Por mes", "Pagos", "Trimestral", "2027-02"]
    assert second[2:5] == ["Plazas", "", "Dirección de Personal"]
    assert first[8:10] == ["Alta", "CSV"]


@pytest.mark.parametrize(
    ("mail", "good"),
    [("datos@dependencia.example.org", True), ("", True), ("enlace@gmail.com", False), ("sin arroba", False), ("a@b", False)],
)
def test_only_official_mail(mail, good):
    assert ("liaison_mail" in inventory.read({"liaison_mail": mail}, plan.PLAN_FIELDS)[1]) is not good


def test_a_published_table_says_what_it_promises():
    rows = [
        [name.format(year=2027) for name in plan.PNDA],
        ["Agua", "", "Pozos", "", "", "", "2027-03"], ["Agua", "", "Presas", "", "", "", "2027-03"],
        ["'=Suma", "", "", "", "", "", "2027-04-15"],
        ["Sin fecha", "", "", "", "", "", ""], ["", "", "", "", "", "", "2027-05"], ["Corta"],
    ]  # fmt: skip
    assert [(each.title, each.month, each.committed) for each in plan.promises_of(rows)] == [
        ("Agua", "2027-03", "2027-03"), ("=Suma", "2027-04", "2027-04-15"),
    ]  # fmt: skip
