"""A report as one self-contained HTML page, without a script.

Titles and queries are those of definitions, and reasons have values of the server's labels: all of
them are untrusted. The template escapes every expression, characters that nobody would see are
shown by their number, and the page's content security policy allows its own style only.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gk.check import Report
from gk.check.forms.live import (
    NOUNS,
    STATES,
    causes,
    milliseconds,
    summary,
    title_of,
    why,
)
from gk.check.live.model import Asked, Live
from gk.forms import visible
from gk.plurals import counted
from gk.resource import Resource

__all__ = ["html"]

_MOST_OPEN = 5
"""Up to so many dashboards with empty queries are unfolded when the page opens."""
_DEAREST = 20
_TONES = {"none": "doubtful", "nan": "doubtful", "failed": "bad", "unanswered": "bad"}
_NOUNS = {"error": "error", "warning": "warning", "info": "hint"}
_TONES_OF_FINDINGS = {"error": "bad", "warning": "doubtful", "info": "faint"}


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
    style = _file("report.css")
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            counts=_counts(report),
            lives=[_page(live) for live in report.live],
            tones=_TONES_OF_FINDINGS,
            most_open=_MOST_OPEN,
            style=Markup(style),
            policy=_policy(style),
        )
    )


def _counts(report: Report) -> str:
    numbers = Counter(finding.severity.value for finding in report.findings)
    found = [counted(numbers[word], noun) for word, noun in _NOUNS.items() if numbers[word]]
    silenced = [f"{len(report.silenced)} silenced"] if report.silenced else []
    return ", ".join([*found, *silenced]) or "no problems"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("gk.check.forms"),
        autoescape=True,
        finalize=_visible,
        # A typo in the template fails instead of showing nothing.
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _visible(value: Any) -> Any:
    return value if isinstance(value, Markup) else visible(str(value))


@cache
def _file(name: str) -> str:
    source, _, _ = PackageLoader("gk.check.forms").get_source(_environment(), name)
    return source


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _page(live: Live) -> _Page:
    of = f" ({live.environment})" if live.environment else ""
    version = f", version {live.server.version}" if live.server.version else ""
    return _Page(
        f"{live.server.shown}{of}{version}",
        summary(live),
        [NOUNS[state] for state in STATES],
        [_owner(resource, listed) for resource, listed in live.by_owner.items()],
        causes(live),
        [
            _Row(
                f"{title_of(each.variable.dashboard.resource)}: variable ${each.variable.name}",
                each.resolved.query,
                str(each.reason),
            )
            for each in live.values
            if each.reason
        ],
        [_dear(each) for each in live.dearest[:_DEAREST]],
    )


def _owner(resource: Resource, listed: Sequence[Asked]) -> _Owner:
    numbers = Counter(each.state for each in listed)
    return _Owner(
        title_of(resource),
        len(listed),
        [
            _Cell(numbers[state], f" {_TONES[state]}" if numbers[state] and state in _TONES else "")
            for state in STATES
        ],
        f"{milliseconds(listed):.0f}",
        [_empty(each) for each in listed if each.state != "data"],
    )


def _empty(asked: Asked) -> _Row:
    return _Row(
        str(asked.query.promql),
        asked.question.expr,
        why(asked),
        NOUNS[asked.state],
        _TONES.get(asked.state, "faint"),
    )


def _dear(asked: Asked) -> _Row:
    answer = asked.answer
    assert answer
    return _Row(
        f"{title_of(asked.query.owner.resource)}: {asked.query.promql}",
        asked.question.expr,
        samples=f"{answer.samples:,}",
        series=f"{len(answer.series):,}",
        milliseconds=f"{answer.seconds * 1000:.0f}",
    )
