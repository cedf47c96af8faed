"""The plugin of pytest, as the tests of a team use it, and what it is made of."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from gk.errors import GkError
from gk.prometheus.series import STALE, is_stale, parse_series
from gk.prometheus.throw_away import ThrowAway
from tests.cases import every
from tests.conftest import DATASOURCE, ProjectFolder

pytest_plugins = ["pytester"]

needs_prometheus = pytest.mark.skipif(
    not shutil.which("prometheus"), reason="prometheus is not installed"
)
needs_promtool = pytest.mark.skipif(
    not shutil.which("promtool"), reason="promtool is not installed"
)

# Series


def values(text: str) -> list[float | str | None]:
    """The values of a text, with a word for the mark of staleness."""
    (series,) = parse_series({"x": text})
    return ["stale" if value is not None and is_stale(value) else value for value in series.values]


@every(
    "text, expected",
    [
        ("1 2.5 -3 +4", [1, 2.5, -3, 4]),
        ("0+10x3", [0, 10, 20, 30]),
        ("10-2.5x2", [10, 7.5, 5]),
        ("-1+-1x1", None),
        ("-2-2x1", [-2, -4]),
        ("1x3", [1, 1, 1, 1]),
        ("1x0", [1]),
        ("_ 1 _x3", [None, 1, None, None, None]),
        ("1 stale 2", [1, "stale", 2]),
        ("1e3 .5 0x10", [1000, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("Inf -Inf", [math.inf, -math.inf]),
        ("", []),
    ],
)
def test_a_text_is_the_samples_of_promtools_notation(
    text: str, expected: list[float | str | None] | None
) -> None:
    """A series and how it continues. `0x10` is eleven zeros, as for promtool."""
    if expected is None:
        with pytest.raises(ValueError, match="is not in promtool's notation"):
            values(text)
    else:
        assert expected == values(text)


@needs_promtool
@pytest.mark.parametrize(
    "text",
    [
        *("1 2.5 -3", "0+10x5", "10-2.5x4", "0.1+0.1x30", "1x3 5", "_ 1 _x3 2", "1 stale 2"),
        *("1e3 .5", "0x4", "-2-2x3", "Inf 1 -Inf", "1 _ stale _x2 3x2"),
    ],
)
def test_promtool_reads_each_text_as_gk_does(text: str, tmp_path: Path) -> None:
    """Sample by sample, in a test of its own format. Ten minutes apart, so that a gap is one."""
    (series,) = parse_series({"x": text})
    cases = [
        {"expr": "x", "eval_time": f"{10 * number}m", "exp_samples": _expected(value)}
        for number, value in enumerate(series.values)
    ]
    test = {
        "interval": "10m",
        "input_series": [{"series": "x", "values": text}],
        "promql_expr_test": cases,
    }
    (tmp_path / "test.yaml").write_text(yaml.safe_dump({"rule_files": [], "tests": [test]}))

    ran = subprocess.run(
        ["promtool", "test", "rules", "test.yaml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == ran.returncode, ran.stdout


def _expected(value: float | None) -> list[Mapping[str, object]]:
    return [] if value is None or is_stale(value) else [{"labels": "x", "value": value}]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x", "1 two", "'two' is not in promtool's notation"),
        ("x", "0+1x9999999", "more than 1,000,000 samples"),
        ("x{a=~'b'}", "1", "a label has one value; write a='...'"),
        ("sum(x)", "1", "write a name and labels"),
        ("x{", "1", "series 'x{': "),
    ],
)
def test_a_mistake_in_a_series_is_told(name: str, text: str, message: str) -> None:
    """With the part that is wrong."""
    with pytest.raises(ValueError) as raised:  # noqa: PT011
        parse_series({name: text})

    assert message in str(raised.value)


def test_the_mark_of_staleness_is_no_other_nan() -> None:
    """Prometheus tells them by their bits."""
    assert (True, False) == (is_stale(STALE), is_stale(math.nan))


# The throw-away Prometheus


@pytest.fixture(scope="module")
def prometheus() -> Iterator[ThrowAway]:
    """A Prometheus with all kinds of series."""
    with ThrowAway(
        {
            "up{job='shop', instance='a'}": "1 1 0x5",
            'up{job="store"}': "1",
            "orders_total": "0+10x600",
            "gone": "1x10 stale",
            "lost": "1x5 _x10",
            "share": "NaN",
            "town{name='Köln \"am\" Rhein'}": "1",
        }
    ) as started:
        yield started


@needs_prometheus
@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ('up{job="shop"}', [0]),
        ("sum(up)", [1]),
        ('count_over_time(up{job="shop"}[1h])', [8]),
        ("rate(orders_total[5m]) * 60", [10]),
        ("count_over_time(orders_total[1d])", [601]),
        ("gone", []),
        ("last_over_time(gone[5m])", [1]),
        ("lost", []),
        ('town{name="Köln \\"am\\" Rhein"}', [1]),
    ],
)
def test_prometheus_has_the_series_until_now(
    prometheus: ThrowAway, expr: str, expected: list[float]
) -> None:
    """The last sample of each is of now, and one that ends is gone."""
    assert expected == [round(sample.value, 9) for sample in prometheus.query(expr)]


@needs_prometheus
def test_nan_is_a_value(prometheus: ThrowAway) -> None:
    """Unlike the mark of staleness."""
    (sample,) = prometheus.query("share")

    assert math.isnan(sample.value)


@needs_prometheus
def test_nothing_is_left_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process and no folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    with ThrowAway({"up": "1"}) as started:
        assert [1] == [sample.value for sample in started.query("up")]

    assert [] == list(tmp_path.iterdir())
    with pytest.raises(GkError, match="no Prometheus answers"):
        started.query("up")


def test_one_that_does_not_start_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the end of its log."""
    program = tmp_path / "prometheus"
    program.write_text("#!/bin/sh\necho no room >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    before = time.monotonic()

    with pytest.raises(GkError, match="prometheus ended with 3\nno room"):
        ThrowAway({"up": "1"})

    assert time.monotonic() - before < 10


# In a process of pytest


SNIPPETS = '''
    from gk.promql import Exporter, Scope

    exporter = Exporter("shop", metric="orders_total")
    snippet = exporter.snippet


    @snippet(unit="short")
    def orders(s: Scope) -> str:
        """Orders per second."""
        return f"sum({s.rate('orders_total')})"
'''
SHOP = """
    from dashboards import snippets
    from gk import Dashboard, custom_variable, timeseries

    dashboard = Dashboard(
        "Shop",
        uid="shop",
        exporter=snippets,
        variables=[custom_variable("zone", ["a", "b"])],
        panels=[
            timeseries("Orders", snippets.orders),
            timeseries("Boxes", 'boxes{zone="$zone"}'),
        ],
    )
"""
ALERTS = """
    from gk import alert, alert_group

    group = alert_group("shop", [alert("NoOrders", "orders_total == 0", summary="None")])
"""
LABELS = "labels: {shop: {job: shop}}"
SERIES = """{"orders_total{job='shop', instance='a'}": "0+10x60", "boxes{zone='a'}": "1"}"""


@pytest.fixture
def team(pytester: pytest.Pytester) -> ProjectFolder:
    """A team's project in the folder of a run of pytest."""
    return ProjectFolder(pytester.path).write(
        {
            "gk.yaml": LABELS,
            "datasources/prometheus.py": DATASOURCE,
            "dashboards/snippets.py": SNIPPETS,
            "dashboards/shop.py": SHOP,
            "alerts/shop.py": ALERTS,
        }
    )


# gk is imported in this process before pytest could rewrite its asserts, of which it says so.
OPTIONS = ("-p", "no:randomly", "-p", "no:xdist", "-W", "error")
HERE = ("-W", "ignore::pytest.PytestAssertRewriteWarning")


def run(
    pytester: pytest.Pytester, team: ProjectFolder, test: str, **expected: int
) -> pytest.RunResult:
    """Run a test of the team in this process."""
    team.write({"tests/test_shop.py": test})
    ran = pytester.runpytest_inprocess(*OPTIONS, *HERE)
    ran.assert_outcomes(**expected)
    return ran


def test_the_plugin_is_there_wherever_gk_is_installed(
    pytester: pytest.Pytester, team: ProjectFolder
) -> None:
    """In a process of its own, without a line of configuration."""
    team.write({"tests/test_shop.py": "def test_shop(gk_project): assert gk_project.root"})

    pytester.runpytest_subprocess(*OPTIONS).assert_outcomes(passed=1)


def test_a_team_tests_its_project_and_its_documents(
    pytester: pytest.Pytester, team: ProjectFolder
) -> None:
    """Without a setting: the nearest gk.yaml is the project."""
    test = """
        def test_the_shop(gk_project, gk_resources):
            assert gk_project.root.name
            (shop,) = (each for each in gk_resources if "panels" in each.body)
            assert "Orders" in [panel["title"] for panel in shop.body["panels"]]
    """

    run(pytester, team, test, passed=1)


def test_a_mistake_in_the_project_is_told_as_by_gk(
    pytester: pytest.Pytester, team: ProjectFolder
) -> None:
    """Without a traceback."""
    team.write({"dashboards/shop.py": "1 / 0"})

    ran = run(pytester, team, "def test_shop(gk_project): ...", errors=1)

    ran.stdout.fnmatch_lines(["*dashboards/shop.py:1: ZeroDivisionError: division by zero*"])
    ran.stdout.no_fnmatch_line("*Traceback*")
    ran.stdout.no_fnmatch_line("*gk/project*")


def test_settings_name_the_project_and_its_environment(
    pytester: pytest.Pytester, team: ProjectFolder
) -> None:
    """And a test may ask for every environment."""
    team.write(
        {
            "gk.yaml": f"{LABELS}\nenvironments: {{prod: {{}}, test: {{}}}}",
            "pytest.ini": "[pytest]\ngk_environment = test\ngk_project = .",
        }
    )
    test = """
        import pytest

        def test_the_setting(gk_project):
            assert gk_project.settings.environment == "test"

        @pytest.mark.parametrize("gk_environment", ["prod", "test"])
        def test_each(gk_project, gk_environment, gk_resources):
            assert gk_project.settings.environment == gk_environment
            assert gk_resources
    """

    run(pytester, team, test, passed=3)


@needs_prometheus
def test_what_returns_data_passes(pytester: pytest.Pytester, team: ProjectFolder) -> None:
    """A panel and an alert by name, a snippet, and a panel that a test makes."""
    test = f"""
        from dashboards import snippets
        from gk import stat

        SERIES = {SERIES}

        def test_shop(gk_prometheus, assert_returns_data):
            gk_prometheus(SERIES)
            assert_returns_data("shop")
            assert_returns_data("Shop/Boxes", variables={{"zone": "a"}})
            assert_returns_data("shop/NoOrders")
            assert_returns_data(snippets.orders)
            assert_returns_data(stat("Sum", "sum(boxes)"))

        def test_each_has_its_own(gk_prometheus, assert_returns_data):
            first = gk_prometheus({{"up": "1"}}, interval="10s")
            second = gk_prometheus(SERIES)
            assert [len(each.query("up")) for each in (first, second)] == [1, 0]
            assert_returns_data(stat("Up", "up"), prometheus=first)
    """
    team.write({"conftest.py": ""})

    run(pytester, team, test, passed=2)


@needs_prometheus
def test_what_returns_nothing_fails_with_the_query_and_the_reason(
    pytester: pytest.Pytester, team: ProjectFolder
) -> None:
    """With the variables as the dashboard opens."""
    test = f"""
        def test_boxes(gk_prometheus, assert_returns_data):
            gk_prometheus({SERIES.replace("zone='a'", "zone='b'")})
            assert_returns_data("shop/Boxes")
    """

    ran = run(pytester, team, test, failed=1)

    ran.stdout.fnmatch_lines(
        [
            "*AssertionError: 'Boxes' of dashboard 'Shop':",
            """*panel 'Boxes' A returns no data: boxes{zone="a"}""",
            """*  no series of boxes has zone="a"; there are 'b'""",
        ]
    )
    ran.stdout.no_fnmatch_line("*gk/testing*")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("'shop/Boxes', variables={'zone': 'c'}", '*returns no data: boxes{zone="c"}'),
        ("5", "*5 has no queries; pass a name such as 'shop/Orders', *"),
        ("'shop/Order'", "*dashboard 'shop' has no panel or rule 'Order'; did you mean 'Orders'?"),
        ("'sho'", "*there is no dashboard and no rule group 'sho'; did you mean 'shop'?"),
    ],
)
@needs_prometheus
def test_a_name_that_means_nothing_is_a_mistake(
    pytester: pytest.Pytester, team: ProjectFolder, call: str, message: str
) -> None:
    """With the nearest name."""
    test = f"""
        def test_shop(gk_prometheus, assert_returns_data):
            gk_prometheus({SERIES})
            assert_returns_data({call})
    """

    ran = run(pytester, team, test, failed=1)

    ran.stdout.fnmatch_lines([message])
    ran.stdout.no_fnmatch_line("*During handling of*")


