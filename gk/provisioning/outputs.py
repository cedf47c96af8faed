"""An output of gk build: what it is made of, and what it makes.

Each name in `gk.settings.FORMATS` is a module of gk.provisioning with a function `output`, which
takes `Given` and returns `Made`. gk.settings cannot import these modules, because they need the
settings, so `made` finds a module by its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module

from gk.errors import Problem
from gk.provisioning.text import WithJson
from gk.resource import Resource
from gk.settings import Settings

__all__ = ["Given", "Made", "made"]


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
    output: Made = import_module(f"gk.provisioning.{format_}").output(given)
    return output
