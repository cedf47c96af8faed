"""Changes single arguments in the text of Python files, and leaves everything else as it is."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gk.decompile.python import WIDTH, Code, exploded, text

__all__ = [
    "Call",
    "again",
    "calls",
    "has_argument",
    "laid_out",
    "with_argument",
    "with_constant",
    "with_title",
]


_TO_NEXT_LINE = re.compile(r"[ \t]*,[ \t]*(?:#[^\n]*)?\n")
"""What may be between an argument and the next one's line: a comma, and a comment."""


@dataclass(frozen=True)
class Call:
    """A call in a file."""

    file: str
    node: ast.Call

    @property
    def line(self) -> int:
        """Its first line."""
        return self.node.lineno


def calls(files: Mapping[str, str], title: str) -> Iterator[Call]:
    """The calls whose first argument is this text, in the order of the files."""
    for file, content in files.items():
        if not file.endswith(".py"):
            continue
        try:
            tree = ast.parse(content)
        except SyntaxError:
            # Not a definition: with them, the project has been built.
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            given = _titled(node)
            if isinstance(given, ast.Constant) and given.value == title:
                yield Call(file, node)


def _titled(node: ast.Call) -> ast.expr | None:
    if node.args:
        return node.args[0]
    return next(
        (keyword.value for keyword in node.keywords if keyword.arg in ("title", "name")), None
    )


def has_argument(call: Call, *names: str) -> bool:
    """Whether a call has one of these keyword arguments."""
    return any(keyword.arg in names for keyword in call.node.keywords)


def again(content: str, call: Call) -> Call:
    """The same call in a text of its file in which arguments changed."""
    # By where it begins: what changed is inside of it.
    place = (call.node.lineno, call.node.col_offset, ast.dump(call.node.func))
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.Call) and place == (
            node.lineno,
            node.col_offset,
            ast.dump(node.func),
        ):
            return Call(call.file, node)
    raise ValueError("the call is no longer there")


def with_title(content: str, call: Call, title: str) -> str:
    """The file with another title."""
    given = _titled(call.node)
    if given is None:
        raise ValueError("this call has no title")
    return _replaced(content, given, text(title))


def with_argument(content: str, call: Call, name: str, value: Code, *, gone: bool = False) -> str:
    """The file with another value of a keyword argument of a call; `gone` removes it. Raises
    ValueError where the argument comes from elsewhere (`**`)."""
    given = next((keyword for keyword in call.node.keywords if keyword.arg == name), None)
    if given is not None:
        return _without(content, call, given) if gone else _with_value(content, given, value)
    if gone:
        raise ValueError(f"{name} is not an argument of this call")
    return _with_new(content, call, name, value)


def with_constant(content: str, call: Call, old: Any, new: Any) -> str:
    """The file with another constant in place of the only one with this value in a call. Raises
    ValueError if there is none, or more than one."""
    constants = [
        node
        for node in ast.walk(call.node)
        if isinstance(node, ast.Constant) and type(node.value) is type(old) and node.value == old
    ]
    if len(constants) != 1:
        raise ValueError(f"{old!r} occurs {len(constants)} times in this call")
    return _replaced(content, constants[0], text(new, after=1))


_BEFORE = re.compile(r" *(?:[\w.]+(?: = |=)|return )?")
"""What `ruff format` leaves before a call whose line it breaks."""


def laid_out(content: str, call: Call) -> str:
    """The file with the arguments of a call where `ruff format` puts them, if they are on one line
    that is too long. A call inside of something else on that line stays as it is."""
    node = call.node
    start, end = _offset(content, node.lineno, node.col_offset), _end(content, node)
    first, opening = content.rfind("\n", 0, start) + 1, _end(content, node.func)
    last = (content + "\n").find("\n", end)
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    places = sorted(
        (_offset(content, *_start(node, value)), _end(content, value)) for value in given
    )
    parts = [content[start:end] for start, end in places]
    before, rest = content[first:start], content[end:last].strip()
    is_too_long = any(len(line) > WIDTH for line in content[first:last].split("\n"))
    is_alone = _BEFORE.fullmatch(before) and rest in ("", ",") and content[opening] == "("
    is_on_one_line = places and "\n" not in content[places[0][0] : places[-1][1]]
    if not (is_too_long and is_alone and is_on_one_line):
        return content
    indent = len(before) - len(before.lstrip(" "))
    written = exploded(content[first : opening + 1], parts, ")", indent)
    return content[:first] + written + content[end:]


def _with_value(content: str, given: ast.keyword, value: Code) -> str:
    start = _offset(content, given.value.lineno, given.value.col_offset)
    line = content.rfind("\n", 0, start) + 1
    indent = len(content[line:start]) - len(content[line:start].lstrip(" "))
    return _replaced(content, given.value, text(value, start - line, indent, after=1))


def _with_new(content: str, call: Call, name: str, value: Code) -> str:
    """Put an argument after the last one: on a line of its own, if that one has."""
    arguments = [*call.node.args, *(keyword.value for keyword in call.node.keywords)]
    last = max(
        arguments, key=lambda argument: (argument.end_lineno or 0, argument.end_col_offset or 0)
    )
    end = _end(content, last)
    start = _offset(content, *_start(call.node, last))
    line = content.rfind("\n", 0, start) + 1
    before = content[line:start]
    if before.strip():
        return f"{content[:end]}, {name}={text(value)}{content[end:]}"
    written = text(value, len(before) + len(name) + 1, len(before), after=1)
    if rest := _TO_NEXT_LINE.match(content, end):
        # A comment stays with the argument that it is about.
        return f"{content[: rest.end()]}{before}{name}={written},\n{content[rest.end() :]}"
    return f"{content[:end]},\n{before}{name}={written}{content[end:]}"


def _start(call: ast.Call, value: ast.expr) -> tuple[int, int]:
    """Where the argument of a value starts, with its name."""
    owner: ast.expr | ast.keyword = next(
        (keyword for keyword in call.keywords if keyword.value is value), value
    )
    return owner.lineno, owner.col_offset


def _without(content: str, call: Call, given: ast.keyword) -> str:
    start = _offset(content, given.lineno, given.col_offset)
    end = _end(content, given.value)
    rest = content[end:]
    if rest.lstrip().startswith(","):
        end += len(rest) - len(rest.lstrip()) + 1
        line = content.rfind("\n", 0, start) + 1
        if not content[line:start].strip() and content[end : end + 1] == "\n":
            # It has the line for itself, which goes with it.
            return content[:line] + content[end + 1 :]
        return content[:start] + content[end:].lstrip(" ")
    before = content[:start].rstrip()
    return before.removesuffix(",") + rest


def _replaced(content: str, node: ast.expr, new: str) -> str:
    start = _offset(content, node.lineno, node.col_offset)
    return content[:start] + new + content[_end(content, node) :]


def _end(content: str, node: ast.expr) -> int:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return _offset(content, node.end_lineno, node.end_col_offset)


def _offset(content: str, line: int, column: int) -> int:
    """The place of a line and a column, which Python counts in bytes."""
    # Not splitlines, which also parts lines at what Python does not: form feeds and others.
    lines = io.StringIO(content, newline="").readlines()
    before = sum(map(len, lines[: line - 1]))
    return before + len(lines[line - 1].encode()[:column].decode())
