"""The checks that come with gk, a module each."""

from __future__ import annotations

from gk.check.checks.averaged_quantile import averaged_quantile
from gk.check.checks.counter_without_rate import counter_without_rate
from gk.check.checks.delta_of_counter import delta_of_counter
from gk.check.checks.different_windows import different_windows
from gk.check.checks.division_by_zero import division_by_zero
from gk.check.checks.dropped_labels import dropped_labels
from gk.check.checks.fixed_window import fixed_window
from gk.check.checks.fragile_query import fragile_query
from gk.check.checks.glob_as_regex import glob_as_regex
from gk.check.checks.heatmap_without_le import heatmap_without_le
from gk.check.checks.impossible_comparison import impossible_comparison
from gk.check.checks.impossible_match import impossible_match
from gk.check.checks.interval_variable import interval_variable
from gk.check.checks.invalid_logql import invalid_logql
from gk.check.checks.invalid_promql import invalid_promql
from gk.check.checks.irate_in_alert import irate_in_alert
from gk.check.checks.kept_labels import kept_labels
from gk.check.checks.label_gone import label_gone
from gk.check.checks.label_replace_without_effect import label_replace_without_effect
from gk.check.checks.logql_range import logql_range
from gk.check.checks.miscounting import miscounting
from gk.check.checks.nan_in_aggregation import nan_in_aggregation
from gk.check.checks.needless_regex import needless_regex
from gk.check.checks.or_adds_series import or_adds_series
from gk.check.checks.or_without_condition import or_without_condition
from gk.check.checks.quantile_out_of_range import quantile_out_of_range
from gk.check.checks.quantile_without_le import quantile_without_le
from gk.check.checks.range_too_long import range_too_long
from gk.check.checks.rate_of_gauge import rate_of_gauge
from gk.check.checks.rate_of_sum import rate_of_sum
from gk.check.checks.rate_window_too_short import rate_window_too_short
from gk.check.checks.required_matchers import required_matchers
from gk.check.checks.sort_without_effect import sort_without_effect
from gk.check.checks.unsupported_promql import unsupported_promql
from gk.check.checks.unused_silence import unused_silence
from gk.check.model import Check

__all__ = ["ALL_CHECKS"]

ALL_CHECKS: tuple[Check, ...] = (
    averaged_quantile,
    counter_without_rate,
    delta_of_counter,
    different_windows,
    division_by_zero,
    dropped_labels,
    fixed_window,
    fragile_query,
    glob_as_regex,
    heatmap_without_le,
    impossible_comparison,
    impossible_match,
    interval_variable,
    invalid_logql,
    invalid_promql,
    irate_in_alert,
    kept_labels,
    label_gone,
    label_replace_without_effect,
    logql_range,
    miscounting,
    nan_in_aggregation,
    needless_regex,
    or_adds_series,
    or_without_condition,
    quantile_out_of_range,
    quantile_without_le,
    range_too_long,
    rate_of_gauge,
    rate_of_sum,
    rate_window_too_short,
    required_matchers,
    sort_without_effect,
    unsupported_promql,
    unused_silence,
)
