"""Files with the answers to a preview, from which the same page can be drawn without a server.

A record is JSON, compressed if its name ends in .gz: when it was made, what was chosen, and all
answers. It has no URL, and so no password.
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson

from gk.bounded.reading import UnusableFileError, read_bytes
from gk.errors import ConfigError
from gk.prometheus.records import Record

__all__ = ["RecordFile", "read_record", "written_record"]

LARGEST = 256 << 20
"""Bytes of a record, unpacked."""
_FORMAT = "gk preview"
_VERSION = 1


@dataclass(frozen=True, eq=False)
class RecordFile:
    """The answers, `now` in seconds since 1970, and what was chosen: the range, values of
    variables, and the time between samples in milliseconds if it was known."""

    record: Record
    now: float
    start: str = ""
    end: str = ""
    variables: Mapping[str, Sequence[str]] = field(default_factory=dict)
    interval: int = 0


def written_record(record: RecordFile, version: str, *, is_packed: bool) -> bytes:
    """A record as a file has it: the same answers are the same bytes. `version` is gk's."""
    document = {
        "format": _FORMAT,
        "version": _VERSION,
        "gk": version,
        "now": record.now,
        "from": record.start,
        "to": record.end,
        "variables": {name: list(values) for name, values in record.variables.items()},
        "interval": record.interval,
        "answers": record.record.entries,
    }
    content = orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
    # gzip would note the time of packing.
    return gzip.compress(content, mtime=0) if is_packed else content


def read_record(path: Path) -> RecordFile:
    """Read a record. Raises ConfigError for a file that is none."""
    try:
        document = orjson.loads(_unpacked(read_bytes(path, LARGEST)))
    except UnusableFileError as error:
        raise ConfigError(f"--replay: {path} {error}") from error
    except (ValueError, EOFError, OSError, zlib.error) as error:
        raise ConfigError(f"--replay: {path} is not a record of gk preview: {error}") from error
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise ConfigError(f"--replay: {path} is not a record of gk preview; --record writes one")
    if document.get("version") != _VERSION:
        raise ConfigError(f"--replay: {path} is of another version of gk; record it again")
    return _record(document)


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    unpacked = gzip.GzipFile(fileobj=BytesIO(content)).read(LARGEST + 1)
    if len(unpacked) > LARGEST:
        raise ValueError(f"it has more than {LARGEST >> 20} MB")
    return unpacked


def _record(document: Mapping[str, Any]) -> RecordFile:
    now, interval = document.get("now"), document.get("interval")
    variables, answers = document.get("variables"), document.get("answers")
    return RecordFile(
        Record(answers if isinstance(answers, list) else ()),
        float(now) if isinstance(now, (int, float)) and math.isfinite(now) else 0.0,
        str(document.get("from") or ""),
        str(document.get("to") or ""),
        {
            name: [value for value in values if isinstance(value, str)]
            for name, values in (variables.items() if isinstance(variables, dict) else ())
            if isinstance(values, list)
        },
        interval if isinstance(interval, int) and 0 < interval < 1 << 53 else 0,
    )
