"""Any dashboard imports: what is written builds what was read, or the report says that it does
not."""

from __future__ import annotations

from hypothesis import assume, example, given, settings

from gk import Dashboard
from gk.decompile.inputs import with_inputs
from gk.decompile.proof import Project, Proven, proven
from gk.errors import Source
from gk.resource import Kind, Resource, canonical
from tests.compile.test_foreign_laws import BODIES, DEFINITIONS, spoilt
from tests.definitions import Json, dashboard
from tests.diff.test_laws import changes

SETTINGS = {"gk.yaml": "folder: ''\nbuild: {formats: [grafana]}\n"}
FEW = settings(max_examples=25)
"""An import builds a project, mostly more than once."""


def resource(body: Json) -> Resource:
    """A dashboard as it is read from a file."""
    try:
        json = canonical({**body, "uid": "u"})
    except TypeError:
        # No file has an unpaired surrogate.
        assume(False)
    title = str(body.get("title") or "T")
    return Resource(Kind.DASHBOARD, "u", title, "", json, Source("t.json"))


def imported(body: Json) -> Proven:
    """A dashboard as definitions of a new project."""
    filled, _ = with_inputs([resource(body)])
    return proven(filled, Project(None, SETTINGS))


def is_true(proof: Proven, body: Json) -> bool:
    """Whether a report of equality is what another build of the same text confirms."""
    if not proof.is_equal:
        return bool(proof.problems or (proof.diff and proof.diff.changes))
    [built] = [
        candidate
        for candidate in Project(None, SETTINGS).built(proof.definitions.files, is_pushed=False)
        if candidate.kind is Kind.DASHBOARD
    ]
    [filled] = with_inputs([resource(body)])[0]
    return not changes(filled.body, built.body)


@FEW
@given(BODIES)
def test_any_dashboard_is_equal_or_said_not_to_be(body: Json) -> None:
    proof = imported(body)
    assert is_true(proof, body)
    assert proof.definitions.files == imported(body).definitions.files


@FEW
@given(spoilt())
@example({"title": "T", "graphTooltip": 1.0})
def test_a_dashboard_with_a_mistake_is_equal_or_said_not_to_be(body: Json) -> None:
    """Whatever stands where something else belongs, an import ends with a report."""
    proof = imported(body)
    assert is_true(proof, body)


@FEW
@given(DEFINITIONS)
def test_what_gk_builds_is_equal_or_said_not_to_be(definition: Dashboard) -> None:
    """It differs only where panels overlap: Grafana draws the order of the list."""
    body = dashboard(definition)
    proof = imported(body)
    assert is_true(proof, body)
    assert proof.diff is not None
