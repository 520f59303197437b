"""What a kernel counted without a contact log, in the words of Calls.

A figure whose function speaks only of these words is the same in both modes: an element here is the
calls of a topic, a visit's is those of a queue. Anything else needs the log, and says so by name.
"""

from functools import cached_property

import numpy as np

from simkcc.analysis.columns.floor import Window
from simkcc.engine.plan import AtClose, Plan
from simkcc.engine.runs import open_legs, open_sessions
from simkcc.engine.state import State
from simkcc.engine.statistics import Count, Sum
from simkcc.errors import UnsupportedError
from simkcc.model.contact_log import NONE, SECOND, ContactKind, LegKind, Origin, Outcome
from simkcc.model.steps import StepKind

NO_AGENT_IN = (LegKind.MENU, LegKind.QUEUE, LegKind.DELAY)


def _waits_along(plan: Plan) -> bool:
    """Return whether an agent may wait with the caller in a queue, or journeys are by hand."""
    consults = plan.steps[plan.steps["kind"] == StepKind.CONSULT]
    then = plan.exits["step"][consults["other"]]
    along = (plan.steps["kind"][then] == StepKind.QUEUE).any()
    return bool(along) or NONE in plan.topic_queues


def _by_telephone(plan: Plan) -> np.ndarray:
    """Return the topics that come as calls, (K,) bool: others end in the same outcomes."""
    found = np.zeros(len(plan.topics), bool)
    found[plan.streams["topic"][plan.streams["kind"] == ContactKind.CALL]] = True
    return found


