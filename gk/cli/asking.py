"""Which Prometheus gk check --live asks, and how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gk.cli.console import bar

if TYPE_CHECKING:
    from gk.check import Live
    from gk.check import Project as Subject
    from gk.settings import Settings
    from gk.settings.contexts import Context

__all__ = ["Asking"]


@dataclass(frozen=True, slots=True)
class Asking:
    """Which Prometheus to ask, and how much."""

    context: str | None
    url: str | None
    variables: Mapping[str, str]
    datasources: Sequence[str]
    workers: int | None
    budget: int

    def ask(self, project: Subject, settings: Settings) -> Live:
        """Ask it every query of a project."""
        from gk.check.live.asking import Limits
        from gk.check.live.run import ask
        from gk.prometheus import Prometheus

        target = self._context(settings)
        workers = self.workers or target.workers
        with Prometheus(
            self.url or target.prometheus, target.timeout, connections=workers
        ) as prometheus:
            limits = Limits(workers, target.timeout, self.budget)
            return ask(
                project,
                prometheus,
                limits,
                chosen=self.variables,
                only=self.datasources,
                bar=bar,
            )

    def _context(self, settings: Settings) -> Context:
        from gk.cli.server import the_context
        from gk.errors import ConfigError
        from gk.http.urls import url_mistake
        from gk.settings.contexts import Context

        if self.url and (mistake := url_mistake(self.url, "gk has no use for them here")):
            raise ConfigError(f"--prometheus {mistake}")
        if self.url and self.context is None:
            return Context()
        name = the_context(settings, self.context)
        target = settings.contexts[name]
        if not (self.url or target.prometheus):
            raise ConfigError(
                f"--live: the context {name} names no Prometheus; add prometheus: URL to it in "
                "gk.yaml, or use --prometheus"
            )
        return target
