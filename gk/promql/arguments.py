"""The arguments of a query, in a form that can be compared: equal ones make equal queries."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Mapping
from typing import Any

__all__ = ["own_arguments"]


def own_arguments(
    name: str, function: Callable[..., str], given: Mapping[str, Any]
) -> dict[str, Hashable]:
    """Return the arguments of the snippet `name` that differ from the defaults of its function, so
    that an explicit default gives an equal query.

    Raises TypeError for arguments that the function does not accept, and for values that cannot be
    compared.
    """
    signature = inspect.signature(function)
    try:
        # None stands for the scope.
        signature.bind(None, **given)
    except TypeError as error:
        names = list(signature.parameters)[1:]
        takes = f"it takes {', '.join(names)}" if names else "it takes no arguments"
        raise TypeError(f"snippet {name}: {error}; {takes}") from None
    own = {}
    for key, value in given.items():
        frozen = _frozen(value)
        if not _is_hashable(frozen):
            raise TypeError(
                f"snippet {name}: {key} takes text, numbers or lists, got {type(value).__name__}"
            )
        parameter = signature.parameters.get(key)
        if parameter is None or _frozen(parameter.default) != frozen:
            own[key] = frozen
    return own


def _frozen(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(map(_frozen, value))
    return frozenset(value) if isinstance(value, set) else value


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
