"""gk preview as a user runs it: what it draws, of what, and where it writes that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gk.errors import ConfigError
from gk.preview.asking.series import read_series
from gk.prometheus.throw_away import is_installed
from tests.conftest import ProjectFolder, RunGk
from tests.fake_prometheus import FakePrometheus, failure, serving, success, vector

SHOP = """
    from gk import Dashboard, stat, timeseries

    shop = Dashboard(
        "Shop", uid="shop", panels=[stat("Orders", "sum(orders)"), timeseries("Up", "up")]
    )
    other = Dashboard("Other one", uid="other", panels=[stat("Errors", "errors")])
"""
SERIES = """
    interval: 1m
    input_series:
      - series: orders{shop="a"}
        values: 0+10x60
      - series: up{job="shop"}
        values: 1x30
"""
needs_prometheus = pytest.mark.skipif(not is_installed(), reason="needs prometheus")


@pytest.fixture
def server() -> Iterator[FakePrometheus]:
    """A Prometheus that answers every query."""
    with serving() as state:
        yield state


@pytest.fixture
def shop(project: ProjectFolder) -> ProjectFolder:
    """A project with two dashboards."""
    return project.write({"dashboards/shop.py": SHOP})


def test_all_dashboards_are_drawn_in_preview_html(
    shop: ProjectFolder, run_gk: RunGk, server: FakePrometheus
) -> None:
    """And gk says where."""
    ran = run_gk("preview", "--prometheus", server.url)

    assert (0, "", "preview.html shows 2 dashboards\n") == (ran.code, ran.out, ran.err)
    page = shop.read("preview.html")
    assert all(title in page for title in ("Shop", "Other one", "Orders", "Errors"))


@pytest.mark.parametrize("name", ["shop", "Shop"])
def test_a_name_is_a_uid_or_a_title(
    shop: ProjectFolder, run_gk: RunGk, server: FakePrometheus, name: str
) -> None:
    """Only that dashboard asks."""
    ran = run_gk("preview", name, "--prometheus", server.url, "-o", "page.html")

    assert (0, "page.html shows 1 dashboard\n") == (ran.code, ran.err)
    assert "errors" not in server.asked


def test_a_name_that_is_nothing(shop: ProjectFolder, run_gk: RunGk) -> None:
    """gk has an idea what it might be, and writes nothing."""
    ran = run_gk("preview", "shp", "--prometheus", "http://127.0.0.1:9")

    assert (2, "there is no dashboard 'shp'; did you mean 'shop'?\n") == (ran.code, ran.err)
    assert not (shop.root / "preview.html").exists()


def test_a_file_with_an_export_needs_no_project(
    empty_project: ProjectFolder, run_gk: RunGk, server: FakePrometheus
) -> None:
    """Of any schema."""
    target = {"refId": "A", "expr": "exported"}
    panels = [{"type": "graph", "title": "Old", "targets": [target], "datasource": "Prometheus"}]
    export = {"title": "Export", "uid": "e", "schemaVersion": 16, "panels": panels}
    empty_project.write({"export.json": json.dumps(export)})

    ran = run_gk("preview", "export.json", "--prometheus", server.url)

    assert (0, "preview.html shows 1 dashboard\n") == (ran.code, ran.err)
    assert "exported" in server.asked


def test_a_file_is_drawn_with_the_settings_of_a_project_without_definitions(
    empty_project: ProjectFolder, run_gk: RunGk, server: FakePrometheus
) -> None:
    """And a mistake in them is told."""
    export = {"title": "Export", "uid": "e", "panels": [{"type": "stat", "title": "A"}]}
    empty_project.write({"export.json": json.dumps(export), "gk.yaml": "grafana: '9.3'\n"})

    ran = run_gk("preview", "export.json", "--prometheus", server.url)
    empty_project.write({"gk.yaml": "grafana: new\n"})
    wrong = run_gk("preview", "export.json", "--prometheus", server.url)

    assert (0, "preview.html shows 1 dashboard\n") == (ran.code, ran.err)
    assert 2 == wrong.code
    assert "gk.yaml:1: grafana: 'new' is not a version" in wrong.err


def test_the_page_can_be_printed(
    shop: ProjectFolder, run_gk: RunGk, server: FakePrometheus
) -> None:
    """With nothing else."""
    ran = run_gk("preview", "shop", "--prometheus", server.url, "-o", "-")

    assert (0, "") == (ran.code, ran.err)
    assert ran.out.lstrip().startswith("<!doctype html>")
    assert not (shop.root / "preview.html").exists()


def test_what_panels_show_can_be_printed_as_json(
    shop: ProjectFolder, run_gk: RunGk, server: FakePrometheus
) -> None:
    """And no page is written."""
    ran = run_gk("preview", "shop", "--prometheus", server.url, "--format", "json")

    (board,) = json.loads(ran.out)["boards"]
    assert (0, "", "shop") == (ran.code, ran.err, board["uid"])
    assert ["Orders", "Up"] == [panel["title"] for panel in board["sections"][0]["panels"]]
    assert not (shop.root / "preview.html").exists()


def test_a_file_that_ends_in_json_has_json(
    shop: ProjectFolder, run_gk: RunGk, server: FakePrometheus
) -> None:
    ran = run_gk("preview", "shop", "--prometheus", server.url, "-o", "shop.json")

    assert (0, "", "shop.json shows 1 dashboard\n") == (ran.code, ran.out, ran.err)
    assert 1 == json.loads(shop.read("shop.json"))["version"]


def test_a_mistake_is_json_where_json_is_asked_for(shop: ProjectFolder, run_gk: RunGk) -> None:
    ran = run_gk("preview", "shp", "--prometheus", "http://127.0.0.1:9", "--format", "json")

    (problem,) = json.loads(ran.out)["problems"]
    assert (2, "there is no dashboard 'shp'; did you mean 'shop'?") == (
        ran.code,
        problem["message"],
    )


def test_the_server_may_be_of_a_context(
    shop: ProjectFolder, run_gk: RunGk, server: FakePrometheus
) -> None:
    """As for gk check --live."""
    shop.write({"gk.yaml": f"contexts: {{lab: {{prometheus: {server.url}}}}}\n"})

    assert 0 == run_gk("preview", "shop").code
    assert "up" in server.asked


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param("", "5 mins", id="none-named"),
        pytest.param("grafana: '9.3'\n", "5 min", id="an-older-one"),
        pytest.param("grafana: ['9.3', '12.4']\n", "5 mins", id="the-newest-of-several"),
        pytest.param("grafana: '13.0'\n", "5 mins", id="one-newer-than-gk-draws"),
        pytest.param(
            "grafana: '12.4'\ncontexts: {lab: {prometheus: 'URL', version: '10.1'}}\n",
            "5 min",
            id="that-of-the-context",
        ),
    ],
)
def test_panels_are_drawn_as_the_grafana_of_gk_yaml_shows_them(
    project: ProjectFolder, run_gk: RunGk, server: FakePrometheus, settings: str, expected: str
) -> None:
    server.replies["age"] = success(vector(({}, "300")))
    panel = (
        "from gk import Dashboard, stat\nd = Dashboard('D', panels=[stat('A', 'age', unit='s')])"
    )
    project.write({"dashboards/d.py": panel, "gk.yaml": settings.replace("URL", server.url)})
    by_context = "contexts" in settings
    ran = run_gk(
        "preview", "--format", "json", *([] if by_context else ["--prometheus", server.url])
    )

    (shown,) = json.loads(ran.out)["boards"][0]["sections"][0]["panels"]
    value = shown["view"]["cells"][0]["value"]
    assert expected == value["text"] + value["suffix"]


def test_an_error_is_in_its_panel(
    shop: ProjectFolder, run_gk: RunGk, server: FakePrometheus
) -> None:
    """The rest is drawn."""
    server.replies["up"] = failure(422, "execution", "too many samples")

    ran = run_gk("preview", "shop", "--prometheus", server.url)

    assert 0 == ran.code
    assert "too many samples" in shop.read("preview.html")


def test_what_is_not_answered_makes_the_run_fail(
    shop: ProjectFolder, run_gk: RunGk, server: FakePrometheus
) -> None:
    """The page is there, and lacks it."""
    server.replies["up"] = failure(503, "timeout", "query timed out")

    ran = run_gk("preview", "shop", "--prometheus", server.url)

    assert 2 == ran.code
    assert "not answered: " in ran.err
    assert "query timed out" in shop.read("preview.html")


def test_a_server_that_is_not_there(shop: ProjectFolder, run_gk: RunGk) -> None:
    """Then there is no page."""
    ran = run_gk("preview", "--prometheus", "http://127.0.0.1:9")

    assert 2 == ran.code
    assert ran.err.startswith("no Prometheus answers at http://127.0.0.1:9")
    assert not (shop.root / "preview.html").exists()


def test_a_range_and_values_can_be_chosen(
    shop: ProjectFolder, run_gk: RunGk, server: FakePrometheus
) -> None:
    """In the words of Grafana's URLs."""
    shop.write(
        {
            "dashboards/shop.py": """
                from gk import Dashboard, custom_variable, timeseries

                job = custom_variable("job", ["a", "b"])
                shop = Dashboard(
                    "Shop", variables=[job], panels=[timeseries("P", 'up{job="$job"}')]
                )
            """
        }
    )

    ran = run_gk(
        "preview", "--prometheus", server.url, "--var", "job=b",
        "--from", "1700000000000", "--to", "2023-11-15T00:00:00Z",
    )  # fmt: skip

    assert (0, "preview.html shows 1 dashboard\n") == (ran.code, ran.err)
    (request,) = [request for request in server.given if request.get("query") == 'up{job="b"}']
    assert ("1699999995.000", "1700006400.000") == (request["start"], request["end"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "yesterday"], "--from 'yesterday' is not a time"),
        (["--to", "9999999999999999999999"], "--to '9999999999999999999999' is not a time"),
        (["--var", "job"], "--var 'job': write NAME=VALUE"),
        (["-o", "there/page.html"], "folder 'there' does not exist"),
        (["--series", "s.yaml", "--replay", "r"], "choose one of --series and --replay"),
        (["--replay", "r", "--record", "s"], "leave out --record"),
        (["--replay", "nothing"], "--replay: nothing cannot be read"),
        (["--series", "nothing"], "--series nothing"),
        (["--prometheus", "file:///etc/passwd"], "--prometheus is not a URL"),
    ],
)
def test_mistakes_in_options(
    shop: ProjectFolder, run_gk: RunGk, arguments: list[str], message: str
) -> None:
    """Are told before anything is asked."""
    ran = run_gk("preview", *arguments)

    assert 2 == ran.code
    assert message in ran.err


