"""Boards for the tests of the page of gk preview, and for a look at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gk.preview.model import (
    Annotation,
    Board,
    Frame,
    Link,
    Note,
    Placed,
    Section,
    SectionKind,
    Shown,
)
from gk.prometheus.macros import TimeRange
from tests.previews import FIRST, START, frame, panel, times, wave

TIME = TimeRange(START, START + 6 * 3_600)


def chart(
    title: str,
    frames: Sequence[Frame] = (),
    *,
    type: str = "timeseries",
    defaults: Mapping[str, Any] | None = None,
    custom: Mapping[str, Any] | None = None,
    overrides: Sequence[Mapping[str, Any]] = (),
    options: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
    **shown: Any,
) -> Shown:
    """A panel of a dashboard, whose series have colours of their own."""
    own = {
        "color": {"mode": "palette-classic"},
        "thresholds": {"mode": "absolute", "steps": [{"color": "green", "value": None}]},
        "custom": custom or {},
    }
    return panel(
        type,
        *frames,
        title=title,
        options=options,
        defaults={**own, **(defaults or {})},
        overrides=overrides,
        body=body,
        shown={"time": TIME, **shown},
    )


def waves(count: int, length: int = 360, **config: Any) -> list[Frame]:
    return [
        frame(f"node-{index + 1}:9100", wave(index, length), **config) for index in range(count)
    ]


def board(title: str, *panels: Placed, uid: str = "", **given: Any) -> Board:
    return Board(
        uid or title.lower(),
        title,
        **{"sections": [Section(panels=panels)], "time": TIME, "timezone": "utc", **given},
    )


def large(panels: int = 40, count: int = 8, length: int = 360) -> Board:
    """The board of the budget."""
    placed = []
    for number in range(panels):
        frames = [
            frame(f"node-{index}", wave(number * count + index, length)) for index in range(count)
        ]
        shown = chart(f"Panel {number}", frames, defaults={"unit": "percent"})
        placed.append(Placed(shown, number % 2 * 12, number // 2 * 8, 12, 8))
    return board("Large", *placed, shares_cursor=True)


CALCS = ["lastNotNull", "mean", "max"]
TABLE = {"showLegend": True, "displayMode": "table", "placement": "bottom", "calcs": CALCS}
RIGHT = {**TABLE, "placement": "right", "sortBy": "Max", "sortDesc": True}
STEPS = [
    {"color": "green", "value": None},
    {"color": "orange", "value": 60},
    {"color": "red", "value": 80},
]


def thresholds(mode: str) -> Mapping[str, Any]:
    return {"thresholdsStyle": {"mode": mode}}


def gallery() -> Board:
    """A panel for each way to draw."""
    gaps: list[float | None] = [
        None if 100 < index < 140 or index == 200 else value for index, value in enumerate(wave(3))
    ]
    sparse = times(360)[:120] + times(360)[180:]
    annotations = [
        Annotation(FIRST + 5_000_000, FIRST + 5_000_000, "deploy of v1.2", ["deploy"], "purple"),
        Annotation(FIRST + 12_000_000, FIRST + 15_000_000, "maintenance", (), "red"),
    ]
    shown = [
        chart(
            "CPU busy",
            waves(8),
            defaults={"unit": "percent", "min": 0, "max": 100},
            options={"legend": {"calcs": []}, "tooltip": {"mode": "multi", "sort": "desc"}},
            body={"description": "How busy the CPUs are.\nAll cores of a node together."},
            links=[
                Link("Runbook", "https://example.com/runbook"),
                Link("Bad", "javascript:alert(1)"),
            ],
        ),
        chart(
            "Memory",
            [frame(f"node-{number}", wave(number, low=2e9, high=1.2e10)) for number in range(4)],
            defaults={"unit": "bytes"},
            custom={"fillOpacity": 30, "gradientMode": "opacity", "lineWidth": 2},
            options={"legend": TABLE, "tooltip": {"mode": "multi"}},
            annotations=annotations,
        ),
        chart(
            "Stacked",
            waves(5),
            defaults={"unit": "reqps"},
            custom={
                "fillOpacity": 70,
                "lineWidth": 0,
                "stacking": {"mode": "normal", "group": "A"},
            },
            options={"legend": RIGHT, "tooltip": {"mode": "multi"}},
        ),
        chart(
            "Bars",
            waves(3, 48, step=450),
            defaults={"unit": "short"},
            custom={
                "drawStyle": "bars",
                "fillOpacity": 80,
                "stacking": {"mode": "normal", "group": "A"},
                "lineWidth": 1,
            },
        ),
        chart(
            "Percent",
            waves(4),
            custom={"fillOpacity": 50, "stacking": {"mode": "percent", "group": "A"}},
        ),
        chart(
            "Thresholds as areas",
            waves(1),
            defaults={"unit": "percent", "thresholds": {"mode": "absolute", "steps": STEPS}},
            custom=thresholds("line+area"),
        ),
        chart(
            "Thresholds, dashed",
            waves(2),
            defaults={"thresholds": {"mode": "absolute", "steps": STEPS}},
            custom=thresholds("dashed"),
        ),
        chart(
            "Gaps",
            [
                frame("with nulls", gaps),
                frame(
                    "without samples", [wave(5)[index] for index in range(len(sparse))], at=sparse
                ),
            ],
            custom={"lineInterpolation": "smooth"},
        ),
        chart(
            "Two axes",
            [*waves(2), frame("bytes", wave(7, low=1e6, high=5e7))],
            defaults={"unit": "percent"},
            overrides=[
                {
                    "matcher": {"id": "byName", "options": "bytes"},
                    "properties": [
                        {"id": "unit", "value": "Bps"},
                        {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [10, 10]}},
                        {"id": "custom.axisLabel", "value": "network"},
                    ],
                }
            ],
        ),
        chart(
            "Logarithm",
            [
                frame(f"node-{number}", [10 ** (value / 20) for value in wave(number)])
                for number in range(3)
            ],
            defaults={"unit": "s"},
            custom={
                "scaleDistribution": {"type": "log", "log": 10},
                "lineInterpolation": "stepAfter",
            },
        ),
        chart("Points", waves(3, 60, step=360), custom={"drawStyle": "points", "pointSize": 6}),
        chart(
            "Latency",
            [frame("p50", wave(11, low=0.01, high=0.1)), frame("p99", wave(12, low=0.2, high=0.6))],
            defaults={"unit": "s"},
            custom={"fillOpacity": 20},
            overrides=[
                {
                    "matcher": {"id": "byName", "options": "p99"},
                    "properties": [{"id": "custom.fillBelowTo", "value": "p50"}],
                }
            ],
        ),
        chart(
            "Nothing", notes=[Note('no series match up{job="nod"}; there is up{job="node"}', "A")]
        ),
        chart(
            "Broken",
            notes=[
                Note("parse error: unexpected end of input", "A", is_error=True),
                Note("this panel's transformation `histogram` is not drawn"),
            ],
        ),
        chart(
            "Text",
            type="text",
            options={
                "mode": "markdown",
                "content": "# Hello\n\nThis is **text** with a [link](https://example.com).",
            },
            body={"transparent": True},
        ),
    ]
    placed = [
        Placed(example, index % 3 * 8, index // 3 * 8, 8, 8) for index, example in enumerate(shown)
    ]
    return board(
        "Gallery",
        tags=["node", "linux"],
        description="A panel for each way to draw.",
        variables=[
            ("Data source", "Prometheus"),
            ("Job", "node"),
            ("Instance", "node-1:9100, node-2:9100"),
        ],
        links=[
            Link("Runbooks", "https://example.com/runbooks", new_tab=True),
            Link("Nodes", "/d/nodes"),
        ],
        shares_cursor=True,
        sections=[
            Section(panels=placed),
            Section("Details", SectionKind.ROW, panels=[Placed(shown[0], 0, 0, 24, 8)]),
            Section(
                "Folded", SectionKind.ROW, is_folded=True, panels=[Placed(shown[1], 0, 0, 24, 8)]
            ),
            Section("First tab", SectionKind.TAB, panels=[Placed(shown[2], 0, 0, 12, 8)]),
            Section("Second tab", SectionKind.TAB, panels=[Placed(shown[3], 0, 0, 12, 8)]),
        ],
        notes=[Note("the variable `shard` has no values")],
    )
