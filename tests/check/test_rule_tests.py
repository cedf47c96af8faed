"""Tests of rules in promtool's format, run by gk check with a real promtool."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gk.check import promtool
from gk.check.rule_tests import Expectation, Failure, RuleTests, parsed, read
from tests.cases import every
from tests.conftest import ProjectFolder, RunGk

ALERTS = """
    from gk import alert, alert_group

    rules = alert_group("shop", [
        alert("ShopDown", 'up{job="shop"} == 0', for_="5m", summary="{{ $labels.job }} is down"),
    ])
"""
FIRES = "{exp_labels: {job: shop, severity: warning}, exp_annotations: {summary: shop is down}}"


def file_of(
    *expectations: str, rules: str = "../../provisioning/prometheus/rules/shop.yaml"
) -> str:
    """A file of tests with one case; its expectations begin on line 8."""
    lines = [
        f"rule_files: [{rules}]",
        "evaluation_interval: 1m",
        "tests:",
        "- name: the shop is down",
        "  interval: 1m",
        "  input_series: [{series: 'up{job=\"shop\"}', values: 0x20}]",
        "  alert_rule_test:",
        *(f"  - {{{expectation}}}" for expectation in expectations),
    ]
    return "\n".join(lines) + "\n"


@pytest.fixture
def shop(project: ProjectFolder) -> ProjectFolder:
    """A project with an alert, which is not built."""
    if not shutil.which("promtool"):
        pytest.skip("not installed: promtool")
    return project.write({"alerts/shop.py": ALERTS})


def failures(shop: ProjectFolder, text: str, run_gk: RunGk) -> list[str]:
    """What gk check prints about a file of tests, without its name."""
    shop.write({"tests/alerts/shop.yaml": text})
    ran = run_gk("check", "--only", "failing-rule-test")
    assert ran.err == ""
    *lines, _ = ran.out.splitlines()
    assert ran.code == (1 if lines else 0)
    return [
        line.removeprefix("tests/alerts/shop.yaml:").removesuffix(" [failing-rule-test]")
        for line in lines
    ]


def test_a_test_that_holds_passes(shop: ProjectFolder, run_gk: RunGk) -> None:
    """On rules that were never written to provisioning/, and nothing is written there."""
    text = file_of(
        "eval_time: 4m, alertname: ShopDown, exp_alerts: []",
        f"eval_time: 10m, alertname: ShopDown, exp_alerts: [{FIRES}]",
    )

    assert [] == failures(shop, text, run_gk)
    assert not (shop.root / "provisioning").exists()


def test_the_report_says_how_many_files_ran(shop: ProjectFolder, run_gk: RunGk) -> None:
    """So that no test passes which did not run."""
    shop.write({"tests/alerts/shop.yaml": file_of()})

    counts = [run_gk("check", *given).out.splitlines()[-1] for given in ([], ["--no-tests"])]

    assert [True, False] == ["1 file of rule tests" in count for count in counts]


def test_an_alert_that_does_not_fire_is_at_the_line_that_expects_it(
    shop: ProjectFolder, run_gk: RunGk
) -> None:
    """With its labels, and the case."""
    text = file_of(f"eval_time: 2m, alertname: ShopDown, exp_alerts: [{FIRES}]")

    assert [
        "8: error: rule test 'the shop is down': ShopDown at 2m: expected "
        '{job="shop", severity="warning"}, which does not fire'
    ] == failures(shop, text, run_gk)


def test_an_alert_that_fires_unexpectedly_fails(shop: ProjectFolder, run_gk: RunGk) -> None:
    """The first expectation holds, so the second one's line is told."""
    text = file_of(
        "eval_time: 4m, alertname: ShopDown, exp_alerts: []",
        "eval_time: 10m, alertname: ShopDown, exp_alerts: []",
    )

    assert [
        "9: error: rule test 'the shop is down': ShopDown at 10m: 1 alert fires "
        '({job="shop", severity="warning"}) though the test expects none'
    ] == failures(shop, text, run_gk)


