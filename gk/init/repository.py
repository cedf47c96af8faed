"""The files of a new repository, from the templates beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

import jinja2

from gk.init.sets import RUNBOOKS
from gk.init.surroundings import FORGES, Surroundings, requirement

__all__ = ["SAMPLE_DATASOURCE", "repository", "sample_datasource"]

SAMPLE_DATASOURCE = "datasources/prometheus.py"
"""The file of a new repository that defines the data source `prometheus`."""
_FILES: Mapping[str, str] = MappingProxyType(
    {
        "README.md": "README.md",
        "gk.yaml": "gk.yaml",
        SAMPLE_DATASOURCE: "prometheus.py",
        "dashboards/snippets.py": "snippets.py",
        "dashboards/scrapes.py": "dashboard.py",
        "alerts/scrapes.py": "alerts.py",
        f"{RUNBOOKS}/TargetNotAnswering.md": "runbook.md",
        "tests/test_project.py": "test_project.py",
        "tests/alerts/scrapes.yaml": "alert_cases.yaml",
        "requirements.txt": "requirements.txt",
        "requirements-dev.txt": "requirements-dev.txt",
        "pyproject.toml": "pyproject.toml",
        ".pre-commit-config.yaml": "pre-commit.yaml",
        ".gitignore": "gitignore",
    }
)
"""Files of a repository, and their templates."""
_CI = {
    "github": (".github/workflows/gk.yml", "github.yml"),
    "gitlab": (".gitlab-ci.yml", "gitlab.yml"),
}
_RUNBOOKS = {"github": "/blob/HEAD/", "gitlab": "/-/blob/HEAD/"}
"""Between a repository's page and the path of a file."""


def sample_datasource() -> str:
    """The text of that file as long as nobody edits it."""
    return _rendered(_FILES[SAMPLE_DATASOURCE], {})


def repository(project: str, forge: str, around: Surroundings, sets: list[str]) -> dict[str, str]:
    """The files of a new repository: texts by path. Without a forge it has no CI file."""
    address = around.address or f"https://{forge or 'github'}.com/YOUR-TEAM/{project}"
    blob = _RUNBOOKS[around.forge or forge or "github"]
    values = {
        "project": project,
        "has_address": bool(around.address),
        "runbooks": f"{address}{blob}{RUNBOOKS}/{{alert}}.md",
        "requirement": requirement(),
        "forge": FORGES.get(forge, ""),
        "sets": sets,
    }
    chosen = {**_FILES, **dict([_CI[forge]] if forge else [])}
    return {path: _rendered(name, values) for path, name in chosen.items()}


# Neither GitHub's ${{ }} nor Prometheus's {{ }} may be taken for a variable.
_ENVIRONMENT = jinja2.Environment(
    variable_start_string="[[",
    variable_end_string="]]",
    block_start_string="[%",
    block_end_string="%]",
    trim_blocks=True,
    keep_trailing_newline=True,
    undefined=jinja2.StrictUndefined,
    autoescape=False,
)


def _rendered(name: str, values: Mapping[str, object]) -> str:
    text = (files("gk.init") / "templates" / f"{name}.jinja").read_text("utf-8")
    return _ENVIRONMENT.from_string(text).render(values)
