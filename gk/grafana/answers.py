"""What Grafana's answers look like, as far as gk relies on it. Data, and the check of it.

A shape is a type, a tuple of types, a list of one shape, or an object by its keys. A key with `?`
may be missing or null; the key `*` is any. A list with None after its shape is null where it is
empty, as Go writes some. What a shape does not name may be anything: newer versions add to their
answers.
"""

from __future__ import annotations

from typing import Any, TypeAlias

__all__ = [
    "CONTACT_POINTS",
    "DASHBOARD",
    "DATASOURCE",
    "DATASOURCES",
    "FOLDER",
    "HEALTH",
    "HITS",
    "LIBRARY",
    "MUTE_TIMING",
    "NAMES",
    "ORGANIZATION",
    "PERMISSIONS",
    "POLICIES",
    "RIGHTS",
    "RULES",
    "RULE_GROUP",
    "SAVED",
    "TEMPLATE",
    "USER",
    "VERSION",
    "VERSIONS",
    "Shape",
    "misfit",
]

Shape: TypeAlias = Any

HEALTH: Shape = {"database": str, "version?": str}
ORGANIZATION: Shape = {"name": str}
USER: Shape = {"login": str}
RIGHTS: Shape = {"*": [str]}
PERMISSIONS: Shape = [
    {"role?": str, "userId?": int, "teamId?": int, "permission": int, "inherited?": bool}
]
HITS: Shape = [{"type": str, "uid": str, "title": str, "folderUid?": str, "tags?": [str]}]
DATASOURCES: Shape = [{"uid": str, "name": str, "isDefault?": bool}]
NAMES: Shape = [{"name": str, "uid?": str}, None]
RULES: Shape = {
    "*": [
        {
            "rules": [
                {
                    "grafana_alert": {
                        "uid": str,
                        "namespace_uid": str,
                        "rule_group": str,
                        "provenance?": str,
                    }
                }
            ]
        },
    ],
}
LIBRARY: Shape = {
    "result": {"elements": [{"name": str, "folderUid?": str, "meta?": {"folderUid?": str}}]}
}
VERSION: Shape = {"version": int, "message?": str, "data?": dict}
VERSIONS: Shape = [{"version": int, "createdBy?": (str, int), "created?": str, "message?": str}]

FOLDER: Shape = {
    "title": str,
    "parentUid?": str,
    "version?": int,
    "canSave?": bool,
    "updatedBy?": (str, int),
    "updated?": str,
}
DATASOURCE: Shape = {
    "name": str,
    "version?": int,
    "readOnly?": bool,
    "secureJsonFields?": {"*": bool},
    "secureJsonData?": dict,
}
DASHBOARD: Shape = {
    "meta": {
        "canSave?": bool,
        "isFolder?": bool,
        "provisioned?": bool,
        "provisionedExternalId?": str,
        "folderUid?": str,
        "updatedBy?": (str, int),
        "updated?": str,
    },
    "dashboard": {"id?": int, "version?": int, "title?": str},
}
SAVED: Shape = {"id?": int, "version?": int}
RULE_GROUP: Shape = {
    "title": str,
    "folderUid": str,
    "interval": int,
    "rules": [
        {
            "uid": str,
            "data": [{"model": dict}],
            "for?": str,
            "keep_firing_for?": str,
            "updated?": str,
            "provenance?": str,
        },
    ],
}
CONTACT_POINTS: Shape = [{"name": str, "uid?": str, "settings?": dict, "provenance?": str}, None]
MUTE_TIMING: Shape = {"name": str, "time_intervals?": [dict], "version?": str, "provenance?": str}
TEMPLATE: Shape = {"name": str, "template": str, "version?": str, "provenance?": str}
POLICIES: Shape = {
    "group_wait?": str,
    "group_interval?": str,
    "repeat_interval?": str,
    "provenance?": str,
}
POLICIES["routes?"] = [POLICIES]

_WORDS = {
    bool: "true or false",
    dict: "an object",
    float: "a number",
    int: "a whole number",
    list: "a list",
    str: "a text",
    type(None): "null or missing",
}


def misfit(value: Any, shape: Shape) -> str:
    """Where `value` is not of this shape, and what is there: `[3].uid is null, not a text`; or
    nothing."""
    return _misfit(value, shape, "")


def _misfit(value: Any, shape: Shape, where: str) -> str:
    if value is None and isinstance(shape, list) and shape[-1] is None:
        return ""
    kind = type(shape) if isinstance(shape, (dict, list)) else shape
    kinds = kind if isinstance(kind, tuple) else (kind,)
    # Neither is true a number.
    if type(value) not in kinds:
        return f"{where.lstrip('.') or 'it'} is {_WORDS[type(value)]}, not {_WORDS[kinds[0]]}"
    if isinstance(shape, list):
        inside = ((each, shape[0], f"{where}[{index}]") for index, each in enumerate(value))
    elif not isinstance(shape, dict):
        return ""
    elif "*" in shape:
        inside = ((each, shape["*"], f"{where}.{key}"[:80]) for key, each in value.items())
    else:
        inside = (
            (value.get(name), inner, f"{where}.{name}")
            for key, inner in shape.items()
            if (name := key.removesuffix("?")) == key or value.get(name) is not None
        )
    return next(filter(None, (_misfit(*each) for each in inside)), "")
