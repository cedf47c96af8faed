"""The colours of values and of series: thresholds, palettes, shades, continuous schemes.

A colour that Grafana computes of its theme's numbers is another one in each theme: a pair of them
(gk.preview.theme). All others keep their names.

Sources: packages/grafana-data/src/field/{fieldColor,scale,thresholds}.ts and
themes/createVisualizationColors.ts at 12.4, tinycolor2 1.6 and d3-interpolate 3.0.
"""

from __future__ import annotations

import colorsys
import math
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gk.preview.fields.numbers import number_of
from gk.preview.fields.ramps import RAMPS
from gk.preview.fields.reducers import reduced
from gk.preview.fields.versions import palette_in
from gk.preview.model import Field, FieldType
from gk.preview.theme import DARK, HUES, LIGHT, pair, rgb

__all__ = [
    "FALLBACK",
    "PALETTE",
    "Scale",
    "Step",
    "color_of",
    "limits_of",
    "named",
    "scale_of",
    "steps_of",
]

FALLBACK = "#808080"
"""The colour where a configuration names none."""

PALETTE = (
    "green", "semi-dark-yellow", "blue", "orange", "red", "purple",
    *(f"{shade}-{hue}" for shade in ("dark", "super-light")
      for hue in ("green", "yellow", "blue", "orange", "red", "purple")),
    "#447EBC", "#C15C17", "#890F02", "#0A437C", "#6D1F62", "#584477", "#B7DBAB", "#F4D598",
    "#70DBED", "#F9BA8F", "#F29191", "#82B5D8", "#E5A8E2", "#AEA2E0", "#629E51", "#E5AC0E",
    "#64B0C8", "#E0752D", "#BF1B00", "#0A50A1", "#962D82", "#614D93", "#9AC48A", "#F2C96D",
    "#65C5DB", "#F9934E", "#EA6460", "#5195CE", "#D683CE", "#806EB7", "#3F6833", "#967302",
    "#2F575E", "#99440A", "#58140C", "#052B51", "#511749", "#3F2B5B", "#E0F9D7", "#FCEACA",
    "#CFFAFF", "#F9E2D2", "#FCE2DE", "#BADFF4", "#F9D9F9", "#DEDAF7",
)  # fmt: skip
"""The colours of series, in their order."""

_SCHEMES: Mapping[str, tuple[str, ...]] = {
    "continuous-GrYlRd": ("green", "yellow", "red"),
    "continuous-RdYlGr": ("red", "yellow", "green"),
    "continuous-BlYlRd": ("dark-blue", "super-light-yellow", "dark-red"),
    "continuous-YlRd": ("super-light-yellow", "dark-red"),
    "continuous-BlPu": ("blue", "purple"),
    "continuous-YlBl": ("super-light-yellow", "dark-blue"),
    "continuous-blues": ("panel-bg", "dark-blue"),
    "continuous-reds": ("panel-bg", "dark-red"),
    "continuous-greens": ("panel-bg", "dark-green"),
    "continuous-purples": ("panel-bg", "dark-purple"),
}
_MAPS = frozenset({f"continuous-{name}" for name in (*RAMPS, "cividis")})

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Step:
    """A threshold: the colour of values from `value` on. None is below all others."""

    value: float | None
    color: str


Scale = Callable[[float], "tuple[str, float]"]
"""From a value to its colour, and to where it is between least and greatest, about 0 to 1."""


# Thresholds


def steps_of(field: Field, low: float | None = None, high: float | None = None) -> list[Step]:
    """The thresholds of a field. Percentages are of the range between `low` and `high`, for which
    the field's own minimum and maximum stand in."""
    steps, in_percent = _given_steps(field.config)
    if not in_percent:
        return steps
    least, greatest = limits_of(field)
    low, high = (least if low is None else low), (greatest if high is None else high)
    return [
        step if step.value is None else Step(low + (high - low) * step.value / 100, step.color)
        for step in steps
    ]


