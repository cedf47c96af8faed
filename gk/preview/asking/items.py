"""What Grafana's expressions are of: series, and numbers, each with its labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Item", "Items", "NotCalculatedError"]


class NotCalculatedError(Exception):
    """An expression that gk does not calculate; the message says which part of it."""


@dataclass(frozen=True, slots=True)
class Item:
    """A series, or without times a number; a value is None where there is none."""

    labels: Mapping[str, str]
    values: Sequence[float | None]
    times: Sequence[int] | None = None


Items: TypeAlias = Sequence[Item]
