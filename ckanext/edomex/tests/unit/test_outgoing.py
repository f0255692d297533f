"""The guarded client, against a server that answers badly."""

import gzip
import ipaddress
import socket
import threading
import time

import pytest

from ckanext.edomex.adapters.outgoing import (
    Client,
    ForbiddenAddressError,
    LimitError,
    Limits,
    OutgoingError,
    UnansweredError,
    is_public,
    shown,
)

LOOPBACK = ("127.0.0.0/8",)


@pytest.fixture
def client():
    with Client(LOOPBACK, Limits(silence_s=2, total_s=2, most_bytes=2**20)) as client:
        yield client


def test_it_reads(web, client):
    url = web.says("/a.ttl", "hola", etag='"1"')
    with client.get(url) as answer:
        assert (answer.status, answer.body.read(), answer.size, answer.url) == (200, b"hola", 4, url)
        assert answer.sha256.startswith("b221d9dbb083a7f33428d7c2a3c3198ae925614d70210e28716ccaa7cd4ddb79"[:8])
    with client.get(url, {"If-None-Match": '"1"'}) as answer:
        assert (answer.status, answer.size) == (304, 0)


def test_packed_bodies_are_unpacked_and_counted_unpacked(web, client):
    url = web.says("/a", gzip.compress(b"x" * 1000), headers={"Content-Encoding": "gzip"})
    with client.get(url) as answer:
        assert answer.size == 1000
    bomb = web.says("/bomba", gzip.compress(b"x" * 2**23), headers={"Content-Encoding": "gzip"})
    with pytest.raises(LimitError):
        client.get(bomb)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "/etc/passwd", "http://", "", "gopher://a", "http://[::1"])
def test_only_the_web_is_asked(url, client):
    with pytest.raises(ForbiddenAddressError):
        client.get(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "127.1", "2130706433"])
def test_this_machine_is_not_asked_by_any_of_its_names(host, web):
    web.says("/a", "secreto")
    with Client() as client, pytest.raises(ForbiddenAddressError) as refused:
        client.get(f"http://{host}:{web.server.server_port}/a")
    assert "allowed_addresses" in str(refused.value)
    assert web.asked == []


PRIVATE = [
    "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1",
    "fe80::1", "fc00::1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "ff02::1", "::", "240.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses(address):
    assert is_public(ipaddress.ip_address(address))


def test_a_name_that_means_a_private_machine_is_refused_whatever_it_meant_before(web, monkeypatch):
    # What DNS says, for a name that no machine here resolves; the check is of the very answer that is connected to.
    said = [("93.184.216.34", 80), ("127.0.0.1", web.server.server_port)]
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", said[-1])]
    )
    with Client() as client, pytest.raises(ForbiddenAddressError):
        client.get("http://rebota.example.org/a")
    assert web.asked == []


def test_a_redirect_is_checked_as_the_first_request(web):
    web.says("/secreto", "x")
    url = web.says("/a", status=302, headers={"Location": f"http://localhost:{web.server.server_port}/secreto"})
    with Client([]) as client, pytest.raises(ForbiddenAddressError):
        client.get(url)
    with Client(["127.0.0.1/32"]) as client, client.get(url) as answer:
        assert answer.url.endswith("/secreto")
    outside = web.says("/b", status=301, headers={"Location": "http://169.254.169.254/latest/meta-data"})
    with Client(["127.0.0.1/32"]) as client, pytest.raises(ForbiddenAddressError):
        client.get(outside)
    local = web.says("/c", status=302, headers={"Location": "file:///etc/passwd"})
    with Client(["127.0.0.1/32"]) as client, pytest.raises(ForbiddenAddressError):
        client.get(local)


def test_a_ring_of_redirects_ends(web, client):
    url = web.says("/a", status=302, headers={"Location": "/a"})
    with pytest.raises(LimitError):
        client.get(url)
    assert len(web.asked) == 6


def test_a_body_that_breaks_off_is_no_body(web, client):
    for path, more in {"/a": {"cut": 100}, "/b": {"cut": 0}}.items():
        with pytest.raises(UnansweredError):
            client.get(web.says(path, "x" * 1000, **more))


def test_a_huge_body_is_left(web, client):
    with pytest.raises(LimitError) as refused:
        client.get(web.says("/a", endless=True))
    assert "MB" in str(refused.value)


def test_a_trickle_is_left_at_the_deadline(web, client):
    begun = time.monotonic()
    with pytest.raises(LimitError):
        client.get(web.says("/a", "x" * 1000, every=0.05))
    assert time.monotonic() - begun < 10


def test_so_is_a_trickle_of_headers():
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = threading.Event()

        def drip():
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                try:
                    while not done.wait(0.05):
                        connection.sendall(b"x")
                except OSError:
                    return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        with Client(LOOPBACK, Limits(silence_s=5, total_s=1)) as client, pytest.raises(LimitError):
            client.get(f"http://127.0.0.1:{server.getsockname()[1]}/")
        done.set()
        thread.join(5)
        assert not thread.is_alive()


def test_silence_and_nobody_there(web, client):
    with pytest.raises(OutgoingError):
        client.get(web.says("/a", "x", after=3))
    with pytest.raises(UnansweredError):
        client.get("http://no-existe.invalid/")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(UnansweredError):
        client.get(f"http://127.0.0.1:{port}/")


def test_no_account_or_key_is_told():
    assert shown("https://ana:clave@datos.example.org/a?token=1") == "https://datos.example.org/a"