def _given_steps(config: Mapping[str, Any]) -> tuple[list[Step], bool]:
    """The steps as they are given, and whether these are percentages."""
    given = config.get("thresholds")
    if not isinstance(given, dict):
        return [], False
    steps = given.get("steps")
    usable = [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    # The first one is below all others, whatever it says (fixThresholds in grafana-data).
    return [
        Step(_number(step.get("value")) if index else None, named(step.get("color")))
        for index, step in enumerate(usable)
    ], given.get("mode") == "percentage"


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = number_of(value)
    return number if math.isfinite(number) else None


def _among(steps: Sequence[Step]) -> Callable[[float], str]:
    """The colour of the last step that a value reaches, of the first if it reaches none. Steps that
    are out of order end at the first that is not reached."""
    if not steps:
        return lambda _: FALLBACK
    limits = [-math.inf if step.value is None else step.value for step in steps]
    colors = [step.color for step in steps]
    if limits == sorted(limits):
        # Not a number reaches none.
        return lambda value: (
            colors[0] if math.isnan(value) else colors[max(0, bisect_right(limits, value) - 1)]
        )
    return lambda value: _active(limits, colors, value)


def _active(limits: Sequence[float], colors: Sequence[str], value: float) -> str:
    active = colors[0]
    for limit, color in zip(limits, colors, strict=True):
        if not value >= limit:
            break
        active = color
    return active


# Scales


def limits_of(field: Field) -> tuple[float, float]:
    """Least and greatest value of a field: its configuration's, or its panel's, or its own."""
    if field.type is not FieldType.NUMBER:
        return 0.0, 100.0
    low, high = _number(field.config.get("min")), _number(field.config.get("max"))
    if low is None or high is None:
        least, greatest = field.range or _own_limits(field)
        low, high = (least if low is None else low), (greatest if high is None else high)
    return number_of(low), number_of(high)


def _own_limits(field: Field) -> tuple[float, float]:
    if not len(field.values):
        return 0.0, 100.0
    least, greatest = reduced(field, "min"), reduced(field, "max")
    return number_of(least or 0.0), number_of(greatest or 0.0)


def scale_of(field: Field) -> Scale:
    """The colours of a field's values."""
    color = _color_by(field)
    if field.type is FieldType.BOOLEAN:
        false, true = _of_booleans(_mode_of(field))
        # Grafana takes nothing for true.
        return lambda value: (true, 1.0) if value and not math.isnan(value) else (false, 0.0)
    low, high = limits_of(field)
    delta = high - low

    def scale(value: float) -> tuple[str, float]:
        value = number_of(value)
        if value == -math.inf:
            return color(value, 0.0), 0.0
        share = (value - low) / delta if delta else _beyond(value - low)
        share = 0.0 if share != share else share  # noqa: PLR0124 - NaN is not itself
        return color(value, share), share

    return scale


def _beyond(part: float) -> float:
    """Where a value is if least and greatest are the same: JavaScript divides by zero."""
    return math.copysign(math.inf, part) if part else 0.0


def _of_booleans(mode: str) -> tuple[str, str]:
    if mode in _SCHEMES:
        return _SCHEMES[mode][0], _SCHEMES[mode][-1]
    if mode in _MAPS:
        return _continuous(mode, 0.0), _continuous(mode, 1.0)
    return "red", "green"


def color_of(field: Field) -> str:
    """The colour of a series: its own, or that of its last value (or of what `seriesBy` says)."""
    mode = _mode_of(field)
    if mode in _MODES:
        return _MODES[mode](field)
    by = _settings(field).get("seriesBy")
    value = reduced(field, by if isinstance(by, str) else "last")
    color, _ = scale_of(field)(value if isinstance(value, int | float) else 0)
    return color


def _settings(field: Field) -> Mapping[str, Any]:
    given = field.config.get("color")
    return given if isinstance(given, dict) else {}


def _mode_of(field: Field) -> str:
    mode = str(_settings(field).get("mode"))
    return mode if mode in _MODES or mode in _SCHEMES or mode in _MAPS else "thresholds"


def _color_by(field: Field) -> Callable[[float, float], str]:
    """The colour of a value and its share of the range."""
    mode = _mode_of(field)
    if mode in _MODES:
        color = _MODES[mode](field)
        return lambda _, __: color
    if mode != "thresholds":
        return lambda _, share: _continuous(mode, share)
    steps, in_percent = _given_steps(field.config)
    among = _among(steps)
    return (lambda _, share: among(share * 100)) if in_percent else (lambda value, _: among(value))


# Colours of series


def _fixed_color(field: Field) -> str:
    return named(_settings(field).get("fixedColor"))


def _by_index(field: Field) -> str:
    palette = palette_in(field.version, PALETTE)
    return palette[field.index % len(palette)]


def _by_name(field: Field) -> str:
    number = _hash(field.title or field.name)
    light, dark = _visible(LIGHT.name), _visible(DARK.name)
    one, other = light[number % len(light)], dark[number % len(dark)]
    return one if one == other else pair(LIGHT.paint(one), DARK.paint(other))


def _hash(text: str) -> int:
    """The npm package string-hash, which has UTF-16."""
    units = text.encode("utf-16-le", "surrogatepass")
    number = 5381
    for index in range(len(units) - 2, -2, -2):
        number = (number * 33 & 0xFFFFFFFF) ^ (units[index] | units[index + 1] << 8)
    return number


@lru_cache(maxsize=2)
def _visible(name: str) -> tuple[str, ...]:
    """The colours of the palette that can be told from the ground of a panel in a theme."""
    theme = LIGHT if name == LIGHT.name else DARK
    # 3 is the theme's contrastThreshold (fieldColor.ts).
    return tuple(
        color for color in PALETTE if _contrast(rgb(color, theme), rgb("panel", theme)) >= 3
    )


def _contrast(one: Rgb, other: Rgb) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: Rgb) -> float:
    parts = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in color)
    ]
    return round(0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2], 3)


