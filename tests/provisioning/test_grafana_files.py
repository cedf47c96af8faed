"""Grafana's provisioning files: their shape, what Grafana makes of `$` in them, and what it has to
delete."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk import (
    Dashboard,
    Datasource,
    alert,
    alert_group,
    contact_point,
    message_template,
    mute_timing,
    notification_policy,
    receiver,
    secret,
    secret_file,
    secret_key,
)
from gk.errors import ConfigError
from gk.resource import Kind
from tests.cases import every
from tests.conftest import ProjectFolder, RunGk
from tests.rich import RICH, built, files_of, parsed

PROMETHEUS = Datasource.prometheus(
    "Prometheus", uid="prometheus", url="http://prometheus:9090", default=True
)
RULES = "grafana/alerting/rules.yaml"
DATASOURCES = "grafana/datasources/datasources.yaml"

ALERTS = """
    from gk import alert, alert_group

    group = alert_group("group", [alert("A", "up < 1", uid="a"), alert("B", "up < 1", uid="b")])
    """
WITHOUT_B = ALERTS.replace(', alert("B", "up < 1", uid="b")', "")
NO_ALERTS = {"alerts/a.py": "", "dashboards/d.py": 'from gk import Dashboard\nd = Dashboard("D")'}


# Grafana's expansion, as facts have it from pkg/services/provisioning/values and Go's os.Expand


def interpolate(text: str, environment: Mapping[str, str], files: Mapping[str, str]) -> str:
    """What Grafana makes of a field that it expands."""
    return "$".join(
        _os_expand(_braced(part, environment, files), environment) for part in text.split("$$")
    )


def _braced(part: str, environment: Mapping[str, str], files: Mapping[str, str]) -> str:
    sources = {"": environment, "__env": environment, "__file": files}
    return re.sub(
        r"\$(|__\w+)\{([^}]+)\}",
        lambda match: sources.get(match[1], {}).get(match[2], ""),
        part,
        flags=re.ASCII,
    )


def _os_expand(text: str, environment: Mapping[str, str]) -> str:
    done, at = "", 0
    while at < len(text):
        if text[at] != "$" or at + 1 == len(text):
            done, at = done + text[at], at + 1
            continue
        name, width = _shell_name(text[at + 1 :])
        done += environment.get(name, "") if name else "" if width else "$"
        at += 1 + width
    return done


def _shell_name(text: str) -> tuple[str, int]:
    """The name that text starts with, and how much of the text it takes."""
    special = set("*#$@!?-0123456789")
    if text[0] == "{":
        if len(text) > 2 and text[1] in special and text[2] == "}":
            return text[1], 3
        end = text.find("}")
        return (text[1:end], end + 1) if end > 1 else ("", 2 if end == 1 else 1)
    if text[0] in special:
        return text[0], 1
    name = re.match(r"[A-Za-z0-9_]*", text)
    assert name
    return name[0], name.end()


@every(
    "written, read",
    [
        pytest.param("{{ $labels.x }}", "{{ .x }}", id="a label in a template"),
        pytest.param("{{ $value }}", "{{  }}", id="a value in a template"),
        pytest.param("rate(x[$__rate_interval])", "rate(x[])", id="a macro"),
        pytest.param("cost $5", "cost ", id="a special name"),
        pytest.param("$$labels", "$labels", id="escaped"),
        pytest.param("$$$labels", "$", id="escaped and not"),
        pytest.param('$ $( $) $| $" $. $/ $, $', '$ $( $) $| $" $. $/ $, $', id="no names"),
        pytest.param("a${}b${c", "ab" + "c", id="bad braces"),
        pytest.param("$__env{NAME}-${NAME}-$NAME-$__file{/f}", "v-v-v-f", id="all kinds"),
    ],
)
def test_the_model_of_the_expansion_agrees_with_what_is_known(written: str, read: str) -> None:
    """The port of Grafana's expansion, which the other tests rely on, gives the results that
    Grafana's source gives."""
    assert read == interpolate(written, {"NAME": "v"}, {"/f": "f"})


# `$` in each field

DOLLARS = st.text(st.sampled_from("$$$ab5_-{}()?*#. é\n"), min_size=1, max_size=12)
"""Text in which `$` meets everything that Go's expansion treats by itself."""

NAMES = DOLLARS.filter(lambda text: text == text.strip() and "\n" not in text)


