"""What Grafana's own library shows of values: the table of tests/data/grafana_values.mjs.

    npm install --prefix FOLDER --legacy-peer-deps --ignore-scripts \\
        @grafana/data@12.4.0 react@18 react-dom@18
    python -m tests.grafana_values FOLDER

writes it again. 13.2.3 prints the same, but for centimetres, which it has, and dBm, which have no
prefixes of the SI there.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from gk.documents.units import UNITS
from gk.preview.model import Field, FieldType, Frame

__all__ = [
    "EXCEPTIONS",
    "decoded",
    "encoded",
    "field_of",
    "frame_of",
    "numbers",
    "shown_by",
    "table",
]

EXCEPTIONS: Mapping[str, str] = {"lengthcm": "Grafana 13.2 has centimetres; 12.4 does not"}
"""The units that gk prints in another way than the Grafana of the table."""

_FILE = Path(__file__).parent / "data" / "grafana_values.json"
_MORE = (
    *("", "farenheit", "percentUnit", "kB:x", "nonsense", "prefix:~", "prefix:", "suffix:jobs"),
    *("suffix:", "time:YYYY-MM-DD", "time:D MMM YYYY, h:mm:ss.SSS a", "time:LLLL"),
    *("time:[week] w, Do dddd ZZ X", "si:mF", "si:F", "si:uA", "si:\u03bcA", "si:MW"),
    *("count:jobs", "count:", "currency:$", "currency:Fr", "currency:financial:$"),
    *("currency:financial:€:suffix", "currency:financial:", "bool:up/down", "bool:yes"),
    "bool:a/b/c",
)
_TEXTS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


@cache
def table() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return content


def numbers(unit: str) -> Iterator[tuple[float, int | None, list[str]]]:
    """Numbers, decimals, and what Grafana prints: text, suffix, prefix, without what is empty at
    the end."""
    for decimals, printed in table()["formats"][unit]:
        yield from zip(_values(unit, decimals), _repeated(decimals), printed, strict=False)


def _values(unit: str, decimals: int | None) -> Sequence[float]:
    values: dict[str, list[float]] = _numbers()
    is_thorough = unit in table()["thorough"]
    if unit.startswith(("dateTime", "time:")):
        return values["dates"]
    if decimals is None:
        return values["few"] + (values["many"] if is_thorough else [])
    some = [number for index, number in enumerate(values["many"]) if index % 3 == decimals % 3]
    return values["decimals"] + (some if is_thorough else [])


@cache
def _numbers() -> dict[str, list[float]]:
    return {name: decoded(listed) for name, listed in table()["values"].items()}


def _repeated(decimals: int | None) -> Iterator[int | None]:
    while True:
        yield decimals


def decoded(value: Any) -> Any:
    """A value with the numbers that JSON lacks."""
    if isinstance(value, list):
        return [decoded(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | str):
        return value
    return float(value) if isinstance(value, int) else _TEXTS.get(value, value)


def encoded(value: Any) -> Any:
    """A value as the table has it."""
    if isinstance(value, list):
        return [encoded(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return next(text for text, number in _TEXTS.items() if str(number) == str(value))
    return value


def field_of(given: Mapping[str, Any]) -> Field:
    """A field of the table."""
    return Field(
        given["name"],
        FieldType(given["type"]),
        decoded(given["values"]),
        given.get("labels") or {},
        _config(given["config"]),
        index=(given.get("state") or {}).get("seriesIndex", 0),
    )


def _config(given: Any) -> Any:
    """A configuration, in which JSON has null for the threshold below all others."""
    if isinstance(given, dict):
        return {key: _config(part) for key, part in given.items()}
    if isinstance(given, list):
        return [_config(item) for item in given]
    return None if given == "-Infinity" else given


def frame_of(given: Mapping[str, Any]) -> Frame:
    """A frame of the table."""
    fields = [field_of(field) for field in given["fields"]]
    return Frame(fields, given.get("name", ""), given.get("refId", ""), given.get("meta") or {})


def shown_by(folder: str) -> bytes:
    """What the library in a folder shows: the table."""
    printed = subprocess.run(
        ["node", str(_FILE.with_suffix(".mjs")), folder],
        input=json.dumps([*UNITS, *_MORE]).encode(),
        env={**os.environ, "TZ": "UTC"},
        stdout=subprocess.PIPE,
        check=True,
    )
    return printed.stdout


def main() -> None:
    """Write the table."""
    _FILE.write_bytes(shown_by(sys.argv[1]))


if __name__ == "__main__":
    main()
