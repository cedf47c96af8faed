"""`gk snippets` and docs/snippets.md: what is known of each snippet, and what uses it."""

from __future__ import annotations

import json
import re

import pytest

from gk.compile import compile
from gk.errors import ConfigError
from gk.explain.forms.snippets import details, markdown
from gk.explain.reference import SnippetEntry, UsedBy, entries, find
from gk.project import load
from tests.conftest import REPOSITORY, ProjectFolder, RunGk

SHOP = """
    from gk.promql import Exporter, Scope

    exporter = Exporter("shop", metric="http_requests_total")


    @exporter.snippet(unit="reqps", legend="{{code}}")
    def requests(s: Scope, route: str | None = None) -> str:
        \"\"\"Requests a second. Source: the shop.\"\"\"
        return f"sum by (code) ({s.rate('http_requests_total', route=route)})"


    @exporter.snippet(unit="percentunit")
    def failed(s: Scope) -> str:
        \"\"\"Share of requests that fail. Source: the shop.\"\"\"
        return f"sum({requests(s)}) / (sum({s.rate('http_seconds_count')}) > 0)"


    @exporter.snippet(unit="short")
    def of_queue(s: Scope, queue: str) -> str:
        \"\"\"Messages in a queue. Source: the shop.\"\"\"
        return s.select("queue_messages", queue=queue)


    @exporter.snippet(unit="short")
    def unused(s: Scope, queue: str) -> str:
        \"\"\"Nothing shows this. Source: the shop.\"\"\"
        return s.select("queue_age_seconds", queue=queue)
    """
DASHBOARD = """
    from gk import Dashboard, annotation, query_variable, timeseries
    from alerts import shop

    dashboard = Dashboard("Shop", exporter=shop, panels=[
        timeseries("Requests", shop.requests.top(3)),
        timeseries("Failures", shop.failed),
        timeseries("Mail", shop.of_queue(queue="mail")),
    ], variables=[query_variable("code", shop.requests, regex='/code="(.*)"/')],
       annotations=[annotation("Busy", shop.requests(route="/buy"))])
    """
RULES = """
    from alerts import shop
    from gk import alert, alert_group, recording_rule

    group = alert_group("shop", [
        alert("ShopFails", shop.failed > 0.1),
        recording_rule("shop:requests:rate5m", shop.requests),
    ])
    """


@pytest.fixture
def shop(project: ProjectFolder) -> list[SnippetEntry]:
    """The snippets of a project that has some of its own, with a dashboard and rules that use
    them."""
    project.write(
        {"alerts/shop.py": SHOP, "dashboards/shop.py": DASHBOARD, "alerts/rules.py": RULES}
    )
    loaded = load(project.root)
    return entries(loaded, compile(loaded))


def one(entries: list[SnippetEntry], name: str) -> SnippetEntry:
    """The entry of a snippet."""
    (entry,) = find(entries, name)
    return entry


def test_a_project_s_own_snippets_are_listed_with_those_of_gk(shop: list[SnippetEntry]) -> None:
    """In the order of the file, each once, beside gk's."""
    names = [entry.name for entry in shop]

    assert ["shop.requests", "shop.failed", "shop.of_queue", "shop.unused"] == [
        n for n in names if n.startswith("shop")
    ]
    assert "node.cpu_busy" in names
    assert len(set(names)) == len(names)


def test_every_kind_of_use_is_found(shop: list[SnippetEntry]) -> None:
    """Panels, variables, annotations, alerts and recording rules; and uses as a part of another
    snippet."""
    used_by = one(shop, "shop.requests").used_by

    assert {
        UsedBy("dashboard", "shop", "variable $code", ""),
        UsedBy("dashboard", "shop", "panel 'Requests'", ""),
        UsedBy("dashboard", "shop", "panel 'Failures'", "shop.failed"),
        UsedBy("dashboard", "shop", "annotation 'Busy'", ""),
        UsedBy("rules", "shop", "alert 'ShopFails'", "shop.failed"),
        UsedBy("rules", "shop", "recording rule 'shop:requests:rate5m'", ""),
    } == set(used_by)
    assert 6 == len(used_by)


def test_a_snippet_names_the_metrics_and_the_snippets_that_it_is_made_of(
    shop: list[SnippetEntry],
) -> None:
    """Those of the snippets that it calls, too."""
    failed = one(shop, "shop.failed")

    assert ("http_requests_total", "http_seconds_count") == failed.metrics
    assert ("shop.requests",) == failed.made_of


def test_a_snippet_that_needs_arguments_is_shown_with_those_of_its_first_use(
    shop: list[SnippetEntry],
) -> None:
    """And not at all where nothing uses it."""
    used, unused = one(shop, "shop.of_queue"), one(shop, "shop.unused")

    assert 'queue_messages{job=~"$job",instance=~"$node",queue="mail"}' == used.panel
    assert ("", (), ()) == (unused.panel, unused.metrics, unused.used_by)
    assert "requires arguments" in details(unused)


