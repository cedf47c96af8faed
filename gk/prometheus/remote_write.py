"""Writes series to a Prometheus by its remote write receiver.

promtool makes blocks of OpenMetrics, which cannot say that a series ends; remote write can, and a
query finds the same as after scrapes.
https://prometheus.io/docs/specs/prw/remote_write_spec/
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence

from gk.prometheus.series import Series

__all__ = ["requests_of"]

_PER_REQUEST = 30 * 60 * 1000
"""Milliseconds of samples in a request: Prometheus refuses samples that are an hour older than its
newest."""


def requests_of(series: Sequence[Series], end: int, step: int) -> Iterator[bytes]:
    """The bodies of requests that write series whose last samples are at `end`, and all others a
    `step` earlier each; both in milliseconds. The oldest come first."""
    longest = max((len(one.values) for one in series), default=0)
    samples = max(1, _PER_REQUEST // step)
    for oldest in range(longest - 1, -1, -samples):
        ages = range(oldest, max(oldest - samples, -1), -1)
        body = b"".join(
            _field(1, encoded) for one in series if (encoded := _encoded(one, ages, end, step))
        )
        if body:
            yield _snappy(body)


def _encoded(series: Series, ages: Iterable[int], end: int, step: int) -> bytes:
    """A TimeSeries with the samples that are so many steps old; empty without any."""
    aged = ((age, series.values[-1 - age]) for age in ages if age < len(series.values))
    samples = [
        _field(2, b"\x09" + struct.pack("<d", value) + b"\x10" + _varint(end - age * step))
        for age, value in aged
        if value is not None
    ]
    labels = [
        _field(1, _field(1, name.encode()) + _field(2, value.encode()))
        # The receiver requires them in this order.
        for name, value in sorted(series.labels.items())
    ]
    return b"".join([*labels, *samples]) if samples else b""


def _field(number: int, content: bytes) -> bytes:
    """A field of Protocol Buffers with a length."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    # A negative number has ten bytes.
    number &= 0xFFFFFFFFFFFFFFFF
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])


def _snappy(content: bytes) -> bytes:
    """Snappy's block format, as literals only: the other end is on this machine."""
    pieces = (content[at : at + 0x10000] for at in range(0, len(content), 0x10000))
    # 61 << 2 is a literal whose length less one follows in two bytes.
    literals = (b"\xf4" + struct.pack("<H", len(piece) - 1) + piece for piece in pieces)
    return _varint(len(content)) + b"".join(literals)
