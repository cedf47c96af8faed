"""YAML as text: the same bytes for the same value, and read alike by YAML 1.1 and 1.2."""

from __future__ import annotations

import re
from typing import Any

import yaml

__all__ = ["load_yaml", "yaml_text"]

HEADER = "# Written by gk build; what is changed here by hand is lost.\n"


class _Dumper(yaml.CSafeDumper):
    """Long texts as blocks, so that a change of one line shows as one line; no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)
# Kubernetes and Grafana read YAML 1.2, in which 1e3 and 0o7 are numbers; PyYAML knows 1.1, and would not quote them.
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+)$"),
    list("-+.0123456789"),
)


def yaml_text(value: Any) -> bytes:
    """`value` as a YAML document with sorted keys and a header that says who wrote it."""
    text: bytes = yaml.dump(
        value,
        Dumper=_Dumper,
        sort_keys=True,
        allow_unicode=True,
        default_flow_style=False,
        width=4096,
        encoding="utf-8",
    )
    return HEADER.encode() + text


def load_yaml(text: bytes | None) -> dict[str, Any]:
    """The mapping that `text` holds; empty when there is no text, or when it is not what gk writes."""
    try:
        value = yaml.load(text, Loader=yaml.CSafeLoader) if text else None
    except yaml.YAMLError:
        return {}
    return value if isinstance(value, dict) else {}
