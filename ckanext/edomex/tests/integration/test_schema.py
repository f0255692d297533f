"""The schema at work: what is filled in, what is refused, what the check-list says, what the vocabularies tell."""

import csv

import pytest
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config

from ckanext.edomex.adapters import vocabularies as files
from ckanext.edomex.logic import vocabularies

FULL = {
    "title": "Pozos de agua potable, 2024",
    "notes": "Pozos en operación.",
    "tags": [{"name": "agua"}, {"name": "pozos"}],
    "frequency": "R/P1Y",
    "temporal_start": "2024-01-01",
    "temporal_end": "2024-12-31",
    "spatial_keys": ["15106", "15051"],
    "disaggregation": "punto",
    "language": "spa",
    "spatial_bbox": "-100,19,-99,20",
    "spatial": '{"type":"Point","coordinates":[-99.65,19.29]}',
    "contact_unit": "Dirección de Agua",
    "contact_email": "agua@example.org",
    "license_id": "cc-by-4.0",
    "access_level": "restringido",
    "access_ground": "seguridad-publica",
    "access_reason": "Ubicación exacta.",
    "url": "https://agua.example.org/pozos",
    "issued": "2024",
    "modified": "2025-02",
    "legal_basis": "Reglamento interior.",
    "provenance": "Padrón de pozos.",
    "method": "Visita de campo.",
    "documentation": [{"title": "Guía", "url": "https://agua.example.org/guia.pdf"}],
    "related": ["ds-7k3m9q2xw4tz"],
    "former_name": "poblacion-2020", "version_notes": "Primera.",
    "federal_priority": "sistema",
}
OPEN_RING = '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}'
RESOURCE = {
    "url": "https://agua.example.org/pozos.csv",
    "name": "Pozos",
    "description": "Un renglón por pozo.",
    "format": "CSV",
    "charset": "UTF-8",
    "temporal_start": "2024",
    "temporal_end": "2024-12",
    "spatial_keys": ["15106"],
    "rights": "Citar la fuente.",
    "availability": "estable",
    "role": "datos",
    "dictionary": [
        {"name": "pozo", "type": "string", "meaning": "Clave", "personal": "no"},
        {"name": "gasto", "type": "number", "meaning": "Gasto medio", "unit": "l/s", "allowed": "≥ 0", "personal": "no"},
    ],
}


@pytest.fixture
def create(act, editor, agency):
    return lambda **fields: act(editor, "package_create", **{"title": "Pozos", "owner_org": agency["id"], **fields})


@pytest.fixture
def refused(create):
    """What is said of a field when a dataset with it is refused; nothing of it is kept."""

    def said(**fields):
        before = model.Session.query(model.Package).count()
        with pytest.raises(tk.ValidationError) as error:
            create(**fields)
        model.Session.rollback()
        assert model.Session.query(model.Package).count() == before
        return error.value.error_dict

    return said


class TestRoundTrip:
    def test_every_field_comes_back_from_the_database_and_from_the_index(self, act, editor, create):
        made = create(**FULL, resources=[RESOURCE])
        fields = {field["field_name"] for field in tk.h.scheming_get_dataset_schema("dataset")["dataset_fields"]}
        assert set(FULL) >= fields - {"name", "owner_org", "theme", "tag_string"}, "a field has no value in this test"
        of_file = {field["field_name"] for field in tk.h.scheming_get_dataset_schema("dataset")["resource_fields"]}
        assert set(RESOURCE) >= of_file - {"sha256"}, "a field of a file has no value in this test"
        for answer in (act(editor, "package_show", id=made["id"]), _searched(act, editor, made["id"])):
            for name, value in FULL.items():
                found = [{"name": tag["name"]} for tag in answer["tags"]] if name == "tags" else answer[name]
                assert found == value, name
            for name, value in RESOURCE.items():
                assert answer["resources"][0][name] == value, name

    def test_what_was_shown_can_be_sent_again_and_changes_nothing(self, act, editor, create):
        made = create(**FULL, resources=[RESOURCE])
        shown = act(editor, "package_show", id=made["id"])
        again = act(editor, "package_update", **shown)
        for name in FULL:
            assert again[name] == shown[name], name
        assert again["resources"][0]["dictionary"] == RESOURCE["dictionary"]


def by_site(action, **data):
    site = tk.get_action("get_site_user")({"ignore_auth": True, "user": ""}, {})
    return tk.get_action(action)({"ignore_auth": True, "user": site["name"]}, data)


def _searched(act, who, package_id):
    (found,) = act(who, "package_search", fq=f"id:{package_id}", include_private=True)["results"]
    return found


