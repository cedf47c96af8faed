"""What panels show, and their pictures: a module for each type of panel, with the same functions.

    view(shown) -> the values that the panel shows: a frozen dataclass of the module's own
    draw(view, width, height, theme) -> SVG that fills a box of that size, without the title
    html(view) -> what the page shows in place of the picture

No picture is wrong about what it does not draw: the type that has no module shows its data as a
table, and says so.
"""

from __future__ import annotations
