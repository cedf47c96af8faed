"""Log lines of the frames that have times and texts, such as Loki's, as Grafana 12.4 shows them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from gk.forms.html import templates_of
from gk.preview import classes
from gk.preview.fields import dates
from gk.preview.kinds import lines
from gk.preview.model import Field, FieldType, Frame, Shown
from gk.preview.parts import flag, word
from gk.preview.theme import Theme, pair

__all__ = ["Entry", "Logs", "draw", "html", "view"]

MOST_LINES = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A line: its text, when (milliseconds since 1970, and in words), its level with the colour of
    that, its labels, and how many lines like it follow each other."""

    text: str
    time: float = 0.0
    when: str = ""
    level: str = "unknown"
    labels: Mapping[str, str] | None = None
    count: int = 1

    @property
    def color(self) -> str:
        """The colour of its level."""
        return _COLORS[self.level]

    @property
    def level_text(self) -> str:
        """The level as it is shown."""
        return _WORDS_OF_LEVELS.get(self.level, self.level.upper())

    @property
    def labels_text(self) -> str:
        """The labels in one line."""
        return " ".join(f"{key}={value}" for key, value in sorted((self.labels or {}).items()))


@dataclass(frozen=True, slots=True)
class Logs:
    """Log lines in the order in which they are shown."""

    entries: Sequence[Entry] = ()
    shows_time: bool = False
    wraps: bool = False
    notes: Sequence[str] = ()


def view(shown: Shown) -> Logs:
    """The lines of all frames, the newest first unless the panel says otherwise."""
    options = shown.options
    ordered = [entry for frame in shown.frames for entry in _entries(frame, shown.timezone)]
    ordered.sort(key=lambda entry: entry.time)
    ordered = _deduplicated(ordered, word(options, "dedupStrategy"))
    if word(options, "sortOrder") != "Ascending":
        ordered.sort(key=lambda entry: entry.time, reverse=True)
    entries = ordered[:MOST_LINES]
    if flag(options, "prettifyLogMessage"):
        entries = [replace(entry, text=_prettified(entry.text)) for entry in entries]
    return Logs(
        entries=_labelled(entries, flag(options, "showLabels")),
        shows_time=flag(options, "showTime"),
        wraps=flag(options, "wrapLogMessage"),
        notes=lines.left_out(len(ordered) - MOST_LINES, "line"),
    )


# Lines

_LINE = ("line", "body", "message", "content")
_PATTERN = "YYYY-MM-DD HH:mm:ss.SSS"
_LABELS = ("labels", "attributes")


def _entries(frame: Frame, timezone: str) -> Iterator[Entry]:
    times = frame.times
    texts = [field for field in frame.fields if field.type is FieldType.STRING]
    named = [text for text in texts if text.name.lower() in _LINE]
    text = next(iter(named or texts), None)
    if times is None or text is None:
        return
    labels = next((field for field in frame.fields if field.name.lower() in _LABELS), None)
    levels = next((field for field in frame.fields if field.name.lower() in _LEVELS), None)
    for row, line in enumerate(text.values):
        time = times.at(row)
        if not isinstance(line, str) or not isinstance(time, int | float) or math.isnan(time):
            continue
        own = _labels(labels.at(row) if labels else None, text)
        yield Entry(
            text=_ANSI.sub("", line).rstrip("\r\n"),
            time=time,
            when=dates.shown(time, _PATTERN, timezone),
            level=_level(own, levels.at(row) if levels else None, line),
            labels=own,
        )


# Escape sequences of terminals: colours and the like.
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def _labels(given: Any, line: Field) -> dict[str, str]:
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            given = None
    own = given if isinstance(given, dict) else line.labels
    return {str(key): str(value) for key, value in own.items()}


