"""A row of a table is about the file that it names, wherever it stands."""

from ckanext.edomex.domain.matching import merged

HERE = [
    {"id": "a", "url": "https://e.org/a.csv", "name": "Pozos", "description": "Uno", "sha256": "1"},
    {"id": "b", "url": "https://e.org/b.csv", "name": "Ríos", "description": "Dos"},
    {"id": "c", "url": "https://p.org/c.csv", "url_type": "upload", "size": 7, "name": "Lagos"},
]


def ids(found):
    return [each.get("id") for _, each in found]


def test_sorted_or_inserted_rows_stay_with_their_files():
    new = {"name": "Nuevo", "url": "https://e.org/n.csv"}
    rows = [(2, new), (3, {"id": "b", "name": "Ríos y arroyos"}), (4, {"id": "a", "name": "Pozos"})]
    found = merged(HERE, rows)
    assert ids(found) == ["a", "b", "c", None]
    assert [line for line, _ in found] == [4, 3, 0, 2]
    assert [each["name"] for _, each in found] == ["Pozos", "Ríos y arroyos", "Lagos", "Nuevo"]
    assert found[1][1]["description"] == "Dos"
    assert found[0][1]["sha256"] == "1"


def test_without_identifiers_the_address_tells_and_then_the_title():
    rows = [(2, {"url": "https://e.org/b.csv", "name": "Otro"}), (3, {"name": "Pozos", "url": "https://e.org/a2.csv"})]
    found = merged(HERE, rows)
    assert [(each["id"], each["name"], each["url"]) for _, each in found[:2]] == [
        ("a", "Pozos", "https://e.org/a2.csv"), ("b", "Otro", "https://e.org/b.csv"),
    ]  # fmt: skip


def test_a_title_that_two_files_have_tells_neither():
    here = [{"id": "a", "name": "Tabla", "url": "1"}, {"id": "b", "name": "Tabla", "url": "2"}]
    assert ids(merged(here, [(2, {"name": "Tabla", "url": "3"})])) == ["a", "b", None]


def test_an_identifier_of_elsewhere_is_no_ones():
    assert ids(merged(HERE, [(2, {"id": "x", "url": "https://e.org/x.csv"})])) == ["a", "b", "c", None]


def test_a_file_that_is_kept_here_keeps_its_address_and_size():
    ((_, file),) = merged(HERE[2:], [(2, {"id": "c", "url": "https://otra.org/", "size": "9", "name": "Lagunas"})])
    assert (file["url"], file["size"], file["name"]) == ("https://p.org/c.csv", 7, "Lagunas")
