"""`gk impact`: what depends on a snippet, a metric, a data source, a variable, or on what
notifies."""

from __future__ import annotations

import json

import pytest

from gk.errors import ConfigError
from gk.explain.impact import Dependent, Field, Meaning, impact
from gk.promql.metrics import metrics
from tests.conftest import REPOSITORY, ProjectFolder, RunGk

SHOP = """
    from gk.promql import Exporter, Scope

    exporter = Exporter("shop", metric="http_requests_total")


    @exporter.snippet(unit="reqps")
    def requests(s: Scope) -> str:
        \"\"\"Requests a second.\"\"\"
        return f"sum by (job) ({s.rate('http_requests_total')})"


    @exporter.snippet(unit="reqps")
    def recorded(s: Scope) -> str:
        \"\"\"Requests a second, recorded.\"\"\"
        return s.recorded("shop:requests:rate5m")


    @exporter.snippet(unit="percentunit")
    def failed(s: Scope) -> str:
        \"\"\"Share of requests that fail.\"\"\"
        return f"sum({s.rate('http_failures_total')}) / (sum({requests(s)}) > 0)"


    @exporter.snippet(unit="short")
    def unused(s: Scope) -> str:
        \"\"\"Nothing shows this.\"\"\"
        return s.select("queue_messages")
    """
DASHBOARD = """
    from gk import Dashboard, timeseries
    from alerts import shop

    dashboard = Dashboard("Shop", exporter=shop, panels=[
        timeseries("Requests", shop.requests),
        timeseries("Failures", shop.failed),
        timeseries("Recorded", shop.recorded),
    ])
    """
RULES = """
    from alerts import shop
    from gk import alert, alert_group, recording_rule

    group = alert_group("shop", [
        alert("ShopFails", shop.failed > 0.1),
        alert("ShopIsBusy", shop.recorded > 100),
        recording_rule("shop:requests:rate5m", shop.requests),
    ])
    """
NOTIFY = """
    from gk import contact_point, message_template, mute_timing, notification_policy, receiver

    template = message_template("texts", '{{ define "subject" }}Alert{{ end }}')
    mail = contact_point("mail", receiver(
        "email", {"addresses": "a@example.com", "subject": '{{ template "subject" . }}'}))
    nights = mute_timing("nights", {"times": [{"start_time": "00:00", "end_time": "06:00"}]})
    policy = notification_policy(mail, routes=[
        notification_policy(mail, matchers=["severity=warning"], mute_timings=[nights])])
    """
EXPORTED = {
    "title": "Exported",
    "uid": "exported",
    "schemaVersion": 36,
    "panels": [
        {
            "id": 1,
            "type": "timeseries",
            "title": "Of $queue",
            "repeat": "queue",
            "datasource": {"type": "prometheus", "uid": "prometheus"},
            "targets": [
                {
                    "refId": "A",
                    "expr": 'sum(queue_messages{queue=~"$queue"}) $op http_requests_total',
                }
            ],
            "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
        },
    ],
    "templating": {
        "list": [
            {
                "name": "region",
                "type": "custom",
                "query": "eu,us",
            },
            {
                "name": "queue",
                "type": "query",
                "datasource": {"type": "prometheus", "uid": "prometheus"},
                "query": 'label_values(queue_age_seconds{region="$region"}, queue)',
            },
        ]
    },
}


@pytest.fixture
def shop(project: ProjectFolder) -> ProjectFolder:
    """A project with snippets of its own, a dashboard and rules that use them, and a dashboard made
    elsewhere."""
    return project.write(
        {
            "alerts/shop.py": SHOP,
            "alerts/rules.py": RULES,
            "dashboards/shop.py": DASHBOARD,
            "dashboards/exported.json": json.dumps(EXPORTED),
        }
    )


def meaning(project: ProjectFolder, name: str) -> Meaning:
    """What `name` means, if that is one thing."""
    (meant,) = impact(project.resources(), name).meanings
    return meant


def brief(meant: Meaning) -> set[tuple[str, str, tuple[str, ...]]]:
    """Kind, name and way of each dependent."""
    return {(dependent.kind, dependent.name, dependent.through) for dependent in meant.dependents}


def test_a_snippet_is_found_where_it_is_used_and_as_a_part_of_others(shop: ProjectFolder) -> None:
    """And where the series is read that a rule records of it; an alert of both engines is one."""
    meant = meaning(shop, "shop.requests")

    assert {
        ("panel", "Requests", ()),
        ("panel", "Failures", ("shop.failed",)),
        ("panel", "Recorded", ("shop:requests:rate5m",)),
        ("alert", "ShopFails", ("shop.failed",)),
        ("alert", "ShopIsBusy", ("shop:requests:rate5m",)),
        ("recording rule", "shop:requests:rate5m", ()),
    } == brief(meant)
    assert 6 == len(meant.dependents)