_LEVELS = ("detected_level", "level", "severity", "lvl", "loglevel")
_ALIASES = {
    "emerg": "critical",
    "emergency": "critical",
    "alert": "critical",
    "fatal": "critical",
    "crit": "critical",
    "critical": "critical",
    "err": "error",
    "eror": "error",
    "error": "error",
    "warn": "warning",
    "warning": "warning",
    "notice": "info",
    "info": "info",
    "information": "info",
    "informational": "info",
    "dbug": "debug",
    "debug": "debug",
    "trace": "trace",
}
_COLORS = {
    "critical": pair("#8f3bb8", "#b877d9"),
    "error": "error",
    "warning": "warning",
    "info": pair("#0a764e", "#6ccf8e"),
    "debug": "link",
    "trace": "faint",
    "unknown": "text",
}
"""Grafana's in its dark theme; in the light one, some of Grafana's can hardly be read."""


_IN_TEXT = re.compile(rf"\b(?:{'|'.join(_ALIASES)})\b", re.IGNORECASE)


def _level(labels: Mapping[str, str], given: Any, text: str) -> str:
    """That of the labels; without one, the first in the text."""
    named = [given, *(labels.get(name) for name in _LEVELS)]
    levels = (_ALIASES.get(level.strip().lower()) for level in named if isinstance(level, str))
    in_text = _IN_TEXT.search(text)
    return next(filter(None, levels), _ALIASES[in_text[0].lower()] if in_text else "unknown")


_WORDS_OF_LEVELS = {"critical": "CRIT", "warning": "WARN", "unknown": ""}


def _labelled(entries: Sequence[Entry], is_shown: bool) -> list[Entry]:
    """With the labels in which lines differ, as Grafana shows them, or without any."""
    if not is_shown or not entries:
        return [replace(entry, labels={}) for entry in entries]
    labels = [entry.labels or {} for entry in entries]
    shared = set(labels[0].items()).intersection(*(label.items() for label in labels))
    return [
        replace(entry, labels=dict(own.items() - shared))
        for entry, own in zip(entries, labels, strict=True)
    ]


_NUMBERS = re.compile(r"\d")
_WORDS = re.compile(r"\w")
# 2026-11-30T10:20:30.123Z, whatever is between date and time.
_DATES = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,]?\d*(?:Z|[+-]\d\d:?\d\d)?")
_ALIKE = {"exact": _DATES, "numbers": _NUMBERS, "signature": _WORDS}


def _deduplicated(entries: Sequence[Entry], strategy: str) -> list[Entry]:
    """The first line of those that follow each other and are alike."""
    pattern = _ALIKE.get(strategy)
    if pattern is None:
        return list(entries)
    kept: list[tuple[str, Entry]] = []
    for entry in entries:
        alike = pattern.sub("", entry.text)
        if kept and kept[-1][0] == alike:
            before = kept[-1][1]
            kept[-1] = (alike, replace(before, count=before.count + 1))
        else:
            kept.append((alike, entry))
    return [entry for _, entry in kept]


def _prettified(text: str) -> str:
    """JSON in lines of its own; any other text as it is."""
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


# The page and pictures


def html(view: Logs) -> Markup:
    """The lines as a list that scrolls inside its panel."""
    template = templates_of("gk.preview.kinds").get_template("logs.html")
    return Markup(template.render(logs=view, paint=classes.paint))


def draw(view: Logs, width: float, height: float, theme: Theme) -> Markup:
    """The lines that fit."""
    if not view.entries:
        return lines.message("No logs", width, height, theme)
    return lines.drawn(_lines(view, width, height), width, height, theme)


def _lines(view: Logs, width: float, height: float) -> Iterator[lines.Line]:
    # A line is 18 pixels high. More than fit are made, so that the last one can say so.
    most = int(height / 18) + 2
    for entry in view.entries[:most]:
        before = f"{entry.count}x  " if entry.count > 1 else ""
        before += f"{entry.when}  " if view.shows_time else ""
        before += f"{entry.level_text}  " if entry.level_text else ""
        before += f"{entry.labels_text}  " if entry.labels else ""
        pieces = (
            list(lines.wrapped(f"{before}{entry.text}", width - 10, 12.0, is_code=True))
            if view.wraps
            else [f"{before}{entry.text}"]
        )
        for piece in pieces[:most] or [before or " "]:
            yield lines.Line(piece, 12.0, is_code=True, indent=10.0, mark=entry.color)
