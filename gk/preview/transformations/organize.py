"""Fields left out, in another order, and renamed, by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gk.documents.parts import dicts
from gk.preview.fields import name_of
from gk.preview.model import Field, Frame
from gk.preview.parts import flag, part, word
from gk.preview.transformations.filter_by_name import filtered
from gk.preview.transformations.model import FieldMatcher, Frames, Options, by_names, time_of
from gk.preview.transformations.sorting import collated

__all__ = ["apply"]


def apply(frames: Frames, options: Options) -> list[Frame]:
    """Leave fields out, then order them, then rename them."""
    names = {id(field): name_of(field, frame, frames) for frame in frames for field in frame.fields}
    left = filtered(frames, _chosen(options, "includeByName"), _chosen(options, "excludeByName"))
    is_one = len(frames) == 1

    def named(field: Field, frame: Frame) -> str:
        """Grafana keeps a name that it has found: `Value 2` keeps it when `Value 1` goes."""
        return names[id(field)] if is_one else name_of(field, frame, [frame])

    ordered = [replace(frame, fields=_ordered(frame, left, names, options)) for frame in left]
    return [_renamed(frame, part(options, "renameByName"), named) for frame in ordered]


def _chosen(options: Options, key: str) -> FieldMatcher | None:
    names = [name for name, is_chosen in part(options, key).items() if is_chosen]
    return by_names(names) if names else None


def _ordered(
    frame: Frame, frames: Frames, names: Mapping[int, str], options: Options
) -> Sequence[Field]:
    if options.get("orderByMode", "manual") == "manual":
        places = part(options, "indexByName")
        return sorted(frame.fields, key=lambda field: _place(places.get(names[id(field)])))
    rules = dicts(options, "orderBy")
    # The time stays first, whatever the rules say.
    time = time_of(frame)
    fields = [field for field in frame.fields if field is not time]
    # Sorting is stable: the first rule, which is applied last, decides.
    for rule in reversed(rules):
        fields.sort(key=_key(rule, names), reverse=flag(rule, "desc"))
    return fields if time is None else [time, *fields]


def _place(given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or given % 1:
        return float("inf")
    return given


def _key(rule: Mapping[str, Any], names: Mapping[int, str]) -> Callable[[Field], Any]:
    if word(rule, "type") == "name":
        return lambda field: collated(names[id(field)], numeric=True)
    return lambda field: collated(field.labels.get(word(rule, "name"), ""), numeric=True)


def _renamed(
    frame: Frame, new_names: Mapping[str, Any], named: Callable[[Field, Frame], str]
) -> Frame:
    fields = []
    for field in frame.fields:
        new = new_names.get(named(field, frame))
        is_new = isinstance(new, str) and new
        fields.append(
            replace(field, config={**field.config, "displayName": new}) if is_new else field
        )
    return replace(frame, fields=fields)
