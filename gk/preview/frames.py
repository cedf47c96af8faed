"""Prometheus's answers as tables, as Grafana's Prometheus data source makes them.

time_series  a frame for each series: its times and its values; also of an instant query
table        one frame for each query: Time, a column for each label, and the values; of
             several queries, one that is empty is Time and values without rows
heatmap      one frame: Time, and a column for each bucket with what is in that bucket alone
             (native histograms are cells, whatever the format)

Nothing is filled in: a series has the times at which Prometheus has a value.

Sources: answers of /api/ds/query of Grafana 9.3.2 and 12.4.0, and what their panels show.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from gk.preview.fields import name_of
from gk.preview.model import Field, FieldType, Frame
from gk.preview.parts import as_number

__all__ = ["Answer", "Asked", "frames_of_all", "with_labels"]

Format: TypeAlias = Literal["time_series", "table", "heatmap"]

_ORDER = {"time_series": 0, "table": 1, "heatmap": 2}
_AUTO_LEGEND = "__auto"
_PLACEHOLDER = re.compile(r"\{\{(.+?)\}\}", re.DOTALL)
_BUCKET = "le"
_NUMBERS = (int, float)
_VALUE = "Value"
_NOISE = 1e-9
"""Grafana takes less than this in a bucket for none: what subtracting rounded rates leaves."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it was asked. `start` and `end` are seconds since 1970, `step` milliseconds. An
    instant query is of its `end`."""

    ref_id: str
    expr: str
    legend_format: str = ""
    format: Format = "time_series"
    is_range: bool = True
    start: float = 0.0
    end: float = 0.0
    step: int = 0


Answer: TypeAlias = tuple[Asked, Mapping[str, Any]]
"""A query, and the `data` of Prometheus's answer."""


def frames_of_all(answers: Iterable[Answer]) -> list[Frame]:
    """Return the frames of all queries of a panel: series, then tables, then heatmaps.

    `Value` is called `Value #A` if there are tables of several queries. A query that is both of a
    range and instant is two answers, of which Grafana has the instant one first. What is malformed
    in an answer is left out.
    """
    groups = [(query, _series_of(data)) for query, data in answers]
    automatic = {query.ref_id for query, _ in groups if query.legend_format == _AUTO_LEGEND}
    tables = {query.ref_id for query, _ in groups if query.format == "table"}
    ordered = sorted(_together(groups), key=lambda group: _ORDER.get(group[0].format, 0))
    frames = [
        frame
        for query, series in ordered
        for frame in _frames(
            query, series, f"Value #{query.ref_id}" if tables - {query.ref_id} else _VALUE
        )
    ]
    return [_named(frame, frames) if frame.ref_id in automatic else frame for frame in frames]


def _named(frame: Frame, frames: Sequence[Frame]) -> Frame:
    """Name the series of metrics by their labels alone, which have the metric: Grafana's automatic
    legend."""
    return replace(
        frame,
        fields=[
            replace(
                field,
                config={
                    **field.config,
                    "displayNameFromDS": name_of(replace(field, name=_VALUE), frame, frames),
                },
            )
            if field.labels.get("__name__") == field.name
            else field
            for field in frame.fields
        ],
    )


@dataclass(frozen=True, slots=True)
class _Series:
    """One series of an answer. Times are milliseconds; a cell is a time, the limits of a bucket of
    a native histogram, and its count."""

    kind: str
    labels: Mapping[str, str]
    samples: Sequence[tuple[int, Any]] = ()
    cells: Sequence[tuple[int, float, float, float]] = ()


def _together(
    groups: Sequence[tuple[Asked, list[_Series]]],
) -> Iterator[tuple[Asked, list[_Series]]]:
    """Join the answers of one query in the format of a table: they are rows of one."""
    rows: dict[str, list[_Series]] = {}
    for query, series in groups:
        if query.format == "table":
            rows.setdefault(query.ref_id, []).extend(series)
    for query, series in groups:
        if query.format != "table":
            yield query, series
        elif query.ref_id in rows:
            yield query, rows.pop(query.ref_id)


