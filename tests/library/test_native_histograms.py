"""What snippets ask of histograms has the same answer whether they are classic, native or both: a
real Prometheus scrapes exporters of ours, which send what client libraries send.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests
import yaml

from gk.compile import compile
from gk.documents.queries import queries
from gk.project import load
from gk.prometheus import Prometheus, PrometheusError, has_data
from gk.promql import Exporter, Histogram, Labels, LabelScheme, Scope
from gk.promql.labels import HISTOGRAMS, Histograms
from gk.resource import Kind, Resource
from tests.conftest import REPOSITORY
from tests.exporters.exposition import Observed, histogram, serve_families
from tests.live_queries import live_queries
from tests.stack import Program, Stack, missing_programs, prometheus_options

WINDOW = "10s"
# A hundred observations go round in a second, so each window has the same ones.
_TOOK = histogram(
    "took_seconds",
    "Time of requests.",
    (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
    [
        ({"code": "200"}, Observed(rate=100, typical=0.1, spread=0.7)),
        ({"code": "500"}, Observed(rate=50, typical=1.0, spread=0.7)),
        ({"code": "404"}, Observed(rate=0, typical=1.0)),
    ],
)
JOBS = ("classic", "native", "mixed", "twice")
"""Jobs of one target that sends classic histograms, or native ones; of one target of each kind; and
of one whose histograms Prometheus has in both forms."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prometheus that scraped the jobs for a while."""
    if shutil.which("prometheus") is None:
        pytest.skip("not installed: prometheus")
    folder = tmp_path_factory.mktemp("native")
    with ExitStack() as running:
        addresses = {}
        for kind in ("classic", "native"):
            exporter = serve_families(0, "/metrics", [_TOOK], native=kind == "native")
            running.callback(exporter.stop)
            addresses[kind] = exporter.address
        options = prometheus_options(folder, _jobs(addresses), [_rules(folder)], native=True)
        prometheus = Program("prometheus", options, folder)
        running.callback(prometheus.stop)
        address = f"http://{prometheus.wait_for_address()}"
        _wait_for_window(address)
        yield address


def _jobs(addresses: dict[str, str]) -> list[dict[str, object]]:
    # Before 2.45, Prometheus takes only one form from a target: so two targets that say they are
    # the same stand for one.
    targets = {
        "classic": [("classic", "a")],
        "native": [("native", "a")],
        "mixed": [("classic", "a"), ("native", "b")],
        "twice": [("classic", "a"), ("native", "a")],
    }
    return [
        {
            "job_name": f"{job} {kind}",
            "static_configs": [
                {"targets": [addresses[kind]], "labels": {"job": job, "instance": instance}}
            ],
        }
        for job, kinds in targets.items()
        for kind, instance in kinds
    ]


def _rules(folder: Path) -> Path:
    """Rules that record buckets of each job, as the setting for it has them."""
    recorded: tuple[tuple[str, Histograms], ...] = (
        ("classic", "classic"),
        ("native", "native"),
        ("classic", "both"),
        ("native", "both"),
        ("twice", "both"),
    )
    rules = [
        {"record": f"job_le:took:{kind}", "expr": _took(job, kind).buckets("job").whole}
        for job, kind in recorded
    ]
    file = folder / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "took", "rules": rules}]}))
    return file


def _wait_for_window(url: str, seconds: float = 60) -> None:
    """Until each target was scraped for longer than a window."""
    deadline = time.monotonic() + seconds
    with Prometheus(url) as prometheus:
        while time.monotonic() < deadline:
            # Prometheus refuses while it reads its storage.
            with suppress(PrometheusError):
                scrapes = [sample.value for sample in prometheus.query("count_over_time(up[1m])")]
                # The last job has two targets with the same labels.
                if len(scrapes) == len(JOBS) + 1 and min(scrapes) > 12:
                    return
            time.sleep(0.2)
    raise AssertionError(f"the targets were not scraped for {WINDOW} within {seconds:g} s")


