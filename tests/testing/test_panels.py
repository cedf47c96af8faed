"""What gk_panel, a fixture of gk's plugin of pytest, says of panels, and what a failed test
leaves."""

from __future__ import annotations

import math
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from gk import (
    Dashboard,
    Row,
    Tab,
    alert_list,
    auto_grid,
    bar_gauge,
    column,
    custom_variable,
    dashboard_list,
    gauge,
    heatmap,
    logs,
    pie_chart,
    query_variable,
    stat,
    state_timeline,
    table,
    target,
    text,
    timeseries,
    when_variable,
)
from gk.errors import GkError
from gk.preview.asking.series import read_series
from gk.preview.model import Field, FieldType, Frame, Shown
from gk.project import Project, load
from gk.prometheus.throw_away import Starting, ThrowAway
from gk.resource import Kind, Resource
from gk.testing import NOW, ShowPanel
from gk.testing.panels import Panel
from gk.testing.servers import Servers
from tests.conftest import DATASOURCE, ProjectFolder

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.skipif(
    not shutil.which("prometheus"), reason="prometheus is not installed"
)

SHOP = """
    from gk import Dashboard, custom_variable, stat, table, text

    dashboard = Dashboard(
        "The shop",
        uid="shop",
        variables=[custom_variable("zone", ["a", "b"], multi=True)],
        panels=[
            stat(
                "Fullest disk",
                "max(used) by (mount)",
                unit="percentunit",
                thresholds={None: "green", 0.9: "red"},
            ),
            stat("Boxes of $zone", 'sum(boxes{zone=~"$zone"})', repeat="zone"),
            text("Notes", "In **zone** $zone"),
            stat("Up", "up"),
            stat("Up", "up == 0"),
        ],
    )
"""
V2 = 'grafana: "12.4"\ndashboards: v2'
DISKS = {"used{mount='/'}": "0.5 0.97", "used{mount='/home'}": "0.2 0.1"}


