"""Reads parts of documents that may have any shape: what is missing or malformed reads as empty."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from gk.documents.shapes import Json

__all__ = [
    "child",
    "dicts",
    "every_panel",
    "finite",
    "is_number",
    "move",
    "override_properties",
    "path",
    "text_of",
    "without",
    "without_none",
    "without_nulls",
]


def path(parent: Json, *keys: str) -> Json:
    """Return the dict at `keys` for reading; an unattached empty one if it does not exist."""
    for key in keys:
        inner = parent.get(key)
        if not isinstance(inner, dict):
            return {}
        parent = inner
    return parent


def child(parent: Json, key: str) -> Json:
    """Return the dict at `key` for writing, created if it does not exist."""
    inner = parent.get(key)
    if not isinstance(inner, dict):
        inner = parent[key] = {}
    return inner


def dicts(parent: Mapping[str, Any], key: str) -> list[Json]:
    """Return the dicts in the list at `key`."""
    listed = parent.get(key)
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


def every_panel(body: Any) -> Iterator[Json]:
    """Yield the panels of a dashboard, and after a row those inside it; skip anything that is not
    an object."""
    for panel in dicts(body, "panels") if isinstance(body, dict) else ():
        yield panel
        if "panels" in panel:
            yield from dicts(panel, "panels")


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value of JSON is a number; Python's True is an int, too."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def finite(value: object) -> float | None:
    """Return a number, or a numeric text, as a number; None for anything else."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, float):
        exact = abs(value) < 2**53 and value.is_integer()
        return int(value) if exact else value if math.isfinite(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def text_of(value: object) -> str:
    """Return JavaScript's String() of a JSON value: `1` for 1.0, `true` for True."""
    if isinstance(value, bool):
        return str(value).lower()
    number = finite(value)
    return str(value if isinstance(value, str) or number is None else number)


def override_properties(panel: Json, property_id: str) -> list[Json]:
    """Return the properties with that id from all of the panel's overrides."""
    field_config = panel.get("fieldConfig")
    if not isinstance(field_config, dict) or not field_config.get("overrides"):
        return []
    rules = dicts(field_config, "overrides")
    return [
        option
        for rule in rules
        for option in dicts(rule, "properties")
        if option.get("id") == property_id
    ]


def move(source: Json, target: Json, names: dict[str, str]) -> None:
    """Move values to their new names. Existing values in `target` stay, and nulls are dropped."""
    for old, new in names.items():
        value = source.pop(old, None)
        if value is not None and target.get(new) is None:
            target[new] = value


def without(value: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """An object without some of its keys."""
    return {key: inner for key, inner in value.items() if key not in keys}


def without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that are not None, of an object that is made."""
    return {key: value for key, value in values.items() if value is not None}


def without_nulls(value: Any) -> Any:
    """Return a copy of JSON without nulls, except in `value`: those of thresholds and value
    mappings have a meaning."""
    if isinstance(value, dict):
        return {
            key: without_nulls(inner)
            for key, inner in value.items()
            if inner is not None or key == "value"
        }
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value
