"""Finds the line of a part of a definition: of a panel, an alert or a variable in the constructor
that makes it, and the lines that a comment is about.

A resource knows the line of its definition only. A part's line is that of the only call in the same
file whose first argument is the part's name; of several parts with one name, that of as many calls
in their order. If the numbers differ, it is the definition's.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gk.bounded.reading import UnusableFileError, read_bytes, read_text
from gk.check.model import ALONE, Turn
from gk.errors import Source, Where

__all__ = ["Comment", "Places"]

_LARGEST = 16 << 20
"""Bytes of a file with definitions."""
_STATED = re.compile(r"#\s*gk:\s*(?P<text>.*)")
_TITLE = re.compile(r'"title"\s*:\s*"((?:[^"\\]|\\.)*)"')
# A place in the file may be the name of a variable with its sign, or of a panel without a title.
_NAMED = ("panel", "alert", "recording rule", "variable", "annotation")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment `# gk: ...`: its text after that, its line, and the lines that it is about."""

    text: str
    line: int
    about: range


class Places:
    """The lines of parts in the files of the project in `root`; each file is read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: dict[str, _File] = {}

    def of(self, source: Source, where: Where | None, turn: Turn = ALONE) -> Source:
        """The place of a part of the definition at `source`."""
        if where is None or not where.name or where.kind not in _NAMED:
            return source
        lines = self._file(source.file).lines.get(where.name, [])
        index, number = turn
        return Source(source.file, lines[index]) if len(lines) == number else source

    def comments(self, file: str) -> list[Comment]:
        """The comments to gk in a file, relative to the project."""
        return self._file(file).comments

    def _file(self, name: str) -> _File:
        if name not in self._files:
            read = _source if name.endswith(".py") else read_text
            try:
                text = read(self._root / name, _LARGEST)
            except UnusableFileError:
                text = ""
            self._files[name] = _File(name, text)
        return self._files[name]


class _File:
    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._text = text

    @cached_property
    def lines(self) -> dict[str, list[int]]:
        """The lines on which each name is given to what is made there."""
        lines: dict[str, list[int]] = defaultdict(list)
        for name, line in self._names():
            if line not in lines[name]:
                lines[name].append(line)
        return lines

    def _names(self) -> Iterator[tuple[str, int]]:
        if not self._name.endswith(".py"):
            # As text: parsed JSON does not know its lines.
            for match in _TITLE.finditer(self._text):
                yield match[1], self._text.count("\n", 0, match.start()) + 1
            return
        for node in self._nodes:
            if isinstance(node, ast.Call) and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value, node.lineno

    @cached_property
    def _nodes(self) -> list[ast.AST]:
        try:
            return list(ast.walk(ast.parse(self._text)))
        except (SyntaxError, ValueError, RecursionError):
            return []

    @cached_property
    def comments(self) -> list[Comment]:
        if not self._name.endswith(".py") or "gk:" not in self._text:
            return []
        comments = []
        for token in _tokens(self._text):
            match = _STATED.fullmatch(token.string) if token.type == tokenize.COMMENT else None
            if match:
                is_alone = not token.line[: token.start[1]].strip()
                comments.append(
                    Comment(match["text"], token.start[0], self._about(token, is_alone))
                )
        return comments

    def _about(self, token: tokenize.TokenInfo, is_alone: bool) -> range:
        """The lines of what begins on the comment's line, or on the next line with code if the
        comment stands alone."""
        line = token.start[0]
        if is_alone:
            # splitlines() also ends a line where Python does not, such as at a form feed.
            lines = self._text.split("\n")
            while line < len(lines) and lines[line].strip().startswith("#"):
                line += 1
            line += 1
        ends = [
            node.end_lineno or line
            for node in self._nodes
            if isinstance(node, (ast.stmt, ast.expr)) and _first_line(node) == line
        ]
        return range(line, max(ends, default=line) + 1)


def _first_line(node: ast.stmt | ast.expr) -> int:
    # The decorator of a snippet is above its function.
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _source(path: Path, most: int) -> str:
    """A Python file as Python reads it, in the encoding that it states. Raises
    UnusableFileError."""
    content = io.BytesIO(read_bytes(path, most))
    try:
        encoding, _ = tokenize.detect_encoding(content.readline)
        content.seek(0)
        return io.TextIOWrapper(content, encoding).read()
    except (SyntaxError, ValueError, LookupError):
        # Loading the definition reports it.
        return ""


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError):
        return