@pytest.fixture(scope="module")
def gk_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A team's project, in place of gk's own, with dashboards of schema v2: these have rules."""
    root = tmp_path_factory.mktemp("team")
    files = {"gk.yaml": V2, "datasources/prometheus.py": DATASOURCE, "dashboards/shop.py": SHOP}
    return load(ProjectFolder(root).write(files).root)


# What panels of each kind show


def test_a_stat_has_a_text_a_colour_and_a_number(gk_panel: ShowPanel) -> None:
    """With the unit and the thresholds of its panel."""
    panel = gk_panel(
        stat("Disk", "used", unit="percentunit", thresholds={None: "green", 0.9: "red"}),
        series={"used": "0.5 0.971"},
    )

    assert ("97.1%", "red", 0.971) == (panel.text, panel.color, panel.number)
    assert ("Disk", "stat") == (panel.title, panel.type)


def test_a_stat_of_several_series_has_them_by_name(gk_panel: ShowPanel) -> None:
    """In its order."""
    panel = gk_panel("shop", "Fullest disk", DISKS)

    assert {"/": ("97%", "red"), "/home": ("10%", "green")} == {
        name: (value.text, value.color) for name, value in panel.series.items()
    }


@pytest.mark.parametrize("constructor", [gauge, bar_gauge, pie_chart])
def test_gauges_and_pies_have_values_by_name(
    gk_panel: ShowPanel, constructor: Callable[..., object]
) -> None:
    """As a stat has."""
    panel = gk_panel(
        constructor(
            "Boxes", target("boxes", legend="{{zone}}"), unit="short", thresholds={None: "blue"}
        ),
        series={"boxes{zone='a'}": "1500", "boxes{zone='b'}": "20"},
    )

    assert {"a": "1.50 K", "b": "20"} == {name: value.text for name, value in panel.series.items()}
    assert [1500, 20] == [value.number for value in panel.values]


def test_a_time_series_has_its_last_value_its_points_and_its_legend(gk_panel: ShowPanel) -> None:
    """Of each series by its name; times are seconds since 1970."""
    panel = gk_panel(
        timeseries(
            "Boxes", target("boxes", legend="{{zone}}"), unit="short", legend_values=("max", "mean")
        ),
        series={"boxes{zone='a'}": "1 2 3", "boxes{zone='b'}": "2000x2 stale"},
    )

    boxes = panel.series["a"]
    assert ("3", 3, "green") == (boxes.text, boxes.number, boxes.color)
    assert {"Max": "3", "Mean": "2"} == boxes.legend
    assert (NOW, 3.0) == boxes.points[-1]
    assert "2 K" == panel.series["b"].text
    assert {1, 2, 3} == {value for _, value in boxes.points if value is not None}


def test_a_state_timeline_has_the_states_one_after_the_other(gk_panel: ShowPanel) -> None:
    """With the colours of their mappings; the last one is what it shows now."""
    panel = gk_panel(
        state_timeline(
            "Health",
            target("up", legend="{{job}}"),
            mappings={0: ("down", "red"), 1: ("up", "green")},
        ),
        series={"up{job='shop'}": "1x10 0x10 1x10", "up{job='web'}": "1x30 0 0"},
    )

    shop = panel.series["shop"]
    assert ["up", "down", "up"] == shop.states
    assert ["green", "red", "green"] == [state.color for state in shop.states]
    assert ("down", "red") == (panel.series["web"].text, panel.series["web"].color)


def test_a_heatmap_has_its_buckets(gk_panel: ShowPanel) -> None:
    """From below, with the counts in them."""
    panel = gk_panel(
        heatmap(
            "Latency", target("sum by (le) (latency_bucket)", legend="{{le}}", format="heatmap")
        ),
        series={"latency_bucket{le='0.1'}": "1 2", "latency_bucket{le='1'}": "3 7"},
    )

    assert ["0.1", "1"] == [bucket.name for bucket in panel.values]
    assert (2, 5) == (panel.series["0.1"].number, panel.series["1"].number)


def test_a_table_has_rows_of_texts_by_columns(gk_panel: ShowPanel) -> None:
    """Each in its colour."""
    panel = gk_panel(
        table(
            "Disks",
            column(
                "Used",
                "max by (mount) (used)",
                unit="percentunit",
                thresholds={None: "green", 0.9: "red"},
            ),
            cell="color-background",
        ),
        series=DISKS,
    )

    assert [{"mount": "/", "Used": "97%"}, {"mount": "/home", "Used": "10%"}] == panel.rows
    assert ["red", "green"] == [row["Used"].color for row in panel.rows]


def test_a_text_panel_has_its_text(gk_panel: ShowPanel) -> None:
    """Without Markdown, and with the values of variables."""
    assert "In zone b" == gk_panel("shop", "Notes", variables={"zone": "b"}).text


def test_a_list_of_dashboards_has_the_projects(gk_panel: ShowPanel) -> None:
    """As rows."""
    panel = gk_panel(dashboard_list("All"))

    assert "The shop" in [row["title"] for row in panel.rows]


@pytest.mark.parametrize("panel", [alert_list("Alerts"), logs("Lines", "{job='shop'}")])
def test_lists_without_anything_have_no_rows(gk_panel: ShowPanel, panel: object) -> None:
    """The throw-away Prometheus evaluates no rules, and there is no Loki."""
    assert [] == gk_panel(panel).rows


def test_all_the_rest_is_in_the_view(gk_panel: ShowPanel) -> None:
    """The kind's own."""
    panel = gk_panel(gauge("Disk", "used", min=0, max=2), series={"used": "1"})

    assert 0.5 == panel.view.dials[0].share


def test_a_panel_of_another_kind_has_its_data_as_rows() -> None:
    """Of all frames, whatever columns they have."""
    frames = [
        Frame([Field("town", FieldType.STRING, ["Bonn"])]),
        Frame([Field("town", FieldType.STRING, ["Ulm"]), Field("n", FieldType.NUMBER, [3.0])]),
    ]

    panel = Panel("Shop", Shown({"type": "geomap"}, "Map", frames))

    assert [{"town": "Bonn"}, {"town": "Ulm", "n": "3"}] == panel.rows
    assert "<geomap 'Map': town; Bonn; Ulm 3>" == repr(panel)


