"""The checks that come with gk, a module each."""

from __future__ import annotations

from gk.check.checks.alert_panel_missing import alert_panel_missing
from gk.check.checks.alert_without_panel import alert_without_panel
from gk.check.checks.broken_link import broken_link
from gk.check.checks.datasource_variable import datasource_variable
from gk.check.checks.division_by_zero import division_by_zero
from gk.check.checks.duplicate_panel_title import duplicate_panel_title
from gk.check.checks.duplicate_query import duplicate_query
from gk.check.checks.duplicate_variable import duplicate_variable
from gk.check.checks.editable_dashboard import editable_dashboard
from gk.check.checks.empty_row import empty_row
from gk.check.checks.fixed_datasource import fixed_datasource
from gk.check.checks.hidden_query_only import hidden_query_only
from gk.check.checks.instance_variable import instance_variable
from gk.check.checks.instant_query_in_graph import instant_query_in_graph
from gk.check.checks.invalid_promql import invalid_promql
from gk.check.checks.job_variable import job_variable
from gk.check.checks.label_gone import label_gone
from gk.check.checks.large_dashboard import large_dashboard
from gk.check.checks.link_to_unknown_dashboard import link_to_unknown_dashboard
from gk.check.checks.overlapping_panels import overlapping_panels
from gk.check.checks.panel_off_grid import panel_off_grid
from gk.check.checks.panel_without_description import panel_without_description
from gk.check.checks.panel_without_query import panel_without_query
from gk.check.checks.panel_without_title import panel_without_title
from gk.check.checks.panel_without_unit import panel_without_unit
from gk.check.checks.plain_text_secret import plain_text_secret
from gk.check.checks.query_gone import query_gone
from gk.check.checks.rate_of_gauge import rate_of_gauge
from gk.check.checks.refresh_too_fast import refresh_too_fast
from gk.check.checks.repeat_of_one_value import repeat_of_one_value
from gk.check.checks.same_legend import same_legend
from gk.check.checks.scale_against_unit import scale_against_unit
from gk.check.checks.stale_variable import stale_variable
from gk.check.checks.threshold_against_alert import threshold_against_alert
from gk.check.checks.threshold_without_alert import threshold_without_alert
from gk.check.checks.too_many_queries import too_many_queries
from gk.check.checks.undefined_variable import undefined_variable
from gk.check.checks.undefined_variable_in_text import undefined_variable_in_text
from gk.check.checks.unit_against_query import unit_against_query
from gk.check.checks.unit_against_snippet import unit_against_snippet
from gk.check.checks.unknown_datasource import unknown_datasource
from gk.check.checks.unknown_unit import unknown_unit
from gk.check.checks.unusable_link import unusable_link
from gk.check.checks.unused_datasource import unused_datasource
from gk.check.checks.unused_silence import unused_silence
from gk.check.checks.unused_variable import unused_variable
from gk.check.checks.variable_cycle import variable_cycle
from gk.check.checks.variable_order import variable_order
from gk.check.model import Check

__all__ = ["ALL_CHECKS"]

ALL_CHECKS: tuple[Check, ...] = (
    alert_panel_missing,
    alert_without_panel,
    broken_link,
    datasource_variable,
    division_by_zero,
    duplicate_panel_title,
    duplicate_query,
    duplicate_variable,
    editable_dashboard,
    empty_row,
    fixed_datasource,
    hidden_query_only,
    instance_variable,
    instant_query_in_graph,
    invalid_promql,
    job_variable,
    label_gone,
    large_dashboard,
    link_to_unknown_dashboard,
    overlapping_panels,
    panel_off_grid,
    panel_without_description,
    panel_without_query,
    panel_without_title,
    panel_without_unit,
    plain_text_secret,
    query_gone,
    rate_of_gauge,
    refresh_too_fast,
    repeat_of_one_value,
    same_legend,
    scale_against_unit,
    stale_variable,
    threshold_against_alert,
    threshold_without_alert,
    too_many_queries,
    undefined_variable,
    undefined_variable_in_text,
    unit_against_query,
    unit_against_snippet,
    unknown_datasource,
    unknown_unit,
    unusable_link,
    unused_datasource,
    unused_silence,
    unused_variable,
    variable_cycle,
    variable_order,
)
