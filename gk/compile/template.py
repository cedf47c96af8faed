"""Converts alert texts, which definitions write for Prometheus, to the template variables of each
engine, and finds what an engine does not have.

Both use Go templates and the same functions. `$labels` means the same in both. Prometheus's
`$value` is a number; Grafana's is a text that describes every query (a number only in newer
versions), and the number is `$values.A.Value` (observed on 9.3.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gk.documents.gotemplate.functions import (
    ALERTMANAGER_ONLY,
    GRAFANA,
    MESSAGES,
    PROMETHEUS,
    Engine,
)
from gk.documents.gotemplate.parser import Template, Use, parse
from gk.documents.gotemplate.tokens import TemplateError, Token
from gk.errors import did_you_mean

__all__ = ["check_message", "for_grafana", "for_prometheus"]

VALUE = "$values.A.Value"
"""The value of the query in Grafana: gk calls an alert's query A."""

_NODE = "$node"
_EXPANDED = re.compile(r"\$(?:__\w+)?\{")
_INSTEAD = {"$values": "$value", ".Values": "$value", "$externalURL": "externalURL"}
"""What to write in place of what one engine does not have."""


def for_prometheus(text: str, node: str, *, shared: bool = True) -> str:
    """Return `text` for Prometheus, with the value of the label `node` in place of `$node`.

    Raises TemplateError for what Prometheus does not load or cannot expand. With `shared`, the
    project builds for Grafana, too; messages say it.
    """
    return _converted(text, PROMETHEUS, {_NODE: f"$labels.{node}"}, shared=shared)


def for_grafana(text: str, node: str, *, shared: bool = True) -> str:
    """Return `text`, written for Prometheus, for Grafana's annotations and labels.

    Raises TemplateError for what Grafana cannot expand, such as queries inside a text, and
    Prometheus's external labels and URL.
    """
    if expanded := _EXPANDED.search(text):
        # Up to 13.x Grafana keeps ${NAME} as is, but a coming version expands it in annotations
        # (grafana PR 127214). No version starts if the file of a $__file{} is missing.
        raise TemplateError(
            f"Grafana may read '{expanded.group()}' as an environment variable; "
            "write '$ {' or leave it out"
        )
    values = {_NODE: f"$labels.{node}", "$value": VALUE, ".Value": VALUE}
    return _converted(text, GRAFANA, values, shared=shared)


def check_message(text: str) -> None:
    """Raise TemplateError if a message template does not parse, or uses an unknown function."""
    template = parse(text)
    for use in template.variables:
        raise TemplateError(f"'{use.token.value}' is not a variable; declare it with :=")
    for token in template.functions:
        if token.value not in MESSAGES.functions:
            raise TemplateError(_no_function_of_messages(token.value))


def _no_function_of_messages(name: str) -> str:
    if name in ALERTMANAGER_ONLY:
        return f"'{name}' works only in Alertmanager's own templates; Grafana does not have it"
    hint = did_you_mean(name, sorted(MESSAGES.functions))
    return f"'{name}' is not a function of message templates{hint}"


class _Edit(NamedTuple):
    """A part of a text, and what replaces it."""

    start: int
    end: int
    new: str


def _converted(text: str, engine: Engine, values: Mapping[str, str], *, shared: bool) -> str:
    if "{{" not in text:
        return text
    template = parse(text)
    mistakes = dict(_mistakes(template, engine, values, shared=shared))
    if mistakes:
        raise TemplateError(mistakes[min(mistakes)])
    parts, position = [], 0
    for edit in sorted(_edits(text, template, values)):
        parts += [text[position : edit.start], edit.new]
        position = edit.end
    return "".join([*parts, text[position:]])


def _edits(text: str, template: Template, values: Mapping[str, str]) -> Iterator[_Edit]:
    for use in template.variables:
        if new := values.get(use.token.value):
            yield _Edit(use.token.start, use.token.end, new)
    for field in template.fields:
        if new := values.get(field.value):
            of_root = text[: field.start].endswith("$")
            yield _Edit(field.start - of_root, field.end, new)


def _mistakes(
    template: Template, engine: Engine, values: Mapping[str, str], *, shared: bool
) -> Iterator[tuple[int, str]]:
    """Yield the position and the message of everything that the engine does not have."""
    for use in template.variables:
        if use.in_definition:
            yield use.token.start, _in_definition(use)
        elif use.token.value not in engine.variables and use.token.value not in values:
            yield use.token.start, _unknown(use.token, "variable", engine, shared=shared)
    for function in template.functions:
        if function.value not in engine.functions:
            yield function.start, _unknown(function, "function", engine, shared=shared)
    for field in template.fields:
        if engine.fields is not None and field.value not in engine.fields:
            yield field.start, _unknown(field, "field", engine, shared=shared)


def _in_definition(use: Use) -> str:
    return (
        f"'{use.token.value}' is unknown inside of '{{{{ define }}}}' and '{{{{ block }}}}'; "
        "pass it to the template as '.'"
    )


def _unknown(token: Token, what: str, engine: Engine, *, shared: bool) -> str:
    name = token.value
    other = GRAFANA if engine is PROMETHEUS else PROMETHEUS
    if name not in _names(other, what):
        known = _names(PROMETHEUS, what) | _names(GRAFANA, what)
        return f"'{name}' is not a {what}{did_you_mean(name, sorted(known))}"
    reason = (
        f"{engine.name} uses this text, too"
        if shared
        else f"this project builds for {engine.name} only"
    )
    instead = f"; write {_INSTEAD[name]}" if name in _INSTEAD else ""
    return f"'{name}' works only in {other.name} templates; {reason}{instead}"


def _names(engine: Engine, what: str) -> frozenset[str]:
    if what == "function":
        return engine.functions
    return engine.variables | {_NODE} if what == "variable" else engine.fields or frozenset()
