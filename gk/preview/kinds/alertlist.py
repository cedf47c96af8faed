"""Alert lists: the alerts of a data source's rules, as Grafana 12.4 lists them: without values.

They are in a frame of `meta` type "alerts", with a row for each alert and one for each rule without
alerts: alertname, state (firing, pending, inactive), activeAt (milliseconds), labels, summary, and
rule, which tells rules of one name apart.
Grafana's own alerts, folders and the alerts of one dashboard are unknown without a Grafana.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from gk.bounded.patterns import compiled
from gk.forms.html import templates_of
from gk.forms.plurals import counted
from gk.preview import classes
from gk.preview.kinds import lines
from gk.preview.model import Shown
from gk.preview.parts import flag, number, part, word, words
from gk.preview.svg import element, text_width
from gk.preview.theme import Theme

__all__ = ["Alert", "Alerts", "Group", "draw", "html", "view"]

_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert, or a rule that has none. `since` is for how long it has been in its state."""

    name: str
    state: str
    labels: Mapping[str, str]
    start: float | None = None
    since: str = ""
    summary: str = ""
    rule: str = ""

    @property
    def color(self) -> str:
        """The colour of its state."""
        return _COLORS.get(self.state, "faint")

    @property
    def words(self) -> str:
        """Its state, and for how long."""
        return f"{self.state} for {self.since}" if self.since else self.state

    @property
    def labels_text(self) -> str:
        """Its labels in one line, without its name."""
        return " ".join(
            f"{key}={value}" for key, value in sorted(self.labels.items()) if key != "alertname"
        )


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts that are listed together: those of one rule, or those with equal labels."""

    title: str
    alerts: Sequence[Alert]

    @property
    def instances(self) -> Sequence[Alert]:
        """The alerts, of which an inactive rule has none."""
        return [alert for alert in self.alerts if alert.state != "inactive"]

    @property
    def state(self) -> str:
        """The worst state of its alerts."""
        return min((alert.state for alert in self.alerts), key=_IMPORTANCE.index)

    @property
    def color(self) -> str:
        """The colour of its state."""
        return _COLORS.get(self.state, "faint")

    @property
    def start(self) -> float:
        """When its first alert began."""
        return min((alert.start for alert in self.alerts if alert.start is not None), default=0.0)

    @property
    def since(self) -> str:
        """For how long it has an alert."""
        return next((alert.since for alert in self.alerts if alert.start == self.start), "")


@dataclass(frozen=True, slots=True)
class Alerts:
    """What the list shows. `count` is the number of rules with alerts; with `is_stat`, nothing else
    shows."""

    groups: Sequence[Group] = ()
    count: int = 0
    is_stat: bool = False
    shows_instances: bool = False
    notes: Sequence[str] = ()


_COLORS = {
    "firing": "error",
    "pending": "warning",
    "recovering": "warning",
    "inactive": "green",
    "unknown": "blue",
}


def view(shown: Shown) -> Alerts:
    """The alerts that the panel's options let through, in its order."""
    options = shown.options
    states = _states(options)
    name = shown.interpolate(word(options, "alertName")).strip().lower()
    matchers = _matchers(shown.interpolate(word(options, "alertInstanceLabelFilter")))
    named = [
        alert
        for alert in _alerts(shown)
        if name in alert.name.lower() and all(matches(alert.labels) for matches in matchers)
    ]
    rules = _ordered(
        _rules([alert for alert in named if alert.state in states][:_MOST]),
        number(options, "sortOrder"),
    )
    by = words(options, "groupBy")
    is_custom = word(options, "groupMode") == "custom" or (bool(by) and "groupMode" not in options)
    if is_custom and by:
        alerts = [alert for rule in rules for alert in rule.alerts]
        rules = _by(alerts, lambda alert: _group_title(alert, by))
    most = number(options, "maxItems")
    return Alerts(
        groups=rules[: max(0, int(most))] if most is not None else rules,
        # Of all states, whichever the panel lists.
        count=len(_rules([alert for alert in named if alert.state != "inactive"])),
        is_stat=word(options, "viewMode") == "stat",
        shows_instances=flag(options, "showInstances") or is_custom,
        notes=list(_notes(options)),
    )


def _states(options: Mapping[str, Any]) -> set[str]:
    chosen = part(options, "stateFilter")
    if not chosen:
        return {"firing", "pending"}
    states = {state for state in ("firing", "pending", "recovering") if flag(chosen, state)}
    if flag(options, "showInactiveAlerts"):
        states.add("inactive")
    return states


_MATCHER = re.compile(r"""([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^,}"]*))""")


def _matchers(text: str) -> list[_Matcher]:
    """Those of a filter such as {severity="critical"}."""
    return [
        _Matcher(name, sign, re.sub(r"\\(.)", r"\1", quoted) if quoted else bare.strip())
        for name, sign, quoted, bare in _MATCHER.findall(text)
    ]


@dataclass(frozen=True, slots=True)
class _Matcher:
    name: str
    sign: str
    value: str

    def __call__(self, labels: Mapping[str, str]) -> bool:
        given = labels.get(self.name, "")
        if self.sign in ("=", "!="):
            return (given == self.value) is (self.sign == "=")
        pattern = compiled(self.value)
        return pattern is not None and bool(pattern.fullmatch(given)) is (self.sign == "=~")