def test_an_exporter_stands_for_all_of_its_snippets(shop: ProjectFolder) -> None:
    """Those of which others are made are no way round."""
    assert {
        ("panel", "Requests", ()),
        ("panel", "Failures", ()),
        ("panel", "Recorded", ()),
        ("alert", "ShopFails", ()),
        ("alert", "ShopIsBusy", ()),
        ("recording rule", "shop:requests:rate5m", ()),
    } == brief(meaning(shop, "shop"))


def test_a_metric_is_followed_through_recording_rules_and_variables(shop: ProjectFolder) -> None:
    """A panel that reads the metric itself, too, is there once, without a way."""
    assert ("panel", "Of $queue", ()) in brief(meaning(shop, "http_requests_total"))
    assert ("alert", "ShopIsBusy", ("shop:requests:rate5m",)) in brief(
        meaning(shop, "http_requests_total")
    )
    assert {("variable", "queue", ()), ("panel", "Of $queue", ("$queue",))} == brief(
        meaning(shop, "queue_age_seconds")
    )


def test_a_variable_is_found_in_titles_repeats_queries_and_other_variables(
    shop: ProjectFolder,
) -> None:
    """With the places in a panel that name it."""
    (panel,) = meaning(shop, "$queue").dependents

    assert ("panel", {Field("title"), Field("repeat"), Field("query", "A")}) == (
        panel.kind,
        set(panel.where),
    )
    assert {("variable", "queue", ()), ("panel", "Of $queue", ("$queue",))} == brief(
        meaning(shop, "${region}")
    )


@pytest.mark.parametrize("name", ["prometheus", "Prometheus"])
def test_a_data_source_is_known_by_uid_and_name(shop: ProjectFolder, name: str) -> None:
    """Panels depend on it themselves, or through the variable that offers it."""
    dependents = brief(meaning(shop, name))

    assert {
        ("panel", "Of $queue", ()),
        ("variable", "datasource", ()),
        ("panel", "Requests", ("$datasource",)),
        ("alert", "ShopFails", ()),
    } <= dependents


def test_what_notifies_is_found_in_policies_and_contact_points(project: ProjectFolder) -> None:
    """A template is in a contact point, that in the policy."""
    project.write({"alerts/notify.py": NOTIFY})

    assert {("notification policy", "notification policies", ())} == brief(meaning(project, "mail"))
    assert {("notification policy", "notification policies", ())} == brief(
        meaning(project, "nights")
    )
    assert {
        ("contact point", "mail", ()),
        ("notification policy", "notification policies", ("mail",)),
    } == brief(meaning(project, "subject"))


def test_what_uses_a_template_depends_on_its_file(project: ProjectFolder) -> None:
    """Others use what the file defines, under names of its own."""
    project.write({"alerts/notify.py": NOTIFY})

    assert {
        ("contact point", "mail", ()),
        ("notification policy", "notification policies", ("mail",)),
    } == brief(meaning(project, "texts"))


def test_a_dependent_says_where_it_is(shop: ProjectFolder) -> None:
    """The dashboard, with the line of its definition, and the panel's id."""
    first = meaning(shop, "http_failures_total").dependents[0]

    assert isinstance(first, Dependent)
    assert ("dashboard", "shop", "Shop", "dashboards/shop.py:4") == (
        first.owner,
        first.uid,
        first.title,
        str(first.source),
    )
    assert first.id.isdigit()


def test_a_name_may_mean_several_things(shop: ProjectFolder) -> None:
    """A data source that is called as a metric is."""
    shop.write(
        {
            "datasources/up.py": (
                "from gk import Datasource\n"
                "x = Datasource.prometheus('Up', uid='up', url='http://p')\n"
            )
        }
    )
    shop.write(
        {
            "alerts/up.py": (
                "from gk import alert, alert_group\n"
                "g = alert_group('up', [alert('Down', 'up == 0')])\n"
            )
        }
    )

    assert ["data source", "metric"] == [
        meant.kind for meant in impact(shop.resources(), "up").meanings
    ]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("shop.request", "did you mean 'shop.requests'?"),
        ("http_request_total", "did you mean 'http_requests_total'?"),
        ("queue", "did you mean '$queue'?"),
    ],
)
def test_an_unknown_name_is_an_error_with_the_nearest(
    shop: ProjectFolder, name: str, hint: str
) -> None:
    with pytest.raises(ConfigError, match=f"^unknown name: no .* is called '{name}'") as raised:
        impact(shop.resources(), name)

    assert hint in str(raised.value)


