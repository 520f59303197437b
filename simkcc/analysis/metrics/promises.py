"""Figures of promises: callbacks and forms, and what is left lying of them."""

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.log import Table
from simkcc.analysis.columns.promised import second_line
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.metrics.registry import Pair, metric
from simkcc.analysis.metrics.terms import one
from simkcc.model.contact_log import DAY, NONE, SECOND, Outcome

HOUR = 3600 * SECOND


def _due(calls: Calls) -> Table:
    """Return the tasks that fell due within what is counted, open overdue ones included."""
    tasks = calls.tasks
    return tasks.where((tasks["due"] != NONE) & (tasks["due"] <= calls.window.end))


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


def _in_days(calls: Calls, days: int, what: str) -> Pair:
    found = second_line(calls).promised
    in_time = found.within(getattr(found, what), days)
    return one(float(in_time.sum()), float(found.is_due(days).sum()))


@metric("callbacks_same_day", "share", "higher", "Dezelfde dag teruggebeld",
        "Called back the same day", "reached by closing of that day / due by then",
        per_call=False)  # fmt: skip
def callbacks_same_day(calls: Calls, rules: Rules) -> Pair:
    """Return citizens reached by the closing of the day of their request over requests due then.

    A request after closing has the next working day. Days are those of the centre's hours `open`.
    """
    return _in_days(calls, 0, "reached")


@metric("callbacks_2wd", "share", "higher", "Teruggebeld binnen 2 werkdagen",
        "Called back within 2 working days", "reached by closing of the 2nd working day / due",
        per_call=False)  # fmt: skip
def callbacks_2wd(calls: Calls, rules: Rules) -> Pair:
    """Return citizens reached by the closing of the second working day over requests due by then.

    Friday 16:55 is due on Tuesday at closing. Open overdue requests stay in the denominator; those
    not due yet are in neither. An attempt that nobody answered does not count (see attempted).
    """
    return _in_days(calls, 2, "reached")


@metric("callbacks_attempted_same_day", "share", "higher", "Dezelfde dag geprobeerd",
        "Tried the same day", "first attempt by closing of that day / due by then",
        per_call=False)  # fmt: skip
def callbacks_attempted_same_day(calls: Calls, rules: Rules) -> Pair:
    """Return requests with an attempt that began by the closing of their day over those due.

    More flattering than reached: the citizen may not have picked up.
    """
    return _in_days(calls, 0, "attempted")


@metric("callbacks_attempted_2wd", "share", "higher", "Geprobeerd binnen 2 werkdagen",
        "Tried within 2 working days", "first attempt by closing of the 2nd working day / due",
        per_call=False)  # fmt: skip
def callbacks_attempted_2wd(calls: Calls, rules: Rules) -> Pair:
    """Return requests with an attempt that began in time over those due; see callbacks_2wd."""
    return _in_days(calls, 2, "attempted")


@metric("callbacks_ever", "share", "higher", "Ooit teruggebeld", "Ever called back",
        "reached before the end / due", per_call=False)  # fmt: skip
def callbacks_ever(calls: Calls, rules: Rules) -> Pair:
    """Return requests due (2 working days) whose citizen was reached before the end of the run.

    Zaanstad's 28.6 % (4 of 14). It depends on how long one looks: a long run flatters it.
    """
    found = second_line(calls).promised
    due = found.is_due(2)
    return one(float((due & (found.reached <= calls.window.end)).sum()), float(due.sum()))


# ---------------------------------------------------------------------------------------------
# what is left lying


def _open(calls: Calls) -> Table:
    """Return the promises open at the end of what is counted, those of the backlog included."""
    rows = second_line(calls).known.rows
    end = calls.window.end
    return rows.where((rows["born"] < end) & ((rows["ended"] == NONE) | (rows["ended"] > end)))


@metric("backlog", "number", "lower", "Openstaand op het einde", "Open at the end",
        "callbacks and forms not closed at the end", per_call=False)  # fmt: skip
def backlog(calls: Calls, rules: Rules) -> Pair:
    """Return how many callbacks and forms are open at the end.

    One moment of one day. If their owners cannot keep up it depends on the length of the run alone.
    """
    return one(float(len(_open(calls))), 1.0)


@metric("backlog_overdue", "number", "lower", "Openstaand over de termijn", "Open and overdue",
        "open and past their due time at the end", per_call=False)  # fmt: skip
def backlog_overdue(calls: Calls, rules: Rules) -> Pair:
    """Return how many callbacks and forms are open past their own due time at the end."""
    due = _open(calls)["due"]
    return one(float(((due != NONE) & (due <= calls.window.end)).sum()), 1.0)


@metric("backlog_age", "h", "lower", "Leeftijd van wat openstaat", "Age of what is open",
        "mean age of open callbacks and forms at the end", per_call=False)  # fmt: skip
def backlog_age(calls: Calls, rules: Rules) -> Pair:
    """Return the mean age in hours by the clock, nights and weekends included, of what is open.

    Pooled over replications. The old ones alone are seen for long: it is no time to resolution.
    """
    ages = calls.window.end - _open(calls)["born"]
    return one(float(ages.sum()) / HOUR, float(len(ages)))


@metric("backlog_age_p90", "h", "lower", "Leeftijd van wat openstaat, P90",
        "Age of what is open, P90", "nine in ten open ones are younger", per_call=False)  # fmt: skip
def backlog_age_p90(calls: Calls, rules: Rules) -> Pair:
    """Return the age below which nine in ten open ones lie: the mean of it over replications.

    Replications with nothing open count in neither sum.
    """
    ages = calls.window.end - _open(calls)["born"]
    if len(ages) == 0:
        return one(0.0, 0.0)
    return one(float(np.percentile(ages, 90, method="higher")) / HOUR, 1.0)


@metric("backlog_growth", "per day", "lower", "Groei van wat openstaat", "Growth of what is open",
        "slope of the number open at midnight", per_call=False)  # fmt: skip
def backlog_growth(calls: Calls, rules: Rules) -> Pair:
    """Return by how many callbacks and forms a day (of seven a week) the pile grows.

    The slope of a line of least squares through the number open at each midnight. It wanders around
    zero when the owners keep up; see analysis/promises/stability for what it proves.
    """
    start, end = calls.window.start, calls.window.end
    moments = np.arange(start, end + 1, DAY)
    if len(moments) < 3:
        return one(0.0, 0.0)
    rows = second_line(calls).known.rows
    ended = rows["ended"][rows["ended"] != NONE]
    number = np.searchsorted(np.sort(rows["born"]), moments) - np.searchsorted(
        np.sort(ended), moments, side="right"
    )
    return one(float(np.polyfit(np.arange(len(moments)), number, 1)[0]), 1.0)
