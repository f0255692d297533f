"""One portal's address, however it is written."""

import pytest

from ckanext.edomex.domain.addresses import site_of


@pytest.mark.parametrize("address", [
    "https://datos.gob.mx", "https://www.datos.gob.mx/", "http://datos.gob.mx:80/catalog.ttl", "https://WWW.Datos.gob.mx:443/busca?a=b",
    "https://datos.gob.mx./", "https://datos.gob.mx.:443", "https://datos.gob.mx:/", "https://cuenta:clave@www.datos.gob.mx/",
])  # fmt: skip
def test_what_says_the_same_is_the_same(address):
    assert site_of(address) == "datos.gob.mx"


@pytest.mark.parametrize(("address", "site"), [
    ("https://datos.gob.mx:8443", "datos.gob.mx:8443"), ("http://datos.gob.mx:443", "datos.gob.mx:443"),
    ("http://datos.gob.mx.:8080", "datos.gob.mx:8080"), ("https://otro.datos.gob.mx", "otro.datos.gob.mx"),
    ("https://wwwdatos.gob.mx", "wwwdatos.gob.mx"), ("http://[::1]:80/", "[::1]"), ("http://[::1]:5000/", "[::1]:5000"), ("", ""),
])  # fmt: skip
def test_another_server_is_another(address, site):
    assert site_of(address) == site