@pytest.mark.parametrize(
    ("expr", "names"),
    [
        (
            "sum by (x) (rate(foo_total{a='b'}[$w])) $op on (y) group_left(z) bar:baz offset 5m",
            {"foo_total", "bar:baz"},
        ),
        ("$metric{a='b'} + node_${x}_total + up", {"up"}),
        ("rate(x$y[5m]) + histogram_quantile($q, sum by (le) (rate(h_bucket[5m])))", {"h_bucket"}),
        ("topk($n, foo) by (instance) # bar", {"foo"}),
        ("foo unless on (job) $all", {"foo"}),
        ("{__name__=~'a|b'}", {"a", "b"}),
        ("rate(a[5m]) / (b", {"a", "b"}),
    ],
)
def test_metrics_are_found_where_variables_keep_a_query_from_being_parsed(
    expr: str, names: set[str]
) -> None:
    """Functions, keywords, labels and names that a variable is a part of are none."""
    assert names == metrics(expr)


def test_the_text_names_places_by_dashboard_and_counts_them(
    shop: ProjectFolder, run_gk: RunGk
) -> None:
    """What is indirect is together by its way."""
    ran = run_gk("impact", "shop.requests")

    expected = """\
snippet shop.requests

dashboard 'Shop' (shop)  dashboards/shop.py:4
  panel 'Requests'
  through shop.failed
    panel 'Failures'
  through shop:requests:rate5m
    panel 'Recorded'

rule group 'shop'  alerts/rules.py:4
  recording rule 'shop:requests:rate5m'
  through shop.failed
    alert 'ShopFails'
  through shop:requests:rate5m
    alert 'ShopIsBusy'

3 panels in 1 dashboard, 2 alerts, 1 recording rule; 4 of these through others
"""
    assert (0, expected, "") == (ran.code, ran.out, ran.err)


def test_a_known_name_that_nothing_depends_on_is_no_failure(
    shop: ProjectFolder, run_gk: RunGk
) -> None:
    """A snippet that nothing uses."""
    ran = run_gk("impact", "shop.unused")

    assert (0, "snippet shop.unused\nnothing depends on it\n", "") == (ran.code, ran.out, ran.err)


def test_an_unknown_name_exits_with_2(shop: ProjectFolder, run_gk: RunGk) -> None:
    """All of several are named."""
    ran = run_gk(
        "impact", "shop.requests", "nothing_total", "http_request_total", "--format", "json"
    )

    assert 2 == ran.code
    assert "is called 'nothing_total'" in ran.err
    assert "'http_requests_total'?" in ran.err
    assert "problems" in json.loads(ran.out)


def test_the_json_has_the_documented_fields(shop: ProjectFolder, run_gk: RunGk) -> None:
    """docs/commands.md names each of them."""
    chapter = (
        (REPOSITORY / "docs" / "commands.md").read_text("utf-8").partition("## gk impact\n")[2]
    )
    printed = json.loads(run_gk("impact", "shop.requests", "--format", "json").out)
    (answer,) = printed["impacts"]
    dependent = answer["meanings"][0]["dependents"][0]

    assert 1 == printed["version"]
    assert [] == [
        key for key in (*answer, *answer["meanings"][0], *dependent) if f"`{key}`" not in chapter
    ]


def test_the_markdown_is_a_table_for_each_meaning(shop: ProjectFolder, run_gk: RunGk) -> None:
    """No title can break it."""
    shop.write({"dashboards/shop.py": DASHBOARD.replace('"Requests"', '"A|b <i>"')})

    lines = run_gk("impact", "shop.requests", "--format", "markdown").out.splitlines()

    assert "### snippet `shop.requests`" == lines[0]
    assert r"| dashboard Shop | panel A\|b \<i\> |  | `dashboards/shop.py:4` |" in lines


def test_names_complete(shop: ProjectFolder, run_gk: RunGk) -> None:
    """Those of the project's metrics too."""
    ran = run_gk(
        env={"_GK_COMPLETE": "bash_complete", "COMP_WORDS": "gk impact http_f", "COMP_CWORD": "2"}
    )

    assert "plain,http_failures_total" in ran.out.splitlines()


def test_of_panels_of_one_title_that_one_is_found_which_reads_the_snippet(
    shop: ProjectFolder,
) -> None:
    """Uses know titles only; what the snippet reads tells the panels apart."""
    shop.write(
        {
            "dashboards/shop.py": DASHBOARD.replace(
                '"Recorded", shop.recorded', '"Requests", shop.recorded, key="b"'
            )
        }
    )

    (meant,) = impact(
        shop.resources(), "shop.recorded", {"shop.recorded": ["shop:requests:rate5m"]}
    ).meanings

    assert 1 == sum(dependent.kind == "panel" for dependent in meant.dependents)
