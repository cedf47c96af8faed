"""What schema v2 calls the parts of a classic dashboard. Both directions use these tables, so they
cannot drift apart.

Sources: apps/dashboard/kinds/v2beta1/dashboard_spec.cue at 12.4.0, kinds/v2 on main, and
@grafana/schema 12.4.0 to 13.2.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = [
    "ANNOTATION",
    "CURRENT",
    "CURSOR_SYNC",
    "HIDE",
    "PICKER",
    "QUERY_OPTIONS",
    "REFRESH",
    "REFRESHES",
    "REPEAT",
    "SAME",
    "SORT",
    "TEXT",
    "TIMES",
    "VARIABLES",
    "number_of",
    "word_of",
]

# The classic form has numbers: the place in the tuple.
CURSOR_SYNC = ("Off", "Crosshair", "Tooltip")
HIDE = ("dontHide", "hideLabel", "hideVariable", "inControlsMenu")
REFRESH = ("never", "onDashboardLoad", "onTimeRangeChanged")
SORT = (
    "disabled",
    "alphabeticalAsc",
    "alphabeticalDesc",
    "numericalAsc",
    "numericalDesc",
    "alphabeticalCaseInsensitiveAsc",
    "alphabeticalCaseInsensitiveDesc",
    "naturalAsc",
    "naturalDesc",
)

TEXT = "__legacyStringValue"
"""The key under which v2 keeps a query that is a text."""
SAME = ("title", "description", "tags", "editable", "links", "liveNow", "preload")
"""Keys of a dashboard with the same meaning in both forms."""

# Names in v2, and the classic ones.
TIMES: Mapping[str, str] = {
    "autoRefresh": "refresh",
    "timezone": "timezone",
    "weekStart": "weekStart",
    "fiscalYearStartMonth": "fiscalYearStartMonth",
}
PICKER: Mapping[str, str] = {
    "autoRefreshIntervals": "refresh_intervals",
    "hideTimepicker": "hidden",
    "nowDelay": "nowDelay",
    "quickRanges": "quick_ranges",
}
REPEAT: Mapping[str, str] = {
    "value": "repeat",
    "direction": "repeatDirection",
    "maxPerRow": "maxPerRow",
}

QUERY_OPTIONS = (
    "cacheTimeout",
    "hideTimeOverride",
    "interval",
    "maxDataPoints",
    "queryCachingTTL",
    "timeCompare",
    "timeFrom",
    "timeShift",
)
"""Keys of a classic panel that v2 keeps beside its queries."""
ANNOTATION = ("name", "enable", "hide", "iconColor", "filter", "mappings", "placement")
"""Keys of an annotation with the same meaning in both forms."""
REFRESHES = ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"]
"""Grafana's own choices of a refresh, which v2 requires."""

CURRENT: Mapping[str, str] = {"text": "", "value": ""}
"""The value of a variable that has none."""
_COMMON: Mapping[str, Any] = {
    "name": "",
    "label": None,
    "description": None,
    "hide": 0,
    "skipUrlSync": False,
}
_CHOICE: Mapping[str, Any] = {
    **_COMMON,
    "current": CURRENT,
    "options": [],
    "multi": False,
    "includeAll": False,
    "allValue": None,
    "allowCustomValue": True,
}
VARIABLES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "query": (
        "QueryVariable",
        {
            **_CHOICE,
            "refresh": 0,
            "regex": "",
            "regexApplyTo": None,
            "sort": 0,
            "definition": None,
            "placeholder": None,
            "staticOptions": None,
            "staticOptionsOrder": None,
        },
    ),
    "textbox": ("TextVariable", {**_COMMON, "query": "", "current": CURRENT}),
    "constant": ("ConstantVariable", {**_COMMON, "query": "", "current": CURRENT}),
    "datasource": ("DatasourceVariable", {**_CHOICE, "refresh": 0, "regex": ""}),
    "interval": (
        "IntervalVariable",
        {
            **_COMMON,
            "query": "",
            "current": CURRENT,
            "options": [],
            "auto": False,
            "auto_min": "",
            "auto_count": 0,
            "refresh": 2,
        },
    ),
    "custom": ("CustomVariable", {**_CHOICE, "query": "", "valuesFormat": None}),
    "groupby": (
        "GroupByVariable",
        {**_COMMON, "current": CURRENT, "defaultValue": None, "options": [], "multi": True},
    ),
    "adhoc": (
        "AdhocVariable",
        {
            **_COMMON,
            "baseFilters": [],
            "filters": [],
            "defaultKeys": [],
            "allowCustomValue": True,
        },
    ),
    "switch": ("SwitchVariable", _COMMON),
}
"""By a variable's classic type: its kind, and the keys of its spec, each with the value of a
classic variable without it; None where v2 does not require one either."""


def number_of(words: Sequence[str], word: object) -> object:
    """The classic number of a word; anything else stays as it is."""
    return words.index(word) if isinstance(word, str) and word in words else word


def word_of(words: Sequence[str], number: object) -> str:
    """The word of a classic number; the first one for anything else."""
    if type(number) is int and 0 <= number < len(words):
        return words[number]
    return words[0]