def test_a_bar_chart_has_a_row_for_each_group_of_bars() -> None:
    """With the texts and colours of its bars; a gap has none, and groups may have one name."""
    palette = {"color": {"mode": "palette-classic"}}
    frame = Frame(
        [
            Field("town", FieldType.STRING, ["Bonn", "Ulm", "Ulm"]),
            Field("open", FieldType.NUMBER, [3.0, None, 1.0], config=palette),
            Field("closed", FieldType.NUMBER, [4.0, 5.0, 6.0], config=palette),
        ]
    )

    panel = Panel("Shop", Shown({"type": "barchart"}, "Orders", [frame]))

    assert [
        {"name": "Bonn", "open": "3", "closed": "4"},
        {"name": "Ulm", "closed": "5"},
        {"name": "Ulm", "open": "1", "closed": "6"},
    ] == panel.rows
    assert ("green", "semi-dark-yellow") == (
        panel.rows[0]["open"].color,
        panel.rows[0]["closed"].color,
    )


@pytest.mark.parametrize("count", [20, 21])
def test_of_many_values_the_first_are_told(count: int) -> None:
    """A report stays short."""
    frames = [Frame([Field("n", FieldType.NUMBER, [float(number)])]) for number in range(count)]

    panel = Panel("Shop", Shown({"type": "stat"}, "Many", frames))

    assert count == len(panel.values)
    assert (count > 20) == str(panel).endswith("\n  ... and 1 more")


def test_without_data_a_panel_says_so_and_why(gk_panel: ShowPanel) -> None:
    """In its text and in its notes."""
    panels = [
        gk_panel(constructor("Boxes", 'boxes{zone="c"}'), series={"boxes{zone='a'}": "1"})
        for constructor in (stat, timeseries, state_timeline)
    ]

    assert ["No data"] * 3 == [panel.text for panel in panels]
    assert ["A: no series of boxes has zone=\"c\"; there are 'a'"] == panels[0].notes


@pytest.mark.parametrize(
    ("panel", "name", "message"),
    [
        (table("Disks", "used"), "text", "use rows"),
        (table("Disks", "used"), "series", "use rows"),
        (stat("Disks", "used"), "rows", "use series"),
        (stat("Disks", "used"), "color", "use series"),
        (text("Notes", "Hello"), "rows", "use text"),
        (stat("Disks", target("used", legend="disk")), "series", "use values"),
    ],
)
def test_what_a_panel_does_not_have_says_what_to_use(
    gk_panel: ShowPanel, panel: object, name: str, message: str
) -> None:
    """A table has no single text, and two values have no one colour."""
    shown = gk_panel(panel, series=DISKS)

    with pytest.raises(AssertionError, match=message):
        getattr(shown, name)


def test_a_panel_reads_well_beside_a_comparison(gk_panel: ShowPanel) -> None:
    """In one line, and as a table below its title."""
    panel = gk_panel("shop", "Fullest disk", DISKS)

    assert "<stat 'Fullest disk': / 97% red; /home 10% green>" == repr(panel)
    assert (
        "'Fullest disk' of dashboard 'The shop' (stat)\n  /      97%  red\n  /home  10%  green"
    ) == str(panel)


# Which panel, and which data


def test_dashboards_are_named_by_uid_and_title_or_given(
    gk_panel: ShowPanel, gk_project: Project, gk_resources: list[Resource]
) -> None:
    """As compiled, as defined in the project, or made by the test."""
    (compiled,) = (resource for resource in gk_resources if resource.kind is Kind.DASHBOARD)
    (defined,) = (definition.value for definition in gk_project.dashboards)
    own = Dashboard("Own", panels=[stat("Fullest disk", "max(used)")])

    panels = [
        gk_panel(dashboard, "Fullest disk", {"used": "0.5"})
        for dashboard in ("shop", "The shop", compiled, defined, own)
    ]

    assert ["50%"] * 4 + ["0.500"] == [panel.text for panel in panels]
    assert ["The shop"] * 4 + ["Own"] == [panel.dashboard for panel in panels]