def _shade(field: Field) -> str:
    base = _fixed_color(field)
    number = field.index % 11
    if not number:
        return base
    light, dark = (_shaded(rgb(base, theme), number) for theme in (LIGHT, DARK))
    return pair(light, dark)


def _shaded(base: Rgb, number: int) -> str:
    """A shade of a colour: the odd ones are brighter, the even ones darker, both more and more."""
    # Up to 10 degrees of hue and 35 % of light, in six steps (getShadedColor in fieldColor.ts).
    part = (number + 1) // 2 / 6
    if number % 2:
        red, green, blue = (_byte(channel) for channel in _spun(base, part * 10))
        return _hex(
            *(min(255, channel + _byte(2.55 * (part * 35))) for channel in (red, green, blue))
        )
    spun = _spun(base, -part * 10)
    hue, light, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in spun))
    return _hex(*map(_byte, _of_hls(hue, max(0.0, light - part * 35 / 100), saturation)))


def _spun(base: Rgb, degrees: float) -> tuple[float, float, float]:
    hue, light, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in base))
    return _of_hls((hue * 360 + degrees) % 360 / 360, light, saturation)


def _of_hls(hue: float, light: float, saturation: float) -> tuple[float, float, float]:
    """As tinycolor does, which keeps four digits of light and saturation."""
    light, saturation = (math.trunc(share * 100 * 100) / 100 / 100 for share in (light, saturation))
    most = light * (1 + saturation) if light < 0.5 else light + saturation - light * saturation
    least = 2 * light - most
    red, green, blue = (_of_hue(least, most, hue + turn / 3) for turn in (1, 0, -1))
    return red * 255, green * 255, blue * 255


def _of_hue(least: float, most: float, hue: float) -> float:
    hue = hue + 1 if hue < 0 else hue - 1 if hue > 1 else hue
    if hue < 1 / 6:
        return least + (most - least) * 6 * hue
    if hue < 1 / 2:
        return most
    return least + (most - least) * (2 / 3 - hue) * 6 if hue < 2 / 3 else least


def _byte(number: float) -> int:
    return math.floor(number + 0.5)


def _hex(red: int, green: int, blue: int) -> str:
    return f"#{red:02x}{green:02x}{blue:02x}"


_MODES: Mapping[Any, Callable[[Field], str]] = {
    "fixed": _fixed_color,
    "shades": _shade,
    "palette-classic": _by_index,
    "palette-classic-by-name": _by_name,
}


# Continuous schemes


