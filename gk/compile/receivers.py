"""Finds what Grafana refuses or ignores in the settings of a receiver."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from gk.compile.template import check_message
from gk.documents.gotemplate.tokens import TemplateError
from gk.documents.parts import is_number
from gk.documents.receivers import OF_EVERY_TYPE, RECEIVERS, Settings, settings_of_type
from gk.documents.secrets.references import is_reference
from gk.errors import did_you_mean

__all__ = ["mistakes_in_receiver"]

_TEXTS = ("title", "message", "subject", "text", "summary", "description", "sectiontitle")
"""Settings that Grafana expands as message templates, in every type that has them."""


def mistakes_in_receiver(type: str, settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield what Grafana refuses or ignores in the settings of a receiver. No message contains a
    value that may be a secret."""
    known = settings_of_type(type)
    if known is None:
        hint = did_you_mean(type, RECEIVERS) or f"; one of {', '.join(sorted(RECEIVERS))}"
        yield f"unknown receiver type '{type}'{hint}"
        return
    mistakes = chain(_mistakes(known, settings, "", OF_EVERY_TYPE), _in_texts(settings))
    yield from (f"receiver '{type}': {mistake}" for mistake in mistakes)


def _mistakes(
    known: Settings, given: Mapping[str, Any], path: str, common: Mapping[str, Settings]
) -> Iterator[str]:
    # Other names are not JSON, and so a mistake anyway.
    values = {name.casefold(): value for name, value in given.items() if isinstance(name, str)}
    names = {name.casefold(): name for name in (*known.names, *common)}
    meant = set()
    for name in given:
        if isinstance(name, str) and name.casefold() not in names:
            hint = did_you_mean(name, names.values())
            meant |= {word for word in names.values() if f"'{word}'" in hint}
            known_names = ", ".join(sorted(names.values()))
            yield f"unknown setting '{path}{name}'{hint or f'; one of {known_names}'}"
    named = {names[name]: value for name, value in values.items() if name in names}
    present = {name for name, value in named.items() if value}
    yield from _missing(known, present | meant, path)
    yield from _incomplete(known, named, path)
    yield from _clashing(known, present, path)
    for name, value in named.items():
        if value is not None and not is_reference(value):
            yield from _of_value(known, name, value, path, common)


def _missing(known: Settings, present: set[str], path: str) -> Iterator[str]:
    for name in known.needed.split():
        if name not in present:
            yield f"setting '{path}{name}' is missing"
    groups = [set(group.split()) for group in known.one_of]
    if groups and not any(group <= present for group in groups):
        ways = " or ".join(
            " and ".join(f"'{path}{name}'" for name in group.split()) for group in known.one_of
        )
        yield f"set {ways}"


def _incomplete(known: Settings, values: Mapping[str, Any], path: str) -> Iterator[str]:
    present = {name for name, value in values.items() if value}
    for group in known.together:
        if not present.isdisjoint(group.split()) and not present >= set(group.split()):
            names = " and ".join(f"'{path}{name}'" for name in group.split())
            yield f"set {names} together"
    for (name, choice), others in known.with_choice.items():
        for other in others.split() if values.get(name) == choice else ():
            if other not in present:
                yield f"setting '{path}{other}' is missing, which '{path}{name}' {choice} needs"


def _clashing(known: Settings, present: set[str], path: str) -> Iterator[str]:
    for group in known.clashes:
        if set(group.split()) <= present:
            names = " and ".join(f"'{path}{name}'" for name in group.split())
            yield f"remove one of {names}; Grafana allows one way to authenticate"


def _of_value(
    known: Settings, name: str, value: Any, path: str, common: Mapping[str, Settings]
) -> Iterator[str]:
    where = f"{path}{name}"
    inner = known.objects.get(name) or common.get(name)
    if inner is not None:
        if isinstance(value, Mapping):
            yield from _mistakes(inner, value, f"{where}.", {})
        else:
            yield f"setting '{where}' must be a dict"
    elif name in known.lists:
        yield from _of_list(known.lists[name], value, where)
    else:
        yield from _of_plain(known, name, value, where)


def _of_plain(known: Settings, name: str, value: Any, where: str) -> Iterator[str]:
    """Check the type of a value; later versions do not start with another one, and 9.3 ignores
    it."""
    if name in known.maps.split():
        expected, is_right = "a dict", isinstance(value, Mapping)
    elif name in known.texts.split():
        expected, is_right = "a list", isinstance(value, list)
    elif name in known.flags.split():
        expected, is_right = "True or False", isinstance(value, bool)
    elif name in known.numbers.split() or name == "qos":
        expected, is_right = "a number", is_number(value) or isinstance(value, str)
    else:
        expected, is_right = "text", isinstance(value, str)
    if not is_right:
        yield f"setting '{where}' must be {expected}, not {type(value).__name__}"
    elif name in known.banned:
        yield from _of_keys(known.banned[name].split(), value, where)
    elif name in known.choices:
        yield from _of_choice(known.choices[name].split(), str(value), where)
    elif name in known.forms:
        yield from _of_form(*known.forms[name], str(value), where)


def _of_keys(banned: list[str], values: Mapping[str, Any], where: str) -> Iterator[str]:
    for key in values:
        if isinstance(key, str) and key.casefold() in banned:
            yield f"setting '{where}': Grafana does not allow '{key}'"


def _of_form(form: str, words: str, value: str, where: str) -> Iterator[str]:
    if value and not re.fullmatch(form, value, re.DOTALL):
        yield f"setting '{where}' must be {words}"


def _of_list(inner: Settings, value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"setting '{where}' must be a list"
        return
    for index, item in enumerate(value):
        if isinstance(item, Mapping):
            yield from _mistakes(inner, item, f"{where}.{index}.", {})
        else:
            yield f"setting '{where}.{index}' must be a dict"


def _of_choice(choices: list[str], value: str, where: str) -> Iterator[str]:
    # Grafana ignores the case of some, takes an empty text for its default, and expands templates.
    if value and "{{" not in value and value.casefold() not in map(str.casefold, choices):
        hint = did_you_mean(value, choices)
        yield f"setting '{where}' must be {' or '.join(choices)}, not '{value}'{hint}"


def _in_texts(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts that Grafana cannot expand. It would send the notification without them."""
    for name, text in _texts(settings):
        try:
            check_message(text)
        except TemplateError as error:
            yield f"setting '{name}': {error}"


def _texts(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    payload = settings.get("payload")
    named = {name: settings.get(name) for name in _TEXTS}
    if isinstance(payload, Mapping):
        named["payload.template"] = payload.get("template")
    yield from ((name, text) for name, text in named.items() if isinstance(text, str) and text)
