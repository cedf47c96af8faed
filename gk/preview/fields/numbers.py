"""Numbers as JavaScript rounds, prints and reads them, and as Grafana chooses their decimals.

Sources: ECMAScript (Number::toString, Math.round, toExponential) and
packages/grafana-data/src/valueFormats/valueFormats.ts at 12.4.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

__all__ = [
    "NAN",
    "as_float",
    "exponential",
    "fixed",
    "grouped",
    "hexadecimal",
    "number_of",
    "ordinal",
    "parsed",
    "summed",
    "text_of",
    "tick_decimals",
    "words_of",
]

NAN = math.nan
_LN10 = math.log(10)
_MOST_DECIMALS = 100
# Below it, the powers of ten that JavaScript computes with are no numbers, nor is what it prints.
_LEAST = 1e-290
_EXACT = Context(prec=1200)
_FLOAT = re.compile(r"\s*([+-]?(?:Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))")
_DECIMAL = re.compile(r"[+-]?(?:Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)", re.ASCII)
_RADIX = re.compile(r"0(?:[xX][\da-fA-F]+|[oO][0-7]+|[bB][01]+)", re.ASCII)


def text_of(value: float) -> str:
    """JavaScript's String() of a number: 1 for 1.0, 1e+21, NaN."""
    if value != value:  # noqa: PLR0124 - NaN is not itself
        return "NaN"
    value = as_float(value) if isinstance(value, int) else value
    size = abs(value)
    if size == math.inf:
        return "Infinity" if value > 0 else "-Infinity"
    if size < 1e16 and value == (whole := int(value)):
        return str(whole)
    text = repr(value)
    if 1e-4 <= size < 1e16:
        return text
    if 1e-6 <= size < 1e21:
        # Python has an exponent here, JavaScript does not.
        return format(Decimal(text), "f").removesuffix(".0")
    mantissa, _, exponent = text.partition("e")
    power = int(exponent)
    return f"{mantissa.removesuffix('.0')}e{'+' if power > 0 else '-'}{abs(power)}"


def words_of(value: Any) -> str:
    """JavaScript's String() of a JSON value; nothing for null."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return text_of(value)
    if isinstance(value, list | tuple):
        return ",".join(map(words_of, value))
    return "[object Object]"


def number_of(value: Any) -> float:
    """The number that Grafana takes for a value (anyToNumber); NaN if there is none."""
    if isinstance(value, float):
        return value
    if isinstance(value, int):
        return as_float(value)
    if not isinstance(value, str) or not value:
        return NAN
    text = value.strip()
    if not text:
        return 0.0
    if _DECIMAL.fullmatch(text):
        return float(text)
    return as_float(int(text, 0)) if _RADIX.fullmatch(text) else NAN


def as_float(value: float) -> float:
    """A number of any size as JavaScript has it."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def parsed(value: Any) -> float:
    """JavaScript's parseFloat(): the number with which a text begins; NaN if there is none."""
    match = _FLOAT.match(words_of(value))
    return float(match[1]) if match else NAN


def summed(numbers: Iterable[float]) -> float:
    """The sum, one by one as JavaScript adds: sum() of newer Pythons is more exact."""
    total = 0.0
    for number in numbers:
        total += number
    return total


def fixed(value: float, decimals: int | None = None) -> str:
    """A number with so many decimals, or with as many as Grafana chooses for it."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "-∞"
    if -_LEAST < value < _LEAST:
        return _zero(decimals)
    if decimals is None:
        decimals = _decimals_for(value)
    elif decimals > _MOST_DECIMALS:
        decimals = _MOST_DECIMALS
    if decimals <= 0:
        return text_of(_rounded(value))
    factor = 10.0**decimals
    rounded = _rounded(value * factor)
    shown = rounded / factor
    # So few digits are the shortest ones, too.
    if abs(shown) >= 1e-6 and -1e15 < rounded < 1e15:
        return f"{shown:.{decimals}f}"
    text = text_of(shown)
    if "e" in text:
        return text
    whole, _, places = text.partition(".")
    return f"{whole}.{places.ljust(decimals, '0')}"


def _zero(decimals: int | None) -> str:
    """0 with so many decimals."""
    return f"{0:.{min(decimals, _MOST_DECIMALS)}f}" if decimals and decimals > 0 else "0"


def _rounded(value: float) -> float:
    """JavaScript's Math.round(): halves go up."""
    if not -(2.0**52) < value < 2.0**52:
        return value
    floor = math.floor(value)
    return floor if value - floor < 0.5 else floor + 1


