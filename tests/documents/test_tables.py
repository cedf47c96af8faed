"""Tables of columns: what several queries return for the same labels, in one row."""

from __future__ import annotations

from typing import Any

import pytest

from gk import alert, alert_group, column, link, override, table, target
from gk.documents.dashboards import normalized
from tests.definitions import PROMETHEUS, busy, free, idle, panel

NODE = column("Node", label="{{$node}}")


def _properties(body: dict[str, Any], name: str) -> dict[str, Any]:
    """The options of a column, by their ids."""
    matching = [
        rule for rule in body["fieldConfig"]["overrides"] if rule["matcher"]["options"] == name
    ]
    assert {"byName"} == {rule["matcher"]["id"] for rule in matching}
    return {option["id"]: option["value"] for over in matching for option in over["properties"]}


def test_queries_are_joined_by_their_labels_in_the_order_of_the_columns() -> None:
    """Labels and values take their headers, and the time is left out."""
    body = panel(table("T", column("Busy", busy), NODE, column("Free", free(mountpoint="/"))))

    assert ["A", "B"] == [query["refId"] for query in body["targets"][:2]]
    assert ["merge", "organize"] == [
        transformation["id"] for transformation in body["transformations"][1:]
    ]
    assert {
        "excludeByName": {"Time": True},
        "indexByName": {"Value #A": 0, "instance": 1, "Value #B": 2},
        "renameByName": {"Value #A": "Busy", "instance": "Node", "Value #B": "Free"},
    } == body["transformations"][2]["options"]


def test_a_query_that_alone_returns_data_fills_its_own_column() -> None:
    """Grafana 9.3 names values by their queries only where several return data, so one always
    does. It is left out before the others are joined, and needs no series."""
    body = panel(table("T", NODE, column("Busy", busy), column("Free", free(mountpoint="/"))))

    naming = body["targets"][-1]
    assert ("vector(0)", True, "table") == (naming["expr"], naming["instant"], naming["format"])
    assert {
        "id": "filterByRefId",
        "options": {"exclude": naming["refId"]},
    } == body["transformations"][0]


def test_a_table_of_queries_to_several_data_sources_asks_none_for_names() -> None:
    """Each data source names the values of its own queries."""
    other = target(idle, datasource=PROMETHEUS)
    body = panel(table("T", NODE, column("Busy", busy), column("Idle", other)))

    assert ["A", "B"] == [query["refId"] for query in body["targets"]]
    assert ["merge", "organize"] == [
        transformation["id"] for transformation in body["transformations"]
    ]


def test_a_single_query_s_values_have_the_name_that_grafana_gives_them() -> None:
    """Without a letter, and there is nothing to merge."""
    body = panel(table("T", NODE, column("Busy", busy)))

    assert ["organize"] == [transformation["id"] for transformation in body["transformations"]]
    assert {"instance": "Node", "Value": "Busy"} == body["transformations"][0]["options"][
        "renameByName"
    ]


def test_without_an_exporter_the_first_query_says_what_its_nodes_are_called() -> None:
    """A dashboard of several exporters has none of its own."""
    body = panel(table("T", NODE, column("Busy", busy)), exporter=None)

    renamed = body["transformations"][0]["options"]["renameByName"]
    assert {"instance": "Node", "Value": "Busy"} == renamed


def test_a_column_has_the_unit_of_its_snippet_or_its_own() -> None:
    """Units belong to columns, since the joined fields no longer know their queries."""
    body = panel(
        table(
            "T",
            column("Busy", busy),
            column("Free", free(mountpoint="/")),
            column("MB", busy, unit="decmbytes"),
        )
    )

    assert "percentunit" == body["fieldConfig"]["defaults"]["unit"]
    assert {"unit": "bytes"} == _properties(body, "Free")
    assert {"unit": "decmbytes"} == _properties(body, "MB")


