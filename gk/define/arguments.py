"""Checks the arguments of constructors against their annotations."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from types import UnionType
from typing import Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

from grafanalib import core

from gk.errors import did_you_mean
from gk.promql.condition import Condition
from gk.promql.snippet import Query, Snippet

__all__ = ["checked", "listed", "texts", "typed"]

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Make a constructor refuse arguments that Grafana would silently ignore.

    These are unknown arguments, unknown words, a single text in place of a list, values of another
    type than the annotation, and texts and numbers that JSON cannot hold.
    """
    return _guarded(function, _Arguments(function))


def typed(function: Callable[P, R]) -> Callable[P, R]:
    """Make a constructor refuse wrong texts, numbers, flags and words.

    The constructor checks the content of lists and mappings itself, and names the object in its
    message.
    """
    return _guarded(function, _Arguments(function, only_atoms=True))


def listed(given: Iterable[T], types: type | tuple[type, ...], what: str) -> Sequence[T]:
    """The items of an argument that is a list of `types`.

    Raises:
        TypeError: it is another thing, or holds others; `what` is named.
    """
    value: object = given
    # A text is a sequence, too: of its characters.
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError(f"{what} must be a list, not {type(value).__name__}")
    items = tuple(given)
    for item in items:
        if not isinstance(item, types):
            names = [type_.__name__ for type_ in (types if isinstance(types, tuple) else (types,))]
            raise TypeError(
                f"{what} must contain {' or '.join(names)} objects, not {type(item).__name__}"
            )
    return items


def texts(given: Mapping[str, str] | None, what: str) -> Mapping[str, str]:
    """The texts by name of an argument; none for None.

    Raises:
        TypeError: a value is no text; `what` is named.
    """
    values: Mapping[str, object] = given or {}
    for name, value in values.items():
        if not isinstance(value, str):
            raise TypeError(f"{what} {name} must be text, not {type(value).__name__}")
    return given or {}


def _guarded(function: Callable[P, R], arguments: _Arguments) -> Callable[P, R]:
    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        arguments.check(args, kwargs)
        return function(*args, **kwargs)

    return call


class _Arguments:
    """The arguments of a constructor, by its annotations, which are read at the first call."""

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
        """The values that each argument accepts."""
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
        # typing has Unpack since Python 3.11. A stand-in avoids typing_extensions, which gk needs
        # nowhere else at run time.
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
"""Arguments for which the constructor itself, or gk.compile, has a better message."""
_Mistake = tuple[type[Exception], str] | None
_TEXT, _FLAG, _WHOLE, _NUMBER = "text", "True or False", "a whole number", "a number"
_ATOMS: dict[Any, str] = {str: _TEXT, bool: _FLAG, int: _WHOLE, float: _NUMBER, type(None): "None"}
_OBJECTS = {
    core.Panel: "a panel",
    core.RowPanel: "a row",
    core.Template: "a variable",
    core.DashboardLink: "a dashboard_link()",
    core.DataLink: "a link()",
}
"""Classes of grafanalib, for which objects of other libraries are accepted, too."""
_NO_OBJECTS = (str, int, float, list, tuple, type(None), Query, Snippet, Condition)
"""Types that no library uses for such an object."""
_LARGEST = 2**63
"""Grafana's JSON has 64-bit integers."""


