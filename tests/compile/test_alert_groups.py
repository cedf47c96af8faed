"""Groups of rules: intervals, folders, and the data source that they ask."""

from __future__ import annotations

import pytest

from gk.resource import Kind
from tests.alerting import FIRST_LINE, group, mistake, shop, write
from tests.conftest import ProjectFolder

__all__ = ["shop"]


@pytest.mark.parametrize(
    ("seconds", "interval"),
    [(60, "1m"), (30, "30s"), (5400, "1h30m"), (90000, "1d1h"), (10, "10000ms")],
)
def test_an_interval_is_a_duration_for_prometheus_and_seconds_for_grafana(
    shop: ProjectFolder, seconds: int, interval: str
) -> None:
    """Each as its engine spells it."""
    write(shop, group("alert('A', 'up')", more=f", interval='{interval}'"))

    assert interval == shop.resource(Kind.PROMETHEUS_GROUP).body["interval"]
    assert seconds == shop.resource(Kind.RULE_GROUP).body["interval"]


@pytest.mark.parametrize(
    ("message", "more"),
    [
        pytest.param(
            "interval 15s must be a multiple of 10s", "interval='15s'", id="interval-not-even"
        ),
        pytest.param(
            "interval 10500ms must be a multiple of 10s",
            "interval='10500ms'",
            id="interval-of-part-seconds",
        ),
        pytest.param("interval is zero", "interval='0s'", id="interval-zero"),
        pytest.param(
            "interval '60' is not a duration", "interval='60'", id="interval-without-unit"
        ),
        pytest.param("interval ' ' is not a duration", "interval=' '", id="interval-blank"),
        pytest.param(
            "Grafana cannot store rules in General; give the group a folder",
            "folder='General'",
            id="general",
        ),
        pytest.param(
            "data source 'promethius' is not defined in datasources/; did you mean 'prometheus'?",
            "datasource='promethius'",
            id="unknown-data-source",
        ),
        pytest.param(
            "data source 'inline' is not defined in datasources/",
            "datasource=Datasource.prometheus('Inline', uid='inline')",
            id="data-source-that-is-not-defined",
        ),
    ],
)
def test_a_group_that_grafana_would_refuse_is_a_mistake(
    shop: ProjectFolder, message: str, more: str
) -> None:
    """At the group's line."""
    problem = mistake(write(shop, group("alert('A', 'up')", more=f", {more}")))

    assert problem.startswith(f"alerts/rules.py:{FIRST_LINE}: alert group 'shop': {message}")


@pytest.mark.parametrize(
    ("message", "name"), [("the name is empty", ""), ("the name has 191 characters", "A" * 191)]
)
def test_a_group_needs_a_name(shop: ProjectFolder, message: str, name: str) -> None:
    """Of at most 190 characters."""
    assert message in mistake(
        write(shop, f"rules = alert_group('{name}', [alert('A', 'up', uid='a')])")
    )


def test_two_groups_of_one_name_in_a_folder_are_a_mistake(shop: ProjectFolder) -> None:
    """They would be one group of Grafana's."""
    write(
        shop,
        "one = alert_group('shop', [alert('A', 'up')])\n",
        other="from gk import *\ntwo = alert_group('shop', [alert('B', 'up')])\n",
    )

    expected = (
        "alert group 'shop': the name is taken by the group at alerts/other.py:2; change one, or "
        "its folder"
    )
    assert f"alerts/rules.py:{FIRST_LINE}: {expected}" == mistake(shop)


def test_a_folder_with_dashboards_is_no_folder_for_rules(shop: ProjectFolder) -> None:
    """On a new server its uid would be whatever the rules gave it."""
    shop.write({"dashboards/shop.py": "from gk import *\nd = Dashboard('Shop', folder='Team')"})

    problem = mistake(write(shop, group("alert('A', 'up')", more=", folder='Team'")))

    assert "alert group 'shop': folder 'Team' has dashboards" in problem


@pytest.mark.parametrize(
    ("message", "folder"),
    [
        pytest.param(
            "folders 'Team A' and 'team-a' have the same uid 'team-a'; rename one",
            "team-a",
            id="same-uid",
        ),
        pytest.param(
            "folder 'general': would have the uid 'general', which Grafana reserves",
            "general",
            id="general",
        ),
    ],
)
def test_a_folder_has_a_uid_of_its_own(shop: ProjectFolder, message: str, folder: str) -> None:
    """It is made of the title, so two titles may be too near to each other."""
    write(
        shop,
        "one = alert_group('one', [alert('A', 'up')], folder='Team A')\n"
        f"two = alert_group('two', [alert('B', 'up')], folder='{folder}')\n",
    )

    assert mistake(shop).startswith(f"alerts/rules.py:{FIRST_LINE + 1}: {message}")


def test_rules_are_in_a_folder_of_their_own(shop: ProjectFolder) -> None:
    """Called Alerts, whatever gk.yaml says of dashboards."""
    shop.write({"gk.yaml": "folder: Team"})
    write(shop, group("alert('A', 'up')"))

    assert {"uid": "alerts", "title": "Alerts"} == shop.resource(Kind.FOLDER).body
    assert "alerts" == shop.resource(Kind.RULE_GROUP).body["folderUid"]


OTHER_DATASOURCES = """
from gk import Datasource

one = Datasource.prometheus("One", uid="one")
two = Datasource.prometheus("Two", uid="two")
loki = Datasource.loki("Loki", uid="loki", default=True)
"""


def test_a_group_without_an_interval_leaves_it_to_prometheus(shop: ProjectFolder) -> None:
    """Whose configuration has one. Grafana has none, and evaluates it each minute."""
    write(shop, group("alert('A', 'up')", more=", interval=''"))

    assert "interval" not in shop.resource(Kind.PROMETHEUS_GROUP).body
    assert 60 == shop.resource(Kind.RULE_GROUP).body["interval"]


@pytest.mark.parametrize(
    ("expected", "datasource"),
    [
        pytest.param("two", "datasource='two'", id="uid"),
        pytest.param("two", "datasource='Two'", id="name"),
        pytest.param("two", "datasource=two", id="definition"),
    ],
)
def test_a_group_names_the_data_source_to_ask(
    empty_project: ProjectFolder, expected: str, datasource: str
) -> None:
    """By its definition, its uid or its name."""
    empty_project.write(
        {
            "datasources/all.py": OTHER_DATASOURCES,
            "alerts/rules.py": "from gk import *\nfrom datasources.all import two\n"
            f"g = alert_group('g', [alert('A', 'up')], {datasource})",
        }
    )

    assert (
        expected
        == empty_project.resource(Kind.RULE_GROUP).body["rules"][0]["data"][0]["datasourceUid"]
    )


@pytest.mark.parametrize(
    "datasources",
    [
        pytest.param("", id="none-at-all"),
        pytest.param(OTHER_DATASOURCES, id="two-and-no-default"),
    ],
)
def test_without_a_data_source_to_ask_a_group_is_a_mistake(
    empty_project: ProjectFolder, datasources: str
) -> None:
    """The default data source of another type is none to ask."""
    empty_project.write(
        {
            "datasources/all.py": datasources,
            "alerts/rules.py": (
                "from gk import *\ng = alert_group('g', [alert('A', 'up'), alert('B', 'up')])"
            ),
        }
    )

    expected = "alerts/rules.py:2: alert group 'g': no default Prometheus data source"
    assert mistake(empty_project).startswith(expected)
