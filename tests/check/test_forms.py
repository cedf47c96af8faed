"""The forms of gk check's report and of its list of checks. Each is read back, also where titles
are hostile."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from gk.check import Finding, Report, Severity
from gk.check.checks import ALL_CHECKS
from gk.check.forms import CATALOG, FORMS
from gk.check.forms.catalog import Catalog
from gk.check.forms.pages import as_markdown
from gk.check.subjects import Silence
from gk.errors import Source, Where
from gk.resource import Kind

Json = dict[str, Any]

SHOP = Finding(
    "label-gone",
    Severity.WARNING,
    Source("dashboards/shop.py", 7),
    "the result has no label 'pod'; keep it",
    (Kind.DASHBOARD, "shop"),
    "Shop",
    Where("panel", "Errors"),
    "A",
)
BROKEN = replace(
    SHOP, check="invalid-promql", severity=Severity.ERROR, message="is not valid PromQL"
)
HINT = replace(SHOP, severity=Severity.INFO, where=Where("panel", "Memory"))
SNIPPET = Finding(
    "rate-of-gauge",
    Severity.WARNING,
    Source("dashboards/snippets.py", 3),
    "rate() of free, which is not a counter",
    where=Where("snippet", "shop.free"),
    also=2,
)
PROJECT = Finding("unused-silence", Severity.WARNING, Source(""), "silences nothing")
HOSTILE = (
    "A\r\n::error file=x::owned\x1b[2J\x00 %0A,: ]]> </failure></testcase> [b](1) \u202e\ud800"
)
IN_COMMENT = Silence("label-gone", "Its pods\nhave gone.", Source("a.py", 1), lines=range(1, 3))
IN_SETTINGS = Silence("label-gone", "All of them.", Source("gk.yaml", 4))
NAMES = ("invalid-promql", "label-gone", "rate-of-gauge", "unused-silence")
RAN = tuple(check for check in ALL_CHECKS if check.name in NAMES)


def report(*findings: Finding, **keys: Any) -> Report:
    """A report with these findings, of four checks."""
    return Report(findings, **{"ran": RAN, "objects": 2, "queries": 3, **keys})


def hostile(finding: Finding) -> Finding:
    """The finding with every text that may be a stranger's."""
    return replace(
        finding,
        title=HOSTILE,
        message=f"{HOSTILE}; do",
        where=Where("panel", HOSTILE),
        source=Source(f"dashboards/{HOSTILE}.json", 7),
    )


# Text


def test_a_finding_is_a_line_as_compilers_print_it() -> None:
    """An editor makes a link of it."""
    assert [
        "dashboards/shop.py:7: warning: panel 'Errors' A: the result has no label 'pod'; keep it "
        "[label-gone]",
        "dashboards/snippets.py:3: warning: snippet 'shop.free': rate() of free, which is not a "
        "counter (and 2 more places) [rate-of-gauge]",
        "warning: silences nothing [unused-silence]",
        "3 warnings (4 checks of 2 objects, 3 queries)",
    ] == FORMS["text"](report(SHOP, SNIPPET, PROJECT)).splitlines()


@pytest.mark.parametrize(
    ("expected", "keys"),
    [
        ("no problems (", {}),
        ("no problems, 1 silenced (", {"silenced": [(SHOP, IN_COMMENT)]}),
        ("no problems, 4 not in this change (", {"elsewhere": 4}),
    ],
)
def test_the_last_line_counts_what_is_not_shown(expected: str, keys: Json) -> None:
    """So that nobody takes it for nothing."""
    assert FORMS["text"](report(**keys)).startswith(expected)


def test_many_findings_are_counted_by_check() -> None:
    """Those with most of them first."""
    lines = FORMS["text"](report(*[BROKEN] * 5, *[SHOP] * 16)).splitlines()

    assert "by check: label-gone 16, invalid-promql 5" == lines[-2]


@pytest.mark.parametrize("form", ["text", "github"])
def test_a_hostile_title_is_no_line_of_its_own(form: str) -> None:
    """GitHub reads each line of output that begins with :: as a command."""
    lines = FORMS[form](report(hostile(SHOP), hostile(BROKEN))).splitlines()

    assert 3 == len(lines)
    assert all(line.isprintable() for line in lines)


# JSON


def test_the_json_says_why_something_is_silenced_and_where() -> None:
    """The silence may be in another file."""
    silenced = json.loads(FORMS["json"](report(silenced=[(SHOP, IN_SETTINGS)])))["silenced"][0]

    assert ("All of them.", {"file": "gk.yaml", "line": 4}, "panel 'Errors' A") == (
        silenced["reason"],
        silenced["silenced_at"],
        silenced["place"],
    )


# GitHub


