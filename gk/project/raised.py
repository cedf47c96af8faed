"""Exceptions that definitions raise, in words for whoever wrote the definition."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import sys
import traceback
from pathlib import Path
from types import FrameType, ModuleType

from gk.errors import did_you_mean

__all__ = ["is_gk", "message_of"]


def is_gk(filename: str) -> bool:
    """Whether the file is part of gk."""
    return Path(filename).is_relative_to(Path(__file__).parents[1])


def message_of(error: BaseException) -> str:
    """What an exception of a definition says, with a suggestion for a name that does not exist."""
    if isinstance(error, SystemExit):
        return (
            "sys.exit() is called, but importing a definition only makes objects; remove the call"
        )
    if isinstance(error, (AttributeError, ImportError, NameError)):
        return f"{_named(error)}{_near_name(error)}"
    if isinstance(error, TypeError) and (words := _unknown_argument(error)):
        return words
    if isinstance(error, (TypeError, ValueError)) and is_gk(
        traceback.extract_tb(error.__traceback__)[-1].filename
    ):
        # gk's own messages need no name of an exception class.
        return str(error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


_UNKNOWN_ARGUMENT = re.compile(r"(?:(\S+)\(\) )?got an unexpected keyword argument '(\w+)'.*")


def _unknown_argument(error: TypeError) -> str:
    """Python's message for an unknown argument of one of gk's constructors, with a suggestion."""
    match = _UNKNOWN_ARGUMENT.fullmatch(str(error))
    if not match or not match[1]:
        return ""
    name = match[1].removesuffix(".__init__")
    first, *rest = name.split(".")
    names = _innermost(error).f_globals
    function = (
        names[first] if first in names else getattr(importlib.import_module("gk"), first, None)
    )
    for part in rest:
        function = getattr(function, part, None)
    try:
        known = inspect.signature(function).parameters  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return ""
    return f"{name}() has no argument '{match[2]}'{did_you_mean(match[2], known)}"


def _named(error: BaseException) -> str:
    name, owner = getattr(error, "name", None), getattr(error, "obj", None)
    if isinstance(error, AttributeError) and isinstance(owner, ModuleType) and name:
        return f"'{owner.__name__}' has no '{name}'"
    if isinstance(error, ImportError) and (imported := _IMPORTED.match(str(error))):
        return f"'{imported[2]}' has no '{imported[1]}'"
    return f"{type(error).__name__}: {error}"


_IMPORTED = re.compile(r"cannot import name '([^']*)' from '([^']*)'")


def _near_name(error: BaseException) -> str:
    name = getattr(error, "name", None) or ""
    if isinstance(error, ModuleNotFoundError):
        package, _, name = name.rpartition(".")
        paths = getattr(sys.modules.get(package), "__path__", [])
        return did_you_mean(name, [module.name for module in pkgutil.iter_modules(paths)])
    if isinstance(error, ImportError):
        imported = _IMPORTED.match(str(error))
        module = sys.modules.get(name)
        return did_you_mean(imported[1], dir(module)) if imported and module else ""
    if isinstance(error, AttributeError):
        return did_you_mean(
            name, [attribute for attribute in dir(error.obj) if not attribute.startswith("_")]
        )
    return did_you_mean(name, _innermost(error).f_globals)


def _innermost(error: BaseException) -> FrameType:
    """The frame that raised `error`."""
    trace = error.__traceback__
    assert trace is not None
    while trace.tb_next:
        trace = trace.tb_next
    return trace.tb_frame
