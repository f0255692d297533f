"""Styles are compared with their sources once in a process: never stale after a start, never missing."""

import os

import pytest
from webassets import Bundle, Environment

from ckanext.edomex.adapters.assets import OncePerProcess


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "edomex.css"
    path.write_text("a {}")
    return path


def environment(tmp_path, source):
    """What a new process has; the built files are those of the process before."""
    env = Environment(directory=str(tmp_path / "built"), url="/webassets")
    env.updater = OncePerProcess()
    env.register("edomex", Bundle(str(source), output="edomex/%(version)s.css"))
    return env


def shown(tmp_path, env):
    (url,) = env["edomex"].urls()
    return (tmp_path / "built" / url.removeprefix("/webassets/").split("?")[0]).read_text()


def change(source, text):
    before = source.stat().st_mtime
    source.write_text(text)
    # As if a while had gone by: files' times have their own grain.
    os.utime(source, (before + 10, before + 10))


def test_what_changed_before_a_start_is_built(tmp_path, source):
    assert shown(tmp_path, environment(tmp_path, source)) == "a {}"
    change(source, "b {}")
    assert shown(tmp_path, environment(tmp_path, source)) == "b {}"


def test_within_a_process_sources_are_looked_at_once(tmp_path, source, monkeypatch):
    env = environment(tmp_path, source)
    shown(tmp_path, env)
    shown(tmp_path, env)
    monkeypatch.setattr(type(env.updater).__mro__[1], "needs_rebuild", lambda *_: pytest.fail("compared again"))
    assert shown(tmp_path, env) == "a {}"


def test_a_built_file_that_is_gone_is_built_again(tmp_path, source):
    env = environment(tmp_path, source)
    for _ in range(2):
        shown(tmp_path, env)
    for built in (tmp_path / "built").rglob("*.css"):
        built.unlink()
    assert shown(tmp_path, env) == "a {}"


def test_the_stock_updater_keeps_its_name():
    from webassets.updater import TimestampUpdater, get_updater

    assert type(get_updater("timestamp")) is TimestampUpdater