def test_a_finding_is_an_annotation_at_its_line_and_the_worst_is_first() -> None:
    """GitHub shows ten of each kind. Its paths begin at the top of the repository."""
    assert [
        "::error file=team/dashboards/shop.py,line=7,title=gk check%3A invalid-promql"
        "::panel 'Errors' A: is not valid PromQL",
        "::warning title=gk check%3A unused-silence::silences nothing",
        "::notice file=team/dashboards/shop.py,line=7,title=gk check%3A label-gone"
        "::panel 'Memory' A: the result has no label 'pod'; keep it",
    ] == FORMS["github"](report(HINT, PROJECT, BROKEN, folder="team")).splitlines()[:-1]


def test_a_hostile_title_ends_no_property_and_no_command() -> None:
    """GitHub decodes %, and ends a property at a comma and the properties at ::."""
    command, _ = FORMS["github"](report(hostile(SHOP))).splitlines()
    properties, data = re.fullmatch("::warning (.*?)::(.*)", command).groups()  # type: ignore[union-attr]

    assert ["file", "line", "title"] == [pair.partition("=")[0] for pair in properties.split(",")]
    assert ":" not in properties
    assert "%250A" in data
    assert "%0A" not in data


# SARIF


def sarif(*findings: Finding, **keys: Any) -> Json:
    """The run of a document of SARIF."""
    document = json.loads(FORMS["sarif"](report(*findings, **keys)))
    assert "2.1.0" == document["version"]
    (run,) = document["runs"]
    assert isinstance(run, dict)
    return run


