"""The shapes that gk expects of documents, and where a document has another one. Any part may be
missing; of Grafana's answers gk expects more (gk.grafana.answers)."""

from __future__ import annotations

from typing import Any, TypeAlias

__all__ = ["DASHBOARD", "PANEL", "UNMIGRATED", "Json", "Shape", "fault_of", "wrong_part"]

Json: TypeAlias = dict[str, Any]

Shape: TypeAlias = Any
"""The expected shape of JSON: a type, one of several, an object's known keys, or a list of one
shape."""

_REF: Shape = (dict, str)
_LINKS: Shape = [{"title": str}]
PANEL: Shape = {
    "title": str,
    "description": str,
    "datasource": _REF,
    "targets": [{"datasource": _REF, "refId": str}],
    "links": _LINKS,
    "options": {"yAxis": dict},
    "fieldConfig": {
        "defaults": {"custom": dict, "links": _LINKS, "thresholds": {"steps": [dict]}},
        "overrides": [{"matcher": dict, "properties": [{"id": str}]}],
    },
}
"""The parts of a panel that gk completes, after `modernise`."""

_PLACED: Shape = {"type": str, "title": str, "gridPos": dict.fromkeys("xywh", (int, float))}
DASHBOARD: Shape = {
    "title": str,
    "uid": str,
    "tags": [str],
    "panels": [{**_PLACED, "panels": [_PLACED]}],
    "templating": {"list": [{"name": str, "type": str, "datasource": _REF, "current": dict}]},
    "annotations": {"list": [{"name": str, "datasource": _REF, "target": dict}]},
    "links": _LINKS,
    "time": dict,
    "timepicker": dict,
}
"""A dashboard without the content of its panels, after `gk.documents.migrations.migrate`."""

UNMIGRATED: Shape = {
    "__inputs": [dict],
    "panels": [{"panels": [dict]}],
    "rows": [{"panels": [dict]}],
    "templating": {"list": [dict]},
}
"""The parts of a dashboard of any schemaVersion that migration would drop if they had another
shape."""

_KINDS = {
    bool: "true or false",
    dict: "an object",
    float: "a number",
    int: "a number",
    list: "a list",
    str: "a text",
}


def wrong_part(value: object, shape: Shape) -> str:
    """Return where `value` has another shape, and what it is instead; empty if it fits. Missing
    keys fit."""
    mistake = _wrong_part(value, shape)
    if not mistake:
        return ""
    what, steps = mistake
    way = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in reversed(steps))
    return f"{way.lstrip('.')} is {what}".lstrip()


def _wrong_part(value: Any, shape: Shape) -> tuple[str, list[str | int]] | None:
    """Return the mistake, and the path to it from the inside out."""
    if type(shape) is dict and isinstance(value, dict):
        for key, inner in shape.items():
            inside = value.get(key)
            # Most values are missing, empty, a text or a number; a call for each would be slow.
            if inside is None or (kind := type(inside)) is inner:
                continue
            if (not inside and kind is type(inner)) or (type(inner) is tuple and kind in inner):
                continue
            if mistake := _wrong_part(inside, inner):
                mistake[1].append(key)
                return mistake
        return None
    if type(shape) is list and isinstance(value, list):
        (inner,) = shape
        for index, inside in enumerate(value):
            if type(inside) is not inner and (mistake := _wrong_part(inside, inner)):
                mistake[1].append(index)
                return mistake
        return None
    kind = type(shape) if isinstance(shape, (dict, list)) else shape
    if isinstance(value, kind) and not isinstance(value, bool):
        return None
    return f"{_kind(type(value))}, not {_kind(kind[0] if isinstance(kind, tuple) else kind)}", []


def fault_of(error: Exception) -> str:
    """What is wrong with a document, of the error that reading it raised."""
    match error:
        case KeyError(args=[key]):
            return f"'{key}' is missing"
        case RecursionError():
            return "it is nested too deep"
        case ValueError():
            return str(error)
    return f"a part is not of the type that Grafana has there ({error})"


def _kind(kind: type) -> str:
    return "null" if kind is type(None) else _KINDS.get(kind) or f"a {kind.__name__}"
