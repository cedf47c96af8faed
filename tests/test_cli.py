"""The command line, as a process."""

from __future__ import annotations

from tests.conftest import ProjectFolder, RunGk

DASHBOARD = """
    from gk import Dashboard, timeseries
    from gk.promql import node

    dashboard = Dashboard("Node", exporter=node, panels=[timeseries("CPU busy", node.cpu_busy)])
"""


def test_build_says_what_it_wrote(project: ProjectFolder, run_gk: RunGk) -> None:
    """The summary counts resources and files."""
    project.write({"dashboards/node.py": DASHBOARD})

    ran = run_gk("build")

    assert (0, "") == (ran.code, ran.err)
    assert ran.out.startswith("built 1 data source, 1 dashboard\n+ grafana/")
