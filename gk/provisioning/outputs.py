"""An output of gk build: what it is made of, and what it makes.

Each name in `gk.settings.FORMATS` is a module of gk.provisioning with a function `output`, which
takes `Given` and returns `Made`. If it contains the files that Grafana loads at its start, it also
has `earlier`, which says where one of them was in an earlier build. gk.settings cannot import these
modules, because they need the settings, so they are found by their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from gk.errors import Problem
from gk.provisioning.text import WithJson
from gk.resource import Resource
from gk.settings import FORMATS, Settings

__all__ = ["Earlier", "Given", "Made", "earlier", "made"]

Earlier = tuple[str, Callable[[Any], Any]]
"""A file of an earlier build, and the function from its YAML to the one of Grafana's file in it, {}
if that is not there."""


@dataclass(frozen=True)
class Given:
    """What an output is made of. `grafana` has the files of Grafana's provisioning folder, by their
    path in it: manifests contain them, too."""

    resources: Sequence[Resource]
    settings: Settings
    grafana: Mapping[str, bytes]


@dataclass(frozen=True)
class Made:
    """Files by their path in the folder of the build, and what is wrong with them.

    `dashboards` are the dashboards by those paths that contain a uid unchanged.
    """

    files: Mapping[str, bytes | WithJson]
    dashboards: Mapping[str, Resource] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    warnings: Sequence[str] = ()


def made(format_: str, given: Given) -> Made:
    """Make the output of this name."""
    output: Made = _module(format_).output(given)
    return output


def earlier(directory: str, name: str) -> Iterator[Earlier]:
    """Where the file `name` of a directory of Grafana's provisioning folder may be."""
    for format_ in FORMATS:
        if of_format := getattr(_module(format_), "earlier", None):
            yield of_format(directory, name)


def _module(format_: str) -> Any:
    return import_module(f"gk.provisioning.{format_}")
