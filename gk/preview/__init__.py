"""Dashboards as Grafana would draw them, with real data and without a Grafana.

    dashboard -> asking -> answers -> frames -> transformations -> fields -> kinds -> page, pictures

asking           what a dashboard shows, repeated and placed, and what its panels ask
frames           Prometheus's answers as tables of fields
transformations  frames of frames, one module each
fields           what one field shows of a value: its text, its colour, its name
kinds            what a panel of one type shows, as values, and its picture; one module each
page             the self-contained page
"""

from __future__ import annotations
