"""The checks of other linters by name, what stands for each of them in gk, and how that differs.

A check of gk names those that it replaces (`Check.peers`). Here is what else covers one: gk build,
a silence, a check of a team's own. As of dashboard-linter 4d0844b, pint 0.87.0, mixtool 496ea9a,
gcx 0.5.0 and promtool 3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gk.check.model import Check

__all__ = ["PEERS", "Peer", "covering"]


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
        "A policy. References that lead nowhere are a check of their own, whatever the "
        "variable is called.",
    ),
    "template-job-rule": (
        "`gk.yaml`: `labels:`",
        "A policy, for exports. gk makes `$job` itself, from the labels of the exporter.",
    ),
    "template-instance-rule": (
        "`gk.yaml`: `labels:`",
        "A policy, for exports. gk makes `$node` itself, from the labels of the exporter.",
    ),
    "template-label-promql-rule": ("", "Queries of variables are checked as all others are."),
    "template-on-time-change-reload-rule": (
        "",
        "A refresh at each load is enough; with `on_load: false` it is not. `--fix` sets it.",
    ),
    "panel-datasource-rule": (
        "`gk build`: `data source '...' is not defined`",
        "A policy: gk knows the data sources of the project, and changes their uids for "
        "each environment.",
    ),
    "panel-title-description-rule": (
        "",
        "Two checks: a hint, and for descriptions a policy. Panels without data need neither.",
    ),
    "panel-units-rule": (
        "",
        "Two checks. A unit that Grafana does not know is a finding if it is close to one; "
        "a snippet brings its own.",
    ),
    "panel-no-targets-rule": (
        "`gk build`: `has no query, so Grafana shows no data`",
        "A check in exports only.",
    ),
    "target-logql-rule": (
        "",
        "gk reads selectors, quotes and brackets, and knows the selectors that Loki refuses; "
        "it does not parse pipelines.",
    ),
    "target-logql-auto-rule": ("", "A hint. Any variable as the range is accepted."),
    "target-promql-rule": (
        "`gk build`: `PromQL does not parse`",
        "In exports, a check. A query with a variable in its syntax is not checked.",
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
        "By the type of the metric where its name does not tell; a panel that says so may show a "
        "counter.",
    ),
    "uneditable-dashboard": (
        "",
        "A policy: teams that pull edits back with `gk pull` want editable dashboards. "
        "`--fix` sets it.",
    ),
}

_PINT = {
    "yaml/parse": (
        "`gk import`, `gk diff`: a malformed rule file is a mistake at its line",
        "Rules of a project are Python, which Python parses.",
    ),
    "pint/comment": (
        "a mistake at the comment's line: `is not a comment that gk knows`",
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
    "promql/selector": ("", "A policy; recorded series need no matchers."),
    "promql/regexp": ("", "A file pattern such as `prod*` is another check."),
    "promql/fragile": (
        "",
        "Arithmetic is found in alerts without `for` only: `for` outlasts the start of Prometheus.",
    ),
    "promql/impossible": ("", "Comparisons that are never true are another check."),
    "promql/nan": (
        "",
        "A division outside of an aggregation, which only leaves a gap, is another check.",
    ),
    "promql/counter": ("", "Without a server: gk knows the types of what its snippets cover."),
    "promql/rate": (
        "",
        "Several checks. Without a server: the data source states the scrape interval, and "
        "gk knows the types of what its snippets cover. Alerts need four scrapes.",
    ),
    "promql/range_query": (
        "",
        "With `--live`, by the retention of the server; without it, by a policy.",
    ),
    "promql/offset": ("", "Ranges and offsets together, in one check."),
    "promql/features": (
        "",
        "Without a server: gk.yaml names the oldest Prometheus and its flags. With `--live`, the "
        "server decides.",
    ),
    "promql/series": (
        "",
        "With `--live`, for panels and variables, too, with variables resolved.",
    ),
    "promql/vector_matching": ("", "Without a server: by the labels that the query names."),
    "query/cost": ("", "With `--live`."),
    "alerts/absent": (
        "",
        "By the scrape interval in gk.yaml; with `--live`, by that of the server.",
    ),
    "alerts/annotation": ("", "A policy."),
    "alerts/comparison": (
        "`gk build` warns: `compares nothing, and so fires for each series`",
        "Also where one side of `or` is compared with nothing.",
    ),
    "alerts/count": ("", "With `--live`; a policy, because it is expensive."),
    "alerts/external_labels": ("", "With `--live`."),
    "alerts/for": (
        "`gk build`: a duration that is not one is a mistake",
        "gk writes no default. A duration below the group's interval is found, too.",
    ),
    "alerts/template": (
        "`gk build`: a template that an engine does not parse is a mistake",
        "gk knows the templates of Grafana and of Prometheus. A legend or a column that reads a "
        "label which is gone is found, too.",
    ),
    "group/interval": ("", "Of groups that record series."),
    "labels/conflict": ("", "With the labels of the query, too; external labels with `--live`."),
    "rule/dependency": (
        "",
        "Without a revision: a recorded series that no rule records, and the order and "
        "the lag of rules.",
    ),
    "rule/duplicate": ("", "In all groups; the query decides, not its spelling."),
    "rule/for": ("", "A policy."),
    "rule/label": ("", "A policy."),
    "rule/name": ("", "A policy."),
    "rule/reject": ("", "A policy, for labels and annotations."),
    "rule/report": (
        "a check of your own in `checks/`",
        "It can choose rules by any condition, and write any message.",
    ),
    "rule/owner": (
        "",
        "A policy. The owner is a label, which reaches those who are notified; a comment does not.",
    ),
    "rule/link": (
        "",
        "A policy, with `--live`. A page that wants a login counts as there; links that "
        "templates complete are not opened.",
    ),
}

_MIXTOOL = {
    "alert-group-rule-count": (
        "",
        "A policy: whether a group is too large depends on its interval.",
    ),
    "alert-group-name-length": ("", ""),
    "alert-name-camelcase": ("", "Acronyms are accepted."),
    "alert-name-length": ("", "A policy."),
    "alert-severity-rule": ("", "The values are an option; `none` is one of them."),
    "alert-description-missing-rule": ("", "What most alerts lack is reported once."),
    "alert-description-templating": ("", "A policy."),
    "alert-summary-missing-rule": ("", "What most alerts lack is reported once."),
    "alert-summary-templating": ("", "A policy: gk's own alerts name the values there."),
    "alert-summary-style": ("", "A policy; the full stop is an option."),
}

_GCX = {
    "target-valid-promql": (
        "`gk build`: `PromQL does not parse`",
        "Targets without a data source of their own are checked, too.",
    ),
    "panel-title-description": ("", "Two checks: a hint, and for descriptions a policy."),
    "panel-units": ("", "As for dashboard-linter."),
    "uneditable-dashboard": ("", "A policy."),
    "alert-runbook-link": ("", "gk.yaml may link the runbooks of all alerts."),
    "alert-summary": ("", "What most alerts lack is reported once."),
}

_PROMTOOL = {
    "check rules": (
        "`gk build`: `PromQL does not parse`, `the name is taken`",
        "Its only lint, `duplicate-rules`, is a check.",
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
