"""Colours as Grafana knows them (packages/grafana-data/src/themes/createVisualizationColors.ts).

Grafana shows an unknown name as grey, without a word.
"""

from __future__ import annotations

import re

from gk.errors import did_you_mean

__all__ = ["color_mistake"]

_HUES = ("red", "orange", "yellow", "green", "blue", "purple")
_SHADES = ("", "super-light-", "light-", "semi-dark-", "dark-")
_NAMED = frozenset(shade + hue for hue in _HUES for shade in _SHADES)
_SPECIAL = frozenset({"transparent", "text", "panel-bg", "value", "auto"})
_MODES = ("thresholds", "palette-classic", "palette-classic-by-name", "shades", "fixed")
# CSS's.
_NATIVE = frozenset(
    {
        "aliceblue", "antiquewhite", "aqua", "aquamarine", "azure", "beige", "bisque", "black",
        "blanchedalmond", "blueviolet", "brown", "burlywood", "cadetblue", "chartreuse",
        "chocolate", "coral", "cornflowerblue", "cornsilk", "crimson", "cyan", "darkblue",
        "darkcyan", "darkgoldenrod", "darkgray", "darkgreen", "darkgrey", "darkkhaki",
        "darkmagenta", "darkolivegreen", "darkorange", "darkorchid", "darkred", "darksalmon",
        "darkseagreen", "darkslateblue", "darkslategray", "darkslategrey", "darkturquoise",
        "darkviolet", "deeppink", "deepskyblue", "dimgray", "dimgrey", "dodgerblue", "firebrick",
        "floralwhite", "forestgreen", "fuchsia", "gainsboro", "ghostwhite", "gold", "goldenrod",
        "gray", "greenyellow", "grey", "honeydew", "hotpink", "indianred", "indigo", "ivory",
        "khaki", "lavender", "lavenderblush", "lawngreen", "lemonchiffon", "lightblue",
        "lightcoral", "lightcyan", "lightgoldenrodyellow", "lightgray", "lightgreen", "lightgrey",
        "lightpink", "lightsalmon", "lightseagreen", "lightskyblue", "lightslategray",
        "lightslategrey", "lightsteelblue", "lightyellow", "lime", "limegreen", "linen",
        "magenta", "maroon", "mediumaquamarine", "mediumblue", "mediumorchid", "mediumpurple",
        "mediumseagreen", "mediumslateblue", "mediumspringgreen", "mediumturquoise",
        "mediumvioletred", "midnightblue", "mintcream", "mistyrose", "moccasin", "navajowhite",
        "navy", "oldlace", "olive", "olivedrab", "orangered", "orchid", "palegoldenrod",
        "palegreen", "paleturquoise", "palevioletred", "papayawhip", "peachpuff", "peru", "pink",
        "plum", "powderblue", "rebeccapurple", "rosybrown", "royalblue", "saddlebrown", "salmon",
        "sandybrown", "seagreen", "seashell", "sienna", "silver", "skyblue", "slateblue",
        "slategray", "slategrey", "snow", "springgreen", "steelblue", "tan", "teal", "thistle",
        "tomato", "turquoise", "violet", "wheat", "white", "whitesmoke", "yellowgreen",
    }
)  # fmt: skip
_HEX = re.compile(r"#(?:[\da-fA-F]{3,4}|[\da-fA-F]{6}|[\da-fA-F]{8})")
_FUNCTION = re.compile(r"(?:rgb|hsl)a?\s*\(.*\)", re.IGNORECASE | re.DOTALL)


def color_mistake(color: str) -> str | None:
    """Return what is wrong with a colour, as the end of a message; None if Grafana knows it or it
    is empty."""
    text = color.strip()
    if not text or "$" in text or text in _NAMED or text in _SPECIAL:
        return None
    if text.lower() in _NATIVE or text.lower() in _HUES:
        return None
    if _HEX.fullmatch(text) or _FUNCTION.fullmatch(text):
        return None
    known = [*_NAMED, *_NATIVE, *_MODES]
    hint = did_you_mean(text, sorted(known)) or "; write green, dark-red, #rrggbb or rgb(r, g, b)"
    return f"colour '{color}' is not one of Grafana's{hint}"
