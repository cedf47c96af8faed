"""gk diff of a project with environments: what is the same in all is told once, and what is not
says where it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import jsonschema
import pytest

from gk.diff.compare import compare
from gk.diff.forms import FORMS
from gk.diff.forms.from_json import from_json
from gk.diff.model import Diff, Mark
from gk.resource import Kind
from tests.conftest import REPOSITORY, ProjectFolder, Ran, RunGk
from tests.diff.test_revisions import git_in
from tests.diffs import side
from tests.environments import ALERTS, DASHBOARD, DATASOURCE, SETTINGS, TEAM

MANY = """
    project: shop
    environments: {a: , b: , c: , d: }
"""
BOTH = {"gk.yaml": SETTINGS.replace("1.5", "1.4").replace("slow: 2", "slow: 3")}
"""Another threshold in each environment."""
COMMON = {"dashboards/shop.py": DASHBOARD.replace("sum(orders)", "max(orders)")}
PROD = {"gk.yaml": SETTINGS.replace("1.5", "1.4")}

Compare = Callable[..., Diff]


@pytest.fixture
def compared(tmp_path: Path) -> Compare:
    """Compare the team's project with an edited one."""

    def run(edits: Mapping[str, str], before: Mapping[str, str] = TEAM) -> Diff:
        sides = []
        for name, files in (("old", before), ("new", {**before, **edits})):
            root = tmp_path / name / "team"
            root.mkdir(parents=True)
            sides.append(side(ProjectFolder(root).write(files).root, name))
        return compare(*sides)

    return run


def lines(diff: Diff) -> list[str]:
    """What the text says below its first two lines, without counts."""
    return FORMS["text"](diff).splitlines()[3:-2]


def test_a_change_of_all_environments_is_told_once(compared: Compare) -> None:
    """With all of their names."""
    assert [
        "~ dashboard 'Shop' (shop)  dashboards/shop.py:3  (in prod and staging)",
        "    ~ panel 'Orders'",
        "        query A",
        "          - sum(orders)",
        "          + max(orders)",
    ] == lines(compared(COMMON))


def test_a_change_of_one_environment_names_it(compared: Compare) -> None:
    """Only the value of prod is another one."""
    assert [
        "~ rule group 'shop' (alerts/shop)  alerts/shop.py:4  (only in prod)",
        "    ~ alert 'Slow'",
        "        threshold: > 1.5 -> > 1.4",
    ] == lines(compared(PROD))


def test_an_object_that_changes_differently_has_each_edit(compared: Compare) -> None:
    """With the environment at its line."""
    assert [
        "~ rule group 'shop' (alerts/shop)  alerts/shop.py:4  (in prod and staging)",
        "    ~ alert 'Slow'",
        "        threshold: > 1.5 -> > 1.4  (only in prod)",
        "        threshold: > 2 -> > 3  (only in staging)",
    ] == lines(compared(BOTH))[-4:]


def test_what_is_the_same_in_an_object_is_told_once(compared: Compare) -> None:
    """Beside what is not."""
    edits = {**PROD, "alerts/shop.py": ALERTS.replace("5m", "6m")}

    assert [
        "    ~ alert 'Slow'",
        "        threshold: > 1.5 -> > 1.4  (only in prod)",
        "        for: 5m -> 6m",
    ] == lines(compared(edits))[-3:]


def test_the_edits_of_one_field_follow_each_other(compared: Compare) -> None:
    """Though a field of both environments comes between them."""
    edits = {**BOTH, "alerts/shop.py": ALERTS.replace("5m", "6m")}

    assert [
        "        threshold: > 1.5 -> > 1.4  (only in prod)",
        "        threshold: > 2 -> > 3  (only in staging)",
        "        for: 5m -> 6m",
    ] == lines(compared(edits))[-3:]


def test_many_environments_are_counted(compared: Compare) -> None:
    """Their names would not fit."""
    team = {"gk.yaml": MANY, "datasources/p.py": DATASOURCE, "dashboards/shop.py": DASHBOARD}

    assert "(in all 4 environments)" in lines(compared(COMMON, team))[0]


def test_some_of_many_are_named(compared: Compare) -> None:
    """In the order of gk.yaml."""
    team = {"gk.yaml": MANY, "datasources/p.py": DATASOURCE, "dashboards/shop.py": DASHBOARD}
    change = "{datasources: {prometheus: {url: x}}}"
    edits = {"gk.yaml": MANY.replace("b: ", f"b: {change}").replace("d: ", f"d: {change}")}

    assert "(only in b and d)" in [
        line.rpartition("  ")[2] for line in lines(compared(edits, team))
    ]


