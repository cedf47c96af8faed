"""What is wrong with one dashboard: mistakes in one that is written for gk, and warnings in an
export, which Grafana shows anyway."""

from __future__ import annotations

from gk.compile.context import Compilation
from gk.errors import Problem, Source, Where
from gk.project import CheckedWarning
from gk.promql.mistakes import Mistake
from gk.promql.rendering import excerpt

__all__ = ["Findings"]


class Findings:
    """Notes what is wrong with one dashboard."""

    def __init__(self, context: Compilation, source: Source, *, of_export: bool) -> None:
        self.source = source
        self.of_export = of_export
        self.warnings: list[str] = []
        self._context = context

    def for_export(self) -> Findings:
        """Those of the dashboard's panels and variables that somebody made in Grafana, in the same
        list."""
        lenient = Findings(self._context, self.source, of_export=True)
        lenient.warnings = self.warnings
        return lenient

    def broken(self, source: Source, message: str, where: Where | None = None) -> None:
        """Note what cannot work: a mistake, or a warning for an export."""
        if not self.of_export:
            self._context.wrong(source, message, where)
        else:
            self.warn(CheckedWarning(Problem(source, message, where).text))

    def warn(self, message: str) -> None:
        """Note what is probably wrong, once."""
        if message not in self.warnings:
            self.warnings.append(message)

    def wrong(self, source: Source, message: str, where: Where) -> None:
        """Note a mistake; nothing for an export, in which somebody may have meant it."""
        if not self.of_export:
            self._context.wrong(source, message, where)

    def in_query(self, source: Source, where: Where, mistake: Mistake, text: str) -> None:
        """Note a mistake in the text of a query; for an export, only if every database would refuse
        it."""
        note = self.broken if mistake.in_any_dialect else self.wrong
        note(source, f"{mistake.message}: {excerpt(text)}", where)
