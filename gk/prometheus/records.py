"""Answers of a Prometheus that are kept, so that the same questions can be asked again without
it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["Record"]

_KEPT = ("data", "warnings", "infos", "error", "errorType")

Json = dict[str, Any]
_Key = tuple[str, tuple[tuple[str, str], ...]]


class Record:
    """Answers by what was asked: an entry has a path of the API, parameters, and either `data` or
    an `error`. What is malformed in `entries` is left out."""

    def __init__(self, entries: Iterable[Any] = ()) -> None:
        self._answers: dict[_Key, Json] = {}
        for entry in entries:
            if isinstance(entry, dict) and isinstance(entry.get("parameters", {}), dict):
                self.keep(str(entry.get("path")), entry.get("parameters", {}), entry)

    @property
    def entries(self) -> list[Json]:
        """All answers, in an order that does not depend on when they came."""
        return [
            {"path": path, "parameters": dict(parameters), **self._answers[path, parameters]}
            for path, parameters in sorted(self._answers)
        ]

    def has(self, path: str) -> bool:
        """Whether there is an answer at a path of an API."""
        return any(asked == path for asked, _ in self._answers)

    def keep(self, path: str, parameters: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        """Keep an answer."""
        self._answers[_key(path, parameters)] = {key: body[key] for key in _KEPT if key in body}

    def answer(self, path: str, parameters: Mapping[str, str]) -> Json | None:
        """The body of the answer; None if nobody asked that."""
        kept = self._answers.get(_key(path, parameters))
        if kept is None:
            return None
        return {"status": "success" if "data" in kept else "error", **kept}


def _key(path: str, parameters: Mapping[str, Any]) -> _Key:
    # What a query cost is nobody's question later.
    given = ((str(key), str(value)) for key, value in parameters.items() if key != "stats")
    return path, tuple(sorted(given))
