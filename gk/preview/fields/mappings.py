"""Value mappings: what a panel shows in place of a value.

Source: packages/grafana-data/src/utils/valueMappings.ts at 12.4.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gk.preview.fields.numbers import parsed, words_of
from gk.preview.fields.patterns import is_global, pattern_of, replaced

__all__ = ["Mapped", "mapped", "rules_of", "slow_mappings"]


@dataclass(frozen=True, slots=True)
class Mapped:
    """The text and the colour in place of a value's own; None where the mapping says nothing."""

    text: str | None = None
    color: str | None = None


Rule = Callable[[Any], "Mapped | None"]


def mapped(rules: Sequence[Rule], value: Any) -> Mapped | None:
    """What the first mapping of a value says; None if there is none."""
    for rule in rules:
        if (result := rule(value)) is not None:
            return result
    return None


def rules_of(mappings: Any) -> list[Rule]:
    """The mappings of a field; those that are malformed are left out."""
    if not isinstance(mappings, list):
        return []
    return [
        _RULES[mapping["type"]](mapping["options"])
        for mapping in mappings
        if isinstance(mapping, dict)
        and isinstance(mapping.get("options"), dict)
        and mapping.get("type") in _RULES
    ]


def slow_mappings(mappings: Any, values: Iterable[Any]) -> list[str]:
    """The regular expressions of mappings that take too long for these values: what they say of a
    value is shown nowhere."""
    texts = list(_patterns(mappings))
    if texts:
        rules = rules_of(mappings)
        for value in dict.fromkeys(value for value in values if isinstance(value, str)):
            mapped(rules, value)
    patterns = {text: pattern_of(text) for text in texts}
    return [text for text, pattern in patterns.items() if pattern and pattern.took_too_long]


def _patterns(mappings: Any) -> Iterator[str]:
    for mapping in mappings if isinstance(mappings, list) else ():
        if isinstance(mapping, dict) and mapping.get("type") == "regex":
            options = mapping.get("options")
            yield words_of(options.get("pattern")) if isinstance(options, dict) else ""


def _mapped(result: Any) -> Mapped:
    if not isinstance(result, dict):
        return Mapped()
    text, color = result.get("text"), result.get("color")
    return Mapped(
        None if text is None else words_of(text), color if isinstance(color, str) else None
    )


def _by_value(options: Mapping[str, Any]) -> Rule:
    results = {key: _mapped(result) for key, result in options.items() if result}
    return lambda value: None if value is None else results.get(words_of(value))


def _by_range(options: Mapping[str, Any]) -> Rule:
    low, high = _limit(options.get("from"), -math.inf), _limit(options.get("to"), math.inf)
    result = _mapped(options.get("result"))

    def rule(value: Any) -> Mapped | None:
        number = value if type(value) is float else parsed(value)
        # Not a number is in no range.
        return result if low <= number <= high else None

    return rule


def _limit(given: Any, missing: float) -> float:
    number = missing if given is None else parsed(given)
    return missing if math.isnan(number) else number


def _by_pattern(options: Mapping[str, Any]) -> Rule:
    text = words_of(options.get("pattern"))
    pattern = pattern_of(text)
    result = _mapped(options.get("result"))
    everywhere = is_global(text)

    def rule(value: Any) -> Mapped | None:
        if not isinstance(value, str) or not pattern or not pattern.search(value):
            return None
        if result.text is None:
            return result
        return Mapped(replaced(pattern, value, result.text, everywhere=everywhere), result.color)

    return rule


def _by_kind(options: Mapping[str, Any]) -> Rule:
    result = _mapped(options.get("result"))
    test = _SPECIAL.get(str(options.get("match")))
    return lambda value: result if test and test(value) else None


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


_SPECIAL: Mapping[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "nan": _is_nan,
    "null+nan": lambda value: value is None or _is_nan(value),
    "true": lambda value: value is True or value == "true",
    "false": lambda value: value is False or value == "false",
    "empty": lambda value: isinstance(value, str) and not value,
}

_RULES: Mapping[Any, Callable[[Mapping[str, Any]], Rule]] = {
    "value": _by_value,
    "range": _by_range,
    "regex": _by_pattern,
    "special": _by_kind,
}
