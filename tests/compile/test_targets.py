"""The versions of Grafana that a project is built for."""

from __future__ import annotations

import pytest

from gk.errors import ConfigError
from gk.settings import Settings, read
from gk.settings.targets import Targets, Version
from tests.conftest import ProjectFolder, RunGk


def settings(project: ProjectFolder, text: str) -> Settings:
    """The settings of a project with this gk.yaml."""
    return read(project.write({"gk.yaml": text}).root)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param((Version(12, 4),), 'grafana: "12.4"', id="one"),
        pytest.param((Version(12, 10),), "grafana: 12.10", id="number"),
        pytest.param((Version(13, 0),), "grafana: 13", id="major"),
        pytest.param((Version(12, 4),), "grafana: 12.4.1", id="patch"),
        pytest.param((Version(11, 6), Version(12, 4)), "grafana: ['12.4', '11.6']", id="several"),
        pytest.param(
            (Version(11, 6), Version(13, 1)),
            'grafana: "13.1"\ncontexts: {old: {version: "11.6"}, bare: }',
            id="context",
        ),
        pytest.param((Version(9, 3), Version(13, 3)), "folder: A", id="none"),
    ],
)
def test_a_project_is_built_for_the_versions_of_gk_yaml_and_of_its_contexts(
    empty_project: ProjectFolder, expected: tuple[Version, ...], text: str
) -> None:
    assert expected == settings(empty_project, text).targets.versions


@pytest.mark.parametrize(
    ("expected", "given"),
    [("v2beta1", [Version(12, 4), Version(13, 2)]), ("v2", [Version(13, 0), Version(13, 2)])],
)
def test_the_oldest_target_decides_which_v2_all_of_them_load(
    expected: str, given: list[Version]
) -> None:
    assert expected == Targets.of(given).v2


NEEDS = "gk.yaml:1: dashboards: v2 needs Grafana 12.4, and this project is built for"
INSTEAD = 'write grafana: "12.4", or leave dashboards out'


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param(
            ["gk.yaml:1: grafana: 'new' is not a version of Grafana, such as \"12.4\""],
            "grafana: new",
            id="word",
        ),
        pytest.param(
            ["gk.yaml:1: grafana: gk builds for Grafana 9.3 and later"], "grafana: 8.5", id="old"
        ),
        pytest.param(
            ["gk.yaml:1: contexts.a.version: 'x' is not a version of Grafana, such as \"12.4\""],
            "contexts: {a: {version: x}}",
            id="context",
        ),
        pytest.param(
            ["gk.yaml:1: dashboards: 'v3' is not a form; write classic or v2"],
            "dashboards: v3",
            id="form",
        ),
        pytest.param(
            [f"{NEEDS} Grafana 9.3 to 13; {INSTEAD}"], "dashboards: v2", id="v2-everywhere"
        ),
        pytest.param(
            [f"{NEEDS} Grafana 11.6; {INSTEAD}"],
            "dashboards: v2\ngrafana: ['11.6', '12.4']",
            id="v2-before",
        ),
        pytest.param(
            [
                "gk.yaml:1: dashboards: the Grafana operator does not support v2 (grafana-operator "
                "issue 2955: it deletes the dashboard); leave operator out of build.formats, or "
                "dashboards out"
            ],
            "dashboards: v2\ngrafana: 13\nbuild: {formats: [operator, terraform]}",
            id="operator",
        ),
        pytest.param(
            [
                "gk.yaml:1: dashboards: Terraform's grafana_dashboard takes v2 from Grafana 13.0 "
                "on; leave terraform out of build.formats, or dashboards out"
            ],
            'dashboards: v2\ngrafana: "12.4"\nbuild: {formats: [terraform]}',
            id="terraform",
        ),
    ],
)
def test_a_target_that_cannot_work_is_a_mistake_at_its_line(
    empty_project: ProjectFolder, expected: list[str], text: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        settings(empty_project, text)
    assert expected == str(caught.value).split("\n")


ALERTS = """
    from gk import alert, alert_group, recording_rule
    from gk.promql import Exporter

    group = alert_group("shop", [
        alert("Down", "up == 0", keep_firing_for="5m"),
        recording_rule("shop:up", "sum(up)", to="prometheus"),
    ])
"""


def test_what_an_old_target_ignores_is_a_warning_and_what_stops_it_a_mistake(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    project.write({"alerts/shop.py": ALERTS, "gk.yaml": 'grafana: ["10.4", "12.4"]'})
    assert (
        "alerts/shop.py:4: rule 'shop:up' has to=, which needs Grafana 11.2: Grafana 10.4 does not "
        "start with the file; leave it out, or change grafana in gk.yaml\n"
    ) == run_gk("build").err
    project.write({"gk.yaml": 'grafana: "11.6"'})
    assert (
        "warning: alerts/shop.py:4: rule 'Down' has keep_firing_for, which needs Grafana 12.0: "
        "Grafana 11.6 ignores it\n"
    ) == run_gk("build").err