def _rules(files: Mapping[str, bytes]) -> Any:
    return parsed(files[RULES])["groups"][0]


def _datasource(files: Mapping[str, bytes]) -> Any:
    return next(
        datasource
        for datasource in parsed(files[DATASOURCES])["datasources"]
        if datasource["uid"] == "x"
    )


def _policies(files: Mapping[str, bytes]) -> Any:
    return parsed(files["grafana/alerting/notification-policies.yaml"])["policies"][0]


def _contact_points(files: Mapping[str, bytes]) -> Any:
    return parsed(files["grafana/alerting/contact-points.yaml"])["contactPoints"][0]


def _group(**options: Any) -> Callable[[str], list[Any]]:
    """Definitions of one alert, whose options are functions of the text."""

    def definitions(text: str) -> list[Any]:
        given = {"name": "A", "uid": "a", **{name: make(text) for name, make in options.items()}}
        folder, group = given.pop("folder", ""), given.pop("group", "g")
        return [
            PROMETHEUS,
            alert_group(group, [alert(given.pop("name"), "up < 1", **given)], folder=folder),
        ]

    return definitions


EXPANDED: list[Any] = [
    pytest.param(
        _group(labels=lambda text: {"x": text}),
        lambda files: _rules(files)["rules"][0]["labels"]["x"],
        id="label",
    ),
    pytest.param(
        _group(name=str), lambda files: _rules(files)["rules"][0]["title"], id="title of a rule"
    ),
    pytest.param(_group(group=str), lambda files: _rules(files)["name"], id="name of a group"),
    pytest.param(_group(folder=str), lambda files: _rules(files)["folder"], id="folder of a group"),
    pytest.param(
        lambda text: [Datasource(name=text, type="x", uid="x")],
        lambda files: _datasource(files)["name"],
        id="name",
    ),
    pytest.param(
        lambda text: [Datasource(name="X", type="x", uid="x", url=text)],
        lambda files: _datasource(files)["url"],
        id="URL of a data source",
    ),
    pytest.param(
        lambda text: [Datasource(name="X", type="x", uid="x", json_data={"a": [{"b": text}]})],
        lambda files: _datasource(files)["jsonData"]["a"][0]["b"],
        id="deep in jsonData",
    ),
    pytest.param(
        lambda text: [Dashboard("D", folder=text)],
        lambda files: parsed(files["grafana/dashboards/gk.yaml"])["providers"][0]["folder"],
        id="folder of a provider",
    ),
    pytest.param(
        lambda text: [contact_point(text, receiver("email", {"addresses": "b"}, uid="r"))],
        lambda files: _contact_points(files)["name"],
        id="name of a contact point",
    ),
    pytest.param(
        lambda text: [
            contact_point("c", receiver("webhook", {"url": "b", "headers": {"a": text}}))
        ],
        lambda files: _contact_points(files)["receivers"][0]["settings"]["headers"]["a"],
        id="deep in settings",
    ),
    pytest.param(
        lambda text: [
            contact_point(text, receiver("email", {"addresses": "b"}, uid="r")),
            notification_policy(text),
        ],
        lambda files: _policies(files)["receiver"],
        id="receiver of a policy",
    ),
    pytest.param(
        lambda text: [
            contact_point("c", receiver("email", {"addresses": "b"})),
            mute_timing(text, {"weekdays": ["monday"]}),
            notification_policy(
                "c", routes=[notification_policy("c", matchers=['a="b"'], mute_timings=[text])]
            ),
        ],
        lambda files: _policies(files)["routes"][0]["mute_time_intervals"][0],
        id="mute timing of a route",
    ),
    pytest.param(
        lambda text: [
            contact_point("c", receiver("email", {"addresses": "b"})),
            notification_policy("c", routes=[notification_policy("c", matchers=[f'a="{text}"'])]),
        ],
        lambda files: _policies(files)["routes"][0]["object_matchers"][0][2],
        id="matcher of a route",
    ),
]


@pytest.mark.parametrize(("define", "field"), EXPANDED)
@given(text=NAMES.filter(lambda text: "${" not in text and "{{" not in text))
def test_grafana_reads_the_definition_s_text_from_fields_that_it_expands(
    define: Callable[[str], list[Any]], field: Callable[[Mapping[str, bytes]], str], text: str
) -> None:
    """Whatever `$` stands before, what Grafana has after its expansion is what the definition
    says."""
    written = field(files_of(*define(text)))

    assert text == interpolate(written, {"a": "!", "b": "!", "5": "!", "#": "!"}, {})