def test_equal_environments_have_no_differences(compared: Compare) -> None:
    """Objects count once."""
    diff = compared({})

    assert (False, 5) == (diff.differs, sum(diff.unchanged.values()))


def test_an_object_counts_as_unchanged_if_no_environment_changes_it(compared: Compare) -> None:
    """The rule group of staging is the same, and not counted."""
    diff = compared(PROD)

    assert (1, 3) == (diff.count(Mark.CHANGED), sum(diff.unchanged.values()))


def test_a_mistake_of_all_is_told_once(compared: Compare) -> None:
    """One of some names them."""
    edits = {
        "gk.yaml": SETTINGS.replace("slow: 2", "slow: [2]"),
        "dashboards/more.py": "from gk import dashbord\n",
    }

    assert [
        "alerts/shop.py:3: value 'slow' must be a number (float), but gk.yaml:7 has [2] "
        "(environment staging)",
        "dashboards/more.py:1: 'gk' has no 'dashbord'; did you mean 'Dashboard'?",
    ] == sorted(map(str, compared(edits).new_problems))


def test_what_is_unknown_in_one_environment_names_it(compared: Compare) -> None:
    """The others are compared."""
    shown = lines(compared({"gk.yaml": SETTINGS.replace("slow: 2", "slow: [2]")}))

    assert "    rule group 'shop' (alerts/shop)  (only in staging)" in shown


def test_a_new_environment_is_added(compared: Compare) -> None:
    """With all that it has."""
    diff = compared({"gk.yaml": SETTINGS + "      test: {values: {slow: 3}}\n"})

    assert ("test",) == diff.environments_added
    assert {("test",)} == {change.environments for change in diff.changes}
    assert {Mark.ADDED} == {change.mark for change in diff.changes}


def test_a_removed_environment_is_gone(compared: Compare) -> None:
    """The others are compared as always."""
    diff = compared({"gk.yaml": SETTINGS.partition("      staging")[0]})

    assert ("staging",) == diff.environments_removed
    assert {(("staging",), Mark.REMOVED)} == {
        (change.environments, change.mark) for change in diff.changes
    }


def test_a_project_that_gets_environments_is_compared_with_each(compared: Compare) -> None:
    """So the review shows what changes for whoever mounts it."""
    before = {**TEAM, "gk.yaml": "project: shop\nvalues: {slow: 1.5}\n"}

    diff = compared({"gk.yaml": SETTINGS}, before)

    assert [("rule group", ("staging",)), ("data source", ("prod",))] == [
        (change.kind.value, change.environments) for change in diff.shown
    ]


def test_a_project_that_loses_its_environments_is_compared_with_each(compared: Compare) -> None:
    """The other way round."""
    diff = compared({"gk.yaml": "project: shop\nvalues: {slow: 1.5}\n"})

    assert [("rule group", ("staging",)), ("data source", ("prod",))] == [
        (change.kind.value, change.environments) for change in diff.shown
    ]


MORE = """
    from gk import Dashboard, timeseries, value

    unit = value("unit", str, default="short")
    panels = [timeseries(name, f"sum({name})", unit=unit) for name in ("a", "b", "c")]
    more = Dashboard("More", panels=panels)
"""


@pytest.mark.parametrize(
    ("expected", "edits"),
    [
        (("prod", "staging"), {"dashboards/more.py": MORE.replace("short", "bytes")}),
        (("staging",), {"gk.yaml": SETTINGS.replace("slow: 2", "slow: 2, unit: bytes")}),
    ],
    ids=["all", "one"],
)
def test_a_cause_is_told_once(
    compared: Compare, expected: tuple[str, ...], edits: Mapping[str, str]
) -> None:
    """With the environments that have it."""
    diff = compared(edits, {**TEAM, "dashboards/more.py": MORE})

    assert [("the same unit", 3, expected)] == [
        (cause.title, len(cause.places), cause.environments) for cause in diff.causes
    ]


def test_different_causes_of_one_name_stay_apart(compared: Compare) -> None:
    """The edits of each environment refer to its own."""
    settings = SETTINGS.replace("values: {slow: 2}", "values: {slow: 2, unit: bytes}")
    settings = settings.replace("datasources:", "values: {unit: s}\n        datasources:", 1)
    diff = compared({"gk.yaml": settings}, {**TEAM, "dashboards/more.py": MORE})

    ids = {cause.id: cause.environments for cause in diff.causes}
    (dashboard,) = (change for change in diff.shown if change.kind is Kind.DASHBOARD)
    edits = [edit for part in dashboard.parts for edit in part.edits]

    assert {("prod",), ("staging",)} == set(ids.values())
    assert {True} == {ids[edit.causes[0]] == edit.environments for edit in edits}


