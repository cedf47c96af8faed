"""The annotations of Kubernetes objects: their size is limited, and client-side apply keeps the
whole object in one of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gk.provisioning.text import WithJson, load_yaml

__all__ = ["warnings"]

MAX_ANNOTATIONS = 262_144
"""Bytes of all annotations of an object, with their keys
(apimachinery/pkg/api/validation/objectmeta.go)."""
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation in which client-side apply keeps the whole object, as JSON."""

FOR_KUSTOMIZE = ("Kustomization", "Component", "Deployment", "StatefulSet")
"""What is not applied as it is: kustomizations, and patches."""


def warnings(written: Mapping[str, bytes | WithJson]) -> Iterator[str]:
    """A warning for each manifest that client-side `kubectl apply` cannot apply."""
    for path, size in _annotated(written):
        if size > MAX_ANNOTATIONS:
            yield (
                f"{path}: client-side `kubectl apply` keeps it in annotations of {size:,} bytes, "
                f"and an object holds {MAX_ANNOTATIONS:,}: use `kubectl apply --server-side`"
            )


def _annotated(written: Mapping[str, bytes | WithJson]) -> Iterator[tuple[str, int]]:
    """The sizes of the annotations of objects after client-side apply; not of small objects."""
    for path, text in written.items():
        manifest = bytes(text)
        # Parsing all dashboards would take longer than the rest of the build.
        if _most_json(manifest) > MAX_ANNOTATIONS:
            body = load_yaml(manifest)
            if body["kind"] not in FOR_KUSTOMIZE:
                yield path, _annotation_size(body)


def _most_json(manifest: bytes) -> int:
    """No fewer bytes than the annotations of an object have: JSON has more signs around each line
    than YAML, and escapes more. The other annotations count twice, and are short."""
    # Deleting signs takes half as long as counting each.
    grows = len(manifest) - len(manifest.translate(None, b'<>&\\"\n'))
    return len(manifest) + 5 * (grows + manifest.count(b"\xe2\x80")) + 2000


def _annotation_size(manifest: Mapping[str, Any]) -> int:
    """The bytes of the annotations of an object after client-side apply.

    kubectl writes what Go's encoder makes of it (apimachinery's UnstructuredJSONScheme), with a
    line break.
    """
    metadata = manifest["metadata"]
    annotations = metadata.get("annotations", {})
    body = {**manifest, "metadata": {**metadata, "annotations": annotations}}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n"
    for sign in "<>&\u2028\u2029":
        # Go escapes these for HTML and JavaScript.
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    every = {**annotations, LAST_APPLIED: text}
    return sum(len(key.encode()) + len(value.encode()) for key, value in every.items())
