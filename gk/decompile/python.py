"""Python as values, and its text: calls, names and literals, laid out as `ruff format` does."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

__all__ = [
    "Call",
    "Code",
    "Comparison",
    "Name",
    "assignment",
    "exploded",
    "imports",
    "module",
    "text",
]

WIDTH = 100
"""The longest line, as in most projects that set one."""
_INDENT = 4
_MANY = 2
"""Line breaks from which a text is written over several lines."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name, or attributes of one (`snippets.errors`); `module` is where its first part is
    imported from, empty for a name that the same file defines."""

    text: str
    module: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call; `named` are its keyword arguments, in order."""

    function: Name
    arguments: Sequence[Code] = ()
    named: Mapping[str, Code] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of two expressions."""

    left: Code
    operator: str
    right: Code


Code: TypeAlias = (
    "Name | Call | Comparison | Mapping[Any, Any] | list[Any] | tuple[Any, ...]"
    " | str | float | bool | None"
)
"""An expression: literals stand for themselves."""


def module(docstring: str, statements: Iterable[str], codes: Iterable[Code]) -> str:
    """The text of a module: its docstring, the imports of what `codes` name, and statements, each
    separated by a blank line."""
    needed = imports(codes)
    return "\n\n".join([f'"""{docstring}"""', *needed, *statements]) + "\n"


_STANDARD = frozenset({"functools", "re"})


def imports(codes: Iterable[Code]) -> list[str]:
    """The import statements that expressions need, as ruff sorts them: the standard library, gk,
    and the project's own modules, separated by a blank line."""
    names: dict[str, set[str]] = {}
    for name in _names(codes):
        if name.module:
            names.setdefault(name.module, set()).add(name.text.partition(".")[0])
    groups = [
        [module for module in sorted(names) if _group_of(module) == group]
        for group in range(_GROUPS)
    ]
    lines = [
        [_import(module, sorted(names[module], key=_by_case)) for module in own] for own in groups
    ]
    return ["\n".join(own) for own in lines if own]


_GROUPS = 3


def _group_of(module: str) -> int:
    if module in _STANDARD:
        return 0
    return 1 if module.partition(".")[0] == "gk" else 2


def _import(source: str, names: Sequence[str]) -> str:
    if source in _STANDARD and names == [source]:
        return f"import {source}"
    line = f"from {source} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return f"from {source} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _by_case(name: str) -> tuple[int, str]:
    # Constants, then classes, then the rest, as isort has it.
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


def _names(codes: Iterable[Code]) -> Iterator[Name]:
    for code in codes:
        match code:
            case Name():
                yield code
            case Call():
                yield code.function
                yield from _names((*code.arguments, *code.named.values()))
            case Comparison():
                yield from _names((code.left, code.right))
            case Mapping():
                yield from _names((*code.keys(), *code.values()))
            case list() | tuple():
                yield from _names(code)
            case _:
                pass


def assignment(name: str, code: Code) -> str:
    """The statement that gives an expression a name."""
    return f"{name} = {text(code, len(name) + 3)}"


def text(code: Code, column: int = 0, indent: int = 0, after: int = 0) -> str:
    """The text of an expression that starts at `column` of a line with `indent`, and has `after`
    more characters behind it on its last line."""
    if (flat := _flat(code, WIDTH - column - after)) is not None:
        return flat
    inner = indent + _INDENT
    match code:
        case Call():
            parts = [_item("", argument, inner) for argument in code.arguments]
            parts += [_item(f"{name}=", argument, inner) for name, argument in code.named.items()]
            return exploded(f"{code.function.text}(", parts, ")", indent)
        case Mapping():
            pairs = [_item(f"{_literal(key)}: ", inside, inner) for key, inside in code.items()]
            return exploded("{", pairs, "}", indent)
        case list():
            return exploded("[", [_item("", inside, inner) for inside in code], "]", indent)
        case tuple():
            return exploded("(", [_item("", inside, inner) for inside in code], ")", indent)
        case Comparison():
            right = f" {code.operator} {text(code.right)}"
            return text(code.left, column, indent, after + len(right)) + right
        case _:
            return _literal(code)


