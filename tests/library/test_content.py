"""The dashboards of this repository as people meet them: panels say what they show, and the first
screen is full."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations
from typing import Any

from gk.resource import Kind, Resource
from tests.cases import every
from tests.conftest import REPOSITORY, this_repository

Json = dict[str, Any]

FIRST_SCREEN = 20
"""Units of 30 pixels and their gaps, of which a screen of 1080 pixels shows some 22 below Grafana's
bars."""
WITHOUT_SERIES = {"alertlist", "dashlist", "logs", "text"}


@cache
def _built() -> dict[str, Resource]:
    return {
        resource.uid: resource for resource in this_repository() if resource.kind is Kind.DASHBOARD
    }


def _dashboards() -> list[str]:
    return sorted(_built())


OVERVIEWS = [
    "apiserver",
    "blackbox",
    "cadvisor",
    "control-plane",
    "kubelet",
    "monitoring",
    "node",
]


@cache
def _body(uid: str) -> Json:
    body: Json = _built()[uid].body
    return body


def _panels(uid: str) -> Iterator[Json]:
    """All panels but rows, those in collapsed rows too."""
    for panel in _body(uid)["panels"]:
        yield from panel.get("panels", ()) if panel["type"] == "row" else [panel]


def _titles(uid: str, wrong: Any) -> list[str]:
    return [panel["title"] for panel in _panels(uid) if wrong(panel)]


@every("uid", _dashboards)
def test_every_panel_has_a_title_of_its_own_that_reads_without_the_query(uid: str) -> None:
    """No name of a metric, and words that start with a capital letter unless a program's name does
    not."""
    titles = [panel["title"] for panel in _panels(uid)]

    assert [] == [title for title in titles if not title or "_" in title]
    assert [] == sorted({title for title in titles if titles.count(title) > 1})


@every("uid", _dashboards)
def test_every_panel_is_described(uid: str) -> None:
    """In a sentence at least; it may be that of the snippet."""
    assert [] == _titles(
        uid, lambda panel: panel["type"] != "text" and len(panel.get("description", "")) < 20
    )


@every("uid", _dashboards)
def test_every_panel_with_queries_has_a_unit(uid: str) -> None:
    """A heatmap has it on its axis."""

    def lacks_unit(panel: Json) -> bool:
        if panel["type"] in WITHOUT_SERIES:
            return False
        unit = panel.get("fieldConfig", {}).get("defaults", {}).get("unit", "")
        return not (unit or panel.get("options", {}).get("yAxis", {}).get("unit", ""))

    assert [] == _titles(uid, lacks_unit)


@every("uid", _dashboards)
def test_every_series_has_a_legend(uid: str) -> None:
    """Grafana would write a selector with all labels otherwise. A table has columns."""

    def lacks_legend(panel: Json) -> bool:
        legends = [target.get("legendFormat", "") for target in panel.get("targets", ())]
        return panel["type"] not in ("table", "logs") and any(
            legend in ("", "__auto") for legend in legends
        )

    assert [] == _titles(uid, lacks_legend)


@every("uid", _dashboards)
def test_the_first_screen_is_full_and_a_row_follows(uid: str) -> None:
    """Panels before the first row, no higher than a screen, that are not in a collapsed row."""
    panels = _body(uid)["panels"]
    row = next(index for index, panel in enumerate(panels) if panel["type"] == "row")

    assert row > 0
    assert 8 <= panels[row]["gridPos"]["y"] <= FIRST_SCREEN


@every("uid", _dashboards)
def test_no_panels_overlap(uid: str) -> None:
    """Those on the dashboard, and those of each collapsed row among themselves."""
    for panels in (
        [_body(uid)["panels"]],
        *([row["panels"]] for row in _body(uid)["panels"] if row.get("panels")),
    ):
        for first, second in combinations(panels[0], 2):
            assert not _overlap(first["gridPos"], second["gridPos"]), (
                first["title"],
                second["title"],
            )


def _overlap(one: Mapping[str, int], two: Mapping[str, int]) -> bool:
    return (
        one["x"] < two["x"] + two["w"]
        and two["x"] < one["x"] + one["w"]
        and one["y"] < two["y"] + two["h"]
        and two["y"] < one["y"] + one["h"]
    )


@every("uid", OVERVIEWS)
def test_firing_alerts_are_at_the_top(uid: str) -> None:
    """A list of them on the first screen, and marks on every panel, which may be off at first."""
    first = [panel for panel in _body(uid)["panels"] if panel["gridPos"]["y"] < FIRST_SCREEN]
    annotations = [
        annotation["expr"]
        for annotation in _body(uid).get("annotations", {}).get("list", ())
        if "expr" in annotation
    ]

    assert "alertlist" in [panel["type"] for panel in first]
    assert [expr for expr in annotations if 'ALERTS{alertstate="firing"' in expr]


@every("uid", ["node", "node-detail"])
def test_alerts_mark_the_graphs_only_if_viewers_ask_for_it(uid: str) -> None:
    """One that fires for an hour colours the whole graph, and several hide it."""
    marks = [mark for mark in _body(uid)["annotations"]["list"] if "ALERTS" in mark.get("expr", "")]

    assert [False] == [mark["enable"] for mark in marks]


@every("uid", _dashboards)
def test_every_dashboard_refreshes_and_leads_to_the_others(uid: str) -> None:
    """The menu of dashboards passes on no $node: other exporters tell nodes apart by other
    labels."""
    (menu,) = [link for link in _body(uid)["links"] if link["type"] == "dashboards"]

    assert "1m" == _body(uid)["refresh"]
    assert (["kubernetes"], True, False) == (menu["tags"], menu["keepTime"], menu["includeVars"])


@every("uid", _dashboards)
def test_links_between_dashboards_keep_the_time_range_and_lead_somewhere(uid: str) -> None:
    """To a dashboard that is there, with variables that it has; the job where it is of the same
    exporter. Grafana adds the time range to a dashboard's own links."""
    own = {entry.get("url") for entry in _body(uid)["links"] if entry.get("keepTime")}

    for link in re.findall(r"/d/[^\"\s]+\?[^\"\s]+", _built()[uid].json.decode()):
        target, _, query = link.removeprefix("/d/").partition("?")
        passed = set(re.findall(r"var-(\w+)=|\$\{(\w+):queryparam\}", query))
        names = {name for pair in passed for name in pair if name}
        assert names <= _variables(target).keys(), link
        assert "datasource" in names, link
        assert ("job" in names) == (_job(uid) == _job(target)), link
        assert link in own or "${__url_time_range}" in link, link


