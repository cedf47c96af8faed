"""Frames of frames: what Grafana's transformations make of the answers of a panel's queries.

Each is a module with `apply(frames, options)`. What there is no module for, and what a module does
not know of its options, is not drawn: the frames stay as they are, and the panel says so.

Source: @grafana/data 13.2.3, whose results are in tests/data/grafana_transformations.json. 12.4 is
equal, but for joins of nothing, which are an error there. In 9.3, a limit of 0 is no limit, what is
added to NaN is NaN, and there are no filters by a part of a text, no cumulative functions, no
windows, and no fields to include by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gk.preview.model import Frame
from gk.preview.parts import part, word
from gk.preview.transformations import (
    calculate_field,
    concatenate,
    convert_field_type,
    filter_by_name,
    filter_by_ref_id,
    filter_by_value,
    group_by,
    grouping_to_matrix,
    join_by_field,
    labels_to_fields,
    limit,
    merge,
    organize,
    reduce,
    rename_by_regex,
    series_to_rows,
    sort_by,
)
from gk.preview.transformations.frame_filter import FrameMatcher, frame_matcher
from gk.preview.transformations.model import Apply, NotDrawnError

__all__ = ["TRANSFORMATIONS", "transformed"]

TRANSFORMATIONS: Mapping[str, Apply] = {
    "calculateField": calculate_field.apply,
    "concatenate": concatenate.apply,
    "convertFieldType": convert_field_type.apply,
    "filterByRefId": filter_by_ref_id.apply,
    "filterByValue": filter_by_value.apply,
    "filterFieldsByName": filter_by_name.apply,
    "groupBy": group_by.apply,
    "groupingToMatrix": grouping_to_matrix.apply,
    "joinByField": join_by_field.apply,
    "labelsToFields": labels_to_fields.apply,
    "limit": limit.apply,
    "merge": merge.apply,
    "organize": organize.apply,
    "reduce": reduce.apply,
    "renameByRegex": rename_by_regex.apply,
    "seriesToColumns": join_by_field.apply,
    "seriesToRows": series_to_rows.apply,
    "sortBy": sort_by.apply,
}
"""By the ids that dashboards have. Before Grafana 9, `joinByField` was called `seriesToColumns`."""


def transformed(
    frames: Sequence[Frame], transformations: Sequence[Mapping[str, Any]]
) -> tuple[list[Frame], list[str]]:
    """Return the frames after all transformations, and the ids of those that were not done.

    Variables in options have to be replaced before.
    """
    result, not_done = list(frames), []
    for transformation in transformations:
        if not isinstance(transformation, dict) or transformation.get("disabled"):
            continue
        try:
            result = _applied(result, transformation)
        except NotDrawnError:
            not_done.append(word(transformation, "id"))
    return result, not_done


def _applied(frames: Sequence[Frame], transformation: Mapping[str, Any]) -> list[Frame]:
    apply = TRANSFORMATIONS.get(word(transformation, "id"))
    if apply is None:
        raise NotDrawnError
    options, only = part(transformation, "options"), part(transformation, "filter")
    if not only.get("options"):
        return apply(frames, options)
    matches = frame_matcher(only)
    made = apply([frame for frame in frames if matches(frame)], options)
    return _with_others(made, frames, matches)


def _with_others(
    made: Sequence[Frame], frames: Sequence[Frame], matches: FrameMatcher
) -> list[Frame]:
    """Put what the transformation is not for where Grafana does: all of it together, at the place
    of the first of them that was not the first of all."""
    others = [(place, frame) for place, frame in enumerate(frames) if not matches(frame)]
    place = next((place for place, _ in others if place), 0)
    return [*made[:place], *(frame for _, frame in others), *made[place:]]
