"""How gk reload shows what the servers use."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from gk.forms import Style, Tone, plain
from gk.reload import Outcome

__all__ = ["FORMS"]

_MOST = 10
"""Differences of a server that the text names."""


def text(outcomes: Sequence[Outcome], style: Style = plain) -> str:
    """A line for each server, and what it lacks."""
    return "\n".join(line for outcome in outcomes for line in _lines(outcome, style))


def _lines(outcome: Outcome, style: Style) -> Iterator[str]:
    who = f"{outcome.server} {outcome.url}"
    if not outcome.differences:
        yield f"{who}: uses what is defined: {outcome.loaded} ({outcome.seconds:.1f} s)"
        return
    differs = style("does not use what is defined", Tone.BAD)
    yield f"{who}: {differs} after {outcome.seconds:.1f} s"
    yield from (f"  {difference}" for difference in outcome.differences[:_MOST])
    if (more := len(outcome.differences) - _MOST) > 0:
        yield f"  and {more} more"


def as_json(outcomes: Sequence[Outcome]) -> str:
    """The same as a document."""
    body = {
        "version": 1,
        "servers": [
            {
                "server": outcome.server,
                "url": outcome.url,
                "loaded": outcome.loaded,
                "differences": list(outcome.differences),
                "seconds": round(outcome.seconds, 3),
            }
            for outcome in outcomes
        ],
    }
    return json.dumps(body, indent=2)


FORMS: Mapping[str, Callable[..., str]] = {"text": text, "json": as_json}
