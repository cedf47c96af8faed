"""A Prometheus that is thrown away after use: on a free port of 127.0.0.1, with its data in a
temporary folder, and with nothing to scrape."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import requests

from gk.documents.durations import milliseconds
from gk.errors import GkError
from gk.prometheus import Prometheus
from gk.prometheus.remote_write import requests_of
from gk.prometheus.series import parse_series

__all__ = ["PROGRAM", "Starting", "ThrowAway", "is_installed"]

PROGRAM = "prometheus"
_PATIENCE = 30.0
"""Seconds until Prometheus has to answer, or to end."""


def is_installed() -> bool:
    """Whether this machine has Prometheus."""
    return shutil.which(PROGRAM) is not None


class Starting:
    """A Prometheus that is starting, without data: nobody waits for it yet.

    Raises GkError if it cannot be started.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="gk-prometheus-")
        try:
            self._process = self._started(Path(self._folder.name))
        except BaseException:
            self._folder.cleanup()
            raise

    def address(self) -> str:
        """The address that its log names, once it listens there. Raises GkError if it ends, or is
        late."""
        ends = time.monotonic() + _PATIENCE
        while not (listening := re.search(r'msg="Listening on".* address=(\S+)', self._logged())):
            self.wait(ends)
        return listening[1]

    def wait(self, ends: float) -> None:
        """Wait a moment. Raises GkError if the process has ended, or is late."""
        if self._process.poll() is not None:
            raise GkError(f"{PROGRAM} ended with {self._process.returncode}\n{self._tail()}")
        if time.monotonic() > ends:
            raise GkError(f"{PROGRAM} does not answer after {_PATIENCE:g} s\n{self._tail()}")
        time.sleep(0.01)

    def stop(self) -> None:
        """End the process, and remove its data."""
        # There is nothing that it should still write.
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()

    def _started(self, folder: Path) -> subprocess.Popen[bytes]:
        config = folder / "prometheus.yml"
        config.write_text("{}\n", encoding="utf-8")
        self._log = folder / "log"
        command = [
            PROGRAM,
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'data'}",
            # A test may have samples of years.
            "--storage.tsdb.retention.time=100y",
            "--web.enable-remote-write-receiver",
            # Prometheus takes a free port itself: no other process can take it in between.
            "--web.listen-address=127.0.0.1:0",
        ]
        with self._log.open("wb") as log:
            try:
                return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            except OSError as error:
                raise GkError(f"{PROGRAM} does not start: {error.strerror}") from error

    def _logged(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def _tail(self) -> str:
        return "\n".join(self._logged().splitlines()[-10:])


class ThrowAway(Prometheus):
    """A running Prometheus with given series. The last sample of each is of now, or of the time
    `at` in seconds since 1970, however many it has: a series that ends before ends with `_` or
    `stale`. One that is `starting` already is there sooner.

    As a context manager, or by `stop`, it ends. Raises GkError if it does not start, and ValueError
    for series or an interval that it cannot read.
    """

    def __init__(
        self,
        series: Mapping[str, str],
        interval: str = "1m",
        *,
        at: float | None = None,
        starting: Starting | None = None,
    ) -> None:
        parsed, step = parse_series(series), milliseconds(interval)
        if not step:
            raise ValueError(f"interval '{interval}' is not a duration; write one such as 1m")
        self.interval = step
        """Milliseconds between two samples."""
        end = int((time.time() if at is None else at) * 1000)
        self.now = end / 1000
        """When the last samples are, in seconds since 1970."""
        self._started = starting or Starting()
        try:
            super().__init__(f"http://{self._started.address()}")
            self._wait_until_ready()
            for body in requests_of(parsed, end, step):
                self._write(body)
        except BaseException:
            self._started.stop()
            raise

    def stop(self) -> None:
        """End the process, and remove its data."""
        super().__exit__()
        self._started.stop()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_until_ready(self) -> None:
        ends = time.monotonic() + _PATIENCE
        while True:
            try:
                if self._session.get(f"{self.url}/-/ready", timeout=_PATIENCE).ok:
                    return
            except requests.RequestException:
                pass
            self._started.wait(ends)

    def _write(self, body: bytes) -> None:
        headers = {
            "Content-Encoding": "snappy",
            "Content-Type": "application/x-protobuf",
            "X-Prometheus-Remote-Write-Version": "0.1.0",
        }
        url = f"{self.url}/api/v1/write"
        answer = self._session.post(url, data=body, headers=headers, timeout=_PATIENCE)
        if not answer.ok:
            raise GkError(f"{PROGRAM} refuses the series: {answer.text.strip()}")
