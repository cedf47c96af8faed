"""Knowledge of the documents of Grafana and Prometheus, from any source."""
