"""A record of gk preview: the answers to all questions, from which the same page is drawn."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gk.check.live.asking import Asker, Limits
from gk.errors import ConfigError, Source
from gk.preview.asking import preview
from gk.preview.asking.records import RecordFile, read_record, written_record
from gk.preview.page import html
from gk.prometheus import Prometheus, PrometheusError, RefusedError
from gk.prometheus.records import Record
from gk.prometheus.replayed import Replayed
from gk.resource import Kind, Resource, canonical
from tests.conftest import ProjectFolder, RunGk
from tests.fake_prometheus import FakePrometheus, failure, serving, success, vector

NOW = 1_700_000_000.0
SHOP = """
    from gk import Dashboard, query_variable, stat

    shop = Dashboard(
        "Shop",
        uid="shop",
        variables=[query_variable("job", "label_values(job)")],
        panels=[stat("Up", 'up{job="$job"}'), stat("Bad", "bad"), stat("Empty", "empty")],
    )
"""


@pytest.fixture
def server() -> Iterator[FakePrometheus]:
    """A Prometheus with a query that it refuses, and one without data."""
    with serving() as state:
        state.replies["/api/v1/label/job/values"] = success(["a", "b"])
        state.replies["bad"] = failure(422, "execution", "too many samples")
        state.replies["empty"] = success(vector())
        yield state


@pytest.fixture
def shop(project: ProjectFolder) -> ProjectFolder:
    """A project with a dashboard."""
    return project.write({"dashboards/shop.py": SHOP})


@pytest.mark.parametrize("name", ["record.json", "record.json.gz"])
def test_a_page_is_drawn_again_without_the_server(
    shop: ProjectFolder, run_gk: RunGk, server: FakePrometheus, name: str
) -> None:
    """With the range and the values that were chosen, with errors and reasons: byte for byte."""
    chosen = ["--from", "now-20m", "--var", "job=b", "--record", name, "-o", "1.html"]
    run_gk("preview", "shop", "--prometheus", server.url, *chosen)
    asked = len(server.asked)

    ran = run_gk("preview", "shop", "--replay", name, "-o", "2.html")

    assert (0, "2.html shows 1 dashboard\n") == (ran.code, ran.err)
    assert shop.read("1.html") == shop.read("2.html")
    assert "too many samples" in shop.read("2.html")
    assert asked == len(server.asked)


def test_lines_of_a_loki_are_kept_too(
    empty_project: ProjectFolder, run_gk: RunGk, server: FakePrometheus
) -> None:
    """From the same record."""
    lines = [{"stream": {}, "values": [["1700000000000000000", "GET /shop"]]}]
    server.replies["{}"] = success({"resultType": "streams", "result": lines})
    target = {"refId": "A", "expr": "{}"}
    logs = {"type": "logs", "title": "L", "datasource": {"type": "loki"}, "targets": [target]}
    body = {"title": "B", "uid": "b", "schemaVersion": 42, "panels": [logs]}
    empty_project.write({"b.json": json.dumps(body)})
    servers = ("--prometheus", server.url, "--loki", server.url)

    run_gk("preview", "b.json", *servers, "--record", "r.gz", "-o", "1.html")
    ran = run_gk("preview", "b.json", "--replay", "r.gz", "-o", "2.html")

    assert 0 == ran.code
    assert "GET /shop" in empty_project.read("1.html")
    assert empty_project.read("1.html") == empty_project.read("2.html")


def test_what_was_not_asked_is_said_in_its_panel(
    shop: ProjectFolder, run_gk: RunGk, server: FakePrometheus
) -> None:
    """The definition changed since then."""
    run_gk("preview", "shop", "--prometheus", server.url, "--record", "record.gz")
    shop.write({"dashboards/shop.py": SHOP.replace('"bad"', '"new"')})

    ran = run_gk("preview", "shop", "--replay", "record.gz")

    assert 0 == ran.code
    assert "the record record.gz has no answer to this" in shop.read("preview.html")


def test_a_record_has_no_address(
    shop: ProjectFolder, run_gk: RunGk, server: FakePrometheus
) -> None:
    """It could have a password in it."""
    run_gk("preview", "shop", "--prometheus", server.url, "--record", "record.json")

    assert server.url.partition("//")[2] not in shop.read("record.json")


def test_a_record_is_the_same_for_the_same_answers() -> None:
    """Whatever the order in which they came."""
    entries: list[dict[str, Any]] = [
        {"path": "/a", "parameters": {"x": "1", "y": "2"}, "data": []},
        {"path": "/a", "parameters": {"y": "1"}, "error": "no", "errorType": "bad_data"},
    ]

    one, other = (
        written_record(RecordFile(Record(order), NOW), "1.0", is_packed=True)
        for order in (entries, entries[::-1])
    )

    assert one == other


def test_a_record_comes_back(tmp_path: Path) -> None:
    """With all that was chosen."""
    entry = {"path": "/a", "parameters": {"x": "1"}, "data": [1], "warnings": ["w"]}
    written = RecordFile(Record([entry]), NOW, "now-1h", "now", {"a": ["b", "c"]}, 60_000)
    file = tmp_path / "record"
    file.write_bytes(written_record(written, "1.0", is_packed=True))

    read = read_record(file)

    assert [entry] == read.record.entries
    assert (NOW, "now-1h", "now", {"a": ["b", "c"]}, 60_000) == (
        read.now, read.start, read.end, read.variables, read.interval,
    )  # fmt: skip


def test_a_replay_refuses_what_it_does_not_know() -> None:
    """As a server refuses a query."""
    with Replayed(Record(), "the record r") as prometheus, pytest.raises(RefusedError) as raised:
        prometheus.at("up", NOW)

    assert "the record r has no answer to this" == raised.value.reason


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a record of gk preview"),
        (b"[]", "is not a record of gk preview; --record writes one"),
        (b'{"format": "gk preview", "version": 99}', "is of another version of gk"),
        (b"\x1f\x8bno", "is not a record of gk preview"),
        (gzip.compress(bytes(1 << 20)) * 257, "it has more than 256 MB"),
        (b"[" * 100_000, "is not a record of gk preview"),
    ],
    ids=["empty", "list", "version", "broken", "bomb", "deep"],
)
def test_a_file_that_is_no_record(tmp_path: Path, content: bytes, message: str) -> None:
    """gk says so, and needs no more memory than a record may have."""
    file = tmp_path / "record"
    file.write_bytes(content)

    with pytest.raises(ConfigError) as raised:
        read_record(file)

    assert message in str(raised.value)


# What Prometheus would say, and anything else.
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5)
    | st.sampled_from(["NaN", "+Inf", "1", "vector", "matrix", "scalar", "up"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["resultType", "result", "metric", "value", "values", "histogram",
                         "histograms", "groups", "rules", "alerts", "labels", "stats", "__name__"]),
        inner, max_size=4,
    ),
    max_leaves=15,
)  # fmt: skip


def _board() -> Resource:
    """A dashboard with panels of several types, and a variable."""
    source = {"type": "prometheus", "uid": "p"}
    target = {"refId": "A", "expr": "up"}
    panels = [
        {"type": kind, "title": kind, "targets": [target], "datasource": source}
        for kind in ("timeseries", "stat", "table", "heatmap", "alertlist", "state-timeline")
    ]
    variable = {
        "name": "job",
        "type": "query",
        "query": "label_values(job)",
        "datasource": source,
    }
    body = {"title": "B", "schemaVersion": 42, "panels": panels, "templating": {"list": [variable]}}
    return Resource(Kind.DASHBOARD, "b", "B", "", canonical(body), Source(""))


@cache
def _recorded() -> str:
    """The record of that dashboard, as JSON."""
    board = _board()
    with serving() as server, Prometheus(server.url) as prometheus:
        prometheus.record = Record()
        preview([board], [board], Asker(prometheus, Limits(), NOW, keeps_data=True))
        return json.dumps(prometheus.record.entries)


@given(st.lists(ANYTHING, min_size=6, max_size=6), ANYTHING)
@settings(max_examples=100)
def test_answers_of_any_shape_are_drawn(datas: list[Any], warnings: Any) -> None:
    """Whoever wrote a record may have written anything into it. A list of names that is none is no
    Prometheus's."""
    board, entries = _board(), json.loads(_recorded())
    for entry, data in zip(entries, datas, strict=False):
        entry |= {"data": data, "warnings": warnings}

    with Replayed(Record(entries), "r") as prometheus:
        asker = Asker(prometheus, Limits(), NOW, keeps_data=True)
        try:
            made = preview([board], [board], asker)
        except PrometheusError:
            return

    html(made.boards)