@given(text=DOLLARS)
def test_braces_after_a_dollar_survive_in_a_data_source(text: str) -> None:
    """Grafana's own `${__value.raw}` reaches jsonData, and is not taken for an environment
    variable."""
    text = f"${{__value.raw}}{text}$__file{{x}}"
    files = files_of(Datasource(name="X", type="x", uid="x", json_data={"url": text}))

    assert text == interpolate(
        _datasource(files)["jsonData"]["url"], {"__value.raw": "!"}, {"x": "!"}
    )


AS_IT_IS: list[Any] = [
    pytest.param(
        _group(annotations=lambda text: {"x": text}),
        lambda files: _rules(files)["rules"][0]["annotations"]["x"],
        id="annotation",
    ),
    pytest.param(
        lambda text: [message_template("t", text)],
        lambda files: parsed(files["grafana/alerting/templates.yaml"])["templates"][0]["template"],
        id="message template",
    ),
    pytest.param(
        lambda text: [mute_timing(text, {"weekdays": ["monday"]})],
        lambda files: parsed(files["grafana/alerting/mute-timings.yaml"])["muteTimes"][0]["name"],
        id="name of a mute timing",
    ),
]


@pytest.mark.parametrize(("define", "field"), AS_IT_IS)
@given(text=NAMES.filter(lambda text: "${" not in text and "{{" not in text))
def test_fields_that_grafana_does_not_expand_have_the_definition_s_text(
    define: Callable[[str], list[Any]], field: Callable[[Mapping[str, bytes]], str], text: str
) -> None:
    """A doubled `$` would stay doubled in annotations, templates and mute timings, so there is
    none."""
    assert text == field(files_of(*define(text)))


def test_an_alert_s_query_is_not_escaped() -> None:
    """Grafana takes a query's model as it is written, `$` and all."""
    files = files_of(PROMETHEUS, alert_group("g", [alert("A", 'up{job="$$", path=~"a$"} < 1')]))

    model = _rules(files)["rules"][0]["data"][0]["model"]

    assert 'up{job="$$", path=~"a$"} < 1' == model["expr"]


def test_a_dashboard_s_file_is_the_resource(empty_project: ProjectFolder) -> None:
    """A dashboard's file has the bytes that push and diff see, and not one `$` more."""
    empty_project.write(RICH)

    files = built(empty_project).files

    dashboards = [
        resource for resource in empty_project.resources() if resource.kind is Kind.DASHBOARD
    ]
    assert {dashboard.uid: dashboard.json for dashboard in dashboards} == {
        Path(path).stem: text for path, text in files.items() if path.endswith(".json")
    }


# Shape


def test_a_data_source_file() -> None:
    """Each data source has Grafana's keys, its organisation, and its secrets by reference; others'
    are left out."""
    files = files_of(
        PROMETHEUS,
        Datasource.postgres(
            "Orders",
            uid="orders",
            url="db:5432",
            database="orders",
            user="u",
            password=secret_file("/run/pw"),
        ),
        Datasource(
            name="X",
            type="x",
            uid="x",
            access="direct",
            basic_auth_user="me",
            secure_json_data={"basicAuthPassword": secret("X_PASSWORD")},
        ),
        Datasource(name="Other", type="x", uid="other", external=True),
    )

    assert {
        "apiVersion": 1,
        "datasources": [
            {
                "access": "proxy",
                "database": "orders",
                "jsonData": {"database": "orders", "sslmode": "require"},
                "name": "Orders",
                "orgId": 1,
                "secureJsonData": {"password": "$__file{/run/pw}"},
                "type": "postgres",
                "uid": "orders",
                "url": "db:5432",
                "user": "u",
            },
            {
                "access": "proxy",
                "isDefault": True,
                "jsonData": {"httpMethod": "POST", "manageAlerts": True},
                "name": "Prometheus",
                "orgId": 1,
                "type": "prometheus",
                "uid": "prometheus",
                "url": "http://prometheus:9090",
            },
            {
                "access": "direct",
                "basicAuth": True,
                "basicAuthUser": "me",
                "name": "X",
                "orgId": 1,
                "secureJsonData": {"basicAuthPassword": "$__env{X_PASSWORD}"},
                "type": "x",
                "uid": "x",
            },
        ],
    } == parsed(files[DATASOURCES])


