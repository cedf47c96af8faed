"""What Grafana's own library showed otherwise in earlier versions: what differs from the table of
tests/grafana_values.py.

    npm install --prefix FOLDER --legacy-peer-deps --ignore-scripts \\
        @grafana/data@10.1.9 react@18 react-dom@18
    python -m tests.grafana_versions FOLDER ...

writes it again, of a folder for each version.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from gk.settings.targets import Version, version_of
from tests.grafana_values import shown_by, table

__all__ = ["is_left_out", "versions"]

_FILE = Path(__file__).parent / "data" / "grafana_versions.json"
_COLORS = 24
"""As many colours as tell palettes apart."""


def is_left_out(unit: str) -> bool:
    """Whether gk prints a unit as 12.4 does, whatever the version: see gk.preview.fields.versions.
    The symbols of money are those of 9.5 and later."""
    return unit.startswith(("currency:", "clock")) or unit in _SIGNED_OTHERWISE


_SIGNED_OTHERWISE = frozenset(
    f"currency{code}"
    for code in (
        *("USD", "GBP", "EUR", "JPY", "RUB", "UAH", "BRL", "DKK", "ISK", "NOK", "SEK", "CZK"),
        *("CHF", "PLN", "BTC", "mBTC", "\u03bcBTC", "ZAR", "INR", "KRW", "IDR", "PHP", "VND"),
    )
)


@cache
def versions() -> dict[Version, dict[str, Any]]:
    """Of each version its `palette`, and what differs: the texts of units (of the first numbers of
    the table), and the results of reductions by their number in the table."""
    by_version = json.loads(_FILE.read_text(encoding="utf-8"))
    return {version_of(version): differences for version, differences in by_version.items()}


def _differences(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return {
        "palette": old["palette"][:_COLORS],
        "units": {
            unit: was
            for unit, rows in new["formats"].items()
            if not is_left_out(unit) and (was := _few(old["formats"][unit], new)) != _few(rows, new)
        },
        "reductions": {
            str(number): differing
            for number, (was, is_) in enumerate(
                zip(old["reductions"], new["reductions"], strict=True)
            )
            if (
                differing := {
                    name: value
                    for name, value in was["results"].items()
                    if value != is_["results"][name]
                }
            )
        },
    }


def _few(rows: list[Any], new: dict[str, Any]) -> list[Any]:
    """What was printed of the first numbers, with as many decimals as Grafana chooses."""
    ((_, printed), *_) = rows
    return list(printed[: len(new["values"]["few"])])


def main() -> None:
    """Write the differences, a line for each version and part."""
    by_version = {}
    for folder in sys.argv[1:]:
        old = json.loads(shown_by(folder))
        major, minor, *_ = old["version"].split(".")
        by_version[Version(int(major), int(minor))] = _differences(old, table())
    parts = [
        f'"{version}": {{\n'
        + ",\n".join(
            f"{json.dumps(part)}: {json.dumps(given, ensure_ascii=False, separators=(',', ':'))}"
            for part, given in by_version[version].items()
        )
        + "\n}"
        for version in sorted(by_version)
    ]
    _FILE.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
