"""One row per call: the contact log, folded to what figures are made of.

Lengths are added up as whole microseconds, so that no order of rows changes a figure. Waits are
those of a call's first visit to a queue, from leaving the menu to the agent's pick-up or the
hang-up; a place held without a line counts as waiting. Who holds a place and does not pick up in
turn was not answered. Times are seconds.
"""

from functools import cached_property

import numpy as np

from simkcc.analysis.columns.floor import SPOKEN, Floor, Window
from simkcc.analysis.columns.legs import Legs, Visits, among, tally
from simkcc.engine.plan import Plan
from simkcc.model.contact_log import (
    DAY,
    NONE,
    SECOND,
    ContactKind,
    ContactLog,
    How,
    LegKind,
    Origin,
    Outcome,
)


def dialled(log: ContactLog, kinds: np.ndarray | None = None) -> np.ndarray:
    """Return when each contact dialled: at birth, or for a redial or repeat after its delay.

    NONE for those that have not dialled yet. kinds: the kinds of the legs, if they are at hand.
    """
    since = log.contacts["born"].copy()
    origin = log.contacts["origin"]
    again = (origin == Origin.REDIAL) | (origin == Origin.REPEAT)
    kinds = log.legs["kind"] if kinds is None else kinds
    delays = log.legs[np.flatnonzero(kinds == LegKind.DELAY)]
    delays = delays[delays["leg"] == 0]
    delays = delays[again[delays["contact"]]]
    since[delays["contact"]] = delays["end"]
    return since


