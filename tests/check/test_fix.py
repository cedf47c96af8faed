"""gk check --fix: what is fixed in exported dashboards, and what is left alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gk.documents.schema_v2 import enveloped, written
from tests.conftest import ProjectFolder, RunGk

STRICT = """
    check:
      checks:
        stale-variable: {severity: warning, on_load: false}
        editable-dashboard: warning
    """
VARIABLE = {
    "name": "pod",
    "type": "query",
    "refresh": 1,
    "datasource": {"type": "prometheus", "uid": "prometheus"},
    "query": {"query": "label_values(up, pod)", "refId": "A"},
}


def export(**keys: Any) -> dict[str, Any]:
    """A dashboard with a panel and the variable `$pod`, with keys added."""
    panel = {
        "type": "timeseries",
        "title": "P",
        "id": 1,
        "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
        "fieldConfig": {"defaults": {"unit": "short"}, "overrides": []},
        "targets": [{"refId": "A", "expr": 'up{pod="$pod"}'}],
    }
    return {
        "title": "D",
        "uid": "d",
        "schemaVersion": 39,
        "editable": False,
        "panels": [panel],
        "templating": {"list": [VARIABLE]},
        **keys,
    }


def test_only_the_fixed_value_changes(project: ProjectFolder, run_gk: RunGk) -> None:
    """Indentation, the order of keys, line breaks and the form of numbers stay."""
    text = json.dumps(export(), indent="\t").replace("\n", "\r\n").replace('"w": 12', '"w": 12.0')
    project.write({"gk.yaml": STRICT})
    file = project.root / "dashboards/d.json"
    file.parent.mkdir()
    file.write_bytes(text.encode())

    ran = run_gk("check", "--fix")

    assert text.replace('"refresh": 1', '"refresh": 2').encode() == file.read_bytes()
    assert "variable $pod: refresh 1 -> 2 [stale-variable]" in ran.err
    assert (0, "no problems") == (ran.code, ran.out[:11])


def test_a_line_says_where(project: ProjectFolder, run_gk: RunGk) -> None:
    """Where the value is in the file."""
    text = json.dumps(export(), indent=2)
    project.write({"gk.yaml": STRICT, "dashboards/d.json": text})
    line = text[: text.index('"refresh"')].count("\n") + 1

    assert f"dashboards/d.json:{line}: variable $pod" in run_gk("check", "--fix").err


def test_a_new_key_is_laid_out_like_the_last(project: ProjectFolder, run_gk: RunGk) -> None:
    """`editable` is true where a document does not say it."""
    body = export(templating={"list": []}, panels=[])
    del body["editable"]
    project.write({"gk.yaml": STRICT, "dashboards/d.json": json.dumps(body, indent=2)})

    run_gk("check", "--fix")

    assert '  },\n  "editable": false\n}' in project.read("dashboards/d.json")


@pytest.mark.parametrize(
    "envelope",
    [
        lambda body: {"dashboard": body, "meta": {"folderTitle": ""}},
        lambda body: {
            "apiVersion": "dashboard.grafana.app/v1beta1",
            "kind": "Dashboard",
            "metadata": {"name": "d"},
            "spec": body,
        },
    ],
)
def test_a_dashboard_in_an_envelope_is_fixed(
    project: ProjectFolder, run_gk: RunGk, envelope: Any
) -> None:
    """Of Grafana's HTTP API, and of its Kubernetes-style API."""
    text = json.dumps(envelope(export()), indent=2)
    project.write({"gk.yaml": STRICT, "dashboards/d.json": text})

    run_gk("check", "--fix")

    assert text.replace('"refresh": 1', '"refresh": 2') == project.read("dashboards/d.json")


