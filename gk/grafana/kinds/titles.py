"""Before Grafana 11.3, titles are unique in a folder."""

from __future__ import annotations

from gk.grafana.kinds.api import Refusal, Surroundings
from gk.resource import Resource

__all__ = ["title_is_taken"]


def title_is_taken(resource: Resource, surroundings: Surroundings) -> Refusal | None:
    """A refusal if another object of this kind has the title in the same folder and keeps it."""
    if not surroundings.about.has_unique_titles:
        return None
    for other in surroundings.called(resource.title):
        is_beside = other.kind is resource.kind and other.folder == resource.folder
        defined = surroundings.defined.get(other.key)
        gets_another = defined is not None and defined.title != other.title
        if is_beside and other.uid != resource.uid and not gets_another:
            return Refusal(
                f"another {resource.kind.value} has this title (uid '{other.uid}'); "
                "rename one of them"
            )
    return None