@lru_cache(maxsize=4096)
def _continuous(mode: str, share: float) -> str:
    share = min(1.0, max(0.0, share))
    if mode in _MAPS:
        return _of_map(mode.removeprefix("continuous-"), share)
    light, dark = (
        _between([rgb(color, theme) for color in _SCHEMES[mode]], share) for theme in (LIGHT, DARK)
    )
    return pair(light, dark)


def _of_map(name: str, share: float) -> str:
    if name == "cividis":
        return _cividis(share)
    numbers = RAMPS[name]
    index = min(255, math.floor(share * 256))
    return f"#{numbers[6 * index : 6 * index + 6]}"


def _cividis(t: float) -> str:
    """d3-scale-chromatic's polynomials of the map of Nuñez, Anderton and Renslow."""
    parts = (
        (-4.54, -35.34, 2381.73, -6402.7, 7024.72, -2710.57),
        (32.49, 170.73, 52.82, -131.46, 176.58, -67.37),
        (81.24, 442.36, -2482.43, 6167.24, -6614.94, 2475.67),
    )
    return _hex(*(_channel(sum(c * t**n for n, c in enumerate(part))) for part in parts))


def _between(colors: Sequence[Rgb], share: float) -> str:
    """A colour on the uniform B-spline through colours."""
    last = len(colors) - 1
    index = min(last - 1, math.floor(share * last))
    t = (share - index / last) * last
    before, after = colors[index], colors[index + 1]
    channels = []
    for channel in range(3):
        v1, v2 = before[channel], after[channel]
        v0 = colors[index - 1][channel] if index > 0 else 2 * v1 - v2
        v3 = colors[index + 2][channel] if index < last - 1 else 2 * v2 - v1
        channels.append(_channel(_spline(t, v0, v1, v2, v3)))
    return _hex(*channels)


def _spline(t: float, v0: float, v1: float, v2: float, v3: float) -> float:
    t2, t3 = t * t, t * t * t
    return (
        (1 - 3 * t + 3 * t2 - t3) * v0
        + (4 - 6 * t2 + 3 * t3) * v1
        + (1 + 3 * t + 3 * t2 - 3 * t3) * v2
        + t3 * v3
    ) / 6


def _channel(number: float) -> int:
    return max(0, min(255, _byte(number)))


# Names

