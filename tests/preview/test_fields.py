"""Fields of a preview: every text and colour is the one that Grafana shows.

Most tests run a table that Grafana's own library wrote (tests/data/grafana_values.mjs).
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk.documents.units import UNITS
from gk.preview.fields import (
    REDUCERS,
    Step,
    color_of,
    configured,
    display_of,
    formatted,
    frame_name_of,
    limits_of,
    name_of,
    named,
    reduced,
    scale_of,
    spec_of,
    steps_of,
    tick_decimals,
)
from gk.preview.fields.colors import PALETTE
from gk.preview.fields.printers import Context, printer_of
from gk.preview.fields.units import format_of
from gk.preview.fields.versions import format_in, palette_in
from gk.preview.model import Display, Field, FieldType, Frame
from gk.preview.theme import DARK, LIGHT, PAGE, css, ink_on, pair
from gk.settings.targets import Version
from tests.cases import every
from tests.grafana_values import EXCEPTIONS, decoded, encoded, field_of, frame_of, numbers, table
from tests.grafana_versions import is_left_out, versions

TABLE = table()
NOW = float(TABLE["now"])


def field(config: Mapping[str, Any] | None = None, *values: Any) -> Field:
    return Field("Value", FieldType.NUMBER, values or (10.0, 90.0), {"job": "a"}, config or {})


def printed(value: float, unit: str, decimals: int | None) -> list[str]:
    """A number as the table has it."""
    text, prefix, suffix = printer_of(format_of(unit), Context(now=NOW))(value, decimals)
    return without_empty([text, suffix, prefix])


def without_empty(parts: list[str]) -> list[str]:
    while len(parts) > 1 and not parts[-1]:
        parts = parts[:-1]
    return parts


# The table


@every("unit", TABLE["formats"].keys() - EXCEPTIONS.keys())
def test_a_number_in_a_unit_is_printed_as_in_grafana(unit: str) -> None:
    rows = list(numbers(unit))
    assert [(value, decimals, parts) for value, decimals, parts in rows] == [
        (value, decimals, printed(value, unit, decimals)) for value, decimals, _ in rows
    ]


def test_the_table_has_every_unit_that_gk_knows() -> None:
    assert UNITS.keys() <= TABLE["formats"].keys()


def test_centimetres_are_those_of_grafana_13() -> None:
    assert "2.35 cm" == str(formatted(2.345, "lengthcm"))


@every("case", range(len(TABLE["displays"])))
def test_a_value_of_a_field_is_shown_as_in_grafana(case: int) -> None:
    row = TABLE["displays"][case]
    shows = display_of(field_of(row["field"]))
    is_text = row["field"]["type"] == "string"
    for value, expected in zip(row["values"], row["shown"], strict=True):
        text, suffix, prefix, dark, percent, light = (*expected, *[None] * 6)[:6]
        display = shows(value if is_text else decoded(value))
        assert [text, suffix or "", prefix or ""] == [display.text, display.suffix, display.prefix]
        assert str(dark).lower() == DARK.paint(display.color).lower()
        if light:
            assert str(light).lower() == LIGHT.paint(display.color).lower()
        # Grafana calls what is no number 0 or 100 %; gk draws no share of it.
        is_number = row["field"]["type"] == "number" and value not in (None, "NaN")
        if percent is not None and is_number:
            assert display.percent == pytest.approx(decoded(percent))


@every("case", range(len(TABLE["axes"])))
def test_a_tick_of_an_axis_is_written_as_in_grafana(case: int) -> None:
    row = TABLE["axes"][case]
    shows = display_of(field_of(row["field"]))
    displays = [shows(float(value), row["decimals"]) for value in row["values"]]
    assert row["shown"] == [without_empty([x.text, x.suffix, x.prefix]) for x in displays]


@every("case", range(len(TABLE["reductions"])))
def test_a_field_is_reduced_as_in_grafana(case: int) -> None:
    row = TABLE["reductions"][case]
    values = field_of(row["field"])
    assert row["results"] == {name: encoded(reduced(values, name)) for name in row["results"]}


def test_reducers_have_grafanas_names() -> None:
    assert TABLE["reducers"] == REDUCERS


@every("case", range(len(TABLE["named"])))
def test_fields_and_frames_are_named_as_in_grafana(case: int) -> None:
    row = TABLE["named"][case]
    frames = [frame_of(frame) for frame in row["frames"]]
    assert row["names"] == [[name_of(x, frame, frames) for x in frame.fields] for frame in frames]
    assert row["alone"] == [frame_name_of(frame, index) for index, frame in enumerate(frames)]


# Earlier versions


VERSIONS = versions()


@every("version", VERSIONS)
def test_earlier_versions_print_units_in_their_own_way(version: Version) -> None:
    """And no others: what does not differ from 12.4 is printed as there."""
    differing = VERSIONS[version]["units"]
    for unit in TABLE["formats"].keys() - EXCEPTIONS.keys():
        if is_left_out(unit):
            continue
        show = printer_of(format_in(version, unit), Context(now=NOW))
        for number, (value, decimals, parts) in enumerate(numbers(unit)):
            if decimals is None and number < len(TABLE["values"]["few"]):
                expected = differing[unit][number] if unit in differing else parts
                text, prefix, suffix = show(value, None)
                assert expected == without_empty([text, suffix, prefix]), unit


@every("version", VERSIONS)
def test_earlier_versions_calculate_in_their_own_way(version: Version) -> None:
    """Of numbers and times, but for what they do not have, and shares for percentages."""
    for number, row in enumerate(TABLE["reductions"]):
        values = replace(field_of(row["field"]), version=version)
        if values.type not in (FieldType.NUMBER, FieldType.TIME):
            continue
        differing = VERSIONS[version]["reductions"].get(str(number), {})
        for name, today in row["results"].items():
            has_it = differing.get(name, today) is not None or today is None
            if name != "diffperc" and (has_it or name in ("firstNotNull", "lastNotNull")):
                assert differing.get(name, today) == encoded(reduced(values, name)), name


@every("version", VERSIONS)
def test_earlier_versions_have_their_own_palette(version: Version) -> None:
    expected = VERSIONS[version]["palette"]

    assert expected == list(palette_in(version, PALETTE))[: len(expected)]


# Grafana 12.4 shows an error for one case, whose matcher it does not know; 13 and gk go on.
@every("case", [at for at, row in enumerate(TABLE["overridden"]) if row])
def test_overrides_are_applied_as_in_grafana(case: int) -> None:
    row = TABLE["overridden"][case]
    frames = configured([frame_of(frame) for frame in row["frames"]], _without(row["config"]))
    seen = [[_seen(shown) for shown in frame.fields] for frame in frames]
    expected = [
        [
            (entry["name"], entry["config"], [tuple(x) for x in entry["shown"]], entry["series"])
            for entry in fields
        ]
        for fields in row["fields"]
    ]
    assert _lower(expected) == _lower(seen)


def _without(config: Any) -> Any:
    """A configuration without the threshold that is below all others as a text."""
    if isinstance(config, dict):
        return {key: _without(value) for key, value in config.items()}
    if isinstance(config, list):
        return [_without(part) for part in config]
    return None if config == "-Infinity" else config


def _seen(shown: Field) -> tuple[Any, ...]:
    kept = ("displayName", "unit", "min", "max", "decimals", "noValue", "mappings", "custom")
    config = {key: shown.config[key] for key in kept if shown.config.get(key, {}) not in ({}, [])}
    values = [
        (str(display), DARK.paint(display.color))
        for display in map(display_of(shown), shown.values)
    ]
    return shown.title, config, values, DARK.paint(color_of(shown))


def _lower(value: Any) -> Any:
    """The same for numbers of colours in capitals."""
    if isinstance(value, list | tuple):
        return [_lower(part) for part in value]
    return value.lower() if isinstance(value, str) else value


def test_the_hues_and_the_palette_are_grafanas() -> None:
    for theme in (DARK, LIGHT):
        hues = TABLE["hues"][theme.name]
        assert hues == {name: theme.colors[name] for name in hues}
    assert TABLE["palette"] == list(PALETTE)


# Units


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (1536.0, "bytes", None, "1.50 KiB"),
        (0.1234, "percentunit", None, "12.3%"),
        (93_784.0, "s", None, "1.09 days"),
        (-1234.5, "currencyUSD", 2, "-$1.23K"),
        (3.0, "jobs", None, "3 jobs"),
    ],
)
def test_a_number_has_decimals_as_grafana_chooses(
    value: float, unit: str, decimals: int | None, text: str
) -> None:
    assert text == str(formatted(value, unit, decimals))


@given(
    st.floats() | st.integers().map(float),
    st.sampled_from([*TABLE["formats"], "si:\udcff", "time:[", "currency:financial::suffix"]),
    st.none() | st.integers(-3, 200),
)
def test_every_number_can_be_printed_in_every_unit(
    value: float, unit: str, decimals: int | None
) -> None:
    assert isinstance(formatted(value, unit, decimals).text, str)


@pytest.mark.parametrize(
    ("increment", "decimals"), [(1, None), (0.5, 1), (0.25, 2), (2.5e-5, 6), (0.1 + 0.2, 1)]
)
def test_ticks_have_the_decimals_of_their_distance(increment: float, decimals: int | None) -> None:
    assert decimals == tick_decimals(increment)


def test_a_time_is_in_the_zone_of_the_dashboard() -> None:
    times = Field("Time", FieldType.TIME, (1_750_000_000_000.0,))
    assert "2025-06-15 17:06:40" == display_of(times, "Europe/Berlin")(times.values[0]).text


def test_a_zone_that_nobody_knows_is_utc() -> None:
    times = Field("Time", FieldType.TIME, (1_750_000_000_000.0,))
    assert "2025-06-15 15:06:40" == display_of(times, "../Mars")(times.values[0]).text


def test_a_time_from_now_is_said_in_full_where_nothing_says_when_now_is() -> None:
    ago = field({"unit": "dateTimeFromNow"})
    assert "2 hours ago" == display_of(ago, now=NOW)(NOW - 2 * 3_600_000).text
    assert "1970-01-01 00:00:00" == display_of(ago)(0.0).text


def test_a_table_of_2880_values_is_shown_in_milliseconds() -> None:
    """It takes 5 ms of a quiet processor; a busy one gets twenty times that."""
    values = [1.7**power * 1.1 for power in range(-20, 40)] * 48
    shows = display_of(field({"unit": "bytes", "thresholds": STEPS}, *values))
    start = time.process_time()
    assert 2880 == len([shows(value) for value in values])
    assert time.process_time() - start < 0.1


# Thresholds and colours

STEPS = {
    "mode": "absolute",
    "steps": [{"value": None, "color": "green"}, {"value": 50, "color": "rgb(255, 0, 0)"}],
}


def test_steps_are_values_and_colors() -> None:
    expected = [Step(None, "green"), Step(50, "#ff0000")]
    assert expected == steps_of(field({"thresholds": STEPS}))


def test_steps_in_percent_are_of_the_range() -> None:
    given = field({"thresholds": {**STEPS, "mode": "percentage"}, "min": 0, "max": 40})
    assert [None, 20] == [step.value for step in steps_of(given)]
    assert [None, 75] == [step.value for step in steps_of(given, 50, 100)]


def test_the_first_step_is_below_all_others() -> None:
    steps = [{"value": 10, "color": "green"}, {"value": 5, "color": "red"}]
    assert [None, 5] == [step.value for step in steps_of(field({"thresholds": {"steps": steps}}))]


def test_malformed_thresholds_are_absent() -> None:
    malformed: list[Any] = [3, [], {"steps": "x"}, {"steps": [1, {"value": "y", "color": 7}]}]
    for thresholds in malformed:
        assert "#808080" == color_of(field({"thresholds": thresholds}))


def test_a_series_has_the_color_of_its_number() -> None:
    shown = configured([Frame([field()]) for _ in range(3)], {}, panel="timeseries")
    assert ["green", "semi-dark-yellow", "blue"] == [color_of(x.fields[0]) for x in shown]


def test_a_series_may_have_the_color_of_its_greatest_value() -> None:
    given = field({"thresholds": STEPS, "color": {"mode": "thresholds", "seriesBy": "min"}}, 1, 99)
    assert "green" == color_of(given)
    assert "#ff0000" == color_of(replace(given, config={"thresholds": STEPS}))


def test_a_computed_color_is_a_pair_for_both_themes() -> None:
    given = field({"color": {"mode": "continuous-blues"}, "min": 0, "max": 100})
    color = display_of(given)(30.0).color
    light, dark = LIGHT.paint(color), DARK.paint(color)
    assert light != dark
    assert pair(light, dark) == PAGE.paint(color)


@pytest.mark.parametrize("color", [None, 3, "url(http://example.com)", "};x{", "</svg>", "\udcff"])
def test_what_is_no_color_is_none_of_the_pages(color: Any) -> None:
    assert named(color) in {"#000000", "#808080"}


def test_gks_own_names_are_no_colors_of_dashboards() -> None:
    assert "#000000" == named("canvas")


def test_both_themes_declare_the_same_variables() -> None:
    assert "--green: #73bf69;" in css(DARK).splitlines()
    assert "--green: #56a64b;" in css(LIGHT).splitlines()
    assert DARK.colors.keys() == LIGHT.colors.keys()


def test_text_on_a_color_is_dark_where_the_color_is_bright() -> None:
    assert ("ink", "chalk") == (ink_on("super-light-yellow"), ink_on("dark-blue"))


# Overrides


def test_a_name_may_have_labels_and_variables() -> None:
    config = {"defaults": {"displayName": '$site ${__field.labels.job} ${__field.labels["job"]}'}}
    frame = Frame([field()])
    [shown] = configured([frame], config, interpolate=lambda text: text.replace("$site", "here"))
    assert "here a a" == shown.fields[0].title


def test_what_stands_in_a_label_is_not_replaced() -> None:
    labeled = replace(field(), labels={"job": "$site"})
    config = {"defaults": {"displayName": "${__field.labels.job}"}}
    [shown] = configured([Frame([labeled])], config, interpolate=lambda text: text + "!")
    assert "!$site!" == shown.fields[0].title


def test_the_type_of_the_panel_decides_what_is_not_configured() -> None:
    [stat] = configured([Frame([field()])], {}, panel="stat")
    [series] = configured([Frame([field()])], {}, panel="timeseries")
    assert ["red", "green"] == [color_of(stat.fields[0]), color_of(series.fields[0])]


def test_frames_stay_as_they_were() -> None:
    frame = Frame([field({"links": [{"title": "x"}]})])
    config = {"defaults": {"links": [{"title": "y"}]}, "overrides": []}
    configured([frame], config)
    assert [{"title": "x"}] == frame.fields[0].config["links"]


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
CONFIG = st.dictionaries(
    st.sampled_from(
        [
            *("unit", "decimals", "min", "max", "mappings", "thresholds", "color", "links"),
            *("custom", "displayName", "noValue", "fieldMinMax", "unknown"),
        ]
    ),
    JSON
    | st.fixed_dictionaries({"mode": JSON, "steps": JSON})
    | st.lists(
        st.fixed_dictionaries(
            {"type": st.sampled_from(["value", "range", "regex", "special"]), "options": JSON}
        ),
        max_size=2,
    ),
)
RULE = st.fixed_dictionaries(
    {
        "matcher": st.fixed_dictionaries(
            {
                "id": st.sampled_from(["byName", "byNames", "byRegexp", "byType", "byValue", "x"]),
                "options": JSON | st.fixed_dictionaries({"reducer": st.sampled_from([*REDUCERS])}),
            }
        ),
        "properties": JSON
        | st.lists(
            st.fixed_dictionaries(
                {
                    "id": st.sampled_from(["unit", "min", "custom.a.b", "links", "color"]),
                    "value": JSON,
                }
            ),
            max_size=3,
        ),
    }
)


@given(CONFIG, CONFIG, st.lists(RULE | JSON, max_size=2), st.lists(JSON, max_size=4))
def test_no_configuration_and_no_value_is_too_strange(
    own: Any, defaults: Any, rules: Any, values: Any
) -> None:
    """Malformed parts are absent: the JSON is of strangers."""
    fields = [
        Field("x", kind, values, {}, own) for kind in FieldType if kind is not FieldType.NUMBER
    ]
    numbers = [value for value in values if value is None or isinstance(value, float)]
    frames = [Frame(fields), Frame([Field("y", FieldType.NUMBER, numbers, {"a": "b"}, own)])]
    for frame in configured(frames, {"defaults": defaults, "overrides": rules}):
        for shown in frame.fields:
            assert isinstance(color_of(shown), str)
            assert all(isinstance(step.color, str) for step in steps_of(shown))
            assert isinstance(spec_of(shown), dict)
            assert all(isinstance(x, Display) for x in map(display_of(shown), shown.values))


@given(st.lists(st.none() | st.floats(), max_size=12), st.sampled_from([*REDUCERS]))
def test_every_list_of_numbers_can_be_reduced(values: list[float | None], reducer: str) -> None:
    reduced(field({}, *values), reducer)


HUGE = st.sampled_from([10**400, -(10**400), 10**309, 0, 7]) | st.floats()


@given(
    st.lists(st.none() | HUGE, max_size=4),
    st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(("min", "max", "decimals"), HUGE),
            "fieldMinMax": st.booleans(),
            "unit": st.sampled_from(sorted(["short", "bytes", "s", "locale", "dateTimeAsIso"])),
            "color": st.fixed_dictionaries(
                {"mode": st.sampled_from(["thresholds", "continuous-GrYlRd", "palette-classic"])}
            ),
            "thresholds": st.fixed_dictionaries(
                {
                    "mode": st.sampled_from(["absolute", "percentage"]),
                    "steps": st.lists(st.fixed_dictionaries({"value": HUGE}), max_size=3),
                }
            ),
        },
    ),
    st.booleans(),
)
def test_no_number_is_too_large(values: list[Any], config: dict[str, Any], is_own: bool) -> None:
    """JSON may have whole numbers beyond JavaScript's, and a float's: they are infinite."""
    bare = Field("x", FieldType.NUMBER, values, {}, config if is_own else {})
    [[shown]] = [
        frame.fields for frame in configured([Frame([bare])], {"defaults": config, "overrides": []})
    ]
    for variant in (bare, shown):
        assert {float} == {type(limit) for limit in limits_of(variant)}
        assert all(isinstance(step.value, float | None) for step in steps_of(variant))
        assert isinstance(color_of(variant), str)
        assert isinstance(spec_of(variant), dict)
        assert all(isinstance(scale_of(variant)(value or 0)[0], str) for value in values)
        shows = display_of(variant)
        reductions = [reduced(variant, reducer) for reducer in REDUCERS]
        assert all(isinstance(shows(value).number, float | None) for value in values + reductions)


def test_a_reducer_that_nobody_knows_finds_nothing() -> None:
    assert reduced(field(), "nonsense") is None


def test_dashboards_of_old_have_other_names_of_reducers() -> None:
    assert [90.0, 50.0, 100.0] == [reduced(field(), x) for x in ("current", "avg", "total")]


def test_a_median_of_nothing_is_not_a_number() -> None:
    assert math.isnan(reduced(field({}, None), "median"))