def _scope(job: str, kind: Histograms) -> Scope:
    labels = LabelScheme({"shop": Labels(job=job, histograms=kind)})
    return Scope.alert(labels, window=WINDOW).of(Exporter("shop"))


def _took(job: str, kind: Histograms, **labels: str) -> Histogram:
    return _scope(job, kind).histogram("took_seconds", **labels)


def _values(url: str, expr: str, label: str = "code") -> dict[str, float]:
    """The value of each series, by a label."""
    with Prometheus(url) as prometheus:
        samples = prometheus.query(expr)
    values = {sample.labels.get(label, ""): sample.value for sample in samples}
    assert len(values) == len(samples)
    return values


def _recorded_values(url: str, expr: str) -> dict[str, float]:
    """The value of each job. Prometheus 2.42 drops some native histograms that a rule records: it
    compares their counts without a tolerance ("Rule evaluation result discarded")."""
    deadline = time.monotonic() + 20
    while not (values := _values(url, expr, "job")) and time.monotonic() < deadline:
        time.sleep(0.5)
    return values


Ask = Callable[[Histogram], str]
by_code = pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda h: f"sum by (code) ({h.count()})", id="count"),
        pytest.param(lambda h: f"sum by (code) ({h.sum()})", id="sum"),
        pytest.param(lambda h: f"sum by (code) ({h.at_most(0.5)})", id="at-most"),
        pytest.param(lambda h: f"sum by (code) ({h.at_most(1)})", id="at-most-a-whole-number"),
        pytest.param(lambda h: h.fraction(0.5, "code"), id="fraction"),
        pytest.param(lambda h: h.avg("code"), id="avg"),
        pytest.param(lambda h: h.quantile(0.9, "code"), id="quantile"),
    ],
)
RATES = ("count", "sum", "at-most")


# The buckets of classic histograms are wide, and a scrape may be late.
def _close(values: dict[str, float]) -> object:
    return pytest.approx(values, rel=0.2, abs=1e-9)


@by_code
@pytest.mark.parametrize(
    ("job", "kind"),
    [
        ("native", "native"),
        ("twice", "native"),
        ("classic", "both"),
        ("native", "both"),
        ("twice", "both"),
    ],
)
def test_each_kind_has_the_answer_of_classic_histograms(
    url: str, ask: Ask, job: str, kind: Histograms
) -> None:
    """What is there in both forms counts once, and what was not observed has no value but a rate of
    zero."""
    expected = _values(url, ask(_took("classic", "classic")))

    assert {"200", "500"} <= expected.keys() <= {"200", "404", "500"}
    assert _close(expected) == _values(url, ask(_took(job, kind)))


@by_code
def test_targets_of_both_kinds_are_all_counted(
    url: str, ask: Ask, request: pytest.FixtureRequest
) -> None:
    """Rates are those of two targets, and shares, means and quantiles those of one."""
    one = _values(url, ask(_took("classic", "classic")))
    factor = 2 if request.node.callspec.id.startswith(RATES) else 1

    assert _close({code: factor * value for code, value in one.items()}) == _values(
        url, ask(_took("mixed", "both"))
    )


@pytest.mark.parametrize(
    ("job", "kind", "expected"),
    [
        ("classic", "classic", "float"),
        ("native", "native", "histogram"),
        ("native", "both", "histogram"),
        ("twice", "both", "float"),
        ("mixed", "both", "float"),
    ],
)
def test_buckets_are_of_one_kind(url: str, job: str, kind: Histograms, expected: str) -> None:
    """A heatmap draws the buckets of classic series, or the histograms of native ones."""
    expr = str(_took(job, kind).buckets())
    answer = requests.get(f"{url}/api/v1/query", params={"query": expr}, timeout=10).json()
    result = answer["data"]["result"]

    kinds = {"histogram" if "histogram" in series else "float" for series in result}

    assert {expected} == kinds
    assert (1 if expected == "histogram" else 9) == len(result)


