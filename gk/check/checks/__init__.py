"""The checks that come with gk, a module each."""

from __future__ import annotations

from gk.check.checks.division_by_zero import division_by_zero
from gk.check.checks.invalid_promql import invalid_promql
from gk.check.checks.label_gone import label_gone
from gk.check.checks.nan_in_aggregation import nan_in_aggregation
from gk.check.checks.rate_of_gauge import rate_of_gauge
from gk.check.checks.unused_silence import unused_silence
from gk.check.model import Check

__all__ = ["ALL_CHECKS"]

ALL_CHECKS: tuple[Check, ...] = (
    division_by_zero,
    invalid_promql,
    label_gone,
    nan_in_aggregation,
    rate_of_gauge,
    unused_silence,
)
