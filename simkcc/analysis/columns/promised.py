"""Promises to call back and the questions behind them: columns that figures of the second line share.

A question needed the second line if it was handed over, or left the first line as a callback or
form. What the log cannot tell apart is a promise that needed no specialist: it counts as one too.
"""

from functools import cached_property

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.counted import NOBODY
from simkcc.analysis.columns.log import Table
from simkcc.analysis.columns.tallies import among, marked, tally
from simkcc.engine.plan import Plan
from simkcc.model.contact_log import (
    DAY,
    FOREVER,
    NONE,
    SECOND,
    ContactKind,
    How,
    LegKind,
    Origin,
    Outcome,
)
from simkcc.model.scenario import Scenario

PROMISES = (ContactKind.CALLBACK, ContactKind.FORM)
PROMISED = (Outcome.CALLBACK, Outcome.FORM)
WORK = (LegKind.TALK, LegKind.HOLD, LegKind.HANDOVER, LegKind.WRAP)
"""Legs in which a specialist is at work for a citizen; ringing is not."""


AFTER_THE_QUESTION = (LegKind.TALK, LegKind.HANDOVER, LegKind.CONSULT, LegKind.QUEUE)
"""Legs in which the first line may still be at work once it knows the question."""


def on_rota(scenario: Scenario) -> tuple[bool, ...]:
    """Return whether each group is on rota: it answers a second line that has a permanence."""
    used = {topic.second_line.name for topic in scenario.topics.values() if topic.second_line}
    queues = {
        line.queue
        for name, line in scenario.second_lines.items()
        if name in used and line.permanence in ("constant", "urgent") and line.queue is not None
    }
    groups = {route.group for queue in queues for route in scenario.queues[queue].routes}
    return tuple(name in groups for name in scenario.groups)