def _decimals_for(value: float) -> int:
    if value % 1 == 0:
        return 0
    size = abs(value)
    # Not math.log10: Grafana divides logarithms, which makes 2.9999999999999996 of 1000.
    decimals = 1 - math.floor(math.log(size) / _LN10)
    if size / 10.0**-decimals > 2.25:
        return decimals + 1 if decimals > -1 else 0
    return decimals if decimals > 0 else 0


def tick_decimals(increment: float) -> int | None:
    """The decimals of the ticks of an axis whose ticks are so far apart, as Grafana asks for them
    (grafana-ui, UPlotAxisBuilder.ts); None: as many as the value needs."""
    rounded = _rounded(increment * 1e6 * (1 + 2**-52)) / 1e6 if increment % 1 else increment
    _, _, places = text_of(rounded).partition(".")
    return len(places) or None


def exponential(value: float, decimals: int | None = None) -> str:
    """JavaScript's toExponential(): with so many decimals, or as many as it takes."""
    if not math.isfinite(value):
        return text_of(value)
    exact = Decimal(repr(float(value))) if decimals is None else Decimal(value)
    if not exact:
        return f"{_zero(decimals)}e+0"
    if decimals is not None:
        places = max(0, min(decimals, _MOST_DECIMALS))
        exact = Context(prec=places + 1, rounding=ROUND_HALF_UP).plus(exact)
    sign, digits, _ = exact.as_tuple()
    shown = "".join(map(str, digits))
    shown = shown.rstrip("0") or "0" if decimals is None else shown.ljust(places + 1, "0")
    mantissa = f"{shown[0]}.{shown[1:]}" if len(shown) > 1 else shown
    power = exact.adjusted()
    return f"{'-' if sign else ''}{mantissa}e{'-' if power < 0 else '+'}{abs(power)}"


def grouped(value: float, most: int = 3, least: int = 0) -> str:
    """A number as Intl.NumberFormat prints it in English: thousands grouped, with decimals between
    two limits."""
    if value != value:  # noqa: PLR0124
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    step = Decimal(1).scaleb(-max(0, min(most, _MOST_DECIMALS)))
    text = f"{Decimal(repr(float(value))).quantize(step, ROUND_HALF_UP, _EXACT):,f}"
    whole, _, places = text.partition(".")
    places = places.rstrip("0").ljust(least, "0")
    return f"{whole}.{places}" if places else whole


def hexadecimal(value: float) -> str:
    """JavaScript's toString(16), in capitals."""
    if not math.isfinite(value):
        return text_of(value).upper()
    size = abs(value)
    whole = int(size)
    mantissa, _, power = (size - whole).hex().removeprefix("0x").partition("p")
    places = _fraction(mantissa, int(power))
    return f"{'-' if value < 0 else ''}{whole:X}{f'.{places}' if places else ''}"


def _fraction(mantissa: str, power: int) -> str:
    """The hexadecimal places of a number below 1, of the parts of float.hex()."""
    digits = int(mantissa.replace(".", ""), 16)
    places = 4 * len(mantissa.partition(".")[2]) - power
    padded = -(-places // 4)
    return f"{digits << (4 * padded - places):X}".rjust(padded, "0").rstrip("0")


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th."""
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
