"""The part `labels:` of gk.yaml: a preset of labels, and what a project overrides in it."""

from __future__ import annotations

import re

import yaml

from gk.errors import did_you_mean
from gk.promql.labels import HISTOGRAMS, PRESETS, Histograms, Labels, LabelScheme, Regex
from gk.promql.syntax import is_regex, parse
from gk.settings.yaml_nodes import NodeReader, one_of

__all__ = ["LabelsReader"]

DEFAULT_PRESET = "kube-prometheus"
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


class LabelsReader(NodeReader):
    """Reads the nodes of `labels:`."""

    def _labels(self, node: yaml.Node, where: str) -> LabelScheme:
        if isinstance(node, yaml.ScalarNode):
            return LabelScheme(PRESETS[self._preset(node, where)])
        items = self._items(node, where)
        preset = next(
            (self._preset(value, where) for key, value in items if key == "preset"), DEFAULT_PRESET
        )
        labels = dict(PRESETS[preset])
        for name, value in items:
            if name not in ("preset", "cluster"):
                labels[name] = self._exporter(
                    value, f"{where}.{name}", labels.get(name) or Labels(job=name)
                )
        cluster = next(
            (self._label(value, f"{where}.cluster") for key, value in items if key == "cluster"), ""
        )
        return LabelScheme(labels, cluster)

    def _preset(self, node: yaml.Node, where: str) -> str:
        name = self._text(node, where)
        if name in PRESETS:
            return name
        self._wrong(
            node,
            f"{where}: unknown preset '{name}'{did_you_mean(name, PRESETS) or one_of(PRESETS)}",
        )
        return DEFAULT_PRESET

    def _exporter(self, node: yaml.Node, where: str, default: Labels) -> Labels:
        labels = self._map(
            node,
            where,
            {
                "job": self._job,
                "node": self._label,
                "matchers": self._matchers,
                "histograms": self._histograms,
            },
        )
        # Matchers select the exporter's series from one job, so they do not apply to another job.
        inherited = (
            {} if "job" in labels else {"matchers": default.matchers, "shared": default.shared}
        )
        inherited |= {"job": default.job, "node": default.node, "histograms": default.histograms}
        return Labels(**{**inherited, **labels})

    def _histograms(self, node: yaml.Node, where: str) -> Histograms:
        text = self._checked(node, where, _histograms_mistake)
        # The literal, which a type checker knows, instead of the text.
        return next((known for known in HISTOGRAMS if known == text), "classic")

    def _job(self, node: yaml.Node, where: str) -> str | tuple[str, ...] | Regex:
        if isinstance(node, yaml.SequenceNode):
            jobs = self._list(node, where)
            return jobs[0] if len(jobs) == 1 else jobs
        if not isinstance(node, yaml.MappingNode):
            return self._text(node, where)
        given = self._map(node, where, {"regex": self._filled})
        pattern = str(given.get("regex", ""))
        if not node.value or not is_regex(pattern):
            self._wrong(
                node,
                f"{where}: '{pattern}' is not a regular expression; write {{regex: shop-.+}}",
            )
        return Regex(pattern)

    def _label(self, node: yaml.Node, where: str) -> str:
        name = self._text(node, where)
        if not _LABEL.fullmatch(name):
            self._wrong(node, f"{where}: '{name}' is not a valid label name")
        return name

    def _matchers(self, node: yaml.Node, where: str) -> tuple[str, ...]:
        matchers = self._list(node, where)
        for matcher in matchers:
            try:
                # PromQL's parser knows no matcher alone, so parse it in a selector.
                parse(f"up{{{matcher}}}")
            except ValueError:
                self._wrong(
                    node,
                    f"{where}: '{matcher}' is not a PromQL matcher, such as 'env=\"production\"'",
                )
        return matchers


def _histograms_mistake(text: str) -> str:
    if text in HISTOGRAMS:
        return ""
    return f"unknown kind '{text}'{did_you_mean(text, HISTOGRAMS) or one_of(HISTOGRAMS)}"
