"""The answers of Prometheus's query API."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Answer", "Sample", "answer_of", "has_data"]

# Prometheus 2.50 and later mark what they say of the query itself: "PromQL warning: ...". Any other
# warning is of a storage that did not answer: remote read, a store of Thanos.
_OF_PROMQL = "PromQL "


@dataclass(frozen=True, slots=True)
class Sample:
    """One series of an instant query's result."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query returned: the last sample of each series, and what it cost.

    `numbers` counts the series that have a number other than NaN, and `times` are those (in seconds
    since 1970) at which one has. `samples` counts those that Prometheus read; 0 if it does not say.
    `data` is what the API answered, with every sample; empty if nobody keeps it.
    """

    series: Sequence[Sample] = ()
    numbers: int = 0
    times: Sequence[float] = ()
    warnings: Sequence[str] = ()
    infos: Sequence[str] = ()
    samples: int = 0
    seconds: float = 0.0
    data: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def has_data(self) -> bool:
        """Whether a series has a number other than NaN; zero counts."""
        return self.numbers > 0

    @property
    def partial(self) -> str:
        """The warning that says that data are missing; empty if none does."""
        return next((text for text in self.warnings if not text.startswith(_OF_PROMQL)), "")


def has_data(samples: Sequence[Sample]) -> bool:
    """Whether a result has a number other than NaN; zero counts."""
    return any(not math.isnan(sample.value) for sample in samples)


def answer_of(body: Mapping[str, Any], seconds: float) -> Answer:
    """The answer in the body of a response that took `seconds`. Raises KeyError, TypeError,
    IndexError or ValueError for a malformed one."""
    data = body["data"]
    stats = data.get("stats") or {}
    read = int((stats.get("samples") or {}).get("totalQueryableSamples") or 0)
    warnings, infos = (_lines(body.get(key) or ()) for key in ("warnings", "infos"))
    if data["resultType"] == "string":
        return Answer((), 0, (), warnings, infos, read, seconds, data)
    if data["resultType"] == "scalar":
        listed = [{"metric": {}, "value": data["result"]}]
    else:
        listed = data["result"]
    series = [Sample(sample["metric"], _last(sample)) for sample in listed]
    times: set[float] = set()
    numbers = 0
    for sample in listed:
        own = _times(sample)
        times.update(own)
        numbers += bool(own)
    return Answer(series, numbers, sorted(times), warnings, infos, read, seconds, data)


def _lines(texts: Iterable[Any]) -> tuple[str, ...]:
    """Texts of the server, each on one line: they are parts of lines of gk's."""
    return tuple(" ".join(str(text).split()) for text in texts)


def _last(series: Mapping[str, Any]) -> float:
    # A selector with a range has all its values; the last one is the newest.
    if "value" in series or "values" in series:
        _, value = series["value"] if "value" in series else series["values"][-1]
        return float(value)
    _, histogram = series["histogram"] if "histogram" in series else series["histograms"][-1]
    return float(histogram["count"])


def _times(series: Mapping[str, Any]) -> list[float]:
    """When a series has a number other than NaN."""
    floats = series.get("values") or ([series["value"]] if "value" in series else [])
    histograms = series.get("histograms") or (
        [series["histogram"]] if "histogram" in series else []
    )
    numbers = [float(time) for time, value in floats if value != "NaN"]
    return numbers + [float(time) for time, _ in histograms]
