"""An inventory to begin with, and files as a browser sends them."""

import io

import pytest
from ckan.tests import factories
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


@pytest.fixture
def visit(app):
    """`visit(editor, "/autoservicio/inventario")`, or with `form={…}` to send one; redirects are not followed."""

    def go(user, path, form=None):
        headers = {"Authorization": factories.APIToken(user=user["name"])["token"]} if user else {}
        if form is None:
            return app.get(path, headers=headers, follow_redirects=False)
        return app.post(path, data=form, headers=headers, follow_redirects=False)

    return go
