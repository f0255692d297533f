"""The manifest says everything of a backup, and nothing else passes for one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ckanext.edomex.backup.domain.manifest import Manifest, Part, UnreadableManifestError, expired, folder_name, row_differences
from ckanext.edomex.backup.domain.trees import belongs, blob_hash, blob_path, classic_path

HASH = "ab" * 32


def manifest(**fields):
    known = {
        "moment": "2027-01-02T03:04:05+00:00", "ckan": "2.12.0", "postgres": 180006, "plugins": ["edomex"],
        "migrations": {"alembic_version": "abc"}, "rows": {"package": 2}, "tables": {"t": 3},
        "dumps": [Part(path="ckan.dump", size=5, sha256=HASH)], "files": [Part(path="files/resources/a", size=2, sha256=HASH)],
    }  # fmt: skip
    return Manifest(**{**known, **fields})


def test_it_reads_what_it_wrote():
    first = manifest()
    assert Manifest.from_json(first.to_json()) == first
    assert (first.size, first.postgres_major) == (7, 18)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"format": 1}', manifest().to_json()[:-20], '{"format": "x"}'])
def test_anything_else_is_refused(text):
    with pytest.raises(UnreadableManifestError):
        Manifest.from_json(text)


def test_a_later_format_is_refused_by_its_number():
    with pytest.raises(UnreadableManifestError, match="formato es el 9"):
        Manifest.from_json(manifest(format=9).to_json())


@pytest.mark.parametrize("path", ["/etc/passwd", "../other", "files/../../other"])
def test_paths_that_lead_out_are_refused(path):
    with pytest.raises(UnreadableManifestError, match="otra carpeta"):
        Manifest.from_json(manifest(files=[Part(path=path, size=1, sha256=HASH)]).to_json())


def test_folders_sort_by_time_whatever_the_zone():
    early = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
    later = (early + timedelta(seconds=1)).astimezone(timezone(timedelta(hours=-6)))
    assert folder_name(early) == "edomex-20270102T030405Z"
    assert folder_name(early) < folder_name(later)


def test_the_oldest_expire_and_foreign_folders_never_do():
    names = ["edomex-20270103T000000Z", "otra-cosa", "edomex-20270101T000000Z", "edomex-20270102T000000Z", "edomex-x"]
    assert expired(names, 2) == ["edomex-20270101T000000Z"]
    assert expired(names, 5) == []


def test_rows_are_compared_table_by_table():
    assert row_differences({"a": 1, "b": 2}, {"a": 1, "b": 2, "new": 5}) == []
    assert row_differences({"a": 1, "b": 2}, {"a": 3}) == [
        "a: 1 filas en la copia, 3 ahora",
        "b: 2 filas en la copia, ninguna tabla ahora",
    ]


def test_which_files_belong_to_a_backup():
    assert belongs(classic_path("12345678-aaaa"))
    assert belongs("storage/uploads/group/logo.png")
    assert belongs(blob_path(HASH))
    assert not belongs("resources/123/456/78~")
    assert not belongs(f"edomex/blobs/ab/ab/.{HASH}")
    assert not belongs(f"edomex/blobs/zz/ab/{HASH}")


def test_a_blob_is_known_by_its_place_and_name():
    assert blob_hash(blob_path(HASH)) == HASH
    assert blob_hash(f"resources/ab/ab/{HASH}") is None
    assert classic_path("12345678-aaaa") == "resources/123/456/78-aaaa"
