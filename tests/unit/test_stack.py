"""What a machine may lack, each said in one sentence with its remedy."""

from __future__ import annotations

import socket
from collections import namedtuple
from contextlib import closing

import pytest

from stack import bootstrap, lifetime, places
from stack.places import Stack, free_port
from stack.programs import Program, StackError

Usage = namedtuple("Usage", "total used free")


def test_too_old_a_python(monkeypatch):
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    with pytest.raises(bootstrap.SetupError, match=r"hace falta Python 3\.11 o posterior y este es 3\.9"):
        bootstrap.check_machine()


def test_too_little_room(monkeypatch):
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda _: Usage(10, 9, 1))
    with pytest.raises(bootstrap.SetupError, match="libere espacio"):
        bootstrap.check_room()


def test_no_network_the_first_time():
    with pytest.raises(bootstrap.SetupError, match=r"sin red no es posible la primera vez.*\n.*No address"):
        bootstrap.run(["sh", "-c", "echo 'No address'; exit 1"], "install the packages")


def test_a_full_disk_while_installing():
    with pytest.raises(OSError, match="No space left"):
        bootstrap.run(["sh", "-c", "echo 'error: No space left on device' >&2; exit 1"], "install the packages")


def test_a_taken_port_is_left_and_another_chosen(tmp_path, monkeypatch):
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setitem(places.USUAL_PORTS, "portal", other.getsockname()[1])
        assert Stack(tmp_path).port("portal") != other.getsockname()[1]


def test_a_free_usual_port_is_taken(tmp_path, monkeypatch):
    usual = free_port(set())
    monkeypatch.setitem(places.USUAL_PORTS, "portal", usual)
    assert Stack(tmp_path).port("portal") == usual


def test_ports_secrets_and_tokens_are_kept(tmp_path):
    stack = Stack.open(tmp_path)
    port, secret = stack.port("solr"), stack.secret("postgres")
    stack.accounts["portal"] = {"editor_token": "x"}
    stack.save()
    again = Stack.open(tmp_path)
    assert (again.port("solr"), again.secret("postgres"), again.accounts) == (port, secret, stack.accounts)
    assert (tmp_path / "stack.json").stat().st_mode & 0o077 == 0


def test_a_lock_is_held_once_and_a_stale_one_does_not_matter(tmp_path):
    stack = Stack(tmp_path)
    (tmp_path / "owner.lock").write_text("999999")
    lock = lifetime.hold(stack)
    with pytest.raises(StackError, match="ya está en marcha"):
        lifetime.hold(stack)
    lock.close()
    lifetime.hold(stack).close()


def test_a_deep_folder_gets_a_short_socket(tmp_path):
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    assert len(str(Stack(deep).control_socket)) < 108


def test_percent_signs_reach_supervisor_as_they_are(tmp_path):
    section = Program(name="a", command=["echo", "100%"], environment={"KEY": "1%"}).section(tmp_path)
    assert "100%%" in section
    assert 'KEY="1%%"' in section
