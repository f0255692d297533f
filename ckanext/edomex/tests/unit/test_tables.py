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
from ckanext.edomex.domain.cells import Adela
from ckanext.edomex.domain.tabular import MOST_ROWS, TableError, decoded, guarded, unguarded

FIELDS = ["title", "notes", "tags", "frequency", "disaggregation", "groups"]
RESOURCE_FIELDS = ["name", "url", "format", "dictionary"]
#: What Spanish people write, and every program's single bytes have.
WORDS = st.text(alphabet="abcñáéíóúüÑÁ ¿0123456789-,;'\"=+@", min_size=1, max_size=30).map(str.strip).filter(bool)


WHOLE = [*FIELDS, "temporal_start", "temporal_end", "related"]


def named(words):
    return [{"name": each} for each in sorted(words)]


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

    @pytest.mark.parametrize("rows", [
        '<row r="999999999999"><c r="A999999999999" t="inlineStr"><is><t>x</t></is></c></row>',
        "".join(f'<row r="{number}"><c r="XFD{number}"/></row>' for number in range(2, 2000)),
    ])  # fmt: skip
    def test_a_sheet_of_nothing_ends(self, rows):
        out = io.BytesIO()
        book = Workbook()
        book.active["A1"] = "ds:title"
        book.save(out)
        evil = io.BytesIO()
        with zipfile.ZipFile(out) as good, zipfile.ZipFile(evil, "w", zipfile.ZIP_DEFLATED) as bad:
            for part in good.infolist():
                content = good.read(part)
                bad.writestr(part, content.replace(b"</sheetData>", rows.encode() + b"</sheetData>"))
        with pytest.raises(TableError, match="vacías"):
            rows_of(evil.getvalue())

    @pytest.mark.parametrize("content", [b'ds:title\n"' + b"a" * 3_000_000, b"\xff\xfea"])
    def test_a_cell_without_end_and_half_a_letter_are_told(self, content):
        try:
            rows_of(content)
        except TableError:
            return

    def test_a_cell_that_a_workbook_would_cut_is_refused(self):
        rows = [["ds:title"], ["a" * 32_768]]
        with pytest.raises(TableError, match="CSV"):
            xlsx_of(rows, "Catálogo")
        assert cells(rows_of(csv_of(rows)))[1] == ("a" * 32_768,)

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

    @pytest.mark.parametrize(("text", "wrong"), [
        ("ds:title,ds:description,rs:title\nPozos,,\n,Perdida,Tabla\n", [(3, "ds:title")]),
        ("ds:identifier,ds:title,rs:title\nx1,Pozos,\nx2,,Tabla\n", [(3, "ds:title")]),
        ("ds:identifier,ds:title\nx1,Pozos\nx1,Ríos\n", [(3, "ds:title")]),
        ('ds:title,rs:dictionary\nPozos,\n,un texto\n', [(3, "rs:dictionary")]),
        ("ds:title,rs:dictionary\nPozos,\n,[1]\n", [(3, "rs:dictionary")]),
        ("ds:title,rs:dictionary\nPozos,\n," + "[" * 40_000 + "\n", [(3, "rs:dictionary")]),
    ], ids=["untitled", "another", "twice", "text", "numbers", "deep"])  # fmt: skip
    def test_no_row_is_put_where_it_does_not_belong(self, text, wrong):
        drafts, found = self.read(text)
        assert [(each.line, each.column) for each in found] == wrong
        assert [each.fields for each in drafts] == [{"title": "Pozos"}]
        assert [line for line, fields in drafts[0].resources if fields] == []

    def test_a_dataset_is_named_again_before_its_files(self):
        drafts, wrong = self.read("ds:identifier,ds:title,rs:title\nx1,Pozos,\nx1,,Tabla\n")
        assert (wrong, [line for line, _ in drafts[0].resources]) == ([], [3])

    def test_two_columns_of_one_field_are_refused(self):
        with pytest.raises(catalogue.HeaderError, match="lo mismo"):
            self.read("ds:title,ds:Título\na,b\n")

    @pytest.mark.parametrize(("text", "start", "end"), [
        ("2020", "2020", "2020"), ("2020/2024", "2020", "2024"), ("2020/", "2020", None), ("/2024", None, "2024"),
        ("15/03/2020", "2020-03-15", "2020-03-15"), ("15/03/2020/20/04/2021", "15/03/2020", "20/04/2021"),
        ("03/2020", "2020-03", "2020-03"), ("marzo de 2020", "2020-03", "2020-03"),
        ("2020-01-01 / 2020-02-01", "2020-01-01", "2020-02-01"),
    ])  # fmt: skip
    def test_a_period_is_one_date_or_two(self, text, start, end):
        (draft,), _ = self.read(f'ds:title,ds:temporal\nPozos,"{text}"\n')
        assert (draft.fields.get("temporal_start"), draft.fields.get("temporal_end")) == (start, end)

    @given(
        start=st.sampled_from(["", "2020", "2020-03", "2020-03-15"]), end=st.sampled_from(["", "2021", "2021-12-31"]),
        related=st.lists(st.sampled_from(["pozos", "https://e.org/a;b", "https://e.org/x?y=1,2", '["a"]']), unique=True, max_size=3),
        notes=WORDS, columns=st.lists(st.fixed_dictionaries({"name": WORDS, "meaning": WORDS}), max_size=3),
        title=WORDS, tags=st.lists(st.sampled_from(["agua", "ríos", "padrón único"]), unique=True, max_size=3),
    )  # fmt: skip
    def test_whatever_is_written_is_read_back(self, start, end, related, notes, columns, title, tags):
        said = {"title": title, "notes": notes, "temporal_start": start, "temporal_end": end, "related": related, "tags": named(tags)}
        file = {"id": "r1", "name": title, "url": "https://e.org/a", "dictionary": columns}
        rows = list(catalogue.written([{"id": "x1", **said, "resources": [file]}], catalogue.full_header(WHOLE, RESOURCE_FIELDS)))
        for content in (csv_of(rows), xlsx_of(rows, "Catálogo")):
            found = catalogue.read(rows_of(content), WHOLE, RESOURCE_FIELDS)
            (draft,), wrong = found.drafts, found.wrong
            assert (wrong, draft.identifier) == ([], "x1")
            assert draft.fields == {name: value for name, value in said.items() if value}
            assert [fields for _, fields in draft.resources] == [{name: value for name, value in file.items() if value}]

    def test_adelas_layouts_speak_adelas_words(self):
        adela = Adela(media_type={"CSV": "text/csv"}.get, page="https://datos.example.org/dataset/{}".format)
        dataset = {
            "id": "x1", "name": "d-1", "title": "Pozos", "access_level": "reservado", "metadata_modified": "2026-03-04T10:00:00",
            "documentation": [{"title": "Oficio"}, {"title": "Diccionario", "url": "https://e.org/d"}],
            "resources": [{"url": "https://e.org/a", "format": "CSV"}, {"url": "https://e.org/b", "format": "Raro"}],
        }  # fmt: skip
        header, first, *files = catalogue.written([dataset], [*catalogue.V2, "ds:landingPage"], adela)
        told = dict(zip(header, first, strict=True))
        assert (told["ds:accessLevel"], told["ds:modified"], told["ds:dataDictionary"]) == ("privado", "2026-03-04", "https://e.org/d")
        assert told["ds:landingPage"] == "https://datos.example.org/dataset/d-1"
        assert [each[header.index("rs:mediaType")] for each in files] == ["text/csv", "Raro"]

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
