"""Classes in place of style attributes, which the page's policy does not allow.

A class's name says what its rule has to be (`paint-dark-red`, `least-900`), so that the page makes
the rules of whatever classes it contains.
"""

from __future__ import annotations

import re

from gk.preview.theme import HUES, PAGE, ink_on, pair

__all__ = ["above", "below", "css", "exact", "high", "least", "paint", "rules"]

_NAME = re.compile(r"[a-z]+(?:-[a-z]+)*")
_HEX = re.compile(r"#(?:[0-9a-f]{6}|[0-9a-f]{8})")
_PAIR = re.compile(r"light-dark\((#[0-9a-f]{6,8}), (#[0-9a-f]{6,8})\)")
_WIDEST = 20_000
"""Pixels: more than any box has, and no more digits than `_USED` reads."""
_LENGTHS = {"least": "min-width", "exact": "width", "high": "min-height"}

_USED = re.compile(
    r"\bpaint-x(?P<light>[0-9a-f]{6,8})(?:-x(?P<dark>[0-9a-f]{6,8}))?(?![\w-])"
    r"|\bpaint-(?P<color>[a-z]+(?:-[a-z]+)*)(?![\w-])"
    r"|\b(?P<length>least|exact|high|above|below)-(?P<pixels>[0-9]{1,5})(?![\w-])"
)


def paint(color: str) -> str:
    """The class of an element with a colour: its rule sets `--paint`, and `--paint-ink` for text on
    that colour. Empty for what is not a colour."""
    if _NAME.fullmatch(color):
        return f"paint-{color}"
    color = color.lower()
    if _HEX.fullmatch(color):
        return f"paint-x{color[1:]}"
    both = _PAIR.fullmatch(color)
    return f"paint-x{both[1][1:]}-x{both[2][1:]}" if both else ""


def css(color: str) -> str:
    """The class of a colour as style sheets have it: #rgb, #rrggbb, or the name of a hue, which is
    then Grafana's. Empty for any other."""
    color = color.strip().lower()
    if color in HUES:
        return paint(color)
    if not color.startswith("#"):
        return ""
    return paint("#" + "".join(2 * digit for digit in color[1:]) if len(color) == 4 else color)


def least(pixels: float) -> str:
    """The class of an element that is at least so wide."""
    return f"least-{_within(pixels)}"


def exact(pixels: float) -> str:
    """The class of an element that is exactly so wide."""
    return f"exact-{_within(pixels)}"


def high(pixels: float) -> str:
    """The class of an element that is at least so high."""
    return f"high-{_within(pixels)}"


def above(pixels: float) -> str:
    """The class of an element that is shown in a container of at least this width."""
    return f"above-{_within(pixels)}"


def below(pixels: float) -> str:
    """The class of an element that is shown in a narrower container only."""
    return f"below-{_within(pixels)}"


def _within(pixels: float) -> int:
    return round(min(max(pixels, 0), _WIDEST))


def rules(markup: str) -> str:
    """The style of all such classes in a page's markup, in the order of their names."""
    used = {match[0]: match for match in _USED.finditer(markup)}
    return "".join(f"{_rule(name, used[name])}\n" for name in sorted(used))


def _rule(name: str, match: re.Match[str]) -> str:
    if match["length"] in ("above", "below"):
        hidden_if = "<" if match["length"] == "above" else ">="
        return f"@container (width {hidden_if} {match['pixels']}px){{.{name}{{display:none}}}}"
    if match["length"]:
        return f".{name}{{{_LENGTHS[match['length']]}:{match['pixels']}px}}"
    light, dark = (f"#{match[theme]}" if match[theme] else "" for theme in ("light", "dark"))
    color = match["color"] or (pair(light, dark) if dark else light)
    ink = PAGE.paint(ink_on(color))
    return f".{name}{{--paint:{PAGE.paint(color)};--paint-ink:{ink}}}"
