"""The annotations of Kubernetes objects: their size is limited, and client-side apply keeps the
whole object in one of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gk.provisioning.text import JSON_HERE, WithJson, load_yaml

__all__ = ["applicable", "warnings"]

MAX_ANNOTATIONS = 262_144
"""Bytes of all annotations of an object, with their keys
(apimachinery/pkg/api/validation/objectmeta.go)."""
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation in which client-side apply keeps the whole object, as JSON."""

FOR_KUSTOMIZE = ("Kustomization", "Component", "Deployment", "StatefulSet")
"""What is not applied as it is: kustomizations, and patches."""


def applicable(written: Mapping[str, bytes | WithJson]) -> dict[str, bytes | WithJson]:
    """The manifests, in which JSON is on one line if client-side `kubectl apply` can then apply
    them, and not otherwise."""
    return {path: _applicable(text) for path, text in written.items()}


def _applicable(text: bytes | WithJson) -> bytes | WithJson:
    if isinstance(text, WithJson) and _annotated(text) > MAX_ANNOTATIONS:
        shorter = text.on_one_line()
        return shorter if _annotated(shorter) <= MAX_ANNOTATIONS else text
    return text


def warnings(written: Mapping[str, bytes | WithJson]) -> Iterator[str]:
    """A warning for each manifest that client-side `kubectl apply` cannot apply."""
    for path, text in written.items():
        if (size := _annotated(text)) > MAX_ANNOTATIONS:
            yield (
                f"{path}: client-side `kubectl apply` keeps it in annotations of {size:,} bytes, "
                f"and an object holds {MAX_ANNOTATIONS:,}: use `kubectl apply --server-side`"
            )


def _annotated(text: bytes | WithJson) -> int:
    """The bytes of the annotations of an object after client-side apply; 0 if they are certainly
    few, and for kustomizations and patches."""
    # Parsing all dashboards would take longer than the rest of the build.
    if _most_json(text) <= MAX_ANNOTATIONS:
        return 0
    body, inner = text.parts if isinstance(text, WithJson) else (load_yaml(text), "")
    return 0 if body["kind"] in FOR_KUSTOMIZE else _annotation_size(body, inner)


def _most_json(manifest: bytes | WithJson) -> int:
    """No fewer bytes than the annotations of an object have: JSON has more signs around each line
    than YAML, and escapes more. The other annotations count twice, and are short."""
    # A block of JSON is indented in YAML only, and putting it together takes longer than this.
    texts = [manifest] if isinstance(manifest, bytes) else [manifest.envelope, manifest.json]
    return sum(map(_most_escaped, texts)) + 2000


def _most_escaped(text: bytes) -> int:
    # Deleting signs takes half as long as counting each.
    grows = len(text) - len(text.translate(None, b'<>&\\"\n'))
    return len(text) + 5 * (grows + (0 if text.isascii() else text.count(b"\xe2\x80")))


def _annotation_size(manifest: Mapping[str, Any], inner: str) -> int:
    """The bytes of the annotations of an object after client-side apply; `inner` is the text for
    which JSON_HERE stands in it.

    kubectl writes what Go's encoder makes of it (apimachinery's UnstructuredJSONScheme), with a
    line break.
    """
    metadata = manifest["metadata"]
    annotations = metadata.get("annotations", {})
    body = {**manifest, "metadata": {**metadata, "annotations": annotations}}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n"
    text = text.replace(json.dumps(JSON_HERE), json.dumps(inner, ensure_ascii=False))
    for sign in "<>&\u2028\u2029":
        # Go escapes these for HTML and JavaScript.
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    every = {**annotations, LAST_APPLIED: text}
    return sum(len(key.encode()) + len(value.encode()) for key, value in every.items())