def test_a_title_may_be_as_written_or_as_shown(gk_panel: ShowPanel) -> None:
    """A panel that repeats shows once for each value."""
    series = {"boxes{zone='a'}": "1", "boxes{zone='b'}": "2"}
    both = {"zone": ["a", "b"]}

    written = gk_panel("shop", "Boxes of $zone", series, variables={"zone": ["a"]})
    shown = gk_panel("shop", "Boxes of b", series, variables=both)

    assert ("Boxes of a", "1") == (written.title, written.text)
    assert ("Boxes of b", "2") == (shown.title, shown.text)


def test_panels_of_folded_rows_and_of_tabs_are_shown(gk_panel: ShowPanel) -> None:
    """As a reader may open them."""
    boards = [
        Dashboard("Rows", rows=[Row("Closed", [stat("Up", "up")], collapsed=True)]),
        Dashboard("Tabs", tabs=[Tab("One", [stat("Down", "up")]), Tab("Two", [stat("Up", "up")])]),
    ]

    assert ["1", "1"] == [gk_panel(board, "Up", {"up": "1"}).text for board in boards]


def test_a_panel_that_its_rules_hide_is_a_mistake(gk_panel: ShowPanel) -> None:
    """It shows with the value that it is for."""
    board = Dashboard(
        "Zones",
        variables=[custom_variable("zone", ["a", "b"])],
        panels=auto_grid([stat("Up", "up", show_when=when_variable("zone", equals="b"))]),
    )

    assert "1" == gk_panel(board, "Up", {"up": "1"}, variables={"zone": "b"}).text
    with pytest.raises(pytest.fail.Exception, match="does not show 'Up': its rules hide it"):
        gk_panel(board, "Up", {"up": "1"})


@pytest.mark.parametrize(
    ("dashboard", "title", "options", "message"),
    [
        ("shpo", "Up", {}, "there is no dashboard 'shpo'; did you mean 'shop'?"),
        ("shop", "Fulest disk", {}, "has no panel 'Fulest disk'; did you mean 'Fullest disk'?"),
        ("shop", "", {}, "shows several panels; name one of 'Fullest disk', 'Boxes of a', "),
        ("shop", "Up", {}, "shows 2 panels 'Up'; "),
        ("shop", "Notes", {"variables": {"zon": "a"}}, "no variable $zon; did you mean 'zone'?"),
        ("shop", "Notes", {"start": "yesterday"}, "start 'yesterday' is not a time; write now-1h"),
        ("shop", "Notes", {"interval": "often"}, "interval 'often' is not a duration"),
        ("shop", "Notes", {"series": {"up": "1 two"}}, "'two' is not in promtool's notation"),
        (5, "Up", {}, "5 has no queries; pass a name"),
    ],
)
def test_a_mistake_fails_the_test_and_names_the_nearest(
    gk_panel: ShowPanel, dashboard: object, title: str, options: dict[str, object], message: str
) -> None:
    """As gk does."""
    with pytest.raises(pytest.fail.Exception) as raised:
        gk_panel(dashboard, title, **options)  # type: ignore[arg-type]

    assert message in str(raised.value)


def test_after_a_mistake_in_series_the_next_ones_are_shown(gk_panel: ShowPanel) -> None:
    """The Prometheus that has started for them is used."""
    with pytest.raises(pytest.fail.Exception):
        gk_panel(stat("Up", "up"), series={"up": "1 two"})

    assert "2" == gk_panel(stat("Up", "up"), series={"up": "1 2"}).text


def test_no_series_of_another_call_are_there(gk_panel: ShowPanel) -> None:
    """However far the query looks back."""
    counted = stat("Samples", "sum(count_over_time({__name__=~'.+'}[30d]))")

    texts = [gk_panel(counted, series=series).text for series in ({"up": "1x9"}, {"down": "1 1"})]

    assert ["10", "2"] == texts


