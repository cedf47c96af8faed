"""A label or an annotation of a rule has a name or a text that the team forbids.

Problem: somebody has decided that it must not be there.

    alert("ApiErrors", ..., labels={"severity": "page"})

Instead: write something else. gk.yaml has the patterns; each matches a whole `name=value`.

    check:
      checks:
        forbidden-text: {severity: error, labels: ["severity=page"], annotations: [".*@old.*"]}
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.patterns import is_match, mistake_in
from gk.check.subjects import Rule

__all__ = ["forbidden_text"]


@check(Severity.WARNING, peers=("pint: rule/reject", "pint: rule/report"), is_policy=True)
def forbidden_text(
    rule: Rule, *, labels: tuple[str, ...] = (), annotations: tuple[str, ...] = ()
) -> Iterator[str]:
    """Compare each with the patterns."""
    for what, given, patterns in (
        ("label", rule.labels, labels),
        ("annotation", rule.annotations, annotations),
    ):
        for pattern in patterns:
            if mistake := mistake_in(pattern):
                yield mistake
            for name, value in given.items():
                if is_match(pattern, f"{name}={value}"):
                    yield f"{what} {name} matches {pattern}, which gk.yaml forbids; change it"
