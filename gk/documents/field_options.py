"""Thresholds and value mappings as old Grafana and grafanalib write them, in today's form."""

from __future__ import annotations

from collections.abc import Iterable

from gk.documents.parts import dicts, finite, override_properties, path, text_of, without_none
from gk.documents.shapes import Json

__all__ = ["repair_thresholds", "upgrade_mappings", "value_mappings"]


def repair_thresholds(panel: Json) -> None:
    """Give thresholds, of the panel and of its overrides, today's form."""
    for owner, key in _set_at(panel, "thresholds"):
        _repair_steps(owner, key)


def _set_at(panel: Json, option: str) -> list[tuple[Json, str]]:
    """Return the places, as dict and key, at which defaults and overrides set this field option."""
    field_config = panel.get("fieldConfig")
    if not isinstance(field_config, dict):
        return []
    defaults = field_config.get("defaults")
    places = [(defaults, option)] if isinstance(defaults, dict) and option in defaults else []
    if field_config.get("overrides"):
        places += [(override, "value") for override in override_properties(panel, option)]
    return places


def _repair_steps(owner: Json, key: str) -> None:
    thresholds = owner.get(key)
    if isinstance(thresholds, list):  # gauge and bargauge before Grafana 6.6
        thresholds = owner[key] = {"mode": "absolute", "steps": thresholds}
    if not isinstance(thresholds, dict):
        return
    steps = thresholds.get("steps")
    if isinstance(steps, list):
        for step in steps:
            _repair_step(step)
    elif steps == "":
        # The default of grafanalib's Stat. With it, Grafana paints every value grey, and without
        # any thresholds red from 80. One base step is what Grafana's own editor leaves when all
        # others are deleted.
        thresholds["steps"] = [{"color": "green", "value": None}]
    elif steps is not None:
        # Panel.thresholds of PieChart, Worldmap and SingleStat is a text for their Angular panels.
        del owner[key]


def _repair_step(step: object) -> None:
    """Make grafanalib's Threshold a step: its first value is the text "null", and four of its keys
    have no meaning there."""
    if not isinstance(step, dict):
        return
    if step.get("value") == "null":
        step["value"] = None
    if "index" in step:
        for key in ("index", "line", "op", "yaxis"):
            step.pop(key, None)


def upgrade_mappings(panel: Json) -> None:
    """Upgrade value mappings from before Grafana 8, and grafanalib's ValueMap and RangeMap
    (schemaVersion 30)."""
    for owner, key in _set_at(panel, "mappings"):
        if owner.get(key):
            _upgrade(owner, key)


def _upgrade(owner: Json, key: str) -> None:
    mappings = owner[key]
    if not isinstance(mappings, list):
        return
    if all(map(_is_mapping, mappings)):
        for mapping in mappings:
            _drop_empty_colors(mapping)
    else:
        owner[key] = value_mappings(mappings, dicts(path(owner, "thresholds"), "steps"))


def _is_mapping(mapping: object) -> bool:
    """Whether this is a value mapping of Grafana 8 or later."""
    if not isinstance(mapping, dict):
        return False
    return isinstance(mapping.get("type"), str) and isinstance(mapping.get("options"), dict)


def _drop_empty_colors(mapping: Json) -> None:
    """Remove the color "", grafanalib's default, which Grafana shows as grey and not as the
    threshold's color."""
    for result in mapping["options"].values():
        if isinstance(result, dict) and result.get("color") == "":
            del result["color"]


def value_mappings(mappings: Iterable[object], steps: list[Json]) -> list[Json]:
    """Collect the mappings of single values in one, which comes first, as Grafana does."""
    values: Json = {}
    others: list[Json] = []
    for old in mappings:
        if not isinstance(old, dict):
            continue
        mapping = old if _is_mapping(old) else _value_mapping(old, _result(old.get("text"), steps))
        if mapping is None:
            continue
        _drop_empty_colors(mapping)
        if mapping["type"] == "value":
            values.update(mapping["options"])
        else:
            others.append(mapping)
    return [{"type": "value", "options": values}, *others] if values else others


def _value_mapping(old: Json, result: Json) -> Json | None:
    # Angular's lists have no type, and Grafana drops mappings without one; grafanalib writes such
    # lists for its GaugePanel.
    is_range = old.get("type") == 2 or (old.get("type") != 1 and "from" in old)
    value, lower, upper = old.get("value"), old.get("from"), old.get("to")
    if "null" in ((lower, upper) if is_range else (value,)):
        return {"type": "special", "options": {"match": "null", "result": result}}
    if is_range:
        # Grafana reads a null bound as 0, and a missing one as no bound
        # (grafana-data/utils/valueMappings.ts).
        return {
            "type": "range",
            "options": without_none({"from": finite(lower), "to": finite(upper), "result": result}),
        }
    return None if value is None else {"type": "value", "options": {text_of(value): result}}


def _result(text: object, steps: list[Json]) -> Json:
    """Return the result of a mapping; a numeric text gets the color that the thresholds gave it."""
    number = finite(text)
    if number is None or not steps:
        return without_none({"text": text})
    active = steps[0]
    for step in steps[1:]:
        value = finite(step.get("value"))
        if value is None or value > number:
            break
        active = step
    return without_none({"text": text, "color": active.get("color")})