def test_the_same_series_show_the_same_at_any_time(gk_panel: ShowPanel) -> None:
    """The last sample is of NOW, from which ages are reckoned."""
    age = stat("Age", "time() - start_time", unit="s", decimals=0)

    texts = [
        gk_panel(age, series={"start_time": f"{NOW - 7200:.0f}", "call": str(call)}).text
        for call in range(2)
    ]

    assert ["2 hours"] * 2 == texts


def test_now_is_that_of_files_with_series(tmp_path: Path) -> None:
    """`gk preview --series` shows the same."""
    file = tmp_path / "series.yaml"
    file.write_text("input_series: [{series: up, values: 1}]")

    assert NOW == read_series(file).time


def test_the_range_of_a_rate_fits_the_interval(gk_panel: ShowPanel) -> None:
    """As that of a server that is scraped so often."""
    rate = stat("Orders", "sum(rate(orders_total[$__rate_interval]))", unit="short")

    texts = [
        gk_panel(rate, series={"orders_total": "0+300x60"}, interval=interval).text
        for interval in ("30s", "5m")
    ]

    assert ["10", "1"] == texts


def test_another_time_range_may_be_shown(gk_panel: ShowPanel) -> None:
    """In Grafana's words."""
    boxes = timeseries("Boxes", "boxes")

    panel = gk_panel(boxes, series={"boxes": "1x60 2x59"}, start="now-2h", end="now-1h")

    assert "1" == panel.text


def test_a_variable_asks_the_series(gk_panel: ShowPanel) -> None:
    """Its first value is chosen, as when the dashboard opens."""
    board = Dashboard(
        "Zones",
        variables=[query_variable("zone", "label_values(boxes, zone)")],
        panels=[stat("Boxes", 'boxes{zone="$zone"}')],
    )
    series = {"boxes{zone='x'}": "1", "boxes{zone='y'}": "2"}

    assert "1" == gk_panel(board, series=series).text
    assert "2" == gk_panel(board, series=series, variables={"zone": "y"}).text


def test_a_server_may_be_given(gk_panel: ShowPanel) -> None:
    """In place of series."""
    with ThrowAway({"up": "1 3"}) as server:
        assert "3" == gk_panel(stat("Up", "up"), prometheus=server).text
        with pytest.raises(pytest.fail.Exception, match="pass either series or prometheus="):
            gk_panel(stat("Up", "up"), series={}, prometheus=server)


def test_a_custom_variable_needs_no_series(gk_panel: ShowPanel) -> None:
    """Its values are in the dashboard."""
    board = Dashboard(
        "Zones",
        variables=[custom_variable("zone", ["a", "b"])],
        panels=[text("Notes", "Zone $zone")],
    )

    assert "Zone a" == gk_panel(board).text


# The servers


@pytest.fixture
def servers() -> Iterator[Servers]:
    """Those of a session."""
    started = Servers()
    yield started
    started.stop()


def test_equal_series_share_a_server(servers: Servers) -> None:
    """And others get another one, in which nothing else is."""
    first = servers.of({"a": "1", "b": "2"}, "1m")

    assert first is servers.of({"b": "2", "a": "1"}, "1m")
    assert first is not servers.of({"a": "1", "b": "2"}, "2m")
    assert [] == servers.of({"c": "1"}, "1m").at("a", NOW).series


def test_nothing_is_left_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process and no folder, also of the one that only started."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    servers = Servers()
    first = servers.of({"a": "1"}, "1m")
    second = servers.of({"a": "2"}, "1m")
    assert 2 == len(list(tmp_path.iterdir()))

    servers.stop()

    assert [] == list(tmp_path.iterdir())
    for server in (first, second):
        with pytest.raises(GkError, match="no Prometheus answers"):
            server.query("a")


def test_one_that_is_starting_can_be_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anybody waited for it, and twice."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    starting = Starting()

    starting.stop()
    starting.stop()

    assert [] == list(tmp_path.iterdir())


def test_a_look_takes_a_fifth_of_a_second(gk_panel: ShowPanel) -> None:
    """Each with series of its own; the quickest of ten, and longer where other programs take the
    processor from what only calculates."""
    gk_panel("shop", "Fullest disk", DISKS)
    took = math.inf

    for call in range(10):
        before = time.perf_counter()
        panel = gk_panel("shop", "Fullest disk", {"used{mount='/'}": f"0.{call}"})
        seconds = time.perf_counter() - before
        assert f"{call * 10}%" == panel.text
        took = min(took, seconds / _slowed())

    assert took < 0.2


