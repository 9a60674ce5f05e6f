"""Permitted imports between our packages: the arrows in the README."""

import ast
import subprocess
import sys

import pytest
from django.conf import settings

MAY_IMPORT = {
    "crud": set(),
    "workspaces": {"crud"},
    "crm": {"crud", "workspaces"},
    "recurring": {"crud", "workspaces", "crm"},
}


def list_imports(file):
    """Return the top-level packages that a file imports, also inside of functions."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_point_one_way(package):
    other_items = {*MAY_IMPORT, "socius"} - {package} - MAY_IMPORT[package]
    files = [file for file in (settings.BASE_DIR / package).rglob("*.py") if "tests" not in file.parts]
    assert not {(file.name, name) for file in files for name in list_imports(file) if name in other_items}


def test_the_tests_of_the_kit_know_no_other_package():
    files = (settings.BASE_DIR / "crud" / "tests").rglob("*.py")
    other_items = {*MAY_IMPORT, "socius"} - {"crud"}
    assert not {(file.name, name) for file in files for name in list_imports(file) if name in other_items}


def test_the_mrr_engine_is_importable_without_django():
    folder = settings.BASE_DIR / "recurring" / "mrr"
    names = [
        ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts) for path in folder.rglob("*.py")
    ]
    assert len(names) > 10
    block = "import sys; sys.modules['django'] = None; "
    command = [sys.executable, "-c", block + "; ".join(f"import {name}" for name in names)]
    run = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