def _frames(query: Asked, series: Sequence[_Series], value_name: str) -> list[Frame]:
    cells = [_cells(line, query) for line in series if line.cells]
    plain = [line for line in series if line.samples or not line.cells]
    if query.format == "table":
        return [*cells, *_table(plain, query, value_name)]
    if query.format == "heatmap" and plain and all(_BUCKET in line.labels for line in plain):
        return [*cells, *_rows(plain, query)]
    return [*(_time_series(line, query) for line in plain), *cells]


# What Prometheus says.


def _series_of(data: Mapping[str, Any]) -> list[_Series]:
    kind, result = data.get("resultType"), data.get("result")
    if not isinstance(kind, str) or not isinstance(result, list):
        return []
    if kind in ("scalar", "string"):
        samples = _samples([result], float if kind == "scalar" else str)
        return [_Series(kind, {}, samples)] if samples else []
    return [_one_series(kind, line) for line in result if isinstance(line, dict)]


def _one_series(kind: str, given: Mapping[str, Any]) -> _Series:
    metric = given.get("metric")
    labels = metric if isinstance(metric, dict) else {}
    return _Series(
        kind,
        {str(name): str(labels[name]) for name in sorted(labels, key=str)},
        _samples(_listed(given, "values", "value"), float),
        [cell for sample in _listed(given, "histograms", "histogram") for cell in _buckets(sample)],
    )


def _listed(given: Mapping[str, Any], several: str, one: str) -> list[Any]:
    """Return the samples of a range, or the one of an instant."""
    values = given.get(several)
    if isinstance(values, list):
        return values
    return [given[one]] if one in given else []


def _samples(pairs: Sequence[Any], read: Callable[[Any], Any]) -> list[tuple[int, Any]]:
    samples = []
    for pair in pairs:
        if isinstance(pair, list) and len(pair) == 2 and _is_number(pair[0]):
            try:
                samples.append((round(pair[0] * 1000), read(pair[1])))
            except (TypeError, ValueError, OverflowError):
                continue
    return samples


def _buckets(sample: Any) -> Iterator[tuple[int, float, float, float]]:
    """Yield the cells of a native histogram: `[time, {"buckets": [[rule, low, high, count]]}]`."""
    if not isinstance(sample, list) or len(sample) != 2 or not _is_number(sample[0]):
        return
    buckets = sample[1].get("buckets") if isinstance(sample[1], dict) else None
    for bucket in buckets if isinstance(buckets, list) else ():
        try:
            _, low, high, count = bucket
            yield round(sample[0] * 1000), float(low), float(high), float(count)
        except (TypeError, ValueError, OverflowError):
            continue


def _is_number(value: Any) -> bool:
    # JSON has no classes derived from these.
    return type(value) in _NUMBERS and math.isfinite(value)


# Frames of it.


def _time_series(series: _Series, query: Asked) -> Frame:
    legend = _legend(series.labels, query)
    values = [value for _, value in series.samples]
    kind = FieldType.STRING if series.kind == "string" else FieldType.NUMBER
    config = {"displayNameFromDS": legend} if legend else {}
    name = series.labels.get("__name__", _VALUE)
    return Frame(
        [
            _time_field([time for time, _ in series.samples], query),
            Field(name, kind, values, series.labels, config),
        ],
        ref_id=query.ref_id,
        meta={"type": "timeseries-multi", **_meta(series)},
    )


def _legend(labels: Mapping[str, str], query: Asked) -> str:
    """Return what the data source calls a series; empty if Grafana finds the name in the labels."""
    if query.legend_format == _AUTO_LEGEND:
        return "" if labels else query.expr
    text = with_labels(query.legend_format, labels) if query.legend_format else _selector(labels)
    return query.expr if text == "{}" else text


def with_labels(text: str, labels: Mapping[str, str]) -> str:
    """Return the text with the values of labels in place of their names, as `{{name}}`."""
    # What follows the last name would be read to its end for each `{{` in it.
    before, end, after = text.rpartition("}}")
    replaced = _PLACEHOLDER.sub(lambda match: labels.get(match[1].strip(), ""), before + end)
    return replaced + after