def test_each_folder_has_a_provider_with_its_uid() -> None:
    """One provider a folder gives the folder a stable uid; General's names no folder, and no file
    is left out."""
    files = files_of(
        Dashboard("A", uid="a", folder="Team A"),
        Dashboard("B", uid="b", folder="Team A"),
        Dashboard("C", uid="c"),
    )

    common = {"allowUiUpdates": False, "orgId": 1, "type": "file", "updateIntervalSeconds": 30}
    assert {
        "apiVersion": 1,
        "providers": [
            {
                "name": "gk-general",
                "options": {"path": "/etc/grafana/provisioning/dashboards/general"},
                **common,
            },
            {
                "folder": "Team A",
                "folderUid": "team-a",
                "name": "gk-team-a",
                "options": {"path": "/etc/grafana/provisioning/dashboards/team-a"},
                **common,
            },
        ],
    } == parsed(files["grafana/dashboards/gk.yaml"])
    assert [
        "grafana/dashboards/general/c.json",
        "grafana/dashboards/gk.yaml",
        "grafana/dashboards/team-a/a.json",
        "grafana/dashboards/team-a/b.json",
    ] == sorted(path for path in files if path.startswith("grafana/"))


def test_a_rule_has_the_keys_of_a_file(empty_project: ProjectFolder) -> None:
    """File and API spell the same rule differently: here it is keepFiringFor, a folder's title, a
    text as interval."""
    empty_project.write(RICH)

    groups = {group["name"]: group for group in parsed(built(empty_project).files[RULES])["groups"]}

    group, rule = groups["node"], groups["node"]["rules"][0]
    assert {"orgId": 1, "name": "node", "folder": "Alerts", "interval": "30s"} == {
        key: value for key, value in group.items() if key != "rules"
    }
    assert {
        "for": "15m",
        "keepFiringFor": "5m",
        "uid": "node-nodecpuhigh",
        "title": "NodeCPUHigh",
        "condition": "B",
    } == {key: rule[key] for key in ("for", "keepFiringFor", "uid", "title", "condition")}
    assert set() == rule.keys() & {"keep_firing_for", "ruleGroup", "folderUID", "orgID"}
    assert {"severity": "critical", "cost": "$$5"} == rule["labels"]
    assert {"from": 600, "to": 0} == rule["data"][0]["relativeTimeRange"]


def test_a_paused_rule_keeps_its_states(empty_project: ProjectFolder) -> None:
    """What is not the default of a rule is in its file, under Grafana's names."""
    empty_project.write(RICH)

    groups = {group["name"]: group for group in parsed(built(empty_project).files[RULES])["groups"]}

    rule = groups["Paused rules"]["rules"][0]
    assert ("Alerts $$2", "absent", True, "Alerting", "OK") == (
        groups["Paused rules"]["folder"],
        rule["uid"],
        rule["isPaused"],
        rule["noDataState"],
        rule["execErrState"],
    )


def test_what_notifies_has_a_file_of_each_kind(empty_project: ProjectFolder) -> None:
    """Contact points, policies, mute timings and templates are in files of their own, in Grafana's
    shape."""
    empty_project.write(RICH)

    files = built(empty_project).files

    read = {
        path.removeprefix("grafana/alerting/"): parsed(text)
        for path, text in files.items()
        if path.startswith("grafana/alerting/") and path != RULES
    }
    assert {
        "contact-points.yaml": {
            "apiVersion": 1,
            "contactPoints": [
                {
                    "orgId": 1,
                    "name": "team $$A",
                    "receivers": [
                        {
                            "uid": "team-a-slack",
                            "type": "slack",
                            "settings": {
                                "url": "$__env{SLACK_URL}",
                                "title": "$$x {{ .Status }}",
                                "text": "$$b",
                            },
                        },
                        {
                            "uid": "team-a-webhook-2",
                            "type": "webhook",
                            "disableResolveMessage": True,
                            "settings": {"url": "$__env{GK_SECRET_HOOKS_URL}"},
                        },
                    ],
                }
            ],
        },
        "mute-timings.yaml": {
            "apiVersion": 1,
            "muteTimes": [
                {
                    "orgId": 1,
                    "name": "nights $",
                    "time_intervals": [{"times": [{"start_time": "22:00", "end_time": "24:00"}]}],
                }
            ],
        },
        "notification-policies.yaml": {
            "apiVersion": 1,
            "policies": [
                {
                    "orgId": 1,
                    "receiver": "team $$A",
                    "group_by": ["alertname"],
                    "routes": [
                        {
                            "receiver": "team $$A",
                            "object_matchers": [["team", "=", "$$A"]],
                            "mute_time_intervals": ["nights $$"],
                            "group_wait": "30s",
                            "continue": True,
                        }
                    ],
                }
            ],
        },
        "templates.yaml": {
            "apiVersion": 1,
            "templates": [
                {
                    "orgId": 1,
                    "name": "subject",
                    "template": '{{ define "subject" }}{{ $x := 1 }}$$ {{ $x }}\n{{ end }}',
                }
            ],
        },
    } == read


