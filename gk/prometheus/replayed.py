"""A record in the place of the server whose answers it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gk.prometheus.client import Prometheus
from gk.prometheus.records import Record

__all__ = ["Replayed"]


class Replayed(Prometheus):
    """Answers from a record, and refuses what nobody asked; `name` says in messages what it is."""

    def __init__(self, record: Record, name: str) -> None:
        super().__init__("http://127.0.0.1")
        self.shown = name
        self._answers = record

    def _fetched(self, path: str, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        return self._answers.answer(path, parameters) or {
            "status": "error",
            "errorType": "not_found",
            "error": f"{self.shown} has no answer to this",
        }
