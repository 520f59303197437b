"""Figures of promises: callbacks and forms."""

import numpy as np

from simkcc.analysis.calls import Calls
from simkcc.analysis.metrics.terms import one
from simkcc.analysis.registry import Pair, Rules, metric
from simkcc.model.contact_log import NONE, Outcome


def _due(calls: Calls) -> np.ndarray:
    """Return the tasks that fell due within what is counted, open overdue ones included."""
    tasks = calls.tasks
    return tasks[(tasks["due"] != NONE) & (tasks["due"] <= calls.window.end)]


@metric("callbacks_returned", "share", "higher", "Teruggebeld binnen de termijn",
        "Called back in time", "reached by the due time / due", per_call=False)  # fmt: skip
def callbacks_returned(calls: Calls, rules: Rules) -> Pair:
    """Return callbacks and forms that reached the citizen in time over all that were due."""
    due = _due(calls)
    reached = (due["outcome"] == Outcome.RETURNED) & (due["ended"] <= due["due"])
    return one(float(reached.sum()), len(due))


@metric("callbacks_opened", "per week", "", "Nieuwe terugbelverzoeken en formulieren",
        "New callbacks and forms", "opened per week", per_call=False)  # fmt: skip
def callbacks_opened(calls: Calls, rules: Rules) -> Pair:
    """Return callbacks and forms written down per week."""
    return one(len(calls.tasks), rules.weeks)
