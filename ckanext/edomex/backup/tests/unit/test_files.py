"""Files of a backup: as the databases' snapshot speaks of them, whatever changes meanwhile; and each fault is seen."""

import hashlib
import os
from collections import namedtuple

import pytest

from ckanext.edomex.backup.domain.errors import DamagedError, NoRoomError
from ckanext.edomex.backup.domain.manifest import Part
from ckanext.edomex.backup.domain.trees import blob_path, classic_path
from ckanext.edomex.backup.logic import files

ID = "12345678-aaaa"
OLD, NEW = b"lo que dice la base", b"lo que vino despu\xe9s"


def sha(data):
    return hashlib.sha256(data).hexdigest()


def write(root, path, data):
    """As CKAN does: a new file takes the old one's place."""
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(place.name + "~")
    draft.write_bytes(data)
    draft.replace(place)


@pytest.fixture
def storage(tmp_path):
    root = tmp_path / "storage"
    write(root, classic_path(ID), OLD)
    write(root, blob_path(sha(b"una vez")), b"una vez")
    write(root, "webassets/x.css", b"made by CKAN, and made again")
    return root


@pytest.fixture
def collection(storage, tmp_path):
    found = files.Collection(storage, tmp_path / "backup")
    found.gather()
    return found


def kept(collection, path):
    data = (collection.target / path).read_bytes()
    part = collection.parts[path]
    assert (part.size, part.sha256) == (len(data), sha(data))
    return data


def test_it_takes_what_belongs_to_the_portal(collection):
    assert set(collection.parts) == {classic_path(ID), blob_path(sha(b"una vez"))}
    assert kept(collection, classic_path(ID)) == OLD


def test_a_file_kept_by_its_hash_is_linked_and_any_other_copied(collection, storage):
    blob = blob_path(sha(b"una vez"))
    assert (collection.target / blob).samefile(storage / blob)
    copied = collection.target / classic_path(ID)
    assert not copied.samefile(storage / classic_path(ID))
    assert copied.stat().st_mode & 0o077 == 0


def test_a_file_system_that_cannot_link_gets_copies(storage, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    found = files.Collection(storage, tmp_path / "other")
    found.gather()
    assert kept(found, blob_path(sha(b"una vez"))) == b"una vez"


def test_a_file_replaced_after_the_snapshot_stays_as_the_snapshot_has_it(collection, storage):
    write(storage, classic_path(ID), NEW)
    collection.gather({classic_path(ID): sha(OLD)})
    assert kept(collection, classic_path(ID)) == OLD


def test_a_file_replaced_before_the_snapshot_is_taken_anew(collection, storage):
    write(storage, classic_path(ID), NEW)
    collection.gather({classic_path(ID): sha(NEW)})
    assert kept(collection, classic_path(ID)) == NEW


def test_a_file_deleted_after_the_first_look_is_still_there(collection, storage):
    (storage / classic_path(ID)).unlink()
    collection.gather({})
    assert kept(collection, classic_path(ID)) == OLD


def test_a_file_that_came_between_is_taken(collection, storage):
    write(storage, classic_path("abcdefgh-new"), NEW)
    collection.gather({})
    assert kept(collection, classic_path("abcdefgh-new")) == NEW


def test_links_that_lead_out_are_not_followed(storage, tmp_path):
    (tmp_path / "secret").write_text("x")
    (storage / "resources" / "link").symlink_to(tmp_path / "secret")
    assert "resources/link" not in set(files.stored(storage))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.unlink(), "falta"),
        (lambda path: path.write_bytes(OLD[:-1]), f"tiene {len(OLD) - 1} bytes y debe tener {len(OLD)}"),
        (lambda path: path.write_bytes(OLD[:-1] + b"!"), "el contenido de"),
    ],
)
def test_each_kind_of_damage_is_named(collection, damage, said):
    part = collection.parts[classic_path(ID)]
    assert list(files.problems(collection.target, [part])) == []
    damage(collection.target / part.path)
    (line,) = files.problems(collection.target, [part])
    assert said in line
    assert part.path in line


def test_what_is_put_back_is_compared_on_the_way(collection, tmp_path):
    path = classic_path(ID)
    files.put(collection.target / path, tmp_path / "new" / path, path, collection.parts[path])
    assert (tmp_path / "new" / path).read_bytes() == OLD
    with pytest.raises(DamagedError, match="cambió"):
        files.put(collection.target / path, tmp_path / "new" / path, path, Part(path=path, size=3, sha256="0"))


def test_too_little_room_is_said_before_anything_is_written(tmp_path, monkeypatch):
    Usage = namedtuple("Usage", "total used free")
    monkeypatch.setattr(files.shutil, "disk_usage", lambda _: Usage(10, 9, 1_000_000))
    files.ensure_room(tmp_path, 1_000_000)
    with pytest.raises(NoRoomError, match="hacen falta 2 MB y quedan 1"):
        files.ensure_room(tmp_path, 2_000_000)
