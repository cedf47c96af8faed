"""Names, namespaces and labels of objects, as the API server of Kubernetes takes them.

https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
"""

from __future__ import annotations

import hashlib
import re

__all__ = [
    "label_key_mistake",
    "label_value_mistake",
    "name_mistake",
    "object_name",
    "project_mistake",
]

_DNS_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(_DNS_LABEL)
_PREFIX = re.compile(rf"(?=.{{1,253}}\Z){_DNS_LABEL}(?:\.{_DNS_LABEL})*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_PROJECT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,38}[A-Za-z0-9])?")
_LABEL_RULE = "at most 63 letters, digits, '-', '_' and '.', with a letter or a digit at both ends"


def name_mistake(name: str) -> str:
    """What is wrong with the name of a namespace or of a container; empty if nothing is."""
    if _NAME.fullmatch(name):
        return ""
    return (
        f"Kubernetes does not accept the name '{name}'; use at most 63 lower-case letters, digits "
        "and '-', with a letter or a digit at both ends"
    )


def label_key_mistake(key: str) -> str:
    """What is wrong with the key of a label; empty if nothing is."""
    prefix, slash, name = key.rpartition("/")
    if not _LABEL.fullmatch(name):
        return f"Kubernetes does not accept the label '{key}'; use {_LABEL_RULE}"
    if slash and not _PREFIX.fullmatch(prefix):
        return (
            f"Kubernetes does not accept the label '{key}'; write a domain such as example.com "
            "before the slash"
        )
    return ""


def label_value_mistake(value: str) -> str:
    """What is wrong with the value of a label; empty if nothing is."""
    if not value or _LABEL.fullmatch(value):
        return ""
    return f"Kubernetes does not accept the value '{value}'; use {_LABEL_RULE}"


def project_mistake(name: str) -> str:
    """What is wrong with the name of a project, which is the value of a label; empty if nothing
    is."""
    if _PROJECT.fullmatch(name):
        return ""
    return (
        f"'{name}' is not a valid project name; use at most 40 letters, digits, '-', '_' and '.', "
        "with a letter or a digit at both ends"
    )


def object_name(name: str) -> str:
    """A valid name of an object made of `name`: lower case, without dots, and different for names
    that differ in case or in `_`."""
    plain = re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return plain if plain == name else f"{plain}-{digest}".strip("-")
