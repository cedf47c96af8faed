"""A project whose alerts are written to alerts/rules.py, and what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest

from gk.errors import DefinitionError
from gk.resource import Kind
from tests.conftest import ProjectFolder

Json = dict[str, Any]

SNIPPETS = '''
    """What the tests alert on."""

    from gk.promql import Exporter, Scope

    exporter = Exporter("shop", metric="http_requests_total")
    snippet = exporter.snippet


    @snippet(unit="percentunit")
    def failed(s: Scope, route: str | None = None) -> str:
        """Share of requests that fail."""
        return f"sum by ({s.node}) ({s.rate('http_requests_failed', route=route)})"


    @snippet()
    def text(s: Scope, promql: str) -> str:
        """Any PromQL."""
        return promql


    @snippet()
    def broken(s: Scope) -> str:
        """Fails when it is rendered."""
        return f"sum({s.window / 2})"


    @snippet()
    def unclosed(s: Scope) -> str:
        """Is no PromQL."""
        return "sum("
'''
FAILED = 'sum by (instance) (rate(http_requests_failed{job="shop"}[5m]))'

IMPORTS = """from gk import *
from dashboards.snippets import failed, text, broken, unclosed
"""
FIRST_LINE = IMPORTS.count("\n") + 1


@pytest.fixture
def shop(project: ProjectFolder) -> ProjectFolder:
    """A project with snippets to alert on."""
    return project.write({"dashboards/snippets.py": SNIPPETS})


def write(shop: ProjectFolder, definitions: str, **files: str) -> ProjectFolder:
    """The project with alerts/rules.py, whose definitions start at FIRST_LINE, and with other files
    of alerts/."""
    return shop.write(
        {"alerts/rules.py": IMPORTS + definitions} | {f"alerts/{n}.py": t for n, t in files.items()}
    )


def group(*rules: str, more: str = "") -> str:
    """A group of rules, one a line after its first."""
    return "".join(
        ["rules = alert_group('shop', [\n", *(f"    {rule},\n" for rule in rules), f"]{more})\n"]
    )


def grafana_rule(shop: ProjectFolder, rule: str) -> Json:
    """What Grafana gets of an alert."""
    body: Json = write(shop, group(rule)).resource(Kind.RULE_GROUP).body["rules"][0]
    return body


def prometheus_rule(shop: ProjectFolder, rule: str) -> Json:
    """What Prometheus gets of a rule."""
    body: Json = write(shop, group(rule)).resource(Kind.PROMETHEUS_GROUP).body["rules"][0]
    return body


def mistakes(project: ProjectFolder) -> list[str]:
    """What compile finds wrong, with its places."""
    with pytest.raises(DefinitionError) as caught:
        project.resources()
    return [str(problem) for problem in caught.value.problems]


def mistake(project: ProjectFolder) -> str:
    """The only thing that compile finds wrong."""
    (message,) = mistakes(project)
    return message
