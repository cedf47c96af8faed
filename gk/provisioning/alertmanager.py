"""Alertmanager's configuration to files: `alertmanager.yaml`, with its templates beside it."""

from __future__ import annotations

from collections.abc import Iterable

from gk.provisioning.text import yaml_text
from gk.resource import Kind, Resource

__all__ = ["CONFIG", "files"]

CONFIG = "alertmanager.yaml"


def files(resources: Iterable[Resource]) -> dict[str, bytes]:
    """The files by name; none without a configuration."""
    body = next((each.body for each in resources if each.kind is Kind.ALERTMANAGER), None)
    if body is None:
        return {}
    templates = {name: text.encode() for name, text in body["templates"].items()}
    return {CONFIG: yaml_text(body["config"]), **templates}
