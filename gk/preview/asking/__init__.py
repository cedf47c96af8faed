"""What dashboards show, and what their panels ask for it.

    resources -> document -> arrangement -> repeats -> targets -> answers -> panels -> Board

document        a dashboard from anywhere, in today's classic form
arrangement     its rows, tabs and grids, as they are written
repeats         panels, rows and tabs as often as they show
targets         what a panel's queries ask
answers         what came of asking, and why there is nothing
panels          frames, notes, links and annotations of a panel
visibility, grid    which panels show, and where
texts           variables in texts
"""

from __future__ import annotations

from gk.preview.asking.answers import Bar, no_bar
from gk.preview.asking.run import Preview, Wanted, preview

__all__ = ["Bar", "Preview", "Wanted", "no_bar", "preview"]
