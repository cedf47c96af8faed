"""A report as one self-contained HTML page, without a script.

Titles and queries are those of definitions, and reasons have values of the server's labels: all of
them are untrusted, and gk.forms.html makes them harmless.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gk.check import Report
from gk.check.forms.live import (
    NOUNS_OF_STATES,
    STATES,
    TONES_OF_STATES,
    causes,
    heading,
    milliseconds,
    place_of,
    summary,
    title_of,
    why,
)
from gk.check.forms.text import NOUNS, TONES
from gk.check.live.model import Asked, Live
from gk.forms import Tone
from gk.forms.html import file_of, policy, templates_of
from gk.forms.plurals import counted
from gk.resource import Resource

__all__ = ["html"]

_PACKAGE = "gk.check.forms"

_MOST_OPEN = 5
"""Up to so many dashboards with empty queries are unfolded when the page opens."""
_DEAREST = 20


@dataclass(frozen=True, slots=True)
class _Row:
    place: str
    expr: str
    why: str = ""
    state: str = ""
    tone: str = "faint"
    samples: str = ""
    series: str = ""
    milliseconds: str = ""


@dataclass(frozen=True, slots=True)
class _Cell:
    number: int
    tone: str


@dataclass(frozen=True, slots=True)
class _Owner:
    title: str
    total: int
    cells: Sequence[_Cell]
    milliseconds: str
    empty: Sequence[_Row]


@dataclass(frozen=True, slots=True)
class _Page:
    shown: str
    summary: str
    nouns: Sequence[str]
    owners: Sequence[_Owner]
    causes: Sequence[tuple[str, int]]
    without_values: Sequence[_Row]
    dearest: Sequence[_Row]


def html(report: Report) -> str:
    """The whole page; the same report always gives the same text."""
    style = file_of(_PACKAGE, "report.css")
    return (
        templates_of(_PACKAGE)
        .get_template("report.html")
        .render(
            report=report,
            counts=_counts(report),
            lives=[_page(live) for live in report.live],
            tones={severity.value: tone.value for severity, tone in TONES.items()},
            most_open=_MOST_OPEN,
            style=Markup(style),
            policy=policy(style),
        )
    )


def _counts(report: Report) -> str:
    numbers = Counter(finding.severity for finding in report.findings)
    counts = [
        counted(numbers[severity], noun) for severity, noun in NOUNS.items() if numbers[severity]
    ]
    silenced = [f"{len(report.silenced)} silenced"] if report.silenced else []
    return ", ".join([*counts, *silenced]) or "no problems"


def _page(live: Live) -> _Page:
    return _Page(
        heading(live),
        summary(live),
        [NOUNS_OF_STATES[state] for state in STATES],
        [_owner(resource, listed) for resource, listed in live.by_owner.items()],
        causes(live),
        [
            _Row(
                f"{title_of(values.variable.dashboard.resource)}: variable ${values.variable.name}",
                values.resolved.query,
                str(values.reason),
            )
            for values in live.values
            if values.reason
        ],
        [_dear(asked) for asked in live.dearest[:_DEAREST]],
    )


def _owner(resource: Resource, listed: Sequence[Asked]) -> _Owner:
    numbers = Counter(asked.state for asked in listed)
    return _Owner(
        title_of(resource),
        len(listed),
        [
            _Cell(
                numbers[state],
                f" {_tone(state)}" if numbers[state] and state in TONES_OF_STATES else "",
            )
            for state in STATES
        ],
        f"{milliseconds(listed):.0f}",
        [_empty(asked) for asked in listed if asked.state != "data"],
    )


def _empty(asked: Asked) -> _Row:
    return _Row(
        str(asked.query.promql),
        asked.question.expr,
        why(asked),
        NOUNS_OF_STATES[asked.state],
        _tone(asked.state),
    )


def _tone(state: str) -> str:
    return TONES_OF_STATES.get(state, Tone.FAINT).value


def _dear(asked: Asked) -> _Row:
    answer = asked.answer
    assert answer
    return _Row(
        place_of(asked),
        asked.question.expr,
        samples=f"{answer.samples:,}",
        series=f"{len(answer.series):,}",
        milliseconds=f"{answer.seconds * 1000:.0f}",
    )