# Series


@needs_prometheus
def test_the_same_series_are_the_same_page(shop: ProjectFolder, run_gk: RunGk) -> None:
    """Whenever it is drawn."""
    shop.write({"series.yaml": SERIES})

    first = run_gk("preview", "shop", "--series", "series.yaml", "--from", "now-1h", "-o", "1.html")
    second = run_gk(
        "preview", "shop", "--series", "series.yaml", "--from", "now-1h", "-o", "2.html"
    )

    assert (0, 0) == (first.code, second.code)
    assert shop.read("1.html") == shop.read("2.html")
    assert "600" in shop.read("1.html")


@needs_prometheus
def test_a_page_of_series_can_be_recorded(shop: ProjectFolder, run_gk: RunGk) -> None:
    """And drawn again without the program."""
    shop.write({"series.yaml": SERIES})

    run_gk("preview", "--series", "series.yaml", "--record", "r.gz", "-o", "1.html")
    ran = run_gk("preview", "--replay", "r.gz", "-o", "2.html", env={"PATH": ""})

    assert (0, "2.html shows 2 dashboards\n") == (ran.code, ran.err)
    assert shop.read("1.html") == shop.read("2.html")


def test_series_need_the_program(shop: ProjectFolder, run_gk: RunGk) -> None:
    """gk says so."""
    shop.write({"series.yaml": SERIES})

    ran = run_gk("preview", "--series", "series.yaml", env={"PATH": ""})

    message = "--series needs the program prometheus, which is not installed\n"
    assert (2, message) == (ran.code, ran.err)


