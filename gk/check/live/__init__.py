"""Asks a running Prometheus every query of a project as Grafana would, and says why some are empty.

    Project -> questions -> asking -> model.Live -> checks of live subjects, gk.check.forms

`run` does it. `asking` asks each question once, in threads, at a pace; `empty` and `selecting` find
the reason of an empty result by the fewest further questions, and `hints` what would bring it.
"""
