"""One row per call, task and probe: the contact log, folded to what figures are made of.

Lengths are added up as whole microseconds, so that no order of rows changes a figure. Waits are
those of a call's first visit to a queue, from leaving the menu to the agent's pick-up or the
hang-up; a place held without a line counts as waiting. Who holds a place and does not pick up in
turn was not answered. Times are seconds.
"""

from functools import cached_property

import numpy as np

from simkcc.analysis.columns.counted import Counted
from simkcc.analysis.columns.floor import Window
from simkcc.analysis.columns.legs import Visits
from simkcc.analysis.columns.log import LogColumns, Table
from simkcc.analysis.columns.tallies import among, marked, tally
from simkcc.engine.plan import Plan
from simkcc.model.contact_log import (
    DAY,
    NONE,
    SECOND,
    ContactKind,
    How,
    LegKind,
    Origin,
    Outcome,
)

HALF_HOUR = 1800 * SECOND


class Calls(Counted):
    """The counted calls of one replication, as columns. Every column is an array (N,)."""

    def __init__(
        self, log: LogColumns, plan: Plan, window: Window, kind: ContactKind = ContactKind.CALL
    ) -> None:  # fmt: skip
        """Choose the calls; visits to a desk, mail and chats are rows alike."""
        super().__init__(log, plan, window, kind)
        self.outcome = self.contacts["outcome"]
        self.dialled = log.dialled[self.serials]
        self.first_date = int(plan.settings[0]["first_date"])

    def of_kind(self, kind: ContactKind) -> "Calls":
        """Return the contacts of another kind as such rows; the same none for kinds that do not occur."""
        key = ("kind", kind if self.log.has(kind) else None)
        return self.kept(key, lambda: Calls(self.log, self.plan, self.window, kind))

    # ----------------------------------------------------------------- the first visit

    @cached_property
    def visits(self) -> Visits:
        """Return every visit of a call to a queue."""
        return Visits(self.stays(LegKind.QUEUE), self.outcome == Outcome.NOT_REACHED)

    @cached_property
    def _visitors(self) -> np.ndarray:
        """Return the numbers of the calls that joined a queue, in the order of their first visits."""
        return self.visits.owner[self.visits.first]

    def _of_visit(self, column: np.ndarray) -> np.ndarray:
        found = np.full(len(self), NONE, column.dtype)
        found[self._visitors] = column[self.visits.first]
        return found

    @cached_property
    def joined(self) -> np.ndarray:
        """Return when each call joined its first queue, or NONE; microseconds."""
        return self._of_visit(self.visits.joined)

    @cached_property
    def left(self) -> np.ndarray:
        """Return when that wait ended, or NONE; microseconds."""
        return self._of_visit(self.visits.left)

    @cached_property
    def how(self) -> np.ndarray:
        """Return how that wait ended (How), or NONE for calls that never joined a queue."""
        return self._of_visit(self.visits.how)

    @cached_property
    def queue(self) -> np.ndarray:
        """Return the first queue of each call, or NONE."""
        return self._of_visit(self.visits.queue)

    @cached_property
    def answering_group(self) -> np.ndarray:
        """Return the group that answered that first visit, or NONE."""
        return self.group_of[np.where(self.answered, self._of_visit(self.visits.agent), NONE)]

    @cached_property
    def offered(self) -> np.ndarray:
        """Return whether each call reached a queue and its wait has ended, as far as anybody saw.

        Calls that vanished while nobody listened say nothing about service: they are counted apart.
        """
        return (self.joined != NONE) & ~among(self.how, (How.OPEN, How.VANISHED))

    @cached_property
    def answered(self) -> np.ndarray:
        """Return whether an agent answered that first visit and the caller was there."""
        found = np.zeros(len(self), bool)
        found[self._visitors] = self.visits.answered[self.visits.first]
        return found

    @cached_property
    def abandoned(self) -> np.ndarray:
        """Return whether the caller hung up during that first visit."""
        return among(self.how, (How.ABANDONED, How.BALKED))

    @cached_property
    def wait(self) -> np.ndarray:
        """Return the wait of that visit, in seconds; 0 for calls that never joined."""
        return np.where(self.offered, (self.left - self.joined) / SECOND, 0.0)

    @cached_property
    def wait_of_answered(self) -> np.ndarray:
        """Return the wait of answered calls, in seconds; 0 for others."""
        return np.where(self.answered, self.wait, 0.0)

    @cached_property
    def answered_waits(self) -> np.ndarray:
        """Return the waits of answered calls, in microseconds, (A,)."""
        return (self.left - self.joined)[self.answered]

    def within(self, threshold: float) -> np.ndarray:
        """Return whether each call was answered within so many seconds."""
        return self.kept(("within", threshold), lambda: self.answered & (self.wait <= threshold))

    def lost_within(self, threshold: float) -> np.ndarray:
        """Return whether each call was abandoned within so many seconds."""
        return self.kept(("lost", threshold), lambda: self.abandoned & (self.wait <= threshold))

    @cached_property
    def human(self) -> np.ndarray:
        """Return when each call first reached an agent, in whatever queue, or NONE."""
        found = np.full(len(self), NONE, np.int64)
        visits = self.visits
        first = visits.answered & (visits.number == visits.first_answer[visits.owner])
        found[visits.owner[first]] = visits.left[first]
        return found

    @cached_property
    def met_human(self) -> np.ndarray:
        """Return whether each call reached an agent."""
        return self.human != NONE

    @cached_property
    def time_to_human(self) -> np.ndarray:
        """Return seconds from dialling to the first agent, menu included; 0 if none was reached."""
        return np.where(self.met_human, (self.human - self.dialled) / SECOND, 0.0)

    def human_within(self, threshold: float) -> np.ndarray:
        """Return whether each call reached an agent within so many seconds of dialling."""
        return self.met_human & (self.time_to_human <= threshold)

    @cached_property
    def _at_pick_up(self) -> np.ndarray:
        """Return whether each hold of a call began at the very moment of its first answer, (L,)."""
        owner, start = self.leg_columns(LegKind.HOLD, "owner", "start")
        return start == self.left[owner]

    @cached_property
    def held_at_pick_up(self) -> np.ndarray:
        """Return whether each call was put on hold when that first visit ended."""
        return marked(self.stays(LegKind.HOLD)["owner"][self._at_pick_up], len(self))

    @cached_property
    def held_later(self) -> np.ndarray:
        """Return whether each call was put on hold at another moment."""
        return marked(self.stays(LegKind.HOLD)["owner"][~self._at_pick_up], len(self))

    @cached_property
    def hold_at_pick_up(self) -> np.ndarray:
        """Return the seconds of hold that began at the very moment of the first answer."""
        holds = self.stays(LegKind.HOLD)
        at_once = tally(holds["owner"], len(self), holds.lengths * self._at_pick_up)
        return np.where(self.answered, at_once, 0.0) / SECOND

    # ----------------------------------------------------------------- before and after

    @cached_property
    def everyone(self) -> np.ndarray:
        """Return one for each call that dialled."""
        return np.ones(len(self), bool)

    @cached_property
    def settled(self) -> np.ndarray:
        """Return whether it is known of each call whether it was answered at once."""
        return self.finished | self.offered

    @cached_property
    def in_menu(self) -> np.ndarray:
        """Return whether each call heard a menu to its choice or to hanging up."""
        owner, how = self.leg_columns(LegKind.MENU, "owner", "how")
        return marked(owner[how != How.OPEN], len(self))

    @cached_property
    def left_menu(self) -> np.ndarray:
        """Return whether the caller hung up in the menu."""
        owner, how = self.leg_columns(LegKind.MENU, "owner", "how")
        return marked(owner[how == How.ABANDONED], len(self))

    @cached_property
    def menu_seconds(self) -> np.ndarray:
        """Return seconds spent in menus."""
        return self.seconds_in(LegKind.MENU)

    @cached_property
    def wrong_first(self) -> np.ndarray:
        """Return whether the first queue is not the one of the call's topic."""
        return (self.queue != NONE) & (self.queue != self.own_queue) & (self.own_queue != NONE)

    @cached_property
    def wrong_menu(self) -> np.ndarray:
        """Return whether each call was offered to a wrong queue first."""
        return self.offered & self.wrong_first

    @cached_property
    def own_queue(self) -> np.ndarray:
        """Return the queue of each call's topic, or NONE where a topic has none of its own."""
        return np.array(self.plan.topic_queues)[self.contacts["topic"]]

    @cached_property
    def finished(self) -> np.ndarray:
        """Return whether each call is over."""
        return self.outcome != Outcome.OPEN

    @cached_property
    def over(self) -> np.ndarray:
        """Return whether each call was answered and is over: what happened after the answer is known."""
        return self.answered & self.finished

    @cached_property
    def put_away(self) -> np.ndarray:
        """Return whether each call was answered, is over, and its after-call work too."""
        owner, end = self.leg_columns(LegKind.WRAP, "owner", "end")
        return self.over & ~marked(owner[end == NONE], len(self))

    def outcome_is(self, *outcomes: Outcome) -> np.ndarray:
        """Return whether each call ended in one of these ways."""
        return among(self.outcome, outcomes)

    def ended_in(self, *outcomes: Outcome) -> np.ndarray:
        """Return whether each call was answered and ended in one of these ways."""
        return self.over & self.outcome_is(*outcomes)

    # ----------------------------------------------------------------- when

    @cached_property
    def day(self) -> np.ndarray:
        """Return the day on which each call dialled, 0 = the first of the run."""
        return self.dialled // DAY

    @cached_property
    def half_hour(self) -> np.ndarray:
        """Return the half hour of the day in which each call dialled, 0 to 47."""
        return self.dialled // HALF_HOUR - 48 * self.day

    @cached_property
    def weekday(self) -> np.ndarray:
        """Return the weekday on which each call dialled, 0 = Monday."""
        return (self.first_date - 1 + self.day) % 7

    @cached_property
    def offered_by_half_hour(self) -> np.ndarray:
        """Return the calls that joined their first queue in each half hour of the week, (336,)."""
        halves = self.joined[self.offered] // HALF_HOUR + 48 * (self.first_date - 1)
        return tally(halves % 336, 336)

    # ----------------------------------------------------------------- tasks and probes

    @cached_property
    def tasks(self) -> Table:
        """Return the counted callbacks and forms, backlog left out."""
        contacts = self.log.contacts
        tasks = among(contacts["kind"], (ContactKind.CALLBACK, ContactKind.FORM))
        return contacts.where(self._chosen & tasks & (contacts["origin"] != Origin.BACKLOG))

    @cached_property
    def probe_waits(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (wait in seconds, answered) of each probe whose wait has ended."""
        chosen = self._chosen & (self.log.contacts["kind"] == ContactKind.PROBE)
        if not chosen.any():
            return np.zeros(0), np.zeros(0, bool)
        legs = self.log.stays(LegKind.QUEUE)
        waits = legs.where(chosen[legs["contact"]] & (legs["how"] != How.OPEN))
        return (waits["end"] - waits["start"]) / SECOND, waits["how"] == How.ANSWERED

    @cached_property
    def probes(self) -> tuple[int, float]:
        """Return how many probes waited, and how long together, in seconds."""
        waits, _ = self.probe_waits
        return len(waits), float(waits.sum())

    def probes_within(self, threshold: float) -> int:
        """Return how many probes were answered within so many seconds."""
        waits, served = self.probe_waits
        return int(np.count_nonzero(served & (waits <= threshold)))
