"""Alert lists: the alerts of a data source's rules, as Grafana 12.4 lists them: without values.

They are in a frame of `meta` type "alerts", with a row for each alert and one for each rule without
alerts: alertname, state (firing, pending, inactive), activeAt (milliseconds), labels, summary.
Grafana's own alerts, folders and the alerts of one dashboard are unknown without a Grafana.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from gk.bounded.patterns import compiled
from gk.forms.html import templates_of
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


@dataclass(frozen=True, slots=True)
class Alerts:
    """What the list shows. `count` is the number of alerts; with `is_stat`, nothing else shows."""

    groups: Sequence[Group] = ()
    count: int = 0
    color: str = "green"
    is_stat: bool = False
    notes: Sequence[str] = ()


_COLORS = {
    "firing": "red",
    "pending": "orange",
    "recovering": "orange",
    "inactive": "green",
    "unknown": "blue",
}


def view(shown: Shown) -> Alerts:
    """The alerts that the panel's options let through, in its order."""
    options = shown.options
    states = _states(options)
    name = shown.interpolate(word(options, "alertName")).strip().lower()
    matchers = _matchers(shown.interpolate(word(options, "alertInstanceLabelFilter")))
    alerts = [
        alert
        for alert in _alerts(shown)
        if alert.state in states
        and name in alert.name.lower()
        and all(matches(alert.labels) for matches in matchers)
    ]
    alerts.sort(key=_ordered_by(number(options, "sortOrder")))
    if number(options, "sortOrder") in (_Z_TO_A, _NEWEST):
        alerts.reverse()
    count = sum(alert.state != "inactive" for alert in alerts)
    most = number(options, "maxItems")
    groups = list(_groups(alerts[:_MOST], words(options, "groupBy"), options))
    return Alerts(
        groups=groups[: max(0, int(most))] if most is not None else groups,
        count=count,
        color=_color(alerts),
        is_stat=word(options, "viewMode") == "stat",
        notes=list(_notes(options)),
    )


def _color(alerts: Sequence[Alert]) -> str:
    """That of the worst state."""
    states = {alert.state for alert in alerts}
    return next((_COLORS[state] for state in ("firing", "pending") if state in states), "green")


def _states(options: Mapping[str, Any]) -> set[str]:
    chosen = part(options, "stateFilter")
    if not chosen:
        return {"firing", "pending"}
    states = {state for state in ("firing", "pending", "recovering") if flag(chosen, state)}
    if flag(chosen, "normal") or flag(chosen, "inactive") or flag(options, "showInactiveAlerts"):
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
            for row in range(min(frame.length, 10 * _MOST)):
                yield _alert({field.name: field.at(row) for field in frame.fields}, shown)


def _alert(row: Mapping[str, Any], shown: Shown) -> Alert:
    start = number(row, "activeAt")
    labels = row.get("labels")
    return Alert(
        name=word(row, "alertname"),
        state=word(row, "state"),
        labels={str(key): str(label) for key, label in labels.items()}
        if isinstance(labels, dict)
        else {},
        start=start,
        since="" if start is None else _length(shown.time.end - start / 1_000),
        summary=word(row, "summary"),
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


def _ordered_by(order: float | None) -> Any:
    """The key of an order; numbers are Grafana's."""
    if order == _IMPORTANT:
        return lambda alert: (_importance(alert), alert.name.casefold(), alert.labels_text)
    if order in (_OLDEST, _NEWEST):
        return lambda alert: (alert.start or 0.0, alert.name.casefold(), alert.labels_text)
    return lambda alert: (alert.name.casefold(), alert.labels_text)


def _importance(alert: Alert) -> int:
    return _IMPORTANCE.index(alert.state) if alert.state in _IMPORTANCE else len(_IMPORTANCE)


def _groups(
    alerts: Sequence[Alert], by: Sequence[str], options: Mapping[str, Any]
) -> Iterator[Group]:
    """Alerts by their rules, or by the labels that the panel names."""
    is_custom = word(options, "groupMode") == "custom" or (bool(by) and "groupMode" not in options)
    groups: dict[str, list[Alert]] = {}
    for alert in alerts:
        said = ", ".join(
            f"{name}={alert.labels.get(name, '')}" for name in by if name in alert.labels
        )
        groups.setdefault((said or "No grouping") if is_custom and by else alert.name, []).append(
            alert
        )
    for title, inside in groups.items():
        yield Group(title, inside)


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
    return Markup(template.render(view=view, paint=classes.paint, tally=_tally))


def _tally(group: Group) -> str:
    """2 firing, 1 pending."""
    counts = Counter(alert.state for alert in group.alerts)
    known = [state for state in _IMPORTANCE if state in counts]
    others = sorted(set(counts) - set(known))
    return ", ".join(f"{counts[state]} {state}" for state in (*known, *others))


def draw(view: Alerts, width: float, height: float, theme: Theme) -> Markup:
    """The alerts that fit, or their number as large as fits."""
    if view.is_stat:
        return _number(view, width, height, theme)
    if not view.groups:
        return lines.message("No alerts match", width, height, theme)
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
        fill=theme.paint(view.color),
    )


def _lines(view: Alerts) -> Iterator[lines.Line]:
    for group in view.groups:
        worst = min(group.alerts, key=_importance)
        yield lines.Line(group.title, 14.0, is_bold=True, indent=10.0, gap=6.0, mark=worst.color)
        for alert in group.alerts:
            said = " · ".join(filter(None, (alert.words, alert.labels_text, alert.summary)))
            yield lines.Line(said, 12.0, color=alert.color, indent=10.0)
    for note in view.notes:
        yield lines.Line(note, 12.0, color="faint", gap=4.0)
