"""The model behind the exporter programs: metric families, their text form, and the server that
sends it, or the protobuf form to whoever asks for that.

Every value is a function of the exporter's age in seconds. Nothing is random and nothing is
remembered between scrapes, so two scrape jobs that read one exporter see the same counters, and a
test sees the same curve each time.
"""

from __future__ import annotations

import argparse
import math
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import accumulate
from statistics import NormalDist

from tests.exporters import protobuf

__all__ = [
    "CONTENT_TYPE",
    "NATIVE_SCHEMA",
    "UPTIME",
    "Exporter",
    "Family",
    "Observed",
    "Sample",
    "Value",
    "counter",
    "exposition",
    "gauge",
    "histogram",
    "run",
    "serve_families",
    "started_at",
    "summary",
    "wandering",
]

CONTENT_TYPE = "text/plain; version=0.0.4"

NATIVE_SCHEMA = 3
"""Two to this power is the number of buckets from one power of two to the next: each ends 9% after
it starts."""

# An exporter looks as if it had run this long when it starts: its counters are not fresh, as in
# real life.
UPTIME = 7200.0

Labels = Mapping[str, str]
Value = Callable[[float], float]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One line of a family: what follows the family's name, and the value at an age."""

    labels: Labels
    value: Value
    suffix: str = ""


@dataclass(frozen=True, kw_only=True)
class Family:
    """All samples of one metric name."""

    name: str
    type: str
    help: str
    samples: tuple[Sample, ...]
    native: tuple[tuple[Labels, Mapping[int, Value]], ...] = ()
    """The native form of histograms: their buckets of NATIVE_SCHEMA, by index."""

    def lines(self, age: float) -> Iterator[str]:
        """Return the family's lines of exposition text at an age."""
        yield f"# HELP {self.name} {self.help}"
        yield f"# TYPE {self.name} {self.type}"
        for sample in self.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
            braces = f"{{{labels}}}" if labels else ""
            yield f"{self.name}{sample.suffix}{braces} {_number(sample.value(age))}"


@dataclass(frozen=True, kw_only=True)
class Observed:
    """What a histogram observes: so many values a second, spread lognormally around a typical
    one."""

    rate: float
    typical: float
    spread: float = 0.8


def counter(name: str, help: str, rates: Iterable[tuple[Labels, float]]) -> Family:
    """Return a counter with, for each label set, its increase per second.

    Seconds are fractions; everything else is counted in whole numbers. A whole counter that a rate
    over three seconds must never see standing still needs 0.5 or more per second.
    """
    rounded = _unrounded if "seconds" in name else math.floor
    return Family(
        name=name,
        type="counter",
        help=help,
        samples=tuple(
            Sample(labels=labels, value=_increasing(rate, rounded)) for labels, rate in rates
        ),
    )


def gauge(name: str, help: str, values: Iterable[tuple[Labels, float | Value]]) -> Family:
    """Return a gauge with, for each label set, a constant or a function of the age."""
    return Family(
        name=name,
        type="gauge",
        help=help,
        samples=tuple(
            Sample(labels=labels, value=value if callable(value) else _constant(value))
            for labels, value in values
        ),
    )


def histogram(
    name: str, help: str, bounds: tuple[float, ...], observed: Iterable[tuple[Labels, Observed]]
) -> Family:
    """Return a histogram with the given upper bounds; +Inf, _sum and _count come by themselves."""
    samples: list[Sample] = []
    native: list[tuple[Labels, Mapping[int, Value]]] = []
    for labels, observations in observed:
        samples += _histogram_samples(labels, (*bounds, math.inf), observations)
        native.append((labels, _native_buckets(observations)))
    return Family(
        name=name, type="histogram", help=help, samples=tuple(samples), native=tuple(native)
    )


def summary(
    name: str, help: str, quantiles: Mapping[str, float], rate: float, mean: float
) -> Family:
    """Return a summary without labels whose quantiles stand still while its count and sum
    advance."""
    samples = [
        Sample(labels={"quantile": quantile}, value=_constant(value))
        for quantile, value in quantiles.items()
    ]
    samples.append(
        Sample(labels={}, suffix="_sum", value=lambda age: mean * math.floor(rate * age))
    )
    samples.append(Sample(labels={}, suffix="_count", value=_increasing(rate, math.floor)))
    return Family(name=name, type="summary", help=help, samples=tuple(samples))


def wandering(middle: float, key: str, *, swing: float = 0.1, whole: bool = False) -> Value:
    """Return a value that goes up and down around the middle by that share of it.

    The key decides where in its course a series starts and how long one course takes (40 to 103
    seconds), so that series do not move in step.
    """
    seed = zlib.crc32(key.encode())
    period, phase = 40 + seed % 64, seed % 360

    def value(age: float) -> float:
        now = middle * (1 + swing * math.sin(math.radians(360 * age / period + phase)))
        return float(round(now)) if whole else now

    return value


def exposition(families: Iterable[Family], age: float) -> str:
    """Return the exposition text of the families at an age."""
    return "\n".join(line for family in families for line in family.lines(age)) + "\n"


