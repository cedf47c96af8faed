"""Environments in gk.yaml: what each one changes, what definitions read of it, and the mistakes."""

from __future__ import annotations

import threading

import pytest

from gk import value
from gk.compile import compile
from gk.errors import ConfigError, DefinitionError, GkError
from gk.project import environments, load
from gk.resource import Kind, Resource
from gk.settings import Settings, read, read_all
from tests.conftest import ProjectFolder
from tests.environments import TEAM

READS = "from gk import Dashboard, value\n\n"


@pytest.fixture
def team(empty_project: ProjectFolder) -> ProjectFolder:
    """A project with two environments that differ by a threshold and a URL."""
    return empty_project.write(TEAM)


def of(project: ProjectFolder, text: str, environment: str = "") -> Settings:
    """The settings of an environment in a gk.yaml."""
    return read(project.write({"gk.yaml": text}).root, environment)


def mistakes(project: ProjectFolder, environment: str = "") -> list[str]:
    """Everything that is wrong with a project."""
    with pytest.raises(GkError) as caught:
        compile(load(project.root, environment))
    return [str(problem) for problem in caught.value.problems]


def built(project: ProjectFolder, environment: str, kind: Kind) -> Resource:
    """The only resource of a kind in an environment."""
    (resource,) = (
        candidate
        for candidate in compile(load(project.root, environment))
        if candidate.kind is kind
    )
    return resource


# What an environment changes


def test_environments_keep_their_order(team: ProjectFolder) -> None:
    """The one of gk.yaml."""
    assert ["prod", "staging"] == environments(team.root)


def test_a_project_without_environments_has_one_without_a_name(
    empty_project: ProjectFolder,
) -> None:
    """Whoever builds all environments builds that one."""
    assert [""] == list(read_all(empty_project.root))
    assert [] == environments(empty_project.root)


def test_an_environment_changes_keys_and_keeps_the_others(empty_project: ProjectFolder) -> None:
    """Mappings are merged key by key."""
    text = """
        kubernetes: {namespace: monitoring, labels: {team: shop}}
        environments: {prod: {kubernetes: {namespace: prod}}}
    """
    settings = of(empty_project, text)

    assert ("prod", {"team": "shop"}) == (settings.namespace, settings.object_labels)


def test_a_list_of_an_environment_replaces_the_other_one(empty_project: ProjectFolder) -> None:
    """Nobody could leave out a format otherwise."""
    text = "build: {formats: [grafana, helm]}\nenvironments: {a: {build: {formats: [helm]}}}"

    assert ("helm",) == of(empty_project, text).formats


def test_a_key_without_a_value_unsets_it(empty_project: ProjectFolder) -> None:
    """As at the top of the file."""
    text = "folder: Shop\nenvironments: {a: {folder: }, b: }"

    assert ("", "Shop") == (
        of(empty_project, text, "a").folder,
        of(empty_project, text, "b").folder,
    )


def test_an_environment_changes_labels_of_the_preset_of_all(empty_project: ProjectFolder) -> None:
    """A preset alone is the short form of {preset: NAME}."""
    text = "labels: annotations\nenvironments: {a: {labels: {node: {node: host}}}}"
    labels = of(empty_project, text).labels

    assert ("host", "kubernetes-service-endpoints") == (
        labels.of("node").node,
        labels.of("node").job,
    )


@pytest.mark.parametrize(("project", "expected"), [("project: shop\n", "shop-prod"), ("", "prod")])
def test_an_environment_has_a_name_of_its_own_in_kubernetes(
    empty_project: ProjectFolder, project: str, expected: str
) -> None:
    """Two of them may be in one namespace."""
    assert (
        expected
        == of(empty_project, f"{project}environments: {{prod: , staging: }}", "prod").identity
    )


