"""Findings about alerts that lack something: each at its alert, or all in one where most lack it,
because then the project does not do so, and a hundred lines would say it no better."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gk.check.model import Found
from gk.check.subjects import Project, Rule

__all__ = ["reported"]

_MANY = 10


def reported(project: Project, lacking: Sequence[Rule], what: str, advice: str) -> Iterator[Found]:
    """What is said about the alerts of a project that lack something: `has no runbook`."""
    number = len(project.alerts)
    if len(lacking) > _MANY and 2 * len(lacking) > number:
        yield Found(
            f"{len(lacking)} of {number} alerts: {what}; {advice}", None, lacking[0].group.resource
        )
        return
    for rule in lacking:
        yield rule.found(f"{what}; {advice}")
