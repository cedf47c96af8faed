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

    Of a preview, `versions` tells versions of each dashboard apart, by name, and `pages` has those
    that were drawn.
    """

    is_good: bool
    summary: str
    details: Sequence[str] = ()
    problems: Sequence[str] = ()
    warnings: Sequence[str] = ()
    printed: str = ""
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
    """What there is to see: the last build, preview and push, which of them is `newest`, and when a
    build was good last."""

    build: Attempt = field(default_factory=lambda: Attempt(True, "", at=0))
    preview: Attempt | None = None
    push: Attempt | None = None
    newest: Attempt | None = None
    good_at: float = 0

    def after(self, build: Attempt) -> View:
        """The view after a build. The last push is what Grafana still has."""
        good_at = build.at if build.is_good else self.good_at
        return replace(self, build=build, preview=None, newest=build, good_at=good_at)

    def previewed(self, preview: Attempt) -> View:
        """The view after a preview of the build, which may have ended before the build did."""
        return replace(self, preview=preview, newest=preview)

    def pushed(self, push: Attempt) -> View:
        """The view after a push."""
        return replace(self, push=push, newest=push)
