"""What one build or push became."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

__all__ = ["Attempt", "View"]


@dataclass(frozen=True)
class Attempt:
    """One build or push: a summary, details such as the files that changed, and what its author has
    to fix, each with its place. `printed` is what definitions printed."""

    is_good: bool
    summary: str
    details: Sequence[str] = ()
    problems: Sequence[str] = ()
    warnings: Sequence[str] = ()
    printed: str = ""
    at: float = field(default_factory=time.time)


@dataclass(frozen=True)
class View:
    """What there is to see: the last build, the last push, and when a build was good last."""

    build: Attempt = field(default_factory=lambda: Attempt(True, "", at=0))
    push: Attempt | None = None
    good_at: float = 0

    def after(self, build: Attempt) -> View:
        """The view after a build. The last push is what Grafana still has."""
        return replace(self, build=build, good_at=build.at if build.is_good else self.good_at)

    def pushed(self, push: Attempt) -> View:
        """The view after a push."""
        return replace(self, push=push)

    @property
    def newest(self) -> Attempt:
        """What ended last."""
        return self.push if self.push and self.push.at > self.build.at else self.build
