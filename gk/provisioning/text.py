"""YAML as text: the same bytes for the same value, and read alike by YAML 1.1 and 1.2."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import yaml

__all__ = ["JSON_HERE", "WithJson", "load_yaml", "yaml_text", "yaml_with_json"]

HEADER = "# Written by gk build; what is changed here by hand is lost.\n"


class _Dumper(yaml.CSafeDumper):
    """Long texts as blocks, so that a change of one line shows as one line; no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _PythonDumper(yaml.SafeDumper):
    """The same, slowly. The C emitter takes emoji for unprintable, and writes a text that has one
    as a single line."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: Any, value: str) -> yaml.Node:
    node: yaml.Node = dumper.represent_scalar(
        "tag:yaml.org,2002:str", value, style="|" if "\n" in value else None
    )
    return node


for _dumper in (_Dumper, _PythonDumper):
    _dumper.add_representer(str, _text)
    # Kubernetes and Grafana read with Go's YAML. What it takes for numbers and truth values, and
    # PyYAML, which knows YAML 1.1 in part, does not: 1e3, 0o7, 1_000.5 and y.
    _dumper.add_implicit_resolver(
        "tag:yaml.org,2002:float",
        re.compile(
            r"^(?:[-+]?(?:\.[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?"
            r"|[-+]?0[obxOBX][0-9a-fA-F_]+)$"
        ),
        list("-+.0123456789"),
    )
    _dumper.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^[yYnN]$"), list("yYnN"))


def yaml_text(value: Any) -> bytes:
    """`value` as a YAML document with sorted keys and a header that says who wrote it."""
    text = _dump(value, _Dumper)
    if rb"\U" in text:
        # The slow emitter has mistakes of its own, with rare line breaks.
        other = _dump(value, _PythonDumper)
        text = other if load_yaml(other) == value else text
    return HEADER.encode() + text


JSON_HERE = "gk-json-here"
_UNFIT = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Characters that JSON does not escape, and that YAML 1.1 treats as line breaks or as
unprintable."""


@dataclass(frozen=True, slots=True)
class WithJson:
    """YAML with canonical JSON as one of its texts, put together by `bytes()`.

    A large build has each dashboard as it is and in YAML, and memory for one of both.
    """

    before: bytes
    json: bytes
    after: bytes

    def __bytes__(self) -> bytes:
        block = self.json.rstrip(b"\n").replace(b"\n", b"\n    ")
        return b"".join((self.before, b"|\n    ", block, self.after))

    def __len__(self) -> int:
        return len(bytes(self))

    def on_one_line(self) -> WithJson:
        """The same with the JSON on one line, which has half as many bytes."""
        lines = (line.lstrip(b" ") for line in self.json.split(b"\n"))
        return replace(self, json=b"".join(lines) + b"\n")

    @property
    def envelope(self) -> bytes:
        """The YAML, in which JSON_HERE stands for the JSON."""
        return b"".join((self.before, JSON_HERE.encode(), self.after))

    @property
    def parts(self) -> tuple[Any, str]:
        """The value of the envelope, and the JSON."""
        return load_yaml(self.envelope), self.json.decode()


def yaml_with_json(value: dict[str, Any], section: str, key: str, json: bytes) -> bytes | WithJson:
    """`value` as YAML, with canonical JSON as the text at `key` of its section.

    The emitter checks every character for what a block may contain. Canonical JSON needs no check:
    its lines have no tabs and no trailing spaces. So the block is only indented, which is thirty
    times as fast.
    """
    # Nearly all dashboards are ASCII, which is checked in no time.
    if not (json.isascii() and b"\x7f" not in json) and _UNFIT.search(json.decode()):
        return yaml_text(value | {section: value.get(section, {}) | {key: json.decode()}})
    envelope = yaml_text(value | {section: value.get(section, {}) | {key: JSON_HERE}})
    before, _, after = envelope.partition(JSON_HERE.encode())
    return WithJson(before, json, after)


def _dump(value: Any, dumper: type[yaml.CSafeDumper] | type[yaml.SafeDumper]) -> bytes:
    text: bytes = yaml.dump(
        value,
        Dumper=dumper,
        sort_keys=True,
        allow_unicode=True,
        default_flow_style=False,
        # So that a query stays on its line.
        width=4096,
        encoding="utf-8",
    )
    return text


def load_yaml(text: bytes | str) -> Any:
    """The value of a YAML text. Raises ValueError if it is not valid."""
    try:
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
