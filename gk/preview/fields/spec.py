"""What format.js needs to know of a field to show its numbers as Python does."""

from __future__ import annotations

from typing import Any

from gk.preview.fields.display import decimals_of, trims, unit_of
from gk.preview.fields.versions import format_in
from gk.preview.model import Field

__all__ = ["spec_of"]

_MAPPINGS = ("value", "range", "special")


def spec_of(field: Field) -> dict[str, Any]:
    """The format of a field's numbers as JSON: see format.js."""
    spec: dict[str, Any] = format_in(field.version, unit_of(field)).json()
    if (decimals := decimals_of(field)) is not None:
        spec["decimals"] = decimals
    if trims(field):
        spec["trims"] = True
    mappings = field.config.get("mappings")
    listed = mappings if isinstance(mappings, list) else ()
    if usable := [mapping for mapping in listed if _is_usable(mapping)]:
        spec["mappings"] = usable
    if no_value := field.config.get("noValue"):
        spec["noValue"] = str(no_value)
    return spec


def _is_usable(mapping: Any) -> bool:
    """Those of numbers: a regular expression is for texts."""
    return (
        isinstance(mapping, dict)
        and mapping.get("type") in _MAPPINGS
        and isinstance(mapping.get("options"), dict)
    )