class Totals:
    """The counted calls of one replication, as sums by topic: every column is an array (K,)."""

    def __init__(self, state: State, plan: Plan, window: Window) -> None:
        """Read the statistics of a kernel that kept no log and has reached its end."""
        self.state, self.plan, self.window = state, plan, window
        self._thresholds = plan.settings[0]["thresholds"].tolist()
        n_queues, n_topics = len(plan.queues), len(plan.topics)
        rows = slice(n_queues, n_queues + n_topics)
        chosen = window.counted & _by_telephone(plan)
        self._counts = np.where(chosen[:, None, None], state.counts[rows], 0)
        self._sums = np.where(chosen[:, None], state.sums[rows].sum(axis=1), 0)
        self._probe_counts = state.counts[rows][window.counted].sum(axis=(0, 1))
        self._probe_seconds = state.sums[rows, :, Sum.PROBE_WAIT][window.counted].sum() / SECOND
        self._queue_counts, self._queue_sums = state.counts[:n_queues], state.sums[:n_queues]
        self._group_sums = state.sums[n_queues + n_topics :].sum(axis=1)
        live = state.live
        calls = (live["serial"] != NONE) & (live["kind"] == ContactKind.CALL)
        live = live[calls & (live["born"] >= int(plan.settings[0]["warm_up"]))]
        self._live = live[window.counted[live["topic"]]]
        self._refuse_blurred_edges()

    def _refuse_blurred_edges(self) -> None:
        """Refuse a run in which calls were dialled after what counts."""
        spawns = self.plan.steps[self.plan.steps["kind"] == StepKind.SPAWN]
        again = np.isin(spawns["mode"], (Origin.REDIAL, Origin.REPEAT)).any()
        if again and self.plan.settings[0]["run_out"]:
            raise UnsupportedError(
                "a run without a contact log that runs out (horizon.end = run_out) would count "
                "redials dialled after the horizon; end at the horizon, or keep the log"
            )

    def _of(self, column: int) -> np.ndarray:
        return self._counts[:, :, column].sum(axis=1)

    def _open(self, chosen: np.ndarray) -> np.ndarray:
        return np.bincount(self._live["topic"][chosen], minlength=len(self.plan.topics))

    def _index(self, threshold: float) -> int:
        found = round(threshold * SECOND)
        if found not in self._thresholds:
            raise UnsupportedError(
                f"a run without a contact log did not count within {threshold:g} s"
            )
        return self._thresholds.index(found)

    # ----------------------------------------------------------------- calls

    @cached_property
    def everyone(self) -> np.ndarray:
        """Return the calls that dialled."""
        live = self._live
        again = live["redials"] + live["repeats"] > 0
        later = again & (live["leg_kind"] == LegKind.DELAY) & (live["leg"] == 0)
        unborn = again & (live["leg_kind"] == NONE) & (live["legs"] == 0)
        return self._of(Count.BORN) - self._open(later | unborn)

    @cached_property
    def settled(self) -> np.ndarray:
        """Return the calls of which it is known whether they were answered at once."""
        live = self._live
        first = (live["visits"] == 0) | ((live["visits"] == 1) & (live["queue"] != NONE))
        return self._of(Count.BORN) - self._open(first)

    @cached_property
    def offered(self) -> np.ndarray:
        """Return the calls whose first visit to a queue is over."""
        return self._of(Count.OFFERED)

    @cached_property
    def answered(self) -> np.ndarray:
        """Return the calls of which an agent answered that visit."""
        self._refuse_missed()
        return self._of(Count.ANSWERED)

    @cached_property
    def abandoned(self) -> np.ndarray:
        """Return the calls that hung up during that visit."""
        return self._of(Count.ABANDONED)

    @cached_property
    def wait(self) -> np.ndarray:
        """Return the seconds all offered calls waited in that visit."""
        return self._sums[:, Sum.WAIT] / SECOND

    @cached_property
    def wait_of_answered(self) -> np.ndarray:
        """Return the seconds answered calls waited in that visit."""
        self._refuse_missed()
        return self._sums[:, Sum.WAIT_ANSWERED] / SECOND

    def within(self, threshold: float) -> np.ndarray:
        """Return the calls answered within so many seconds; one of the plan's thresholds."""
        self._refuse_missed()
        return self._of(Count.WITHIN + self._index(threshold))

    def lost_within(self, threshold: float) -> np.ndarray:
        """Return the calls abandoned within so many seconds; one of the plan's thresholds."""
        return self._of(Count.LOST_WITHIN + self._index(threshold))

    @cached_property
    def met_human(self) -> np.ndarray:
        """Return the calls that reached an agent, in whatever queue."""
        self._refuse_missed()
        return self._of(Count.HUMAN)

    @cached_property
    def time_to_human(self) -> np.ndarray:
        """Return the seconds from dialling to that agent."""
        self._refuse_missed()
        return self._sums[:, Sum.HUMAN] / SECOND

    def human_within(self, threshold: float) -> np.ndarray:
        """Return the calls that reached an agent within so many seconds of dialling."""
        self._refuse_missed()
        return self._of(Count.HUMAN_WITHIN + self._index(threshold))

    @cached_property
    def in_menu(self) -> np.ndarray:
        """Return the menus heard; a call hears one."""
        return self._of(Count.MENU)

    @cached_property
    def left_menu(self) -> np.ndarray:
        """Return the calls that hung up in the menu."""
        return self._of(Count.MENU_ABANDONED)

    @cached_property
    def menu_seconds(self) -> np.ndarray:
        """Return the seconds in menus."""
        return self._sums[:, Sum.MENU] / SECOND

    def outcome_is(self, *outcomes: Outcome) -> np.ndarray:
        """Return the calls that ended in one of these ways."""
        return np.sum([self._of(Count.OUTCOME + outcome) for outcome in outcomes], axis=0)

    @cached_property
    def over(self) -> np.ndarray:
        """Return the calls that were answered and are over."""
        self._refuse_by_hand()
        return self.answered - self._open(self._live["human"] != NONE)

    def ended_in(self, *outcomes: Outcome) -> np.ndarray:
        """Return the calls that were answered and ended in one of these ways."""
        self._refuse_by_hand()
        return self.outcome_is(*outcomes)

    def _refuse_by_hand(self) -> None:
        """Refuse journeys by hand: they may end in any way without having been answered."""
        if NONE in self.plan.topic_queues:
            raise UnsupportedError(
                "which calls of a journey by hand were answered, only a log tells"
            )

    @cached_property
    def offered_by_half_hour(self) -> np.ndarray:
        """Return the calls that joined their first queue in each half hour of the week, (336,)."""
        return self._counts[:, :, Count.OFFERED].sum(axis=0)

    @cached_property
    def probes(self) -> tuple[int, float]:
        """Return how many probes waited, and how long together, in seconds."""
        return int(self._probe_counts[Count.PROBES]), float(self._probe_seconds)

    def probes_within(self, threshold: float) -> int:
        """Return how many probes waited at most so many seconds; one of the plan's thresholds."""
        if (self.plan.queues["at_close"] == AtClose.CLEAR).any():
            raise UnsupportedError("probes sent away at closing count as waits without a log")
        return int(self._probe_counts[Count.PROBES_WITHIN + self._index(threshold)])

    def _refuse_missed(self) -> None:
        """Refuse answers where some who hold a place may not pick up: that shows in the log only."""
        if self.outcome_is(Outcome.NOT_REACHED).any():
            raise UnsupportedError(
                "callers who held a place did not pick up: which answers those were, "
                "only a contact log tells"
            )

    # ----------------------------------------------------------------- visits and groups

    @cached_property
    def visits(self) -> "VisitTotals":
        """Return every visit of a call to a queue, summed by queue and half hour of the week."""
        if not self.window.counted.all():
            raise UnsupportedError(
                "queues counted calls of topics that do not count; only a contact log tells which"
            )
        self._refuse_missed()
        return VisitTotals(self._queue_counts, self._queue_sums, self._thresholds)

    @cached_property
    def busy_seconds(self) -> np.ndarray:
        """Return the seconds agents of each group were busy, (G,)."""
        if self.window.start > 0:
            raise UnsupportedError("work of the warm-up that reaches beyond it needs a contact log")
        if _waits_along(self.plan):
            raise UnsupportedError("the time agents wait along with a caller needs a contact log")
        self._refuse_overtime()
        columns = (Sum.TALK, Sum.RING, Sum.HOLD, Sum.CONSULT, Sum.WRAP, Sum.SECOND)
        total = self._group_sums[:, list(columns)].sum(axis=1)
        legs = open_legs(self.plan, self.state)
        legs = legs[~np.isin(legs["kind"], NO_AGENT_IN)]
        return (total + self._still("agent", legs) + self._still("second", legs)) / SECOND

    def _refuse_overtime(self) -> None:
        if self.plan.settings[0]["run_out"]:
            raise UnsupportedError("work after the horizon is not counted apart without a log")

    def _still(self, column: str, legs: np.ndarray) -> np.ndarray:
        """Return the microseconds of each group in legs that go on at the end."""
        there = legs[column] != NONE
        groups = self.plan.group_of()[legs[column][there]]
        lengths = np.maximum(self.window.end - legs["start"][there], 0)
        return np.bincount(groups, lengths, minlength=len(self.plan.groups))

    @cached_property
    def there_seconds(self) -> np.ndarray:
        """Return the seconds agents of each group were there, (G,)."""
        self._refuse_overtime()
        sessions = open_sessions(self.state)
        since = np.maximum(sessions["start"], self.window.start)
        lengths = np.maximum(self.window.end - since, 0)
        more = np.bincount(sessions["group"], lengths, minlength=len(self.plan.groups))
        return (self._group_sums[:, Sum.THERE] + more) / SECOND

    @cached_property
    def histogram(self) -> np.ndarray:
        """Return the histogram of the waits of answered calls, as the kernel bins them."""
        if self.visits.offered.sum() != self.offered.sum():
            raise UnsupportedError(
                "calls went to a second queue: which waits were of the first, only a log tells"
            )
        return self.state.waits[0].sum(axis=0)


