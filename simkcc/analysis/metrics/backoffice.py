"""Figures of the second line: questions that need it, and what they cost those behind the desks."""

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.log import Table
from simkcc.analysis.columns.promised import second_line
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.columns.tallies import distinct
from simkcc.analysis.metrics.registry import Pair, metric
from simkcc.analysis.metrics.terms import one
from simkcc.model.contact_log import DAY, NONE, SECOND

HOUR = 3600 * SECOND
BLOCK = 1800 * SECOND
"""Shortest stretch that counts as uninterrupted."""

# ---------------------------------------------------------------------------------------------
# questions


@metric("second_line_direct", "share", "higher", "Rechtstreeks geholpen door de tweede lijn",
        "Helped at once by the second line", "handed over / needed the second line")  # fmt: skip
def second_line_direct(calls: Calls, rules: Rules) -> Pair:
    """Return questions a specialist took over in the same call over those that needed one.

    Questions the first line answers alone are in neither; a promise that needed no specialist
    cannot be told apart and is in the denominator.
    """
    found = second_line(calls).questions
    return found.needed & found.handed, found.needed


@metric("second_line_2wd", "share", "higher", "Tweede lijn: opgelost binnen 2 werkdagen",
        "Second line: resolved within 2 working days",
        "resolved by closing of the 2nd working day / due")  # fmt: skip
def second_line_2wd(calls: Calls, rules: Rules) -> Pair:
    """Return questions that were resolved, at once or by a call back, within two working days.

    Over those whose second working day has closed; open overdue and dropped ones stay in it.
    """
    found = second_line(calls).questions
    due = found.days.due(calls.dialled, 2)
    counted = found.needed & (due <= calls.window.end)
    return counted & (found.resolved <= due), counted


@metric("time_to_resolution", "h", "lower", "Tijd tot oplossing, tweede lijn",
        "Time to resolution, second line", "from dialling to resolved / needed the second line")  # fmt: skip
def time_to_resolution(calls: Calls, rules: Rules) -> Pair:
    """Return hours by the clock from dialling to resolved, mean over questions that needed it.

    Direct ones end with the talk, others with the call that reached the citizen. Open ones count
    with their age at the end, which is too short: the figure is a lower bound, close if few are
    open. Dropped ones are never resolved and left out; see `dropped`.
    """
    found = second_line(calls).questions
    kept = found.needed & ~found.dropped
    spent = np.minimum(found.resolved, calls.window.end) - calls.dialled
    return np.where(kept, np.maximum(spent, 0) / HOUR, 0.0), kept


@metric("first_line_extra", "s", "lower", "Eerste lijn: extra tijd per vraag voor de tweede lijn",
        "First line: extra time per second-line question",
        "ringing, holding, handing over, writing down / needed the second line")  # fmt: skip
def first_line_extra(calls: Calls, rules: Rules) -> Pair:
    """Return the first line's seconds after the question was heard, per question that needed it.

    Wrap-up and ordinary hold are left out: every call has them.
    """
    found = second_line(calls).questions
    return np.where(found.needed, found.first_line_seconds, 0.0), found.needed


@metric("dropped", "per week", "lower", "Losgelaten bellers", "Dropped callers",
        "failed and not noted, or noted and never returned, per week")  # fmt: skip
def dropped(calls: Calls, rules: Rules) -> Pair:
    """Return callers whose transfer failed and to whom nobody came back, per week.

    Promises given up or never written down. Those still open are not dropped yet, however late.
    """
    return second_line(calls).questions.dropped, np.array([rules.weeks])


# ---------------------------------------------------------------------------------------------
# specialists


def _days(calls: Calls) -> float:
    return second_line(calls).days


def _lost_hours(calls: Calls, rules: Rules, groups: np.ndarray | slice = slice(None)) -> float:
    """Return the hours some groups lost to getting back into work."""
    return float(second_line(calls).interruptions[groups].sum()) * rules.resumption / 3600


def _on_rota(calls: Calls, rules: Rules) -> np.ndarray:
    return np.array(rules.rota or [False] * len(calls.plan.groups))


@metric("interruptions", "per day", "lower", "Onderbrekingen van specialisten",
        "Interruptions of specialists", "calls put through to a specialist per working day",
        per_call=False)  # fmt: skip
def interruptions_per_day(calls: Calls, rules: Rules) -> Pair:
    """Return transferred calls that a specialist took, per working day, on rota or not.

    Calls back at a time of his own choice interrupt nobody. Ringing that nobody answered is left
    out, though it may disturb; so are transfers to a second line that is not simulated.
    """
    return one(float(second_line(calls).interruptions.sum()), _days(calls))


@metric("backoffice_handling", "h per day", "lower", "Tweede lijn: werk aan vragen",
        "Second line: work on questions", "talk, hold, hand-over and wrap-up / working days",
        per_call=False)  # fmt: skip
