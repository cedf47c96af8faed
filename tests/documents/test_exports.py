"""Envelopes of dashboards, and what is wrong with some."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from gk.documents.exports import opened
from gk.provisioning.read import read
from tests.cases import every


def operators(**spec: Any) -> dict[str, Any]:
    """An object of the operator."""
    version = "grafana.integreatly.org/v1beta1"
    return {
        "apiVersion": version,
        "kind": "GrafanaDashboard",
        "metadata": {"name": "jobs"},
        "spec": spec,
    }


def packed(content: bytes) -> str:
    return base64.b64encode(content).decode()


BOARD = json.dumps({"title": "Jobs", "uid": "jobs", "panels": []}).encode()
PACKED = gzip.compress(BOARD)


def test_a_packed_dashboard_is_unpacked() -> None:
    assert "Jobs" == opened(operators(gzipJson=packed(PACKED))).body["title"]


@every(
    "spec, mistake",
    [
        ({}, "its spec has neither json nor gzipJson"),
        ({"json": 5}, "the JSON in its spec cannot be read"),
        ({"json": "{"}, "the JSON in its spec cannot be read"),
        ({"json": "[]"}, "the JSON in its spec is not an object"),
        ({"gzipJson": "é"}, "its spec.gzipJson cannot be read"),
        ({"gzipJson": packed(BOARD)}, "its spec.gzipJson cannot be read"),
        ({"gzipJson": packed(PACKED[:-12])}, "its spec.gzipJson cannot be read"),
        ({"gzipJson": packed(PACKED[:12] + b"\xff" + PACKED[13:])}, "gzipJson cannot be read"),
        ({"gzipJson": packed(gzip.compress(bytes(1 << 25)))}, "unpacks to more than 16 MiB"),
    ],
)
def test_an_envelope_without_a_dashboard_is_a_mistake(spec: dict[str, Any], mistake: str) -> None:
    """Whatever is in its place, and however much it would unpack to."""
    with pytest.raises(ValueError, match=mistake):
        opened(operators(**spec))


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (operators(json="[]"), "is malformed: the JSON in its spec is not an object"),
        (operators(json="[" * 10_000), "is malformed: it is nested too deep"),
        (
            {"apiVersion": 1, "groups": [{"folder": "F", "interval": "1m", "rules": []}]},
            "has a malformed rule group: 'name' is missing",
        ),
        (
            {"apiVersion": 1, "providers": ["F"]},
            "is malformed: a part is not of the type that Grafana has there",
        ),
    ],
)
def test_what_is_malformed_is_said_of_the_file(
    tmp_path: Path, file: dict[str, Any], said: str
) -> None:
    """Not of the code that reads it."""
    (tmp_path / "f.json").write_text(json.dumps(file))

    (problem,) = read(tmp_path).problems

    assert problem.text.startswith(said)
    assert "Error" not in problem.text
