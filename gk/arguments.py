"""Arguments of constructors, checked by their annotations when a definition calls them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, wraps
from types import UnionType
from typing import Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

from gk.errors import did_you_mean

__all__ = ["checked"]

P = ParamSpec("P")
R = TypeVar("R")


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Let a constructor refuse what Grafana would ignore in silence.

    That is an unknown argument, a word that is none of those that Grafana knows, one text where a list is meant, and
    anything else where a text is.
    """
    arguments = _Arguments(function)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        arguments.check(args, kwargs)
        return function(*args, **kwargs)

    return call


class _Arguments:
    """What a constructor takes, by its annotations: they are read when it is first called."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.name = function.__qualname__.removesuffix(".__init__")
        code = function.__code__
        self.positional = code.co_varnames[: code.co_argcount]
        self.own = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        self.keywords = code.co_varnames[len(self.own) + bool(code.co_flags & inspect.CO_VARARGS) :][:1]
        if not code.co_flags & inspect.CO_VARKEYWORDS:
            self.keywords = ()

    @cached_property
    def words(self) -> dict[str, tuple[Any, ...]]:
        """The words that an argument, or each of a list, may be."""
        return {name: words for name, hint in self._hints.items() if (words := _words(hint))}

    @cached_property
    def lists(self) -> set[str]:
        """The arguments that are lists, where one text would be taken for a list of letters."""
        kinds = {name: [get_origin(each) for each in _alternatives(hint)] for name, hint in self._hints.items()}
        return {
            name for name, found in kinds.items() if Sequence in found and str not in _alternatives(self._hints[name])
        }

    @cached_property
    def texts(self) -> set[str]:
        """The arguments that are texts."""
        return {name for name, hint in self._hints.items() if hint is str}

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
            raise TypeError(f"{self.name}() has no argument '{name}'{did_you_mean(name, self.known)}")
        for name, value in (*zip(self.positional, positional, strict=False), *by_name.items()):
            if name in self.lists and isinstance(value, str):
                raise TypeError(f"{self.name}(): {name} is a list; write [{value!r}]")
            if name in self.texts and not isinstance(value, str):
                raise TypeError(f"{self.name}(): {name} has to be text, not {type(value).__name__}")
            words = self.words.get(name)
            if words:
                self._check_words(name, value if name in self.lists else [value], words)

    def _check_words(self, name: str, given: Iterable[Any], words: tuple[Any, ...]) -> None:
        for word in given:
            if word not in words:
                known = [str(each) for each in words if each != ""]
                hint = did_you_mean(str(word), known) or f"; one of {', '.join(known)}"
                raise ValueError(f"{self.name}(): {name} {word!r} is not known{hint}")


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _words(hint: Any) -> tuple[Any, ...]:
    """The words that a hint allows: those of a Literal, in a list or beside None; none if any text will do."""
    if get_origin(hint) is Sequence:
        return _words(get_args(hint)[0])
    others = [each for each in _alternatives(hint) if get_origin(each) is not Literal]
    words = [word for each in _alternatives(hint) for word in get_args(each) if get_origin(each) is Literal]
    return (*words, *((None,) if others else ())) if words and others in ([], [type(None)]) else ()
