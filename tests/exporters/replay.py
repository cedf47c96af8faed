"""Serves a recorded exposition as if its exporter were still running.

What a recording counted is multiplied by 1 + elapsed / uptime, where uptime is how long the
recorded process had run: so each counter goes on at its average rate so far. Gauges stay as
recorded, and so do a summary's quantiles. Time stamps are left out, since Prometheus would drop
samples of last year.
"""

from __future__ import annotations

import argparse
import math
import re
import time
from collections.abc import Callable
from pathlib import Path

from tests.exporters.exposition import Exporter, run

__all__ = ["Recording", "serve"]

# Quoted label values may contain any character, braces and spaces included.
_SAMPLE = re.compile(
    r'(?P<series>(?P<name>[\w:]+)(?:\{(?:[^"}]|"(?:\\.|[^"\\])*")*\})?)\s+(?P<value>\S+)'
)
_PARTS = re.compile(r"_(?:bucket|sum|count)$")


class Recording:
    """A sample file, split once into what stays as it is and what advances."""

    def __init__(self, text: str) -> None:
        self._types: dict[str, str] = {}
        self._lines = [self._line(line) for line in text.splitlines()]

    def text(self, factor: float) -> str:
        """Return the exposition with everything counted multiplied by the factor."""
        return "".join(line if isinstance(line, str) else line(factor) for line in self._lines)

    def _line(self, line: str) -> str | Callable[[float], str]:
        if line.startswith("#"):
            words = line.split(maxsplit=3)
            if words[1:2] == ["TYPE"]:
                self._types[words[2]] = words[3]
            return f"{line}\n"
        sample = _SAMPLE.match(line)
        if sample is None:
            return ""
        series, value = sample["series"], float(sample["value"])
        if not self._counts(sample["name"]) or not math.isfinite(value):
            return f"{series} {sample['value']}\n"
        if value == int(value):
            whole = int(value)
            return lambda factor: f"{series} {math.floor(whole * factor)}\n"
        return lambda factor: f"{series} {value * factor!r}\n"

    def _counts(self, name: str) -> bool:
        """Tell whether a sample of that name only ever grows."""
        if self._types.get(name) == "counter":
            return True
        family = _PARTS.sub("", name)
        return family != name and self._types.get(family) in {"histogram", "summary"}


def serve(file: Path, port: int = 0, *, path: str = "/metrics", uptime: float = 150.0) -> Exporter:
    """Serve a sample file on 127.0.0.1, with counters that advance from now on."""
    recording = Recording(file.read_text(encoding="utf-8"))
    start = time.time()
    return Exporter(port, path, lambda: recording.text(1 + (time.time() - start) / uptime))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description="Send a recorded exposition with counters that advance."
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--path", default="/metrics")
    parser.add_argument(
        "--uptime", type=float, default=150.0, help="seconds that the recorded process had run"
    )
    run(parser, lambda given: serve(given.file, given.port, path=given.path, uptime=given.uptime))