def _selector(labels: Mapping[str, str]) -> str:
    """Return a series as Prometheus writes it: `up{job="node"}`."""
    inside = ", ".join(
        f"{name}={_quoted(value)}" for name, value in labels.items() if name != "__name__"
    )
    name = labels.get("__name__", "")
    return f"{name}{{{inside}}}" if inside or not name else name


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r") + '"'


def _time_field(times: Sequence[int], query: Asked, name: str = "Time") -> Field:
    return Field(name, FieldType.TIME, times, config={"interval": query.step} if query.step else {})


def _meta(series: _Series) -> Mapping[str, Any]:
    return {"custom": {"resultType": series.kind}}


def _table(series: Sequence[_Series], query: Asked, value_name: str) -> list[Frame]:
    if not series and value_name == _VALUE:
        return []
    rows = [(line.labels, time, value) for line in series for time, value in line.samples]
    columns = sorted({name for line in series for name in line.labels})
    is_text = any(line.kind == "string" for line in series)
    return [
        Frame(
            [
                Field("Time", FieldType.TIME, [time for _, time, _ in rows]),
                *(
                    _column(name, [labels.get(name, "") for labels, _, _ in rows])
                    for name in columns
                ),
                Field(
                    value_name,
                    FieldType.STRING if is_text else FieldType.NUMBER,
                    [value for _, _, value in rows],
                ),
            ],
            ref_id=query.ref_id,
            meta=_meta(series[0]) if series else {},
        )
    ]


def _column(name: str, values: Sequence[str]) -> Field:
    """Return a column of a label. `le` is the only label that is a number in tables."""
    config = {"filterable": True}
    if name == _BUCKET:
        return Field(name, FieldType.NUMBER, [as_number(value) for value in values], config=config)
    return Field(name, FieldType.STRING, values, config=config)


def _rows(series: Sequence[_Series], query: Asked) -> list[Frame]:
    """Return a frame for each group of buckets that are of the same labels."""
    groups: dict[tuple[tuple[str, str], ...], list[_Series]] = {}
    for line in series:
        rest = tuple((name, value) for name, value in line.labels.items() if name != _BUCKET)
        groups.setdefault(rest, []).append(line)
    return [_heatmap(dict(rest), group, query) for rest, group in groups.items()]


def _heatmap(labels: Mapping[str, str], series: Sequence[_Series], query: Asked) -> Frame:
    ordered = sorted(series, key=lambda bucket: _order(bucket.labels[_BUCKET]))
    times = sorted({time for bucket in ordered for time, _ in bucket.samples})
    counts = [dict(bucket.samples) for bucket in ordered]
    fields = [
        Field(
            bucket.labels[_BUCKET],
            FieldType.NUMBER,
            [_difference(upper.get(time), lower.get(time, 0.0)) for time in times],
            labels,
        )
        for bucket, upper, lower in zip(ordered, counts, [{}, *counts], strict=False)
    ]
    meta = {"type": "heatmap-rows", **_meta(ordered[0])}
    return Frame([_time_field(times, query), *fields], ref_id=query.ref_id, meta=meta)


def _order(limit: str) -> tuple[bool, float, str]:
    """Buckets by their limits; those whose limit is not a number come last."""
    value = as_number(limit)
    if value is None or math.isnan(value):
        return True, 0.0, limit
    return False, value, limit


def _difference(upper: float | None, lower: float) -> float | None:
    if upper is None:
        return None
    alone = upper - lower
    return 0.0 if alone < _NOISE else alone


def _cells(series: _Series, query: Asked) -> Frame:
    """Return the buckets of native histograms, a row for each."""
    columns = list(zip(*series.cells, strict=True))
    counts = Field("count", FieldType.NUMBER, list(columns[3]), series.labels)
    return Frame(
        [
            _time_field(list(columns[0]), query, "xMax"),
            Field("yMin", FieldType.NUMBER, list(columns[1])),
            Field("yMax", FieldType.NUMBER, list(columns[2])),
            counts,
        ],
        name=_legend(series.labels, query),
        ref_id=query.ref_id,
        meta={"type": "heatmap-cells", **_meta(series)},
    )
