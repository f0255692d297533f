"""An inventory to begin with, and files as a browser sends them."""

import io

import pytest
from werkzeug.datastructures import FileStorage


@pytest.fixture
def row(act, editor, agency):
    """Register a row of the agency's inventory; returns it."""

    def make(name="Calidad del agua", **fields):
        given = {"responsible": "Dirección de Agua", "resources": [{"name": "Pozos", "about": "Mediciones por pozo"}], **fields}
        return act(editor, "edomex_inventory_create", agency=agency["id"], name=name, **given)

    return make


@pytest.fixture
def upload():
    """A file as a browser sends it."""

    def make(content, name="inventario.csv"):
        return FileStorage(io.BytesIO(content), filename=name)

    return make
