"""Logos and avatars of people: what is kept is a picture and nothing else."""

import io
from pathlib import Path

import pytest
from ckan.plugins import toolkit as tk
from PIL import Image, PngImagePlugin
from werkzeug.datastructures import FileStorage

SECRET = b"<script>alert('edomex')</script>"
#: EXIF's tags: turned by a quarter, and a text.
ORIENTATION, DESCRIPTION = 0x0112, 0x010E


def jpeg(size=(60, 40), **more):
    exif = Image.Exif()
    exif[ORIENTATION], exif[DESCRIPTION] = 6, SECRET.decode()
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "JPEG", exif=exif, comment=SECRET, **more)
    return out.getvalue()


def png():
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", SECRET.decode())
    out = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 90, 70, 128)).save(out, "PNG", pnginfo=told)
    return out.getvalue() + SECRET


def gif():
    out = io.BytesIO()
    first, second = Image.new("RGB", (30, 20), "teal"), Image.new("RGB", (30, 20), "red")
    first.save(out, "GIF", save_all=True, append_images=[second], comment=SECRET)
    return out.getvalue()


@pytest.fixture
def kept(act, sysadmin, clean_releases):
    """The picture of an agency that was sent so; its bytes, as they lie in the storage."""

    def send(content, name="escudo.png"):
        before = set(files())
        picture = FileStorage(io.BytesIO(content), filename=name, content_type="image/png")
        made = act(sysadmin, "organization_create", name="una", title="Una", image_upload=picture, image_url=name)
        (found,) = set(files()) - before
        assert made["image_display_url"].endswith(found.name)
        return found

    def files():
        return Path(tk.config["ckan.storage_path"]).glob("**/group/*")

    return send


@pytest.mark.parametrize(("make", "name", "kind", "size"), [
    (jpeg, "escudo.jpg", "JPEG", (40, 60)), (png, "escudo.png", "PNG", (40, 40)), (gif, "escudo.gif", "PNG", (30, 20)),
    (jpeg, "escudo.html", "JPEG", (40, 60)),
])  # fmt: skip
def test_only_the_picture_is_left(kept, make, name, kind, size):
    found = kept(make(), name)
    content = found.read_bytes()
    assert SECRET in make() and SECRET not in content
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, picture.size, dict(picture.getexif()), getattr(picture, "n_frames", 1)) == (kind, size, {}, 1)
    assert found.suffix == {"JPEG": ".jpg", "PNG": ".png"}[kind]


def test_a_large_one_becomes_smaller(kept):
    with Image.open(kept(jpeg(size=(3000, 1500)), "escudo.jpg")) as picture:
        assert max(picture.size) == 1024


def bomb():
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(("content", "says"), [
    (b"%PDF-1.7", "no es una imagen"), (b"", "no es una imagen"), (png()[:60], "no es una imagen"), (bomb(), "demasiado grande"),
    (b"\0" * (2 * 2**20 + 1), "demasiado grande"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no es una imagen"),
])  # fmt: skip
def test_what_is_no_picture_is_refused_and_nothing_kept(kept, content, says):
    with pytest.raises(tk.ValidationError, match=says):
        kept(content)


def test_an_account_keeps_its_picture_when_something_else_changes(act, sysadmin, editor):
    picture = FileStorage(io.BytesIO(jpeg()), filename="foto.jpg", content_type="image/jpeg")
    shown = act(sysadmin, "user_patch", id=editor["name"], image_upload=picture, image_url="foto.jpg")
    assert act(sysadmin, "user_patch", id=editor["name"], about="Otra cosa")["image_url"] == shown["image_url"]
