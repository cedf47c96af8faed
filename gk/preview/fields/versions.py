"""What Grafana printed, painted and calculated otherwise before 12.4, and until which version:
panels are drawn as the Grafana that a project is built for shows them.

Source: the npm package @grafana/data of each minor version from 9.3 to 12.4, asked for the same
values (tests/grafana_versions.py). Left out are money before 9.5 ($-1 for -$1) and
`currency:financial` before 12.1, faults of hours in clocks before 11.3, differences in percent
before 11.2, which were shares, and calculations of texts and of yes and no before 10.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from gk.preview.fields.numbers import summed
from gk.preview.fields.units import Format, format_of
from gk.preview.model import DRAWN, Field
from gk.settings.targets import Version

__all__ = ["format_in", "palette_in", "reducer_in"]

# Units

_KNOWN_SINCE: Mapping[Version, Sequence[str]] = {
    Version(9, 5): ["reqpm"],
    Version(10, 1): [
        *("eps", "mps", "recps", "rowsps", "epm", "mpm", "recpm", "rowspm", "candela", "acres"),
        *("hectares", "mohm", "rotkhz", "rotmhz", "rotghz", "currencyTRY"),
    ],
    Version(10, 2): ["currencyMYR", "currencyXPF", "currencyBGN", "mwatth"],
    Version(10, 4): ["currencyPYG"],
    Version(11, 0): ["sishort"],
    Version(11, 1): ["currencyUYU"],
    Version(11, 3): ["currencyILS"],
}
_BEFORE: Mapping[str, tuple[Version, str]] = {
    # Of a unit that it does not know, Grafana prints the id.
    **{unit: (since, unit) for since, units in _KNOWN_SINCE.items() for unit in units},
    # Without prefixes of the SI.
    "Wm2": (Version(11, 6), "W/m²"),
}
"""Until when a unit was a text after the number, and which."""

_WORDS = ("ns", "ms", "s", "m", "h", "d", "timeticks")
_PLURALS, _PLURAL_OF_D = Version(10, 2), Version(11, 3)
"""Before, several of these had the word for one: 5 min."""


def format_in(version: Version, unit: str) -> Format:
    """The format of a unit in a version."""
    if version >= DRAWN:
        return format_of(unit)
    until, text = _BEFORE.get(unit, (version, ""))
    if version < until:
        return format_of(f"suffix:{text}")
    form = format_of(unit)
    if unit not in _WORDS:
        return form
    steps = ((limit, size, _word(name, unit, version)) for limit, size, name in form.steps)
    return replace(form, steps=tuple(steps))


def _word(name: str, unit: str, version: Version) -> str:
    since = _PLURAL_OF_D if (unit, name) == ("d", " day+") else _PLURALS
    return name if version >= since else name.removesuffix("+")


# Colours

_OLD_PALETTE = (
    "green", "semi-dark-yellow", "light-blue", "semi-dark-orange", "red", "blue", "purple",
    "#705DA0", "dark-green", "yellow",
)  # fmt: skip
_NEW = 18
"""The first colours of today's palette, which came with 12.2; the others are in both."""


def palette_in(version: Version, palette: Sequence[str]) -> Sequence[str]:
    """The colours of series in a version; `palette` are today's."""
    if version < Version(12, 2):
        return (*_OLD_PALETTE, *palette[_NEW:])
    if version < Version(12, 3):
        return (palette[0], "yellow", *palette[2:])
    return palette


# Calculations

Reducer = Callable[[Field], Any]


def reducer_in(version: Version, name: str) -> Reducer | None:
    """How a version calculated one value of all numbers or times; None where it did as today."""
    return next(
        (older[name] for until, older in _REDUCERS if version < until and name in older), None
    )


def _given(field: Field) -> list[float]:
    """The numbers; what is none was one, too."""
    return [value for value in field.values if value is not None]


def _of_given(calculate: Callable[[list[float]], Any]) -> Reducer:
    return lambda field: calculate(_given(field))


def _mean(values: Sequence[float]) -> float | None:
    return summed(values) / len(values) if values else None


def _difference(values: Sequence[float]) -> float | None:
    return float(values[-1] - values[0]) if values else None


def _delta(values: Sequence[float]) -> float:
    """By how much a counter grew. After a fall, the next number that is higher is added whole, and
    so is a fall at the end."""
    total, has_fallen = 0.0, False
    for number, (before, value) in enumerate(pairwise(values), 2):
        if before > value:
            has_fallen = True
            total += value if number == len(values) else 0.0
        else:
            total += value if has_fallen else value - before
            has_fallen = False
    return total


def _delta_of_numbers(values: Sequence[float]) -> float:
    return _delta([value for value in values if not math.isnan(value)])


def _changes(field: Field) -> int:
    return sum(before != value for before, value in pairwise(field.values))


def _different(field: Field) -> int:
    return len({"NaN" if value != value else value for value in field.values})  # noqa: PLR0124


_REDUCERS: Sequence[tuple[Version, Mapping[str, Reducer]]] = (
    (Version(9, 4), {"count": lambda field: len(field.values)}),
    (
        Version(10, 2),
        {
            "firstNotNull": lambda field: next(iter(_given(field)), None),
            "lastNotNull": lambda field: next(reversed(_given(field)), None),
            "mean": _of_given(_mean),
            "sum": _of_given(summed),
            "delta": _of_given(_delta),
            "diff": _of_given(_difference),
            "allIsNull": lambda field: not _given(field),
            "changeCount": _changes,
            "distinctCount": _different,
        },
    ),
    (Version(12, 0), {"delta": _of_given(_delta_of_numbers)}),
)
"""Until when, and what was calculated otherwise; the oldest first."""