@needs_prometheus
def test_a_mistake_in_a_series_fails_the_test(
    pytester: pytest.Pytester, team: ProjectFolder
) -> None:
    """And says which."""
    test = "def test_shop(gk_prometheus):\n    gk_prometheus({'up': '1 two'})"

    ran = run(pytester, team, test, failed=1)

    ran.stdout.fnmatch_lines(["*series 'up': 'two' is not in promtool's notation; *"])
    ran.stdout.no_fnmatch_line("*gk/testing*")


@needs_prometheus
def test_the_window_of_a_rate_fits_the_samples(
    pytester: pytest.Pytester, team: ProjectFolder
) -> None:
    """Whatever the project's data source says: of two samples a minute, none is in 15 seconds."""
    test = f"""
        import pytest

        @pytest.mark.parametrize("interval", ["5s", "1m", "5m"])
        def test_orders(gk_prometheus, assert_returns_data, interval):
            gk_prometheus({SERIES}, interval=interval)
            assert_returns_data("shop/Orders")
    """

    run(pytester, team, test, passed=3)


def test_without_prometheus_the_test_is_skipped_and_says_why(
    pytester: pytest.Pytester, team: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not passed."""
    monkeypatch.setenv("PATH", str(pytester.path))
    team.write({"pytest.ini": "[pytest]\naddopts = -rs"})
    test = "def test_shop(gk_prometheus):\n    gk_prometheus({'up': '1'})"

    ran = run(pytester, team, test, skipped=1)

    ran.stdout.fnmatch_lines(
        ["*gk_prometheus needs the program prometheus, which is not installed"]
    )


def test_a_run_without_its_fixtures_imports_none_of_gk() -> None:
    """The plugin is loaded wherever gk is installed, so it has to be quick."""
    code = (
        "import sys, pytest; before = set(sys.modules); import gk.testing.plugin; "
        "print(*sorted(set(sys.modules) - before))"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert {"gk", "gk.testing", "gk.testing.plugin"} == set(ran.stdout.split())
