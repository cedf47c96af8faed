"""What a team's own tests use: a plugin of pytest, with its fixtures in `plugin`.

    def test_the_shop_has_data(gk_prometheus, assert_returns_data):
        gk_prometheus({'orders_total{job="shop"}': "0+10x60"})
        assert_returns_data("shop/Orders")

pytest imports `plugin` at each of its starts, wherever gk is installed, so that imports nothing
else before a test asks for a fixture.
"""