def test_another_label_fails_with_both_values(shop: ProjectFolder, run_gk: RunGk) -> None:
    """Without the alert's name, which both have."""
    other = FIRES.replace("warning", "critical")
    text = file_of(f"eval_time: 10m, alertname: ShopDown, exp_alerts: [{other}]")

    (failure,) = failures(shop, text, run_gk)

    assert failure.endswith(
        'expected {job="shop", severity="critical"}, and got {job="shop", severity="warning"}'
    )


def test_another_text_fails_with_both_texts(shop: ProjectFolder, run_gk: RunGk) -> None:
    """Only the annotation that differs."""
    other = FIRES.replace("is down", "is away")
    text = file_of(f"eval_time: 10m, alertname: ShopDown, exp_alerts: [{other}]")

    (failure,) = failures(shop, text, run_gk)

    assert failure.endswith('annotation summary is "shop is down", expected "shop is away"')


def test_an_expression_with_another_value_fails(shop: ProjectFolder, run_gk: RunGk) -> None:
    """At its line."""
    text = file_of() + (
        "  promql_expr_test:\n"
        "  - {expr: count(ALERTS), eval_time: 10m, exp_samples: [{labels: '{}', value: 2}]}\n"
    )

    (failure,) = failures(shop, text, run_gk)

    assert failure.startswith(
        "9: error: rule test 'the shop is down': count(ALERTS) at 10m: expected"
    )


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param(
            "1: error: gk build writes no rule file ../../provisioning/prometheus/rules/old.yaml, "
            "and the project has none",
            file_of(
                f"eval_time: 10m, alertname: ShopDown, exp_alerts: [{FIRES}]",
                rules="../../provisioning/prometheus/rules/old.yaml",
            ),
            id="rule-file",
        ),
        pytest.param(
            "8: error: promtool cannot read it: field evl_time not found in type",
            file_of("evl_time: 10m, alertname: ShopDown"),
            id="key",
        ),
        pytest.param(
            "1: error: promtool cannot run it: 1:16: parse error: unexpected identifier",
            file_of("eval_time: 10m, alertname: ShopDown").replace("0x20", "zero"),
            id="series",
        ),
        pytest.param("2: error: is not YAML: ", "tests: {\n", id="yaml"),
    ],
)
def test_a_file_that_promtool_does_not_take_fails(
    shop: ProjectFolder, run_gk: RunGk, expected: str, text: str
) -> None:
    """With the reason, and where it is known with the line."""
    (failure,) = failures(shop, text, run_gk)

    assert failure.startswith(expected)


def test_a_rule_that_cannot_be_evaluated_fails(shop: ProjectFolder, run_gk: RunGk) -> None:
    """Once, with the reason."""
    shop.write({"alerts/shop.py": ALERTS.replace("== 0", "* on () up == 0")})
    text = file_of("eval_time: 10m, alertname: ShopDown, exp_alerts: []").replace(
        "values: 0x20}]", 'values: 0x20}, {series: \'up{job="shop", n="2"}\', values: 0x20}]'
    )

    (failure,) = failures(shop, text, run_gk)

    assert failure.startswith(
        "1: error: ShopDown cannot be evaluated at 0s: found duplicate series"
    )


def test_a_rule_file_left_by_an_earlier_build_is_not_tested(
    shop: ProjectFolder, run_gk: RunGk
) -> None:
    """The definitions count, not what is on disk."""
    run_gk("build")
    shop.write({"alerts/shop.py": ALERTS.replace("ShopDown", "ShopAway")})
    text = file_of(f"eval_time: 10m, alertname: ShopDown, exp_alerts: [{FIRES}]")

    (failure,) = failures(shop, text, run_gk)

    assert "which does not fire" in failure


def test_rule_files_beside_those_of_gk_are_tested_too(shop: ProjectFolder, run_gk: RunGk) -> None:
    """A test may name any file of the project."""
    shop.write(
        {
            "others/rules.yaml": """
                groups:
                - name: others
                  rules: [{alert: Other, expr: up == 0}]
            """
        }
    )
    fires = "exp_alerts: [{exp_labels: {job: shop}}]"
    text = file_of(f"eval_time: 10m, alertname: Other, {fires}", rules="../../others/*.yaml")

    assert [] == failures(shop, text, run_gk)