class WorkingDays:
    """The days on which the centre's hours `open` are open."""

    def __init__(self, plan: Plan) -> None:
        """Read the spans of `open`."""
        row = plan.hours[0]
        spans = plan.spans[row["first"] : row["last"]]
        days = spans["start"] // DAY
        last = np.append(days[1:] != days[:-1], True)[: len(days)]
        self.dates, self.closings = days[last], spans["end"][last]

    def due(self, since: np.ndarray, days: int) -> np.ndarray:
        """Return the closing of the `days`-th working day after that of each moment.

        0 is the closing of today, or of the next working day if it is closed by then.
        """
        if days == 0:
            row = np.searchsorted(self.closings, since, side="right")
        else:
            row = np.searchsorted(self.dates, since // DAY, side="right") + days - 1
        return np.append(self.closings, FOREVER)[np.minimum(row, len(self.closings))]

    def between(self, start: int, end: int) -> int:
        """Return how many working days close in (start, end]."""
        return int(((self.closings > start) & (self.closings <= end)).sum())


def working_days(calls: Calls) -> WorkingDays:
    """Return the working days of the centre that was called."""
    return WorkingDays(calls.plan)


class Promised:
    """The promises of one replication that count, as columns (N,)."""

    def __init__(self, calls: Calls, *, backlog: bool = False) -> None:
        """Choose promises born in the window; with `backlog`, every one that is known."""
        contacts = calls.log.contacts
        self.calls, self.days = calls, calls.once(working_days)
        rows = contacts.where(among(contacts["kind"], PROMISES))
        rows = rows.where(calls.window.counted[rows["topic"]])
        if not backlog:
            inside = (rows["born"] >= calls.window.start) & (rows["born"] < calls.window.end)
            rows = rows.where(inside & (rows["origin"] != Origin.BACKLOG))
        self.rows, self.born = rows, rows["born"]
        self._due: dict[int, np.ndarray] = {}

    @cached_property
    def reached(self) -> np.ndarray:
        """Return when each citizen was reached; FOREVER if not, or not yet."""
        back = self.rows["outcome"] == Outcome.RETURNED
        return np.where(back, self.rows["ended"], FOREVER)

    @cached_property
    def attempted(self) -> np.ndarray:
        """Return when the first attempt began; that of promises nobody is simulated for, reached."""
        log = self.calls.log
        waits, first = log.stays(LegKind.QUEUE), np.full(len(log.contacts), FOREVER)
        promises = marked(self.rows["serial"], len(first))
        tries = np.flatnonzero(promises[waits["contact"]] & (waits["how"] == How.ANSWERED))
        np.minimum.at(first, waits["contact"][tries], waits["end"][tries])
        return np.minimum(first[self.rows["serial"]], self.reached)

    def due(self, days: int) -> np.ndarray:
        """Return when each was due, if `days` working days are allowed."""
        if days not in self._due:
            self._due[days] = self.days.due(self.born, days)
        return self._due[days]

    def is_due(self, days: int) -> np.ndarray:
        """Return whether `days` working days have passed for each, open ones included."""
        return self.due(days) <= self.calls.window.end

    def within(self, moment: np.ndarray, days: int) -> np.ndarray:
        """Return which of those due saw the moment in time."""
        return self.is_due(days) & (moment <= self.due(days))


class SecondLineCalls:
    """The counted calls that needed the second line, as columns over all calls (N,)."""

    def __init__(self, calls: Calls) -> None:
        """Follow every call to its promise, if it made one."""
        self.calls, self.days = calls, calls.once(working_days)
        contacts = calls.log.contacts
        self.handed = calls.outcome_is(Outcome.TRANSFERRED)
        self.promised = calls.outcome_is(*PROMISED)
        self.lost = calls.outcome_is(Outcome.TRANSFER_FAILED, Outcome.FORGOTTEN)
        self.needed = calls.answered & (self.handed | self.promised | self.lost)
        tasks = np.flatnonzero(
            among(contacts["kind"], PROMISES) & (contacts["origin"] == Origin.TASK)
        )
        child = np.full(len(contacts), NONE)
        child[contacts["parent"][tasks]] = tasks
        self.child = child[calls.serials]

    @cached_property
    def resolved(self) -> np.ndarray:
        """Return when each was resolved, in microseconds; FOREVER if not, or not yet."""
        at = np.where(self.handed, self.calls.contacts["ended"], FOREVER)
        contacts = self.calls.log.contacts
        back = (self.child != NONE) & (contacts["outcome"][self.child] == Outcome.RETURNED)
        return np.where(self.promised & back, contacts["ended"][self.child], at)

    @cached_property
    def dropped(self) -> np.ndarray:
        """Return which were given up: failed and not noted, or noted and never returned."""
        contacts = self.calls.log.contacts
        gone = contacts["outcome"][self.child] == Outcome.NEVER_RETURNED
        return self.needed & (self.lost | (self.promised & (self.child != NONE) & gone))

    @cached_property
    def first_line_seconds(self) -> np.ndarray:
        """Return the first line's seconds after the question was heard, wrap-up and hold left out.

        Ringing, holding the caller for a specialist, handing over, explaining, writing down. Of
        calls that needed no second line 0.
        """
        if not self.needed.any():
            return np.zeros(len(self.calls))
        legs = [self._by_first_line(kind) for kind in AFTER_THE_QUESTION]
        talks, _, _, waits = legs
        heard = np.full(len(self.calls), FOREVER)
        start = np.zeros(len(self.calls), np.int64)
        answers = waits.where(waits["answered"])
        np.maximum.at(start, answers["owner"], answers["end"])
        told = talks.where(talks["ours"] & (talks["start"] >= start[talks["owner"]]))
        np.minimum.at(heard, told["owner"], told["end"])
        found = np.zeros(len(self.calls))
        for each in legs:
            after = each.where(each["ours"] & (each["start"] >= heard[each["owner"]]))
            found += tally(after["owner"], len(self.calls), after["lengths"])
        return found / SECOND

    def _by_first_line(self, kind: LegKind) -> Table:
        """Return the legs of a kind of these calls, and whether the first line was at work in each.

        In a queue only who waits along is; `answered` says whether the first line took the call.
        """
        stays, calls = self.calls.stays(kind), self.calls
        rows = np.flatnonzero(self.needed[stays["owner"]])
        first_line = np.append(calls.window.first_line, False)[calls.group_of]
        agent, along = first_line[stays["agent"][rows]], first_line[stays["second"][rows]]
        queued = kind == LegKind.QUEUE
        return Table(
            stays, rows, lengths=stays.lengths[rows], ours=along if queued else along | agent,
            answered=agent & (stays["how"][rows] == How.ANSWERED),
        )  # fmt: skip


class SecondLine:
    """What figures of the second line share, worked out once per replication."""

    def __init__(self, calls: Calls) -> None:
        """Look at the second line behind some calls."""
        self.calls = calls
        days = calls.once(working_days)
        self.days = float(days.between(calls.window.start, calls.window.end))
        ours = np.append(calls.window.first_line, True)
        self._specialist = np.where(ours[calls.group_of], NONE, calls.group_of)
        """Group of each agent of the second line; NONE for others, and for nobody."""

    @cached_property
    def promised(self) -> Promised:
        """Return the promises born in what counts."""
        return Promised(self.calls)

    @cached_property
    def known(self) -> Promised:
        """Return every promise, those of the backlog and of the warm-up too."""
        return Promised(self.calls, backlog=True)

    @cached_property
    def questions(self) -> SecondLineCalls:
        """Return the calls that needed it."""
        return SecondLineCalls(self.calls)

    @cached_property
    def interruptions(self) -> np.ndarray:
        """Return how many calls were put through to each group (G,)."""
        found = np.zeros(len(self.calls.plan.groups), np.intp)
        for kind, how in ((LegKind.CONSULT, How.REACHED), (LegKind.QUEUE, How.ANSWERED)):
            legs = self.calls.log.stays(kind)
            group = self._groups_at(legs)
            rows = np.flatnonzero((group != NONE) & (legs["how"] == how))
            start, window = legs["start"][rows], self.calls.window
            inside = (start >= window.start) & (start < window.end)
            of_call = self.calls.log.contacts["kind"][legs["contact"][rows]] == ContactKind.CALL
            found += tally(group[rows[inside & of_call]], len(found))
        return found

    def _groups_at(self, legs: Table) -> np.ndarray:
        """Return the group of the specialist on the line in each leg, or NONE."""
        second = self._specialist[legs["second"]]
        return np.where(second != NONE, second, self._specialist[legs["agent"]])

    @cached_property
    def seconds(self) -> np.ndarray:
        """Return the seconds each group of the second line worked for citizens (G,)."""
        return np.where(self.calls.window.first_line, 0.0, self.calls.seconds_of_groups(*WORK))

    @cached_property
    def work(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (agent, start, end) of each stay in which a specialist is at work."""
        found = [(NOBODY, NOBODY, NOBODY)]
        for kind in WORK:
            legs = self.calls.log.stays(kind)
            for column in ("agent", "second"):
                rows = np.flatnonzero(self._specialist[legs[column]] != NONE)
                found.append((legs[column][rows], legs["start"][rows], legs["end"][rows]))
        agent, start, end = map(np.concatenate, zip(*found, strict=True))
        return agent, start, end


def second_line(calls: Calls) -> SecondLine:
    """Return what is known of the second line behind these calls."""
    return calls.once(SecondLine)
