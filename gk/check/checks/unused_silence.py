"""A silence silences nothing any more.

Problem: what it was written for is gone, and it would hide a new finding.

    # gk: silence division-by-zero: No request means no error here.

Instead: remove it.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Silenced

__all__ = ["unused_silence"]


@check(Severity.WARNING, peers=("pint: pint/comment",))
def unused_silence(silenced: Silenced) -> Iterator[str]:
    """Report each silence that covers no finding."""
    if not silenced.findings:
        yield f"the silence of {silenced.silence.check} silences nothing; remove it"
