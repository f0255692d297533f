"""PostgreSQL's programs: missing, too old, failing; and no password where others can read it."""

import errno

import pytest

from ckanext.edomex.backup.domain.errors import BusyError, NoRoomError, NotABackupError, ToolError, ToolFailedError
from ckanext.edomex.backup.logic import checking, creating, files, programs

ADDRESS = "postgresql+psycopg2://ckan:s%40creto@db.example:5433/ckan?sslmode=require"


def program(folder, name, script):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return path


@pytest.fixture
def path(tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_a_missing_program_is_named_with_its_remedy(path):
    with pytest.raises(ToolError, match="«pg_dump»; instale el cliente de PostgreSQL"):
        programs.ensure("pg_dump", 18)


def test_an_older_program_than_the_server_is_refused(path):
    program(path, "pg_dump", "echo 'pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)'")
    with pytest.raises(ToolError, match=r"versión 15 y hace falta la 18.*postgresql-client-18"):
        programs.ensure("pg_dump", 18)


def test_a_newer_program_will_do(path):
    there = program(path, "pg_dump", "echo 'pg_dump (PostgreSQL) 19beta1'")
    assert programs.ensure("pg_dump", 18) == str(there)


def test_the_password_is_in_the_environment_alone(path, tmp_path):
    said = tmp_path / "said"
    told = f'case $1 in --version) echo "pg_dump (PostgreSQL) 18.6";; *) echo "$@ PASSWORD=$PGPASSWORD" > {said};; esac'
    program(path, "pg_dump", told)
    programs.dump(ADDRESS, "00-1", 18, tmp_path / "ckan.dump")
    command, _, password = said.read_text().strip().partition(" PASSWORD=")
    assert password == "s@creto"
    assert "creto" not in command
    assert "--dbname=postgresql://ckan@db.example:5433/ckan?sslmode=require" in command
    assert "--snapshot=00-1" in command


def test_a_failing_program_is_quoted(path, tmp_path):
    program(path, "pg_restore", 'case $1 in --version) echo "pg_restore (PostgreSQL) 18.6";; *) echo mal >&2; exit 1;; esac')
    with pytest.raises(ToolFailedError, match=r"«pg_restore» falló.*\n  \| mal"):
        programs.listing(tmp_path / "ckan.dump", 18)


def test_a_full_disk_has_its_own_remedy(path, tmp_path):
    full = "pg_dump: error: could not write to file: No space left on device"
    program(path, "pg_dump", f'case $1 in --version) echo "pg_dump (PostgreSQL) 18.6";; *) echo "{full}" >&2; exit 1;; esac')
    with pytest.raises(NoRoomError, match="libere espacio"):
        programs.dump(ADDRESS, "00-1", 18, tmp_path / "ckan.dump")


def test_a_device_that_is_full_while_copying(tmp_path):
    (tmp_path / "source").write_bytes(b"x" * 100)
    (tmp_path / ".target.new").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left") as caught:
        files.copy(tmp_path / "source", tmp_path / "target", files.PRIVATE)
    assert caught.value.errno == errno.ENOSPC
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("content", [None, "{}", "no es json", "\x00"])
def test_a_folder_without_a_whole_manifest_is_no_backup(tmp_path, content):
    if content is not None:
        (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(NotABackupError, match="interrumpida"):
        checking.check(tmp_path)


def test_two_backups_into_one_folder_wait_for_nobody(tmp_path):
    with creating._alone(tmp_path), pytest.raises(BusyError, match="otra copia"), creating._alone(tmp_path):
        pass


def test_what_a_killed_backup_left_goes_with_the_next(tmp_path):
    (tmp_path / ".new-1" / "files").mkdir(parents=True)
    with creating._alone(tmp_path):
        assert not (tmp_path / ".new-1").exists()


def test_only_complete_backups_count_and_foreign_folders_stay(tmp_path):
    for name in ("edomex-20270101T000000Z", "edomex-20270102T000000Z", "edomex-20270103T000000Z", "otra"):
        (tmp_path / name).mkdir()
        if name != "edomex-20270102T000000Z":
            (tmp_path / name / "manifest.json").write_text("{}")
    assert creating._forget(tmp_path, 1) == ["edomex-20270101T000000Z"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["edomex-20270102T000000Z", "edomex-20270103T000000Z", "otra"]