def test_a_dashboard_that_is_text_in_a_document_stays(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    """As in an object of Grafana's operator: it is found, and left to people."""
    resource = {
        "apiVersion": "grafana.integreatly.org/v1beta1",
        "kind": "GrafanaDashboard",
        "metadata": {"name": "d"},
        "spec": {"json": json.dumps(export())},
    }
    text = json.dumps(resource)
    project.write({"gk.yaml": STRICT, "dashboards/d.json": text})

    ran = run_gk("check", "--fix")

    assert text == project.read("dashboards/d.json")
    assert (1, True) == (ran.code, "[stale-variable]" in ran.out)


def test_a_dashboard_of_schema_v2_stays(project: ProjectFolder, run_gk: RunGk) -> None:
    """A fix knows classic dashboards."""
    spec, lost = written(export(editable=True), "v2beta1")
    text = json.dumps(enveloped(spec, "d", "v2beta1"), indent=2)
    project.write({"gk.yaml": STRICT, "dashboards/d.json": text})

    ran = run_gk("check", "--fix")

    assert (text, []) == (project.read("dashboards/d.json"), lost)
    assert (1, True) == (ran.code, "[editable-dashboard]" in ran.out)


def test_definitions_in_python_stay(project: ProjectFolder, run_gk: RunGk) -> None:
    """The finding says what to write."""
    text = 'from gk import Dashboard\nd = Dashboard("D", panels=[])\n'
    project.write({"gk.yaml": STRICT, "dashboards/d.py": text})

    ran = run_gk("check", "--fix")

    assert text == project.read("dashboards/d.py")
    assert (1, "") == (ran.code, ran.err)
    assert "set editable=False [editable-dashboard]" in ran.out


def test_only_limits_what_is_fixed(project: ProjectFolder, run_gk: RunGk) -> None:
    """To the checks that it names."""
    text = json.dumps(export(editable=True), indent=2)
    project.write({"gk.yaml": STRICT, "dashboards/d.json": text})

    run_gk("check", "--fix", "--only", "editable-dashboard")

    assert text.replace('"editable": true', '"editable": false') == project.read(
        "dashboards/d.json"
    )


def test_what_is_silenced_stays(project: ProjectFolder, run_gk: RunGk) -> None:
    """Somebody gave a reason."""
    text = json.dumps(export(), indent=2)
    silence = "\n      silences:\n        - {check: stale-variable, reason: Pods never change.}\n"
    project.write({"gk.yaml": STRICT.rstrip() + silence, "dashboards/d.json": text})

    ran = run_gk("check", "--fix")

    assert text == project.read("dashboards/d.json")
    assert (0, "") == (ran.code, ran.err)


def test_what_is_not_found_is_not_touched(project: ProjectFolder, run_gk: RunGk) -> None:
    """A check that is off fixes nothing."""
    text = json.dumps(export(editable=True), indent=2)
    project.write({"dashboards/d.json": text})

    ran = run_gk("check", "--fix")

    assert text == project.read("dashboards/d.json")
    assert (0, "") == (ran.code, ran.err)


def test_several_files_and_checks_are_fixed_at_once(project: ProjectFolder, run_gk: RunGk) -> None:
    """Units, positions, variables and the refresh."""
    panel = {
        **export()["panels"][0],
        "gridPos": {"x": 20, "y": 0, "w": 12, "h": 8},
        "fieldConfig": {"defaults": {"unit": "percentUnit"}, "overrides": []},
    }
    project.write(
        {
            "dashboards/a.json": json.dumps(export(uid="a", title="A", panels=[panel])),
            "dashboards/b.json": json.dumps(export(uid="b", title="B", refresh="1s")),
        }
    )

    ran = run_gk("check", "--fix")

    fixed = json.loads(project.read("dashboards/a.json"))["panels"][0]
    assert ("percentunit", 12) == (
        fixed["fieldConfig"]["defaults"]["unit"],
        fixed["gridPos"]["x"],
    )
    assert "10s" == json.loads(project.read("dashboards/b.json"))["refresh"]
    assert "changed 2 files" in ran.err
    assert 0 == ran.code


def test_a_panel_of_part_of_a_column_is_moved_onto_the_grid(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    """And the output says where to."""
    panel = {**export()["panels"][0], "gridPos": {"x": 20, "y": 0, "w": 6.5, "h": 8}}
    project.write({"dashboards/a.json": json.dumps(export(panels=[panel]))})

    ran = run_gk("check", "--fix", "--only", "panel-off-grid")

    assert 17 == json.loads(project.read("dashboards/a.json"))["panels"][0]["gridPos"]["x"]
    assert "x 20 -> 17" in ran.err


def test_a_fix_that_changes_something_else_is_not_written(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    """A definition in Python reads the file, so another dashboard would change, too."""
    text = json.dumps(export(), indent=2)
    module = """
        import json
        from pathlib import Path

        other = json.loads((Path(__file__).parent / "d.json").read_text())
        other |= {"uid": "o", "title": "O"}
        """
    project.write({"gk.yaml": STRICT, "dashboards/d.json": text, "dashboards/o.py": module})

    ran = run_gk("check", "--fix")

    assert text == project.read("dashboards/d.json")
    assert "dashboards/d.json: stale-variable is not fixed: something else would change" in ran.err
    assert 1 == ran.code


def test_a_link_out_of_the_project_is_not_followed(project: ProjectFolder, run_gk: RunGk) -> None:
    """The file belongs to somebody else."""
    text = json.dumps(export(), indent=2)
    outside = project.root.parent / "theirs.json"
    outside.write_text(text)
    project.write({"gk.yaml": STRICT, "dashboards/e.py": ""})
    (project.root / "dashboards/d.json").symlink_to(outside)

    ran = run_gk("check", "--fix")

    assert text == outside.read_text()
    assert (2, True) == (ran.code, "is a link to a file outside of the project" in ran.err)


def test_a_fix_is_proven_in_every_environment(project: ProjectFolder, run_gk: RunGk) -> None:
    """Each builds the same file."""
    text = json.dumps(export(), indent=2)
    environments = "    environments:\n      dev: {}\n      prod: {}\n"
    project.write({"gk.yaml": STRICT.rstrip() + "\n" + environments, "dashboards/d.json": text})

    ran = run_gk("check", "--fix")

    assert text.replace('"refresh": 1', '"refresh": 2') == project.read("dashboards/d.json")
    assert (0, 1) == (ran.code, ran.err.count("fixed dashboards/d.json"))


def test_a_rate_over_the_interval_gets_the_variable_for_rates(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    """An increase would then be that of another time: it stays, and is reported."""
    both = "rate(a_total[$__interval]) + rate(b_total[${__interval}])"
    increase = "increase(a_total[$__interval])"
    source = {"type": "prometheus", "uid": "prometheus"}
    dashboard = export()
    dashboard["panels"][0]["targets"] = [
        {"refId": ref, "expr": expr, "datasource": source}
        for ref, expr in (("A", both), ("B", increase))
    ]
    project.write({"dashboards/d.json": json.dumps(dashboard)})

    ran = run_gk("check", "--only", "interval-variable", "--fix")

    fixed, kept = json.loads(project.read("dashboards/d.json"))["panels"][0]["targets"]
    assert "rate(a_total[$__rate_interval]) + rate(b_total[$__rate_interval])" == fixed["expr"]
    assert increase == kept["expr"]
    assert "panel 'P' B: increase() over $__interval" in ran.out


def test_a_check_of_a_team_fixes_what_it_finds(project: ProjectFolder, run_gk: RunGk) -> None:
    """And gk.yaml may set its severity, as of all others."""
    project.write(
        {
            "gk.yaml": "check: {checks: {tooltip-alone: warning}}",
            "dashboards/d.json": json.dumps(export(graphTooltip=2), indent=2),
            "checks/tooltips.py": '''
                from gk.check import Dashboard, Severity, check

                def _fix(body):
                    if body.get("graphTooltip") == 2:
                        body["graphTooltip"] = 1
                        yield "graphTooltip 2 -> 1"

                @check(Severity.INFO, fix=_fix)
                def tooltip_alone(dashboard: Dashboard):
                    """All panels show a tooltip."""
                    if dashboard.body.get("graphTooltip") == 2:
                        yield "share the crosshair only"
            ''',
        }
    )

    ran = run_gk("check", "--fix", "--only", "tooltip-alone")

    assert 0 == ran.code
    assert "graphTooltip 2 -> 1 [tooltip-alone]" in ran.err
    assert '"graphTooltip": 1' in project.read("dashboards/d.json")