class Exporter(ThreadingHTTPServer):
    """An exporter on 127.0.0.1 that answers one path, from a thread of its own until `stop`: with
    text, or with protobuf if it has that and is asked for it.

    A text is given again to whoever asks within `keeping` seconds.
    """

    daemon_threads = True
    keeping = 0.0

    def __init__(
        self,
        port: int,
        path: str,
        text: Callable[[], str],
        messages: Callable[[], bytes] | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.path = path
        self.text = text
        self.messages = messages
        self._kept, self._until = b"", 0.0
        self._lock = threading.Lock()
        # shutdown() returns within one poll interval; the default of half a second adds up over
        # five exporters.
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """The host and port that Prometheus scrapes."""
        return f"127.0.0.1:{self.server_port}"

    def written(self) -> bytes:
        """The text that somebody gets who asks now."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._until = time.monotonic() + self.keeping
                self._kept = self.text().encode()
            return self._kept

    def stop(self) -> None:
        """Stop answering and free the port."""
        self.shutdown()
        self._thread.join()
        self.server_close()


def serve_families(
    port: int, path: str, families: Iterable[Family], *, native: bool = True
) -> Exporter:
    """Serve families whose age counts from UPTIME seconds before now. Without `native`, there are
    no native histograms, nor the protobuf form that has them."""
    kept = tuple(families)
    start = started_at()
    return Exporter(
        port,
        path,
        lambda: exposition(kept, time.time() - start),
        (lambda: protobuf.exposition(kept, time.time() - start, NATIVE_SCHEMA)) if native else None,
    )


def started_at() -> float:
    """Return the moment at which an exporter that starts now claims to have started."""
    return time.time() - UPTIME


def run(parser: argparse.ArgumentParser, serve: Callable[[argparse.Namespace], Exporter]) -> None:
    """Run an exporter as a program until it is interrupted."""
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    exporter = serve(parser.parse_args())
    sys.stdout.write(f"listening on {exporter.address}\n")
    sys.stdout.flush()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        exporter.stop()


class _Handler(BaseHTTPRequestHandler):
    server: Exporter

    def do_GET(self) -> None:
        if self.path != self.server.path:
            self.send_error(404)
            return
        messages = self.server.messages
        if messages and protobuf.MEDIA_TYPE in self.headers.get("Accept", ""):
            body, content_type = messages(), protobuf.CONTENT_TYPE
        else:
            body, content_type = self.server.written(), CONTENT_TYPE
        # A Prometheus that ends in the middle of a scrape hangs up; that is no trouble of the
        # exporter's.
        with suppress(ConnectionError):
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: one scrape a second would drown a test's output."""


def _histogram_samples(
    labels: Labels, bounds: tuple[float, ...], observed: Observed
) -> Iterator[Sample]:
    values = _observations(observed.typical, observed.spread)
    for bound in bounds:
        within = _repeated((value <= bound for value in values), observed.rate)
        yield Sample(labels={**labels, "le": _number(bound)}, suffix="_bucket", value=within)
    yield Sample(labels=labels, suffix="_sum", value=_repeated(values, observed.rate))
    yield Sample(labels=labels, suffix="_count", value=_increasing(observed.rate, math.floor))


def _native_buckets(observed: Observed) -> Mapping[int, Value]:
    """Bucket i ends at `width ** i`, and starts at the end of the one before it."""
    width = 2 ** (2**-NATIVE_SCHEMA)
    values = _observations(observed.typical, observed.spread)
    indices = [math.ceil(math.log(value, width)) for value in values]
    return {
        bucket: _repeated((index == bucket for index in indices), observed.rate)
        for bucket in sorted(set(indices))
    }


@cache
def _observations(typical: float, spread: float) -> tuple[float, ...]:
    """Return a hundred lognormal values in a scattered order."""
    normal = NormalDist(math.log(typical), spread)
    # 37 has no factor in common with 100, so every hundredth of the distribution comes once.
    return tuple(math.exp(normal.inv_cdf(((37 * step) % 100 + 0.5) / 100)) for step in range(100))


def _repeated(values: Iterable[float], rate: float) -> Value:
    """Return the running total of values that arrive one by one and start again after the last.

    Counting observations one by one, and not shares of a total, is what keeps a histogram
    consistent: over any window, a bucket never grows more than the next wider one.
    """
    totals = tuple(accumulate(values, initial=0))

    def value(age: float) -> float:
        rounds, rest = divmod(math.floor(rate * age), len(totals) - 1)
        return rounds * totals[-1] + totals[rest]

    return value


def _increasing(rate: float, rounded: Callable[[float], float]) -> Value:
    return lambda age: rounded(rate * age)


def _constant(value: float) -> Value:
    return lambda _age: value


def _unrounded(value: float) -> float:
    return value


def _number(value: float) -> str:
    """Write a number as Go does: the `le` of a million is 1e+06, and a rule may name it so."""
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if abs(value) < 1e6:
        return str(int(value)) if value == int(value) else repr(value)
    mantissa, exponent = f"{Decimal(repr(value)).normalize():e}".split("e")
    return f"{mantissa}e{int(exponent):+03d}"
