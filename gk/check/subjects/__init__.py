"""What checks look at: values that read one part of a resource, and know what it is in.

    Project > Dashboard > Panel, Variable, Annotation > Query > Expression
    Project > Group     > Rule                        > Query > Expression

An `Expression` is the text of a query. It is checked once, wherever it is shown: in a snippet, that
is where it is written. A `Query` is one in its place.

A document may come from anywhere, so a value in it may have any shape: what is malformed reads as
empty. Dashboards of schema v2 are read as classic ones.
"""

from __future__ import annotations

from gk.check.subjects.dashboards import Annotation, Dashboard, Outline, Panel, Variable
from gk.check.subjects.project import Project
from gk.check.subjects.queries import DEEPEST, Expression, Query, Written
from gk.check.subjects.rules import Group, Rule
from gk.check.subjects.silences import Silence, Silenced

__all__ = [
    "DEEPEST",
    "Annotation",
    "Dashboard",
    "Expression",
    "Group",
    "Outline",
    "Panel",
    "Project",
    "Query",
    "Rule",
    "Silence",
    "Silenced",
    "Variable",
    "Written",
]