def test_an_environment_has_a_name_of_its_own_in_grafana(empty_project: ProjectFolder) -> None:
    """With the folder's name in place of the project's."""
    settings = of(empty_project, "environments: {prod: , staging: }", "staging")

    assert ["team-staging", "team-prod"] == settings.identities("team")


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param(
            ["gk.yaml:2: environments: 'a b' must be 1 to 30 letters, digits, '-' or '_', with a "
             "letter or a digit at both ends: gk build writes a folder of that name"],
            "environments:\n  a b: {}",
            id="name",
        ),
        pytest.param(
            ["gk.yaml:2: environments: 'Grafana' is the name of a format, whose files are in a "
             "folder of that name; choose another"],
            "environments:\n  Grafana: {}",
            id="format",
        ),
        pytest.param(
            ["gk.yaml:3: environments: 'prod' and 'Prod' are one folder on systems that ignore "
             "case; rename one"],
            "environments:\n  prod: {}\n  Prod: {}",
            id="case",
        ),
        pytest.param(
            ["gk.yaml:3: environments.a.project: is the same in every environment; write it at the "
             "top of the file"],
            "environments:\n  a:\n    project: x",
            id="project",
        ),
        pytest.param(
            ["gk.yaml:3: unknown key 'foldr'; did you mean 'folder'? (environment b)"],
            "environments:\n  a: {}\n  b: {foldr: x}",
            id="key",
        ),
        pytest.param(
            ["gk.yaml:1: unknown key 'foldr'; did you mean 'folder'?"],
            "foldr: x\nenvironments:\n  a: {}\n  b: {}",
            id="key of all",
        ),
        pytest.param(
            ["gk.yaml:3: environments.b: has the same build.output as a, 'out'; give each its own "
             "folder (environment b)"],
            "environments:\n  a: {build: {output: out}}\n  b: {build: {output: out}}",
            id="output",
        ),
        pytest.param(
            ["gk.yaml:1: environments: has 51 environments; gk allows 50"],
            f"environments: {{{', '.join(f'e{number}: ' for number in range(51))}}}",
            id="many",
        ),
        pytest.param(
            ["gk.yaml:2: environments: expected keys with values"],
            "environments:\n  - prod",
            id="list",
        ),
    ],
)  # fmt: skip
def test_a_mistake_in_an_environment_is_found_at_its_line(
    empty_project: ProjectFolder, expected: list[str], text: str
) -> None:
    """Once, if all of them have it."""
    with pytest.raises(ConfigError) as caught:
        of(empty_project, text)

    assert expected == [str(problem) for problem in caught.value.problems]


def test_one_of_several_environments_has_to_be_chosen(team: ProjectFolder) -> None:
    """gk never guesses."""
    assert ["which environment? gk.yaml has prod and staging; choose with -e"] == mistakes(team)


def test_an_unknown_environment_is_a_mistake(team: ProjectFolder) -> None:
    """With the nearest one."""
    expected = "-e 'prd': gk.yaml has prod and staging; did you mean 'prod'?"

    assert [expected] == mistakes(team, "prd")


def test_a_project_without_environments_has_none_to_choose(project: ProjectFolder) -> None:
    """The option would do nothing."""
    assert ["-e 'prod': gk.yaml has no environments"] == mistakes(project, "prod")


# Values


@pytest.mark.parametrize(
    ("expected", "type", "text"),
    [
        (0.9, "float", "0.9"),
        (90, "float", "90"),
        (1000.0, "float", "1e3"),
        (-2, "int", "-2"),
        ("sre", "str", "sre"),
        ("0.9", "str", "'0.9'"),
        (True, "bool", "yes"),
        (["a", "b"], "list[str]", "[a, b]"),
        ([1, 2.5], "list[float]", "[1, 2.5]"),
        ([], "list", "[]"),
        ({"a": 1}, "dict[str, int]", "{a: 1}"),
    ],
)
def test_a_value_has_the_type_that_the_definition_asks_for(
    project: ProjectFolder, expected: object, type: str, text: str
) -> None:
    """As gk.yaml has it."""
    project.write(
        {
            "gk.yaml": f"values: {{x: {text}}}\n",
            "dashboards/d.py": f"{READS}x = value('x', {type})\nd = Dashboard(repr(x))\n",
        }
    )

    assert repr(expected) == built(project, "", Kind.DASHBOARD).title


@pytest.mark.parametrize(
    ("wanted", "type", "text", "shown"),
    [
        ("a number (float)", "float", "high", "'high'"),
        ("a number (float)", "float", "true", "True"),
        ("a whole number (int)", "int", "1.5", "1.5"),
        ("a whole number (int)", "int", "yes", "True"),
        ("a text (str)", "str", "1", "1"),
        ("true or false (bool)", "bool", "1", "1"),
        ("a list of str", "list[str]", "[1]", "[1]"),
        ("a mapping of int", "dict[str, int]", "[1]", "[1]"),
    ],
)
def test_a_value_of_another_type_is_a_mistake(
    project: ProjectFolder, wanted: str, type: str, text: str, shown: str
) -> None:
    """At the definition's line, with the line of gk.yaml and the environment."""
    project.write(
        {
            "gk.yaml": f"environments:\n  prod:\n    values: {{x: {text}}}\n",
            "dashboards/d.py": f"{READS}x = value('x', {type})\n",
        }
    )
    expected = f"dashboards/d.py:3: value 'x' must be {wanted}, but gk.yaml:3 has {shown}"

    assert [expected] == mistakes(project)


