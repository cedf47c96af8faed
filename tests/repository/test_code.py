"""gk's own code is short enough to be read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import REPOSITORY

MODULES = sorted((REPOSITORY / "gk").rglob("*.py"))
LONGEST_FUNCTION = 50
"""Lines of a function's body, without its docstring."""
LONGEST_MODULE = 500
TABLES = REPOSITORY / "gk" / "library"
"""Its modules are lists of snippets, and so are read entry by entry."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(module: Path) -> Iterator[tuple[str, int]]:
    """Names and lengths of all functions of a module."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, Function):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            last = node.body[-1].end_lineno
            yield node.name, last - body[0].lineno + 1 if body and last else 0


def test_no_function_is_long() -> None:
    """Its body fits on a screen."""
    lengths = {
        (str(module.relative_to(REPOSITORY)), name): length
        for module in MODULES
        for name, length in functions(module)
    }

    assert len(lengths) > 1000
    assert {} == {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION}


def test_no_module_is_long() -> None:
    """One that grows has two subjects; tables may be long."""
    lengths = {
        str(module.relative_to(REPOSITORY)): len(module.read_text("utf-8").splitlines())
        for module in MODULES
        if not module.is_relative_to(TABLES)
    }

    assert {} == {name: length for name, length in lengths.items() if length > LONGEST_MODULE}
