"""Tables in every dialect are one table; what a spreadsheet would run is guarded; a bomb does not go off."""

import csv
import io
import resource
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from ckanext.edomex.adapters.workbooks import csv_of, rows_of, xlsx_of
from ckanext.edomex.domain import catalogue
from ckanext.edomex.domain.tabular import MOST_ROWS, TableError, decoded, guarded, unguarded

FIELDS = ["title", "notes", "tags", "frequency", "disaggregation", "groups"]
RESOURCE_FIELDS = ["name", "url", "format"]
#: What Spanish people write, and every program's single bytes have.
WORDS = st.text(alphabet="abcñáéíóúüÑÁ ¿0123456789-,;'\"=+@", min_size=1, max_size=30).map(str.strip).filter(bool)


def cells(rows):
    return [row.cells for row in rows]


@given(
    table=st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=6),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    ends=st.sampled_from(["\n", "\r\n"]),
)
def test_every_dialect_of_a_table_gives_the_same_rows(table, delimiter, encoding, ends):
    rows = [("ds:title", "ds:description", "ds:keyword"), *table]
    # Without a letter of its own an old encoding cannot be told from another.
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=ends, quoting=csv.QUOTE_ALL).writerows(rows)
    assert cells(rows_of(out.getvalue().encode(encoding))) == rows
    assert [tuple(map(unguarded, row)) for row in cells(rows_of(csv_of(rows)))] == rows
    assert [tuple(map(unguarded, row)) for row in cells(rows_of(xlsx_of(rows, "Catálogo")))] == rows


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850", "utf-8", "utf-8-sig", "utf-16"])
def test_accents_survive(encoding):
    text = "Título;Descripción\nEducación y niñez;¿Cuántos años?\n"
    assert decoded(text.encode(encoding)) == text


class TestFormulas:
    @pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1"])
    def test_one_is_guarded_and_comes_back_as_it_was(self, cell):
        assert guarded(cell).startswith("'")
        assert unguarded(guarded(cell)) == cell

    @pytest.mark.parametrize("cell", ["-99.65", "+1", "texto", "'citado'", "-1,234.5", ""])
    def test_numbers_and_texts_stay(self, cell):
        assert (guarded(cell), unguarded(cell)) == (cell, cell)


class TestAttacks:
    def test_two_cells_at_the_end_of_a_sheet_cost_nothing(self):
        book = Workbook()
        book.active["XFD5000"] = "x"
        book.active["A1"] = "ds:title"
        out = io.BytesIO()
        book.save(out)
        assert b"XFD5000" in zipfile.ZipFile(out).read("xl/worksheets/sheet1.xml"), "the test says nothing"
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(TableError, match="columnas"):
            rows_of(out.getvalue())
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000

    def test_a_bomb_is_seen_before_it_is_unpacked(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b"0" * 100_000_000)
        with pytest.raises(TableError, match="desempaca"):
            rows_of(out.getvalue())

    def test_a_million_rows_are_too_many(self):
        with pytest.raises(TableError, match="5000 renglones"):
            rows_of(b"ds:title\n" + b"a\n" * 1_000_000)

    @pytest.mark.parametrize("content", [b"", b"  \n", b"PK\x03\x04 broken", b"\x00\x01\x02" * 100, b"\xff\xd8\xff\xe0 JFIF\x00"])
    def test_what_is_no_table_says_so(self, content):
        with pytest.raises(TableError):
            rows_of(content)

    def test_as_many_rows_as_are_allowed_are_taken(self):
        assert len(rows_of(b"ds:title\n" + b"a\n" * MOST_ROWS)) == MOST_ROWS + 1


class TestLayouts:
    def read(self, text):
        found = catalogue.read(rows_of(text.encode()), FIELDS, RESOURCE_FIELDS)
        return found.drafts, found.wrong

    def test_adelas_second_is_read(self):
        header = ",".join(catalogue.V2)
        dataset = 'x1,Pozos,Del agua,"agua, pozos",2024-01-31,Dirección,a@example.org,privado,Seguridad,2020/2024,15106,https://e.org/d,R/P1Y'
        (draft,), wrong = self.read(f"{header}\n{dataset}\n{',' * 13}Tabla,Filas,https://e.org/a.csv,text/csv,12,2024,,\n")
        assert wrong == []
        assert (draft.identifier, draft.line) == ("x1", 2)
        assert draft.fields == {
            "title": "Pozos", "notes": "Del agua", "tags": [{"name": "agua"}, {"name": "pozos"}], "modified": "2024-01-31",
            "contact_unit": "Dirección", "contact_email": "a@example.org", "access_level": "reservado", "access_reason": "Seguridad",
            "temporal_start": "2020", "temporal_end": "2024", "spatial_keys": ["15106"],
            "documentation": [{"title": "Diccionario de datos", "url": "https://e.org/d"}], "frequency": "R/P1Y",
        }  # fmt: skip
        assert draft.resources == [(3, {
            "name": "Tabla", "description": "Filas", "url": "https://e.org/a.csv", "format": "text/csv", "size": "12",
            "temporal_start": "2024", "temporal_end": "2024",
        })]  # fmt: skip

    @pytest.mark.parametrize("header", ["DS:Title", "ds_title", "ds.title", "ds:Título", " ds:title "])
    def test_a_header_may_be_written_in_many_ways(self, header):
        (draft,), _ = self.read(f"{header};ds:Descripción\nPozos;Agua\n")
        assert draft.fields == {"title": "Pozos", "notes": "Agua"}

    def test_rows_without_a_place_are_named(self):
        drafts, wrong = self.read("ds:title,ds:description,rs:title\n,,Antes\nPozos,,\n,Sin título,\n,,Tabla\n")
        assert [(each.line, each.column) for each in wrong] == [(2, "ds:title"), (4, "ds:title")]
        assert [line for line, _ in drafts[0].resources] == [5]

    @pytest.mark.parametrize(("header", "said"), [("ds:description", "ds:title"), ("ds:title,secreto", "secreto"), ("7,8", "7, 8")])
    def test_a_header_that_says_something_else_is_refused(self, header, said):
        with pytest.raises(catalogue.HeaderError, match=said):
            self.read(f"{header}\nx,y\n")

    def test_what_is_written_is_read_back(self):
        dataset = {
            "id": "x1", "title": "=Pozos", "notes": "a\nb", "tags": [{"name": "pozos"}, {"name": "agua"}], "frequency": "R/P1Y",
            "groups": [{"name": "agua"}], "resources": [{"name": "T", "url": "https://e.org/a", "format": "CSV"}],
        }  # fmt: skip
        rows = catalogue.written([dataset], catalogue.full_header(FIELDS, RESOURCE_FIELDS))
        found = catalogue.read(rows_of(csv_of(rows)), FIELDS, RESOURCE_FIELDS)
        (draft,) = found.drafts
        assert found.wrong == []
        assert draft.fields == {
            "title": "=Pozos", "notes": "a\nb", "tags": [{"name": "agua"}, {"name": "pozos"}], "frequency": "R/P1Y",
            "groups": [{"name": "agua"}],
        }  # fmt: skip
        assert draft.resources[0][1] == dataset["resources"][0]
