"""Transformations of frames, against what @grafana/data makes of the same ones."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from gk.preview.fields import name_of
from gk.preview.model import Field, FieldType, Frame
from gk.preview.transformations import transformed

CASES = json.loads(
    (Path(__file__).parent / "data" / "transformations.json").read_text(encoding="utf-8")
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
        return [rounded(each) for each in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return f"{value:.12g}".replace("-nan", "nan")


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case, id=f"{number}-{'-'.join(each['id'] for each in case['transformations'])}"
        )
        for number, case in enumerate(CASES)
    ],
)
def test_a_transformation_does_what_grafanas_does(case: Mapping[str, Any]) -> None:
    """Names, types, values, labels and configuration are those of @grafana/data."""
    result, not_done = transformed(frames_of(case["frames"]), case["transformations"])

    assert words_of(frames_of(case["expected"])) == words_of(result)
    assert case["shown"] == [
        [name_of(field, frame, result) for field in frame.fields] for frame in result
    ]
