"""Variables in the texts of a dashboard: titles, links, notes.

A value is put in in the format that the text names (`${name:csv}`), or in the one that Grafana
takes where the text is: https://grafana.com/docs/grafana/latest/visualizations/dashboards/
variables/variable-syntax/
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from urllib.parse import quote, urlencode

from markupsafe import escape

from gk.preview.fields import dates
from gk.prometheus import Resolved, Variables
from gk.prometheus.macros import TimeRange

__all__ = ["Texts"]

_NAME = r"[A-Za-z_]\w*"
_VARIABLE = re.compile(
    rf"\$\{{({_NAME})((?:\.\w+)*)(?::([^}}]*))?\}}|\$({_NAME})|\[\[({_NAME})(?::(\w+))?\]\]"
)


@dataclass(frozen=True, eq=False)
class Texts:
    """Puts values into the texts of a dashboard, or of one copy of a panel. `known` are Grafana's
    own variables by name, with what follows a dot: `__dashboard.uid`."""

    variables: Variables
    shown: TimeRange
    known: Mapping[str, str]

    def scoped(self, values: Mapping[str, str]) -> Texts:
        """The texts of a copy."""
        if not values:
            return self
        return Texts(self.variables.with_values(values), self.shown, self.known)

    def title(self, text: str) -> str:
        """A title: names of values as readers know them."""
        return self._replaced(text, "text")

    def plain(self, text: str) -> str:
        """Any other text."""
        return self._replaced(text, "glob")

    def html(self, text: str) -> str:
        """A text that becomes HTML."""
        return self._replaced(text, "html")

    def _replaced(self, text: str, usual: str) -> str:
        return _VARIABLE.sub(partial(self._value, usual), text)

    def _value(self, usual: str, match: re.Match[str]) -> str:
        name = match[1] or match[4] or match[5]
        format = match[3] or match[6] or usual
        if name in ("__from", "__to"):
            time = self.shown.start if name == "__from" else self.shown.end
            return _time(time, match[3] or "")
        if name == "__url_time_range":
            return f"from={round(self.shown.start * 1000)}&to={round(self.shown.end * 1000)}"
        if name == "__all_variables":
            return "&".join(_query(*named) for named in self.variables.resolved.items())
        known = self.known.get(name + (match[2] or ""))
        if known is not None:
            return str(escape(known)) if format == "html" else known
        resolved = self.variables.resolved.get(name)
        if resolved is None:
            return self.variables.macros.get(name, match[0])
        return _formatted(name, resolved, format)


def _query(name: str, resolved: Resolved) -> str:
    values = ["$__all"] if resolved.is_all else resolved.values
    return urlencode([(f"var-{name}", value) for value in values])


def _formatted(name: str, resolved: Resolved, format: str) -> str:
    values = resolved.values
    if format == "text":
        shown = (resolved.texts.get(value, value) for value in values)
        return "All" if resolved.is_all else " + ".join(shown)
    if format == "queryparam":
        return _query(name, resolved)
    if format.startswith("date"):
        return values[0] if values else ""
    join = _FORMATS.get(format, _glob)
    return join(values)


def _glob(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"{{{','.join(values)}}}" if values else ""


def _regex(values: Sequence[str]) -> str:
    escaped = [re.sub(r"[\\^$*+?.()|\[\]{}/]", r"\\\g<0>", value) for value in values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def _json(values: Sequence[str]) -> str:
    return json.dumps(values[0] if len(values) == 1 else list(values), ensure_ascii=False)


def _quoted(mark: str, values: Sequence[str]) -> str:
    return ",".join(mark + value.replace(mark, f"\\{mark}") + mark for value in values)


_FORMATS: Mapping[str, Callable[[Sequence[str]], str]] = {
    "csv": ",".join,
    "raw": ",".join,
    "pipe": "|".join,
    "glob": _glob,
    "regex": _regex,
    "json": _json,
    "html": lambda values: str(escape(", ".join(values))),
    "percentencode": lambda values: quote(_glob(values), safe=""),
    "uriencode": lambda values: quote(_glob(values), safe="!#$&'()*+,/:;=?@~"),
    "singlequote": partial(_quoted, "'"),
    "doublequote": partial(_quoted, '"'),
    "sqlstring": lambda values: ",".join("'" + value.replace("'", "''") + "'" for value in values),
}


def _time(seconds: float, format: str) -> str:
    """A time as Grafana's `${__from:date:...}` has it."""
    milliseconds = round(seconds * 1000)
    if not format.startswith("date"):
        return str(milliseconds)
    how = format.partition(":")[2]
    if how == "seconds":
        return str(milliseconds // 1000)
    at = datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
    if how in ("", "iso"):
        return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"
    return dates.shown(milliseconds, how)
