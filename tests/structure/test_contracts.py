"""The floors hold: imports run downwards only, and none is made for the type checker alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "aida_orchestrator"
LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"


def test_import_contracts_hold() -> None:
    done = subprocess.run([sys.executable, "-c", LINT], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_no_import_is_there_for_the_type_checker_alone() -> None:
    # Imports in a function, made late because they load slowly, are in the contracts' graph like all others.
    found = [str(path.relative_to(ROOT)) for path in PACKAGE.rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))
             if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)]
    assert found == []


def test_no_file_outgrows_the_house() -> None:
    long = {str(path.relative_to(ROOT)): count for path in PACKAGE.rglob("*.py")
            if (count := len(path.read_text().splitlines())) > 300}
    long.pop("aida_orchestrator/model.py", None)  # every noun in one place, on purpose
    assert long == {}


def test_every_file_says_what_it_is_for() -> None:
    silent = [str(path.relative_to(ROOT)) for path in PACKAGE.rglob("*.py")
              if path.read_text().strip() and ast.get_docstring(ast.parse(path.read_text())) is None]
    assert silent == []
