"""SHA-256 of an uploaded file, kept with its resource: what an approval of a file stands for."""

from __future__ import annotations

import hashlib
from typing import Any

from werkzeug.datastructures import FileStorage


def record_hash(resource: dict[str, Any]) -> None:
    """Set `sha256` of a resource that comes with a file; its stream is left at the beginning."""
    upload = resource.get("upload")
    if not isinstance(upload, FileStorage):
        return
    upload.stream.seek(0)
    resource["sha256"] = hashlib.file_digest(upload.stream, "sha256").hexdigest()  # type: ignore[arg-type]  # binary
    upload.stream.seek(0)
