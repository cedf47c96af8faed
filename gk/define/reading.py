"""What definitions read of gk.yaml: values, and the data sources that an environment changes.

gk.project loads the definitions of each environment anew, with a `Reading` of its settings in a
context variable. So nothing of one environment is left for the next one, and neither threads nor
forked processes share it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, get_args, get_origin, overload

from gk.errors import did_you_mean
from gk.settings import SETTINGS_FILE, Settings
from gk.settings.environments import DatasourceChange, words

__all__ = ["Reading", "changed", "reading", "value"]

T = TypeVar("T")

_WORDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


class Reading:
    """What the definitions of one environment may read, and what they have read of it.

    `used` are the names of the values, `applied` the uids of the changed data sources as their
    definitions have them; `renamed` are their old uids and names, with the new uid.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.used: set[str] = set()
        self.applied: set[str] = set()
        self.renamed: dict[str, str] = {}

    def uid_of(self, name: str) -> str:
        """The uid of the data source that a definition calls `name`, if its uid or its name
        changed; otherwise `name`."""
        return self.renamed.get(name, name)


_now: ContextVar[Reading] = ContextVar("gk.bounded.reading")


@contextmanager
def reading(of: Reading) -> Iterator[None]:
    """Let definitions read the settings of an environment."""
    token = _now.set(of)
    try:
        yield
    finally:
        _now.reset(token)


@overload
def value(name: str, type: type[T]) -> T: ...
@overload
def value(name: str, type: type[T], *, default: T) -> T: ...
def value(name: str, type: type[Any], *, default: Any = ...) -> Any:
    """The value `name` of gk.yaml, in the environment that gk builds.

    `type` is str, int, float, bool, list or dict, or a list or dict of the former, such as
    `list[str]`. A whole number is a float, too. Without a default, a value that the environment
    lacks is a mistake.
    """
    _check_type(type)
    if default is not ... and default is not None and not _is(default, type):
        raise TypeError(f"value '{name}': default {default!r} is not {_shown(type)}")
    of = _now.get(None)
    given = None
    if of is not None:
        of.used.add(name)
        given = of.settings.values.get(name)
    elif threading.current_thread() is not threading.main_thread():
        # The default would be wrong where the environment has the value.
        raise ValueError(
            f"value '{name}' is read in a thread; read it where the module loads, and hand it over"
        )
    if given is None:
        if default is ...:
            raise ValueError(_missing(name, of))
        return default
    if not _is(given.value, type):
        raise ValueError(
            f"value '{name}' must be {_shown(type)}, but {SETTINGS_FILE}:{given.line} has "
            f"{given.value!r}"
        )
    return given.value


def changed(uid: str, name: str) -> DatasourceChange:
    """What gk.yaml changes of the data source that a definition gives this uid and name."""
    of = _now.get(None)
    change = of.settings.datasources.get(uid) if of else None
    if of is None or change is None:
        return DatasourceChange()
    of.applied.add(uid)
    of.renamed |= dict.fromkeys((uid, name), change.uid or uid)
    return change


def _missing(name: str, of: Reading | None) -> str:
    if of is None:
        return (
            f"value '{name}' is read without a project: load the definitions with "
            "gk.project.load, or pass default="
        )
    settings = of.settings
    if having := settings.set_in.get(name):
        return (
            f"value '{name}' is not set; {SETTINGS_FILE} has it only in {words(having)}: set it "
            "under values, or pass default="
        )
    hint = did_you_mean(name, settings.set_in or settings.values)
    advice = hint or f"; set it under values in {SETTINGS_FILE}, or pass default="
    return f"value '{name}' is not set{advice}"


def _check_type(type: Any) -> None:
    origin, arguments = get_origin(type) or type, get_args(type)
    inner = arguments[1:] if origin is dict else arguments
    is_known = origin in (*_WORDS, list, dict) and all(part in _WORDS for part in inner)
    if not is_known or (origin is dict and arguments and arguments[0] is not str):
        raise TypeError(
            f"value() knows no {type!r}; use str, int, float, bool, or a list or dict of these, "
            "such as list[str]"
        )


def _shown(type: Any) -> str:
    if type in _WORDS:
        return f"{_WORDS[type]} ({type.__name__})"
    origin, arguments = get_origin(type) or type, get_args(type)
    of = f" of {arguments[-1].__name__}" if arguments else ""
    return f"a {'list' if origin is list else 'mapping'}{of}"


def _is(given: Any, type: Any) -> bool:
    origin, arguments = get_origin(type) or type, get_args(type)
    if origin in (list, dict):
        if not isinstance(given, origin):
            return False
        items = given.values() if isinstance(given, Mapping) else given
        return not arguments or all(_is(item, arguments[-1]) for item in items)
    if isinstance(given, bool):
        return origin is bool
    return isinstance(given, (int, float) if origin is float else origin)
