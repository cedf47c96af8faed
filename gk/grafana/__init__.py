"""A running Grafana."""