def test_details_show_the_query_in_both_scopes_on_lines_of_their_own(
    shop: list[SnippetEntry],
) -> None:
    """As it can be copied."""
    shown = details(one(shop, "shop.of_queue")).splitlines()

    assert shown[0] == "shop.of_queue(queue)"
    assert 'in a panel   queue_messages{job=~"$job",instance=~"$node",queue="mail"}' in shown
    assert 'in an alert  queue_messages{job="shop",queue="mail"}' in shown
    assert "  dashboard shop: panel 'Mail'" in shown


def test_an_exporter_s_name_stands_for_its_snippets(shop: list[SnippetEntry]) -> None:
    """All of them, and no others."""
    assert [entry for entry in shop if entry.name.startswith("shop.")] == find(shop, "shop")


def test_an_unknown_name_is_an_error_with_the_nearest(shop: list[SnippetEntry]) -> None:
    """Or with how to see all."""
    with pytest.raises(ConfigError, match=re.escape("'shop.faild'; did you mean 'shop.failed'?")):
        find(shop, "shop.faild")
    with pytest.raises(ConfigError, match="gk snippets lists all of them"):
        find(shop, "?")


def test_the_command_prints_all_one_and_json(project: ProjectFolder, run_gk: RunGk) -> None:
    """Results on standard output, with exit code 0; a name that is none gives 2."""
    project.write({"alerts/shop.py": SHOP, "dashboards/shop.py": DASHBOARD})

    every, failed, none = (
        run_gk("snippets"),
        run_gk("snippets", "shop.failed"),
        run_gk("snippets", "shop.nothing"),
    )
    some = run_gk("snippets", "shop")
    of_json = json.loads(run_gk("snippets", "shop.failed", "--format", "json").out)

    assert (0, "", 0, "", 2, "") == (
        every.code,
        every.err,
        failed.code,
        failed.err,
        none.code,
        none.out,
    )
    assert "\nshop.failed  percentunit  http_requests_total, http_seconds_count\n" in every.out
    assert "    Used by dashboard shop: panel 'Failures'.\n" in every.out
    assert failed.out.startswith("shop.failed\n  Share of requests that fail.")
    assert some.out in every.out
    assert (1, ["shop.failed"]) == (
        of_json["version"],
        [snippet["name"] for snippet in of_json["snippets"]],
    )


def test_the_json_has_the_documented_fields(project: ProjectFolder, run_gk: RunGk) -> None:
    """docs/commands.md names every field, and no other."""
    project.write({"alerts/shop.py": SHOP, "dashboards/shop.py": DASHBOARD})
    chapter = (
        (REPOSITORY / "docs" / "commands.md").read_text("utf-8").partition("## gk snippets\n")[2]
    )
    rows = re.findall(r"^\| (`.*?) \|", chapter.partition("\n## ")[0], re.MULTILINE)

    printed = json.loads(run_gk("snippets", "shop.failed", "--format", "json").out)["snippets"][0]

    assert set(printed) == {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_a_snippet_that_fails_is_a_mistake_at_its_line(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    """All of them in one run, also those that nothing uses, which a build does not see."""
    broken = """
        from gk.promql import Exporter, Scope

        exporter = Exporter("shop")


        @exporter.snippet()
        def divided(s: Scope, by: int = 0) -> str:
            return str(1 / by)


        @exporter.snippet()
        def unfinished(s: Scope) -> str:
            return "sum("
    """
    project.write({"gk.yaml": "", "alerts/shop.py": broken})

    ran = run_gk("snippets", "node.cpu_busy")

    assert (2, "") == (ran.code, ran.out)
    assert "alerts/shop.py:8: snippet shop.divided: ZeroDivisionError: division by zero" in ran.err
    assert "alerts/shop.py:11: snippet shop.unfinished: PromQL does not parse" in ran.err
    assert "Traceback" not in ran.err


def test_names_are_completed(run_gk: RunGk) -> None:
    """By the shell's completion, with gk's own snippets."""
    asked = {
        "_GK_COMPLETE": "bash_complete",
        "COMP_WORDS": "gk snippets node.cpu_bu",
        "COMP_CWORD": "2",
    }

    assert "plain,node.cpu_busy\nplain,node.cpu_busy_each\n" == run_gk(env=asked).out


def test_the_committed_reference_is_that_of_the_definitions() -> None:
    """docs/snippets.md is what `make docs` writes."""
    loaded = load(REPOSITORY)

    assert markdown(entries(loaded, compile(loaded))) + "\n" == (
        REPOSITORY / "docs/snippets.md"
    ).read_text("utf-8")


def test_every_snippet_of_gk_says_what_it_is_and_where_it_comes_from() -> None:
    """A unit, words, a source, and metrics or a use that shows them."""
    loaded = load(REPOSITORY)
    listed = entries(loaded, compile(loaded))

    assert [] == [entry.name for entry in listed if not entry.unit]
    assert [] == [
        entry.name for entry in listed if not re.search(r"\. Source: .+\.$", entry.description)
    ]
    assert [] == [entry.name for entry in listed if not entry.metrics]
    assert [] == [entry.name for entry in listed if not entry.used_by]
