"""Lists and pages of checks: CATALOG has their forms."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gk.check.forms.pages import as_markdown
from gk.check.forms.text import TONES
from gk.check.live.model import LIVE_SUBJECTS
from gk.check.model import Check
from gk.check.peers import PEERS, covering
from gk.forms import Style, Tone, plain
from gk.settings.checks import OFF

__all__ = ["CATALOG", "Catalog"]


@dataclass(frozen=True)
class Catalog:
    """Checks to show: a list of them, or the page of the only one."""

    checks: Sequence[Check]
    is_page: bool = False


_LIVE = "(--live)"
_FIXED = "`gk check --fix` fixes it in exported dashboards."


def text(catalog: Catalog, style: Style = plain) -> str:
    """A line for each check, or the page of one."""
    if catalog.is_page:
        return "\n".join(line for check in catalog.checks for line in _page(check, style))
    width = max((len(check.name) for check in catalog.checks), default=0)
    return "\n".join(_listed(check, width, style) for check in catalog.checks)


def _listed(check: Check, width: int, style: Style) -> str:
    tone = Tone.FAINT if check.is_policy else TONES[check.severity]
    live = style(f" {_LIVE}", Tone.FAINT) if _is_live(check) else ""
    return f"{check.name:<{width}}  {style(f'{_severity(check):<7}', tone)}  {check.summary}{live}"


def _is_live(check: Check) -> bool:
    return check.subject in LIVE_SUBJECTS


def _severity(check: Check) -> str:
    return OFF if check.is_policy else check.severity.value


def _page(check: Check, style: Style) -> Iterator[str]:
    severity = "off unless gk.yaml gives it a severity" if check.is_policy else _severity(check)
    live = ", with --live" if _is_live(check) else ""
    yield f"{style(check.name, Tone.STRONG)} ({severity}{live})"
    yield from ("", check.page)
    if check.options:
        yield from ("", "Options:")
        yield from (f"    {option.name}: {_value(option.default)}" for option in check.options)
    if check.fix:
        yield from ("", _FIXED.replace("`", ""))
    if check.peers:
        yield from ("", f"Replaces {', '.join(check.peers)}.")
    yield from ("", f"Silence it at the definition:  # gk: silence {check.name}: reason")


def _value(default: object) -> str:
    return json.dumps(list(default) if isinstance(default, tuple) else default)


def as_json(catalog: Catalog) -> str:
    """A document for machines; `version` changes when a field changes its meaning."""
    return json.dumps({"version": 1, "checks": [*map(_facts, catalog.checks)]}, indent=2)


def _facts(check: Check) -> dict[str, Any]:
    return {
        "name": check.name,
        "severity": _severity(check),
        "looks_at": check.subject.__name__.lower(),
        "is_live": _is_live(check),
        "summary": check.summary,
        "page": check.page,
        "options": {option.name: option.default for option in check.options},
        "is_fixed": check.fix is not None,
        "replaces": list(check.peers),
        "file": check.source.file if check.source else None,
        "line": check.source.line if check.source else None,
    }


def markdown(catalog: Catalog) -> str:
    """A page of documentation: a table of the checks, a section for each, and for a list the
    checks of other linters."""
    sections = [line for check in catalog.checks for line in _section(check)]
    if catalog.is_page:
        return "\n".join(sections).strip()
    return "\n".join(
        [*_INTRODUCTION, *_table(catalog.checks), *sections, *_of_peers(catalog.checks)]
    )


_INTRODUCTION = (
    "# Checks",
    "",
    "What `gk check` finds, as `gk check --list --format markdown` prints it. `gk check --explain",
    "NAME` shows one of them. An `error` does not work, a `warning` shows or means something else",
    "than its author probably thinks, an `info` is a hint. A check that is `off` enforces a rule",
    "that a team has to choose: `check:` in [gk.yaml](settings.md) gives it a severity. Those",
    "with `--live` ask a running Prometheus.",
    "",
)


def _table(checks: Iterable[Check]) -> Iterator[str]:
    yield from ("| check | severity | finds |", "| --- | --- | --- |")
    for check in checks:
        severity = f"{_severity(check)}, `--live`" if _is_live(check) else _severity(check)
        yield f"| [{check.name}](#{check.name}) | {severity} | {_cell(check.summary)} |"


def _section(check: Check) -> Iterator[str]:
    yield from ("", f"## {check.name}", "", as_markdown(check.page))
    if check.options:
        options = (f"`{option.name}` (`{_value(option.default)}`)" for option in check.options)
        yield from ("", f"Options: {', '.join(options)}.")
    if check.fix:
        yield from ("", _FIXED)


def _of_peers(checks: Sequence[Check]) -> Iterator[str]:
    yield from (
        "",
        "## Checks of other linters",
        "",
        "What each check of dashboard-linter, pint, mixtool, gcx and promtool is in gk, and how it",
        "differs. What `gk build` refuses needs no check.",
        "",
        "| linter | its check | gk | difference |",
        "| --- | --- | --- | --- |",
    )
    for peer in PEERS:
        own = [f"[{check.name}](#{check.name})" for check in covering(peer, checks)]
        here = ", ".join([*own, *filter(None, [peer.means])]) or "-"
        yield f"| {peer.tool} | `{peer.name}` | {_cell(here)} | {_cell(peer.difference)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


CATALOG: Mapping[str, Callable[..., str]] = {
    "text": text,
    "json": as_json,
    "markdown": markdown,
}
