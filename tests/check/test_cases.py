"""Each check finds what it should, and nothing else: the files in cases/, one for each check.

- case: what it is about
  query: rate(up[5m])               of a time series panel; or
  panel: {...}                      of an export, with keys added to a time series; or
  dashboard: {...}                  an export, with keys added to an empty one; or
  alert: {expr: ..., for_: 5m}      arguments of alert(), beside a name and a summary; or
  group: {rules: [...]}             arguments of alert_group(), rules as alerts; or
  python: |                         definitions, where gk's names are imported already
  answer: {series: [], ...}         of the Prometheus of a live check (tests/live_cases.py)
  options: {most: 3}                of the check
  files: {docs/a.md: text}          of the project; those in tests/alerts are tests of rules
  not_run: why                      promtool did not run these tests
  finds: [part of a message]        one for each finding, in the order of the report; or []
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

import gk
from gk import alert, alert_group
from gk.check import Check, Project, run
from gk.check.checks import ALL_CHECKS
from gk.check.live.model import LIVE_SUBJECTS
from gk.check.rule_tests import FOLDER, RuleTests, parsed
from gk.settings import Settings
from gk.settings.checks import CheckChange, CheckSettings, Option
from tests.cases import every
from tests.checking import checked, panel_of
from tests.definitions import resources
from tests.live_cases import live
from tests.rich import NOWHERE

CASES = Path(__file__).parent / "cases"
Case = dict[str, Any]
BY_NAME = {check.name: check for check in ALL_CHECKS}


def _cases() -> Iterator[Any]:
    for check in ALL_CHECKS:
        for case in _cases_of(check.name):
            yield pytest.param(check, case, id=f"{check.name}: {case['case']}")


def _cases_of(check: str) -> list[Case]:
    path = CASES / f"{check}.yaml"
    return yaml.load(path.read_text("utf-8"), yaml.CSafeLoader) if path.exists() else []


def _definitions(case: Case) -> list[Any]:
    if "query" in case:
        return [panel_of(case["query"])]
    if "panel" in case:
        return [panel_of(**case["panel"])]
    if "dashboard" in case:
        return [{"title": "D", "uid": "d", "schemaVersion": 39, **case["dashboard"]}]
    if "python" in case:
        return _of_python(textwrap.dedent(case["python"]))
    group: dict[str, Any] = dict(case["group"]) if "group" in case else {"rules": [case["alert"]]}
    rules = [_alert(rule) for rule in group.pop("rules")]
    return [alert_group(group.pop("name", "g"), rules, **group)]


def _of_python(text: str) -> list[Any]:
    names: dict[str, Any] = {name: getattr(gk, name) for name in gk.__all__}
    before = set(names)
    exec(text, names)
    return [value for name, value in names.items() if name not in before and name[0] != "_"]


def _alert(given: Mapping[str, Any]) -> Any:
    given = {"name": "A", "expr": "up == 0", "summary": "Something is wrong", **given}
    return alert(given.pop("name"), given.pop("expr"), **given)


def _files(case: Case) -> dict[str, Any]:
    files = {name: str(text) for name, text in case.get("files", {}).items()}
    tests = [
        test
        for name, text in files.items()
        if name.startswith(FOLDER) and (test := parsed(name, text.encode()))
    ]
    return {
        "has_file": files.__contains__,
        "rule_tests": RuleTests(tests, not_run=case.get("not_run", "")),
    }


def _found(check: Check, case: Case) -> list[str]:
    options = {
        name: Option(tuple(value) if isinstance(value, list) else str(value), 1)
        for name, value in case.get("options", {}).items()
    }
    changes = {check.name: CheckChange(check.severity.value, options)}
    settings = Settings(check=CheckSettings(checks=changes), **case.get("settings", {}))
    built = resources(*_definitions(case), settings=settings)
    if check.subject in LIVE_SUBJECTS:
        return _found_live(check, case, Project(built, settings))
    report = checked(built, only=[check.name], settings=settings, **_files(case))
    return [finding.text for finding in report.findings]


def _found_live(check: Check, case: Case, project: Project) -> list[str]:
    with live(project, case) as answers:
        report = run(project, ALL_CHECKS, NOWHERE, only=[check.name], live=answers)
    return [finding.text for finding in report.findings]


@every("check, case", _cases)
def test_a_check_finds_what_its_cases_say(check: Check, case: Case) -> None:
    """Each expected text is a part of a finding, and there are no others."""
    texts = _found(check, case)

    assert len(case["finds"]) == len(texts), texts
    assert [] == [
        (expected, text)
        for expected, text in zip(case["finds"], texts, strict=True)
        if expected not in text
    ]


@every("name", sorted(BY_NAME.keys() - {"unused-silence"}))
def test_every_check_has_cases_that_it_must_find_and_that_it_must_not(name: str) -> None:
    """In a file of its own name."""
    assert {True, False} == {bool(case["finds"]) for case in _cases_of(name)}


@every("check", ALL_CHECKS)
def test_every_check_has_a_page_and_a_module_of_its_name(check: Check) -> None:
    """With the problem, and what to do instead; the summary is one sentence."""
    assert check.function.__module__ == f"gk.check.checks.{check.name.replace('-', '_')}"
    assert "\n\nProblem: " in check.page
    assert "\n\nInstead: " in check.page
    assert check.summary.endswith(".")


def test_checks_are_listed_by_name() -> None:
    """So that a reader finds one."""
    names = [check.name for check in ALL_CHECKS]

    assert sorted(set(names)) == names
