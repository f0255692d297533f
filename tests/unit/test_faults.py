"""The tools of the crash tests do what the crash tests believe: a relay that fails as asked, a clock that is wrong."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time

import pytest

from stack.faults.hosts import CLOCK
from stack.faults.promises import NAMED, named
from stack.faults.proxy import FaultProxy
from stack.places import free_port


@pytest.fixture
def echo():
    """A service that gives back what it gets, and its port."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection):
        with contextlib.suppress(OSError), connection:
            while data := connection.recv(1000):
                connection.sendall(data)

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()
    server.close()


@pytest.fixture
def proxy(echo):
    made = FaultProxy(("127.0.0.1", free_port(set())), echo)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def client(proxy):
    with socket.create_connection(proxy.listen, timeout=5) as connection:
        connection.sendall(b"one")
        assert connection.recv(10) == b"one"
        yield connection


def test_what_is_held_comes_when_it_is_let_go(proxy, client):
    proxy.hold()
    client.sendall(b"two")
    client.settimeout(0.2)
    with pytest.raises(TimeoutError):
        client.recv(10)
    client.settimeout(5)
    proxy.let_pass()
    assert client.recv(10) == b"two"


def test_what_is_slow_comes_later_in_both_directions(proxy, client):
    proxy.delay_s = 0.1
    begun = time.monotonic()
    client.sendall(b"two")
    assert client.recv(10) == b"two"
    assert time.monotonic() - begun >= 0.2


def test_a_cut_ends_connections_and_new_ones_work(proxy, client):
    assert proxy.cut() == 1
    with contextlib.suppress(ConnectionResetError):
        assert client.recv(10) == b""
    with socket.create_connection(proxy.listen, timeout=5) as again:
        again.sendall(b"two")
        assert again.recv(10) == b"two"


def test_a_half_closed_connection_ends_for_the_client_alone(proxy, client):
    assert proxy.half_close() == 1
    assert client.recv(10) == b""
    client.sendall(b"still taken")
    assert proxy.cut() == 1


def test_a_service_that_is_down_is_a_connection_that_breaks():
    proxy = FaultProxy(("127.0.0.1", free_port(set())), ("127.0.0.1", free_port(set())))
    proxy.start()
    try:
        with socket.create_connection(proxy.listen, timeout=5) as connection, contextlib.suppress(ConnectionResetError):
            assert connection.recv(10) == b""
    finally:
        proxy.stop()


@pytest.mark.parametrize("shift", [90, -90])
def test_a_wrong_clock_is_wrong_wherever_it_is_read(shift):
    program = (
        "import datetime, time; from datetime import datetime as d;"
        "print(time.time(), time.time_ns() / 1e9, d.now().timestamp(), d.now(datetime.UTC).timestamp(),"
        " d.utcnow().replace(tzinfo=datetime.UTC).timestamp());"
        "assert isinstance(d.now() + datetime.timedelta(1), d) and not isinstance(3, d)"
    )
    own = {**os.environ, "PYTHONPATH": str(CLOCK), "EDOMEX_CLOCK_SHIFT_S": str(shift)}
    before = time.time()
    read = subprocess.run([sys.executable, "-c", program], env=own, capture_output=True, text=True, check=True).stdout.split()
    after = time.time()
    assert len(read) == 5
    assert all(before <= float(one) - shift <= after for one in read)


def test_a_long_list_of_faults_is_cut_and_counted():
    text = named([f"fault {number}" for number in range(NAMED + 5)])
    assert text.splitlines()[0] == f"{NAMED + 5} faults"
    assert text.splitlines()[-1] == "…"
    assert len(text.splitlines()) == NAMED + 2
