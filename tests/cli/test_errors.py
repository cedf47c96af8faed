"""What a user sees of each mistake, as a whole: golden/errors/<case>.txt has the exit code and
standard error.

GK_UPDATE_GOLDEN=1 writes the files anew, and a review shows the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from gk.errors import GkError, Problem, Source, Where, did_you_mean
from tests.conftest import DATASOURCE, ProjectFolder, RunGk

GOLDEN = Path(__file__).parent.parent / "golden" / "errors"

PROMETHEUS = {"datasources/prometheus.py": DATASOURCE}
NODE = """
    from gk import Dashboard, timeseries
    from gk.library import node

    dashboard = Dashboard(
        "Node",
        uid="node",
        exporter=node,
        panels=[
            timeseries("CPU busy", node.cpu_busy),
        ],
    )
"""
API = NODE.replace('"Node"', '"API"').replace('"node"', '"api"')
TEAM_SNIPPETS = """
    from gk.promql.snippet import Exporter

    exporter = Exporter("team")


    @exporter.snippet()
    def share(s, part=1, whole=1):
        return f"{part / whole} * {s.select('up')}"


    @exporter.snippet()
    def unclosed(s):
        return f"sum({s.select('up')}"
"""
TEAM_DASHBOARD = """
    from dashboards import _snippets as team
    from gk import Dashboard, stat

    dashboard = Dashboard("Team", panels=[stat("Share", QUERY)])