def backoffice_handling(calls: Calls, rules: Rules) -> Pair:
    """Return hours a day of the second and third line on calls and calls back, failed ones too."""
    return one(float(second_line(calls).seconds.sum()) / 3600, _days(calls))


@metric("backoffice_resumption", "h per day", "lower", "Tweede lijn: verloren door onderbreking",
        "Second line: lost to interruption", "interruptions x time to resume / working days",
        per_call=False)  # fmt: skip
def backoffice_resumption(calls: Calls, rules: Rules) -> Pair:
    """Return hours a day lost to getting back into work: interruptions times `costs.resumption`.

    No more than an assumption times a count; vary it from 0 to 1,380 s.
    """
    return one(_lost_hours(calls, rules), _days(calls))


@metric("backoffice_hours", "h per day", "lower", "Uren van de tweede lijn",
        "Hours of the second line", "(work + lost to interruption) / working days",
        per_call=False)  # fmt: skip
def backoffice_hours(calls: Calls, rules: Rules) -> Pair:
    """Return hours a day of work on questions plus those lost to interruption.

    A specialist waiting on rota counts nothing here: see backoffice_committed.
    """
    work = float(second_line(calls).seconds.sum()) / 3600
    return one(work + _lost_hours(calls, rules), _days(calls))


@metric("rota_hours", "h per day", "lower", "Uren permanentie", "Hours on rota",
        "rostered hours of groups on rota / working days", per_call=False)  # fmt: skip
def rota_hours(calls: Calls, rules: Rules) -> Pair:
    """Return rostered hours a day on rota: none of them can be work that needs concentration."""
    hours = np.dot(np.array(rules.rota or [False]), np.array(rules.rostered_hours or [0.0]))
    return one(float(hours), _days(calls))


@metric("backoffice_committed", "h per day", "lower", "Uren van de tweede lijn, permanentie inbegrepen",
        "Hours of the second line, rota included",
        "(rota + work and interruption outside it) / working days", per_call=False)  # fmt: skip
def backoffice_committed(calls: Calls, rules: Rules) -> Pair:
    """Return hours a day that cannot be work needing concentration.

    All hours on rota, busy or not, plus the work of other specialists and what they lose to
    interruptions. Who is on rota is not counted as interrupted on top.
    """
    others = ~_on_rota(calls, rules)
    work = float(second_line(calls).seconds[others].sum()) / 3600
    hours = float(rota_hours(calls, rules)[0][0]) + work + _lost_hours(calls, rules, others)
    return one(hours, _days(calls))


@metric("uninterrupted", "h per day", "higher", "Ongestoorde uren van specialisten",
        "Uninterrupted hours of specialists",
        "stretches of 30 min or more without a call, outside the rota / working days",
        per_call=False)  # fmt: skip
def uninterrupted(calls: Calls, rules: Rules) -> Pair:
    """Return hours a day in stretches of at least 30 minutes in which a specialist was there and free.

    Of the second and third line, hours on rota left out. Hours of calling back count while nobody
    is called.
    """
    found = second_line(calls)
    left_out = calls.window.first_line | _on_rota(calls, rules)
    sessions = calls.log.sessions
    sessions = sessions.where(~left_out[sessions["group"]])
    if not len(sessions):
        return one(0.0, found.days)
    free = _free_blocks(sessions, found.work, calls.window.start, calls.window.end)
    return one(free / HOUR, found.days)


def _free_blocks(
    sessions: Table, work: tuple[np.ndarray, np.ndarray, np.ndarray], first: int, last: int
) -> int:
    """Return the microseconds of agents in long free stretches, cut at midnights and window.

    work: agent, start and end of each stay in which an agent was busy.
    """
    agents = distinct(sessions["agent"])
    busy, busy_from, busy_to = (column[np.isin(work[0], agents)] for column in work)
    midnights = np.arange(first, last + 1, DAY)
    there_from = np.maximum(sessions["start"], first)
    there_to = np.minimum(np.where(sessions["end"] == NONE, last, sessions["end"]), last)
    # Rising marks where an agent becomes available, falling where he stops being so.
    marks = (
        (1, sessions["agent"], there_from),
        (-1, sessions["agent"], there_to),
        (-1, busy, busy_from),
        (1, busy, np.where(busy_to == NONE, last, busy_to)),
        (0, np.repeat(agents, len(midnights)), np.tile(midnights, len(agents))),
    )
    steps = np.repeat([step for step, _, _ in marks], [len(at) for _, _, at in marks])
    agent, at = (np.concatenate([mark[column] for mark in marks]) for column in (1, 2))
    order = np.lexsort((at, agent))
    agent, at, free = agent[order], at[order], np.cumsum(steps[order])
    # The steps of an agent add up to nothing: what follows are the next one's.
    lengths = np.where(agent[1:] == agent[:-1], np.diff(at), 0)
    return int(lengths[(free[:-1] == 1) & (lengths >= BLOCK)].sum())