@pytest.mark.parametrize(
    ("job", "kind"),
    [
        ("classic", "classic"),
        ("native", "native"),
        ("classic", "both"),
        ("native", "both"),
        ("twice", "both"),
    ],
)
def test_recorded_buckets_have_the_same_quantiles_and_shares(
    url: str, job: str, kind: Histograms
) -> None:
    """A rule records native histograms like numbers."""
    recorded = _scope(job, kind).recorded_histogram(f"job_le:took:{kind}")
    direct = _took(job, kind)

    for word in (
        lambda h: h.quantile(0.9, "job"),
        lambda h: h.fraction(0.5, "job"),
        lambda h: f"sum by (job) ({h.count()})",
    ):
        expected = _values(url, word(direct), "job")
        assert [job] == list(expected)
        assert _close(expected) == _recorded_values(url, word(recorded))


# The shipped snippets

EXPORTERS = (
    *("apiserver", "kubelet", "etcd", "kube-scheduler", "kube-controller-manager", "coredns"),
    *("kube-proxy", "alertmanager", "grafana"),
)


def _build(root: Path, kind: Histograms) -> list[Resource]:
    for folder in ("dashboards", "datasources", "alerts"):
        shutil.copytree(
            REPOSITORY / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    labels = {name: {"histograms": kind} for name in EXPORTERS}
    (root / "gk.yaml").write_text(yaml.safe_dump({"labels": labels}))
    return compile(load(root))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Resource]]:
    """This repository's resources, by the setting."""
    return {kind: _build(tmp_path_factory.mktemp(kind), kind) for kind in HISTOGRAMS}


@pytest.fixture(scope="module")
def stack(
    built: dict[str, list[Resource]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Kubernetes and its monitoring, whose histograms Prometheus takes as native ones; with the
    rules that record them."""
    if missing := missing_programs():
        pytest.skip(f"not installed: {', '.join(missing)}")
    folder = tmp_path_factory.mktemp("stack")
    groups = [
        resource.body | {"interval": "1s", "rules": recorded}
        for resource in built["native"]
        if resource.kind is Kind.PROMETHEUS_GROUP
        and (recorded := [rule for rule in resource.body["rules"] if "record" in rule])
    ]
    file = folder / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": groups}))
    with Stack.start(folder, rule_files=[file], native=True) as running:
        running.wait_until_ready()
        yield running


def _changed(built: dict[str, list[Resource]], kind: Histograms) -> set[tuple[str, str]]:
    """The queries that the setting changes, by the title of their resource."""
    classic, other = (
        {
            (resource.title, str(query)): query.expr
            for resource in built[which]
            if resource.kind in (Kind.DASHBOARD, Kind.PROMETHEUS_GROUP)
            for query in queries(resource)
        }
        for which in ("classic", kind)
    )
    return {place for place, expr in other.items() if classic[place] != expr}


@pytest.mark.parametrize("kind", ["native", "both"])
def test_every_shipped_query_of_native_histograms_returns_data(
    built: dict[str, list[Resource]], stack: Stack, kind: Histograms
) -> None:
    """Panels, recording rules, and alerts without their comparison."""
    places = _changed(built, kind)
    deadline = time.monotonic() + 60
    while (empty := _without_data(stack, built[kind], places)) and time.monotonic() < deadline:
        time.sleep(1)

    assert {"API server", "Kubelet", "Control plane", "Monitoring", "apiserver-slo"} <= {
        title for title, _ in places
    }
    assert {} == empty


def test_queries_of_classic_histograms_return_nothing_there(
    built: dict[str, list[Resource]], stack: Stack
) -> None:
    """So the test above is about native ones. What adds a zero for series without an error returns
    that, and rules record what the snippets of others read."""
    places = _changed(built, "native")

    assert len(_without_data(stack, built["classic"], places)) > 0.8 * len(places)


def _without_data(
    stack: Stack, resources: list[Resource], places: set[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    titles = {title for title, _ in places}
    with Prometheus(stack.prometheus_url) as prometheus:
        return {
            (resource.title, str(query)): query.expr
            for resource in resources
            if resource.title in titles
            for query in live_queries(resource, prometheus, rate_interval=WINDOW)
            if (resource.title, str(query)) in places and not has_data(prometheus.query(query.expr))
        }
