"""Colours as a picture or the page paints them.

A colour in a preview is one of Grafana's names (green, dark-red, text), #rrggbb, #rrggbbaa, or
light-dark(#rrggbb, #rrggbb) where Grafana computes another one in each of its themes. A picture is
of one theme and has the numbers; the page is of both, and has variables of CSS.

The numbers are those of Grafana 12.4 (packages/grafana-data/src/themes), which 13.2 still has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["DARK", "HUES", "LIGHT", "PAGE", "Theme", "css", "ink_on", "ink_over", "pair", "rgb"]

HUES = ("red", "orange", "yellow", "green", "blue", "purple")
_SHADES = ("super-light-", "light-", "", "semi-dark-", "dark-")
# Six shades of each hue, from light to dark: the dark theme begins at the first one, and the light
# theme at the second one.
_NUMBERS = (
    "ffa6b0 ff7383 f2495c e02f44 c4162a ad0317",
    "ffcb7d ffb357 ff9830 ff780a fa6400 e55400",
    "fff899 ffee52 fade2a f2cc0c e0b400 cc9d00",
    "c8f2c2 96d98d 73bf69 56a64b 37872d 19730e",
    "c0d8ff 8ab8ff 5794f2 3274d9 1f60c4 1250b0",
    "deb6f2 ca95e5 b877d9 a352cc 8f3bb8 7c2ea3",
)
_PAIR = re.compile(r"light-dark\((#\w+), (#\w+)\)")


@dataclass(frozen=True, slots=True)
class Theme:
    """The numbers of names of colours. A theme without any paints variables of CSS."""

    name: str
    colors: Mapping[str, str]

    def paint(self, color: str) -> str:
        """A colour as an attribute of SVG takes it."""
        if color.startswith("#"):
            return color
        if color.startswith("light-dark("):
            both = _PAIR.fullmatch(color)
            return both[1 if self.name == "light" else 2] if self.colors and both else color
        return self.colors.get(color, color) if self.colors else f"var(--{color})"


def _hues(first: int) -> dict[str, str]:
    return {
        shade + hue: f"#{number}"
        for hue, numbers in zip(HUES, _NUMBERS, strict=True)
        for shade, number in zip(_SHADES, numbers.split()[first:], strict=False)
    }


# gk's own names beside Grafana's: canvas (behind panels), panel, border, text, faint (secondary
# text), grid, track (what a gauge has not reached), ink (text on a bright colour), chalk (text on a
# dark one), link, error, warning.
DARK = Theme(
    "dark",
    {
        **_hues(0),
        "transparent": "#00000000",
        "panel-bg": "#181b1f",
        "text": "#ccccdc",
        "canvas": "#111217",
        "panel": "#181b1f",
        "border": "#ccccdc1f",
        "faint": "#ccccdca6",
        "grid": "#f0faff17",
        "track": "#22252b",
        "ink": "#202226",
        "chalk": "#f7f8fa",
        "link": "#6e9fff",
        "error": "#ff5286",
        "warning": "#fbad37",
    },
)
LIGHT = Theme(
    "light",
    {
        **_hues(1),
        "transparent": "#ffffff00",
        "panel-bg": "#ffffff",
        "text": "#24292e",
        "canvas": "#fbfbfb",
        "panel": "#ffffff",
        "border": "#24292e1f",
        "faint": "#24292ebf",
        "grid": "#000a1717",
        "track": "#f4f5f5",
        "ink": "#202226",
        "chalk": "#f7f8fa",
        "link": "#1f62e0",
        "error": "#cf0e5b",
        "warning": "#b5510d",
    },
)
PAGE = Theme("page", {})


def css(theme: Theme) -> str:
    """The declarations of the variables that PAGE paints with, in a theme that has numbers."""
    declared = {f"--{name}": number for name, number in theme.colors.items()}
    return "\n".join(
        f"{name}: {value};" for name, value in {"color-scheme": theme.name, **declared}.items()
    )


def pair(light: str, dark: str) -> str:
    """A colour that differs between the themes, of two numbers."""
    return light if light == dark else f"light-dark({light}, {dark})"


def rgb(color: str, theme: Theme = DARK) -> tuple[int, int, int]:
    """The red, green and blue of a colour, 0 to 255; black if it is none."""
    digits = theme.paint(color).removeprefix("#")
    if len(digits) in {3, 4}:
        digits = "".join(digit * 2 for digit in digits)
    try:
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
    except ValueError:
        return 0, 0, 0


@lru_cache(maxsize=1024)
def ink_on(color: str) -> str:
    """The colour of text on a coloured ground: as Grafana decides, by the brightness of the ground
    (grafana-ui/utils/colors.ts, getTextColorForBackground)."""
    light, dark = (_ink(rgb(color, theme)) for theme in (LIGHT, DARK))
    return light if light == dark else pair(LIGHT.colors[light], DARK.colors[dark])


def _ink(ground: tuple[int, int, int]) -> str:
    red, green, blue = ground
    return "ink" if (red * 299 + green * 587 + blue * 114) / 1000 > 180 else "chalk"


@lru_cache(maxsize=1024)
def ink_over(color: str, opacity: float) -> str:
    """The colour of text on a translucent ground: white where that can be read, else black
    (measured with 12.4.0)."""
    return pair(*(_over(color, opacity, theme) for theme in (LIGHT, DARK)))


def _over(color: str, opacity: float, theme: Theme) -> str:
    both = zip(rgb(color, theme), rgb("panel", theme), strict=True)
    ground = [over * opacity + under * (1 - opacity) for over, under in both]
    bright = sum(
        share * _linear(channel / 255)
        for share, channel in zip((0.2126, 0.7152, 0.0722), ground, strict=True)
    )
    # The contrast ratio of WCAG 2.
    return "#ffffff" if 1.05 / (bright + 0.05) >= _CONTRAST else "#000000"


def _linear(value: float) -> float:
    """A channel of sRGB, 0 to 1, in proportion to its light (IEC 61966-2-1)."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


_CONTRAST = 3.0
"""The least contrast of white text with its ground."""
