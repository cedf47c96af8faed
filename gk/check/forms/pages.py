"""The pages of checks as Markdown."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import yaml

from gk.promql.syntax import parses

__all__ = ["as_markdown"]

_EXAMPLE = re.compile(r"\n\n(    .*(?:\n+    .*)*)")


def as_markdown(page: str) -> str:
    """A page with its examples, which are indented, as code of their languages."""
    return "".join(_pieces(page)).strip()


def _pieces(page: str) -> Iterator[str]:
    # Text and examples take turns.
    for number, piece in enumerate(_EXAMPLE.split(page)):
        if number % 2:
            code = "\n".join(line[4:] for line in piece.split("\n"))
            yield f"\n\n```{_language(code)}\n{code}\n```"
        else:
            yield re.sub(r"^(Problem|Instead):", r"**\1:**", piece, flags=re.MULTILINE)


def _language(code: str) -> str:
    # One query on several lines, or one on each.
    if parses(code) or all(map(parses, code.splitlines())):
        return "promql"
    try:
        ast.parse(code)
    except SyntaxError:
        return "yaml" if _is_yaml(code) else "text"
    return "python"


def _is_yaml(code: str) -> bool:
    try:
        return isinstance(yaml.safe_load(code), (dict, list))
    except yaml.YAMLError:
        return False
