"""The labels that `$job` and `$node` match: for each exporter, its job and its node label; and how
its histograms are stored.

Only this module knows them. A preset has the labels of one common way to scrape Kubernetes; gk.yaml
names the preset and may override the labels of each exporter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

from gk.promql.syntax import matcher, matching

__all__ = ["HISTOGRAMS", "PRESETS", "Histograms", "LabelScheme", "Labels", "Regex"]

Histograms: TypeAlias = Literal["classic", "native", "both"]
"""How histograms are stored: as series of buckets, as native histograms, or some of each kind, as
during a migration (gk.promql.histogram)."""

HISTOGRAMS: tuple[Histograms, ...] = get_args(Histograms)


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression that matches the whole name of a job."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Labels:
    """How the series of one exporter are labelled.

    `job` is the value of the label `job`, several values, or a regular expression; an empty tuple
    is no job: queries select without that label. `node` is the name of the label that identifies
    the node. `matchers` are PromQL matchers that every query of the exporter also needs, such as
    `metrics_path="/metrics/cadvisor"`. A `shared` job also scrapes other targets, so its series
    `up` includes them. `histograms` is how Prometheus stores the exporter's histograms.
    """

    job: str | tuple[str, ...] | Regex
    node: str = "instance"
    matchers: tuple[str, ...] = ()
    shared: bool = False
    histograms: Histograms = "classic"

    @property
    def job_matcher(self) -> str:
        """The PromQL matcher of the job; empty without one."""
        if isinstance(self.job, Regex):
            return matching("job", self.job.pattern)
        return matcher("job", self.job) if self.job else ""


PRESETS: Mapping[str, Mapping[str, Labels]] = MappingProxyType(
    {
        # The ServiceMonitors of kube-prometheus and kube-prometheus-stack. One kubelet job scrapes
        # /metrics, /metrics/cadvisor and /metrics/probes, so cAdvisor's series need the path as
        # well.
        "kube-prometheus": {
            "node": Labels(job="node-exporter"),
            "cadvisor": Labels(
                job="kubelet", node="node", matchers=('metrics_path="/metrics/cadvisor"',)
            ),
            "apiserver": Labels(job="apiserver"),
            "kubelet": Labels(job="kubelet", node="node", matchers=('metrics_path="/metrics"',)),
            "kube-state-metrics": Labels(job="kube-state-metrics", node="node"),
            # The names of kube-prometheus-stack come second.
            "etcd": Labels(job=("etcd", "kube-etcd")),
            "kube-scheduler": Labels(job="kube-scheduler"),
            "kube-controller-manager": Labels(job="kube-controller-manager"),
            "coredns": Labels(job=("kube-dns", "coredns")),
            "kube-proxy": Labels(job="kube-proxy"),
            # The same jobs scrape the sidecars that reload the configuration.
            "prometheus": Labels(
                job=Regex("prometheus-k8s|.+-prometheus"),
                matchers=('container!="config-reloader"',),
            ),
            "alertmanager": Labels(
                job=Regex("alertmanager-main|.+-alertmanager"),
                matchers=('container!="config-reloader"',),
            ),
            "grafana": Labels(job=Regex("grafana|.+-grafana")),
            "blackbox": Labels(job=Regex("blackbox.*|probe/.+")),
            # Every target of every job.
            "targets": Labels(job=()),
        },
        # Scraping by `prometheus.io/scrape` annotations, with the job names of the Prometheus
        # project's documentation/examples/prometheus-kubernetes.yml. cAdvisor's instance is the
        # name of the node there.
        "annotations": {
            "node": Labels(job="kubernetes-service-endpoints", shared=True),
            "cadvisor": Labels(job="kubernetes-cadvisor"),
            "apiserver": Labels(job="kubernetes-apiservers"),
            "kubelet": Labels(job="kubernetes-nodes"),
            "kube-state-metrics": Labels(
                job="kubernetes-service-endpoints", node="node", shared=True
            ),
            "etcd": Labels(job="kubernetes-service-endpoints", shared=True),
            "kube-scheduler": Labels(job="kubernetes-service-endpoints", shared=True),
            "kube-controller-manager": Labels(job="kubernetes-service-endpoints", shared=True),
            "coredns": Labels(job="kubernetes-service-endpoints", shared=True),
            "kube-proxy": Labels(job="kubernetes-service-endpoints", shared=True),
            "prometheus": Labels(job="prometheus"),
            "alertmanager": Labels(job="kubernetes-service-endpoints", shared=True),
            "grafana": Labels(job="kubernetes-service-endpoints", shared=True),
            "blackbox": Labels(job="kubernetes-services"),
            "targets": Labels(job=()),
        },
    }
)


@dataclass(frozen=True, eq=False)
class LabelScheme:
    """The labels of every exporter in one project: a preset with the project's overrides.

    `cluster` is the label that tells clusters apart; empty where Prometheus has the series of one.
    """

    by_exporter: Mapping[str, Labels] = field(default_factory=lambda: PRESETS["kube-prometheus"])
    cluster: str = ""

    def of(self, exporter: str) -> Labels:
        """The labels of `exporter`. An unknown exporter's job has the exporter's name, as is usual
        in scrape configurations."""
        return self.by_exporter.get(exporter) or Labels(job=exporter)
