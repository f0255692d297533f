"""Logos and avatars, drawn anew before they are kept: nothing but the picture is left of what somebody sent.

A file can be a picture and a page or a program at once, and a photograph says where it was taken. What is kept is made from the pixels
alone (CVE-2021-25967 and CVE-2025-24372 of CKAN came in by pictures; `quality-security-ux.md` §2.2 of the project's notes).
"""

from __future__ import annotations

import io
import warnings
from pathlib import PurePath
from typing import Any

from ckan.lib import files
from ckan.lib.uploader import FKUpload, Upload, get_max_image_size
from ckan.plugins import toolkit as tk
from PIL import Image, ImageOps, UnidentifiedImageError
from werkzeug.datastructures import FileStorage

#: Whose pictures these are; the portal's own logo is its operator's.
KINDS = frozenset({"user", "group"})
READ = ("PNG", "JPEG", "GIF")
#: Pixels of the longer side that is kept, and at most of what is read: a small file may be a picture of gigabytes.
SIDE, MOST_PIXELS = 1024, 40_000_000
MB = 2**20
NO_PICTURE = "El archivo no es una imagen PNG, JPEG o GIF que se pueda leer. Guárdela de nuevo con otro programa y vuelva a subirla."
TOO_LARGE = "La imagen es demasiado grande: {most} MB y 40 millones de pixeles como máximo. Redúzcala y vuelva a subirla."
#: What Pillow raises for a file that is none, is broken or lies about its size.
BROKEN = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError)
BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


class _Redrawn:
    """Takes the place of the upload that came in before CKAN looks at it."""

    def update_data_dict(self, data_dict: dict[str, Any], url_field: str, file_field: str, clear_field: str) -> None:
        """As CKAN's. ValidationError for what is no picture, or too large."""
        upload = data_dict.get(file_field)
        if isinstance(upload, FileStorage) and upload.filename:
            data_dict[file_field] = redrawn(upload, file_field)
        super().update_data_dict(data_dict, url_field, file_field, clear_field)  # type: ignore[misc]  # of the class beside it


class _InStorage(_Redrawn, FKUpload):
    """For a storage of CKAN's files."""


class _InFolder(_Redrawn, Upload):
    """For `ckan.storage_path`."""


def uploader(kind: str, old_filename: str | None) -> Upload | FKUpload | None:
    """What keeps pictures of this kind; None where they are CKAN's business alone."""
    if kind not in KINDS:
        return None
    try:
        files.get_storage(tk.config[f"ckan.files.default_storages.{kind}"])
    except files.exc.UnknownStorageError:
        return _InFolder(kind, old_filename)
    return _InStorage(kind, old_filename)


def redrawn(upload: FileStorage, field: str) -> FileStorage:
    """The picture alone, upright and of `SIDE` pixels at most; JPEG stays so, all else becomes PNG, of a GIF its first picture.

    Raises:
        ValidationError: in `field`, for what is no picture or too large.
    """
    most = get_max_image_size()
    content = upload.stream.read(most * MB + 1)
    if len(content) > most * MB:
        raise tk.ValidationError({field: [TOO_LARGE.format(most=most)]})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            kind, drawn = _drawn(content)
    except BOMB:
        raise tk.ValidationError({field: [TOO_LARGE.format(most=most)]}) from None
    except BROKEN:
        raise tk.ValidationError({field: [NO_PICTURE]}) from None
    name = PurePath(str(upload.filename)).with_suffix(".jpg" if kind == "JPEG" else ".png").name
    return FileStorage(io.BytesIO(drawn), filename=name, content_type=f"image/{kind.lower()}")


def _drawn(content: bytes) -> tuple[str, bytes]:
    with Image.open(io.BytesIO(content), formats=READ) as sent:
        if sent.width * sent.height > MOST_PIXELS:
            raise Image.DecompressionBombError
        kind = "JPEG" if sent.format == "JPEG" else "PNG"
        picture = ImageOps.exif_transpose(sent).convert("RGB" if kind == "JPEG" else "RGBA")
    picture.thumbnail((SIDE, SIDE))
    # A new picture has no text, profile or other data of the one that it was made from.
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)
    out = io.BytesIO()
    clean.save(out, kind)
    return kind, out.getvalue()
