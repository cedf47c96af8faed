"""No contact point uses a message template.

Problem: notifications look as they do by default, although somebody wrote a template.

    message_template("slack", '{{ define "shop.title" }}...{{ end }}')

Instead: use it in the settings of a receiver, or remove it.

    receiver("slack", {"title": '{{ template "shop.title" . }}'})

A template that redefines a default, such as `default.title`, is in use by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.subjects import Project
from gk.resource import Kind

__all__ = ["unused_message_template"]

_DEFINED = re.compile(r'\{\{-?\s*define\s+["`]([^"`]+)["`]')
# Names are in JSON, whose quotes have a backslash.
_USED = re.compile(r'\btemplate\s+\\?["`]([^"`\\]+)\\?["`]')


@check(Severity.INFO)
def unused_message_template(project: Project) -> Iterator[Found]:
    """Compare the names that templates define with those that contact points and templates use."""
    templates = project.of(Kind.MESSAGE_TEMPLATE)
    points = project.of(Kind.CONTACT_POINT)
    used = {
        name for resource in [*templates, *points] for name in _USED.findall(resource.json.decode())
    }
    for resource in templates if points else ():
        names = _DEFINED.findall(str(resource.body.get("template", "")))
        is_default = any("default" in name or name.startswith("__") for name in names)
        if names and not is_default and not used & set(names):
            yield Found(
                f'no contact point uses it; write {{{{ template "{names[0]}" . }}}} in a '
                "receiver, or remove it",
                None,
                resource,
            )
