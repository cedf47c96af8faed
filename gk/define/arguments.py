"""Arguments of constructors, checked by their annotations when a definition calls them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from types import UnionType
from typing import Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

from gk.errors import did_you_mean

__all__ = ["checked", "typed"]

P = ParamSpec("P")
R = TypeVar("R")


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Let a constructor refuse what Grafana would ignore in silence.

    That is an unknown argument, a word that is none of those that Grafana knows, one text where a
    list is meant, anything of another type than its annotation names, and texts and numbers that
    JSON does not have.
    """
    return _guarded(function, _Arguments(function))


def typed(function: Callable[P, R]) -> Callable[P, R]:
    """Let a constructor refuse texts, numbers, flags and words that are wrong.

    What is in lists and mappings the constructor checks itself, and says whose it is.
    """
    return _guarded(function, _Arguments(function, only_atoms=True))


def _guarded(function: Callable[P, R], arguments: _Arguments) -> Callable[P, R]:
    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        arguments.check(args, kwargs)
        return function(*args, **kwargs)

    return call


class _Arguments:
    """What a constructor takes, by its annotations: they are read when it is first called."""

    def __init__(self, function: Callable[..., Any], *, only_atoms: bool = False) -> None:
        self.function = function
        self.only_atoms = only_atoms
        self.name = function.__qualname__.removesuffix(".__init__")
        code = function.__code__
        self.positional = code.co_varnames[: code.co_argcount]
        self.own = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        self.keywords = code.co_varnames[
            len(self.own) + bool(code.co_flags & inspect.CO_VARARGS) :
        ][:1]
        if not code.co_flags & inspect.CO_VARKEYWORDS:
            self.keywords = ()

    @cached_property
    def kinds(self) -> dict[str, _Kind]:
        """What each argument may be."""
        kinds = {
            name: _kind(hint) for name, hint in self._hints.items() if name not in _TOLD_BETTER
        }
        if not self.only_atoms:
            return kinds
        return {name: kind for name, kind in kinds.items() if not kind.holds_others}

    @cached_property
    def known(self) -> set[str]:
        """The names of all arguments."""
        return set(self._hints) | set(self.own)

    @cached_property
    def _hints(self) -> dict[str, Any]:
        # Unpack is there since Python 3.11, and nothing else needs typing_extensions when gk runs.
        hints = get_type_hints(self.function, localns={"Unpack": Sequence})
        own = {name: hints[name] for name in self.own if name in hints}
        for name in self.keywords:
            own = get_type_hints(*get_args(hints[name])) | own
        return own

    def check(self, positional: Sequence[Any], by_name: Mapping[str, Any]) -> None:
        unknown = by_name.keys() - self.known
        if unknown:
            name = min(unknown)
            raise TypeError(
                f"{self.name}() has no argument '{name}'{did_you_mean(name, self.known)}"
            )
        for name, value in (*zip(self.positional, positional, strict=False), *by_name.items()):
            if (kind := self.kinds.get(name)) and (mistake := kind.mistake(name, value)):
                raise mistake[0](f"{self.name}(): {mistake[1]}")


_TOLD_BETTER = {"password", "thresholds", "time"}
"""Arguments for which the constructors themselves, or gk.compile, have an example."""
_Mistake = tuple[type[Exception], str] | None
_TEXT, _FLAG, _WHOLE, _NUMBER = "text", "True or False", "a whole number", "a number"
_ATOMS: dict[Any, str] = {str: _TEXT, bool: _FLAG, int: _WHOLE, float: _NUMBER, type(None): "None"}
_LARGEST = 2**63
"""Grafana's JSON has integers of 64 bits."""


