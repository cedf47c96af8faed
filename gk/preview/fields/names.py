"""What Grafana calls a field: in legends, beside stats, at the top of a table's column.

Source: packages/grafana-data/src/field/fieldState.ts at 12.4.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from gk.preview.fields.numbers import words_of
from gk.preview.model import Field, FieldType, Frame

__all__ = ["VALUE", "frame_name_of", "interpolated", "name_of"]

VALUE = "Value"
"""The name of a field that has none of its own, in a time series."""

_REFERENCE = re.compile(
    r"\$\{(__field|__series)\.(name|displayName|labels)"
    r"(?:\.(\w+)|\[\s*(?:\"([^\"]*)\"|'([^']*)')\s*\])?(?::\w+)?\}"
)


def name_of(field: Field, frame: Frame | None, frames: Sequence[Frame] | None) -> str:
    """The name of a field of a frame, among the frames of its panel."""
    if given := words_of(field.config.get("displayName")):
        return _compared(given, frame)
    if frame and (given := words_of(field.config.get("displayNameFromDS"))):
        return _compared(given, frame)
    if field.type is FieldType.TIME and not field.labels:
        # Grafana tells times apart if they have no labels, not if they have no set of labels:
        # those that were joined, but not those that were concatenated.
        return _unique(field, frame)
    return _compared(_of_parts(field, frame, frames), frame)


def _compared(name: str, frame: Frame | None) -> str:
    """The name of a series of another time says so."""
    compare = frame.meta.get("timeCompare") if frame else None
    is_other = isinstance(compare, dict) and compare.get("isTimeShiftQuery")
    return f"{name} (comparison)" if is_other else name


def _of_parts(field: Field, frame: Frame | None, frames: Sequence[Frame] | None) -> str:
    """The name of the frame, where frames differ in it, of the field, and its labels."""
    parts = []
    if frame and frame.name and frames and _shared(_Same(frames)).differs:
        parts.append(frame.name)
    has_frame = bool(parts)
    if field.name and field.name != VALUE:
        parts.append(field.name)
    labels = _labels(field, frames or [frame]) if frame else ""
    if labels:
        parts.append(labels)
    if frame and frame.name and not has_frame and not labels and field.name == VALUE:
        parts.append(frame.name)
    name = " ".join(parts) or field.name or VALUE
    return _unique(field, frame) if name == field.name else name


def _labels(field: Field, frames: Sequence[Frame]) -> str:
    """The labels of a field; only the value where all fields have one label of the same name."""
    if not field.labels:
        return ""
    label = _shared(_Same(frames)).label
    if label is not None:
        return field.labels.get(label, "")
    return "{" + _in_words(field.labels) + "}"


@dataclass(frozen=True, slots=True)
class _Shared:
    """What names need to know of all frames: whether their names differ, and the name of the label
    if there is only one."""

    differs: bool
    label: str | None


class _Same:
    """Frames that equal the same frames only. Their names are asked for one after the other: what
    they share is found once."""

    __slots__ = ("frames",)

    def __init__(self, frames: Iterable[Frame]) -> None:
        self.frames = tuple(frames)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Same)
            and len(self.frames) == len(other.frames)
            and all(map(operator.is_, self.frames, other.frames))
        )

    def __hash__(self) -> int:
        # Two frames tell panels apart; `==` looks at all of them.
        return hash((len(self.frames), *map(id, self.frames[:2])))


@lru_cache(maxsize=4)
def _shared(same: _Same) -> _Shared:
    labels = {name for frame in same.frames for field in frame.fields for name in field.labels}
    return _Shared(
        differs=len({frame.name for frame in same.frames}) > 1,
        label=labels.pop() if len(labels) == 1 else None,
    )


def _in_words(labels: Mapping[str, str]) -> str:
    return ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items()))


def _unique(field: Field, frame: Frame | None) -> str:
    """A number after the name tells a frame's fields of one name apart."""
    same = [other for other in frame.fields if other.name == field.name] if frame else []
    if len(same) < 2:
        return field.name
    place = next((index for index, other in enumerate(same) if other is field), len(same))
    return f"{field.name} {place + 1}"


def frame_name_of(frame: Frame, index: int | None = None) -> str:
    """The name of a frame: its own, or that of its one field besides the time."""
    if frame.name:
        return frame.name
    names = [
        name_of(field, frame, None) for field in frame.fields if field.type is not FieldType.TIME
    ]
    if len(names) == 1:
        return names[0]
    if index is None and frame.fields:
        return ", ".join(names)
    return f"Series ({frame.ref_id or index})"


def interpolated(
    text: str, field: Field, frame: Frame, frames: Sequence[Frame], other: Callable[[str], str]
) -> str:
    """A text with the name and the labels of a field in place of `${__field.labels.job}`; `other`
    replaces all other variables."""

    def value(match: re.Match[str]) -> str:
        scope, what = match[1], match[2]
        label = next((group for group in match.groups()[2:] if group is not None), None)
        if scope == "__series":
            return frame_name_of(frame) if what == "name" else match[0]
        if what == "labels":
            return _in_words(field.labels) if label is None else field.labels.get(label, "")
        return field.name if what == "name" else name_of(field, frame, frames)

    # What stands in for a reference is a value, in which nothing is replaced.
    parts, end = [], 0
    for match in _REFERENCE.finditer(text):
        parts += [other(text[end : match.start()]), value(match)]
        end = match.end()
    return "".join([*parts, other(text[end:])])
