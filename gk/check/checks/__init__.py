"""The checks that come with gk, a module each."""

from __future__ import annotations

from gk.check.checks.absent_without_for import absent_without_for
from gk.check.checks.alert_hides_errors import alert_hides_errors
from gk.check.checks.alert_name_style import alert_name_style
from gk.check.checks.alert_name_too_long import alert_name_too_long
from gk.check.checks.alert_repeats_another import alert_repeats_another
from gk.check.checks.alert_severity import alert_severity
from gk.check.checks.alert_without_condition import alert_without_condition
from gk.check.checks.alert_without_description import alert_without_description
from gk.check.checks.alert_without_owner import alert_without_owner
from gk.check.checks.alert_without_route import alert_without_route
from gk.check.checks.alert_without_runbook import alert_without_runbook
from gk.check.checks.alert_without_summary import alert_without_summary
from gk.check.checks.description_without_values import description_without_values
from gk.check.checks.division_by_zero import division_by_zero
from gk.check.checks.duplicate_rule import duplicate_rule
from gk.check.checks.failing_rule_test import failing_rule_test
from gk.check.checks.flapping_alert import flapping_alert
from gk.check.checks.for_out_of_range import for_out_of_range
from gk.check.checks.for_shorter_than_interval import for_shorter_than_interval
from gk.check.checks.forbidden_text import forbidden_text
from gk.check.checks.group_interval_too_long import group_interval_too_long
from gk.check.checks.group_name_too_long import group_name_too_long
from gk.check.checks.group_too_large import group_too_large
from gk.check.checks.invalid_promql import invalid_promql
from gk.check.checks.label_conflict import label_conflict
from gk.check.checks.label_gone import label_gone
from gk.check.checks.late_recorded_series import late_recorded_series
from gk.check.checks.missing_runbook import missing_runbook
from gk.check.checks.no_data_when_healthy import no_data_when_healthy
from gk.check.checks.no_watchdog import no_watchdog
from gk.check.checks.paused_alert import paused_alert
from gk.check.checks.prediction_too_far import prediction_too_far
from gk.check.checks.query_in_text import query_in_text
from gk.check.checks.rate_of_gauge import rate_of_gauge
from gk.check.checks.recording_rule_name import recording_rule_name
from gk.check.checks.required_annotations import required_annotations
from gk.check.checks.required_labels import required_labels
from gk.check.checks.rule_name_pattern import rule_name_pattern
from gk.check.checks.rule_test_of_missing_alert import rule_test_of_missing_alert
from gk.check.checks.rule_tests_not_run import rule_tests_not_run
from gk.check.checks.severity_inversion import severity_inversion
from gk.check.checks.summary_style import summary_style
from gk.check.checks.summary_too_long import summary_too_long
from gk.check.checks.summary_with_values import summary_with_values
from gk.check.checks.undefined_recorded_series import undefined_recorded_series
from gk.check.checks.unmatched_route import unmatched_route
from gk.check.checks.untested_alert import untested_alert
from gk.check.checks.unused_contact_point import unused_contact_point
from gk.check.checks.unused_message_template import unused_message_template
from gk.check.checks.unused_mute_timing import unused_mute_timing
from gk.check.checks.unused_silence import unused_silence
from gk.check.checks.value_in_label import value_in_label
from gk.check.checks.value_not_rounded import value_not_rounded
from gk.check.checks.window_too_short import window_too_short
from gk.check.model import Check

__all__ = ["ALL_CHECKS"]

ALL_CHECKS: tuple[Check, ...] = (
    absent_without_for,
    alert_hides_errors,
    alert_name_style,
    alert_name_too_long,
    alert_repeats_another,
    alert_severity,
    alert_without_condition,
    alert_without_description,
    alert_without_owner,
    alert_without_route,
    alert_without_runbook,
    alert_without_summary,
    description_without_values,
    division_by_zero,
    duplicate_rule,
    failing_rule_test,
    flapping_alert,
    for_out_of_range,
    for_shorter_than_interval,
    forbidden_text,
    group_interval_too_long,
    group_name_too_long,
    group_too_large,
    invalid_promql,
    label_conflict,
    label_gone,
    late_recorded_series,
    missing_runbook,
    no_data_when_healthy,
    no_watchdog,
    paused_alert,
    prediction_too_far,
    query_in_text,
    rate_of_gauge,
    recording_rule_name,
    required_annotations,
    required_labels,
    rule_name_pattern,
    rule_test_of_missing_alert,
    rule_tests_not_run,
    severity_inversion,
    summary_style,
    summary_too_long,
    summary_with_values,
    undefined_recorded_series,
    unmatched_route,
    untested_alert,
    unused_contact_point,
    unused_message_template,
    unused_mute_timing,
    unused_silence,
    value_in_label,
    value_not_rounded,
    window_too_short,
)