# Alerts of frames


def _alerts(shown: Shown) -> Iterator[Alert]:
    for frame in shown.frames:
        if frame.meta.get("type") == "alerts":
            # More than are listed, because the panel's filters come later.
            for row in range(min(frame.length, 10 * _MOST)):
                yield _alert({field.name: field.at(row) for field in frame.fields}, shown)


def _alert(row: Mapping[str, Any], shown: Shown) -> Alert:
    start = number(row, "activeAt")
    labels, state = row.get("labels"), word(row, "state")
    return Alert(
        name=word(row, "alertname"),
        state=state if state in _IMPORTANCE else "unknown",
        labels={str(key): str(label) for key, label in labels.items()}
        if isinstance(labels, dict)
        else {},
        start=start,
        since="" if start is None else _length(shown.time.end - start / 1_000),
        summary=word(row, "summary"),
        rule=word(row, "rule"),
    )


_UNITS = (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def _length(seconds: float) -> str:
    """A length of time in its two largest units: 3h 20m."""
    rest = max(0, int(seconds))
    counts = []
    for name, size in _UNITS:
        count, rest = divmod(rest, size)
        counts.append((count, name))
    first = next((index for index, (count, _) in enumerate(counts) if count), len(counts) - 1)
    said = [f"{count}{name}" for count, name in counts[first : first + 2] if count]
    return " ".join(said) or "0s"


# Order and groups

_Z_TO_A, _IMPORTANT, _OLDEST, _NEWEST = 2, 3, 4, 5
_IMPORTANCE = ("firing", "pending", "recovering", "unknown", "inactive")


def _ordered(rules: Sequence[Group], order: float | None) -> list[Group]:
    """Rules in an order, whose number is Grafana's. Equal ones stay as the server lists them, and
    so do all in the order of importance (measured with 12.4.0)."""
    if order == _IMPORTANT:
        return list(rules)
    if order in (_OLDEST, _NEWEST):
        ordered = sorted(rules, key=lambda rule: rule.start)
    else:
        ordered = sorted(rules, key=lambda rule: rule.title.casefold())
    return ordered[::-1] if order in (_Z_TO_A, _NEWEST) else ordered


def _rules(alerts: Sequence[Alert]) -> list[Group]:
    groups = _by(alerts, lambda alert: f"{alert.rule} {alert.name}")
    return [replace(group, title=group.alerts[0].name) for group in groups]


def _by(alerts: Sequence[Alert], name: Callable[[Alert], str]) -> list[Group]:
    groups: dict[str, list[Alert]] = {}
    for alert in alerts:
        groups.setdefault(name(alert), []).append(alert)
    return [Group(title, inside) for title, inside in groups.items()]


def _group_title(alert: Alert, labels: Sequence[str]) -> str:
    named = [f"{name}={alert.labels[name]}" for name in labels if name in alert.labels]
    return ", ".join(named) or "No grouping"


def _notes(options: Mapping[str, Any]) -> Iterator[str]:
    """What only a Grafana could answer."""
    if flag(options, "dashboardAlerts"):
        yield "Not only alerts of this dashboard: rules of a data source do not name dashboards."
    if part(options, "folder") or word(options, "folder"):
        yield "Alerts of all folders: rules of a data source are in none."
    if word(options, "datasource") == "grafana":
        yield "Alerts of Grafana itself are not shown."


# The page and pictures


def html(view: Alerts) -> Markup:
    """The list, or the number."""
    template = templates_of("gk.preview.kinds").get_template("alertlist.html")
    return Markup(template.render(view=view, paint=classes.paint, counted=counted))


def draw(view: Alerts, width: float, height: float, theme: Theme) -> Markup:
    """The alerts that fit, or their number as large as fits."""
    if view.is_stat:
        return _number(view, width, height, theme)
    if not view.groups:
        return lines.message("No alerts matching filters", width, height, theme)
    return lines.drawn(_lines(view), width, height, theme)


def _number(view: Alerts, width: float, height: float, theme: Theme) -> Markup:
    text = str(view.count)
    size = min(height * 0.8, 0.8 * width / text_width(text, 1.0))
    return element(
        "text",
        text,
        x="50%",
        y=height / 2 + size * 0.36,
        text_anchor="middle",
        font_size=size,
        font_weight="500",
        fill=theme.paint("text"),
    )


def _lines(view: Alerts) -> Iterator[lines.Line]:
    for group in view.groups:
        yield lines.Line(group.title, 14.0, is_bold=True, indent=10.0, gap=6.0, mark=group.color)
        since = f"{group.state} for {group.since}" if group.since else group.state
        count = counted(len(group.instances), "instance") if group.instances else ""
        said = " · ".join(filter(None, (since.capitalize(), count)))
        yield lines.Line(said, 12.0, color=group.color, indent=10.0)
        for alert in group.instances if view.shows_instances else ():
            said = " · ".join(filter(None, (alert.words, alert.labels_text, alert.summary)))
            yield lines.Line(said, 12.0, indent=10.0)
    for note in view.notes:
        yield lines.Line(note, 12.0, color="faint", gap=4.0)