class TestFilledIn:
    def test_an_agencys_contact_and_place(self, act, create, agency):
        contact = {"contact_unit": "Unidad", "contact_email": "u@example.org"}
        by_site("organization_patch", id=agency["id"], kind="municipio", cvegeo="15106", **contact)
        made = create()
        assert (made["contact_unit"], made["contact_email"], made["spatial_keys"]) == ("Unidad", "u@example.org", ["15106"])
        assert (made["access_level"], made["language"]) == ("publico", "spa")
        assert "license_id" not in made or not made["license_id"], "nobody but its agency gives a licence"

    def test_what_is_said_stays_and_what_is_taken_away_does_not_come_back(self, act, editor, create, agency):
        by_site("organization_patch", id=agency["id"], contact_unit="Unidad")
        assert create(contact_unit="Otra")["contact_unit"] == "Otra"
        emptied = act(editor, "package_patch", id=create()["id"], contact_unit="")
        assert not emptied.get("contact_unit")

    def test_names_of_places_without_accents_will_do(self, create):
        assert create(spatial_keys=["ruiz castaneda", "Toluca", "15106"])["spatial_keys"] == ["15001", "15106"]
        assert create(spatial_keys="estado de mexico")["spatial_keys"] == ["15"]

    def test_a_label_will_do_for_a_code(self, create):
        assert create(frequency="anual", disaggregation="Municipal")["frequency"] == "R/P1Y"

    def test_one_that_comes_with_its_own_identifier_is_new_as_well(self, agency):
        by_site("organization_patch", id=agency["id"], contact_unit="Unidad")
        made = by_site("package_create", id="1d0f3f5e-6d5c-4c55-9a39-0a4b8d1f6a11", title="Pozos", owner_org=agency["id"])
        assert made["contact_unit"] == "Unidad"

    @pytest.mark.parametrize(("start", "end"), [
        ("31/12/2019", "2020-01-01"), ("diciembre de 2024", "diciembre de 2024"), ("enero de 2019", "2020"), (2024, "2024"),
    ])  # fmt: skip
    def test_a_period_however_its_ends_are_written(self, create, start, end):
        made = create(temporal_start=start, temporal_end=end)
        assert made["temporal_start"] <= made["temporal_end"]

    def test_an_address_with_the_spaces_of_its_files_name(self, create):
        (file,) = create(resources=[{"url": " https://agua.example.org/pozos 2024.csv"}])["resources"]
        assert file["url"] == "https://agua.example.org/pozos%202024.csv"

    def test_a_kind_by_its_label(self, agency):
        by_site("organization_patch", id=agency["id"], kind="Municipio", cvegeo="15106")
        found = by_site("organization_show", id=agency["id"])
        assert (found["kind"], found["cvegeo"]) == ("municipio", "15106")

    def test_rows_of_a_forms_page_take_the_place_of_those_that_were_there(self, act, editor, create):
        rows = [{"title": "Guía", "url": "https://example.org/g"}, {"title": "Oficio", "url": "https://example.org/o"}]
        made = create(documentation=rows, notes="Pozos.")
        page = {"documentation-0-title": "Guía nueva", "documentation-0-url": "https://example.org/g2"}
        page |= {"documentation-1-title": "", "documentation-1-url": ""}
        assert act(editor, "package_patch", id=made["id"], **page)["documentation"] == [{"title": "Guía nueva", "url": "https://example.org/g2"}]
        kept = act(editor, "package_patch", id=made["id"], title="Otro")
        assert (len(kept["documentation"]), kept["notes"]) == (1, "Pozos.")

    def test_empty_rows_of_a_form_are_dropped(self, create):
        rows = [{"title": "", "url": ""}, {"title": "Guía", "url": "https://example.org/g"}, {"title": "", "url": ""}]
        assert create(documentation=rows)["documentation"] == [rows[1]]


