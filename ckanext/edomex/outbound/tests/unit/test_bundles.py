"""What goes into a parcel, under which names, and what stays here and why."""

import pytest

from ckanext.edomex.outbound.domain import bundles
from ckanext.edomex.outbound.domain.bundles import Item, items

SHA = "a" * 64


def dataset(title, *resources):
    return {"title": title, "resources": list(resources)}


def file(name, **more):
    return {"name": name, "url": f"https://datos.example.org/download/{name}", "format": "CSV", "sha256": SHA, **more}


def test_files_have_plain_names_in_a_folder_of_their_dataset():
    (found,) = items([dataset("Calidad del agua, 2024/2025", file("Medición de POZOS (1).CSV"))], ["CSV"])
    assert found.path == "archivos/0001-calidad-del-agua-2024-2025/medicion-de-pozos-1.csv"
    assert (found.sha256, found.left_out) == (SHA, "")


@pytest.mark.parametrize(("resource", "why"), [
    (file("a.xlsx", format="XLSX"), bundles.OTHER_FORMAT), (file("a.csv", format=None), bundles.OTHER_FORMAT),
    (file("a.csv", sha256=None), bundles.LINK),
])  # fmt: skip
def test_what_stays_here_says_why(resource, why):
    (found,) = items([dataset("Agua", resource)], ["CSV", "SHP"])
    assert (found.path, found.left_out) == ("", why)


def test_what_came_from_the_target_is_not_given_back():
    theirs, ours = {**dataset("Suyo", file("a.csv")), "id": "1"}, {**dataset("Nuestro", file("b.csv")), "id": "2"}
    assert [each.left_out for each in items([theirs, ours], ["CSV"], {"1"})] == [bundles.FROM_THERE, ""]


def test_a_target_of_any_format_takes_all_files():
    assert [each.left_out for each in items([dataset("Agua", file("a.xlsx", format="XLSX"), file("b", format=""))], [])] == ["", ""]


def test_no_two_files_have_one_name_and_none_leaves_the_parcel():
    files = [file("x.csv"), file("x.csv"), file("../../etc/passwd"), file("..")]
    found = items([dataset("../..", *files), dataset("../..", file("x.csv"))], [])
    assert [each.path for each in found] == [
        "archivos/0001-sin-nombre/x.csv", "archivos/0001-sin-nombre/x-2.csv", "archivos/0001-sin-nombre/passwd",
        "archivos/0001-sin-nombre/sin-nombre", "archivos/0002-sin-nombre/x.csv",
    ]  # fmt: skip


def test_long_names_are_cut_and_keep_their_ending():
    (found,) = items([dataset("a" * 500, file("b" * 500 + ".csv"))], [])
    folder, name = found.path.removeprefix("archivos/0001-").split("/")
    assert (len(folder), name) == (bundles.LONGEST_NAME, "b" * bundles.LONGEST_NAME + ".csv")


def test_the_list_of_contents_has_a_line_for_each():
    item = Item(dataset="Agua", resource="Pozos", format="CSV", sha256=SHA, path="archivos/x.csv")
    assert dict(zip(bundles.HEADER, bundles.row(item, 12), strict=True)) == {
        "archivo": "archivos/x.csv", "conjunto": "Agua", "recurso": "Pozos", "formato": "CSV", "bytes": "12", "sha256": SHA,
        "por que no va": "",
    }  # fmt: skip
