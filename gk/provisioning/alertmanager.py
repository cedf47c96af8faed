"""Alertmanager's configuration to files: `alertmanager.yaml`, with its templates beside it."""

from __future__ import annotations

from collections.abc import Iterable

from gk.provisioning.outputs import Given, Made
from gk.provisioning.text import yaml_text
from gk.resource import Kind, Resource

__all__ = ["CONFIG", "files", "output"]

CONFIG = "alertmanager.yaml"


def output(given: Given) -> Made:
    """The folder alertmanager/."""
    return Made({f"alertmanager/{name}": text for name, text in files(given.resources).items()})


def files(resources: Iterable[Resource]) -> dict[str, bytes]:
    """The files by name; none without a configuration."""
    body = next(
        (resource.body for resource in resources if resource.kind is Kind.ALERTMANAGER), None
    )
    if body is None:
        return {}
    templates = {name: text.encode() for name, text in body["templates"].items()}
    return {CONFIG: yaml_text(body["config"]), **templates}
