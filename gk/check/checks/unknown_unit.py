"""A unit is not one of Grafana's, but nearly so.

Problem: Grafana shows an id that it does not know as text after the number, and does not scale the
number.

    {"unit": "percentUnit"}     # 0.5 percentUnit

Instead: write the id as Grafana has it; case matters.

    {"unit": "percentunit"}     # 50%

A text that is unlike any id, such as `io/s`, is taken to be intended. `strict: true` reports these,
too, unless they are written as `suffix:io/s`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.panels import units
from gk.check.subjects import Panel
from gk.documents.parts import every_panel, override_properties, path
from gk.documents.shapes import Json
from gk.documents.units import UNITS, unit_mistake

__all__ = ["unknown_unit"]


def _spelled(unit: object) -> str:
    """The only unit that differs from this text in case alone; empty without one."""
    if not isinstance(unit, str) or unit in UNITS:
        return ""
    same = [known for known in UNITS if known.casefold() == unit.casefold()]
    return same[0] if len(same) == 1 else ""


def _fix(body: Json, **_: bool) -> Iterator[str]:
    """Correct the case of units."""
    for panel in every_panel(body):
        owners = [(path(panel, "fieldConfig", "defaults"), "unit")]
        owners += [(option, "value") for option in override_properties(panel, "unit")]
        for owner, key in owners:
            if meant := _spelled(owner.get(key)):
                yield f"panel '{panel.get('title', '')}': unit {owner[key]} -> {meant}"
                owner[key] = meant


@check(
    Severity.WARNING,
    peers=("dashboard-linter: panel-units-rule", "gcx: panel-units"),
    fix=_fix,
)
def unknown_unit(panel: Panel, *, strict: bool = False) -> Iterator[str]:
    """Look at the units of the panel and of its fields."""
    for unit in dict.fromkeys(units(panel)):
        mistake = unit_mistake(unit) if unit and "$" not in unit else None
        # `io/s` is meant to be a text.
        if mistake and (strict or ("did you mean" in mistake and unit.isalnum())):
            yield mistake
