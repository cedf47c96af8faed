"""The checks of other linters by name, what stands for each of them in gk, and how that differs.

A check of gk names those that it replaces (`Check.peers`). Here is what else covers one: gk build,
a silence, a check of a team's own. As of dashboard-linter 4d0844b, pint 0.87.0, mixtool 496ea9a,
gcx 0.5.0 and promtool 3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gk.check.model import Check

__all__ = ["PEERS", "Peer", "covering", "uncovered"]


@dataclass(frozen=True, slots=True)
class Peer:
    """A check of another linter; `means` is what covers it in gk beside checks, in Markdown."""

    tool: str
    name: str
    means: str = ""
    difference: str = ""

    def __str__(self) -> str:
        return f"{self.tool}: {self.name}"


_DASHBOARD_LINTER = {
    "template-datasource-rule": (
        "",
        "Grafana needs no variable for its data source: gk finds references that lead nowhere, "
        "whatever the variable is called.",
    ),
    "template-job-rule": (
        "`gk.yaml`: `labels:`",
        "gk makes `$job` from the labels of the exporter.",
    ),
    "template-instance-rule": (
        "`gk.yaml`: `labels:`",
        "gk makes `$node` from the labels of the exporter; it reads `instance` or `node`.",
    ),
    "template-label-promql-rule": ("", "Queries of variables are checked as all others are."),
    "template-on-time-change-reload-rule": ("", ""),
    "panel-datasource-rule": (
        "`gk build`: `data source '...' is not defined`",
        "All panel types.",
    ),
    "panel-title-description-rule": ("", ""),
    "panel-units-rule": ("", ""),
    "panel-no-targets-rule": (
        "`gk build`: `has no query, so Grafana shows no data`",
        "In exports, a check.",
    ),
    "target-logql-rule": (
        "",
        "gk reads selectors, quotes and brackets, and knows the selectors that Loki refuses; "
        "it does not parse pipelines.",
    ),
    "target-logql-auto-rule": ("", "A hint. Ranges of any variable are right."),
    "target-promql-rule": (
        "`gk build`: `PromQL does not parse`",
        "In exports, a check. gk judges no query of which a variable is a part.",
    ),
    "target-rate-interval-rule": (
        "",
        "A fixed window is a hint, because a panel may have to show the number of an alert; "
        "`$__interval` is a warning, except with a least step.",
    ),
    "target-job-rule": ("", "A policy; the labels are an option."),
    "target-instance-rule": ("", "A policy; the labels are an option."),
    "target-counter-agg-rule": (
        "",
        "By the type of the metric, where its name alone does not tell; a panel that says so "
        "may show a counter.",
    ),
    "uneditable-dashboard": ("", ""),
}

_PINT = {
    "yaml/parse": (
        "`gk import`, `gk diff`: a malformed rule file is a mistake at its line",
        "Rules of a project are Python, which Python parses.",
    ),
    "pint/comment": (
        "a mistake at the comment's line: `a comment to gk says: silence CHECK: reason`",
        "Every silence needs a reason.",
    ),
    "ignore/file": (
        "`gk.yaml`: `silences:` with `file:`",
        "The last line counts what is silenced; SARIF and JUnit list it with the reason.",
    ),
    "promql/syntax": ("`gk build`: `PromQL does not parse`", "In exports, a check."),
    "promql/aggregate": (
        "",
        "Policies: one for labels that rules keep, one for labels that recorded series drop.",
    ),
    "promql/selector": ("", "A policy; recorded series are not asked."),
    "promql/regexp": ("", "A file pattern such as `prod*` is another check."),
    "promql/fragile": (
        "",
        "Arithmetic is found in alerts without `for` only: `for` outlasts the start of Prometheus.",
    ),
    "promql/impossible": ("", "Comparisons that are never true are another check."),
    "promql/nan": (
        "",
        "A division outside of an aggregation, which has a gap only, is another check.",
    ),
    "promql/counter": ("", "Without a server: gk knows the types of what its snippets cover."),
    "promql/rate": (
        "",
        "Three checks. Without a server: scrapes by the data source's interval, types of what gk's "
        "snippets cover.",
    ),
    "promql/range_query": ("", "A policy: gk.yaml says how long Prometheus keeps samples."),
    "promql/offset": ("", "Ranges and offsets together, in one check."),
    "promql/features": ("", "Without a server: gk.yaml says the oldest Prometheus and its flags."),
    "promql/series": ("", ""),
    "promql/vector_matching": ("", ""),
    "query/cost": ("", ""),
    "alerts/absent": ("", ""),
    "alerts/annotation": ("", ""),
    "alerts/comparison": (
        "`gk build` warns: `compares nothing, and so fires for each series`",
        "",
    ),
    "alerts/count": ("", ""),
    "alerts/external_labels": ("", ""),
    "alerts/for": ("`gk build`: a duration that is not one is a mistake", ""),
    "alerts/template": (
        "`gk build`: a template that an engine does not parse is a mistake",
        "gk knows the templates of Grafana and of Prometheus. A legend or a column that reads a "
        "label which is gone is found, too.",
    ),
    "group/interval": ("", ""),
    "labels/conflict": ("", ""),
    "rule/dependency": ("", ""),
    "rule/duplicate": ("", ""),
    "rule/for": ("", ""),
    "rule/label": ("", ""),
    "rule/name": ("", ""),
    "rule/reject": ("", ""),
    "rule/report": (
        "a check of your own in `checks/`",
        "It chooses rules by any condition, and says what you want to say.",
    ),
    "rule/owner": (
        "a label of the rule, as the check for `rule/label` requires it",
        "A label reaches whoever is notified, a comment does not.",
    ),
    "rule/link": ("", ""),
}

_MIXTOOL = {
    "alert-group-rule-count": ("", ""),
    "alert-group-name-length": ("", ""),
    "alert-name-camelcase": ("", ""),
    "alert-name-length": ("", ""),
    "alert-severity-rule": ("", ""),
    "alert-description-missing-rule": ("", ""),
    "alert-description-templating": ("", ""),
    "alert-summary-missing-rule": ("", ""),
    "alert-summary-templating": ("", ""),
    "alert-summary-style": ("", ""),
}

_GCX = {
    "target-valid-promql": (
        "`gk build`: `PromQL does not parse`",
        "Targets without a data source of their own are checked, too.",
    ),
    "panel-title-description": ("", ""),
    "panel-units": ("", ""),
    "uneditable-dashboard": ("", ""),
    "alert-runbook-link": ("", ""),
    "alert-summary": ("", ""),
}

_PROMTOOL = {
    "check rules": (
        "`gk build`: `PromQL does not parse`, `the name is taken`",
        "With its only lint, `duplicate-rules`.",
    ),
}

PEERS: tuple[Peer, ...] = tuple(
    Peer(tool, name, *words)
    for tool, names in (
        ("dashboard-linter", _DASHBOARD_LINTER),
        ("pint", _PINT),
        ("mixtool", _MIXTOOL),
        ("gcx", _GCX),
        ("promtool", _PROMTOOL),
    )
    for name, words in names.items()
)
"""All of them, by linter in the order of its documentation."""


def covering(peer: Peer, checks: Iterable[Check]) -> list[Check]:
    """The checks that replace one of another linter."""
    return [check for check in checks if str(peer) in check.peers]


def uncovered(checks: Iterable[Check]) -> list[Peer]:
    """What nothing in gk stands for."""
    known = list(checks)
    return [peer for peer in PEERS if not peer.means and not covering(peer, known)]
