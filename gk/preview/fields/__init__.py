"""Fields as panels show them: names, texts, colours.

overrides    frames with the configuration of their fields: defaults, then overrides
names        what Grafana calls a field
display      what a panel shows of a value
units        numbers in units; a format is data, which the page's format.js runs, too
mappings     what is shown in place of a value
colors       the colours of values and of series, and thresholds
reducers     one value of all values
versions     what earlier versions of Grafana do otherwise
matchers     which fields an override is for
spec         a field's format as JSON
"""

from __future__ import annotations

from gk.preview.fields.colors import Step, color_of, limits_of, named, scale_of, steps_of
from gk.preview.fields.display import Shows, display_of
from gk.preview.fields.mappings import slow_mappings
from gk.preview.fields.matchers import matcher_of
from gk.preview.fields.names import frame_name_of, name_of
from gk.preview.fields.numbers import tick_decimals
from gk.preview.fields.overrides import configured, slow_overrides
from gk.preview.fields.printers import formatted
from gk.preview.fields.reducers import REDUCERS, reduced
from gk.preview.fields.spec import spec_of

__all__ = [
    "REDUCERS",
    "Shows",
    "Step",
    "color_of",
    "configured",
    "display_of",
    "formatted",
    "frame_name_of",
    "limits_of",
    "matcher_of",
    "name_of",
    "named",
    "reduced",
    "scale_of",
    "slow_mappings",
    "slow_overrides",
    "spec_of",
    "steps_of",
    "tick_decimals",
]
