"""Check the import contracts of pyproject.toml: `python -m stack.contracts`.

ckanext-xloader's wheel brings a `ckanext/__init__.py` of the old kind, and the linter takes only a namespace for
the parent of `ckanext.edomex`. Here `ckanext` is what it is in this repository: a folder without `__init__`.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from stack.places import ROOT


def main() -> int:
    """Run the linter over this repository's own `ckanext` folder."""
    spec = ModuleSpec("ckanext", None, is_package=True)
    spec.submodule_search_locations = [str(ROOT / "ckanext")]
    namespace = ModuleType("ckanext")
    namespace.__spec__, namespace.__path__ = spec, spec.submodule_search_locations
    sys.modules["ckanext"] = namespace
    status = lint_imports(cache_dir=str(ROOT / ".local" / "import-linter"))
    return 0 if status == EXIT_STATUS_SUCCESS else 1


if __name__ == "__main__":
    sys.exit(main())
