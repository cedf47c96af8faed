"""What definitions are made of: dashboards, panels, data sources, alerts and who they reach."""
