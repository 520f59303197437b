"""One row per call, task and probe: the contact log, folded to what figures are made of.

Lengths are added up as whole microseconds, so that no order of rows changes a figure. Waits are
those of a call's first visit to a queue, from leaving the menu to the agent's pick-up or the
hang-up; a place held without a line counts as waiting. Times are seconds.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

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

GAVE_UP = (How.ABANDONED, How.BALKED)


@dataclass(frozen=True)
class Window:
    """Which contacts count: dialled in [start, end) microseconds, about a counted topic."""

    start: int
    end: int
    counted: np.ndarray
    """(K,) bool: topics that count."""
    first_line: np.ndarray
    """(G,) bool: groups of the first line."""


def dialled(log: ContactLog) -> np.ndarray:
    """Return when each contact dialled: at birth, or for a redial or repeat after its delay.

    NONE for those that have not dialled yet.
    """
    since = log.contacts["born"].copy()
    again = np.isin(log.contacts["origin"], (Origin.REDIAL, Origin.REPEAT))
    delays = log.legs[(log.legs["kind"] == LegKind.DELAY) & (log.legs["leg"] == 0)]
    delays = delays[again[delays["contact"]]]
    since[delays["contact"]] = delays["end"]
    return since


class Calls:
    """The counted calls of one replication, as columns. Every column is an array (N,)."""

    def __init__(self, log: ContactLog, plan: Plan, window: Window) -> None:
        """Fold a log; calls come in order of birth."""
        self.log, self.plan, self.window = log, plan, window
        contacts = log.contacts
        since = dialled(log)
        inside = (since >= window.start) & (since < window.end)
        self._chosen = window.counted[contacts["topic"]] & inside
        self.serials = np.flatnonzero(self._chosen & (contacts["kind"] == ContactKind.CALL))
        self._number = np.full(len(contacts), NONE)
        self._number[self.serials] = np.arange(len(self.serials))
        self.contacts = contacts[self.serials]
        self.dialled = since[self.serials]
        self.first_date = int(plan.settings[0]["first_date"])

    def __len__(self) -> int:
        return len(self.serials)

    # ----------------------------------------------------------------- legs

    @cached_property
    def legs(self) -> np.ndarray:
        """Return the legs of the counted calls."""
        return self.log.legs[self._number[self.log.legs["contact"]] != NONE]

    def legs_of(self, *kinds: LegKind) -> tuple[np.ndarray, np.ndarray]:
        """Return the legs of some kinds and the number of the call each belongs to."""
        chosen = np.isin(self.legs["kind"], kinds)
        legs = self.legs[chosen]
        return legs, self._number[legs["contact"]]

    def seconds_in(self, *kinds: LegKind, first_line: bool = False) -> np.ndarray:
        """Return the seconds each call spent in finished legs of some kinds, by first line only."""
        legs, owner = self.legs_of(*kinds)
        done = legs["end"] != NONE
        if first_line:
            group = np.append(self.plan.group_of(), NONE)[legs["agent"]]
            done &= (group != NONE) & self.window.first_line[group]
        lengths = (legs["end"] - legs["start"])[done]
        return np.bincount(owner[done], lengths, minlength=len(self)) / SECOND

    def count_of(self, kind: LegKind, *how: How) -> np.ndarray:
        """Return how many legs of a kind each call has that ended in one of these ways."""
        legs, owner = self.legs_of(kind)
        return np.bincount(owner[np.isin(legs["how"], how)], minlength=len(self))

    # ----------------------------------------------------------------- the first visit

    @cached_property
    def _visits(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return first joined leg, last leg of that visit, per call (-1: none)."""
        legs, owner = self.legs_of(LegKind.QUEUE)
        order = np.lexsort((legs["leg"], owner))
        legs, owner = legs[order], owner[order]
        is_first = np.append(True, owner[1:] != owner[:-1]) if len(owner) else np.zeros(0, bool)
        first = np.full(len(self), NONE)
        first[owner[is_first]] = np.flatnonzero(is_first)
        last = first.copy()
        held = np.flatnonzero(first != NONE)
        while len(held):
            held = held[legs["how"][last[held]] == How.HELD_PLACE]
            held = held[last[held] + 1 < len(legs)]
            last[held] += 1
        return legs, first, last

    def _of_visit(self, column: str, last: bool = False, missing: int = NONE) -> np.ndarray:
        legs, first, final = self._visits
        rows = final if last else first
        found = np.full(len(self), missing, np.int64)
        there = rows != NONE
        found[there] = legs[column][rows[there]]
        return found

    @cached_property
    def joined(self) -> np.ndarray:
        """Return when each call joined its first queue, or NONE; microseconds."""
        return self._of_visit("start")

    @cached_property
    def left(self) -> np.ndarray:
        """Return when that wait ended, or NONE; microseconds."""
        return self._of_visit("end", last=True)

    @cached_property
    def how(self) -> np.ndarray:
        """Return how that wait ended (How), or NONE for calls that never joined a queue."""
        return self._of_visit("how", last=True)

    @cached_property
    def queue(self) -> np.ndarray:
        """Return the first queue of each call, or NONE."""
        return self._of_visit("place")

    @cached_property
    def offered(self) -> np.ndarray:
        """Return whether each call reached a queue and its wait has ended."""
        return (self.joined != NONE) & (self.how != How.OPEN)

    @cached_property
    def answered(self) -> np.ndarray:
        """Return whether an agent answered that first visit."""
        return self.how == How.ANSWERED

    @cached_property
    def abandoned(self) -> np.ndarray:
        """Return whether the caller hung up during that first visit."""
        return np.isin(self.how, GAVE_UP)

    @cached_property
    def wait(self) -> np.ndarray:
        """Return the wait of that visit, in seconds; 0 for calls that never joined."""
        return np.where(self.offered, (self.left - self.joined) / SECOND, 0.0)

    @cached_property
    def time_to_human(self) -> np.ndarray:
        """Return seconds from dialling to the answer, menu included; 0 if not answered."""
        return np.where(self.answered, (self.left - self.dialled) / SECOND, 0.0)

    @cached_property
    def hold_at_pick_up(self) -> np.ndarray:
        """Return the seconds of hold that began at the very moment of the first answer."""
        legs, owner = self.legs_of(LegKind.HOLD)
        at_once = (legs["start"] == self.left[owner]) & self.answered[owner] & (legs["end"] != NONE)
        lengths = (legs["end"] - legs["start"])[at_once]
        return np.bincount(owner[at_once], lengths, minlength=len(self)) / SECOND

    # ----------------------------------------------------------------- before and after

    @cached_property
    def in_menu(self) -> np.ndarray:
        """Return whether each call heard a menu to its choice or to hanging up."""
        legs, owner = self.legs_of(LegKind.MENU)
        return np.bincount(owner[legs["how"] != How.OPEN], minlength=len(self)) > 0

    @cached_property
    def left_menu(self) -> np.ndarray:
        """Return whether the caller hung up in the menu."""
        return self.count_of(LegKind.MENU, How.ABANDONED) > 0

    @cached_property
    def menu_seconds(self) -> np.ndarray:
        """Return seconds spent in menus."""
        return self.seconds_in(LegKind.MENU)

    @cached_property
    def wrong_menu(self) -> np.ndarray:
        """Return whether the first queue was not the one of the call's topic."""
        return self.offered & (self.queue != self.own_queue) & (self.own_queue != NONE)

    @cached_property
    def own_queue(self) -> np.ndarray:
        """Return the queue of each call's topic, or NONE where a topic has none of its own."""
        return np.array(self.plan.topic_queues)[self.contacts["topic"]]

    @cached_property
    def finished(self) -> np.ndarray:
        """Return whether each call is over."""
        return self.contacts["outcome"] != Outcome.OPEN

    def outcome_is(self, *outcomes: Outcome) -> np.ndarray:
        """Return whether each call ended in one of these ways."""
        return np.isin(self.contacts["outcome"], outcomes)

    # ----------------------------------------------------------------- when

    @cached_property
    def half_hour(self) -> np.ndarray:
        """Return the half hour of the day in which each call dialled, 0 to 47."""
        return (self.dialled % DAY) // (1800 * SECOND)

    @cached_property
    def weekday(self) -> np.ndarray:
        """Return the weekday on which each call dialled, 0 = Monday."""
        return (self.first_date - 1 + self.dialled // DAY) % 7

    # ----------------------------------------------------------------- tasks and probes

    @cached_property
    def tasks(self) -> np.ndarray:
        """Return the counted callbacks and forms, backlog left out."""
        contacts = self.log.contacts[self._chosen]
        tasks = np.isin(contacts["kind"], (ContactKind.CALLBACK, ContactKind.FORM))
        return contacts[tasks & (contacts["origin"] != Origin.BACKLOG)]

    @cached_property
    def probe_waits(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (wait in seconds, answered) of each probe whose wait has ended."""
        chosen = self._chosen & (self.log.contacts["kind"] == ContactKind.PROBE)
        legs = self.log.legs[self.log.legs["kind"] == LegKind.QUEUE]
        legs = legs[chosen[legs["contact"]] & (legs["how"] != How.OPEN)]
        return (legs["end"] - legs["start"]) / SECOND, legs["how"] == How.ANSWERED

    @cached_property
    def n_probes(self) -> int:
        """Return how many probes found the line open."""
        contacts = self.log.contacts[self._chosen]
        probes = contacts[contacts["kind"] == ContactKind.PROBE]
        return int((probes["outcome"] != Outcome.CLOSED).sum())

    # ----------------------------------------------------------------- agents

    def seconds_of_groups(self, *kinds: LegKind) -> np.ndarray:
        """Return the seconds agents of each group spent in legs of some kinds, cut to the window.

        All contacts count, not only the counted ones: an agent is busy whoever calls.
        """
        legs = self.log.legs[np.isin(self.log.legs["kind"], kinds)]
        lengths = self._inside(legs["start"], legs["end"])
        group_of = np.append(self.plan.group_of(), NONE)
        total = np.zeros(len(self.plan.groups))
        for column in ("agent", "second"):
            groups = group_of[legs[column]]
            there = groups != NONE
            total += np.bincount(groups[there], lengths[there], minlength=len(total))
        return total / SECOND

    @cached_property
    def there_seconds(self) -> np.ndarray:
        """Return the seconds agents of each group were there, cut to the window."""
        sessions = self.log.sessions
        lengths = self._inside(sessions["start"], sessions["end"])
        return np.bincount(sessions["group"], lengths, minlength=len(self.plan.groups)) / SECOND

    def _inside(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        stop = np.where(end == NONE, self.window.end, end)
        inside = np.minimum(stop, self.window.end) - np.maximum(start, self.window.start)
        return np.maximum(inside, 0)
