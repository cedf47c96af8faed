"""What prints a number in a format: one algorithm for each kind of Format.

The page's format.js has the same algorithms. Source: packages/grafana-data/src/valueFormats at 12.4
and 13.2.3, which are equal.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gk.preview.fields import dates
from gk.preview.fields.numbers import exponential, fixed, grouped, hexadecimal, parsed, text_of
from gk.preview.fields.units import COUNTS, Format, format_of
from gk.preview.model import Display

__all__ = ["Context", "Parts", "Printer", "formatted", "printer_of"]

Parts = tuple[str, str, str]
"""The text of a number, what is before it, and what is after it."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the text of a time depends on besides its unit. `now` is milliseconds since 1970."""

    timezone: str = "utc"
    with_milliseconds: bool = False
    now: float | None = None


Printer = Callable[[float, "int | None"], Parts]


def formatted(value: float, unit: str, decimals: int | None = None) -> Display:
    """A number in a unit, with so many decimals or as many as Grafana chooses; times in UTC."""
    text, prefix, suffix = printer_of(format_of(unit), Context())(value, decimals)
    number = None if math.isnan(value) else value
    return Display(text, prefix=prefix, suffix=suffix, number=number)


def printer_of(form: Format, context: Context) -> Printer:
    """What prints numbers in a format."""
    return _PRINTERS[form.kind](form, context)


# Printers


def _print_fixed(form: Format, _: Context) -> Printer:
    prefix, suffix = form.names
    factor = form.factor
    if factor == 1:
        return lambda value, decimals: (fixed(value, decimals), prefix, suffix)
    return lambda value, decimals: (fixed(factor * value, decimals), prefix, suffix)


def _print_scaled(form: Format, _: Context) -> Printer:
    names, factor, offset = form.names, float(form.factor), form.offset
    base, last = math.log10(factor), len(names) - 1
    divisors = [factor ** (index - offset) for index in range(len(names))]

    def scaled(value: float, decimals: int | None) -> Parts:
        if not math.isfinite(value):
            return fixed(value), "", ""
        index = offset + math.floor(math.log10(abs(value)) / base) if value else offset
        index = 0 if index < 0 else last if index > last else index
        return fixed(value / divisors[index], decimals), "", names[index]

    return scaled


def _print_count(form: Format, context: Context) -> Printer:
    *names, unit = form.names
    scaled = _print_scaled(Format("scaled", tuple(names), form.factor), context)

    def counted(value: float, decimals: int | None) -> Parts:
        if math.isfinite(value):
            return scaled(value, decimals)
        # Grafana adds the unit to a suffix that is not there.
        return fixed(value), "", f"undefined {unit}"

    return counted


def _print_currency(form: Format, context: Context) -> Printer:
    before, after = form.names
    names = tuple(f"{count}{after}" for count in COUNTS)
    scaled = _print_scaled(Format("scaled", names, 1000), context)

    def money(value: float, decimals: int | None) -> Parts:
        text, _, suffix = scaled(abs(value), decimals)
        return text, f"-{before}" if value < 0 else before, suffix

    return money


def _print_steps(form: Format, _: Context) -> Printer:
    factor, steps = form.factor, form.steps
    limits = [limit for limit, _, _ in steps if limit is not None]
    zero = ("0", "", form.names[0]) if form.names else None

    def stepped(value: float, decimals: int | None) -> Parts:
        # Timeticks are hundredths of a second; a product with 0.01 would round otherwise.
        value = value / 100 if factor != 1 else value
        if value == 0 and zero:
            return zero
        _, divisor, name = steps[bisect_right(limits, abs(value))]
        shown = value / divisor if divisor > 0 else value * -divisor
        if name[-1] == "+":
            return fixed(shown, decimals), "", f"{name[:-1]}s" if abs(shown) > 1 else name[:-1]
        return fixed(shown, decimals), "", name

    return stepped


