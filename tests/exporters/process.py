"""What every program in Go says of its process."""

from __future__ import annotations

from collections.abc import Iterator

from tests.exporters.exposition import Family, counter, gauge, started_at, wandering

__all__ = ["families"]


def families(name: str, *, cores: float, memory: float) -> Iterator[Family]:
    """Return the families of a process that uses so many cores and so many bytes."""
    yield counter("process_cpu_seconds_total", "CPU time.", [({}, cores)])
    yield gauge("process_resident_memory_bytes", "Memory.", [({}, wandering(memory, name))])
    yield gauge("process_open_fds", "Open file descriptors.", [({}, 64)])
    yield gauge("process_max_fds", "File descriptors that may be open.", [({}, 1048576)])
    yield gauge("process_start_time_seconds", "Start.", [({}, started_at())])
