"""Opens the forms in which dashboards are kept outside of Grafana: the answer of its HTTP API, its
Kubernetes-style API (`dashboard.grafana.app`), Grizzly, and the operator's GrafanaDashboard.

An export "for sharing externally" has its library panels beside it (`__elements`); they are put in
their places, because only the import dialog would do so.
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any, NamedTuple

from gk.documents.parts import every_panel, path
from gk.documents.shapes import Json

__all__ = ["Export", "is_export", "opened", "with_elements"]

_MOST = 16 << 20
"""Bytes to which a compressed dashboard may unpack."""


class Export(NamedTuple):
    """A dashboard, and what its envelope says: its uid and its folder, empty if the envelope does
    not say.

    `folder` is a title, or the uid of the folder where the envelope has no title.
    """

    body: Json
    uid: str = ""
    folder: str = ""


def is_export(value: Any) -> bool:
    """Whether this is a dashboard in a Kubernetes-style envelope."""
    return (
        isinstance(value, Mapping)
        and value.get("kind") in ("Dashboard", "GrafanaDashboard")
        and isinstance(value.get("apiVersion"), str)
        and isinstance(value.get("spec"), Mapping)
    )


def opened(value: Json) -> Export:
    """Take a dashboard out of its envelope, if it has one. Raises ValueError for an envelope that
    has none in it."""
    if is_export(value):
        return _of_object(value)
    if isinstance(value.get("dashboard"), dict) and "panels" not in value:
        meta = path(value, "meta")
        return Export(value["dashboard"], folder=_folder(meta.get("folderTitle")))
    return Export(value)


def with_elements(body: Json) -> Json:
    """Put the library panels of an export in place of the references to them, in place."""
    elements = path(body, "__elements")
    for panel in every_panel(body) if elements else ():
        uid = str(path(panel, "libraryPanel").get("uid"))
        if model := path(elements, uid, "model"):
            del panel["libraryPanel"]
            panel |= {**model, **panel}
    return body


def _of_object(value: Json) -> Export:
    metadata, spec = path(value, "metadata"), value["spec"]
    annotations = path(metadata, "annotations")
    if value["kind"] == "GrafanaDashboard":
        body = _of_operator(spec)
        folder = spec.get("folder") or spec.get("folderUID")
        return Export(body, str(spec.get("uid") or body.get("uid") or ""), _folder(folder))
    if "/v2alpha" in value["apiVersion"]:
        raise ValueError(
            f"{value['apiVersion']} was never a stable form; export it as v2beta1, v2 or classic"
        )
    folder = annotations.get("grafana.app/folder") or metadata.get("folder")
    return Export(spec, str(metadata.get("name") or ""), _folder(folder))


def _of_operator(spec: Json) -> Json:
    """The dashboard in a GrafanaDashboard (grafana-operator v5, spec.json and spec.gzipJson)."""
    text, packed = spec.get("json"), spec.get("gzipJson")
    if text is None and isinstance(packed, str):
        text = _unpacked(packed)
    if text is None:
        raise ValueError(
            "its spec has neither json nor gzipJson: the operator fetches this dashboard from "
            "elsewhere; put the JSON there"
        )
    try:
        body = json.loads(text)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the JSON in its spec cannot be read: {error}") from error
    if not isinstance(body, dict):
        raise ValueError("the JSON in its spec is not an object")  # noqa: TRY004 (of a document)
    return body


def _unpacked(packed: str) -> bytes:
    try:
        # Some kilobytes may unpack to more than there is memory for.
        text = gzip.GzipFile(fileobj=BytesIO(base64.b64decode(packed))).read(_MOST + 1)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise ValueError(f"its spec.gzipJson cannot be read: {error}") from error
    if len(text) > _MOST:
        raise ValueError(f"its spec.gzipJson unpacks to more than {_MOST >> 20} MiB")
    return text


def _folder(given: object) -> str:
    """A folder; empty for the root, which Grafana calls General."""
    text = str(given or "")
    return "" if text.casefold() == "general" else text
