"""What one build or push became."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gk.errors import GkError

__all__ = ["Attempt", "View"]


@dataclass(frozen=True)
class Attempt:
    """One build, push or preview: a summary, details such as the files that changed, and what its
    author has to fix, each with its place. `printed` is what definitions printed.

    A build brings what it `built`, for a preview of it. Of that, `versions` tells versions of each
    dashboard apart, by name, and `pages` has those that were drawn.
    """

    is_good: bool
    summary: str
    details: Sequence[str] = ()
    problems: Sequence[str] = ()
    warnings: Sequence[str] = ()
    printed: str = ""
    built: object = None
    versions: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)
    at: float = field(default_factory=time.time)

    @classmethod
    def of_mistakes(cls, error: GkError) -> Attempt:
        """One that failed because of these mistakes."""
        count = len(error.problems)
        return cls(
            False,
            f"{count} {'mistake' if count == 1 else 'mistakes'}",
            problems=[str(problem) for problem in error.problems],
        )


@dataclass(frozen=True)
class View:
    """What there is to see: the last build, preview and push, and when a build was good last."""

    build: Attempt = field(default_factory=lambda: Attempt(True, "", at=0))
    preview: Attempt | None = None
    push: Attempt | None = None
    good_at: float = 0

    def after(self, build: Attempt) -> View:
        """The view after a build. The last push is what Grafana still has."""
        good_at = build.at if build.is_good else self.good_at
        return replace(self, build=build, preview=None, good_at=good_at)

    def previewed(self, preview: Attempt) -> View:
        """The view after a preview of the build."""
        return replace(self, preview=preview)

    def pushed(self, push: Attempt) -> View:
        """The view after a push."""
        return replace(self, push=push)

    @property
    def newest(self) -> Attempt:
        """What ended last."""
        # Of two that ended at one moment, the later one in the order of their beginning.
        ended = [each for each in (self.push, self.preview, self.build) if each]
        return max(ended, key=lambda each: each.at)