def _variables(uid: str) -> dict[str, Json]:
    return {variable["name"]: variable for variable in _body(uid)["templating"]["list"]}


def _job(uid: str) -> Any:
    return _variables(uid).get("job", {}).get("query")


@every("uid", _dashboards)
def test_no_link_passes_many_values_to_a_dashboard_that_shows_one(uid: str) -> None:
    """It would ask for a node called All, and show nothing."""
    many = {name for name, variable in _variables(uid).items() if variable.get("multi")}
    links = [
        (link.removeprefix("/d/").partition("?")[0], set(re.findall(r"\{(\w+):queryparam", link)))
        for link in re.findall(r"/d/[^\"\s]+\?[^\"\s]+", _built()[uid].json.decode())
    ] + [
        (link["url"].removeprefix("/d/"), set(_variables(uid)))
        for link in _body(uid)["links"]
        if link.get("url", "").startswith("/d/") and link.get("includeVars")
    ]

    for target, passed in links:
        one = {name for name, variable in _variables(target).items() if not variable.get("multi")}
        assert set() == passed & many & one, target


def test_every_threshold_of_an_alert_is_drawn_where_its_query_is() -> None:
    """An alert that waits for a panel's query links to it and back."""
    alerted = [
        panel
        for uid in _dashboards()
        for panel in _panels(uid)
        if any(link["title"].startswith("Alert ") for link in panel.get("links", ()))
    ]

    assert len(alerted) > 20
    for panel in alerted:
        config = panel["fieldConfig"]
        in_columns = [
            option for over in config.get("overrides", ()) for option in over["properties"]
        ]
        steps = config.get("defaults", {}).get("thresholds", {}).get("steps", ())
        colored = len(steps) > 1 or "thresholds" in {option["id"] for option in in_columns}
        assert colored or panel["type"] in ("state-timeline", "heatmap"), panel["title"]