def test_a_missing_value_names_every_environment_that_has_it(project: ProjectFolder) -> None:
    """Whichever of them is built."""
    project.write(
        {
            "gk.yaml": "environments: {prod: {values: {high: 1}}, staging: , dev: }\n",
            "dashboards/d.py": f"{READS}x = value('high', float)\n",
        }
    )
    expected = (
        "dashboards/d.py:3: value 'high' is not set; gk.yaml has it only in environment prod: set "
        "it under values, or pass default="
    )

    assert [expected] == mistakes(project, "staging") == mistakes(project, "dev")


def test_a_mistyped_value_is_told_the_nearest(project: ProjectFolder) -> None:
    """Without environments, too."""
    project.write(
        {
            "gk.yaml": "values: {cpu_high: 1}\n",
            "dashboards/d.py": f"{READS}x = value('cpu_hihg', float)\n",
        }
    )

    assert ["dashboards/d.py:3: value 'cpu_hihg' is not set; did you mean 'cpu_high'?"] == mistakes(
        project
    )


def test_a_default_stands_for_a_missing_value(project: ProjectFolder) -> None:
    """And not for one that is there."""
    project.write(
        {
            "gk.yaml": "values: {there: x}\n",
            "dashboards/d.py": (
                f"{READS}there = value('there', str, default='a')\n"
                "d = Dashboard(there + value('gone', str, default='b'))\n"
            ),
        }
    )

    assert "xb" == built(project, "", Kind.DASHBOARD).title


def test_a_default_has_the_type(project: ProjectFolder) -> None:
    """It would be found only where the value is missing."""
    with pytest.raises(TypeError, match=r"value 'x': default 'a' is not a number \(float\)"):
        value("x", float, default="a")


def test_an_unknown_type_is_a_mistake() -> None:
    """gk.yaml has texts, numbers and flags."""
    with pytest.raises(TypeError, match="use str, int, float, bool, or a list or dict of these"):
        value("x", set)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("gk.yaml:1: values.x: write 010 as a decimal number, or in quotes as a text", "010"),
        ("gk.yaml:1: values.x: write 0x1f as a decimal number, or in quotes as a text", "0x1f"),
        ("gk.yaml:1: values.x: write .inf as a decimal number, or in quotes as a text", ".inf"),
        (
            "gk.yaml:1: values.x: expected a text, a number or a flag; a value is one of these, or "
            "one list or mapping of them",
            "[[1]]",
        ),
    ],
)
def test_a_value_that_is_read_in_different_ways_is_a_mistake(
    empty_project: ProjectFolder, expected: str, text: str
) -> None:
    """YAML would make other numbers of them."""
    with pytest.raises(ConfigError) as caught:
        of(empty_project, f"values: {{x: {text}}}")

    assert expected == str(caught.value)


def test_a_value_that_nobody_reads_is_a_warning(team: ProjectFolder) -> None:
    """A mistyped name would do nothing."""
    team.write({"gk.yaml": "values: {slow: 1, solw: 2}\n"})

    assert [
        "gk.yaml:1: no definition reads the value 'solw'; read it with gk.value, or remove it"
    ] == load(team.root).warnings


def test_a_snippet_may_read_a_value_when_it_is_rendered(project: ProjectFolder) -> None:
    """It is called long after its module loaded, and warned of by nobody."""
    project.write(
        {
            "gk.yaml": "values: {low: 3}\n",
            "dashboards/d.py": """
                from gk import Dashboard, stat, value
                from gk.promql import Exporter, Scope

                @Exporter("shop").snippet()
                def many(s: Scope) -> str:
                    \"\"\"Many.\"\"\"
                    return f"orders > {value('low', int)}"

                d = Dashboard("D", panels=[stat("Many", many)])
            """,
        }
    )

    assert [] == load(project.root).warnings
    assert b'"orders > 3"' in built(project, "", Kind.DASHBOARD).json


def test_environments_leave_nothing_behind(team: ProjectFolder) -> None:
    """Each loads the definitions anew, in any order."""
    alerts = [
        built(team, name, Kind.PROMETHEUS_GROUP).body["rules"][0]["expr"]
        for name in ("prod", "staging", "prod")
    ]

    assert ["sum(seconds) > 1.5", "sum(seconds) > 2", "sum(seconds) > 1.5"] == alerts


