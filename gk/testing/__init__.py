"""What a team's own tests use: a plugin of pytest, with its fixtures in `plugin`.

    def test_the_shop_has_data(
        gk_prometheus: StartPrometheus, assert_returns_data: AssertReturnsData
    ) -> None:
        gk_prometheus({'orders_total{job="shop"}': "0+10x60"})
        assert_returns_data("shop/Orders")

pytest imports `plugin` at each of its starts, wherever gk is installed, so that and this module
import nothing else before a test asks for a fixture.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gk.prometheus import Prometheus

__all__ = ["AssertReturnsData", "StartPrometheus"]


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
