"""What a team's own tests use: a plugin of pytest, with its fixtures in `plugin`.

    def test_the_shop_has_data(
        gk_prometheus: StartPrometheus, assert_returns_data: AssertReturnsData
    ) -> None:
        gk_prometheus({'orders_total{job="shop"}': "0+10x60"})
        assert_returns_data("shop/Orders")


    def test_many_orders_are_red(gk_panel: ShowPanel) -> None:
        panel = gk_panel("shop", "Orders", {'orders_total{job="shop"}': "0+6000x60"})
        assert (panel.text, panel.color) == ("100 req/s", "red")

pytest imports `plugin` at each of its starts, wherever gk is installed, so that and this module
import nothing else before a test asks for a fixture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gk.prometheus import Prometheus
    from gk.testing.panels import Panel

__all__ = ["NOW", "AssertReturnsData", "ShowPanel", "StartPrometheus"]

NOW = 1_767_268_800.0
"""The current time of the panels that gk_panel shows, in seconds since 1970: 2026-01-01T12:00:00Z,
as in `gk preview --series`."""


class StartPrometheus(Protocol):
    """The type of the fixture gk_prometheus."""

    def __call__(self, series: Mapping[str, str], interval: str = "1m") -> Prometheus:
        """Start a Prometheus with series in promtool's notation, whose samples have this
        interval."""


class AssertReturnsData(Protocol):
    """The type of the fixture assert_returns_data."""

    def __call__(
        self,
        panel: object,
        *,
        prometheus: Prometheus | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Assert that each query of a panel, a rule, a dashboard or a snippet returns a number."""


class ShowPanel(Protocol):
    """The type of the fixture gk_panel."""

    def __call__(
        self,
        dashboard: object,
        title: str = "",
        series: Mapping[str, str] | None = None,
        *,
        interval: str = "1m",
        variables: Mapping[str, str | Sequence[str]] | None = None,
        start: str = "",
        end: str = "",
        prometheus: Prometheus | None = None,
    ) -> Panel:
        """What a panel shows of series in promtool's notation."""
