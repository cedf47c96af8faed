"""What holds for every dashboard that is migrated: the keys that are left, and laws."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from grafanalib import core
from hypothesis import given
from hypothesis import strategies as st

from gk.documents.defaults import LEGACY_DASHBOARD_KEYS, LEGACY_PANEL_KEYS, LEGACY_TARGET_KEYS
from gk.documents.migrations import migrate
from gk.documents.panels import modernise
from tests.cases import every
from tests.migrating import Json, modern, panel_from, plain, words

# Keys

GRAFANALIB_PANELS = [
    core.AlertList,
    core.BarChart,
    core.BarGauge,
    core.DashboardList,
    core.GaugePanel,
    core.Heatmap,
    core.Histogram,
    core.Logs,
    core.News,
    core.PieChartv2,
    core.RowPanel,
    core.SingleStat,
    core.Stat,
    core.StateTimeline,
    core.Table,
    core.Text,
    core.TimeSeries,
]


@every("panel", GRAFANALIB_PANELS)
def test_panel_has_only_current_and_legacy_keys(panel: Any) -> None:
    """After both, the keys of a grafanalib panel are in Grafana's schema or in
    LEGACY_PANEL_KEYS."""
    schema = set(
        words(
            "type id pluginVersion targets title description transparent datasource gridPos links "
            "repeat repeatDirection maxPerRow maxDataPoints transformations interval timeFrom "
            "timeShift hideTimeOverride timeCompare libraryPanel cacheTimeout queryCachingTTL "
            "options fieldConfig collapsed panels"
        )
    )
    assert set() == set(modern(panel_from(12, **plain(panel())))) - schema - LEGACY_PANEL_KEYS


def test_target_has_only_current_and_legacy_keys() -> None:
    """The keys of a grafanalib target are in Prometheus' schema or in LEGACY_TARGET_KEYS, but
    query."""
    schema = {
        "datasource",
        "expr",
        "format",
        "hide",
        "instant",
        "interval",
        "intervalFactor",
        "legendFormat",
        "refId",
    }
    assert {"query"} == set(plain(core.Target(expr="up"))) - schema - LEGACY_TARGET_KEYS


@pytest.mark.parametrize("keys", [LEGACY_DASHBOARD_KEYS, LEGACY_PANEL_KEYS, LEGACY_TARGET_KEYS])
def test_living_keys_are_not_legacy(keys: frozenset[str]) -> None:
    """Keys that look old but are read stay."""
    assert not keys & {
        "cacheTimeout",
        "hideTimeOverride",
        "intervalFactor",
        "liveNow",
        "repeatPanelId",
        "thresholds",
    }


# Properties


@every("panel", GRAFANALIB_PANELS)
def test_order_does_not_matter(panel: Any) -> None:
    """modernise before migrate gives what migrate before modernise gives."""
    before = panel_from(12, **modern(panel()))
    modernise(before)
    assert before == modern(panel_from(12, **plain(panel())))


def without_nulls(value: Any) -> Any:
    """What gk.compile hands over: nulls are gone, but those of thresholds."""
    if isinstance(value, dict):
        return {
            key: without_nulls(part)
            for key, part in value.items()
            if part is not None or key == "value"
        }
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


@every("panel", [*GRAFANALIB_PANELS, core.Graph])
def test_nulls_do_not_matter(panel: Any) -> None:
    """A panel whose nulls are gone becomes what it becomes with them."""
    bare = modern(panel_from(12, **without_nulls(plain(panel()))))
    assert without_nulls(modern(panel_from(12, **plain(panel())))) == without_nulls(bare)


def test_untouched_by_migrate() -> None:
    """Data sources, ids, refIds, places and nulls are the business of others."""
    target = core.Target(expr="up", refId="", datasource="Prometheus")
    panel = plain(
        core.TimeSeries(
            dataSource="Prometheus",
            id=7,
            targets=[target],
            gridPos=core.GridPos(h=1, w=2, x=3, y=4),
        )
    )
    after = panel_from(12, **copy.deepcopy(panel))
    keys = ("datasource", "id", "targets", "gridPos", "timeFrom", "description")
    assert {key: panel[key] for key in keys} == {key: after[key] for key in keys}


_WORDS = st.sampled_from(
    words(
        "type options fieldConfig defaults overrides properties id value mappings thresholds steps "
        "color custom legend displayMode fieldOptions calcs styles links url targets statistics "
        "metricName namespace grid transformations text from to title tooltip yAxis dataFormat "
        "content mode gauge colors valueMaps sparkline"
    )
)
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(
        [
            "",
            "null",
            "1",
            "hidden",
            "thresholds",
            "mappings",
            "custom.hideFrom",
            "custom.displayMode",
        ]
    )
    | st.text(max_size=3)
)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=4),
    max_leaves=8,
)
_TYPES = st.sampled_from(
    words(
        "alertlist bargauge dashlist gauge graph heatmap row singlestat stat table "
        "text timeseries xychart"
    )
)
_KEYS = words(
    "alert cards color columns colors content dataFormat datasource fontSize format gauge grid "
    "gridPos height id legend limit links mappingType maxPerRow minSpan mode onlyAlertsOnDashboard "
    "options options-gauge panels rangeMaps repeatPanelId span sparkline stateFilter styles tags "
    "targets thresholds title tooltip transformations valueMaps valueName xBucketNumber yAxis "
    "yBucketBound y_formats"
)
_CONFIGS = st.fixed_dictionaries(
    {},
    optional={
        "defaults": st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(
                ("calcs", "color", "custom", "links", "mappings", "thresholds", "title"), _JSON
            ),
        ),
        "overrides": st.lists(
            st.fixed_dictionaries({"properties": st.lists(_JSON, max_size=3)}), max_size=2
        ),
    },
)
_PANELS = st.builds(
    lambda kind, keys, config: {**keys, "type": kind, "fieldConfig": config},
    _TYPES | _JSON,
    st.dictionaries(st.sampled_from(_KEYS), _JSON, max_size=5),
    _CONFIGS | _JSON,
)
_VARIABLES = st.fixed_dictionaries(
    {"type": st.sampled_from(["query", "constant", "custom", "filter"])},
    optional=dict.fromkeys(
        ("current", "hide", "multi", "options", "query", "refresh", "tags"), _JSON
    ),
)
_BODIES = st.fixed_dictionaries(
    {"panels": st.lists(_PANELS | _JSON, max_size=3)},
    optional={
        "refresh": _JSON,
        "rows": st.lists(
            st.fixed_dictionaries(
                {"panels": st.lists(_PANELS, max_size=3)},
                optional=dict.fromkeys(
                    ("collapse", "height", "repeat", "showTitle", "title"), _JSON
                ),
            ),
            max_size=3,
        ),
        "schemaVersion": st.integers(0, 45) | _JSON,
        "sharedCrosshair": _JSON,
        "templating": st.fixed_dictionaries({"list": st.lists(_VARIABLES | _JSON, max_size=2)}),
        "timepicker": _JSON,
    },
)


@given(_BODIES)
def test_migrate_is_idempotent(body: Json) -> None:
    """Whatever is in the body, migrate ends at a version that it leaves alone."""
    once = copy.deepcopy(migrate(body))
    assert repr(once) == repr(migrate(body))


@given(_BODIES)
def test_migrate_leaves_current_shapes_alone(body: Json) -> None:
    """Migrated again from 37, a body has nothing left to do for the steps 38 to 42."""
    once = copy.deepcopy(migrate({**body, "schemaVersion": 0}))
    assert repr(once) == repr(migrate(copy.deepcopy(once) | {"schemaVersion": 37}))


@given(_PANELS)
def test_modernise_is_idempotent(panel: Json) -> None:
    """Whatever is in the panel, modernise repairs it once and leaves it alone then."""
    modernise(panel)
    once = copy.deepcopy(panel)
    modernise(panel)
    assert repr(once) == repr(panel)
