"""The fields that edits can change, and gk's words for them."""

from __future__ import annotations

import enum

__all__ = ["Code"]


class Code(enum.Enum):
    """A field that gk knows; it decides what an edit means. The value is its word in every
    form."""

    OTHER = "other"
    """A field without a word in gk, shown by its path."""

    # Of whatever has it
    ID = "id"
    UID = "uid"
    NAME = "name"
    TITLE = "title"
    DESCRIPTION = "description"
    TAGS = "tags"
    TYPE = "type"
    URL = "url"
    FOLDER = "folder"
    DATASOURCE = "data source"
    ORDER = "order of"
    """`of` is what changed order: `queries`."""

    # Queries; `of` is the refId of a panel's
    QUERY = "query"
    QUERY_OPTION = "query option"
    LEGEND = "legend"

    # Panels
    VISUALIZATION = "visualization"
    TRANSFORMATIONS = "transformations"
    UNIT = "unit"
    THRESHOLDS = "thresholds"
    THRESHOLDS_STYLE = "style of thresholds"
    MAPPINGS = "value mappings"
    LINKS = "links"
    DATA_LINKS = "data links"
    LEGEND_MODE = "legend shown as"
    LEGEND_PLACEMENT = "legend placed"
    LEGEND_VALUES = "legend values"
    LEGEND_SHOWN = "legend shown"
    TOOLTIP = "tooltip"
    MOST_POINTS = "most data points"
    MIN_INTERVAL = "min interval"
    RELATIVE_TIME = "relative time"
    TIME_SHIFT = "time shift"
    LIBRARY_PANEL = "library panel"
    SUBTITLE = "subtitle"
    # `of` says which fields it is for
    OVERRIDE = "override"
    OVERRIDE_OPTION = "override option"
    OVERRIDE_THRESHOLDS = "override thresholds"

    # Where panels lie
    LAYOUT = "layout"
    MOVED = "moved"
    SIZE = "size"
    ROW = "row"
    COLLAPSED = "collapsed"
    REPEAT = "repeated"
    VISIBILITY = "visibility"
    """When a panel, a row or a tab is shown (schema v2)."""
    COLUMNS = "most columns"
    COLUMN_WIDTH = "column width"
    ROW_HEIGHT = "row height"
    FILLS_SCREEN = "fills the screen"
    HEADER_HIDDEN = "header hidden"
    ELEMENT = "element"

    # Dashboards
    SCHEMA = "schema"
    TIME_RANGE = "time range"
    TIME_ZONE = "time zone"
    REFRESH = "refresh"
    WEEK_START = "first day of the week"
    CROSSHAIR = "shared crosshair or tooltip"
    YEAR_START = "first month of the fiscal year"
    LIVE_NOW = "live now"

    # Variables and annotations
    DEFAULT_VALUE = "default value"
    ALL_VALUE = "all value"
    INCLUDE_ALL = "with All"
    MULTI = "several values"
    PART_OF = "part of"
    """The row or tab whose variable it is (schema v2)."""
    TEXT = "text"
    COLOR = "color"

    # Rules
    THRESHOLD = "threshold"
    WAITS = "for"
    SEVERITY = "severity"
    PAUSED = "paused"
    RECEIVER = "receiver"
    NO_DATA = "without data"
    ON_ERROR = "on errors"
    PANEL = "panel"
    EVERY = "evaluated every"
    KEEPS_FIRING = "keeps firing for"
    MUTE_TIMINGS = "mute timings"
    ACTIVE_TIMINGS = "active timings"
    GROUP_BY = "grouped by"
    GROUP_WAIT = "group wait"
    GROUP_INTERVAL = "group interval"
    REPEAT_INTERVAL = "repeat interval"
    LIMIT = "limit"
    QUERY_OFFSET = "query offset"
    RECORDED_TO = "recorded to"

    # Other objects
    DEFAULT = "default"
    BASIC_AUTH_USER = "user of basic auth"
    INSIDE_FOLDER = "inside the folder"

    # What a cause changed, in place of where it was seen
    LABELS = "labels"
    IN_PANEL = "in a panel"
    IN_ALERT = "in an alert"
    CHANGE_OF_QUERIES = "change of queries"

    def words(self, of: str, option: str) -> str:
        """A field of this code: `query A`, `query A: hide`, `unit`, `options.showHeader`."""
        whole = " ".join(filter(None, (_WORDS.get(self, self.value), of)))
        return ": ".join(filter(None, (whole, option)))


_WORDS = {
    Code.OTHER: "",
    Code.LINKS: "",
    Code.THRESHOLDS_STYLE: "",
    Code.QUERY_OPTION: Code.QUERY.value,
    Code.OVERRIDE_OPTION: Code.OVERRIDE.value,
    Code.OVERRIDE_THRESHOLDS: Code.OVERRIDE.value,
}
"""Codes whose word is not their value: shown by the path alone, or by the word of the owner."""
