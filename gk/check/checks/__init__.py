"""The checks that come with gk, a module each."""

from __future__ import annotations

from gk.check.checks.absent_for_too_short import absent_for_too_short
from gk.check.checks.absent_without_for import absent_without_for
from gk.check.checks.alert_count import alert_count
from gk.check.checks.alert_hides_errors import alert_hides_errors
from gk.check.checks.alert_name_style import alert_name_style
from gk.check.checks.alert_name_too_long import alert_name_too_long
from gk.check.checks.alert_panel_missing import alert_panel_missing
from gk.check.checks.alert_repeats_another import alert_repeats_another
from gk.check.checks.alert_severity import alert_severity
from gk.check.checks.alert_without_condition import alert_without_condition
from gk.check.checks.alert_without_description import alert_without_description
from gk.check.checks.alert_without_owner import alert_without_owner
from gk.check.checks.alert_without_panel import alert_without_panel
from gk.check.checks.alert_without_route import alert_without_route
from gk.check.checks.alert_without_runbook import alert_without_runbook
from gk.check.checks.alert_without_summary import alert_without_summary
from gk.check.checks.averaged_quantile import averaged_quantile
from gk.check.checks.broken_link import broken_link
from gk.check.checks.counter_without_rate import counter_without_rate
from gk.check.checks.data_not_collected import data_not_collected
from gk.check.checks.datasource_variable import datasource_variable
from gk.check.checks.dead_link import dead_link
from gk.check.checks.delta_of_counter import delta_of_counter
from gk.check.checks.description_without_values import description_without_values
from gk.check.checks.different_windows import different_windows
from gk.check.checks.division_by_zero import division_by_zero
from gk.check.checks.dropped_labels import dropped_labels
from gk.check.checks.duplicate_panel_title import duplicate_panel_title
from gk.check.checks.duplicate_query import duplicate_query
from gk.check.checks.duplicate_rule import duplicate_rule
from gk.check.checks.duplicate_variable import duplicate_variable
from gk.check.checks.editable_dashboard import editable_dashboard
from gk.check.checks.empty_row import empty_row
from gk.check.checks.expensive_query import expensive_query
from gk.check.checks.external_label_overridden import external_label_overridden
from gk.check.checks.external_label_unknown import external_label_unknown
from gk.check.checks.failing_rule_test import failing_rule_test
from gk.check.checks.fixed_datasource import fixed_datasource
from gk.check.checks.fixed_window import fixed_window
from gk.check.checks.flapping_alert import flapping_alert
from gk.check.checks.for_out_of_range import for_out_of_range
from gk.check.checks.for_shorter_than_interval import for_shorter_than_interval
from gk.check.checks.forbidden_text import forbidden_text
from gk.check.checks.fragile_query import fragile_query
from gk.check.checks.glob_as_regex import glob_as_regex
from gk.check.checks.group_interval_too_long import group_interval_too_long
from gk.check.checks.group_name_too_long import group_name_too_long
from gk.check.checks.group_too_large import group_too_large
from gk.check.checks.heatmap_without_le import heatmap_without_le
from gk.check.checks.hidden_query_only import hidden_query_only
from gk.check.checks.impossible_comparison import impossible_comparison
from gk.check.checks.impossible_match import impossible_match
from gk.check.checks.instance_variable import instance_variable
from gk.check.checks.instant_query_in_graph import instant_query_in_graph
from gk.check.checks.interval_variable import interval_variable
from gk.check.checks.invalid_logql import invalid_logql
from gk.check.checks.invalid_promql import invalid_promql
from gk.check.checks.invalid_variable_query import invalid_variable_query
from gk.check.checks.irate_in_alert import irate_in_alert
from gk.check.checks.job_variable import job_variable
from gk.check.checks.kept_labels import kept_labels
from gk.check.checks.label_conflict import label_conflict
from gk.check.checks.label_gone import label_gone
from gk.check.checks.label_replace_without_effect import label_replace_without_effect
from gk.check.checks.large_dashboard import large_dashboard
from gk.check.checks.late_recorded_series import late_recorded_series
from gk.check.checks.link_to_unknown_dashboard import link_to_unknown_dashboard
from gk.check.checks.logql_range import logql_range
from gk.check.checks.lost_label import lost_label
from gk.check.checks.miscounting import miscounting
from gk.check.checks.missing_runbook import missing_runbook
from gk.check.checks.nan_in_aggregation import nan_in_aggregation
from gk.check.checks.nan_on_screen import nan_on_screen
from gk.check.checks.needless_regex import needless_regex
from gk.check.checks.no_data import no_data
from gk.check.checks.no_data_when_healthy import no_data_when_healthy
from gk.check.checks.no_watchdog import no_watchdog
from gk.check.checks.or_adds_series import or_adds_series
from gk.check.checks.or_without_condition import or_without_condition
from gk.check.checks.overlapping_panels import overlapping_panels
from gk.check.checks.panel_off_grid import panel_off_grid
from gk.check.checks.panel_without_description import panel_without_description
from gk.check.checks.panel_without_query import panel_without_query
from gk.check.checks.panel_without_title import panel_without_title
from gk.check.checks.panel_without_unit import panel_without_unit
from gk.check.checks.paused_alert import paused_alert
from gk.check.checks.plain_text_secret import plain_text_secret
from gk.check.checks.prediction_too_far import prediction_too_far
from gk.check.checks.prometheus_info import prometheus_info
from gk.check.checks.prometheus_warning import prometheus_warning
from gk.check.checks.quantile_out_of_range import quantile_out_of_range
from gk.check.checks.quantile_without_le import quantile_without_le
from gk.check.checks.query_failed import query_failed
from gk.check.checks.query_gone import query_gone
from gk.check.checks.query_in_text import query_in_text
from gk.check.checks.range_beyond_retention import range_beyond_retention
from gk.check.checks.range_too_long import range_too_long
from gk.check.checks.rate_of_gauge import rate_of_gauge
from gk.check.checks.rate_of_sum import rate_of_sum
from gk.check.checks.rate_window_too_short import rate_window_too_short
from gk.check.checks.recording_rule_name import recording_rule_name
from gk.check.checks.refresh_too_fast import refresh_too_fast
from gk.check.checks.repeat_of_one_value import repeat_of_one_value
from gk.check.checks.required_annotations import required_annotations
from gk.check.checks.required_labels import required_labels
from gk.check.checks.required_matchers import required_matchers
from gk.check.checks.rule_name_pattern import rule_name_pattern
from gk.check.checks.rule_test_of_missing_alert import rule_test_of_missing_alert
from gk.check.checks.rule_tests_not_run import rule_tests_not_run
from gk.check.checks.same_legend import same_legend
from gk.check.checks.scale_against_unit import scale_against_unit
from gk.check.checks.scrape_interval_too_short import scrape_interval_too_short
from gk.check.checks.series_do_not_match import series_do_not_match
from gk.check.checks.severity_inversion import severity_inversion
from gk.check.checks.sort_without_effect import sort_without_effect
from gk.check.checks.stale_variable import stale_variable
from gk.check.checks.summary_style import summary_style
from gk.check.checks.summary_too_long import summary_too_long
from gk.check.checks.summary_with_values import summary_with_values
from gk.check.checks.threshold_against_alert import threshold_against_alert
from gk.check.checks.threshold_without_alert import threshold_without_alert
from gk.check.checks.too_many_queries import too_many_queries
from gk.check.checks.undefined_recorded_series import undefined_recorded_series
from gk.check.checks.undefined_variable import undefined_variable
from gk.check.checks.undefined_variable_in_text import undefined_variable_in_text
from gk.check.checks.unit_against_query import unit_against_query
from gk.check.checks.unit_against_snippet import unit_against_snippet
from gk.check.checks.unknown_datasource import unknown_datasource
from gk.check.checks.unknown_unit import unknown_unit
from gk.check.checks.unmatched_route import unmatched_route
from gk.check.checks.unsupported_promql import unsupported_promql
from gk.check.checks.untested_alert import untested_alert
from gk.check.checks.unusable_link import unusable_link
from gk.check.checks.unused_contact_point import unused_contact_point
from gk.check.checks.unused_datasource import unused_datasource
from gk.check.checks.unused_message_template import unused_message_template
from gk.check.checks.unused_mute_timing import unused_mute_timing
from gk.check.checks.unused_silence import unused_silence
from gk.check.checks.unused_variable import unused_variable
from gk.check.checks.value_in_label import value_in_label
from gk.check.checks.value_not_rounded import value_not_rounded
from gk.check.checks.variable_cycle import variable_cycle
from gk.check.checks.variable_order import variable_order
from gk.check.checks.variable_without_values import variable_without_values
from gk.check.checks.window_too_short import window_too_short
from gk.check.model import Check

