"""Any dashboard imports: what is written builds what was read, or the report says that it does
not."""

from __future__ import annotations

from hypothesis import assume, given, settings

from gk import Dashboard
from gk.decompile.inputs import with_inputs
from gk.decompile.proof import Project, Proven, proven
from gk.errors import Source
from gk.resource import Kind, Resource, canonical
from tests.definitions import Json, dashboard
from tests.test_foreign_laws import BODIES, DEFINITIONS, spoilt

SETTINGS = {"gk.yaml": "folder: ''\nbuild: {formats: [grafana]}\n"}
FEW = settings(max_examples=25)
"""An import builds a project, mostly more than once."""


def imported(body: Json) -> Proven:
    """A dashboard as definitions of a new project."""
    try:
        json = canonical({**body, "uid": "u"})
    except TypeError:
        # No file has an unpaired surrogate.
        assume(False)
    resource = Resource(
        Kind.DASHBOARD, "u", str(body.get("title") or "T"), "", json, Source("t.json")
    )
    filled, _ = with_inputs([resource])
    return proven(filled, Project(None, SETTINGS))


def is_said(proof: Proven) -> bool:
    """Whether the report says that something is not as it was."""
    return bool(proof.problems or (proof.diff and proof.diff.changes))


@FEW
@given(BODIES)
def test_any_dashboard_is_equal_or_said_not_to_be(body: Json) -> None:
    proof = imported(body)
    assert proof.is_equal != is_said(proof)
    assert proof.definitions.files == imported(body).definitions.files


@FEW
@given(spoilt())
def test_a_dashboard_with_a_mistake_is_equal_or_said_not_to_be(body: Json) -> None:
    """Whatever stands where something else belongs, an import ends with a report."""
    proof = imported(body)
    assert proof.is_equal != is_said(proof)


@FEW
@given(DEFINITIONS)
def test_what_gk_builds_is_equal_or_said_not_to_be(definition: Dashboard) -> None:
    """It differs only where panels overlap: Grafana draws the order of the list."""
    proof = imported(dashboard(definition))
    assert proof.is_equal != is_said(proof)
    assert proof.diff is not None