def test_a_column_is_coloured_by_the_alert_that_waits_for_its_query() -> None:
    """The values for which it fires, in text or, where the cell is one, in a bar."""
    rules = alert_group(
        "g", [alert("Busy", busy > 0.9), alert("Idle", idle < 0.1, severity="critical")]
    )
    body = panel(table("T", NODE, column("Busy", busy), column("Idle", idle, cell="bar")), rules)
    high = [{"color": "green", "value": None}, {"color": "orange", "value": 0.9}]
    low = [{"color": "red", "value": None}, {"color": "green", "value": 0.1}]

    assert {
        "thresholds": {"mode": "absolute", "steps": high},
        "color": {"mode": "thresholds"},
        "custom.cellOptions": {"type": "color-text"},
        "custom.displayMode": "color-text",
    } == _properties(body, "Busy")
    assert {"mode": "absolute", "steps": low} == _properties(body, "Idle")["thresholds"]
    assert {"type": "gauge", "mode": "basic"} == _properties(body, "Idle")["custom.cellOptions"]
    assert ["Alert Busy", "Alert Idle"] == [shown["title"] for shown in body["links"]]


def test_a_table_with_thresholds_of_its_own_is_not_coloured_by_alerts() -> None:
    """As any panel."""
    body = panel(
        table("T", column("Busy", busy), column("Idle", idle), thresholds={0.5: "red"}),
        alert_group("g", [alert("A", busy > 0.9)]),
    )

    assert "overrides" not in body["fieldConfig"]


def test_a_column_is_coloured_by_thresholds_of_its_own() -> None:
    """Which those of alerts do not replace."""
    body = panel(
        table("T", NODE, column("Busy", busy, thresholds={0.5: "red"}), column("Idle", idle)),
        alert_group("g", [alert("A", busy > 0.9)]),
    )
    steps = [{"color": "green", "value": None}, {"color": "red", "value": 0.5}]

    assert {
        "thresholds": {"mode": "absolute", "steps": steps},
        "color": {"mode": "thresholds"},
        "custom.cellOptions": {"type": "color-text"},
        "custom.displayMode": "color-text",
    } == _properties(body, "Busy")


def test_mappings_with_colours_colour_the_text() -> None:
    """Grafana shows the colour of a mapping only in cells that have one."""
    body = panel(
        table(
            "T",
            NODE,
            column("Up", "up", mappings={1: ("Up", "green")}),
            column("Ready", "ready", mappings={1: "Yes"}),
        )
    )

    assert {"type": "color-text"} == _properties(body, "Up")["custom.cellOptions"]
    assert "custom.cellOptions" not in _properties(body, "Ready")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("bar", "basic"),
        ("color-text", "color-text"),
        ("color-background", "color-background"),
    ],
)
def test_a_cell_s_form_is_written_for_grafana_9_3_too(cell: Any, expected: str) -> None:
    """Which reads displayMode and not cellOptions."""
    body = panel(table("T", NODE, column("Busy", busy, cell=cell)))

    assert expected == _properties(body, "Busy")["custom.displayMode"]


def test_the_form_of_all_cells_is_written_for_grafana_9_3_too() -> None:
    body = panel(table("T", busy, cell="gauge"))

    assert {"cellOptions": {"type": "gauge"}, "displayMode": "gradient-gauge"} == (
        body["fieldConfig"]["defaults"]["custom"]
    )


def test_a_column_s_options_are_grafana_s() -> None:
    """Width, decimals, bounds, texts for values, and links that may name the label of nodes."""
    body = panel(
        table(
            "T",
            column(
                "Node",
                label="{{$node}}",
                links=[link("Open", "/d/x?var-node=${__data.fields.{{$node}}}")],
            ),
            column(
                "Up",
                "up",
                decimals=0,
                min=0,
                max=1,
                width=90,
                mappings={1: "Yes"},
                cell="color-background",
            ),
        )
    )
    options = _properties(body, "Up")

    assert "/d/x?var-node=${__data.fields.instance}" == _properties(body, "Node")["links"][0]["url"]
    assert (0, 0, 1, 90) == tuple(
        options[name] for name in ("decimals", "min", "max", "custom.width")
    )
    assert {"type": "color-background"} == options["custom.cellOptions"]
    assert "Yes" == options["mappings"][0]["options"]["1"]["text"]