def test_shorter_series_end_earlier(tmp_path: Path) -> None:
    """As in promtool, all begin at the same time."""
    file = tmp_path / "series.yaml"
    file.write_text("input_series: [{series: a, values: 1x9}, {series: b, values: 1x4}]")

    content = read_series(file)

    assert ({"a": "1x9", "b": "1x4 _x5"}, "1m") == (content.series, content.interval)


def test_a_file_of_promtool_is_one(tmp_path: Path) -> None:
    """Its tests have one list."""
    file = tmp_path / "test.yaml"
    file.write_text(
        "tests: [{interval: 15s, input_series: [{series: a, values: 1}]}, "
        "{input_series: [{series: b, values: 2 3}]}]"
    )

    content = read_series(file)

    assert ({"a": "1 _x1", "b": "2 3"}, "15s") == (content.series, content.interval)


def test_the_time_of_the_last_sample_can_be_given(tmp_path: Path) -> None:
    """By itself it is always the same."""
    file = tmp_path / "series.yaml"
    text = "input_series: [{series: a, values: 1}]"
    times = []
    for line in ("", "\ntime: 2023-11-14T22:13:20Z", "\ntime: 1700000000"):
        file.write_text(text + line)
        times.append(read_series(file).time)

    assert [1_767_268_800.0, 1_700_000_000.0, 1_700_000_000.0] == times


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "write a mapping with input_series"),
        ("a: [", "line 2: "),
        ("input_series: []", "has no series"),
        ("input_series: [{series: a}]", "needs series and values"),
        ("input_series: [{series: a, values: one}]", "'one' is not in promtool's notation"),
        ("input_series: [{series: a, values: 1}]\ninterval: soon", "interval 'soon'"),
        ("input_series: [{series: a, values: 1}]\ntime: soon", "time 'soon' is not one"),
        (
            "input_series: [{series: a, values: 1}, {series: a, values: 2}]",
            "series 'a' is there twice",
        ),
    ],
)
def test_mistakes_in_series(tmp_path: Path, text: str, message: str) -> None:
    """With the file."""
    file = tmp_path / "series.yaml"
    file.write_text(text)

    with pytest.raises(ConfigError) as raised:
        read_series(file)

    assert str(raised.value).startswith(f"{file}: ")
    assert message in str(raised.value)


def test_an_empty_answer_is_explained(
    shop: ProjectFolder, run_gk: RunGk, server: FakePrometheus
) -> None:
    """In the words of gk check --live."""
    server.replies["up"] = success(vector())

    run_gk("preview", "shop", "--prometheus", server.url)

    assert "the metric up is not on the server" in shop.read("preview.html")
