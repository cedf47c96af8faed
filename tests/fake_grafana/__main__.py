"""The fake as a program."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

import orjson

from tests.fake_grafana import FakeGrafana


def main() -> None:
    """Serve one as a program until it is ended, with its URL as the first line of output."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--version", default="9.3.2")
    parser.add_argument(
        "--dashboards", type=Path, help="JSON file: a list of what POST /api/dashboards/db takes"
    )
    options = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with FakeGrafana(version=options.version, port=options.port) as grafana:
        for body in orjson.loads(options.dashboards.read_bytes()) if options.dashboards else ():
            grafana.load(body)
        sys.stdout.write(f"{grafana.url}\n")
        sys.stdout.flush()
        ended.wait()


if __name__ == "__main__":
    main()
