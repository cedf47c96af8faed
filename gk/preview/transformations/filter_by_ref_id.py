"""Only the frames of some queries, or all but those."""

from __future__ import annotations

from gk.preview.model import Frame
from gk.preview.parts import word
from gk.preview.transformations.frame_filter import by_ref_id
from gk.preview.transformations.model import Frames, Options

__all__ = ["apply"]


def apply(frames: Frames, options: Options) -> list[Frame]:
    """Keep what is included, without what is excluded."""
    include, exclude = (
        by_ref_id(text) if text else None
        for text in (word(options, "include"), word(options, "exclude"))
    )
    return [
        frame
        for frame in frames
        if not (exclude and exclude(frame)) and (include is None or include(frame))
    ]
