"""Size and time of the page of gk preview: 40 panels of 8 series with 360 points.

    python -m benchmarks.preview

The time is that of a headless Chromium from the beginning of the page until all charts are drawn,
with the window as high as a screen; and that of Python for the page.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from gk.preview.page import html
from tests.chromium import chromium
from tests.preview_boards import large

ROUNDS = 5
SIZE = 500_000
"""Bytes that the page may have."""
TIME = 1.0
"""Seconds until all is drawn."""


def main() -> None:
    """Measure, and print a line for each round and the medians."""
    board = large()
    with tempfile.TemporaryDirectory() as folder, chromium(Path(folder)) as browser:
        rounds = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            text = html([board])
            made = time.perf_counter() - started
            page = browser.open(text).page
            page.locator("html[data-drawn]").wait_for(state="attached")
            drawn = page.evaluate("performance.getEntriesByName('drawn').at(-1).startTime") / 1000
            rounds.append((made, drawn))
            print(f"made in {made:.2f} s   drawn in {drawn:.2f} s")
    size = len(text.encode())
    print(
        f"median: made in {median(made for made, _ in rounds):.2f} s, drawn in "
        f"{median(drawn for _, drawn in rounds):.2f} s (aim {TIME} s), {size:,} bytes "
        f"(aim {SIZE:,})"
    )


if __name__ == "__main__":
    main()
