"""The figures of a day: the same functions as `simkcc run`, over the contact log so far."""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.floor import Window
from simkcc.analysis.columns.log import LogColumns
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.columns.tallies import among
from simkcc.analysis.folding import counting
from simkcc.analysis.metrics import METRICS
from simkcc.analysis.metrics.registry import Metric
from simkcc.engine.plan import Plan
from simkcc.model.contact_log import (
    DAY,
    NONE,
    SECOND,
    ContactKind,
    ContactLog,
    How,
    LegKind,
    Outcome,
)
from simkcc.model.scenario import Scenario

RECENT = 1800 * SECOND
"""How long ago the last half hour began."""

TODAY = (
    "offered", "answered", "accessibility_r1", "time_to_human", "asa", "abandonment",
    "menu_abandonment", "direct", "transferred", "transfer_success", "callback_note",
    "callbacks_returned", "sl7", "probe_wait",
)  # fmt: skip

LATELY = ("time_to_human", "abandonment", "menu_abandonment", "asa")

BY_PART = ("offered", "answered", "abandonment")

TASK_KINDS = (ContactKind.CALLBACK, ContactKind.FORM)


@dataclass(frozen=True)
class Centre:
    """What the figures of a centre need to know about it."""

    scenario: Scenario
    plan: Plan
    described: bool = True
    """Whether somebody described it; if not, its source tells which queues and agents there are."""

    @property
    def headline(self) -> str:
        """Return the variant of the service level that counts here."""
        return str(self.scenario.norms.service_level)

    @property
    def of_parts(self) -> str:
        """Return the variant shown by line and half hour: that of test calls has no parts."""
        return self.headline if METRICS[self.headline].per_call else "sl2"

    @cached_property
    def _counting(self) -> tuple[Window, Rules]:
        return counting(self.scenario, self.plan)

    def counting(self, start: int, end: int, n_topics: int) -> tuple[Window, Rules]:
        """Return what counts of a stretch of time, and by which rules.

        Topics that a source named besides those of the scenario count; so do calls without one.
        """
        window, rules = self._counting
        counted = np.ones(max(n_topics, len(window.counted)) + 1, bool)
        counted[: len(window.counted)] = window.counted
        return replace(window, start=start, end=end, counted=counted), rules


