"""Grafana's unit ids, with suggestions for mistyped ones.

The ids come from Grafana's packages/grafana-data/src/valueFormats/categories.ts and valueFormats.ts
(the npm package @grafana/data) at 9.3.2, 9.3.16, 10.4.19, 11.6.16, 12.4.10, 13.0.0 and 13.2.3. No
id was dropped between the first and the last of them; ids that 9.3 lacks are marked. The names are
gk's own.

Grafana does not report unknown ids: it shows the id after the value, as if it were a `suffix:`. A
dashboard with the typo `percentUnit` shows "0.5 percentUnit"; `unit_mistake` finds it before that.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from gk.errors import did_you_mean

__all__ = ["ALIASES", "FORMS", "UNITS", "unit_mistake"]

# Case matters (`Bps` is bytes, `bps` is bits), and so does the mu: U+00B5 in µs, µfarad and µhenry,
# U+03BC in the concentrations and the bitcoin. The escapes keep an editor from swapping one for the
# other.
UNITS: Mapping[str, str] = {
    # Misc
    "none": "number",
    "string": "text as it is",
    "short": "short number (K, Mil, Bil)",
    "sishort": "short number (k, M, G)",  # not in 9.3
    "percent": "percent (0-100)",
    "percentunit": "percent (0.0-1.0)",
    "humidity": "relative humidity",
    "dB": "decibels",
    "candela": "candelas",  # not in 9.3
    "hex0x": "hexadecimal with 0x",
    "hex": "hexadecimal",
    "sci": "scientific notation",
    "locale": "number in the reader's locale",
    "pixel": "pixels",
    # Acceleration
    "accMS2": "metres/s²",
    "accFS2": "feet/s²",
    "accG": "g-force",
    # Angle
    "degree": "degrees of angle",
    "radian": "radians",
    "grad": "gradians",
    "arcmin": "arcminutes",
    "arcsec": "arcseconds",
    # Area
    "areaM2": "square metres",
    "areaF2": "square feet",
    "areaMI2": "square miles",
    "acres": "acres",  # not in 9.3
    "hectares": "hectares",  # not in 9.3
    # Computation
    "flops": "FLOP/s",
    "mflops": "MFLOP/s",
    "gflops": "GFLOP/s",
    "tflops": "TFLOP/s",
    "pflops": "PFLOP/s",
    "eflops": "EFLOP/s",
    "zflops": "ZFLOP/s",
    "yflops": "YFLOP/s",
    # Concentration (Nm³: a cubic metre at normal conditions)
    "ppm": "parts per million",
    "conppb": "parts per billion",
    "conngm3": "ng/m³",
    "conngNm3": "ng/Nm³",
    "con\u03bcgm3": "µg/m³",
    "con\u03bcgNm3": "µg/Nm³",
    "conmgm3": "mg/m³",
    "conmgNm3": "mg/Nm³",
    "congm3": "g/m³",
    "congNm3": "g/Nm³",
    "conmgdL": "mg/dL",
    "conmmolL": "mmol/L",
    # Currency
    "currencyUSD": "US dollars",
    "currencyGBP": "British pounds",
    "currencyEUR": "euros",
    "currencyJPY": "Japanese yen",
    "currencyRUB": "Russian roubles",
    "currencyUAH": "Ukrainian hryvnias",
    "currencyBRL": "Brazilian reals",
    "currencyDKK": "Danish kroner",
    "currencyISK": "Icelandic krónur",
    "currencyNOK": "Norwegian kroner",
    "currencySEK": "Swedish kronor",
    "currencyCZK": "Czech koruny",
    "currencyCHF": "Swiss francs",
    "currencyPLN": "Polish zlotys",
    "currencyBTC": "bitcoins",
    "currencymBTC": "millibitcoins",
    "currency\u03bcBTC": "microbitcoins",
    "currencyZAR": "South African rand",
    "currencyINR": "Indian rupees",
    "currencyKRW": "South Korean won",
    "currencyIDR": "Indonesian rupiah",
    "currencyPHP": "Philippine pesos",
    "currencyVND": "Vietnamese dong",
    "currencyTRY": "Turkish lira",  # not in 9.3
    "currencyMYR": "Malaysian ringgit",  # not in 9.3
    "currencyXPF": "CFP francs",  # not in 9.3
    "currencyBGN": "Bulgarian leva",  # not in 9.3
    "currencyPYG": "Paraguayan guaraníes",  # not in 9.3
    "currencyUYU": "Uruguayan pesos",  # not in 9.3
    "currencyILS": "Israeli shekels",  # not in 9.3
    # Data (IEC: steps of 1024; SI: steps of 1000)
    "bytes": "bytes (IEC)",
    "kbytes": "kibibytes",
    "mbytes": "mebibytes",
    "gbytes": "gibibytes",
    "tbytes": "tebibytes",
    "pbytes": "pebibytes",
    "bits": "bits (IEC)",
    "decbytes": "bytes (SI)",
    "deckbytes": "kilobytes",
    "decmbytes": "megabytes",
    "decgbytes": "gigabytes",
    "dectbytes": "terabytes",
    "decpbytes": "petabytes",
    "decbits": "bits (SI)",
    # Data rate
    "pps": "packets/s",
    "binBps": "bytes/s (IEC)",
    "KiBs": "kibibytes/s",
    "MiBs": "mebibytes/s",
    "GiBs": "gibibytes/s",
    "TiBs": "tebibytes/s",
    "PiBs": "pebibytes/s",
    "Bps": "bytes/s (SI)",
    "KBs": "kilobytes/s",
    "MBs": "megabytes/s",
    "GBs": "gigabytes/s",
    "TBs": "terabytes/s",
    "PBs": "petabytes/s",
    "binbps": "bits/s (IEC)",
    "Kibits": "kibibits/s",
    "Mibits": "mebibits/s",
    "Gibits": "gibibits/s",
    "Tibits": "tebibits/s",
    "Pibits": "pebibits/s",
    "bps": "bits/s (SI)",
    "Kbits": "kilobits/s",
    "Mbits": "megabits/s",
    "Gbits": "gigabits/s",
    "Tbits": "terabits/s",
    "Pbits": "petabits/s",
    # Date and time (the value is milliseconds since 1970)
    "dateTimeAsIso": "date and time, ISO",
    "dateTimeAsIsoNoDateIfToday": "date and time, ISO, today only the time",
    "dateTimeAsUS": "date and time, US",
    "dateTimeAsUSNoDateIfToday": "date and time, US, today only the time",
    "dateTimeAsLocal": "date and time in the reader's locale",
    "dateTimeAsLocalNoDateIfToday": "date and time in the reader's locale, today only the time",
    "dateTimeAsSystem": "date and time as the server formats it",
    "dateTimeFromNow": "distance from now (2 hours ago)",
    # Energy (mwatt is milli, megwatt is mega, mwatth is mega)
    "watt": "watts",
    "kwatt": "kilowatts",
    "megwatt": "megawatts",
    "gwatt": "gigawatts",
    "mwatt": "milliwatts",
    "Wm2": "W/m²",
    "voltamp": "volt-amperes",
    "kvoltamp": "kilovolt-amperes",
    "voltampreact": "volt-amperes reactive",
    "kvoltampreact": "kilovolt-amperes reactive",
    "watth": "watt-hours",
    "watthperkg": "Wh/kg",
    "kwatth": "kilowatt-hours",
    "kwattm": "kilowatt-minutes",
    "mwatth": "megawatt-hours",  # not in 9.3
    "amph": "ampere-hours",
    "kamph": "kiloampere-hours",
    "mamph": "milliampere-hours",
    "joule": "joules",
    "ev": "electronvolts",
    "amp": "amperes",
    "kamp": "kiloamperes",
    "mamp": "milliamperes",
    "volt": "volts",
    "kvolt": "kilovolts",
    "mvolt": "millivolts",
    "dBm": "decibel-milliwatts",
    "mohm": "milliohms",  # not in 9.3
    "ohm": "ohms",
    "kohm": "kiloohms",
    "Mohm": "megaohms",
    "farad": "farads",
    "\u00b5farad": "microfarads",
    "nfarad": "nanofarads",
    "pfarad": "picofarads",
    "ffarad": "femtofarads",
    "henry": "henries",
    "mhenry": "millihenries",
    "\u00b5henry": "microhenries",
    "lumens": "lumens",
    # Flow
    "flowgpm": "gallons/min",
    "flowcms": "cubic metres/s",
    "flowcfs": "cubic feet/s",
    "flowcfm": "cubic feet/min",
    "litreh": "litres/h",
    "flowlpm": "litres/min",
    "flowmlpm": "millilitres/min",
    "lux": "lux",
    # Force
    "forceNm": "newton-metres",
    "forcekNm": "kilonewton-metres",
    "forceN": "newtons",
    "forcekN": "kilonewtons",
    # Hash rate
    "Hs": "hashes/s",
    "KHs": "kilohashes/s",
    "MHs": "megahashes/s",
    "GHs": "gigahashes/s",
    "THs": "terahashes/s",
    "PHs": "petahashes/s",
    "EHs": "exahashes/s",
    # Mass
    "massmg": "milligrams",
    "massg": "grams",
    "masslb": "pounds of mass",
    "masskg": "kilograms",
    "masst": "metric tons",
    # Length
    "lengthmm": "millimetres",
    "lengthcm": "centimetres",  # not in 9.3; first seen in 13.2
    "lengthin": "inches",
    "lengthft": "feet",
    "lengthm": "metres",
    "lengthkm": "kilometres",
    "lengthmi": "miles",
    # Pressure
    "pressurembar": "millibars",
    "pressurebar": "bars",
    "pressurekbar": "kilobars",
    "pressurepa": "pascals",
    "pressurehpa": "hectopascals",
    "pressurekpa": "kilopascals",
    "pressurehg": "inches of mercury",
    "pressurepsi": "pounds per square inch",
    # Radiation
    "radbq": "becquerels",
    "radci": "curies",
    "radgy": "grays",
    "radrad": "rads of dose",
    "radsv": "sieverts",
    "radmsv": "millisieverts",
    "radusv": "microsieverts",
    "radrem": "rems",
    "radexpckg": "coulombs/kg of exposure",
    "radr": "roentgens",
    "radsvh": "sieverts/h",
    "radmsvh": "millisieverts/h",
    "radusvh": "microsieverts/h",
    # Rotational speed
    "rotrpm": "revolutions/min",
    "rothz": "hertz of rotation",
    "rotkhz": "kilohertz",  # not in 9.3
    "rotmhz": "megahertz",  # not in 9.3
    "rotghz": "gigahertz",  # not in 9.3
    "rotrads": "radians/s",
    "rotdegs": "degrees/s",
    # Temperature
    "celsius": "degrees Celsius",
    "fahrenheit": "degrees Fahrenheit",
    "kelvin": "kelvins",
    # Time
    "hertz": "hertz",
    "ns": "nanoseconds",
    "\u00b5s": "microseconds",
    "ms": "milliseconds",
    "s": "seconds",
    "m": "minutes",
    "h": "hours",
    "d": "days",
    "dtdurationms": "duration in words, from milliseconds",
    "dtdurations": "duration in words, from seconds",
    "dthms": "hh:mm:ss, from seconds",
    "dtdhms": "d hh:mm:ss, from seconds",
    "timeticks": "hundredths of a second",
    "clockms": "clock (01h:02m:03s), from milliseconds",
    "clocks": "clock (01h:02m:03s), from seconds",
    # Throughput (rps and rpm are reads)
    "cps": "counts/s",
    "ops": "operations/s",
    "reqps": "requests/s",
    "rps": "reads/s",
    "wps": "writes/s",
    "iops": "I/O operations/s",
    "eps": "events/s",  # not in 9.3
    "mps": "messages/s",  # not in 9.3
    "recps": "records/s",  # not in 9.3
    "rowsps": "rows/s",  # not in 9.3
    "cpm": "counts/min",
    "opm": "operations/min",
    "reqpm": "requests/min",  # not in 9.3
    "rpm": "reads/min",
    "wpm": "writes/min",
    "epm": "events/min",  # not in 9.3
    "mpm": "messages/min",  # not in 9.3
    "recpm": "records/min",  # not in 9.3
    "rowspm": "rows/min",  # not in 9.3
    # Velocity
    "velocityms": "metres/s",
    "velocitykmh": "kilometres/h",
    "velocitymph": "miles/h",
    "velocityknot": "knots",
    # Volume
    "mlitre": "millilitres",
    "litre": "litres",
    "m3": "cubic metres",
    "Nm3": "normal cubic metres",
    "dm3": "cubic decimetres",
    "gallons": "gallons",
    # Boolean
    "bool": "True / False",
    "bool_yes_no": "Yes / No",
    "bool_on_off": "On / Off",
}

# A unit `form:text` needs no id. Grafana accepts any text after the colon, but the form only in
# this case.
FORMS: Mapping[str, str] = {
    "prefix": "text before the value",
    "suffix": "text after the value",
    "time": "date pattern for milliseconds since 1970, such as time:YYYY-MM-DD",
    "si": "unit to scale by 1000, after the SI prefix that the values have already, such as si:mF",
    "count": "what is counted, after K, M, B or T, such as count:jobs",
    "currency": (
        "symbol before K, M, B or T, such as currency:$; "
        "in full as currency:financial:$ (not in 11.6)"
    ),
    "bool": "words for true and false, such as bool:up/down",
}

# What people type -> Grafana's id, in addition to the names in UNITS. A rate ends in /s or /min
# here, however it is typed. Where only the case tells bits from bytes, a word all in lower case is
# bits.
ALIASES: Mapping[str, str] = {
    "%": "percent",
    "pct": "percent",
    "percent100": "percent",
    "percent1": "percentunit",
    "ratio": "percentunit",
    "fraction": "percentunit",
    "count": "short",
    "boolean": "bool",
    "sec": "s",
    "msec": "ms",
    "millis": "ms",
    "us": "\u00b5s",
    "usec": "\u00b5s",
    "nsec": "ns",
    "min": "m",
    "hr": "h",
    "duration": "dtdurations",
    "hh:mm:ss": "dthms",
    "date": "dateTimeAsIso",
    "datetime": "dateTimeAsIso",
    "timestamp": "dateTimeAsIso",
    "B": "bytes",
    "KiB": "kbytes",
    "MiB": "mbytes",
    "GiB": "gbytes",
    "TiB": "tbytes",
    "KB": "deckbytes",
    "MB": "decmbytes",
    "GB": "decgbytes",
    "TB": "dectbytes",
    "B/s": "Bps",
    "bytes/s": "Bps",
    "KiB/s": "KiBs",
    "MiB/s": "MiBs",
    "GiB/s": "GiBs",
    "KB/s": "KBs",
    "MB/s": "MBs",
    "GB/s": "GBs",
    "KBps": "KBs",
    "MBps": "MBs",
    "GBps": "GBs",
    "b/s": "bps",
    "bits/s": "bps",
    "kb/s": "Kbits",
    "Mb/s": "Mbits",
    "Gb/s": "Gbits",
    "kbit/s": "Kbits",
    "Mbit/s": "Mbits",
    "Gbit/s": "Gbits",
    "kbps": "Kbits",
    "Mbps": "Mbits",
    "Gbps": "Gbits",
    "req/s": "reqps",
    "req/min": "reqpm",
    "qps": "reqps",
    "queries/s": "reqps",
    "ops/s": "ops",
    "iops/s": "iops",
    "msg/s": "mps",
    "Hz": "hertz",
    "°C": "celsius",
    "°F": "fahrenheit",
    "W": "watt",
    "kW": "kwatt",
    "kWh": "kwatth",
    "m/s": "velocityms",
    "km/h": "velocitykmh",
    "rad/s": "rotrads",
    "$": "currencyUSD",
    "€": "currencyEUR",
    "£": "currencyGBP",
}

# Accepted by Grafana but not worth suggesting: a misspelt id that it still resolves.
_OLD_IDS = frozenset({"farenheit"})

# `USD` for currencyUSD, `kg` for masskg, `psi` for pressurepsi.
_CATEGORY = re.compile("^(?:currency|flow|length|mass|pressure|velocity)")

_RATE = re.compile(r"\s*(?:/|\bper\b)\s*(?:(s)(?:ec(?:ond)?)?|(min)(?:ute)?)$", re.IGNORECASE)

# The s of `bytes` and of `bytes/s`, not the one of `/s`.
_PLURAL = re.compile(r"(?<=\w)s(?=/|$)")

# Similarity below this is chance: `cores` and `acres` have 0.75, `celcius` and `celsius` 0.83.
_LIKE = 0.82


def unit_mistake(unit: str) -> str | None:
    """Return what is wrong with a unit, as the end of a message; None if Grafana knows it or it is
    empty."""
    form, colon, _ = unit.partition(":")
    if not unit or unit in UNITS or unit in _OLD_IDS or (colon and form in FORMS):
        return None
    hint = _suggestion(unit) or f"; 'suffix:{unit}' shows this text after the value"
    return f"unit {unit!r} is not a Grafana unit{hint}"


def _suggestion(unit: str) -> str:
    """Return `; did you mean ...?`, by the most reliable way that finds one: case, aliases, form,
    similarity."""
    same = [known for known in UNITS if known.casefold() == unit.casefold()]
    if len(same) > 1:
        return f"; did you mean {' or '.join(f'{known!r} for {UNITS[known]}' for known in same)}?"
    typed = _rate(unit)
    meant = same[0] if same else ALIASES.get(typed) or _BY_SPELLING.get(_fold(typed))
    form, colon, _ = unit.partition(":")
    if colon and not meant:
        return did_you_mean(f"{form}:", [f"{form}:" for form in FORMS])
    near = difflib.get_close_matches(_fold(typed), _BY_SPELLING, n=1, cutoff=_LIKE)
    meant = meant or (_BY_SPELLING[near[0]] if near else None)
    return f"; did you mean {meant!r}?" if meant else ""


def _rate(text: str) -> str:
    """Return `bytes per second` and `bytes/sec` as `bytes/s`, and minutes likewise."""
    return _RATE.sub(lambda match: f"/{(match[1] or match[2]).lower()}", text.strip())


def _fold(text: str) -> str:
    """Return the same text for spellings that differ in case or in the s of a plural."""
    return _PLURAL.sub("", text.casefold())


# If two spellings are equal, the later line wins.
_BY_SPELLING: Mapping[str, str] = {
    **{_fold(unit): unit for unit in UNITS},
    **{_fold(_CATEGORY.sub("", unit)): unit for unit in UNITS},
    **{_fold(name): unit for unit, name in UNITS.items()},
    **{_fold(alias): unit for alias, unit in ALIASES.items()},
}
