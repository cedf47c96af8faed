"""The answers of Prometheus as text and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from gk.check.forms.lines import in_one_line
from gk.check.live.model import Asked, Live, Values
from gk.check.live.reasons import Reason
from gk.forms import Style, Tone, cut
from gk.forms.plurals import counted
from gk.resource import Resource

__all__ = [
    "NOUNS_OF_STATES",
    "STATES",
    "TONES_OF_STATES",
    "causes",
    "heading",
    "live_json",
    "live_text",
    "milliseconds",
    "place_of",
    "summary",
    "title_of",
    "why",
]

STATES = ("data", "healthy", "none", "nan", "failed", "unanswered")
NOUNS_OF_STATES = {
    "data": "with data",
    "healthy": "empty while all is well",
    "none": "without data",
    "nan": "only NaN",
    "failed": "refused",
    "unanswered": "not answered",
}
_HEADS = ("queries", "data", "healthy", "none", "NaN", "refused", "no reply", "ms")
TONES_OF_STATES = {
    "none": Tone.DOUBTFUL,
    "nan": Tone.DOUBTFUL,
    "failed": Tone.BAD,
    "unanswered": Tone.BAD,
}
_DEAREST = 5
_LONGEST = 100


def live_text(live: Live, style: Style) -> Iterator[str]:
    """A table of the dashboards and rule groups, the reasons, and the most expensive queries."""
    yield ""
    yield style(in_one_line(heading(live)), Tone.STRONG)
    yield from _table(live, style)
    if counts := causes(live):
        yield f"why empty: {', '.join(f'{count} {cause}' for cause, count in counts)}"
    yield from _dearest(live, style)
    yield summary(live)


def heading(live: Live) -> str:
    """Which server was asked, and for which environment."""
    of = f" ({live.environment})" if live.environment else ""
    version = f", version {live.server.version}" if live.server.version else ""
    return f"{live.server.shown}{of}{version}"


def title_of(resource: Resource) -> str:
    """What a dashboard or a group is called: `dashboard Node`."""
    return f"{resource.kind.noun} {resource.title}"


def place_of(asked: Asked) -> str:
    """Where a query is, with what it is in."""
    return f"{title_of(asked.query.owner.resource)}: {asked.query.promql}"


def _table(live: Live, style: Style) -> Iterator[str]:
    titles = {resource: in_one_line(title_of(resource)) for resource in live.by_owner}
    width = max([*map(len, titles.values()), 10])
    yield f"{'':<{width}}" + "".join(f"{head:>9}" for head in _HEADS)
    for resource, listed in live.by_owner.items():
        yield f"{titles[resource]:<{width}}{_numbers(listed, style)}"
    if len(titles) > 1:
        yield f"{'all':<{width}}{_numbers(live.asked, style)}"


def _numbers(listed: Sequence[Asked], style: Style) -> str:
    counts = Counter(asked.state for asked in listed)
    cells = [f"{len(listed):>9}"]
    for state in STATES:
        number = counts[state]
        cell = f"{number or '-':>9}"
        cells.append(
            style(cell, TONES_OF_STATES[state]) if number and state in TONES_OF_STATES else cell
        )
    return "".join([*cells, f"{milliseconds(listed):>9.0f}"])


def milliseconds(listed: Iterable[Asked]) -> float:
    """What the different queries took together."""
    different = {asked.question: asked.answer.seconds for asked in listed if asked.answer}
    return sum(different.values()) * 1000


def causes(live: Live) -> list[tuple[str, int]]:
    """The reasons of empty queries, by how many there are of each."""
    return Counter(
        asked.reason.cause.value if asked.reason else "unknown" for asked in live.empty
    ).most_common()


def why(asked: Asked) -> str:
    """Why a query shows nothing."""
    return asked.refusal or (str(asked.reason) if asked.reason else "")


def _dearest(live: Live, style: Style) -> Iterator[str]:
    dearest = live.dearest[:_DEAREST]
    if not dearest:
        return
    yield f"{'samples':>11}{'series':>9}{'ms':>9}  the most expensive queries"
    for asked in dearest:
        assert asked.answer
        yield (
            f"{asked.answer.samples:>11,}{len(asked.answer.series):>9,}"
            f"{asked.answer.seconds * 1000:>9.0f}  {in_one_line(place_of(asked))}"
        )
        yield style(f"{'':>31}{cut(in_one_line(asked.question.expr), _LONGEST)}", Tone.FAINT)


def summary(live: Live) -> str:
    """How much was asked, and of how many empty queries the reason is known."""
    different = len({asked.question for asked in live.asked})
    known, empty = live.named
    named = f"; found the reason for {known} of {empty} empty ones" if empty else ""
    return (
        f"asked {counted(different, 'distinct query')} of {len(live.asked)}{named}; "
        f"{counted(live.questions, 'request')} in {live.seconds:.1f} s"
    )


def live_json(live: Live) -> dict[str, Any]:
    """The part `live` of the JSON form."""
    return {
        "prometheus": live.server.shown,
        "version": live.server.version,
        "environment": live.environment,
        "seconds": round(live.seconds, 3),
        "questions": live.questions,
        "unanswered": list(live.unanswered),
        "queries": [_query(asked) for asked in live.asked],
        "variables": [_variable(values) for values in live.values],
    }


def _query(asked: Asked) -> dict[str, Any]:
    resource, answer, question = asked.query.owner.resource, asked.answer, asked.question
    return {
        "kind": resource.kind.value,
        "uid": resource.uid,
        "title": resource.title,
        "place": str(asked.query.promql),
        "definition": asked.query.promql.expr,
        "expr": question.expr,
        "start": question.start,
        "end": question.end,
        "step": question.step,
        "state": asked.state,
        "refusal": asked.refusal,
        "reason": _reason(asked.reason),
        "series": len(answer.series) if answer else 0,
        "samples": answer.samples if answer else 0,
        "milliseconds": round(answer.seconds * 1000, 1) if answer else 0,
        "warnings": list(answer.warnings) if answer else [],
        "infos": list(answer.infos) if answer else [],
    }


def _reason(reason: Reason | None) -> dict[str, Any] | None:
    if reason is None:
        return None
    return {
        "cause": reason.cause.value,
        "text": reason.text,
        "metric": reason.metric,
        "variable": reason.variable,
        "hint": reason.hint,
    }


def _variable(values: Values) -> dict[str, Any]:
    resource = values.variable.dashboard.resource
    return {
        "uid": resource.uid,
        "title": resource.title,
        "name": values.variable.name,
        "query": values.resolved.query,
        "values": values.resolved.options,
        "chosen": list(values.resolved.values),
        "reason": _reason(values.reason),
    }
