"""Which Prometheus gk check --live and gk preview ask, and how much."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gk.cli.console import bar

if TYPE_CHECKING:
    from gk.check import Live
    from gk.check import Project as Subject
    from gk.check.live.asking import Limits
    from gk.prometheus import Prometheus
    from gk.settings import Settings
    from gk.settings.contexts import Context

__all__ = ["Asking", "assignments"]


@dataclass(frozen=True, slots=True)
class Asking:
    """Which Prometheus to ask, and how much."""

    context: str | None
    url: str | None
    workers: int | None
    budget: int
    variables: Mapping[str, str] = field(default_factory=dict)
    datasources: Sequence[str] = ()

    def ask(self, project: Subject, settings: Settings) -> Live:
        """Ask it every query of a project."""
        from gk.check.live.run import ask

        with self.opened(settings, "--live: ") as (prometheus, limits):
            return ask(
                project,
                prometheus,
                limits,
                chosen=self.variables,
                only=self.datasources,
                bar=bar,
            )

    @contextmanager
    def opened(self, settings: Settings, prefix: str = "") -> Iterator[tuple[Prometheus, Limits]]:
        """The server, and how much it is asked; `prefix` is of messages."""
        from gk.check.live.asking import Limits
        from gk.prometheus import Prometheus

        target = self.target(settings, prefix)
        workers = self.workers or target.workers
        with Prometheus(
            self.url or target.prometheus, target.timeout, connections=workers
        ) as prometheus:
            yield prometheus, Limits(workers, target.timeout, self.budget)

    def target(self, settings: Settings, prefix: str = "") -> Context:
        """The context that names the server; an empty one if a URL does."""
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
                f"{prefix}the context {name} names no Prometheus; add prometheus: URL to it in "
                "gk.yaml, or use --prometheus"
            )
        return target


def assignments(option: str, given: Sequence[str]) -> list[tuple[str, str]]:
    """The names and values that an option `NAME=VALUE` was given. Raises ConfigError."""
    from gk.errors import ConfigError

    if wrong := next((text for text in given if not re.match(r"\w+=", text)), None):
        raise ConfigError(f"{option} '{wrong}': write NAME=VALUE")
    return [(name, value) for name, _, value in (text.partition("=") for text in given)]
