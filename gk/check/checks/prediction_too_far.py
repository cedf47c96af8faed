"""predict_linear() predicts far more time than it looks back over.

Problem: a short change, such as an upload or a compaction, is extrapolated over days.

    predict_linear(node_filesystem_avail_bytes[15m], 4 * 24 * 3600) < 0

Instead: look back further.

    predict_linear(node_filesystem_avail_bytes[6h], 4 * 24 * 3600) < 0

More than `most` times the range is reported. kubernetes-mixin predicts 4 days from 6 hours, 16
times as much.
"""

from __future__ import annotations

from collections.abc import Iterator

import promql_parser

from gk.check.expressions.trees import calls, constant
from gk.check.model import Severity, check
from gk.check.subjects import Expression
from gk.documents.durations import spelled

__all__ = ["prediction_too_far"]


@check(Severity.INFO)
def prediction_too_far(expression: Expression, *, most: int = 24) -> Iterator[str]:
    """Compare the range with the time that is predicted."""
    if "predict_linear" not in expression.text or "$" in expression.text:
        return
    for call in calls(expression.nodes, {"predict_linear"}):
        back, ahead = _range(call.args[0]), constant(call.args[1])
        if back and ahead and ahead > most * back:
            yield (
                f"predicts {spelled(int(ahead * 1000))} from {spelled(int(back * 1000))}, "
                f"more than {most} times as much; look back further"
            )


def _range(expr: promql_parser.Expr) -> float:
    """The seconds that it looks back over."""
    if isinstance(expr, (promql_parser.MatrixSelector, promql_parser.SubqueryExpr)):
        return expr.range.total_seconds() if expr.range else 0
    return 0
