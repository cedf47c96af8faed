"""PromQL snippets, and the engine that renders them for panels and alerts."""

from gk.promql.condition import Condition
from gk.promql.histogram import Histogram
from gk.promql.labels import PRESETS, Labels, LabelScheme, Regex
from gk.promql.snippet import Exporter, Query, Scope, Snippet

__all__ = [
    "PRESETS",
    "Condition",
    "Exporter",
    "Histogram",
    "LabelScheme",
    "Labels",
    "Query",
    "Regex",
    "Scope",
    "Snippet",
]