_HEX = re.compile(r"#?(?:[\da-fA-F]{3,4}|[\da-fA-F]{6}|[\da-fA-F]{8})", re.ASCII)
_FUNCTION = re.compile(r"(rgb|hsl)a?[\s|(]+([-+\d.%,\s]+)\)?", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?\d*\.?\d+%?", re.ASCII)


@lru_cache(maxsize=1024)
def named(color: Any) -> str:
    """A colour as a configuration gives it: a name of Grafana's theme, or else its number. Black if
    it is none, as in Grafana."""
    if not isinstance(color, str) or not color:
        return FALLBACK
    if color in DARK.colors and color not in _OWN:
        return color
    text = color.strip().lower()
    if text in _NATIVE:
        return f"#{_NATIVE[text]}"
    if _HEX.fullmatch(text):
        return color if color.startswith("#") else f"#{text}"
    function = _FUNCTION.fullmatch(text)
    return _computed(function[1], _NUMBER.findall(function[2])) if function else "#000000"


def _computed(kind: str, parts: list[str]) -> str:
    if len(parts) not in {3, 4}:
        return "#000000"
    alpha = _part(parts[3], 1) if len(parts) == 4 else 1.0
    if kind == "rgb":
        number = _hex(*(_byte(_part(part, 255)) for part in parts[:3]))
    else:
        hue = float(parts[0].rstrip("%")) % 360 / 360
        light, saturation = (_part(f"{part.rstrip('%')}%", 1) for part in (parts[2], parts[1]))
        number = _hex(*map(_byte, _of_hls(hue, light, saturation)))
    return number if alpha >= 1 else f"{number}{_byte(alpha * 255):02x}"


def _part(text: str, most: float) -> float:
    share = float(text[:-1]) / 100 * most if text.endswith("%") else float(text)
    return min(most, max(0.0, share))


_OWN = (
    frozenset(DARK.colors)
    - {"text", "panel-bg", "transparent"}
    - {
        f"{shade}{hue}"
        for hue in HUES
        for shade in ("", "super-light-", "light-", "semi-dark-", "dark-")
    }
)
# CSS's. Grafana's theme has six of them, in lower case.
_CSS = """
blue:0000ff green:008000 orange:ffa500 purple:800080 red:ff0000 yellow:ffff00
aliceblue:f0f8ff antiquewhite:faebd7 aqua:00ffff aquamarine:7fffd4 azure:f0ffff beige:f5f5dc
bisque:ffe4c4 black:000000 blanchedalmond:ffebcd blueviolet:8a2be2 brown:a52a2a burlywood:deb887
cadetblue:5f9ea0 chartreuse:7fff00 chocolate:d2691e coral:ff7f50 cornflowerblue:6495ed
cornsilk:fff8dc crimson:dc143c cyan:00ffff darkblue:00008b darkcyan:008b8b darkgoldenrod:b8860b
darkgray:a9a9a9 darkgreen:006400 darkkhaki:bdb76b darkmagenta:8b008b darkolivegreen:556b2f
darkorange:ff8c00 darkorchid:9932cc darkred:8b0000 darksalmon:e9967a darkseagreen:8fbc8f
darkslateblue:483d8b darkslategray:2f4f4f darkturquoise:00ced1 darkviolet:9400d3 deeppink:ff1493
deepskyblue:00bfff dimgray:696969 dodgerblue:1e90ff firebrick:b22222 floralwhite:fffaf0
forestgreen:228b22 fuchsia:ff00ff gainsboro:dcdcdc ghostwhite:f8f8ff gold:ffd700 goldenrod:daa520
gray:808080 greenyellow:adff2f honeydew:f0fff0 hotpink:ff69b4 indianred:cd5c5c indigo:4b0082
ivory:fffff0 khaki:f0e68c lavender:e6e6fa lavenderblush:fff0f5 lawngreen:7cfc00
lemonchiffon:fffacd lightblue:add8e6 lightcoral:f08080 lightcyan:e0ffff
lightgoldenrodyellow:fafad2 lightgrey:d3d3d3 lightgreen:90ee90 lightpink:ffb6c1 lightsalmon:ffa07a
lightseagreen:20b2aa lightskyblue:87cefa lightslategray:778899 lightsteelblue:b0c4de
lightyellow:ffffe0 lime:00ff00 limegreen:32cd32 linen:faf0e6 magenta:ff00ff maroon:800000
mediumaquamarine:66cdaa mediumblue:0000cd mediumorchid:ba55d3 mediumpurple:9370d8
mediumseagreen:3cb371 mediumslateblue:7b68ee mediumspringgreen:00fa9a mediumturquoise:48d1cc
mediumvioletred:c71585 midnightblue:191970 mintcream:f5fffa mistyrose:ffe4e1 moccasin:ffe4b5
navajowhite:ffdead navy:000080 oldlace:fdf5e6 olive:808000 olivedrab:6b8e23 orangered:ff4500
orchid:da70d6 palegoldenrod:eee8aa palegreen:98fb98 paleturquoise:afeeee palevioletred:d87093
papayawhip:ffefd5 peachpuff:ffdab9 peru:cd853f pink:ffc0cb plum:dda0dd powderblue:b0e0e6
rebeccapurple:663399 rosybrown:bc8f8f royalblue:4169e1 saddlebrown:8b4513 salmon:fa8072
sandybrown:f4a460 seagreen:2e8b57 seashell:fff5ee sienna:a0522d silver:c0c0c0 skyblue:87ceeb
slateblue:6a5acd slategray:708090 snow:fffafa springgreen:00ff7f steelblue:4682b4 tan:d2b48c
teal:008080 thistle:d8bfd8 tomato:ff6347 turquoise:40e0d0 violet:ee82ee wheat:f5deb3 white:ffffff
whitesmoke:f5f5f5 yellowgreen:9acd32
"""
_NATIVE: Mapping[str, str] = dict(pair.split(":") for pair in _CSS.split())