_INTERVALS = (
    ("year", 31_536_000_000), ("month", 2_592_000_000), ("week", 604_800_000),
    ("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000), ("second", 1000),
    ("millisecond", 1),
)  # fmt: skip


def _print_duration(form: Format, _: Context) -> Printer:
    factor, name = form.factor, form.names[0]

    def duration(value: float, decimals: int | None) -> Parts:
        if value == 0:
            return "0", "", name
        if value < 0:
            text, _, suffix = duration(-value, decimals)
            return text, "", f"{suffix} ago"
        return ", ".join(_intervals(value * factor, decimals or 0)), "", ""

    return duration


def _intervals(left: float, more: int) -> list[str]:
    """A duration in milliseconds in words: the greatest interval in it and so many more."""
    words: list[str] = []
    for name, size in _INTERVALS:
        if more < 0:
            break
        if left >= size or words:
            whole = _whole(left / size)
            words.append(f"{whole} {name}{'' if whole == '1' else 's'}")
            left = math.fmod(left, size) if math.isfinite(left) else math.nan
            more -= 1
    return words


def _whole(number: float) -> str:
    """A number without its fraction. A great one has the digits that tell it from its neighbours,
    and then zeros."""
    return text_of(math.floor(number) if math.isfinite(number) else number)


def _print_hms(_: Format, __: Context) -> Printer:
    return lambda value, _: _signed(value, _hms)


def _print_dhms(_: Format, __: Context) -> Printer:
    return lambda value, _: _signed(value, _dhms)


def _signed(value: float, text: Callable[[float], str]) -> Parts:
    return (text(-value), "", " ago") if value < 0 else (text(value), "", "")


def _hms(seconds: float) -> str:
    hours, rest = seconds / 3600, math.fmod(seconds, 3600) if seconds < math.inf else math.nan
    parts = (hours, rest / 60, math.fmod(rest, 60))
    return ":".join(_whole(part) if part >= 10 else f"0{_whole(part)}" for part in parts)


def _dhms(seconds: float) -> str:
    days = math.floor(seconds / 86400) if seconds < math.inf else seconds
    rest = abs(seconds - float(days) * 24 * 3600)
    return f"{f'{_whole(days)} d ' if days > 0 else ''}{_hms(rest)}"


def _print_clock(form: Format, _: Context) -> Printer:
    return lambda value, decimals: (_clock(value * form.factor, decimals), "", "")


def _clock(size: float, decimals: int | None) -> str:
    """Hours, minutes, seconds and milliseconds, from the first that is there on, as many as there
    are decimals."""
    most = decimals if decimals is not None and decimals >= 0 else 3
    is_time = math.isfinite(size) and abs(size) <= dates.MOST
    parts: tuple[str, ...] = dates.clock_of(size) if is_time else ("Invalid date",)
    if size < 1000:
        return parts[-1]
    if size < 60_000:
        return ":".join(parts[-2:] if most else parts[-2:-1])
    if size < 3_600_000:
        return ":".join(parts[-3:][: most + 1])
    hours = size / 3_600_000
    return ":".join([f"{_whole(hours)}h", *parts[-3:][:most]])


def _print_datetime(form: Format, context: Context) -> Printer:
    pattern, *today = form.names

    def dated(value: float, _: int | None) -> Parts:
        is_today = today and dates.same_day(value, context.now, context.timezone)
        return dates.shown(value, today[0] if is_today else pattern, context.timezone), "", ""

    return dated


def _print_system(_: Format, context: Context) -> Printer:
    pattern = "YYYY-MM-DD HH:mm:ss.SSS" if context.with_milliseconds else "YYYY-MM-DD HH:mm:ss"
    return lambda value, _: (dates.shown(value, pattern, context.timezone), "", "")


def _print_ago(form: Format, context: Context) -> Printer:
    """Without a now, the time itself."""
    if context.now is None:
        return _print_system(form, context)
    now = context.now
    return lambda value, _: (dates.from_now(value, now), "", "")


def _print_bool(form: Format, _: Context) -> Printer:
    true, false = form.names
    return lambda value, _: (true if value and not math.isnan(value) else false, "", "")


def _print_hex(form: Format, _: Context) -> Printer:
    before = form.names[0] if form.names else ""

    def in_hex(value: float, decimals: int | None) -> Parts:
        text = hexadecimal(parsed(fixed(value, decimals)))
        is_negative = text.startswith("-")
        return f"-{before}{text[1:]}" if is_negative else f"{before}{text}", "", ""

    return in_hex


def _print_sci(_: Format, __: Context) -> Printer:
    return lambda value, decimals: (exponential(value, decimals), "", "")


def _print_locale(_: Format, __: Context) -> Printer:
    return lambda value, decimals: (grouped(value, 3 if decimals is None else decimals), "", "")


def _print_financial(form: Format, _: Context) -> Printer:
    before, after = form.names

    def money(value: float, decimals: int | None) -> Parts:
        text = grouped(value, 1) if decimals is None else grouped(value, decimals, decimals)
        return text, before, after

    return money


def _print_string(_: Format, __: Context) -> Printer:
    return lambda value, _: (text_of(value), "", "")


_PRINTERS: Mapping[str, Callable[[Format, Context], Printer]] = {
    "fixed": _print_fixed,
    "scaled": _print_scaled,
    "count": _print_count,
    "currency": _print_currency,
    "steps": _print_steps,
    "duration": _print_duration,
    "hms": _print_hms,
    "dhms": _print_dhms,
    "clock": _print_clock,
    "datetime": _print_datetime,
    "system": _print_system,
    "ago": _print_ago,
    "bool": _print_bool,
    "hex": _print_hex,
    "sci": _print_sci,
    "locale": _print_locale,
    "financial": _print_financial,
    "string": _print_string,
}