class TestRefused:
    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("temporal_start", "20013-12-31", "No se entiende"), ("temporal_start", "2021-02-31", "calendario"),
            ("spatial_keys", ["09015"], "no es un municipio"), ("spatial_keys", ["san"], "puede ser"),
            ("spatial_bbox", "1,2,3", "cuatro números"), ("spatial", OPEN_RING, "cerrado"),
            ("frequency", "a veces", "no está en la lista"), ("license_id", "notspecified", "no está en la lista"),
            ("title", "a" * 201, "caben 200"), ("title", "agua\u202eaugA", "no se ve"), ("notes", "a\x00b", "no se ve"),
            ("contact_email", "alguien@gmail.com", "para personas"), ("url", "javascript:alert(1)", "dirección completa"),
            ("related", ["no es un nombre"], "identificador"), ("spatial_keys", [{"a": 1}], "lista de textos"),
            ("tags", [{"name": f"palabra {number}"} for number in range(10_000)], "10000 palabras"),
        ],
    )  # fmt: skip
    def test_with_a_sentence_that_helps(self, refused, field, value, said):
        found = refused(**{field: value})
        field = "tag_string" if field == "tags" else field
        assert list(found) == [field]
        assert said in str(found[field])

    @pytest.mark.parametrize(("start", "end"), [("2024-05", "2024-04-30"), ("15/03/2025", "2020-01-01"), ("mayo de 2024", "2023")])
    def test_an_end_before_its_start(self, refused, start, end):
        assert "antes de empezar" in str(refused(temporal_start=start, temporal_end=end)["temporal_end"])

    @pytest.mark.parametrize(("field", "value", "said"), [
        ("url", "javascript:alert(1)", "dirección completa"), ("url", "una carpeta", "dirección completa"),
        ("url", "https://agua.example.org/\u202evsc.csv", "dirección completa"), ("format", "CSV\u202e", "no se ve"),
        ("role", "otro", "no está en la lista"),
        ("dictionary", "un texto", "lista de columnas"), ("dictionary", [1], "lista de columnas"),
    ])  # fmt: skip
    def test_of_a_file_as_well(self, refused, field, value, said):
        assert said in str(refused(resources=[{**RESOURCE, field: value}]))

    @pytest.mark.parametrize(("field", "value", "said"), [
        ("frequency", ["R/P1Y"], "no está en la lista"), ("documentation", ["un texto"], "lista de documentos"),
        ("related", "[" * 40_000, "lista de textos"), ("title", "agua\u061c", "no se ve"),
        ("spatial", '{"type":"Point","coordinates":[%s,19]}' % ("9" * 400), "longitud"),
    ], ids=["list", "document", "deep", "mark", "digits"])  # fmt: skip
    def test_what_a_program_may_send(self, refused, field, value, said):
        assert said in str(refused(**{field: value})[field])

    def test_a_year_that_ends_with_itself_is_right(self, create):
        assert create(temporal_start="2024", temporal_end="2024")["temporal_end"] == "2024"

    def test_markup_is_kept_as_text_and_shown_as_text(self, app, create, editor):
        made = create(title="<script>alert(1)</script> & agua", provenance="<img src=x onerror=alert(2)>")
        page = app.get(f"/dataset/{made['name']}", headers={"Authorization": factories.APIToken(user=editor["name"])["token"]}).body
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page

    def test_an_agency_belongs_to_another_and_never_to_itself(self, app, agency):
        above, top = factories.Organization(title="Secretaría"), factories.Organization()
        by_site("organization_patch", id=agency["id"], parent=above["name"])
        by_site("organization_patch", id=above["id"], parent=top["id"])
        assert by_site("organization_show", id=agency["id"])["parent"] == above["id"]
        assert "Secretaría</a>" in app.get(f"/organization/about/{agency['name']}").body
        for child, parent in ((agency, agency), (top, agency), (above, {"id": "no-existe"})):
            with pytest.raises(tk.ValidationError, match="depend"):
                by_site("organization_patch", id=child["id"], parent=parent["id"])

    def test_a_municipalitys_key_is_only_for_a_municipality(self, agency):
        with pytest.raises(tk.ValidationError, match="Municipio"):
            by_site("organization_patch", id=agency["id"], kind="dependencia", cvegeo="15106")


