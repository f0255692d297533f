"""The wheel has what the plugins need, and does not own the namespace that it shares."""

from __future__ import annotations

import subprocess
import tomllib
import zipfile

import pytest

from stack.places import ROOT, VENV


@pytest.fixture(scope="module")
def contents(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    command = [VENV / "bin" / "uv", "build", "--wheel", "--offline", "--no-build-isolation", "--python", VENV / "bin" / "python"]
    done = subprocess.run([*command, "--out-dir", out, ROOT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    (wheel,) = out.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_has_every_plugin(contents):
    entries = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["ckan.plugins"]
    for target in entries.values():
        assert target.split(":")[0].replace(".", "/") + ".py" in contents


PATTERNS = ["**/*.yaml", "**/*.csv", "**/*.html", "**/alembic.ini", "**/script.py.mako", "**/*.css"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_has_every_file_that_is_no_python(contents, pattern):
    wanted = {str(path.relative_to(ROOT)) for path in ROOT.glob(f"ckanext/edomex/{pattern}") if "tests" not in path.parts}
    assert wanted
    assert wanted <= contents


def test_does_not_own_the_namespace(contents):
    assert "ckanext/__init__.py" not in contents
