"""A real Prometheus with series that a test writes down, and that scrapes nothing.

    with loaded(tmp_path, series("up", {"job": "api"}, 1)) as url:
        ...

promtool makes blocks of the series, so they may end long ago, and nobody has to wait.
"""

from __future__ import annotations

import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.stack import Program

__all__ = ["Series", "loaded", "series"]


@dataclass(frozen=True)
class Series:
    """A series: `value` at first, and `increase` more with each sample; times are seconds before
    now."""

    name: str
    labels: Mapping[str, str]
    value: float
    increase: float = 0
    start: float = 1800
    end: float = 0
    step: float = 15

    def lines(self, now: float) -> Iterator[str]:
        """Its samples, as OpenMetrics has them."""
        labels = ",".join(f'{name}="{value}"' for name, value in self.labels.items())
        for number in range(int((self.start - self.end) / self.step) + 1):
            at = now - self.start + number * self.step
            yield f"{self.name}{{{labels}}} {self.value + number * self.increase} {at:.3f}"


def series(name: str, labels: Mapping[str, str], value: float, **more: Any) -> Series:
    """A series of the last half hour, with a sample each 15 seconds."""
    return Series(name, labels, value, **more)


@contextmanager
def loaded(
    folder: Path, listed: Sequence[Series], config: Mapping[str, Any] | None = None
) -> Iterator[str]:
    """The URL of a Prometheus with these series. Skips the test where there is none."""
    for name in ("prometheus", "promtool"):
        if shutil.which(name) is None:
            pytest.skip(f"not installed: {name}")
    folder.mkdir(parents=True, exist_ok=True)
    now = time.time()
    # Samples of one name have to be together.
    ordered = sorted(listed, key=lambda entry: entry.name)
    text = "\n".join([*(line for entry in ordered for line in entry.lines(now)), "# EOF", ""])
    exposition, data = folder / "series.txt", folder / "data"
    exposition.write_text(text)
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", exposition, data],
        check=True,
        capture_output=True,
        timeout=60,
    )
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config or {}))
    options = [
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={data}",
        "--enable-feature=promql-at-modifier",
    ]
    program = Program("prometheus", options, folder)
    try:
        url = f"http://{program.wait_for_address()}"
        _wait_until_ready(url)
        yield url
    finally:
        program.stop()


def _wait_until_ready(url: str) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + 30
    while True:
        try:
            with opener.open(f"{url}/-/ready", timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)