# What a person sees at first glance


@every("uid", _dashboards)
def test_tiles_have_room_for_their_titles(uid: str) -> None:
    """Grafana 12.4 cuts longer ones to `Mem...`, and the icon of a link takes the rest."""
    tiles = [panel for panel in _panels(uid) if panel["type"] in ("stat", "gauge")]

    assert [] == [
        (tile["title"], tile["gridPos"]["w"])
        for tile in tiles
        if tile["gridPos"]["w"] < 4 or len(tile["title"]) > 5 * tile["gridPos"]["w"]
    ]
    assert [] == [tile["title"] for tile in tiles if tile.get("links")]


@every("uid", _dashboards)
def test_a_tile_without_data_has_no_colour_that_says_good_or_bad(uid: str) -> None:
    """Grafana takes the first colour of the thresholds, which mostly is green."""

    def judges(panel: Json) -> bool:
        defaults = panel["fieldConfig"]["defaults"]
        base = defaults.get("thresholds", {}).get("steps", [{}])[0].get("color", "text")
        return base not in ("text", "blue") and "special" not in json.dumps(panel["fieldConfig"])

    always = {"Nodes", "Node", "Servers up", "Kubelets up", "The exporter's own use"}
    tiles = [panel for panel in _panels(uid) if panel["type"] in ("stat", "gauge")]
    assert [] == [tile["title"] for tile in tiles if judges(tile) and tile["title"] not in always]


@every("uid", _dashboards)
def test_marks_of_alerts_wait_until_somebody_turns_them_on(uid: str) -> None:
    """They are regions that hide the graphs when most is wrong."""
    marks = _body(uid).get("annotations", {}).get("list", ())

    assert [] == [
        mark["name"] for mark in marks if "ALERTS" in mark.get("expr", "") and mark["enable"]
    ]


@every("uid", _dashboards)
def test_words_are_those_that_an_sre_searches_for(uid: str) -> None:
    """OOM kills, steal, conntrack, throttled, errors."""
    phrases = re.findall(
        r"want of memory|held back|taken by the host|connections that the firewall|damaged or",
        _built()[uid].json.decode(),
        re.IGNORECASE,
    )

    assert [] == phrases


def test_runbooks_name_panels_that_are_there() -> None:
    """A panel stands in italics, in the chapter on diagnosis; so do a dashboard, a row, a column,
    the choice of nodes, and a menu of Prometheus, with >."""
    panels = [
        *(panel for uid in _dashboards() for panel in _panels(uid)),
        *(_body(uid) for uid in _dashboards()),
    ]
    rows = [
        panel for uid in _dashboards() for panel in _body(uid)["panels"] if panel["type"] == "row"
    ]
    headers = [
        name
        for panel in panels
        for transformation in panel.get("transformations", ())
        for name in transformation["options"].get("renameByName", {}).values()
    ]
    titles = {"Node", *headers, *(titled["title"] for titled in (*panels, *rows))}
    named = {
        (page.stem, title)
        for page in (REPOSITORY / "docs" / "runbooks").glob("*.md")
        for title in re.findall(
            r"(?<!\*)\*([^*\n]+(?:\n[^*\n]+)?)\*(?!\*)",
            page.read_text("utf-8").partition("## Diagnosis")[2].partition("\n## ")[0],
        )
    }

    assert [] == sorted(
        (page, title)
        for page, title in named
        if " ".join(title.split()) not in titles and ">" not in title
    )
