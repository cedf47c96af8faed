"""Values that no constructor and no document expects."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["HOSTILE"]


class Evil:
    """An object all of whose methods fail."""

    def __init__(self, error: type[BaseException]) -> None:
        object.__setattr__(self, "error", error)

    def _fail(self, *_: Any, **__: Any) -> Any:
        raise object.__getattribute__(self, "error")("evil")

    __eq__ = __ne__ = __hash__ = __repr__ = __str__ = __bool__ = __len__ = __iter__ = (
        __getitem__
    ) = _fail
    __contains__ = __call__ = __lt__ = __gt__ = __add__ = __format__ = __int__ = __float__ = (
        __index__
    ) = _fail

    def __getattr__(self, name: str) -> Any:
        self._fail()


class LyingDict(dict[Any, Any]):
    """A dictionary that says other things than it holds."""

    def __getitem__(self, key: Any) -> Any:
        raise ZeroDivisionError

    def items(self) -> Any:
        raise ZeroDivisionError

    def get(self, *_: Any) -> Any:
        return self


class LyingText(str):
    """A text that is never the same."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        raise ZeroDivisionError

    def __hash__(self) -> int:
        return hash(str(self))

    def encode(self, *_: Any, **__: Any) -> bytes:
        raise ZeroDivisionError


class Drawn:
    """An object with JSON of its own, which cannot be had."""

    def to_json_data(self) -> Any:
        raise KeyError("drawn")


def _cyclic() -> tuple[list[Any], dict[str, Any]]:
    items: list[Any] = [1]
    items.append(items)
    fields: dict[str, Any] = {"a": 1}
    fields["self"] = fields
    return items, fields


def _deep(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": [value]}
    return value


HOSTILE: dict[str, Any] = {
    "None": None,
    "zero": 0,
    "minus": -1,
    "float": 0.5,
    "true": True,
    "NaN": math.nan,
    "infinity": math.inf,
    "2**62": 2**62,
    "2**63": 2**63,
    "2**70": 2**70,
    "10**5000": 10**5000,
    "1e308": 1e308,
    "empty": "",
    "space": " ",
    "surrogate": "\ud800",
    "NUL": "a\0b",
    "slash": "/a/b",
    "dots": "../../x",
    "control": "\x1b[31m\r\u202e",
    "newline": "a\nb: {c}\n---\n",
    "dollar": "${x} $__env{HOME} {{ $node }} {{",
    "long": "x" * 100_000,
    "bytes": b"x",
    "list": [],
    "list of None": [None],
    "list of lists": [[[]]],
    "list of text": ["a", ""],
    "dict": {},
    "dict of None": {"a": None},
    "keys": {1: 2, None: 3},
    "tuple keys": {("a",): 1},
    "surrogate key": {"\ud800": 1},
    "set": {1, "a"},
    "object": object(),
    "class": dict,
    "function": len,
    "generator": (each for each in [1]),
    "evil": Evil(ZeroDivisionError),
    "evil exit": Evil(SystemExit),
    "evil base": Evil(GeneratorExit),
    "evil type error": Evil(TypeError),
    "lying dict": LyingDict(a=1),
    "lying text": LyingText("a"),
    "drawn": Drawn(),
    "cyclic list": _cyclic()[0],
    "cyclic dict": _cyclic()[1],
    "deep": _deep(150),
    "very deep": _deep(450),
}
