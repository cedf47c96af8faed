"""Mistakes that Grafana and Prometheus accept."""
