"""Panels and variables that somebody made in Grafana, as definitions have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gk.define.arguments import checked

__all__ = ["EXPORTED", "exported_panel", "exported_variable"]

EXPORTED = "gk_exported"
"""The key of JSON that says that it is exported, which gk.compile removes."""


@checked
def exported_panel(panel: Mapping[str, Any]) -> dict[str, Any]:
    """A panel in Grafana's JSON, in which gk leaves what it refuses in a definition because it is
    probably a mistake: a panel without a query, a query that does not parse, a variable that the
    dashboard lacks.

    What cannot work is a warning. `gk import` writes it around such panels of others; a panel of
    your own is better off without it.
    """
    return {**panel, EXPORTED: True}


@checked
def exported_variable(variable: Mapping[str, Any]) -> dict[str, Any]:
    """A variable in Grafana's JSON, in which gk leaves what it refuses in a definition because it
    is probably a mistake: a query that does not parse, a variable that the dashboard lacks.

    What cannot work is a warning. `gk import` writes it around such variables of others; a variable
    of your own is better off without it.
    """
    return {**variable, EXPORTED: True}
