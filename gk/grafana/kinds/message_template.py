"""Message templates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gk.grafana.answers import Shape
from gk.grafana.client import Client
from gk.grafana.kinds.alerting import (
    UNLOCKED,
    alerting_path,
    live_of,
    name_is_lost,
    named,
    unlocked,
    version_that_was_read,
)
from gk.grafana.kinds.api import Document, Listed, Refusal, Surroundings
from gk.grafana.live import Live, Parts
from gk.resource import Kind, Resource

__all__ = ["ANSWER", "delete", "every", "listed", "parts", "read", "refusal", "write"]

ANSWER: Shape = {"name": str, "template": str, "version?": str, "provenance?": str}


def read(client: Client, uid: str) -> Live | None:
    """A message template."""
    answer = client.get(alerting_path("templates", uid), ANSWER)
    return live_of(Kind.MESSAGE_TEMPLATE, uid, answer, parts, [answer])


def every(client: Client) -> Iterator[Live]:
    """Every message template."""
    answers = client.get(alerting_path("templates"), [ANSWER, None]) or ()
    # 9.3 answers them in another order each time, newer versions in this one.
    for answer in sorted(answers, key=lambda template: str(template["name"])):
        yield live_of(Kind.MESSAGE_TEMPLATE, answer["name"], answer, parts, [answer])


def write(client: Client, live: Live | None, document: Document) -> str:
    """Put a message template in its place."""
    version = version_that_was_read(live) if live else {}
    text = {"template": document.body["template"], **version}
    header = unlocked(live.body) if live else UNLOCKED
    client.put(alerting_path("templates", document.body["name"]), text, **header)
    return ""


def delete(client: Client, live: Live) -> None:
    """Delete a message template."""
    client.delete(alerting_path("templates", live.uid))


def listed(client: Client) -> list[Listed]:
    """Every message template."""
    return named(client, Kind.MESSAGE_TEMPLATE, "templates")


def parts(body: Any, folder: str) -> Parts:
    """Its text, with the definition that Grafana puts around one that has none."""
    # As Grafana's MessageTemplate.Validate does (9.3): it defines the template under its name where
    # the text does not.
    text = body["template"].strip()
    if not re.search(r"\{\{\s*define", text):
        indented = "\n".join(f"  {line}" for line in text.split("\n"))
        text = f'{{{{ define "{body["name"]}" }}}}\n{indented}\n{{{{ end }}}}'
    return {"": {"template": text}}


def refusal(resource: Resource, live: Live | None, surroundings: Surroundings) -> Refusal | None:
    """Grafana must be able to find the name."""
    return name_is_lost(resource, surroundings)