def ratio(pair: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    """Return a figure with the sums it is made of; null where there is nothing to divide by."""
    above, below = float(pair[0].sum()), float(pair[1].sum())
    value = above / below if below > 0 else math.nan
    return {"v": None if math.isnan(value) else value, "num": above, "den": below}


def day_figures(
    log: ContactLog, centre: Centre, now: int, n_topics: int, n_queues: int
) -> dict[str, Any]:
    """Return the figures of the day of `now`, and of its last half hour."""
    midnight = now // DAY * DAY
    window, rules = centre.counting(midnight, now + 1, n_topics)
    columns = LogColumns(log)
    calls = Calls(columns, centre.plan, window)
    today = {name: ratio(METRICS[name].function(calls, rules)) for name in TODAY}
    today["share_in_kcc"] = _share_in_kcc(calls, rules)
    today["sl"] = ratio(METRICS[centre.headline].function(calls, rules))
    window, rules = centre.counting(max(now - RECENT, midnight), now + 1, n_topics)
    last = Calls(columns, centre.plan, window)
    lately = {name: ratio(METRICS[name].function(last, rules)) for name in LATELY}
    lately["sl"] = ratio(METRICS[centre.headline].function(last, rules))
    waits = (calls.joined != NONE) & (calls.how == How.OPEN)
    missed = int((waits & (now - calls.joined > rules.threshold * SECOND)).sum())
    return {
        "today": today,
        "lately": lately,
        "missed": missed,
        "in_conversation": int((calls.answered & ~calls.finished).sum()),
        "callbacks": _callbacks(calls, now),
        "cases": _cases(calls, now),
        "left_unknown": int(np.isin(calls.how, (How.UNKNOWN, How.VANISHED)).sum()),
        "unknown": [] if centre.described else _unknown(calls, today),
        "queues": _parts_of(calls, centre, rules, calls.queue, n_queues),
        "half_hours": _parts_of(calls, centre, rules, calls.half_hour, 48),
    }


def _share_in_kcc(calls: Calls, rules: Rules) -> dict[str, Any]:
    """Return the share handled in the contact centre; none if an agent's group is not known."""
    legs = calls.log.legs
    n_agents = calls.plan.n_agents
    if (legs["agent"] >= n_agents).any() or (legs["second"] >= n_agents).any():
        return {"v": None, "num": 0.0, "den": 0.0}
    return ratio(METRICS["share_in_kcc"].function(calls, rules))


def _callbacks(calls: Calls, now: int) -> dict[str, Any]:
    """Return callbacks and forms that are open, and of those the overdue ones."""
    tasks = calls.log.contacts
    tasks = tasks.where(among(tasks["kind"], TASK_KINDS) & (tasks["outcome"] == Outcome.OPEN))
    overdue = (tasks["due"] != NONE) & (tasks["due"] < now)
    oldest = int(tasks["born"].min()) if len(tasks) else None
    return {"open": len(tasks), "overdue": int(overdue.sum()), "oldest": oldest}


def _cases(calls: Calls, now: int) -> dict[str, int]:
    """Return cases that are open, of those the overdue ones, and those that fall due today."""
    cases = calls.log.contacts
    cases = cases.where((cases["kind"] == ContactKind.CASE) & (cases["outcome"] == Outcome.OPEN))
    due = cases["due"][cases["due"] != NONE]
    today = (due >= now) & (due < (now // DAY + 1) * DAY)
    return {"open": len(cases), "overdue": int((due < now).sum()), "today": int(today.sum())}


def _unknown(calls: Calls, today: dict[str, Any]) -> list[str]:
    """Return the tiles for which a source told nothing at all: what it cannot know is not 0."""
    kinds, contacts = calls.log.legs["kind"], calls.log.contacts["kind"]
    told = {
        ("abandoned_menu", "time_to_human"): LegKind.MENU in kinds,
        ("transfers",): LegKind.CONSULT in kinds,
        ("callbacks",): bool(np.isin(contacts, TASK_KINDS).any()),
        ("probe",): ContactKind.PROBE in contacts,
        ("abandoned_queue",): today["abandonment"]["num"] > 0 or How.UNKNOWN not in calls.how,
        ("desk_now",): ContactKind.VISIT in contacts,
        ("cases",): ContactKind.CASE in contacts,
        ("in_kcc", "provider", "permanence"): False,
    }
    return [tile for tiles, known in told.items() if not known for tile in tiles]


def _parts_of(
    calls: Calls, centre: Centre, rules: Rules, column: np.ndarray, size: int
) -> list[dict[str, Any]]:
    """Return the figures of the calls by the values of a column: first queue, or half hour."""
    return [
        {name: ratio(pair) for name, pair in parts.items()}
        for parts in _parts(calls, centre, rules, column, size)
    ]


def _parts(
    calls: Calls, centre: Centre, rules: Rules, column: np.ndarray, size: int
) -> list[dict[str, tuple[np.ndarray, np.ndarray]]]:
    """Return numerator and denominator of some figures by the values of a column."""
    wanted: dict[str, Metric] = {name: METRICS[name] for name in BY_PART}
    wanted["sl"] = METRICS[centre.of_parts]
    nothing = np.zeros(1), np.zeros(1)
    found = [dict.fromkeys(wanted, nothing) for _ in range(size)]
    inside = (column >= 0) & (column < size)

    def sums(values: np.ndarray) -> np.ndarray:
        if len(values) != len(column):
            return np.full(size, values.sum())
        return np.bincount(column[inside], values[inside], minlength=size)

    for name, metric in wanted.items():
        above, below = map(sums, metric.function(calls, rules))
        for part, parts in enumerate(found):
            parts[name] = above[part : part + 1], below[part : part + 1]
    return found
