"""Which values of a module are definitions, and where a module hides some from gk.

It imports nothing and knows no files: gk.project does.
"""

from __future__ import annotations

import dis
import inspect
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from types import CodeType, FunctionType, GeneratorType, ModuleType
from typing import Any

from grafanalib import core

from gk.define import alerting, dashboard, datasource, folder, library_panel, notifications
from gk.documents.exports import is_export
from gk.documents.schema_v2 import is_v2

__all__ = ["DEFINITIONS", "definitions_in", "hidden_in"]

DEFINITIONS = (
    *folder.DEFINITIONS,
    *datasource.DEFINITIONS,
    *library_panel.DEFINITIONS,
    *dashboard.DEFINITIONS,
    *alerting.DEFINITIONS,
    *notifications.DEFINITIONS,
)
"""gk's own classes of definitions."""


def definitions_in(value: Any) -> Iterator[Any]:
    """Yield `value` if it is a definition, or the definitions in its lists and dictionaries."""
    return _in(value, in_dictionary=False, seen=set())


def _in(value: Any, *, in_dictionary: bool, seen: set[int]) -> Iterator[Any]:
    if _is_definition(value, in_dictionary=in_dictionary):
        yield value
    elif isinstance(value, (list, tuple, dict)) and id(value) not in seen:
        # Read each once: it may contain itself.
        seen.add(id(value))
        in_dictionary = in_dictionary or isinstance(value, dict)
        for item in list(value.values() if isinstance(value, dict) else value):
            yield from _in(item, in_dictionary=in_dictionary, seen=seen)


def _is_definition(value: Any, *, in_dictionary: bool) -> bool:
    if isinstance(value, type):
        return False
    if isinstance(value, dict):
        if is_export(value) or is_v2(value):
            return True
        # Inside a dictionary, only what a whole dashboard has: a row has a title and panels, too.
        keys = ("schemaVersion",) if in_dictionary else ("panels", "rows", "schemaVersion")
        return "title" in value and any(key in value for key in keys)
    return isinstance(value, (core.Dashboard, *DEFINITIONS)) or _is_foundation(type(value))


def _is_foundation(class_: type) -> bool:
    return (
        class_.__module__.startswith("grafana_foundation_sdk.") and class_.__name__ == "Dashboard"
    )


# What gk does not see


def hidden_in(module: ModuleType, others: Iterable[ModuleType], taken: Container[int]) -> list[str]:
    """The expressions for definitions that a module would have if it assigned them to a name.

    These are definitions in classes, generators of some, and calls of functions that need no
    arguments, make a definition, and are used by no other module. `others` are the project's other
    modules, `taken` the ids of the definitions that gk has.
    """
    public = [item for item in list(vars(module).items()) if not item[0].startswith("_")]
    own = [
        (name, value)
        for name, value in public
        if isinstance(value, (type, FunctionType)) and value.__module__ == module.__name__
    ]
    classes = [(name, value) for name, value in own if isinstance(value, type)]
    functions = [(name, value) for name, value in own if isinstance(value, FunctionType)]
    generators = [(name, value) for name, value in public if isinstance(value, GeneratorType)]
    modules = list(others)
    return [
        *(
            f"{name}.{attribute}"
            for name, value in classes
            for attribute, inner in list(vars(value).items())
            if not attribute.startswith("_")
            and any(id(definition) not in taken for definition in definitions_in(inner))
        ),
        *(f"list({name})" for name, value in generators if _yields_definitions(value)),
        *(
            f"list({name}())" if inspect.isgeneratorfunction(value) else f"{name}()"
            for name, value in functions
            if _makes_definition(value) and not _is_used(value, module, modules)
        ),
    ]


def _makes_definition(function: FunctionType) -> bool:
    """Whether a function needs no arguments, calls a constructor of definitions, and returns
    something."""
    code = function.__code__
    required = code.co_argcount - len(function.__defaults__ or ())
    named = code.co_kwonlyargcount - len(function.__kwdefaults__ or ())
    if required or named or inspect.iscoroutinefunction(function):
        return False
    return _calls_constructor(code, function.__globals__) and _returns(function)


def _yields_definitions(generator: GeneratorType[Any, Any, Any]) -> bool:
    # Without a frame, it has been read to its end.
    frame = generator.gi_frame
    return frame is not None and _calls_constructor(frame.f_code, frame.f_globals)


def _calls_constructor(code: CodeType, variables: Mapping[str, Any]) -> bool:
    # Names of globals and of attributes: `Dashboard`, or `gk` and `Dashboard`.
    names = [name for function in _codes(code) for name in function.co_names]
    values = [variables[name] for name in names if name in variables]
    values += [
        getattr(value, name, None)
        for value in values
        if isinstance(value, ModuleType)
        for name in names
    ]
    return any(map(_is_constructor, values))


def _codes(code: CodeType) -> Iterator[CodeType]:
    """The code of a function and of the functions and comprehensions in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _is_constructor(value: object) -> bool:
    if isinstance(value, type):
        return issubclass(value, (core.Dashboard, *DEFINITIONS)) or _is_foundation(value)
    # gk's modules keep annotations as text.
    return isinstance(value, FunctionType) and (
        value.__module__ == alerting.__name__
        and value.__annotations__.get("return")
        in {constructor.__name__ for constructor in alerting.DEFINITIONS}
    )


def _returns(function: FunctionType) -> bool:
    if inspect.isgeneratorfunction(function):
        return True
    steps: Iterable[tuple[dis.Instruction, dis.Instruction]] = pairwise(
        dis.get_instructions(function)
    )
    return any(
        step.opname == "RETURN_VALUE"
        and not (before.opname == "LOAD_CONST" and before.argval is None)
        for before, step in steps
    )


def _is_used(function: FunctionType, module: ModuleType, others: Sequence[ModuleType]) -> bool:
    """Whether another module refers to a function or to its module, or a list or dictionary
    contains the function."""
    for other in [module, *others]:
        for value in list(vars(other).values()):
            inner = value.values() if isinstance(value, dict) else value
            if isinstance(inner, (list, tuple, type({}.values()))) and any(
                member is function for member in inner
            ):
                return True
            if other is not module and (value is function or _imports(other, value, module)):
                return True
    return False


def _imports(other: ModuleType, value: object, module: ModuleType) -> bool:
    """Whether `value`, a name of `other`, gives it `module`: the module, or a package of it."""
    # A package has its modules as attributes, whoever imported them.
    return (
        isinstance(value, ModuleType)
        and not hasattr(other, "__path__")
        and f"{module.__name__}.".startswith(f"{value.__name__}.")
    )