def test_the_json_is_as_its_schema_says(compared: Compare) -> None:
    """With the environments of changes, parts and edits, and each environment's patch."""
    schema = json.loads((REPOSITORY / "docs/diff.schema.json").read_text("utf-8"))
    document = json.loads(FORMS["json"](compared(BOTH)))

    jsonschema.validate(document, schema)
    group = next(change for change in document["changes"] if change["kind"] == "rule group")
    assert (["prod", "staging"], ["staging"]) == (group["environments"], list(group["patches"]))
    assert [["prod"], ["staging"]] == [
        edit["environments"] for part in group["parts"] for edit in part["edits"]
    ]


@pytest.mark.parametrize("edits", [COMMON, PROD, BOTH], ids=["common", "prod", "both"])
def test_a_report_that_is_read_back_is_the_same(
    compared: Compare, edits: Mapping[str, str]
) -> None:
    """A comment may be written by another job. Documents are not read back, so only the comment is
    the same."""
    diff = compared(edits)
    again = from_json(FORMS["json"](diff).encode(), "report.json")

    assert FORMS["markdown"](diff) == FORMS["markdown"](again)
    assert diff.environments == again.environments
    assert [change.environments for change in diff.changes] == [
        change.environments for change in again.changes
    ]


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_every_form_says_where_a_change_is(compared: Compare, form: str) -> None:
    """In the words of the text."""
    shown = FORMS[form](compared(BOTH))

    for words in ("in prod and staging", "only in prod", "only in staging"):
        assert words in shown


def test_a_project_without_environments_says_nothing_of_them(compared: Compare) -> None:
    """Its documents are those of an older gk."""
    before = {**TEAM, "gk.yaml": "project: shop\nvalues: {slow: 1.5}\n"}

    diff = compared(COMMON, before)

    assert ["text", "markdown", "json", "html"] == [
        form for form, shown in FORMS.items() if "environment" not in shown(diff)
    ]


# The command


@pytest.fixture
def repository(empty_project: ProjectFolder) -> ProjectFolder:
    """The team's project in git."""
    empty_project.write(TEAM)
    git = git_in(empty_project.root)
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "one")
    return empty_project


def said(ran: Ran) -> list[str]:
    """The lines about objects."""
    return [line for line in ran.out.splitlines() if line[:1] in ("+", "-", "~")]


def test_the_command_compares_all_environments(repository: ProjectFolder, run_gk: RunGk) -> None:
    """Each in the process of its side."""
    repository.write({**PROD, **COMMON})

    ran = run_gk("diff")

    assert (1, "environments: prod, staging") == (ran.code, ran.out.splitlines()[1])
    assert [
        "~ dashboard 'Shop' (shop)  dashboards/shop.py:3  (in prod and staging)",
        "~ rule group 'shop' (alerts/shop)  alerts/shop.py:4  (only in prod)",
    ] == said(ran)


def test_the_command_compares_one_environment(repository: ProjectFolder, run_gk: RunGk) -> None:
    """And compiles no other, whose mistakes do not count."""
    repository.write({"gk.yaml": PROD["gk.yaml"].replace("slow: 2", "slow: [2]")})

    ran = run_gk("diff", "-e", "prod")

    assert (1, "environment: prod") == (ran.code, ran.out.splitlines()[1])
    assert ["~ rule group 'shop' (alerts/shop)  alerts/shop.py:4"] == said(ran)


def test_an_environment_of_neither_side_is_a_mistake(
    repository: ProjectFolder, run_gk: RunGk
) -> None:
    """Nothing would be compared."""
    ran = run_gk("diff", "-e", "prd")

    assert (2, "-e 'prd': gk.yaml has prod and staging; did you mean 'prod'?\n") == (
        ran.code,
        ran.err,
    )


def test_built_folders_are_compared_by_environment(
    repository: ProjectFolder, run_gk: RunGk
) -> None:
    """As gk build wrote them."""
    run_gk("build", "-o", "old")
    repository.write(PROD)
    run_gk("build", "-o", "new")

    ran = run_gk("diff", "old", "new")

    assert ["~ rule group 'shop' (alerts/shop)  grafana/alerting/rules.yaml  (only in prod)"] == (
        said(ran)
    )