def test_sarif_has_the_page_of_each_check_that_ran() -> None:
    """GitHub shows it beside a finding, and needs each of these."""
    rules = sarif(SHOP)["tool"]["driver"]["rules"]

    assert list(NAMES) == [rule["id"] for rule in rules]
    for rule, check in zip(rules, RAN, strict=True):
        assert check.summary == rule["shortDescription"]["text"]
        assert check.page == rule["help"]["text"]
        assert "**Problem:**" in rule["help"]["markdown"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")


def test_a_result_of_sarif_is_at_its_line_below_the_top_of_the_repository() -> None:
    """As a URI: names of files may have spaces."""
    spaced = replace(BROKEN, source=Source("../dash boards/größe.py", 7))

    (result,) = sarif(spaced, folder="teams/shop")["results"]

    assert ("invalid-promql", 0, "error") == (
        result["ruleId"],
        result["ruleIndex"],
        result["level"],
    )
    assert [
        {
            "physicalLocation": {
                "artifactLocation": {
                    "uri": "teams/dash%20boards/gr%C3%B6%C3%9Fe.py",
                    "uriBaseId": "%SRCROOT%",
                },
                "region": {"startLine": 7},
            },
            "logicalLocations": [{"fullyQualifiedName": "panel 'Errors' A"}],
        }
    ] == result["locations"]


def test_a_result_without_a_file_is_at_gk_yaml() -> None:
    """GitHub leaves out results without a place."""
    (result,) = sarif(PROJECT)["results"]

    place = result["locations"][0]["physicalLocation"]
    assert ("gk.yaml", 1) == (place["artifactLocation"]["uri"], place["region"]["startLine"])


def fingerprints(*findings: Finding) -> list[str]:
    """The fingerprint of each result."""
    return [result["partialFingerprints"]["gk/v1"] for result in sarif(*findings)["results"]]


def test_a_fingerprint_stays_where_lines_move_and_messages_get_better() -> None:
    """A finding is otherwise closed and opened again, with its comments lost."""
    moved = replace(SHOP, source=Source("dashboards/shops.py", 40), message="another one")

    assert fingerprints(SHOP) == fingerprints(moved)


def test_findings_differ_in_their_fingerprints() -> None:
    """Also two of one check in one panel, and of one name in two objects."""
    second = replace(SHOP, message="the result has no label 'node'; keep it")
    other = replace(SHOP, key=(Kind.DASHBOARD, "store"))

    assert 6 == len(set(fingerprints(SHOP, second, other, HINT, SNIPPET, PROJECT)))


@pytest.mark.parametrize(
    ("silence", "kind", "reason"),
    [(IN_COMMENT, "inSource", "Its pods have gone."), (IN_SETTINGS, "external", "All of them.")],
)
def test_what_is_silenced_is_suppressed_with_its_reason(
    silence: Silence, kind: str, reason: str
) -> None:
    """By a comment beside it, or by gk.yaml."""
    (result,) = sarif(silenced=[(SHOP, silence)])["results"]

    assert [{"kind": kind, "status": "accepted", "justification": reason}] == result["suppressions"]


def test_a_title_is_no_link_in_a_message_of_sarif() -> None:
    """`[text](1)` is one."""
    (result,) = sarif(hostile(SHOP))["results"]

    assert "](" not in result["message"]["text"]
    assert result["message"]["text"].isprintable()


def test_two_projects_of_a_repository_are_two_categories() -> None:
    """The results of one would replace those of the other."""
    categories = [sarif(folder=folder)["automationDetails"]["id"] for folder in ("", "teams/shop")]

    assert ["gk/", "gk/teams/shop/"] == categories


def test_sarif_has_what_its_schema_requires() -> None:
    """The properties that the schema of OASIS requires, and the values that it lists."""
    silenced = [(replace(SHOP, ref="B"), IN_COMMENT)]
    run = sarif(SHOP, hostile(BROKEN), HINT, SNIPPET, PROJECT, silenced=silenced)

    assert run["tool"]["driver"]["name"]
    assert "unicodeCodePoints" == run["columnKind"]
    assert 6 == len(run["results"])
    for result in run["results"]:
        assert result["message"]["text"]
        assert result["level"] in ("none", "note", "warning", "error")
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert all(
            re.fullmatch(r"[\w./%~-]+", place["physicalLocation"]["artifactLocation"]["uri"])
            and place["physicalLocation"]["region"]["startLine"] >= 1
            for place in result["locations"]
        )
        assert all(
            isinstance(fingerprint, str) for fingerprint in result["partialFingerprints"].values()
        )
        assert all(
            suppression["kind"] in ("inSource", "external")
            for suppression in result["suppressions"]
        )


# JUnit


def suite(*findings: Finding, **keys: Any) -> ElementTree.Element:
    """The only suite of a document of JUnit."""
    root = ElementTree.fromstring(FORMS["junit"](report(*findings, **keys)))
    (tests,) = root
    return tests


def cases(tests: ElementTree.Element, state: str) -> Sequence[tuple[str | None, str | None]]:
    """Class and name of the tests that have an element `state`, or of all without one."""
    return [
        (case.get("classname"), case.get("name"))
        for case in tests
        if (case.find(state) is not None if state else len(case) == 0)
    ]


def test_a_check_and_an_object_are_a_test_which_fails() -> None:
    """With all findings in it; other checks are passed tests."""
    second = replace(SHOP, message="the result has no label 'node'; keep it")

    tests = suite(SHOP, second, BROKEN)

    assert ("4", "2", "0") == (tests.get("tests"), tests.get("failures"), tests.get("skipped"))
    shop = "dashboard 'Shop' (shop)"
    assert [("gk.invalid-promql", shop), ("gk.label-gone", shop)] == cases(tests, "failure")
    assert [("gk.rate-of-gauge", "everything"), ("gk.unused-silence", "everything")] == cases(
        tests, ""
    )
    (case,) = (case for case in tests if case.get("classname") == "gk.label-gone")
    failure = case.find("failure")
    assert failure is not None
    assert ("dashboards/shop.py", "7", "warning") == (
        case.get("file"),
        case.get("line"),
        failure.get("type"),
    )
    assert [
        "dashboards/shop.py:7: warning: panel 'Errors' A: the result has no label 'pod'; keep it",
        "dashboards/shop.py:7: warning: panel 'Errors' A: the result has no label 'node'; keep it",
    ] == (failure.text or "").splitlines()


def test_what_does_not_fail_the_run_fails_no_test() -> None:
    """A CI system is red when gk check is. Hints are output of a passed test."""
    tests = suite(HINT)

    assert ("0", []) == (tests.get("failures"), cases(tests, "failure"))
    assert [("gk.label-gone", "dashboard 'Shop' (shop)")] == cases(tests, "system-out")


def test_what_is_silenced_is_a_skipped_test_with_the_reason() -> None:
    """Which CI systems list apart."""
    tests = suite(silenced=[(SHOP, IN_COMMENT)])

    assert "1" == tests.get("skipped")
    assert "silenced: Its pods have gone." in [
        skipped.get("message") for skipped in tests.iter("skipped")
    ]


def test_a_hostile_title_is_text_in_junit() -> None:
    """XML has no control characters, not even escaped."""
    tests = suite(hostile(SHOP), hostile(BROKEN))

    assert ["testcase"] * 4 == [case.tag for case in tests]
    assert all(
        part.isprintable()
        for case in tests.iter("testcase")
        for part in (case.get("name") or "", *(case.itertext()))
        if part.strip()
    )


# Lists and pages of checks


def test_the_list_as_json_has_what_a_program_needs_of_each_check() -> None:
    """Its name, its severity, its page and its options."""
    document = json.loads(CATALOG["json"](Catalog(RAN)))

    assert 1 == document["version"]
    assert list(NAMES) == [check["name"] for check in document["checks"]]
    assert {
        "name": "label-gone",
        "severity": "warning",
        "looks_at": "query",
        "is_live": False,
        "summary": RAN[1].summary,
        "page": RAN[1].page,
        "options": {},
        "is_fixed": False,
        "replaces": list(RAN[1].peers),
        "file": None,
        "line": None,
    } == document["checks"][1]


def test_examples_on_a_page_are_code_of_their_language() -> None:
    """In Markdown, which colours them."""
    problem = "Problem: it\nis.\n\n    rate(x[5m])\n    > 1"
    page = f"Sum.\n\n{problem}\n\nInstead: do.\n\n    a = f(b)\n\nEnd."

    assert (
        "Sum.\n\n**Problem:** it\nis.\n\n```promql\nrate(x[5m])\n> 1\n```\n\n**Instead:** do."
        "\n\n```python\na = f(b)\n```\n\nEnd."
    ) == as_markdown(page)