@dataclass(frozen=True)
class _Kind:
    """What an argument may be: the types that its annotation names, and what may be in a list or a
    mapping.

    An object is told by its type: what it says of itself need not be true, or may fail.
    """

    names: tuple[str, ...]
    types: tuple[type, ...]
    words: tuple[Any, ...]
    items: _Kind | None
    values: _Kind | None

    @property
    def holds_others(self) -> bool:
        """Whether it may be a list or a mapping."""
        return not {Iterable, Sequence, Mapping}.isdisjoint(self.types)

    def mistake(self, name: str, value: Any) -> _Mistake:
        """What is wrong with a value; nothing for one that fits."""
        kind = type(value)
        if self.items is not None and issubclass(kind, str) and str not in self.types:
            return TypeError, f"{name} is a list; write [{value!r}]"
        if self.words and not any(kind is type(word) and value == word for word in self.words):
            return self._no_word(name, value)
        if self.types and not self._is_one(kind):
            return TypeError, f"{name} has to be {' or '.join(self.names)}, not {kind.__name__}"
        return _unfit(name, value, kind) or self._inside(name, value, kind)

    def _is_one(self, kind: type) -> bool:
        if kind is bool:
            return bool in self.types
        return issubclass(kind, self.types) or (issubclass(kind, int) and float in self.types)

    def _no_word(self, name: str, value: Any) -> _Mistake:
        if not isinstance(value, (str, int, float, type(None))):
            return TypeError, f"{name} has to be a word, not {type(value).__name__}"
        known = [str(each) for each in self.words if each not in ("", None)]
        hint = did_you_mean(str(value), known) or f"; one of {', '.join(known)}"
        return ValueError, f"{name} {value!r} is not known{hint}"

    def _inside(self, name: str, value: Any, kind: type) -> _Mistake:
        found: Iterable[tuple[str, Any, _Kind | None]] = ()
        if self.items and issubclass(kind, (list, tuple)):
            found = (
                (f"{name}[{index}]" if not self.items.words else name, each, self.items)
                for index, each in enumerate(value)
            )
        elif self.values and issubclass(kind, dict):
            found = (
                (f"{name}[{key!r}]" if type(key) in _ATOMS else name, each, self.values)
                for key, each in value.items()
            )
        return next(
            (
                mistake
                for path, each, inner in found
                if inner and (mistake := inner.mistake(path, each))
            ),
            None,
        )


def _unfit(name: str, value: Any, kind: type) -> _Mistake:
    """What is wrong with a text or a number of the right type: Grafana's JSON has no place for
    it."""
    if issubclass(kind, str):
        try:
            str.encode(value)
        except UnicodeEncodeError:
            return (
                ValueError,
                f"{name} has half of a character in it (a surrogate), which no file can have",
            )
    elif issubclass(kind, int):
        if not -_LARGEST <= value < _LARGEST:
            return ValueError, f"{name} is too large: Grafana has numbers of 64 bits"
    elif issubclass(kind, float) and not math.isfinite(value):
        return ValueError, f"{name} has to be a finite number, not {value}"
    return None


def _kind(hint: Any) -> _Kind:
    """What a hint allows; anything where that cannot be told by a type."""
    names: list[str] = []
    types: list[type] = []
    words: list[Any] = []
    items = values = None
    for each in _alternatives(hint):
        origin, arguments = get_origin(each), get_args(each)
        if origin is Literal:
            words += arguments
        elif each in _ATOMS:
            names.append(_ATOMS[each])
            types.append(each)
        elif origin in (Sequence, tuple):
            names.append("a list")
            # Whatever can be gone through once is as good as a list.
            types.append(Iterable if origin is Sequence else Sequence)
            items = _kind(arguments[0]) if origin is Sequence else _ANYTHING
        elif origin is Mapping:
            names.append("a mapping")
            types.append(Mapping)
            # Where values are Secrets, gk.compile says what to write in place of others.
            values = (
                _kind(arguments[1]) if set(_alternatives(arguments[1])) <= _ATOMS.keys() else None
            )
        elif (
            isinstance(each, type)
            and each.__module__.startswith("gk.")
            and not each.__module__.startswith("gk.promql")
        ):
            names.append(f"a {each.__name__}")
            types.append(each)
        else:
            return _ANYTHING
    if words and types not in ([], [type(None)]):
        # Some words are known, and any text will do.
        words = []
    elif words:
        words += [None] * bool(types)
        types = []
    return _Kind(tuple(names), tuple(types), tuple(words), items, values)


_ANYTHING = _Kind((), (), (), None, None)


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