def test_tests_of_another_environment_are_left_out(shop: ProjectFolder, run_gk: RunGk) -> None:
    """Each environment has rule files of its own."""
    shop.write({"gk.yaml": "environments: {prod: {}, staging: {}}"})
    fires = f"eval_time: 10m, alertname: ShopDown, exp_alerts: [{FIRES}]"
    text = file_of(fires, rules="../../provisioning/prod/prometheus/rules/shop.yaml")

    assert [] == failures(shop, text, run_gk)


def test_no_tests_run_if_somebody_says_so(shop: ProjectFolder, run_gk: RunGk) -> None:
    """They may take long."""
    shop.write({"tests/alerts/shop.yaml": file_of("eval_time: 10m, alertname: ShopDown")})

    assert 0 == run_gk("check", "--no-tests", "--only", "failing-rule-test").code


def test_without_promtool_the_tests_are_not_run(
    project: ProjectFolder, run_gk: RunGk, tmp_path: Path
) -> None:
    """Which is said once, and they do not count as passed."""
    project.write({"alerts/shop.py": ALERTS, "tests/alerts/a.yaml": file_of()})
    project.write({"tests/alerts/b.yaml": file_of()})

    ran = run_gk("check", "--only", "rule-tests-not-run", env={"PATH": str(tmp_path)})

    first, counts = ran.out.splitlines()
    assert first.startswith(
        "tests/alerts/a.yaml: info: 2 files of tests did not run: promtool is not installed"
    )
    assert "of rule tests" not in counts


def fake(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> RuleTests:
    """What comes of a test in `folder` if promtool is a shell script."""
    program = folder / "promtool"
    program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    tests = folder / "tests" / "alerts"
    tests.mkdir(parents=True)
    (tests / "a.yaml").write_text(file_of(), "utf-8")
    return promtool.run(read(folder), {}, folder, output="provisioning")


def test_a_test_that_takes_too_long_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ended."""
    monkeypatch.setattr(promtool, "MOST_SECONDS", 0.1)

    (test,) = fake(tmp_path, monkeypatch, "exec sleep 60").files

    assert "promtool took more than 0.1 s; divide the file, or test a shorter time" == (
        test.failures[0].message
    )


def test_a_failure_in_words_that_gk_does_not_know_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later promtool may word it differently."""
    (test,) = fake(tmp_path, monkeypatch, "echo 'It is wrong.' >&2; exit 1").files

    assert (Failure("promtool fails: It is wrong."),) == test.failures


def test_what_a_file_expects_is_read_without_promtool() -> None:
    """Alerts with their labels and lines; a query of ALERTS is about the alert that it names."""
    text = """
tests:
- name: down
  alert_rule_test:
  - {eval_time: 1m, alertname: A, exp_alerts: []}
  - {eval_time: 9m, alertname: A, exp_alerts: [{exp_labels: {job: x}}, {}]}
  promql_expr_test:
  - {expr: 'ALERTS{alertname="B", job="y"}', eval_time: 2m, exp_samples: [{value: 1}]}
  - {expr: 'ALERTS{alertname="C"}', eval_time: 2m, exp_samples: []}
"""

    test = parsed("a.yaml", text.encode())

    assert test is not None
    assert [
        Expectation("A", "1m", 5),
        Expectation("A", "9m", 6, (("A", {"job": "x"}), ("A", {}))),
        Expectation(
            'ALERTS{alertname="B", job="y"}', "2m", 8, (("B", {"job": "y"}),), is_alert=False
        ),
        Expectation('ALERTS{alertname="C"}', "2m", 9, is_alert=False),
    ] == list(test.expectations)


@every(
    "text",
    [
        "",
        "[]",
        "1",
        "tests: 1",
        "tests: [1, {}, {alert_rule_test: {}}, {alert_rule_test: [1, {exp_alerts: [1, []]}]}]",
        "tests: [{promql_expr_test: [{expr: 'ALERTS{', exp_samples: [1]}, {expr: [ALERTS]}]}]",
        "rule_files: {a: b}",
        "[" * 5000,
        "a: &a [*a]",
        "\x00",
    ],
)
def test_a_file_may_have_any_shape(text: str) -> None:
    """What is no test reads as none, or as a mistake."""
    test = parsed("a.yaml", text.encode())

    expectations = test.expectations if test else ()
    assert {""} >= {name for expectation in expectations for name, _ in expectation.alerts}
