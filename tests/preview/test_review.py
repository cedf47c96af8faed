"""gk diff --preview: pictures with data of changed panels."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

import pytest

from tests.conftest import ProjectFolder, Ran, RunGk
from tests.diff.test_command import NO_CI, Shop
from tests.fake_prometheus import FakePrometheus, serving, success, vector

DASHBOARD = """
    from gk import Dashboard, stat, timeseries

    dashboard = Dashboard(
        "Orders",
        uid="orders",
        panels=[stat("Open", "sum(orders_open)"), stat("Stock", "sum(stock)")],
    )
"""
CHANGED = DASHBOARD.replace("orders_open", "orders_all")
Gk = Callable[..., Ran]


@pytest.fixture
def shop(project: ProjectFolder) -> Shop:
    shop = Shop(project.root)
    shop.commit({"gk.yaml": "project: store\n", "dashboards/orders.py": DASHBOARD})
    return shop


@pytest.fixture
def gk(run_gk: RunGk) -> Gk:
    def run(*arguments: str) -> Ran:
        return run_gk("diff", *arguments, env=NO_CI)

    return run


@pytest.fixture
def server() -> Iterator[FakePrometheus]:
    """A Prometheus with as many open orders as there are, and twice as many of all."""
    with serving() as state:
        state.replies["sum(orders_open)"] = success(vector(({}, "21")))
        state.replies["sum(orders_all)"] = success(vector(({}, "42")))
        yield state


def texts(svg: str) -> list[str]:
    """The texts in a picture."""
    return [
        "".join(element.itertext())
        for element in ElementTree.fromstring(svg).iter()
        if element.text
    ]


def pictures(page: str) -> dict[str, str]:
    """The pictures in a page, by what they are of."""
    images = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)" alt="([^"]+)"', page)
    return {alt: base64.b64decode(text).decode() for text, alt in images}


def test_the_page_shows_a_changed_panel_before_and_after(
    shop: Shop, gk: Gk, server: FakePrometheus
) -> None:
    shop.write({"dashboards/orders.py": CHANGED})

    ran = gk("--preview", "--prometheus", server.url, "-o", "report.html")

    images = pictures(shop.read("report.html"))
    assert (1, "") == (ran.code, ran.err)
    assert ["Before: panel &#39;Open&#39; with data", "After: panel &#39;Open&#39; with data"] == [
        *images
    ]
    before, after = map(texts, images.values())
    assert ("21" in before, "42" in after) == (True, True)


def test_pictures_of_a_panel_as_wide_as_the_dashboard_are_below_each_other(
    shop: Shop, gk: Gk, server: FakePrometheus
) -> None:
    wide = DASHBOARD.replace('"sum(stock)"', '"sum(stock)", width=24')
    shop.commit({"dashboards/orders.py": wide})
    changed = wide.replace('"Stock"', '"In stock"').replace("orders_open", "orders_all")
    shop.write({"dashboards/orders.py": changed})

    gk("--preview", "--prometheus", server.url, "-o", "report.html")

    assert ["pictures", "pictures below"] == re.findall(
        r'<div class="(pictures[^"]*)">\s*<figure class="look">', shop.read("report.html")
    )


def test_nothing_is_asked_for_a_panel_that_did_not_change(
    shop: Shop, gk: Gk, server: FakePrometheus
) -> None:
    shop.write({"dashboards/orders.py": CHANGED})

    gk("--preview", "--prometheus", server.url, "-o", "report.html")

    assert {"sum(orders_open)", "sum(orders_all)"} <= set(server.asked)
    assert "sum(stock)" not in server.asked


def test_a_new_dashboard_has_pictures_of_one_side(
    shop: Shop, gk: Gk, server: FakePrometheus
) -> None:
    shop.write(
        {"dashboards/more.py": DASHBOARD.replace("Orders", "More").replace('"orders"', '"m"')}
    )

    gk("--preview", "--prometheus", server.url, "-o", "report.html")

    assert ["After: panel &#39;Open&#39; with data", "After: panel &#39;Stock&#39; with data"] == [
        *pictures(shop.read("report.html"))
    ]


def test_pictures_are_also_files(shop: Shop, gk: Gk, server: FakePrometheus) -> None:
    """In numbers of one theme: whoever makes PNGs of them may know no variables of CSS."""
    shop.write({"dashboards/orders.py": CHANGED})

    gk("--preview", "--prometheus", server.url, "--pictures", "out/pictures")

    folder = shop.root / "out" / "pictures"
    assert ["orders-open-after.svg", "orders-open-before.svg"] == sorted(
        path.name for path in folder.iterdir()
    )
    after = (folder / "orders-open-after.svg").read_text("utf-8")
    assert "42" in texts(after)
    assert "var(" not in after


def test_a_server_that_is_not_there_costs_the_pictures_and_not_the_report(
    shop: Shop, gk: Gk
) -> None:
    shop.write({"dashboards/orders.py": CHANGED})

    ran = gk("--preview", "--prometheus", "http://127.0.0.1:9", "-o", "report.html")

    assert 1 == ran.code
    assert "no pictures with data: no Prometheus answers at http://127.0.0.1:9" in ran.err
    assert "orders_all" in shop.read("report.html")
    assert {} == pictures(shop.read("report.html"))


def test_what_was_asked_once_can_be_drawn_again_without_the_server(
    shop: Shop, gk: Gk, server: FakePrometheus
) -> None:
    shop.write({"dashboards/orders.py": CHANGED})
    gk("--preview", "--prometheus", server.url, "--record", "kept.gz", "-o", "first.html")

    ran = gk("--preview", "--replay", "kept.gz", "-o", "second.html")

    assert (1, "") == (ran.code, ran.err)
    assert shop.read("first.html") == shop.read("second.html")


def test_two_files_are_compared_with_data(
    empty_project: ProjectFolder, gk: Gk, server: FakePrometheus
) -> None:
    """Outside of a project, too."""
    text = """{"title": "Orders", "uid": "o", "schemaVersion": 39, "panels": [{"type": "stat",
      "title": "Open", "datasource": {"type": "prometheus", "uid": "p"},
      "targets": [{"refId": "A", "expr": "sum(orders_open)", "instant": true}]}]}"""
    empty_project.write({"old.json": text, "new.json": text.replace("orders_open", "orders_all")})

    ran = gk("old.json", "new.json", "--preview", "--prometheus", server.url, "-o", "page.html")

    assert 1 == ran.code
    before, after = map(texts, pictures(empty_project.read("page.html")).values())
    assert ("21" in before, "42" in after) == (True, True)


def test_a_mistake_in_the_settings_is_told(empty_project: ProjectFolder, gk: Gk) -> None:
    """Also where files are compared, which need none."""
    text = '{"title": "Orders", "uid": "o", "panels": []}'
    empty_project.write({"gk.yaml": "contxts: {}\n", "old.json": text, "new.json": text})

    ran = gk("old.json", "new.json", "--preview", "--context", "prod", "-o", "page.html")

    assert 2 == ran.code
    assert "contxts" in ran.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            ["--preview"], "--preview needs a page for its pictures: add -o report.html", id="page"
        ),
        pytest.param(["--series", "s.yaml"], "--series needs --preview", id="series"),
        pytest.param(["--pictures", "p"], "--pictures needs --preview", id="pictures"),
        pytest.param(["--context", "c"], "--context needs --live or --preview", id="context"),
        pytest.param(
            ["--preview", "--format", "html", "--replay", "a", "--prometheus", "http://b"],
            "choose one of --prometheus or --context and --replay",
            id="two servers",
        ),
    ],
)
def test_options_that_do_nothing_are_refused(
    shop: Shop, gk: Gk, arguments: list[str], message: str
) -> None:
    ran = gk(*arguments)

    assert 2 == ran.code
    assert message in ran.err
