"""The table of units: how Grafana prints a number in each, as few algorithms and their data.

A Format is data that both gk.preview.fields.printers and the page's format.js run:

    fixed      the number, then a text
    scaled     by powers of a factor, each with a name
    steps      by limits, each with a divisor and a name: times
    currency   scaled, with a symbol before or after it
    clock, hms, dhms, duration, datetime, ago, bool, hex, sci, locale, financial, string

Source: packages/grafana-data/src/valueFormats at 12.4 and 13.2.3, which are equal. No text is
translated: the texts are those of Grafana in English.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

__all__ = ["COUNTS", "Format", "format_of"]


@dataclass(frozen=True, slots=True)
class Format:
    """An algorithm and its data."""

    kind: str
    names: tuple[str, ...] = ()
    factor: float = 1
    offset: int = 0
    steps: tuple[tuple[float | None, float, str], ...] = ()

    def json(self) -> dict[str, Any]:
        """It as format.js reads it: without what is not there."""
        given = {
            "names": list(self.names),
            "factor": self.factor if self.factor != 1 else 0,
            "offset": self.offset,
            "steps": [list(step) for step in self.steps],
        }
        return {"kind": self.kind} | {key: value for key, value in given.items() if value}


# Scales

_SHORT = ("", " K", " Mil", " Bil", " Tri", " Quadr", " Quint", " Sext", " Sept")
COUNTS = ("", "K", "M", "B", "T")
_SI = ("f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y")
_SI_BASE = _SI.index("")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")


def _fixed(unit: str) -> Format:
    return Format("fixed", names=("", f" {unit}" if unit else ""))


def _scaled(factor: float, names: tuple[str, ...], offset: int = 0) -> Format:
    return Format("scaled", names=names, factor=factor, offset=offset)


def _si(unit: str, offset: int = 0) -> Format:
    return _scaled(1000, tuple(f" {prefix}{unit}" for prefix in _SI), _SI_BASE + offset)


def _binary(unit: str, offset: int = 0) -> Format:
    return _scaled(1024, tuple(f" {prefix}{unit}" for prefix in _BINARY), offset)


def _count(unit: str) -> Format:
    return Format("count", names=(*(f"{count} {unit}" for count in COUNTS), unit), factor=1000)


def _currency(symbol: str, after: str = "") -> Format:
    return Format("currency", names=(symbol, after))


# Each step: below which size, in the unit itself, by how much it is divided, and the name. Where
# Grafana multiplies, the divisor is negative: -1000 is a thousand times the value.
_NS = (
    (1e3, 1, " ns"), (1e6, 1e3, " µs"), (1e9, 1e6, " ms"), (6e10, 1e9, " s"),
    (36e11, 6e10, " min+"), (864e11, 36e11, " hour+"), (None, 864e11, " day+"),
)  # fmt: skip
_US = ((1e3, 1, " µs"), (1e6, 1e3, " ms"), (None, 1e6, " s"))
_MS = (
    (1e3, 1, " ms"), (6e4, 1e3, " s"), (36e5, 6e4, " min+"), (864e5, 36e5, " hour+"),
    (31536e6, 864e5, " day+"), (None, 31536e6, " year+"),
)  # fmt: skip
_S = (
    (1e-6, -1e9, " ns"), (1e-3, -1e6, " µs"), (1, -1e3, " ms"), (60, 1, " s"),
    (3600, 60, " min+"), (86400, 3600, " hour+"), (604800, 86400, " day+"),
    (31536e3, 604800, " week+"), (None, 31556900, " year+"),
)  # fmt: skip
_M = (
    (60, 1, " min"), (1440, 60, " hour+"), (10080, 1440, " day+"), (604800, 10080, " week+"),
    (None, 525948, " year+"),
)  # fmt: skip
_H = ((24, 1, " hour"), (168, 24, " day+"), (8760, 168, " week+"), (None, 8760, " year+"))
_D = ((7, 1, " day+"), (365, 7, " week+"), (None, 365, " year+"))


def _steps(steps: tuple[tuple[float | None, float, str], ...], name: str = "") -> Format:
    return Format("steps", names=(name,) if name else (), steps=steps)


# Units whose text is their number and a name.
_NAMED = {
    "humidity": "%H", "dB": "dB", "pixel": "px", "accMS2": "m/sec²", "accFS2": "f/sec²",
    "accG": "g", "degree": "°", "radian": "rad", "grad": "grad", "arcmin": "arcmin",
    "arcsec": "arcsec", "areaM2": "m²", "areaF2": "ft²", "areaMI2": "mi²", "acres": "ac",
    "hectares": "ha", "ppm": "ppm", "conppb": "ppb", "conngm3": "ng/m³", "conngNm3": "ng/Nm³",
    "con\u03bcgm3": "\u03bcg/m³", "con\u03bcgNm3": "\u03bcg/Nm³", "conmgm3": "mg/m³",
    "conmgNm3": "mg/Nm³", "congm3": "g/m³", "congNm3": "g/Nm³", "conmgdL": "mg/dL",
    "conmmolL": "mmol/L", "flowgpm": "gpm", "flowcms": "cms", "flowcfs": "cfs",
    "flowcfm": "cfm", "litreh": "L/h", "flowlpm": "L/min", "flowmlpm": "mL/min", "lux": "lux",
    "masslb": "lb", "masst": "t", "lengthcm": "cm", "lengthin": "in", "lengthft": "ft",
    "lengthmi": "mi", "pressurehpa": "hPa", "pressurekpa": "kPa", "pressurehg": '"Hg',
    "rotrpm": "rpm", "rotrads": "rad/s", "rotdegs": "°/s", "celsius": "°C", "fahrenheit": "°F",
    "farenheit": "°F", "kelvin": "K", "velocityms": "m/s", "velocitykmh": "km/h",
    "velocitymph": "mph", "velocityknot": "kn", "m3": "m³", "Nm3": "Nm³", "dm3": "dm³",
    "gallons": "gal", "none": "",
}  # fmt: skip

# Units with prefixes of the SI: the unit, and by how many prefixes the values are already scaled.
_PREFIXED = {
    "sishort": ("", 0), "candela": ("cd", 0), "flops": ("FLOPS", 0), "mflops": ("FLOPS", 2),
    "gflops": ("FLOPS", 3), "tflops": ("FLOPS", 4), "pflops": ("FLOPS", 5),
    "eflops": ("FLOPS", 6), "zflops": ("FLOPS", 7), "yflops": ("FLOPS", 8), "decbytes": ("B", 0),
    "decbits": ("b", 0), "deckbytes": ("B", 1), "decmbytes": ("B", 2), "decgbytes": ("B", 3),
    "dectbytes": ("B", 4), "decpbytes": ("B", 5), "pps": ("p/s", 0), "Bps": ("B/s", 0),
    "bps": ("b/s", 0), "KBs": ("B/s", 1), "Kbits": ("b/s", 1), "MBs": ("B/s", 2),
    "Mbits": ("b/s", 2), "GBs": ("B/s", 3), "Gbits": ("b/s", 3), "TBs": ("B/s", 4),
    "Tbits": ("b/s", 4), "PBs": ("B/s", 5), "Pbits": ("b/s", 5), "watt": ("W", 0),
    "kwatt": ("W", 1), "megwatt": ("W", 2), "gwatt": ("W", 3), "mwatt": ("W", -1),
    "Wm2": ("W/m²", 0), "voltamp": ("VA", 0), "kvoltamp": ("VA", 1), "voltampreact": ("VAr", 0),
    "kvoltampreact": ("VAr", 1), "watth": ("Wh", 0), "watthperkg": ("Wh/kg", 0),
    "kwatth": ("Wh", 1), "kwattm": ("W-Min", 1), "mwatth": ("Wh", 2), "amph": ("Ah", 0),
    "kamph": ("Ah", 1), "mamph": ("Ah", -1), "joule": ("J", 0), "ev": ("eV", 0), "amp": ("A", 0),
    "kamp": ("A", 1), "mamp": ("A", -1), "volt": ("V", 0), "kvolt": ("V", 1), "mvolt": ("V", -1),
    "mohm": ("\u03a9", -1), "ohm": ("\u03a9", 0), "kohm": ("\u03a9", 1), "Mohm": ("\u03a9", 2),
    "farad": ("F", 0), "\u00b5farad": ("F", -2), "nfarad": ("F", -3), "pfarad": ("F", -4),
    "ffarad": ("F", -5), "henry": ("H", 0), "mhenry": ("H", -1), "\u00b5henry": ("H", -2),
    "lumens": ("Lm", 0), "forceNm": ("Nm", 0), "forcekNm": ("Nm", 1), "forceN": ("N", 0),
    "dBm": ("dBm", 0), "forcekN": ("N", 1), "Hs": ("H/s", 0), "KHs": ("H/s", 1), "MHs": ("H/s", 2),
    "GHs": ("H/s", 3), "THs": ("H/s", 4), "PHs": ("H/s", 5), "EHs": ("H/s", 6),
    "massmg": ("g", -1), "massg": ("g", 0), "masskg": ("g", 1), "lengthmm": ("m", -1),
    "lengthm": ("m", 0), "lengthkm": ("m", 1), "pressurembar": ("bar", -1),
    "pressurebar": ("bar", 0), "pressurekbar": ("bar", 1), "pressurepa": ("Pa", 0),
    "radbq": ("Bq", 0), "radci": ("Ci", 0), "radgy": ("Gy", 0), "radrad": ("rad", 0),
    "radsv": ("Sv", 0), "radmsv": ("Sv", -1), "radusv": ("Sv", -2), "radrem": ("rem", 0),
    "radexpckg": ("C/kg", 0), "radr": ("R", 0), "radsvh": ("Sv/h", 0), "radmsvh": ("Sv/h", -1),
    "radusvh": ("Sv/h", -2), "rothz": ("Hz", 0), "rotkhz": ("Hz", 1), "rotmhz": ("Hz", 2),
    "rotghz": ("Hz", 3), "hertz": ("Hz", 0), "mlitre": ("L", -1), "litre": ("L", 0),
}  # fmt: skip

# Units with binary prefixes.
_IN_BINARY = {
    "bytes": ("B", 0), "bits": ("b", 0), "kbytes": ("B", 1), "mbytes": ("B", 2),
    "gbytes": ("B", 3), "tbytes": ("B", 4), "pbytes": ("B", 5), "binBps": ("B/s", 0),
    "binbps": ("b/s", 0), "KiBs": ("B/s", 1), "Kibits": ("b/s", 1), "MiBs": ("B/s", 2),
    "Mibits": ("b/s", 2), "GiBs": ("B/s", 3), "Gibits": ("b/s", 3), "TiBs": ("B/s", 4),
    "Tibits": ("b/s", 4), "PiBs": ("B/s", 5), "Pibits": ("b/s", 5),
}  # fmt: skip

# What is counted: thousands, millions, billions.
_COUNTED = {
    "cps": "c/s", "ops": "ops/s", "reqps": "req/s", "rps": "rd/s", "wps": "wr/s", "iops": "io/s",
    "eps": "evt/s", "mps": "msg/s", "recps": "rec/s", "rowsps": "rows/s", "cpm": "c/m",
    "opm": "ops/m", "reqpm": "req/m", "rpm": "rd/m", "wpm": "wr/m", "epm": "evts/m",
    "mpm": "msgs/m", "recpm": "rec/m", "rowspm": "rows/m",
}  # fmt: skip

# Symbols of money before the number, and after it.
_BEFORE = {
    "USD": "$", "GBP": "£", "EUR": "€", "JPY": "¥", "RUB": "₽", "UAH": "₴", "BRL": "R$",
    "CZK": "czk", "CHF": "CHF", "PLN": "PLN", "BTC": "฿", "mBTC": "mBTC",
    "\u03bcBTC": "\u03bcBTC", "ZAR": "R", "INR": "₹", "KRW": "₩", "IDR": "Rp", "PHP": "PHP",
    "MYR": "RM", "XPF": "XPF", "BGN": "BGN", "PYG": "₲", "UYU": "UYU", "ILS": "₪",
}  # fmt: skip
_AFTER = {
    "DKK": "kr", "ISK": "kr", "NOK": "kr", "SEK": "kr", "VND": "đ", "TRY": "₺",
}  # fmt: skip

_FORMATS: Mapping[str, Format] = {
    **{unit: _fixed(name) for unit, name in _NAMED.items()},
    **{unit: _si(*scale) for unit, scale in _PREFIXED.items()},
    **{unit: _binary(*scale) for unit, scale in _IN_BINARY.items()},
    **{unit: _count(name) for unit, name in _COUNTED.items()},
    **{f"currency{code}": _currency(symbol) for code, symbol in _BEFORE.items()},
    **{f"currency{code}": _currency("", symbol) for code, symbol in _AFTER.items()},
    "string": Format("string"),
    "short": _scaled(1000, _SHORT),
    "pressurepsi": _scaled(1000, ("psi", "ksi", "Mpsi")),
    "percent": Format("fixed", names=("", "%")),
    "percentunit": Format("fixed", names=("", "%"), factor=100),
    "hex": Format("hex"),
    "hex0x": Format("hex", names=("0x",)),
    "sci": Format("sci"),
    "locale": Format("locale"),
    "ns": _steps(_NS),
    "\u00b5s": _steps(_US),
    "ms": _steps(_MS),
    "s": _steps(_S, " s"),
    "timeticks": Format("steps", names=(" s",), steps=_S, factor=0.01),
    "m": _steps(_M),
    "h": _steps(_H),
    "d": _steps(_D),
    "dtdurationms": Format("duration", names=(" milliseconds",)),
    "dtdurations": Format("duration", names=(" seconds",), factor=1000),
    "dthms": Format("hms"),
    "dtdhms": Format("dhms"),
    "clockms": Format("clock"),
    "clocks": Format("clock", factor=1000),
    "bool": Format("bool", names=("True", "False")),
    "bool_yes_no": Format("bool", names=("Yes", "No")),
    "bool_on_off": Format("bool", names=("On", "Off")),
    # The pattern, and the one for today.
    "dateTimeAsIso": Format("datetime", names=("YYYY-MM-DD HH:mm:ss",)),
    "dateTimeAsIsoNoDateIfToday": Format("datetime", names=("YYYY-MM-DD HH:mm:ss", "HH:mm:ss")),
    "dateTimeAsUS": Format("datetime", names=("MM/DD/YYYY h:mm:ss a",)),
    "dateTimeAsUSNoDateIfToday": Format("datetime", names=("MM/DD/YYYY h:mm:ss a", "h:mm:ss a")),
    # As a browser in American English has them.
    "dateTimeAsLocal": Format("datetime", names=("MM/DD/YYYY, hh:mm:ss A",)),
    "dateTimeAsLocalNoDateIfToday": Format(
        "datetime", names=("MM/DD/YYYY, hh:mm:ss A", "hh:mm:ss A")
    ),
    "dateTimeAsSystem": Format("system"),
    "dateTimeFromNow": Format("ago"),
}


@lru_cache(maxsize=512)
def format_of(unit: str) -> Format:
    """The format of a unit: of an id, of a form such as `suffix:jobs`, or of any other text, which
    Grafana shows after the number."""
    known = _FORMATS.get(unit)
    if known or not unit:
        return known or _fixed("")
    form, colon, rest = unit.partition(":")
    made = _FORMS[form](rest) if colon and form in _FORMS else None
    return made or _fixed(unit)


def _money(text: str) -> Format:
    kind, *parts = text.split(":")
    if kind != "financial" or not parts:
        return _currency(text)
    if not parts[0]:
        return _fixed("")
    return Format("financial", names=("", parts[0]) if parts[1:2] == ["suffix"] else (parts[0], ""))


def _prefixed(text: str) -> Format:
    letter = {"\u03bc": "\u00b5"}.get(text[:1], text[:1])
    offset = _SI.index(letter) - _SI_BASE if letter in _SI else 0
    return _si(text[1:] if offset else text, offset)


def _words(text: str) -> Format:
    true, slash, false = text.partition("/")
    return Format("bool", names=(true, false if slash else "-"))


_FORMS: Mapping[str, Callable[[str], Format]] = {
    "prefix": lambda text: Format("fixed", names=(text, "")),
    "suffix": _fixed,
    "time": lambda text: Format("datetime", names=(text,)),
    "si": _prefixed,
    "count": _count,
    "currency": _money,
    "bool": _words,
}
