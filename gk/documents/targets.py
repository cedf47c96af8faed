"""The queries of a panel: which panels have any, and their names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gk.documents.shapes import Json

__all__ = ["WITHOUT_DATA", "number"]

WITHOUT_DATA = frozenset(
    {"row", "text", "alertlist", "dashlist", "news", "welcome", "gettingstarted"}
)
"""Types of panels for which a data source means nothing, though Grafana writes one for these, too.
Since 13, a text panel may have queries."""


def number(targets: Sequence[Json]) -> None:
    """Give the next free letter to each target without a refId, or with the refId of an earlier
    target."""
    taken: set[str] = set()
    for target in targets:
        if not target.get("refId") or target["refId"] in taken:
            target.pop("refId", None)
        else:
            taken.add(target["refId"])
    free = (letter for letter in _letters() if letter not in taken)
    for target in targets:
        if "refId" not in target:
            target["refId"] = next(free)


def _letters() -> Iterator[str]:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    yield from alphabet
    for first in alphabet:
        for second in alphabet:
            yield first + second