def _item(prefix: str, code: Code, indent: int) -> str:
    return prefix + text(code, indent + len(prefix), indent, after=1)


def exploded(opening: str, parts: Sequence[str], closing: str, indent: int) -> str:
    """The parts on a line of their own, if they fit there, or else each on its own line; `indent`
    is that of the line with the opening."""
    if not parts:
        return opening + closing
    joined = ", ".join(parts)
    if "\n" not in joined and indent + _INDENT + len(joined) <= WIDTH and closing == ")":
        return "\n".join([opening, " " * (indent + _INDENT) + joined, " " * indent + closing])
    space = " " * (indent + _INDENT)
    return "\n".join([opening, *(f"{space}{part}," for part in parts), " " * indent + closing])


def _flat(code: Code, room: int) -> str | None:
    """The expression on one line; None if it has more than `room` characters there, or a text over
    several lines."""
    match code:
        case Name():
            line: str | None = code.text
        case Call():
            named = ((f"{name}=", argument) for name, argument in code.named.items())
            given = (*(("", argument) for argument in code.arguments), *named)
            line = _joined(f"{code.function.text}(", given, ")", room)
        case Comparison():
            right = _flat(code.right, room)
            line = right and _joined("", [("", code.left)], f" {code.operator} {right}", room)
        case Mapping():
            pairs = ((f"{_literal(key)}: ", inside) for key, inside in code.items())
            line = _joined("{", pairs, "}", room)
        case list():
            line = _joined("[", (("", inside) for inside in code), "]", room)
        case tuple():
            closing = ",)" if len(code) == 1 else ")"
            line = _joined("(", (("", inside) for inside in code), closing, room)
        case _:
            line = _literal(code)
    return line if line is not None and len(line) <= room and "\n" not in line else None


def _joined(opening: str, parts: Iterable[tuple[str, Code]], closing: str, room: int) -> str | None:
    written: list[str] = []
    left = room - len(opening) - len(closing)
    for prefix, code in parts:
        # A dashboard as one line would be written again at each level in it.
        if left < 0 or (flat := _flat(code, left - len(prefix))) is None:
            return None
        written.append(prefix + flat)
        left -= len(prefix) + len(flat) + len(", ")
    return opening + ", ".join(written) + closing


def _literal(value: Any) -> str:
    if isinstance(value, (Name, Call, tuple)):
        return text(value)
    return _quoted(value) if isinstance(value, str) else repr(value)


@lru_cache(maxsize=4096)
def _quoted(value: str) -> str:
    """A text in the quotes that need fewer escapes, double ones first; over several lines if it has
    many."""
    plain = value.isprintable() or all(letter.isprintable() or letter == "\n" for letter in value)
    if value.count("\n") >= _MANY and plain and '"""' not in value and not value.endswith('"'):
        escaped = value.replace("\\", "\\\\")
        if not any(line != line.rstrip() for line in escaped.split("\n")[:-1]):
            return f'"""{escaped}"""' if not value.startswith('"') else f'"""\\\n{escaped}"""'
    if value.count('"') > value.count("'"):
        return "'" + _body(value).replace("'", "\\'") + "'"
    return '"' + _body(value).replace('"', '\\"') + '"'


def _body(value: str) -> str:
    """The text with escapes for what has no glyph, and none for quotes."""
    if value.isprintable() and "\\" not in value:
        return value
    return "".join(_escape(letter) for letter in value)


def _escape(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if character.isprintable():
        return character
    if character in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[character]
    # Python and JSON spell characters of the first plane alike; those beyond are pairs in JSON.
    spelled = json.dumps(character)[1:-1]
    return spelled if len(spelled) == len("\\u0000") else f"\\U{ord(character):08x}"
