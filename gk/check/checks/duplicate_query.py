"""The same query is written several times as text.

Problem: somebody corrects one of them, and the others stay wrong: panel and alert disagree.

    timeseries("Errors", "sum(rate(http_requests_total{code=~'5..'}[5m]))")   # on three dashboards

Instead: write it once, as a snippet. `gk import` does it for exports.

    @http.snippet(unit="reqps")
    def errors(s: Scope) -> str:
        return f"sum({s.rate('http_requests_total', code='5..')})"

A text is reported from `least` places and `length` characters on. Text of an export, which cannot
use a snippet, does not count.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Written

__all__ = ["duplicate_query"]


@check(Severity.INFO)
def duplicate_query(written: Written, *, least: int = 3, length: int = 40) -> Iterator[str]:
    """Count the places that write a text; the first one is told."""
    if len(written.text) < length:
        return
    if written.snippet:
        yield f"is what snippet {written.snippet} renders; use the snippet"
    elif written.places >= least:
        yield f"is written {written.places} times; make it a snippet"
