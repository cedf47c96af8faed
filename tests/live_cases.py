"""The Prometheus of a case of a live check.

answer: {series: [[{job: a}, "1"]], samples: 5, warnings: [...], infos: [...], error: ...}
                                  of any query; without it, one series with the value 1
answers: {a: {series: []}}        of single queries
values: {job: [a, b]}             of labels
config: {global: ...}             of the server
retention: 15d
version: 2.42.0
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import yaml

from gk.check import Live, Project
from gk.check.live.asking import Limits
from gk.check.live.run import ask
from gk.prometheus import Prometheus
from tests.fake_prometheus import FakePrometheus, Reply, failure, serving, success, vector

__all__ = ["live"]

_QUERIES = ("/api/v1/query", "/api/v1/query_range")


@contextmanager
def live(project: Project, case: Mapping[str, Any]) -> Iterator[Live]:
    """What comes of asking a case's server every query of a project; it answers until the end."""
    with serving() as server, Prometheus(server.url) as prometheus:
        _prepare(server, case)
        yield ask(project, prometheus, Limits())


def _prepare(server: FakePrometheus, case: Mapping[str, Any]) -> None:
    status = "/api/v1/status"
    if answer := case.get("answer"):
        server.replies |= dict.fromkeys(_QUERIES, _reply(answer))
        # It is there, whatever it answers.
        server.replies["vector(1)"] = success(vector(({}, "1")))
    for query, answer in case.get("answers", {}).items():
        server.replies[query] = _reply(answer)
    for label, values in case.get("values", {}).items():
        server.replies[f"/api/v1/label/{label}/values"] = success(values)
    if config := case.get("config"):
        server.replies[f"{status}/config"] = success({"yaml": yaml.safe_dump(config)})
    if retention := case.get("retention"):
        server.replies[f"{status}/runtimeinfo"] = success({"storageRetention": retention})
    if version := case.get("version"):
        server.replies[f"{status}/buildinfo"] = success({"version": version})


def _reply(answer: Mapping[str, Any]) -> Reply:
    if error := answer.get("error"):
        return failure(422, "execution", error)
    more = {key: answer[key] for key in ("warnings", "infos") if key in answer}
    series = [(labels, value) for labels, value in answer.get("series", [])]
    return success(vector(*series, samples=answer.get("samples", 0)), **more)