@dataclass(frozen=True)
class _Kind:
    """The values that an argument accepts: its types, and the kinds of the items in a list or a
    mapping.

    The check uses only the object's type: its methods belong to the definition, and may lie or
    fail.
    """

    names: tuple[str, ...]
    types: tuple[type, ...]
    words: tuple[Any, ...]
    items: _Kind | None
    values: _Kind | None
    is_object: bool = False

    @property
    def holds_others(self) -> bool:
        """Whether it may be a list or a mapping."""
        return not {Iterable, Sequence, Mapping}.isdisjoint(self.types)

    def mistake(self, name: str, value: Any) -> _Mistake:
        """Return what is wrong with a value; None if it fits."""
        kind = type(value)
        if self.is_object and issubclass(kind, _NO_OBJECTS):
            return self._wrong_type(name, kind)
        if self.items is not None and issubclass(kind, str) and str not in self.types:
            return TypeError, f"{name} is a list; write [{value!r}]"
        # By type, too: True equals 1, and 2.0 equals 2.
        if self.words and not any(kind is type(word) and value == word for word in self.words):
            return self._no_word(name, value)
        if self.types and not self._is_one(kind):
            return self._wrong_type(name, kind)
        return _unfit(name, value, kind) or self._inside(name, value, kind)

    def _wrong_type(self, name: str, kind: type) -> _Mistake:
        return TypeError, f"{name} must be {' or '.join(self.names)}, not {kind.__name__}"

    def _is_one(self, kind: type) -> bool:
        # bool is a subclass of int, but no number here.
        if kind is bool:
            return bool in self.types
        return issubclass(kind, self.types) or (issubclass(kind, int) and float in self.types)

    def _no_word(self, name: str, value: Any) -> _Mistake:
        if not isinstance(value, (str, int, float, type(None))):
            return TypeError, f"{name} must be a word, not {type(value).__name__}"
        known = [str(word) for word in self.words if word not in ("", None)]
        hint = did_you_mean(str(value), known) or f"; one of {', '.join(known)}"
        return ValueError, f"{name} {value!r} is not known{hint}"

    def _inside(self, name: str, value: Any, kind: type) -> _Mistake:
        items: Iterable[tuple[str, Any, _Kind | None]] = ()
        if self.items and issubclass(kind, (list, tuple)):
            items = (
                (f"{name}[{index}]" if not self.items.words else name, item, self.items)
                for index, item in enumerate(value)
            )
        elif self.values and issubclass(kind, dict):
            items = (
                (f"{name}[{key!r}]" if type(key) in _ATOMS else name, item, self.values)
                for key, item in value.items()
            )
        return next(
            (
                mistake
                for path, item, inner in items
                if inner and (mistake := inner.mistake(path, item))
            ),
            None,
        )


def _unfit(name: str, value: Any, kind: type) -> _Mistake:
    """Return what is wrong with a text or a number of the right type that JSON cannot hold."""
    if issubclass(kind, str):
        try:
            str.encode(value)
        except UnicodeEncodeError:
            return (
                ValueError,
                f"{name} contains an unpaired surrogate, which UTF-8 cannot encode",
            )
    elif issubclass(kind, int):
        if not -_LARGEST <= value < _LARGEST:
            return ValueError, f"{name} is too large: it must fit in 64 bits"
    elif issubclass(kind, float) and not math.isfinite(value):
        return ValueError, f"{name} must be a finite number, not {value}"
    return None


def _kind(hint: Any) -> _Kind:
    """Return the kind for a type hint; one that accepts anything if a type cannot tell."""
    names: list[str] = []
    types: list[type] = []
    words: list[Any] = []
    items = values = None
    alternatives = _alternatives(hint)
    if objects := [_OBJECTS[type_] for type_ in alternatives if type_ in _OBJECTS]:
        return _Kind(tuple(objects), (), (), None, None, is_object=True)
    for type_ in alternatives:
        origin, arguments = get_origin(type_), get_args(type_)
        if origin is Literal:
            words += arguments
        elif type_ in _ATOMS:
            names.append(_ATOMS[type_])
            types.append(type_)
        elif origin in (Sequence, tuple):
            names.append("a list")
            # Any iterable works as well as a list: constructors read it once.
            types.append(Iterable if origin is Sequence else Sequence)
            items = _kind(arguments[0]) if origin is Sequence else _ANYTHING
        elif origin is Mapping:
            names.append("a mapping")
            types.append(Mapping)
            # For values that must be Secrets, gk.compile has a better message.
            values = (
                _kind(arguments[1]) if set(_alternatives(arguments[1])) <= _ATOMS.keys() else None
            )
        elif (
            isinstance(type_, type)
            and type_.__module__.startswith("gk.")
            and not type_.__module__.startswith("gk.promql")
        ):
            names.append(f"a {type_.__name__}")
            types.append(type_)
        else:
            return _ANYTHING
    if words and types not in ([], [type(None)]):
        # The words are only suggestions: any text is accepted.
        words = []
    elif words:
        words += [None] * bool(types)
        types = []
    return _Kind(tuple(names), tuple(types), tuple(words), items, values)


_ANYTHING = _Kind((), (), (), None, None)


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