def _slowed() -> float:
    """How many times as long as alone something takes now."""
    seconds, own = time.perf_counter(), time.process_time()
    while time.process_time() - own < 0.05:
        pass
    return (time.perf_counter() - seconds) / 0.05


# A test that fails

OPTIONS = ("-p", "no:randomly", "-p", "no:xdist", "-W", "error")
HERE = ("-W", "ignore::pytest.PytestAssertRewriteWarning")


@pytest.fixture
def team(pytester: pytest.Pytester) -> ProjectFolder:
    """A team's project in the folder of a run of pytest."""
    files = {"gk.yaml": "{}", "datasources/prometheus.py": DATASOURCE, "dashboards/shop.py": SHOP}
    return ProjectFolder(pytester.path).write(files)


def run(
    pytester: pytest.Pytester, team: ProjectFolder, test: str, **expected: int
) -> pytest.RunResult:
    """Run tests of the team in this process."""
    team.write({"tests/test_shop.py": test})
    ran = pytester.runpytest_inprocess(*OPTIONS, *HERE, "--basetemp=left")
    ran.assert_outcomes(**expected)
    return ran


def test_a_test_that_fails_leaves_pictures_and_says_what_panels_show(
    pytester: pytest.Pytester, team: ProjectFolder
) -> None:
    """The picture is SVG with the title and the value."""
    test = f"""
        def test_disk(gk_panel):
            gk_panel("shop", "Notes")
            panel = gk_panel("shop", "Fullest disk", {{"used": "0.97"}})
            assert panel.text == "98%"

        def test_passes(gk_panel):
            assert gk_panel("shop", "Fullest disk", {DISKS}).series["/"].color == "red"
    """

    ran = run(pytester, team, test, passed=1, failed=1)

    ran.stdout.fnmatch_lines(
        [
            "*assert '97%' == '98%'*",
            "*- gk_panel -*",
            "'Notes' of dashboard 'The shop' (text)",
            "  In zone a",
            "'Fullest disk' of dashboard 'The shop' (stat)",
            "  97%  red",
            "  */left/gk_panel-test_disk0/2-fullest-disk.svg",
        ]
    )
    left = sorted((pytester.path / "left").rglob("*.svg"))
    assert ["1-notes.svg", "2-fullest-disk.svg"] == [picture.name for picture in left]
    drawn = "".join(ElementTree.fromstring(left[1].read_text(encoding="utf-8")).itertext())
    assert re.search("Fullest disk.*97.*%", drawn)


def test_a_mistake_after_a_panel_leaves_its_picture(
    pytester: pytest.Pytester, team: ProjectFolder
) -> None:
    """Also where a fixture of the team's own looks at it, and without gk in the traceback."""
    test = """
        import pytest

        @pytest.fixture
        def disk(gk_panel):
            panel = gk_panel("shop", "Fullest disk", {"used": "0.97"})
            return panel.rows

        def test_disk(disk):
            pass
    """

    ran = run(pytester, team, test, errors=1)

    ran.stdout.fnmatch_lines(
        [
            "E *AssertionError: <stat 'Fullest disk': 97% red> has no rows; use series",
            "*- gk_panel -*",
        ]
    )
    ran.stdout.no_fnmatch_line("*gk/testing*")
    assert ["1-fullest-disk.svg"] == [picture.name for picture in pytester.path.rglob("*.svg")]


def test_without_prometheus_it_is_skipped_and_says_why(
    pytester: pytest.Pytester, team: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not passed."""
    monkeypatch.setenv("PATH", str(pytester.path))
    team.write({"pytest.ini": "[pytest]\naddopts = -rs"})

    ran = run(pytester, team, "def test_it(gk_panel): gk_panel('shop', 'Notes')", skipped=1)

    ran.stdout.fnmatch_lines(["*gk_panel needs the program prometheus, which is not installed"])
