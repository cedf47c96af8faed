"""What a change does to dashboards, data sources and alerts, as a reviewer would say it."""
