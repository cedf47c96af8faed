"""The parts of Grafana's answers that gk relies on: shapes, and their check. The answers of each
kind of object are in gk.grafana.kinds.

A shape is a type, a tuple of types, a list of one shape, or an object by its keys. A key with `?`
may be missing or null; the key `*` is any. A list with None after its shape is null where it is
empty, as Go writes some. What a shape does not name may be anything: newer versions add to their
answers.

This is not the check of gk.documents.shapes: a key of an export may be missing, and gk completes
it; a key of an answer must be there.
"""

from __future__ import annotations

from typing import Any, TypeAlias

__all__ = [
    "HEALTH",
    "ORGANIZATION",
    "PERMISSIONS",
    "RIGHTS",
    "USER",
    "VERSION",
    "VERSIONS",
    "Shape",
    "missing_or_wrong_part",
]

Shape: TypeAlias = Any

HEALTH: Shape = {"database": str, "version?": str}
ORGANIZATION: Shape = {"name": str}
USER: Shape = {"login": str}
RIGHTS: Shape = {"*": [str]}
PERMISSIONS: Shape = [
    {"role?": str, "userId?": int, "teamId?": int, "permission": int, "inherited?": bool}
]
VERSION: Shape = {"version": int, "message?": str, "data?": dict}
VERSIONS: Shape = [{"version": int, "createdBy?": (str, int), "created?": str, "message?": str}]

_WORDS = {
    bool: "true or false",
    dict: "an object",
    float: "a number",
    int: "a whole number",
    list: "a list",
    str: "a text",
    type(None): "null or missing",
}


def missing_or_wrong_part(value: Any, shape: Shape) -> str:
    """The first place where `value` does not have this shape: `[3].uid is null, not a text`; empty
    if there is none."""
    return _missing_or_wrong_part(value, shape, "")


def _missing_or_wrong_part(value: Any, shape: Shape, where: str) -> str:
    if value is None and isinstance(shape, list) and shape[-1] is None:
        return ""
    kind = type(shape) if isinstance(shape, (dict, list)) else shape
    kinds = kind if isinstance(kind, tuple) else (kind,)
    # By type, because isinstance takes True for a number.
    if type(value) not in kinds:
        return f"{where.lstrip('.') or 'it'} is {_WORDS[type(value)]}, not {_WORDS[kinds[0]]}"
    if isinstance(shape, list):
        inside = ((entry, shape[0], f"{where}[{index}]") for index, entry in enumerate(value))
    elif not isinstance(shape, dict):
        return ""
    elif "*" in shape:
        inside = ((entry, shape["*"], f"{where}.{key}"[:80]) for key, entry in value.items())
    else:
        inside = (
            (value.get(name), inner, f"{where}.{name}")
            for key, inner in shape.items()
            if (name := key.removesuffix("?")) == key or value.get(name) is not None
        )
    return next(filter(None, (_missing_or_wrong_part(*arguments) for arguments in inside)), "")
