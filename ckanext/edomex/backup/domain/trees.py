"""Which files below CKAN's storage folder belong to a backup, and which resource's bytes are where."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

#: Uploaded files in CKAN's classic tree; logos and avatars; files that are kept once by their hash.
CLASSIC, PICTURES, BLOBS = "resources", "storage", "edomex/blobs"
TREES = (CLASSIC, PICTURES, BLOBS)
_HASH = re.compile(r"[0-9a-f]{64}")
#: CKAN splits a resource's id here for its folders.
_CUTS = (3, 6)


def belongs(path: str) -> bool:
    """Whether a file of one of the trees is a finished one: CKAN's drafts end in `~`, ours are not named by a hash."""
    name = PurePosixPath(path).name
    if path.startswith(f"{BLOBS}/"):
        return blob_hash(path) is not None
    return not name.endswith("~") and not name.startswith(".")


def blob_hash(path: str) -> str | None:
    """The hash that a file kept by hash is named after; None for every other file."""
    name = PurePosixPath(path).name
    return name if _HASH.fullmatch(name) and path == blob_path(name) else None


def blob_path(sha256: str) -> str:
    """Where a file is kept by its hash."""
    return f"{BLOBS}/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def classic_path(resource_id: str) -> str:
    """Where CKAN itself keeps a resource's file."""
    first, second = _CUTS
    return f"{CLASSIC}/{resource_id[:first]}/{resource_id[first:second]}/{resource_id[second:]}"