__all__ = ["ALL_CHECKS"]

ALL_CHECKS: tuple[Check, ...] = (
    absent_for_too_short,
    absent_without_for,
    alert_count,
    alert_hides_errors,
    alert_name_style,
    alert_name_too_long,
    alert_panel_missing,
    alert_repeats_another,
    alert_severity,
    alert_without_condition,
    alert_without_description,
    alert_without_owner,
    alert_without_panel,
    alert_without_route,
    alert_without_runbook,
    alert_without_summary,
    averaged_quantile,
    broken_link,
    counter_without_rate,
    data_not_collected,
    datasource_variable,
    dead_link,
    delta_of_counter,
    description_without_values,
    different_windows,
    division_by_zero,
    dropped_labels,
    duplicate_panel_title,
    duplicate_query,
    duplicate_rule,
    duplicate_variable,
    editable_dashboard,
    empty_row,
    expensive_query,
    external_label_overridden,
    external_label_unknown,
    failing_rule_test,
    fixed_datasource,
    fixed_window,
    flapping_alert,
    for_out_of_range,
    for_shorter_than_interval,
    forbidden_text,
    fragile_query,
    glob_as_regex,
    group_interval_too_long,
    group_name_too_long,
    group_too_large,
    heatmap_without_le,
    hidden_query_only,
    impossible_comparison,
    impossible_match,
    instance_variable,
    instant_query_in_graph,
    interval_variable,
    invalid_logql,
    invalid_promql,
    invalid_variable_query,
    irate_in_alert,
    job_variable,
    kept_labels,
    label_conflict,
    label_gone,
    label_replace_without_effect,
    large_dashboard,
    late_recorded_series,
    link_to_unknown_dashboard,
    logql_range,
    lost_label,
    miscounting,
    missing_runbook,
    nan_in_aggregation,
    nan_on_screen,
    needless_regex,
    no_data,
    no_data_when_healthy,
    no_watchdog,
    or_adds_series,
    or_without_condition,
    overlapping_panels,
    panel_off_grid,
    panel_without_description,
    panel_without_query,
    panel_without_title,
    panel_without_unit,
    paused_alert,
    plain_text_secret,
    prediction_too_far,
    prometheus_info,
    prometheus_warning,
    quantile_out_of_range,
    quantile_without_le,
    query_failed,
    query_gone,
    query_in_text,
    range_beyond_retention,
    range_too_long,
    rate_of_gauge,
    rate_of_sum,
    rate_window_too_short,
    recording_rule_name,
    refresh_too_fast,
    repeat_of_one_value,
    required_annotations,
    required_labels,
    required_matchers,
    rule_name_pattern,
    rule_test_of_missing_alert,
    rule_tests_not_run,
    same_legend,
    scale_against_unit,
    scrape_interval_too_short,
    series_do_not_match,
    severity_inversion,
    sort_without_effect,
    stale_variable,
    summary_style,
    summary_too_long,
    summary_with_values,
    threshold_against_alert,
    threshold_without_alert,
    too_many_queries,
    undefined_recorded_series,
    undefined_variable,
    undefined_variable_in_text,
    unit_against_query,
    unit_against_snippet,
    unknown_datasource,
    unknown_unit,
    unmatched_route,
    unsupported_promql,
    untested_alert,
    unusable_link,
    unused_contact_point,
    unused_datasource,
    unused_message_template,
    unused_mute_timing,
    unused_silence,
    unused_variable,
    value_in_label,
    value_not_rounded,
    variable_cycle,
    variable_order,
    variable_without_values,
    window_too_short,
)