class Rows(Floor):
    """The counted calls of one replication, each by itself. Every column is an array (N,)."""

    def __init__(
        self, log: ContactLog, plan: Plan, window: Window, kind: ContactKind = ContactKind.CALL
    ) -> None:  # fmt: skip
        """Fold a log; calls come in order of birth. kind: visits, mail and chats are rows alike."""
        contacts = log.contacts
        kinds = np.ascontiguousarray(log.legs["kind"])
        self.since = dialled(log, kinds)
        """When each contact of the log dialled."""
        inside = (self.since >= window.start) & (self.since < window.end)
        self._chosen = window.counted[contacts["topic"]] & inside
        self.serials = np.flatnonzero(self._chosen & (contacts["kind"] == kind))
        self._number = np.full(len(contacts), NONE)
        self._number[self.serials] = np.arange(len(self.serials))
        super().__init__(log, plan, window, Legs(log.legs, kinds, self._number))
        self.contacts = contacts[self.serials]
        self.outcome = np.ascontiguousarray(self.contacts["outcome"])
        self.dialled = self.since[self.serials]
        self.first_date = int(plan.settings[0]["first_date"])

    def __len__(self) -> int:
        return len(self.serials)

    def numbers_of(self, serials: np.ndarray) -> np.ndarray:
        """Return which of these calls some contacts are; NONE for those that do not count."""
        return self._number[serials]

    # ----------------------------------------------------------------- legs

    def legs_of(self, *kinds: LegKind) -> tuple[np.ndarray, np.ndarray]:
        """Return the legs of some kinds and the number of the call each belongs to."""
        rows = np.concatenate([self._legs.rows(kind) for kind in kinds])
        legs = self.log.legs[rows]
        return legs, self._number[legs["contact"]]

    def leg_columns(self, kind: LegKind, *names: str) -> tuple[np.ndarray, ...]:
        """Return columns of the legs of a kind; `owner` is the number of the call."""
        return tuple(self._legs.column(kind, name) for name in names)

    def microseconds_in(self, *kinds: LegKind) -> np.ndarray:
        """Return the microseconds each call spent in finished legs of some kinds."""
        total = np.zeros(len(self))
        for kind in kinds:
            total += self._legs.seconds(kind, len(self))
        return total

    def seconds_in(self, *kinds: LegKind) -> np.ndarray:
        """Return the seconds each call spent in finished legs of some kinds."""
        return self.microseconds_in(*kinds) / SECOND

    def agent_seconds(self, groups: np.ndarray) -> np.ndarray:
        """Return the seconds that agents of some groups, (G,) bool, gave each call.

        Talk, hold, hand-over, consult and wrap-up of the agent who answered, talk of a second agent
        on the line, and waiting along in another queue. Ringing is nobody's handle time.
        """
        chosen = np.append(groups, False)[self.group_of]
        total = np.zeros(len(self))
        for kind in (*SPOKEN, LegKind.CONSULT, LegKind.WRAP):
            total += self._given(kind, "agent", chosen)
        for kind in (*SPOKEN, LegKind.QUEUE):
            total += self._given(kind, "second", chosen)
        return total / SECOND

    def _given(self, kind: LegKind, column: str, chosen: np.ndarray) -> np.ndarray:
        agent, owner, start, end = self.leg_columns(kind, column, "owner", "start", "end")
        mine = chosen[agent]
        if not mine.any():
            return np.zeros(len(self))
        lengths = np.where(mine & (end != NONE), end - start, 0)
        return tally(owner, len(self), lengths)

    def count_of(self, kind: LegKind, *how: How) -> np.ndarray:
        """Return how many legs of a kind each call has that ended in one of these ways."""
        owner, ways = self.leg_columns(kind, "owner", "how")
        return tally(owner[among(ways, how)], len(self))

    # ----------------------------------------------------------------- the first visit

    @cached_property
    def visits(self) -> Visits:
        """Return every visit of a call to a queue."""
        names = ("owner", "leg", "place", "agent", "second", "how", "start", "end")
        columns = dict(zip(names, self.leg_columns(LegKind.QUEUE, *names), strict=True))
        return Visits(columns, self.outcome == Outcome.NOT_REACHED)

    def _of_visit(self, column: np.ndarray) -> np.ndarray:
        first = self.visits.number == 0
        found = np.full(len(self), NONE, np.int64)
        found[self.visits.owner[first]] = column[first]
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
        over = (self.how != How.OPEN) & (self.how != How.VANISHED)
        return (self.joined != NONE) & over

    @cached_property
    def answered(self) -> np.ndarray:
        """Return whether an agent answered that first visit and the caller was there."""
        return self._of_visit(self.visits.answered) == 1

    @cached_property
    def abandoned(self) -> np.ndarray:
        """Return whether the caller hung up during that first visit."""
        return (self.how == How.ABANDONED) | (self.how == How.BALKED)

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
        return self.answered & (self.wait <= threshold)

    def lost_within(self, threshold: float) -> np.ndarray:
        """Return whether each call was abandoned within so many seconds."""
        return self.abandoned & (self.wait <= threshold)

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
    def hold_at_pick_up(self) -> np.ndarray:
        """Return the seconds of hold that began at the very moment of the first answer."""
        owner, start, end = self.leg_columns(LegKind.HOLD, "owner", "start", "end")
        at_once = (start == self.left[owner]) & self.answered[owner] & (end != NONE)
        return tally(owner[at_once], len(self), (end - start)[at_once]) / SECOND

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
        return tally(owner[how != How.OPEN], len(self)) > 0

    @cached_property
    def left_menu(self) -> np.ndarray:
        """Return whether the caller hung up in the menu."""
        return self.count_of(LegKind.MENU, How.ABANDONED) > 0

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
        return self.over & (tally(owner[end == NONE], len(self)) == 0)

    def outcome_is(self, *outcomes: Outcome) -> np.ndarray:
        """Return whether each call ended in one of these ways."""
        return among(self.outcome, outcomes)

    def ended_in(self, *outcomes: Outcome) -> np.ndarray:
        """Return whether each call was answered and ended in one of these ways."""
        return self.over & self.outcome_is(*outcomes)

    # ----------------------------------------------------------------- when

    @cached_property
    def half_hour(self) -> np.ndarray:
        """Return the half hour of the day in which each call dialled, 0 to 47."""
        return (self.dialled % DAY) // (1800 * SECOND)

    @cached_property
    def weekday(self) -> np.ndarray:
        """Return the weekday on which each call dialled, 0 = Monday."""
        return (self.first_date - 1 + self.dialled // DAY) % 7

    @cached_property
    def offered_by_half_hour(self) -> np.ndarray:
        """Return the calls that joined their first queue in each half hour of the week, (336,)."""
        at = self.joined[self.offered]
        weekday = (self.first_date - 1 + at // DAY) % 7
        return tally(weekday * 48 + at % DAY // (1800 * SECOND), 336)