"""


def dashboard(line: str) -> dict[str, str]:
    """A project with one panel, which is at line 10 of its file."""
    return {
        **PROMETHEUS,
        "dashboards/node.py": NODE.replace('timeseries("CPU busy", node.cpu_busy)', line),
    }


def alerts(lines: str) -> dict[str, str]:
    """A project with an alert file that has a contact point."""
    first = "from gk import alert, alert_group, contact_point, notification_policy, receiver\n\n"
    point = 'oncall = contact_point("oncall", receiver("email", {"addresses": "a@b"}))\n'
    return {**PROMETHEUS, "gk.yaml": "", "alerts/team.py": f"{first}{point}{lines}\n"}


MISTAKES = {
    "unit": dashboard('timeseries("CPU busy", node.cpu_busy, unit="percentUnit")'),
    "snippet-name": dashboard('timeseries("CPU busy", node.cpu_bussy)'),
    "import-from-gk": dashboard("")
    | {"dashboards/node.py": "from gk import Dashboard\nfrom gk import timesries\n"},
    "import-from-definitions": {
        **PROMETHEUS,
        "dashboards/node.py": "from datasources.prometheus import promtheus\n",
    },
    "import-of-no-module": {
        **PROMETHEUS,
        "dashboards/node.py": "import datasources.prometheus\nimport datasources.promtheus\n",
    },
    "undefined-name": dashboard('timeseries("CPU busy", nodes.cpu_busy)'),
    "argument-of-panel": dashboard('timeseries("CPU busy", node.cpu_busy, hight=8)'),
    "argument-of-dashboard": {**PROMETHEUS, "dashboards/node.py": NODE.replace("uid=", "id=")},
    "argument-of-snippet": dashboard('timeseries("CPU busy", node.filesystem_used(mount="/"))'),
    "argument-of-alert": alerts(
        'group = alert_group(\n    "g",\n    [alert("A", "up == 0", sumary="down")],\n)'
    ),
    "argument-missing": dashboard("timeseries()"),
    "argument-of-own-function": {
        **PROMETHEUS,
        "dashboards/node.py": """
            def dashboard(title):
                return title

            dashboard(titel="Node")
        """,
    },
    "exception": dashboard('timeseries("CPU busy", node.cpu_busy, height=8 / 0)'),
    "exception-in-a-library": dashboard(
        'timeseries("CPU busy", node.cpu_busy, height=__import__("json").loads("[1,"))'
    ),
    "syntax": {
        **PROMETHEUS,
        "dashboards/node.py": "from gk import Dashboard\n\nreturn Dashboard\n",
    },
    "syntax-in-an-imported-module": {
        **PROMETHEUS,
        "dashboards/node.py": "from dashboards import _common\n",
        "dashboards/_common.py": "title = 'Node'\nheight = (8\n",
    },
    "syntax-of-data": {
        **PROMETHEUS,
        "dashboards/node.py": "import ast\n\nast.literal_eval('yield')\n",
    },
    "import-in-a-circle": {
        **PROMETHEUS,
        "dashboards/a.py": "from dashboards.b import height\n\ntitle = 'Team'\n",
        "dashboards/b.py": "from dashboards.a import title\n\nheight = 8\n",
    },
    "file-not-found": {
        **PROMETHEUS,
        "dashboards/node.py": (
            "from pathlib import Path\n\nPath(__file__).with_name('nodes.txt').read_text()\n"
        ),
    },
    "exit": {**PROMETHEUS, "dashboards/node.py": "import sys\n\nsys.exit(0)\n"},
    "no-definitions": {"dashboards/README.md": "Nothing here yet.\n"},
    "no-project": {"README.md": "Nothing here.\n"},
    "settings-unknown-key": {**dashboard(""), "gk.yaml": "folder: Team\nbuild:\n  ouput: out\n"},
    "settings-several": {
        **PROMETHEUS,
        "gk.yaml": "labels: kube\nlinks: {grafana: grafana.local}\nfoo: 1\n",
    },
    "settings-no-yaml": {**PROMETHEUS, "gk.yaml": "folder: Team\nbuild: [\n"},
    "snippet-raises": {
        **PROMETHEUS,
        "dashboards/_snippets.py": TEAM_SNIPPETS,
        "dashboards/team.py": TEAM_DASHBOARD.replace("QUERY", "team.share(whole=0)"),
    },
    "snippet-no-promql": {
        **PROMETHEUS,
        "dashboards/_snippets.py": TEAM_SNIPPETS,
        "dashboards/team.py": TEAM_DASHBOARD.replace("QUERY", "team.unclosed"),
    },
    "duplicate-uid": {
        **PROMETHEUS,
        "dashboards/a.py": NODE,
        "dashboards/b.py": NODE.replace('"Node"', '"Nodes"'),
    },
    "duplicate-title": {
        **PROMETHEUS,
        "gk.yaml": "folder: Team\n",
        "dashboards/a.py": NODE,
        "dashboards/b.py": NODE.replace('"node"', '"node2"').replace('"Node"', '"NODE"'),
    },
    "long-uid": {**PROMETHEUS, "dashboards/node.py": NODE.replace('"node"', f'"{"node-" * 8}1"')},
    "two-default-data-sources": {
        **PROMETHEUS,
        "gk.yaml": "",
        "datasources/mimir.py": DATASOURCE.replace('"Prometheus"', '"Mimir"').replace(
            '"prometheus"', '"mimir"'
        ),
    },
    "missing-data-source": dashboard(
        'timeseries("CPU busy", node.cpu_busy, datasource="promtheus")'
    ),
    "no-data-source-at-all": {
        "dashboards/node.py": NODE,
        "alerts/node.py": """
            from gk import alert, alert_group
            from gk.library import node

            group = alert_group("node", [alert("CPU", node.cpu_busy > 0.9)])
        """,
    },
    "alert-state": alerts(
        'group = alert_group("g", [alert("Down", "up == 0", no_data="Okay", exec_err="Ignore")])'
    ),
    "alert-promql": alerts('group = alert_group("g", [alert("Down", "up = 0")])'),
    "receiver-of-policy": alerts('root = notification_policy("on-call")'),
    "json-broken": {
        **PROMETHEUS,
        "dashboards/exported.json": '{\n  "title": "Exported",\n  "panels": [}\n',
    },
    "json-no-dashboard": {**PROMETHEUS, "dashboards/exported.json": "[1]\n"},
    "several-modules": {
        "dashboards/b.py": "from gk import timesries\n",
        "dashboards/a.py": '\nraise RuntimeError("half done")\n',
        "datasources/z.py": "import sys\nsys.exit()\n",
        "alerts/c.json.py": "1 / 0\n",
    },
    "several-definitions": {
        **PROMETHEUS,
        "dashboards/b.py": NODE.replace("node.cpu_busy)", 'node.cpu_busy, unit="percentUnit")'),
        "dashboards/a.py": API.replace(
            'timeseries("CPU busy", node.cpu_busy)',
            'timeseries("Errors", "rate(errors_total[5m]", unit="req/s"),\n'
            '            timeseries("Latency", "up", datasource="thanos")',
        ),
        "alerts/z.py": (
            'from gk import notification_policy\n\nroot = notification_policy("nobody")\n'
        ),
    },
    "module-that-others-import": {
        **PROMETHEUS,
        "dashboards/a.py": "from dashboards._common import title\n",
        "dashboards/b.py": "from dashboards._common import title\n",
        "dashboards/_common.py": 'title = "Team"\nheight = 8 / 0\n',
    },
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_shown_as_the_golden_file_has_it(
    case: str, empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    """Where it is, what is wrong and what to do, with no traceback of gk's and no path of this
    machine."""
    golden = GOLDEN / f"{case}.txt"
    empty_project.write(MISTAKES[case])

    ran = run_gk("build")

    shown = f"exit code {ran.code}\n{ran.err}"
    if os.environ.get("GK_UPDATE_GOLDEN"):
        golden.write_text(shown, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == shown
    assert "" == ran.out
    assert [] == re.findall(
        rf"Traceback|{empty_project.root}|{Path.cwd()}|site-packages|/gk/", ran.err
    )


def test_every_golden_file_has_a_case() -> None:
    """A case that is gone takes its file with it."""
    assert sorted(MISTAKES) == sorted(path.stem for path in GOLDEN.iterdir())


@pytest.mark.parametrize(
    ("expected", "problem"),
    [
        pytest.param("a.py:3: wrong", Problem(Source("a.py", 3), "wrong"), id="line"),
        pytest.param("a.py: wrong", Problem(Source("a.py"), "wrong"), id="file"),
        pytest.param("wrong", Problem(Source(""), "wrong"), id="nowhere"),
        pytest.param(
            "a.py:3: variable $pod: wrong",
            Problem(Source("a.py", 3), "wrong", Where("variable", "pod")),
            id="part",
        ),
        pytest.param(
            "stat panel without a title: wrong",
            Problem(Source(""), "wrong", Where("stat panel", None)),
            id="untitled",
        ),
        pytest.param(
            "notification policy: wrong",
            Problem(Source(""), "wrong", Where("notification policy", "")),
            id="without-names",
        ),
    ],
)
def test_a_problem_says_where_as_far_as_it_is_known(expected: str, problem: Problem) -> None:
    """Editors and terminals make links of file:line."""
    assert expected == str(problem)


def test_problems_are_sorted_and_told_once() -> None:
    """By file, then by line as a number."""
    problems = [
        Problem(Source(file, line), "wrong")
        for file, line in (("b", 1), ("a", 10), ("a", 9), ("b", 1))
    ]

    assert "a:9: wrong\na:10: wrong\nb:1: wrong" == str(GkError(problems))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param("hight", "; did you mean 'height'?", id="near"),
        pytest.param("WIDTH", "; did you mean 'width'?", id="case"),
        pytest.param("colour", "", id="far"),
        pytest.param("", "", id="empty"),
    ],
)
def test_the_nearest_word_is_named_if_one_is_near(word: str, expected: str) -> None:
    """A guess that is far off would only mislead."""
    assert expected == did_you_mean(word, ["height", "width"])
