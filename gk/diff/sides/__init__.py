"""Where the two sides of a comparison come from: git, files, a running Grafana."""