def test_a_project_of_dashboards_has_no_alerting_files() -> None:
    """Kinds that a project does not have leave no empty file."""
    files = files_of(Dashboard("A"))

    assert ["grafana/dashboards/general/a.json", "grafana/dashboards/gk.yaml"] == sorted(
        path for path in files if path.startswith("grafana/")
    )


# Secrets


@pytest.mark.parametrize(
    ("reference", "environment", "files"),
    [
        pytest.param(secret("PW"), {"PW": "it's {me}"}, {}, id="environment"),
        pytest.param(secret_file("/run/pw"), {}, {"/run/pw": "it's {me}"}, id="file"),
        pytest.param(
            secret_key("db", "pass-word"),
            {"GK_SECRET_DB_PASS_WORD": "it's {me}"},
            {},
            id="Secret's key",
        ),
    ],
)
def test_grafana_finds_a_secret_by_its_reference(
    reference: Any, environment: Mapping[str, str], files: Mapping[str, str]
) -> None:
    """The reference is not escaped with the text around it: Grafana puts the secret's value in its
    place."""
    written = files_of(
        Datasource(name="X", type="x", uid="x", secure_json_data={"password": reference})
    )

    assert "it's {me}" == interpolate(
        _datasource(written)["secureJsonData"]["password"], environment, files
    )


