"""Which checks run, how bad their findings are, and which findings are silenced: what gk.yaml and
comments in definitions say.

    # gk: silence division-by-zero: No request means no error here.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gk.check.model import Check, Option, Severity
from gk.check.places import Places
from gk.check.subjects import Silence
from gk.errors import ConfigError, Problem, Source, did_you_mean
from gk.settings import SETTINGS_FILE
from gk.settings.checks import OFF, CheckChange, CheckSettings
from gk.settings.checks import Option as Given

__all__ = ["Chosen", "chosen", "silences_in", "silences_of"]

_SILENCE = re.compile(r"silence\s+(?P<check>[\w-]+)(?:\s*:\s*(?P<reason>.*))?")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A check that runs, with its severity and options."""

    check: Check
    severity: Severity
    options: Mapping[str, Any]


def chosen(
    checks: Sequence[Check], settings: CheckSettings, only: Iterable[str] = ()
) -> list[Chosen]:
    """The checks that run: those that gk.yaml does not turn off, or those named in `only`.

    Raises ConfigError for a check or an option that does not exist, and for a value of the wrong
    type, each at its line.
    """
    known = {check.name: check for check in checks}
    problems = [
        Problem(Source(SETTINGS_FILE, change.line), _unknown(name, known))
        for name, change in settings.checks.items()
        if name not in known
    ]
    problems += [
        Problem(Source(SETTINGS_FILE, silence.line), _unknown(silence.check, known))
        for silence in settings.silences
        if silence.check not in known
    ]
    only = list(only)
    problems += [
        Problem(Source(""), f"--only {_unknown(name, known)}") for name in only if name not in known
    ]
    running = []
    for check in checks:
        change = settings.checks.get(check.name, CheckChange())
        options = _options(check, change, problems)
        severity = change.severity or (OFF if check.is_policy else check.severity.value)
        # Whoever names a check wants it, whatever gk.yaml says.
        if check.name in only and severity == OFF:
            severity = check.severity.value
        if severity != OFF and (not only or check.name in only):
            running.append(Chosen(check, Severity(severity), options))
    if problems:
        raise ConfigError(problems)
    return running


def _unknown(name: str, known: Iterable[str]) -> str:
    hint = did_you_mean(name, known) or "; gk check --list shows all"
    return f"there is no check '{name}'{hint}"


def _options(check: Check, change: CheckChange, problems: list[Problem]) -> dict[str, Any]:
    own = {option.name: option for option in check.options}
    values: dict[str, Any] = {}
    for name, given in change.options.items():
        place = Source(SETTINGS_FILE, given.line)
        if name not in own:
            words = ", ".join(own) or "none"
            hint = did_you_mean(name, own) or f"; its options: {words}"
            problems.append(Problem(place, f"check {check.name} has no option '{name}'{hint}"))
            continue
        value = _value(own[name], given)
        if value is None:
            expected = _EXPECTED[type(own[name].default)]
            problems.append(Problem(place, f"check {check.name}: {name}: expected {expected}"))
        values[name] = value
    return values


_EXPECTED = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    tuple: "a list of texts",
}


def _value(option: Option, given: Given) -> Any:
    """The value of an option, of the type of its default; None for one of another type."""
    value, wanted = given.value, type(option.default)
    if wanted is tuple:
        return value if isinstance(value, tuple) else None
    if not isinstance(value, str):
        return None
    if wanted is bool:
        return {"true": True, "false": False}.get(value.lower())
    if wanted in (int, float):
        try:
            return wanted(value)
        except ValueError:
            return None
    return value


def silences_of(settings: CheckSettings) -> list[Silence]:
    """The silences of gk.yaml."""
    return [
        Silence(
            silence.check,
            silence.reason,
            Source(SETTINGS_FILE, silence.line),
            silence.file,
            silence.name,
        )
        for silence in settings.silences
    ]


def silences_in(
    files: Iterable[str], places: Places, known: Iterable[str]
) -> tuple[list[Silence], list[Problem]]:
    """The silences that comments in files state, and the mistakes in such comments."""
    names = list(known)
    silences: list[Silence] = []
    problems: list[Problem] = []
    for file in files:
        for comment in places.comments(file):
            source = Source(file, comment.line)
            match = _SILENCE.fullmatch(comment.text)
            if match is None:
                message = "is not a comment that gk knows; write # gk: silence CHECK: reason"
                problems.append(Problem(source, message))
            elif match["check"] not in names:
                problems.append(Problem(source, _unknown(match["check"], names)))
            elif not (match["reason"] or "").strip():
                message = f"a silence needs a reason: silence {match['check']}: reason"
                problems.append(Problem(source, message))
            else:
                reason = match["reason"].strip()
                # A silence names files by a pattern; this one is of its own file only.
                own = glob.escape(file)
                silences.append(
                    Silence(match["check"], reason, source, file=own, lines=comment.about)
                )
    return silences, problems