class VisitTotals:
    """Visits to queues as sums: every column is an array (queues x 336 half hours of the week,)."""

    def __init__(self, counts: np.ndarray, sums: np.ndarray, thresholds: list[int]) -> None:
        """Keep the rows of queues."""
        self.shape = counts.shape[:2]
        self._counts = counts.reshape(-1, counts.shape[2])
        self._sums = sums.reshape(-1, sums.shape[2])
        self._thresholds = thresholds

    @property
    def ended(self) -> np.ndarray:
        """Return the visits that are over."""
        return self._counts[:, Count.OFFERED]

    offered = ended

    @property
    def answered(self) -> np.ndarray:
        """Return the visits an agent answered."""
        return self._counts[:, Count.ANSWERED]

    @property
    def abandoned(self) -> np.ndarray:
        """Return the visits that ended with hanging up."""
        return self._counts[:, Count.ABANDONED]

    @property
    def wait_of_answered(self) -> np.ndarray:
        """Return the seconds of answered visits."""
        return self._sums[:, Sum.WAIT_ANSWERED] / SECOND

    def within(self, threshold: float) -> np.ndarray:
        """Return the visits answered within so many seconds; one of the plan's thresholds."""
        index = self._thresholds.index(round(threshold * SECOND))
        return self._counts[:, Count.WITHIN + index]
