"""The protobuf form of metric families, in which histograms are native, too: as client libraries
send them, and Kubernetes from 1.36 on.

Prometheus asks for this form once it takes native histograms (2.40 with
`--enable-feature=native-histograms`, 3.8 with `scrape_native_histograms`). The messages are those
of io.prometheus.client, each after its length:
https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.exporters.exposition import Family, Labels, Sample

__all__ = ["CONTENT_TYPE", "MEDIA_TYPE", "exposition"]

MEDIA_TYPE = "application/vnd.google.protobuf"
CONTENT_TYPE = f"{MEDIA_TYPE}; proto=io.prometheus.client.MetricFamily; encoding=delimited"

# That of client libraries.
_ZERO_THRESHOLD = 2.0**-128

_TYPES = {"counter": 0, "gauge": 1, "summary": 2, "untyped": 3, "histogram": 4}
# Where a metric has its value: the field of its type.
_FIELDS = {"gauge": 2, "counter": 3, "summary": 4, "untyped": 5, "histogram": 7}


def exposition(families: Iterable[Family], age: float, schema: int) -> bytes:
    """Return the families at an age; `schema` is that of their native histograms."""
    return b"".join(_sized(_family(family, age, schema)) for family in families)


def _family(family: Family, age: float, schema: int) -> bytes:
    message = _field(1, family.name) + _field(2, family.help) + _number(3, _TYPES[family.type])
    native = {_key(labels): buckets for labels, buckets in family.native}
    for labels, samples in groupby(family.samples, key=lambda sample: _key(sample.labels)):
        value = _value(family.type, [*samples], age)
        if labels in native:
            value += _native({i: int(at(age)) for i, at in native[labels].items()}, schema)
        message += _field(4, _labels(dict(labels)) + _field(_FIELDS[family.type], value))
    return message


def _key(labels: Labels) -> tuple[tuple[str, str], ...]:
    """The labels of a metric: those of a bucket or a quantile tell parts of it apart."""
    return tuple(item for item in labels.items() if item[0] not in ("le", "quantile"))


def _labels(labels: Labels) -> bytes:
    return b"".join(_field(1, _field(1, name) + _field(2, value)) for name, value in labels.items())


def _value(type_: str, samples: list[Sample], age: float) -> bytes:
    if type_ == "histogram":
        return b"".join(_of_histogram(sample, age) for sample in samples)
    if type_ == "summary":
        return b"".join(_of_summary(sample, age) for sample in samples)
    return _double(1, samples[0].value(age))


def _of_histogram(sample: Sample, age: float) -> bytes:
    value = sample.value(age)
    if sample.suffix == "_bucket":
        return _field(3, _number(1, int(value)) + _double(2, float(sample.labels["le"])))
    return _number(1, int(value)) if sample.suffix == "_count" else _double(2, value)


def _of_summary(sample: Sample, age: float) -> bytes:
    value = sample.value(age)
    if sample.suffix:
        return _number(1, int(value)) if sample.suffix == "_count" else _double(2, value)
    return _field(3, _double(1, float(sample.labels["quantile"])) + _double(2, value))


def _native(counts: Mapping[int, int], schema: int) -> bytes:
    """The native part of a histogram: spans of buckets, and how much more each bucket has than the
    one before it."""
    spans, deltas, before, end = b"", b"", 0, 0
    for first, length in _spans(counts):
        spans += _field(12, _number(1, _signed(first - end)) + _number(2, length))
        for index in range(first, first + length):
            deltas += _number(13, _signed(counts[index] - before))
            before = counts[index]
        end = first + length
    head = _number(5, _signed(schema)) + _double(6, _ZERO_THRESHOLD) + _number(7, 0)
    return head + spans + deltas


def _spans(counts: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The first of each run of indices, and how many it has."""
    runs = defaultdict(list)
    for position, index in enumerate(counts):
        runs[index - position].append(index)
    for run in runs.values():
        yield run[0], len(run)


def _field(number: int, value: str | bytes) -> bytes:
    return _varint(number << 3 | 2) + _sized(value.encode() if isinstance(value, str) else value)


def _double(number: int, value: float) -> bytes:
    return _varint(number << 3 | 1) + struct.pack("<d", value)


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _sized(message: bytes) -> bytes:
    return _varint(len(message)) + message


def _signed(value: int) -> int:
    """A number that may be negative, zigzag: small ones stay short."""
    return value * 2 if value >= 0 else -value * 2 - 1


def _varint(value: int) -> bytes:
    octets = bytearray()
    while value >= 0x80:
        octets.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*octets, value])
