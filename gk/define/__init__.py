"""Constructors of definitions: dashboards, panels, data sources, alerts and notifications."""