def test_no_output_has_a_secret_s_value(
    empty_project: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Secrets that the builder's environment and files have stay there."""
    value = "hunter2-do-not-tell"
    for name in ("LOKI_TENANT", "SLACK_URL", "GK_SECRET_ORDERS_DB_PASSWORD", "GK_SECRET_HOOKS_URL"):
        monkeypatch.setenv(name, value)
    password = empty_project.root / "password"
    password.write_text(value)
    empty_project.write(
        {name: text.replace("/etc/secrets/mysql", str(password)) for name, text in RICH.items()}
    )

    files = built(empty_project).files

    assert [] == [path for path, text in files.items() if value.encode() in text]
    assert str(password).encode() in files[DATASOURCES]


# What Grafana has to delete


def deleted(project: ProjectFolder, output: str = "provisioning") -> list[str]:
    """The uids of the rules that the built file deletes."""
    file = project.root / output / RULES
    return (
        [rule["uid"] for rule in parsed(file.read_text()).get("deleteRules", [])]
        if file.exists()
        else []
    )


def deleted_datasources(project: ProjectFolder) -> list[str]:
    """The names of the data sources that the built file deletes."""
    return [
        datasource["name"]
        for datasource in parsed(project.read(f"provisioning/{DATASOURCES}")).get(
            "deleteDatasources", []
        )
    ]


@pytest.fixture
def with_rules(project: ProjectFolder) -> ProjectFolder:
    """A project, built, that has the rules `a` and `b`."""
    built(project.write({"alerts/a.py": ALERTS}))
    return project


def test_a_rule_that_is_gone_is_deleted_in_every_later_build(with_rules: ProjectFolder) -> None:
    """Grafana keeps rules that its files no longer have; the entry stays, for a Grafana that has
    not loaded it yet."""
    with_rules.write({"alerts/a.py": WITHOUT_B})

    uids = []
    for _ in range(2):
        built(with_rules)
        uids.append(deleted(with_rules))

    assert [["b"], ["b"]] == uids


def test_rules_are_deleted_when_there_are_none_left(with_rules: ProjectFolder) -> None:
    """A project that has given up its rules still has the file that deletes them."""
    built(with_rules.write(NO_ALERTS))

    assert ["a", "b"] == deleted(with_rules)


def test_a_rule_that_is_back_is_not_deleted(with_rules: ProjectFolder) -> None:
    """Grafana deletes after it has read a file's groups: an old entry would undo the new rule."""
    built(with_rules.write({"alerts/a.py": WITHOUT_B}))

    built(with_rules.write({"alerts/a.py": ALERTS}))

    assert [] == deleted(with_rules)


def test_forgetting_drops_the_entries_for_good(with_rules: ProjectFolder) -> None:
    """What one build forgets does not come back with the next."""
    built(with_rules.write({"alerts/a.py": WITHOUT_B}))
    built(with_rules, forget_deleted=True)

    built(with_rules)

    assert [] == deleted(with_rules)


def test_each_output_folder_has_its_own_memory(with_rules: ProjectFolder) -> None:
    """A first build elsewhere has nothing to delete, and does not touch what the project's own
    folder remembers."""
    built(with_rules.write({"alerts/a.py": WITHOUT_B}))

    built(with_rules, output="elsewhere")

    assert ([], ["b"]) == (deleted(with_rules, "elsewhere"), deleted(with_rules))


def test_a_build_for_kubernetes_alone_remembers_too(project: ProjectFolder) -> None:
    """Without Grafana's own files, what was there before is read off the ConfigMap."""
    project.write({"gk.yaml": "build: {formats: [kubernetes]}", "alerts/a.py": ALERTS})
    built(project)

    built(project.write({"alerts/a.py": WITHOUT_B}))

    rules = parsed(
        parsed(project.read("provisioning/kubernetes/alerting-grafana/configmap.yaml"))["data"][
            "rules.yaml"
        ]
    )
    assert [{"orgId": 1, "uid": "b"}] == rules["deleteRules"]


def test_a_renamed_data_source_is_deleted_under_its_old_name(project: ProjectFolder) -> None:
    """Grafana looks a data source up by name, and would not start with two of one uid."""
    datasource = """
        from gk import Datasource

        one = Datasource(name="Cost in $", type="x", uid="cost")
        """
    project.write({"datasources/x.py": datasource, "dashboards/d.py": ""})
    built(project)
    built(project.write({"datasources/x.py": datasource.replace("Cost in $", "Dollars")}))

    built(project)

    assert ["Cost in $$"] == deleted_datasources(project)


def test_a_data_source_that_somebody_else_takes_over_is_not_deleted(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    """`external=True` says that another file provisions it, which a deletion by its name would
    break."""
    datasource = """
        from gk import Datasource

        ours = Datasource(name="Ours", type="x", uid="ours")
        """
    project.write({"datasources/x.py": datasource})
    first = run_gk("build", "-C", ".")
    project.write(
        {"datasources/x.py": datasource.replace('uid="ours"', 'uid="ours", external=True')}
    )

    second = run_gk("build", "-C", ".")

    assert ("", "", 0, 0) == (first.err, second.err, first.code, second.code)
    assert [] == deleted_datasources(project)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("groups: [", id="no YAML"),
        pytest.param(
            "<<<<<<< HEAD\napiVersion: 1\n=======\napiVersion: 1\n>>>>>>> other\n",
            id="conflict marks",
        ),
        pytest.param("", id="empty"),
        pytest.param("- a\n", id="a list"),
        pytest.param("groups: null\n", id="no groups"),
        pytest.param("groups: [{name: x}]\n", id="a group without rules"),
        pytest.param("deleteRules: [a]\n", id="a deletion without a uid"),
    ],
)
def test_an_earlier_file_that_cannot_be_read_ends_the_build(
    with_rules: ProjectFolder, text: str
) -> None:
    """Building on would forget what Grafana has to delete, so the message says how to go on."""
    (with_rules.root / "provisioning" / RULES).write_text(text)

    with pytest.raises(
        ConfigError, match=rf"^provisioning/{RULES}: was modified.*--forget-deleted$"
    ):
        built(with_rules)


def test_forgetting_overwrites_a_file_that_cannot_be_read(with_rules: ProjectFolder) -> None:
    """The advice of that message works."""
    (with_rules.root / "provisioning" / RULES).write_text("groups: [")

    built(with_rules, forget_deleted=True)

    assert [] == deleted(with_rules)