class TestCheck:
    def test_a_title_suffices_to_begin(self, act, editor, create):
        made = create()
        assert act(editor, "edomex_dataset_check", dataset_id=made["id"], stage="documentation")["ready"] is True

    def test_it_says_all_that_is_missing(self, act, editor, create):
        found = act(editor, "edomex_dataset_check", dataset_id=create()["id"])
        assert found["ready"] is False
        names = [gap["field"] for gap in found["missing"]]
        assert names == [
            "notes", "theme", "tag_string", "frequency", "temporal_start", "temporal_end", "spatial_keys", "disaggregation",
            "contact_unit", "contact_email", "license_id", "resources",
        ]  # fmt: skip
        assert all(gap["message"].startswith("Falta") for gap in found["missing"])
        assert found["wrong"] == []

    def test_a_whole_one_is_ready(self, act, editor, create):
        theme = factories.Group()
        made = create(**FULL, groups=[{"name": theme["name"]}], resources=[RESOURCE])
        assert act(editor, "edomex_dataset_check", dataset_id=made["id"], stage="ready") == {"ready": True, "missing": [], "wrong": []}

    def test_a_document_alone_is_no_data(self, act, editor, create):
        made = create(resources=[{**RESOURCE, "role": "documento"}])
        assert "resources" in [gap["field"] for gap in act(editor, "edomex_dataset_check", dataset_id=made["id"])["missing"]]

    def test_what_is_closed_needs_its_ground(self, act, editor, create):
        made = create(access_level="reservado")
        names = [gap["field"] for gap in act(editor, "edomex_dataset_check", dataset_id=made["id"])["missing"]]
        assert {"access_ground", "access_reason"} <= set(names)
        other = create(access_level="restringido", access_ground="informacion-reservada", access_reason="x")
        assert [gap["field"] for gap in act(editor, "edomex_dataset_check", dataset_id=other["id"])["wrong"]] == ["access_ground"]

    def test_what_got_past_the_form_is_wrong(self, act, editor, create):
        made = create()
        package = model.Package.get(made["id"])
        package.extras = {**package.extras, "frequency": "a veces"}
        model.Session.commit()
        assert [gap["field"] for gap in act(editor, "edomex_dataset_check", dataset_id=made["id"])["wrong"]] == ["frequency"]

    def test_it_is_for_who_works_on_it(self, act, create, stranger):
        made = create()
        for who in (None, stranger):
            with pytest.raises((tk.ObjectNotFound, tk.NotAuthorized)):
                act(who, "edomex_dataset_check", dataset_id=made["id"])

    def test_a_stage_that_is_none_is_refused(self, act, editor, create):
        with pytest.raises(tk.ValidationError, match="etapa"):
            act(editor, "edomex_dataset_check", dataset_id=create()["id"], stage="casi")

    def test_few_fields_have_to_be_typed(self, clean_releases):
        schema = tk.h.scheming_get_dataset_schema("dataset")
        fields = [*schema["dataset_fields"], *schema["resource_fields"]]
        typed = [f["field_name"] for f in fields if f.get("stage") in {"documentation", "ready"} and not f.get("filled_by")]
        # The two of a level that is not public are asked of nobody else; the agency is chosen for who has one.
        assert len(set(typed) - {"access_ground", "access_reason", "owner_org"}) <= 14


class TestVocabularies:
    def test_anybody_reads_them(self, act):
        listed = act(None, "edomex_vocabulary_list")
        assert {"name": "municipios-edomex", "title": "Municipios", "count": 125} in listed
        shown = act(None, "edomex_vocabulary_show", name="temas")
        assert shown["rows"][0] == {
            "slug": "salud",
            "title": "Salud",
            "federal_2015": "Salud",
            "pnda": "salud",
            "in_report": "yes",
            "eu_theme": "HEAL",
        }
        with pytest.raises(tk.ObjectNotFound):
            act(None, "edomex_vocabulary_show", name="../../etc/passwd")

    def test_themes_are_loaded_once(self, clean_releases):
        first, second = vocabularies.load_themes(), vocabularies.load_themes()
        assert (len(first.created), first.same) == (22, 0)
        assert (second.created, second.changed, second.same) == ([], [], 22)
        by_site("group_patch", id="salud", title="Otra cosa")
        assert vocabularies.load_themes().changed == ["salud"]
        assert call_action("group_show", id="salud")["eu_theme"] == "HEAL"

    def test_an_operators_file_takes_the_place_of_ours(self, tmp_path, create, refused):
        with (tmp_path / "sectores.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([["code", "label"], ["mar", "Mar"]])
        with changed_config(files.OPTION, str(tmp_path)):
            assert files.choices("sectores") == {"mar": "Mar"}
            assert len(files.choices("temas")) == 22
            assert vocabularies.faults() == []
        assert "mar" not in files.choices("sectores")

    def test_a_code_in_use_is_missed(self, tmp_path, create):
        create(disaggregation="punto")
        (tmp_path / "desagregacion.csv").write_text("code,label\nmunicipal,Municipal\n", encoding="utf-8")
        with changed_config(files.OPTION, str(tmp_path)):
            (fault,) = vocabularies.faults()
        assert "«punto»" in str(fault)


def test_the_licences_of_the_portal_are_those_of_the_file(clean_releases):
    listed = {licence["id"]: licence["url"] for licence in call_action("license_list")}
    assert listed == {row["id"]: row["url"] for row in files.vocabulary("licencias")}
