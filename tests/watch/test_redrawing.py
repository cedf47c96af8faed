"""What gk watch --preview draws again: the same as a new preview of that moment, with fewer
questions."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from gk.cli import redrawing
from gk.cli.drawing import Drawing
from gk.cli.redrawing import Compiled, Redrawing
from gk.compile import compile
from gk.errors import GkError
from gk.project import load
from gk.watch import ToDraw
from tests.conftest import ProjectFolder
from tests.fake_prometheus import FakePrometheus, serving

BOARD = """\
from gk import Dashboard, stat, timeseries

dashboard = Dashboard(
    "Shop", panels=[stat("Up", "up"), timeseries("Orders", "orders"), stat("Late", "late")]
)
"""
TIME = "2026-01-01T00:00:00Z"


@pytest.fixture
def prometheus() -> Iterator[FakePrometheus]:
    with serving() as state:
        yield state


def compiled(
    project: ProjectFolder, text: str = BOARD, settings: str = "project: shop\n"
) -> Compiled:
    """What a build compiles of one dashboard."""
    project.write({"dashboards/shop.py": text, "gk.yaml": settings})
    loaded = load(project.root)
    return Compiled(loaded.settings, [replace(resource, uses=()) for resource in compile(loaded)])


def pages(draw: Redrawing, of: Compiled) -> Mapping[str, str]:
    """All pages, drawn anew."""
    attempt = draw(ToDraw(of, {}, "127.0.0.1:1"))
    assert attempt.is_good
    return attempt.pages


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"Up"', '"Alive"'),
        ('"orders"', '"orders_total"'),
        ('stat("Late", "late")', 'timeseries("Late", "late", unit="s")'),
        (', stat("Late", "late")', ""),
        ('"Shop"', '"Shop", time=("now-3h", "now")'),
    ],
)
def test_a_page_after_a_save_is_that_of_a_new_preview(
    project: ProjectFolder,
    prometheus: FakePrometheus,
    monkeypatch: pytest.MonkeyPatch,
    old: str,
    new: str,
) -> None:
    monkeypatch.setattr("time.time", lambda: 1_790_000_000.0)
    drawing = Drawing(url=prometheus.url)
    with Redrawing((), drawing) as lasting, Redrawing((), drawing) as fresh:
        pages(lasting, compiled(project))
        after = compiled(project, BOARD.replace(old, new))

        assert pages(fresh, after) == pages(lasting, after)


def test_only_new_questions_are_asked(project: ProjectFolder, prometheus: FakePrometheus) -> None:
    with Redrawing((), Drawing(url=prometheus.url)) as draw:
        pages(draw, compiled(project))
        before = list(prometheus.asked)

        pages(draw, compiled(project, BOARD.replace('"late"', '"later"').replace("Up", "Alive")))

    asked = prometheus.asked[len(before) :]
    assert (1, 0, 0) == tuple(asked.count(query) for query in ("later", "up", "orders"))


def test_answers_count_for_a_while(
    project: ProjectFolder, prometheus: FakePrometheus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redrawing, "_KEPT", 0.0)
    with Redrawing((), Drawing(url=prometheus.url)) as draw:
        pages(draw, compiled(project))
        pages(draw, compiled(project))

    assert 2 == prometheus.asked.count("up")


def test_other_settings_are_another_source(
    project: ProjectFolder, prometheus: FakePrometheus
) -> None:
    with Redrawing((), Drawing(url=prometheus.url)) as draw:
        pages(draw, compiled(project))
        pages(
            draw, compiled(project, settings="project: shop\nlinks: {grafana: https://g.example}\n")
        )

    assert 2 == prometheus.asked.count("up")


def test_another_record_is_read(
    project: ProjectFolder, prometheus: FakePrometheus, tmp_path: Path
) -> None:
    record = tmp_path / "record.json"
    of = compiled(project)
    with Drawing(url=prometheus.url, record=record).opened(of.settings) as draw:
        draw(of.resources, of.resources)
    with Redrawing((), Drawing(replay=record)) as lasting:
        pages(lasting, of)
        record.write_text("not a record", "utf-8")
        os.utime(record, (1, 1))

        with pytest.raises(GkError):
            pages(lasting, of)


def test_a_server_that_was_not_there_is_asked_again(
    project: ProjectFolder, prometheus: FakePrometheus, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing = Drawing(url=prometheus.url)
    with Redrawing((), drawing) as draw:
        with monkeypatch.context() as away:
            away.setattr("gk.prometheus.client.Prometheus._send", _away)
            with pytest.raises(GkError):
                pages(draw, compiled(project))

        assert pages(draw, compiled(project))


def _away(*_: object, **__: object) -> None:
    raise GkError("it is away")
