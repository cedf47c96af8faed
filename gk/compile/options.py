"""Settings in which Grafana takes any text, and shows the wrong thing for a slip: colours, the ids
of overrides, the time range and the refresh of a dashboard."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from gk.compile.findings import Findings
from gk.documents.colors import color_mistake
from gk.documents.parts import dicts, path
from gk.documents.shapes import Json
from gk.errors import Source, Where, did_you_mean

__all__ = ["check_colors", "check_keys", "check_overrides", "check_times"]


# Colours


def check_colors(panel: Json, findings: Findings, source: Source, where: Where) -> None:
    """Note the colours of a panel's fields that Grafana does not know."""
    colors = (color for owner in _owners(panel) for color in _of_owner(owner))
    for color in dict.fromkeys(color for color in colors if isinstance(color, str)):
        if mistake := color_mistake(color):
            findings.wrong(source, mistake, where)


def _owners(panel: Json) -> Iterator[Json]:
    """What sets field options: the defaults, and each override as if it were these."""
    config = path(panel, "fieldConfig")
    yield path(config, "defaults")
    for override in dicts(config, "overrides") if config.get("overrides") else ():
        yield {
            str(option.get("id")): option.get("value") for option in dicts(override, "properties")
        }


def _of_owner(owner: Json) -> Iterator[Any]:
    if owner.get("color"):
        yield path(owner, "color").get("fixedColor")
    if owner.get("thresholds"):
        yield from (step.get("color") for step in dicts(path(owner, "thresholds"), "steps"))
    for mapping in dicts(owner, "mappings"):
        options = path(mapping, "options")
        results = [*options.values()] if mapping.get("type") == "value" else [options.get("result")]
        yield from (result.get("color") for result in results if isinstance(result, dict))


# Overrides

# @grafana/data at 9.3, 10.4, 11.6, 12.4 and 13: FieldConfig, and the ids of its editors.
_STANDARD = frozenset(
    {
        "actions", "color", "custom", "decimals", "description", "displayName",
        "displayNameFromDS", "fieldMinMax", "filterable", "interval", "links", "mappings", "max",
        "min", "noValue", "path", "thresholds", "type", "unit", "writeable",
    }
)  # fmt: skip
# Of Grafana's own panels; each has some.
_CUSTOM = frozenset(
    {
        "align", "axisBorderShow", "axisCenteredZero", "axisColorMode", "axisGridShow", "axisLabel",
        "axisPlacement", "axisSoftMax", "axisSoftMin", "axisWidth", "barAlignment", "barMaxWidth",
        "barWidthFactor", "cellOptions", "displayMode", "drawStyle", "fillBelowTo", "fillColor",
        "fillOpacity", "filterable", "footer", "gradientMode", "hidden", "hideFrom", "insertNulls",
        "inspect", "lineColor", "lineInterpolation", "lineStyle", "lineWidth", "minWidth",
        "neutral", "pointColor", "pointShape", "pointSize", "pointSymbol", "scaleDistribution",
        "showPoints", "showValues", "spanNulls", "stacking", "thresholdsStyle", "transform",
        "width", "wrapText",
    }
)  # fmt: skip
_NEAR_STANDARD, _NEAR_CUSTOM = 0.7, 0.9
_PREFIX = "custom."


def check_overrides(panel: Json, findings: Findings, source: Source, where: Where) -> None:
    """Note the ids of overrides that are near to one of Grafana's, and are none."""
    # Panels of others have options of their own.
    overrides = dicts(path(panel, "fieldConfig"), "overrides")
    for override in () if str(panel.get("type")).endswith("-panel") else overrides:
        for option in dicts(override, "properties"):
            if meant := _meant(str(option.get("id", ""))):
                findings.wrong(
                    source,
                    f"an override sets '{option['id']}', which is not a field option; did "
                    f"you mean '{meant}'?",
                    where,
                )


