"""What a team may want of the variables `$job` and `$instance`, which choose the targets of
Prometheus that a dashboard is about."""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found
from gk.check.subjects import Dashboard, Variable
from gk.documents.parts import path
from gk.documents.references import is_prometheus, references
from gk.errors import Where

__all__ = ["mistakes"]


def mistakes(dashboard: Dashboard, name: str, label: str, all_value: str) -> Iterator[Found]:
    """What is wrong with the variable of this name, if the dashboard asks a Prometheus."""
    variable = next((known for known in dashboard.variables if known.name == name), None)
    if variable:
        where = Where("variable", name)
        yield from (Found(text, where) for text in _of_variable(variable, label, all_value))
    elif any(is_prometheus({"datasource": ref}) for ref in references(dashboard.body)):
        yield Found(f"has no variable ${name}, so readers cannot choose; add it")


def _of_variable(variable: Variable, label: str, all_value: str) -> Iterator[str]:
    body = variable.body
    if body.get("type") != "query" or not is_prometheus(body):
        yield "does not query Prometheus for its values; make it a query variable"
        return
    if "$" not in str(path(body, "datasource").get("uid")):
        yield "always queries the same data source; use the one of a variable"
    if label and body.get("label") != label:
        yield f"has the label '{body.get('label', '')}'; write '{label}'"
    if not body.get("multi"):
        yield "has one value at a time; allow several (multi)"
    if all_value and (not body.get("includeAll") or body.get("allValue") != all_value):
        yield f"does not use '{all_value}' for all values; set includeAll, and allValue to it"
