"""Variables of a dashboard as calls of their constructors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gk.decompile.leaves import leaves_of
from gk.decompile.panels import Given
from gk.decompile.probes import CHOSEN, VARIABLES, of_variable
from gk.decompile.python import Call, Code, Name
from gk.documents.parts import without
from gk.documents.shapes import Json

__all__ = ["variable_code"]

_ALL = "$__all"
"""Grafana's value of the option All, which `includeAll` adds."""


def variable_code(variable: Json, given: Given) -> Code:
    """Return a variable as the call of its constructor, or as its JSON where that says less."""
    type = str(variable.get("type"))
    if type not in VARIABLES or not isinstance(variable.get("name"), str):
        return variable
    read_chosen = _READ.get(type)
    chosen = read_chosen(variable) if read_chosen else None
    if chosen is None:
        return variable
    first, named, said = chosen
    apart = (*_APART, *said)
    read = of_variable(type).read(leaves_of(without(variable, *apart)))
    if read.rest or any(path[0] not in apart for path in read.surplus):
        return variable
    named = {**without(read.arguments, "default"), **named}
    reference = variable.get("datasource")
    if reference and type in ("query", "adhoc") and reference != given.datasource:
        named["datasource"] = given.reference(reference)
    return Call(Name(VARIABLES[type], "gk"), [variable["name"], *first], named)


_APART = (*CHOSEN, "type", "datasource")

_Chosen = tuple[list[Code], dict[str, Code], tuple[str, ...]]
"""The arguments that come first, the default, and the keys that these say. None in place of it: no
arguments say the variable's query, options and current value."""


def _query(variable: Json) -> _Chosen | None:
    query = variable.get("query")
    if not isinstance(query, (str, dict)):
        return None
    default = _default(variable)
    if default is None or variable.get("options"):
        return None
    return [query], default, ()


def _datasource(variable: Json) -> _Chosen | None:
    plugin = variable.get("query")
    default = _default({**variable, "includeAll": False})
    if not isinstance(plugin, str) or variable.get("options") or default is None:
        return None
    return ([] if plugin == "prometheus" else [plugin]), default, ()


def _default(variable: Json) -> dict[str, Code] | None:
    """The argument for what is chosen at first."""
    current = variable.get("current", {})
    value, text = current.get("value"), current.get("text")
    if isinstance(value, list):
        # gk's constructors choose one value at first.
        if len(value) > 1:
            return None
        value = value[0] if value else ""
        text = text[0] if isinstance(text, list) and text else text
    if value in (None, ""):
        return {}
    if not isinstance(value, str) or text not in (value, None, [value]):
        return None
    return {"default": value}


def _custom(variable: Json) -> _Chosen | None:
    options = [option for option in variable.get("options", []) if option.get("value") != _ALL]
    if not options or any(not isinstance(option.get("value"), str) for option in options):
        options = _split(str(variable.get("query", "")))
    texts = {str(option.get("text")): str(option["value"]) for option in options}
    default = _default(variable)
    if not texts or default is None or len(texts) < len(options):
        return None
    values = list(texts.values())
    if default.get("default") == values[0] and not variable.get("includeAll"):
        default = {}
    listed: Code = dict(texts) if any(text != value for text, value in texts.items()) else values
    return [listed], default, ()


def _split(query: str) -> list[Json]:
    """The values of a custom variable's text: `a, b`, or `shown : value`."""
    # A comma of a value has a backslash before it.
    if "\\" in query:
        return []
    pairs = [part.strip().partition(" : ") for part in query.split(",") if part.strip()]
    return [{"text": text, "value": value or text} for text, _, value in pairs]


def _interval(variable: Json) -> _Chosen | None:
    values = [part.strip() for part in str(variable.get("query", "")).split(",")]
    current = str(variable.get("current", {}).get("value", ""))
    named: dict[str, Code] = {}
    if variable.get("auto"):
        named["auto"] = True
        count, least = variable.get("auto_count", 30), variable.get("auto_min", "10s")
        if type(count) is not int or not isinstance(least, str):
            return None
        if count != 30:
            named["auto_count"] = count
        if least != "10s":
            named["auto_min"] = least
    # Grafana's value of "auto" has the variable's name in it: $__auto_interval_step.
    chosen = "auto" if current.startswith("$__auto") else current
    if chosen not in values and not (chosen == "auto" and named):
        return None
    if chosen != values[0]:
        named["default"] = chosen
    return [values], named, ("auto", "auto_count", "auto_min", "refresh")


def _textbox(variable: Json) -> _Chosen | None:
    value = variable.get("query") or variable.get("current", {}).get("value") or ""
    return ([value] if value else []), {}, ()


def _constant(variable: Json) -> _Chosen | None:
    return [str(variable.get("query", ""))], {}, ()


def _adhoc(variable: Json) -> _Chosen | None:
    return None if variable.get("filters") else ([], {}, ("filters",))


_READ: Mapping[str, Callable[[Any], _Chosen | None]] = {
    "adhoc": _adhoc,
    "constant": _constant,
    "custom": _custom,
    "datasource": _datasource,
    "interval": _interval,
    "query": _query,
    "textbox": _textbox,
}
