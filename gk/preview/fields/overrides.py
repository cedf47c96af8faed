"""The configuration of fields: what a panel says of all, and its overrides.

Source: packages/grafana-data/src/field/fieldOverrides.ts at 12.4.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gk.documents.defaults import COLOR, THRESHOLDS
from gk.documents.parts import is_number
from gk.preview.fields.matchers import Matcher, matcher_of
from gk.preview.fields.names import interpolated, name_of
from gk.preview.fields.numbers import number_of, parsed, words_of
from gk.preview.fields.patterns import pattern_of
from gk.preview.model import DRAWN, Field, FieldType, Frame
from gk.settings.targets import Version

__all__ = ["configured", "slow_overrides"]

Json = dict[str, Any]
Interpolate = Callable[[str], str]
Rule = tuple[Matcher, Sequence[Mapping[str, Any]]]

_NUMBERS = ("decimals", "min", "max")
_TEXTS = ("displayName", "noValue", "description")
# The types of fields that defaults are for, if not for all: overrides are for any.
_ONLY: Mapping[str, Collection[FieldType]] = {
    **dict.fromkeys(_NUMBERS, (FieldType.NUMBER,)),
    "mappings": frozenset(FieldType) - {FieldType.TIME},
}
_STANDARD = (
    *_NUMBERS,
    *_TEXTS,
    "unit",
    "thresholds",
    "mappings",
    "color",
    "links",
    "actions",
    "filterable",
    "fieldMinMax",
)


def _as_it_is(text: str) -> str:
    return text


def configured(
    frames: Sequence[Frame],
    field_config: Mapping[str, Any],
    *,
    panel: str = "",
    interpolate: Interpolate = _as_it_is,
    version: Version = DRAWN,
) -> list[Frame]:
    """Frames whose fields have their configuration: a panel's defaults, and its overrides in their
    order. `panel` is the type of the panel, which decides what is not configured; `interpolate`
    replaces variables in names; `version` is that of the Grafana that shows them. Each field also
    knows its title, its number, its range and that version."""
    defaults = _with_defaults(_mapping(field_config.get("defaults")), panel)
    rules = _rules(field_config.get("overrides"))
    limits = _least_and_greatest(
        [field for frame in frames for field in frame.fields if field.type is FieldType.NUMBER]
    )
    result, index = [], 0
    for frame in frames:
        fields = list(frame.fields)
        changed = replace(frame, fields=fields)
        for place, field in enumerate(frame.fields):
            config = _Configuration(place, changed, frames, interpolate).of(defaults, rules)
            fields[place] = replace(
                field,
                config=config,
                index=index,
                range=_range(field, config, limits),
                version=version,
            )
            index += field.type is not FieldType.TIME
        result.append(changed)
    # Last: the title of a field depends on the names of all.
    return [
        replace(
            frame,
            fields=[replace(field, title=name_of(field, frame, result)) for field in frame.fields],
        )
        for frame in result
    ]


def slow_overrides(field_config: Mapping[str, Any]) -> list[str]:
    """The regular expressions of overrides that took too long for the fields that were configured:
    these overrides are for none."""
    overrides = field_config.get("overrides")
    matchers = (
        _mapping(_mapping(override).get("matcher"))
        for override in (overrides if isinstance(overrides, list) else ())
    )
    texts = [matcher.get("options") for matcher in matchers if matcher.get("id") == "byRegexp"]
    patterns = {text: pattern_of(text) for text in texts if isinstance(text, str)}
    return [text for text, pattern in patterns.items() if pattern and pattern.took_too_long]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _with_defaults(defaults: Mapping[str, Any], panel: str) -> Mapping[str, Any]:
    """What a panel says of all fields, and what Grafana adds to that for a type of panel."""
    added = {"thresholds": THRESHOLDS, "color": {"mode": COLOR.get(panel, "thresholds")}}
    return {
        **defaults,
        **{name: {**value, **_mapping(defaults.get(name))} for name, value in added.items()},
    }


def _rules(overrides: Any) -> list[Rule]:
    rules: list[Rule] = []
    for override in overrides if isinstance(overrides, list) else ():
        given = _mapping(override)
        properties = given.get("properties")
        matcher = matcher_of(given.get("matcher"))
        if matcher and isinstance(properties, list):
            rules.append((matcher, [option for option in properties if isinstance(option, dict)]))
    return rules


class _Configuration:
    """The configuration of the field at a place of a frame, while it is made. Matchers and names
    ask the frame for the field, so that it is put there at each step."""

    def __init__(
        self, place: int, frame: Frame, frames: Sequence[Frame], interpolate: Interpolate
    ) -> None:
        self._place, self._frame, self._frames = place, frame, frames
        self._interpolate = interpolate
        self._fields: list[Field] = frame.fields  # type: ignore[assignment]
        self._config: Json = copy.deepcopy(dict(self._fields[place].config))
        for name in _NUMBERS:
            if (given := self._config.pop(name, None)) is not None and is_number(given):
                self._config[name] = number_of(given)

    def of(self, defaults: Mapping[str, Any], rules: Sequence[Rule]) -> Json:
        """The configuration by defaults, and then by the rules that are for this field."""
        self._add(defaults)
        for matcher, properties in rules:
            if matcher(self._put(), self._frame, self._frames):
                for option in properties:
                    self._set(option.get("id"), option.get("value"))
        return self._config

    def _put(self) -> Field:
        field = replace(self._fields[self._place], config=self._config)
        self._fields[self._place] = field
        return field

    def _add(self, defaults: Mapping[str, Any]) -> None:
        config = self._config
        links = defaults.get("links")
        if isinstance(config.get("links"), list) and isinstance(links, list):
            config["links"] += links
        kind = self._fields[self._place].type
        for name in _STANDARD:
            if config.get(name) is not None or kind not in _ONLY.get(name, FieldType):
                continue
            if value := self._read(name, defaults.get(name)):
                config[name] = value[0]
        custom = copy.deepcopy(dict(_mapping(defaults.get("custom"))))
        config["custom"] = custom | dict(_mapping(config.get("custom")))
        low, high = config.get("min"), config.get("max")
        if low is not None and high is not None and low > high:
            config["min"], config["max"] = high, low

    def _set(self, name: Any, given: Any) -> None:
        """Set what an override says of a property. Its mappings and links go before those that are
        there; null takes a value away."""
        path = name.split(".") if isinstance(name, str) else [""]
        if path[0] != "custom" and name not in _STANDARD:
            return
        target = self._config
        for key in path[:-1]:
            inside = target.get(key)
            target[key] = target = inside if isinstance(inside, dict) else {}
        value = self._read(path[-1] if len(path) == 1 else "", given)
        present = target.pop(path[-1], None)
        if value:
            both = isinstance(value[0], list) and isinstance(present, list)
            target[path[-1]] = [*value[0], *present] if both else value[0]

    def _read(self, name: str, value: Any) -> tuple[Any] | None:
        """A value as Grafana takes it for a property, or None."""
        if value is None:
            return None
        if name in _NUMBERS:
            number = parsed(value)
            return None if math.isnan(number) else (number,)
        if name in _TEXTS:
            text, field = words_of(value), self._put()
            return (interpolated(text, field, self._frame, self._frames, self._interpolate),)
        return (copy.deepcopy(value),)


# Ranges

Limits = tuple[float | None, float | None]


def _least_and_greatest(fields: Sequence[Field]) -> Limits:
    numbers = [
        number_of(value)
        for field in fields
        for value in field.values
        if isinstance(value, (int, float)) and value == value  # noqa: PLR0124 - NaN is not itself
    ]
    return min(numbers, default=None), max(numbers, default=None)


def _range(field: Field, config: Mapping[str, Any], limits: Limits) -> tuple[float, float] | None:
    if field.type is not FieldType.NUMBER:
        return None
    least, greatest = _least_and_greatest([field]) if config.get("fieldMinMax") else limits
    low, high = config.get("min", least), config.get("max", greatest)
    return None if low is None or high is None else (low, high)