def _meant(id: str) -> str:
    """The id that is meant; empty if this may be one."""
    name = id.removeprefix(_PREFIX).partition(".")[0]
    if id.startswith(_PREFIX):
        if name in _CUSTOM:
            return ""
        return "".join(_PREFIX + near for near in _near(name, _CUSTOM, _NEAR_CUSTOM))
    if name in _STANDARD:
        return ""
    if name in _CUSTOM:
        return _PREFIX + id
    return "".join(_near(name, _STANDARD, _NEAR_STANDARD))


# Many panels override the same options.
@lru_cache(maxsize=1024)
def _near(name: str, known: frozenset[str], cutoff: float) -> list[str]:
    folded = {key.casefold(): key for key in sorted(known)}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=cutoff)
    return [folded[key] for key in near]


# Keys

# Of @grafana/schema: Dashboard and Panel.
_OF_DASHBOARDS = frozenset(
    {
        "annotations", "description", "editable", "fiscalYearStartMonth", "gnetId", "graphTooltip",
        "id", "links", "liveNow", "panels", "preload", "refresh", "revision", "schemaVersion",
        "snapshot", "style", "tags", "templating", "time", "timepicker", "timezone", "title", "uid",
        "version", "weekStart",
    }
)  # fmt: skip
_OF_PANELS = frozenset(
    {
        "cacheTimeout", "datasource", "description", "fieldConfig", "gridPos", "hideTimeOverride",
        "id", "interval", "libraryPanel", "links", "maxDataPoints", "maxPerRow", "options",
        "pluginVersion", "queryCachingTTL", "repeat", "repeatDirection", "targets", "timeCompare",
        "timeFrom", "timeShift", "title", "transformations", "transparent", "type",
    }
)  # fmt: skip
_NEAR_KEY = 0.85


def check_keys(keys: Iterable[str], findings: Findings, who: str, *, of_panel: bool) -> None:
    """Warn of keys in `extra` that nothing reads, and that are near to one that Grafana reads."""
    known = _OF_PANELS if of_panel else _OF_DASHBOARDS
    for key in keys:
        for near in _near(str(key), known, _NEAR_KEY) if key not in known else ():
            findings.warn(f"{who}: Grafana reads no key '{key}'; did you mean '{near}'?")


# Times

# packages/grafana-data/src/datetime: datemath.ts, rangeutil.ts
_INTERVAL = re.compile(r"\d+(?:\.\d+)?(?:ms|[Mwdhmsy])")
_MATH = re.compile(r"now(?:[+-]\d*[yMwdhmsQ]|/f?[yMwdhmsQ])*")
_LENGTH = re.compile(r"-?(\d+[yMwdhmsQ])")
_REFRESHES = ("", "auto", "off")


def check_times(body: Json, findings: Findings) -> None:
    """Note a time range and a refresh of a dashboard that Grafana cannot read."""
    where, time = Where("dashboard", body.get("title")), path(body, "time")
    for key in ("from", "to"):
        given = time.get(key)
        if isinstance(given, str) and (hint := _time_hint(given)):
            findings.wrong(
                findings.source, f"time {key} '{given}' is not a time of Grafana{hint}", where
            )
    refresh = body.get("refresh")
    if isinstance(refresh, str) and not _may_refresh(refresh):
        findings.wrong(
            findings.source,
            f"refresh '{refresh}' is not a duration; write 30s, 5m or 1h",
            where,
        )


def _may_refresh(text: str) -> bool:
    return text in _REFRESHES or "$" in text or _INTERVAL.search(text) is not None


def _time_hint(given: str) -> str:
    """What to write in place of a time that Grafana cannot read; empty if it may."""
    text = "".join(given.split())
    if _MATH.fullmatch(text) or "$" in text or not text:
        return ""
    if length := _LENGTH.fullmatch(text):
        return f"; write 'now-{length[1]}'"
    is_date = any(map(str.isdigit, text)) and not text.startswith("now")
    return "" if is_date else did_you_mean(given, ["now"]) or "; write 'now', 'now-6h' or 'now/d'"
