"""The checks that come with gk, a module each."""

from __future__ import annotations

from gk.check.checks.absent_for_too_short import absent_for_too_short
from gk.check.checks.alert_count import alert_count
from gk.check.checks.data_not_collected import data_not_collected
from gk.check.checks.dear_query import dear_query
from gk.check.checks.division_by_zero import division_by_zero
from gk.check.checks.external_label_overridden import external_label_overridden
from gk.check.checks.external_label_unknown import external_label_unknown
from gk.check.checks.invalid_promql import invalid_promql
from gk.check.checks.label_gone import label_gone
from gk.check.checks.nan_on_screen import nan_on_screen
from gk.check.checks.no_data import no_data
from gk.check.checks.prometheus_info import prometheus_info
from gk.check.checks.prometheus_warning import prometheus_warning
from gk.check.checks.query_failed import query_failed
from gk.check.checks.range_beyond_retention import range_beyond_retention
from gk.check.checks.rate_of_gauge import rate_of_gauge
from gk.check.checks.scrape_interval_too_short import scrape_interval_too_short
from gk.check.checks.series_do_not_match import series_do_not_match
from gk.check.checks.unused_silence import unused_silence
from gk.check.checks.variable_without_values import variable_without_values
from gk.check.model import Check

__all__ = ["ALL_CHECKS"]

ALL_CHECKS: tuple[Check, ...] = (
    absent_for_too_short,
    alert_count,
    data_not_collected,
    dear_query,
    division_by_zero,
    external_label_overridden,
    external_label_unknown,
    invalid_promql,
    label_gone,
    nan_on_screen,
    no_data,
    prometheus_info,
    prometheus_warning,
    query_failed,
    range_beyond_retention,
    rate_of_gauge,
    scrape_interval_too_short,
    series_do_not_match,
    unused_silence,
    variable_without_values,
)
