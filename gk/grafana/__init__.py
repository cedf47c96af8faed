"""A running Grafana: the only package that speaks its HTTP API."""
