"""Transformations of frames, against what @grafana/data makes of the same ones."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gk.preview.fields import name_of
from gk.preview.model import Field, FieldType, Frame
from gk.preview.transformations import TRANSFORMATIONS, transformed
from tests.cases import every

CASES = json.loads(
    (Path(__file__).parent.parent / "data" / "grafana_transformations.json").read_text(
        encoding="utf-8"
    )
)


def frames_of(given: Sequence[Mapping[str, Any]]) -> list[Frame]:
    """The frames that the script wrote."""
    return [
        Frame(
            [
                Field(
                    field["name"],
                    FieldType(field["type"]),
                    [value_of(value) for value in field["values"]],
                    field.get("labels", {}),
                    field.get("config", {}),
                )
                for field in frame["fields"]
            ],
            frame.get("name", ""),
            frame.get("refId", ""),
        )
        for frame in given
    ]


def value_of(value: Any) -> Any:
    """JSON has no NaN, and no infinity."""
    if isinstance(value, dict):
        return float(value["number"].replace("Infinity", "inf"))
    return value


def words_of(frames: Sequence[Frame]) -> Any:
    """Frames as something that compares: NaN equals NaN, and 1 equals 1.0 up to 12 digits."""
    return [
        (
            frame.name,
            [
                (
                    field.name,
                    field.type.value,
                    [rounded(value) for value in field.values],
                    dict(field.labels),
                    dict(field.config),
                )
                for field in frame.fields
            ],
        )
        for frame in frames
    ]


def rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [rounded(part) for part in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return f"{value:.12g}".replace("-nan", "nan")


BY_ID = {
    name: {
        number: case
        for number, case in enumerate(CASES)
        if name in {step["id"] for step in case["transformations"]}
    }
    for name in TRANSFORMATIONS
}


@every("name", BY_ID)
def test_a_transformation_does_what_grafanas_does(name: str) -> None:
    """Names, types, values, labels and configuration are those of @grafana/data."""
    expected = {
        number: words_of(frames_of(case["expected"])) for number, case in BY_ID[name].items()
    }
    actual = {number: words_of(result_of(case)) for number, case in BY_ID[name].items()}

    assert expected == actual


@every("name", BY_ID)
def test_fields_are_called_as_grafana_calls_them(name: str) -> None:
    """What legends and columns are called after the transformations is equal, too."""
    expected = {number: case["shown"] for number, case in BY_ID[name].items()}
    actual = {number: shown_of(case) for number, case in BY_ID[name].items()}

    assert expected == actual


def result_of(case: Mapping[str, Any]) -> list[Frame]:
    return transformed(frames_of(case["frames"]), case["transformations"])[0]


def shown_of(case: Mapping[str, Any]) -> list[list[str]]:
    frames = result_of(case)
    shown = [[name_of(field, frame, frames) for field in frame.fields] for frame in frames]
    return without_numbers(shown) if is_concatenated(case) else shown


def is_concatenated(case: Mapping[str, Any]) -> bool:
    return any(step["id"] == "concatenate" for step in case["transformations"])


def without_numbers(names: Sequence[Sequence[str]]) -> list[list[str]]:
    """Grafana does not number the times that it concatenates, gk does."""
    return [[re.sub(r"^Time \d+$", "Time", name) for name in columns] for columns in names]


def test_each_transformation_has_cases() -> None:
    """No transformation is drawn that was not compared, and each at least twice."""
    assert [] == [name for name, cases in BY_ID.items() if len(cases) < 2]


def test_without_transformations_frames_are_as_they_are() -> None:
    """The same frames, not copies."""
    frames = frames_of(CASES[0]["frames"])

    assert (frames, []) == transformed(frames, [])


def test_what_is_not_drawn_is_named() -> None:
    """The frames stay as they are, the next transformation has its turn, and the panel can say what
    is missing."""
    table = Frame([number("n", 1, 2, 3)])

    result, not_done = transformed(
        [table],
        [
            {"id": "heatmap", "options": {}},
            {"id": "calculateField", "options": {"mode": "regression"}},
            {"id": "reduce", "options": {"reducers": ["median of all"]}},
            {"id": "limit", "options": {"limitField": 1}},
        ],
    )

    assert ["heatmap", "calculateField", "reduce"] == not_done
    assert [1] == list(result[0].fields[0].values)


def number(name: str, *values: float | None) -> Field:
    return Field(name, FieldType.NUMBER, values)


# Laws.

NAMES = st.sampled_from(["Time", "Value", "Value #A", "host", "up", "", "Value 1", "a b"])
VALUES: Mapping[FieldType, st.SearchStrategy[Any]] = {
    FieldType.TIME: st.none() | st.integers(0, 2**41),
    FieldType.NUMBER: st.none() | st.floats() | st.integers(-3, 3),
    FieldType.STRING: st.none()
    | st.sampled_from(["", "a", "b", "10", "9", "é", "9" * 5_000])
    | st.text(max_size=3),
    FieldType.BOOLEAN: st.none() | st.booleans(),
    FieldType.OTHER: st.none() | st.lists(st.integers(), max_size=2),
}
LABELS = st.dictionaries(
    st.sampled_from(["__name__", "host", "job", "le", "name"]), st.sampled_from(["a", "up", ""])
)
HUGE = st.sampled_from([10**400, -(10**400), 1e308, "9" * 5_000, "1e999"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | NAMES | HUGE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
CONFIG = st.fixed_dictionaries(
    {}, optional={"displayName": JSON, "displayNameFromDS": NAMES, "unit": st.just("s")}
)


@st.composite
def fields(draw: st.DrawFn) -> Field:
    kind = draw(st.sampled_from(FieldType))
    values = draw(st.lists(VALUES[kind], max_size=5))
    return Field(draw(NAMES), kind, values, draw(LABELS), draw(CONFIG))


FRAMES = st.lists(
    st.builds(
        Frame,
        st.lists(fields(), max_size=4),
        st.sampled_from(["", "A-series", "b"]),
        st.sampled_from("AB"),
    ),
    max_size=4,
)


def mutated(case: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """The options of a real case, with some of them replaced by any JSON."""
    steps = [step for step in case["transformations"] if isinstance(step.get("options"), dict)]
    return st.tuples(
        *(
            st.fixed_dictionaries(
                {
                    "id": st.just(step["id"]),
                    "options": st.fixed_dictionaries(
                        {key: st.just(value) | JSON for key, value in step["options"].items()}
                    ),
                    "filter": st.none() | st.just({"id": "byRefId", "options": "A"}) | JSON,
                    "disabled": st.booleans() | st.none(),
                }
            )
            for step in steps
        )
    ).map(list)


@settings(deadline=None)
@example(
    frames=[
        Frame([Field("host", FieldType.OTHER, [])]),
        Frame([Field("host", FieldType.OTHER, [[], [1]])]),
    ],
    transformations=[{"id": "joinByField", "options": {"mode": "outer", "byField": "host"}}],
)
@given(frames=FRAMES, transformations=st.sampled_from(CASES).flatmap(mutated))
def test_no_frames_and_no_options_raise(
    frames: list[Frame], transformations: list[dict[str, Any]]
) -> None:
    """Whatever the frames are and the options say, there are frames after it, as tables: no column
    is longer than its frame."""
    result, not_done = transformed(frames, transformations)

    assert all(isinstance(frame, Frame) for frame in result)
    assert {step["id"] for step in transformations} >= set(not_done)


def test_lists_are_not_the_names_of_a_matrix() -> None:
    """As `allValues` leaves them."""
    names = Field("a", FieldType.OTHER, [[1, 2], [3]])
    table = Frame([names, number("b", 1, 2), number("c", 1, 2)])
    options = {"columnField": "a", "rowField": "b", "valueField": "c"}

    result, not_done = transformed([table], [{"id": "groupingToMatrix", "options": options}])

    assert ([table], ["groupingToMatrix"]) == (result, not_done)


@given(frames=FRAMES, transformations=st.lists(JSON, max_size=3))
def test_malformed_transformations_are_not_done(
    frames: list[Frame], transformations: list[Any]
) -> None:
    """What is no transformation at all changes nothing."""
    result, _ = transformed(frames, transformations)

    assert words_of(frames) == words_of(result)


@given(frames=FRAMES, limit=st.integers(-9, 9))
def test_limit_leaves_at_most_so_many_rows(frames: list[Frame], limit: int) -> None:
    """Of the end, if it is negative."""
    result, _ = transformed(frames, [{"id": "limit", "options": {"limitField": limit}}])

    kept = slice(limit, None) if limit < 0 else slice(limit)
    assert words_of(
        [
            replace(
                frame, fields=[replace(field, values=field.values[kept]) for field in frame.fields]
            )
            for frame in frames
        ]
    ) == words_of(result)


@pytest.mark.parametrize(
    "step",
    [
        {"id": "organize", "options": {}},
        {"id": "organize", "options": {"excludeByName": {"gone": True}, "renameByName": {}}},
        {"id": "filterFieldsByName", "options": {}},
        {"id": "sortBy", "options": {"sort": []}},
        {"id": "limit", "options": {"limitField": 100}},
        {"id": "reduce", "options": {"reducers": []}},
        {"id": "groupBy", "options": {"fields": {}}},
        {"id": "convertFieldType", "options": {"conversions": []}},
        {"id": "limit", "options": {"limitField": 0}, "disabled": True},
    ],
    ids=lambda step: step["id"],
)
@given(frames=FRAMES)
def test_nothing_asked_changes_nothing(step: dict[str, Any], frames: list[Frame]) -> None:
    """A transformation whose options are as Grafana adds it leaves frames with fields alone."""
    full = [frame for frame in frames if frame.fields]
    result, _ = transformed(full, [step])

    assert words_of(full) == words_of(result)


@pytest.mark.parametrize("name", ["merge", "joinByField", "concatenate"])
@given(frames=FRAMES)
def test_one_frame_alone_is_joined_already(name: str, frames: list[Frame]) -> None:
    """Merged, joined or concatenated, one frame is what it was."""
    result, _ = transformed(frames[:1], [{"id": name, "options": {}}])

    assert words_of(frames[:1]) == words_of(result)


@given(frames=FRAMES, name=NAMES, descending=st.booleans())
def test_sorting_loses_no_row(frames: list[Frame], name: str, descending: bool) -> None:
    """Each row is there after it as often as before."""
    sort = [{"field": name, "desc": descending}]
    result, _ = transformed(frames, [{"id": "sortBy", "options": {"sort": sort}}])

    assert [rows_of(frame) for frame in frames] == [rows_of(frame) for frame in result]


def rows_of(frame: Frame) -> Counter[str]:
    columns = [
        [*field.values, *[None] * (frame.length - len(field.values))] for field in frame.fields
    ]
    return Counter(repr(row) for row in zip(*columns, strict=True))


@given(frames=FRAMES)
def test_merging_keeps_each_value(frames: list[Frame]) -> None:
    """Every value of every frame is in the merged table, in the column of its name, unless another
    field of its frame has the same name."""
    result, _ = transformed(frames, [{"id": "merge", "options": {}}])
    there = {
        (field.name, repr(value))
        for frame in result
        for field in frame.fields
        for value in field.values
    }

    for frame in frames:
        for field in {field.name: field for field in frame.fields}.values():
            assert {
                (field.name, repr(value)) for value in field.values if value is not None
            } <= there