def test_a_table_of_others_joins_and_colours_in_the_same_way() -> None:
    """Plain JSON that renames its queries' values, with an override that says nothing yet."""
    given = {
        "type": "table",
        "title": "T",
        "targets": [{"expr": busy, "refId": "A"}, {"expr": free(mountpoint="/"), "refId": "B"}],
        "transformations": [
            {
                "id": "organize",
                "options": {"renameByName": {"Value #A": "Busy", "Value #B": "Free"}},
            }
        ],
        "fieldConfig": {
            "defaults": {},
            "overrides": [{"matcher": {"id": "byName", "options": "Free"}}],
        },
    }
    body = panel(given, alert_group("g", [alert("A", busy > 0.9)]))

    assert {"unit": "bytes"} == _properties(body, "Free")
    assert [None, 0.9] == [
        step["value"] for step in _properties(body, "Busy")["thresholds"]["steps"]
    ]


def test_a_definition_s_own_transformations_and_overrides_follow() -> None:
    """They see the joined fields under their headers."""
    body = panel(
        table(
            "T",
            column("Busy", busy),
            column("Idle", idle),
            transformations=[{"id": "limit", "options": {"limitField": 3}}],
            overrides=[override(name="Busy", properties={"custom.width": 50})],
        )
    )

    assert ["merge", "organize", "limit"] == [
        transformation["id"] for transformation in body["transformations"][1:]
    ]
    assert {"custom.width": 50} == _properties(body, "Busy")


def test_a_column_may_be_a_target() -> None:
    """With options of its own; the letter is the table's."""
    body = panel(
        table("T", column("Busy", target(busy, interval="5m", ref_id="Z")), column("Idle", idle))
    )

    assert [("A", "5m"), ("B", None)] == [
        (query["refId"], query.get("interval")) for query in body["targets"][:2]
    ]


@pytest.mark.parametrize(
    ("message", "make"),
    [
        pytest.param(
            "column 'Busy' takes a query or a label=",
            lambda: column("Busy", busy, label="x"),
            id="query-and-label",
        ),
        pytest.param(
            "column 'Busy' takes a query or a label=", lambda: column("Busy"), id="neither"
        ),
        pytest.param(
            "table 'T' has columns and queries; make each query a column()",
            lambda: table("T", column("Busy", busy), idle),
            id="columns-and-queries",
        ),
        pytest.param(
            "table 'T' has two columns 'Busy'; Grafana tells them apart by their names",
            lambda: table("T", column("Busy", busy), column("Busy", idle)),
            id="two-of-one-name",
        ),
        pytest.param(
            "table 'T' has 27 queries; it joins 26 at most",
            lambda: table("T", *(column(f"C{number}", busy) for number in range(27))),
            id="more-than-letters",
        ),
    ],
)
def test_what_a_table_cannot_join_is_refused(message: str, make: Any) -> None:
    """Where it is written."""
    with pytest.raises((TypeError, ValueError)) as raised:
        make()
    assert message == str(raised.value)


def test_a_form_for_grafana_9_3_that_says_something_else_is_kept() -> None:
    """By the compiler, and by a comparison, which is silent about one that says the same."""

    def compared(**custom: Any) -> Any:
        body = {
            "title": "T",
            "schemaVersion": 42,
            "panels": [{"id": 1, "type": "table", "fieldConfig": {"defaults": {"custom": custom}}}],
        }
        return normalized(body)["panels"][0]["fieldConfig"]["defaults"]["custom"]

    cell = {"type": "color-text"}
    assert {"cellOptions": cell} == compared(cellOptions=cell, displayMode="color-text")
    assert {"cellOptions": cell, "displayMode": "basic"} == (
        compared(cellOptions=cell, displayMode="basic")
    )
