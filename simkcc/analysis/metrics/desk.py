"""The desk: visitors who wait, what the quick desk finishes, and what the telephone does to it."""

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.counted import NOBODY
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.columns.tallies import distinct, marked, tally
from simkcc.analysis.metrics.registry import Pair, metric
from simkcc.analysis.metrics.terms import by_topic, one, weeks
from simkcc.model.contact_log import NONE, SECOND, ContactKind, LegKind, Outcome

PATIENT = 300.0
"""Five minutes: what a visitor may wait, and what a product of the quick desk may take, in seconds."""


def _visits(calls: Calls) -> Calls:
    return calls.of_kind(ContactKind.VISIT)


@metric("desk_visits", "per week", "", "Bezoekers aan de balie", "Visitors at the desk",
        "visits per week", grain="topic")  # fmt: skip
def desk_visits(calls: Calls, rules: Rules) -> Pair:
    """Return visitors who found the doors open, per week."""
    visits = _visits(calls)
    return by_topic(visits, visits.offered), weeks(rules)


@metric("desk_wait", "s", "lower", "Gemiddelde wachttijd aan de balie", "Mean wait at the desk",
        "sum of waits of served visitors / served", grain="topic")  # fmt: skip
def desk_wait(calls: Calls, rules: Rules) -> Pair:
    """Return the mean wait of visitors until the first desk serves them."""
    visits = _visits(calls)
    return by_topic(visits, visits.wait_of_answered), by_topic(visits, visits.answered)


@metric("desk_wait_p95", "s", "lower", "Wachttijd aan de balie, P95", "Wait at the desk, P95",
        "95 % of served visitors waited at most this", grain="whole")  # fmt: skip
def desk_wait_p95(calls: Calls, rules: Rules) -> Pair:
    """Return the shortest wait that 95 % of served visitors did not exceed: the mean of each run's."""
    visits = _visits(calls)
    waits = visits.wait[visits.answered]
    if len(waits) == 0:
        return one(0.0, 0.0)
    return one(float(np.quantile(waits, 0.95, method="inverted_cdf")), 1.0)


@metric("desk_within_5", "share", "higher", "Aan de balie binnen vijf minuten geholpen",
        "Served at the desk within five minutes", "served, wait <= 300 s / visitors", grain="topic")  # fmt: skip
def desk_within_5(calls: Calls, rules: Rules) -> Pair:
    """Return visitors whose turn came within five minutes over all visitors."""
    visits = _visits(calls)
    return by_topic(visits, visits.within(PATIENT)), by_topic(visits, visits.offered)


@metric("desk_left", "share", "lower", "Weggegaan zonder geholpen te zijn", "Left the desk unserved",
        "gave up / visitors", grain="topic")  # fmt: skip
def desk_left(calls: Calls, rules: Rules) -> Pair:
    """Return visitors who gave up waiting over all visitors."""
    visits = _visits(calls)
    return by_topic(visits, visits.abandoned), by_topic(visits, visits.offered)


@metric("desk_short", "share", "higher", "Snelbalieproducten korter dan vijf minuten",
        "Products of the quick desk shorter than five minutes",
        "finished at the first desk, talk + hold < 300 s / served and over", grain="topic")  # fmt: skip
def desk_short(calls: Calls, rules: Rules) -> Pair:
    """Return visits that the first desk finished in less than five minutes over visits served.

    The visitor's time at the desk counts, not what the desk does when he has left.
    """
    visits = _visits(calls)
    over = visits.answered & visits.finished
    short = visits.seconds_in(LegKind.TALK, LegKind.HOLD) < PATIENT
    alone = visits.outcome_is(Outcome.DIRECT, Outcome.UNRESOLVED) & (_queues_joined(visits) == 1)
    return by_topic(visits, over & alone & short), by_topic(visits, over)


@metric("desk_sent_on", "share", "", "Doorverwezen naar een ander loket", "Sent on to another desk",
        "joined a second queue / served and over", grain="topic")  # fmt: skip
def desk_sent_on(calls: Calls, rules: Rules) -> Pair:
    """Return visits sent on to a counter or a specialist over visits served."""
    visits = _visits(calls)
    over = visits.answered & visits.finished
    return by_topic(visits, over & (_queues_joined(visits) > 1)), by_topic(visits, over)


@metric("desk_relieved", "per week", "higher", "Bezoekers die de diensten niet meer aan hun loket krijgen",
        "Visitors the departments are relieved of", "finished by the first line alone / weeks", grain="topic")  # fmt: skip
def desk_relieved(calls: Calls, rules: Rules) -> Pair:
    """Return visitors per week whom the first line finished: no counter of a department saw them.

    By topic, of each department. Who left unserved is no relief.
    """
    visits = _visits(calls)
    over = visits.answered & visits.finished
    alone = visits.handled_behind == 0
    served = visits.outcome_is(Outcome.DIRECT, Outcome.UNRESOLVED, Outcome.TRANSFERRED)
    return by_topic(visits, over & served & alone), weeks(rules)


@metric("desk_at_counter", "per week", "lower", "Bezoekers aan het loket van een dienst",
        "Visitors at the counter of a department", "served by the second or third line / weeks", grain="topic")  # fmt: skip
def desk_at_counter(calls: Calls, rules: Rules) -> Pair:
    """Return visitors per week on whom somebody of the second or third line worked.

    By topic, of each department: with the quick desk less without it is what the desk takes over.
    """
    visits = _visits(calls)
    over = visits.answered & visits.finished
    return by_topic(visits, over & (visits.handled_behind > 0)), weeks(rules)