def test_outside_of_a_project_only_a_default_is_there() -> None:
    """A test may import definitions by itself."""
    assert 1.0 == value("x", float, default=1.0)
    with pytest.raises(ValueError, match=r"value 'x' is read without a project"):
        value("x", float)


def test_a_thread_reads_no_value(project: ProjectFolder) -> None:
    """It would get the default, though the environment has the value."""
    caught: list[str] = []

    def read_it() -> None:
        try:
            value("x", float, default=1.0)
        except ValueError as error:
            caught.append(str(error))

    thread = threading.Thread(target=read_it)
    thread.start()
    thread.join()

    assert [
        "value 'x' is read in a thread; read it where the module loads, and hand it over"
    ] == caught


# Data sources


def changed(project: ProjectFolder, change: str, files: dict[str, str]) -> ProjectFolder:
    """A project whose only environment changes data sources."""
    settings = f"environments: {{prod: {{datasources: {change}}}}}\n"
    return project.write({"gk.yaml": settings, **files})


def test_an_environment_changes_a_data_source(project: ProjectFolder) -> None:
    """By the uid of its definition."""
    change = "{prometheus: {url: 'http://prod:9090', uid: prom-prod, name: Prod}}"
    changed(project, change, {})

    body = built(project, "", Kind.DATASOURCE).body

    assert ("http://prod:9090", "prom-prod", "Prod") == (body["url"], body["uid"], body["name"])


@pytest.mark.parametrize(
    "given",
    ["'prometheus'", "'Prometheus'", "prometheus", "{'type': 'prometheus', 'uid': 'prometheus'}"],
)
def test_references_follow_a_changed_uid(project: ProjectFolder, given: str) -> None:
    """By uid, by name, by the object and in Grafana's form; in panels and in rules."""
    as_text = "'prometheus'" if given.startswith("{") else given
    changed(
        project,
        "{prometheus: {uid: prom-prod, name: Prod}}",
        {
            "dashboards/d.py": (
                "from gk import Dashboard, stat\n"
                "from datasources.prometheus import prometheus\n\n"
                f"d = Dashboard('D', panels=[stat('Up', 'up', datasource={given})])\n"
            ),
            "alerts/a.py": (
                "from gk import alert, alert_group\n"
                "from datasources.prometheus import prometheus\n\n"
                "g = alert_group('g', [alert('A', 'up < 1', for_='5m', severity='warning', "
                f"summary='!')], datasource={as_text})\n"
            ),
        },
    )

    (panel,) = built(project, "", Kind.DASHBOARD).body["panels"]
    (rule,) = built(project, "", Kind.RULE_GROUP).body["rules"]

    assert {"type": "prometheus", "uid": "prom-prod"} == panel["datasource"]
    assert "prom-prod" == rule["data"][0]["datasourceUid"]


def test_exports_follow_a_changed_uid(project: ProjectFolder) -> None:
    """They name the uid of where they come from."""
    changed(
        project,
        "{prometheus: {uid: prom-prod}}",
        {
            "dashboards/d.json": (
                '{"title": "D", "panels": [{"type": "stat", "title": "Up", "datasource": '
                '{"type": "prometheus", "uid": "prometheus"}, "targets": [{"expr": "up"}]}]}'
            )
        },
    )

    (panel,) = built(project, "", Kind.DASHBOARD).body["panels"]

    assert "prom-prod" == panel["datasource"]["uid"]


def test_a_change_of_no_data_source_is_a_mistake(project: ProjectFolder) -> None:
    """At its line, with the nearest uid."""
    changed(project, "{promtheus: {url: x}}", {})

    assert [
        "gk.yaml:1: datasources: no definition has the uid 'promtheus'; did you mean 'prometheus'?"
    ] == mistakes(project)


def test_exchanged_uids_are_a_mistake(project: ProjectFolder) -> None:
    """A reference by one of them could mean both."""
    changed(
        project,
        "{prometheus: {uid: loki}, loki: {uid: logs}}",
        {
            "datasources/loki.py": (
                "from gk import Datasource\n\n"
                'loki = Datasource(name="Loki", type="loki", uid="loki")\n'
            )
        },
    )

    assert [
        "gk.yaml:1: datasources.prometheus: another definition has the uid 'loki', so references "
        "by it could mean both; choose another"
    ] == mistakes(project)


def test_a_value_that_no_environment_has_is_a_mistake_of_each(team: ProjectFolder) -> None:
    """Of load, with the lines of the definitions."""
    team.write({"alerts/more.py": "from gk import value\n\nx = value('more', int)\n"})

    with pytest.raises(DefinitionError, match="value 'more' is not set; set it under values"):
        load(team.root, "prod")