@metric("desk_wait_on", "s", "lower", "Wachttijd na de eerste balie", "Wait after the first desk",
        "sum of later waits / visitors served again", grain="topic")  # fmt: skip
def desk_wait_on(calls: Calls, rules: Rules) -> Pair:
    """Return the mean wait of visitors who were sent on, until a counter or specialist serves them."""
    visits = _visits(calls)
    stays = visits.visits
    later = (stays.number > 0) & stays.answered
    waits = tally(stays.owner[later], len(visits), stays.wait_of_answered[later])
    served = marked(stays.owner[later], len(visits))
    return by_topic(visits, waits), by_topic(visits, served)


def _queues_joined(visits: Calls) -> np.ndarray:
    return tally(visits.visits.owner, len(visits))


@metric("desk_total_time", "s", "lower", "Totale tijd van een bezoek", "Total time of a visit",
        "sum of end - arrival / visits that are over", grain="topic")  # fmt: skip
def desk_total_time(calls: Calls, rules: Rules) -> Pair:
    """Return the mean time from coming in to leaving, of visitors who were served."""
    visits = _visits(calls)
    over = visits.answered & visits.finished
    stay = np.where(over, (visits.contacts["ended"] - visits.dialled) / SECOND, 0.0)
    return by_topic(visits, stay), by_topic(visits, over)


@metric("desk_because_of_phone", "share", "lower", "Wachten omdat de balie telefoneert",
        "Waited while the desk was on the phone",
        "had to wait, an agent of that desk on a call / visitors", grain="topic")  # fmt: skip
def desk_because_of_phone(calls: Calls, rules: Rules) -> Pair:
    """Return visitors who had to wait while somebody of their desk was on a call over all visitors.

    Whether the wait would have been shorter without the call is not asked.
    """
    visits = _visits(calls)
    waited = visits.offered & (visits.wait > 0)
    phoning = np.zeros(len(visits), bool)
    for queue in distinct(visits.queue[waited]):
        mine = waited & (visits.queue == queue)
        phoning[mine] = _on_the_phone(calls, int(queue), visits.joined[mine])
    return by_topic(visits, phoning), by_topic(visits, visits.offered)


def _on_the_phone(calls: Calls, queue: int, moments: np.ndarray) -> np.ndarray:
    """Return whether an agent who may serve the queue was on a call at each moment."""
    groups = calls.plan.routes["group"][queue]
    theirs = np.isin(calls.group_of, groups[groups != NONE])
    of_call, found = calls.log.contacts["kind"] == ContactKind.CALL, []
    for kind in (LegKind.TALK, LegKind.HOLD, LegKind.CONSULT, LegKind.HANDOVER):
        legs = calls.log.stays(kind)
        busy = theirs[legs["agent"]] & of_call[legs["contact"]]
        found.append((legs["start"][busy], legs["end"][busy]))
    starts, ends = map(np.concatenate, zip(*found, strict=True))
    starts, ends = np.sort(starts), np.sort(np.where(ends == NONE, calls.window.end, ends))
    before = np.searchsorted(starts, moments, side="right")
    return before > np.searchsorted(ends, moments, side="right")


@metric("desk_waiting", "number", "lower", "Gemiddeld aantal mensen in de wachtkamer",
        "People in the waiting room", "time visitors wait / time the doors are open", grain="whole")  # fmt: skip
def desk_waiting(calls: Calls, rules: Rules) -> Pair:
    """Return the mean number of visitors waiting at once while the doors are open.

    Whoever waits for whom, as in desk_most_waiting. The doors are those of the centre's hours `open`;
    who still waits when they have closed counts too.
    """
    starts, ends = calls.once(_waits)
    if len(starts) == 0:
        return one(0.0, 0.0)
    return one(float((ends - starts).sum()) / SECOND, _open_seconds(calls))


def _open_seconds(calls: Calls) -> float:
    """Return the seconds within what is counted in which the centre is open."""
    plan, window = calls.plan, calls.window
    row = plan.hours[0]
    spans = plan.spans[row["first"] : row["last"]]
    inside = np.minimum(spans["end"], window.end) - np.maximum(spans["start"], window.start)
    return float(np.maximum(inside, 0).sum()) / SECOND


@metric("desk_most_waiting", "number", "lower", "Grootste drukte in de wachtkamer",
        "Most people in the waiting room", "most visitors waiting at once", grain="whole")  # fmt: skip
def desk_most_waiting(calls: Calls, rules: Rules) -> Pair:
    """Return the largest number of visitors waiting at once in a run, the mean over the runs.

    Whoever waits for whom: also for a counter after the desk, and also who is still waiting.
    """
    if not calls.log.has(ContactKind.VISIT):
        return one(0.0, 0.0)
    starts, ends = calls.once(_waits)
    moments = np.concatenate([starts, ends])
    steps = np.repeat([1, -1], len(starts))
    order = np.lexsort((steps, moments))
    return one(float(np.cumsum(steps[order]).max(initial=0)), 1.0)


def _waits(calls: Calls) -> tuple[np.ndarray, np.ndarray]:
    """Return when visitors began and ceased to wait in a queue, cut to what is counted."""
    if not calls.log.has(ContactKind.VISIT):
        return NOBODY, NOBODY
    stays, window = calls.log.stays(LegKind.QUEUE), calls.window
    legs = stays.where(calls.log.contacts["kind"][stays["contact"]] == ContactKind.VISIT)
    starts = np.maximum(legs["start"], window.start)
    ends = np.where(legs["end"] == NONE, window.end, legs["end"])
    ends = np.minimum(ends, window.end)
    waits = ends > starts
    return starts[waits], ends[waits]
