"""Cases of the back office: terms where one exists, else age and backlog; and who asks how it stands.

A case is what a registration writes down (a child contact of the kind case); the registration itself
is not counted. Nothing has a term unless its journey gives one.
"""

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.log import Table
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.columns.tallies import tally
from simkcc.analysis.metrics.registry import Pair, metric
from simkcc.analysis.metrics.terms import one, tally_topics, weeks
from simkcc.model.contact_log import DAY, NONE, ContactKind, LegKind, Origin, Outcome


def _cases(calls: Calls) -> Table:
    """Return the counted cases born before the end of what is counted."""
    return calls.once(_find_cases)


def _find_cases(calls: Calls) -> Table:
    contacts = calls.log.contacts
    cases = contacts.where(contacts["kind"] == ContactKind.CASE)
    chosen = (cases["origin"] == Origin.TASK) & (cases["born"] < calls.window.end)
    return cases.where(chosen & calls.window.counted[cases["topic"]])


def _inside(calls: Calls, moments: np.ndarray) -> np.ndarray:
    return (moments >= calls.window.start) & (moments < calls.window.end)


@metric("cases_opened", "per week", "", "Nieuwe dossiers", "New cases", "opened per week",
        grain="topic")  # fmt: skip
def cases_opened(calls: Calls, rules: Rules) -> Pair:
    """Return cases written down per week."""
    cases = _cases(calls)
    return tally_topics(calls, cases, _inside(calls, cases["born"])), weeks(rules)


@metric("cases_in_time", "share", "higher", "Dossiers afgehandeld binnen de termijn",
        "Cases closed within their term", "closed by the due time / due in the period", grain="topic")  # fmt: skip
def cases_in_time(calls: Calls, rules: Rules) -> Pair:
    """Return cases closed by their due time over cases due in the period, open overdue ones included.

    Only cases with a term count: a report or policy signal has none. A case that turned out to be
    something else is closed when it is sent on.
    """
    cases = _cases(calls)
    due = (cases["due"] != NONE) & _inside(calls, cases["due"])
    met = due & (cases["ended"] != NONE) & (cases["ended"] <= cases["due"])
    return tally_topics(calls, cases, met), tally_topics(calls, cases, due)


@metric("cases_lead_time", "days", "lower", "Doorlooptijd van dossiers", "Lead time of cases",
        "sum of closing - opening / closed in the period", grain="topic")  # fmt: skip
def cases_lead_time(calls: Calls, rules: Rules) -> Pair:
    """Return the mean calendar days from opening to closing, of cases closed in the period."""
    cases = _cases(calls)
    closed = (cases["ended"] != NONE) & _inside(calls, cases["ended"])
    days = np.where(closed, (cases["ended"] - cases["born"]) / DAY, 0.0)
    return tally_topics(calls, cases, days), tally_topics(calls, cases, closed)


@metric("cases_open", "number", "lower", "Openstaande dossiers aan het einde", "Open cases at the end",
        "opened and not closed, per run", grain="topic")  # fmt: skip
def cases_open(calls: Calls, rules: Rules) -> Pair:
    """Return cases that are open at the end of a run."""
    cases = _cases(calls)
    return tally_topics(calls, cases, _open(calls, cases)), np.ones(1)


@metric("cases_age", "days", "lower", "Leeftijd van openstaande dossiers", "Age of open cases",
        "sum of end - opening of open cases / open", grain="topic")  # fmt: skip
def cases_age(calls: Calls, rules: Rules) -> Pair:
    """Return the mean calendar days that cases open at the end of a run have been open."""
    cases = _cases(calls)
    still = _open(calls, cases)
    days = np.where(still, (calls.window.end - cases["born"]) / DAY, 0.0)
    return tally_topics(calls, cases, days), tally_topics(calls, cases, still)


def _open(calls: Calls, cases: Table) -> np.ndarray:
    return (cases["ended"] == NONE) | (cases["ended"] >= calls.window.end)


@metric("team_waiting", "number", "lower", "Dossiers die op een ploeg wachten", "Cases waiting for a team",
        "in a queue of the team at the end, per run", grain="group")  # fmt: skip
def team_waiting(calls: Calls, rules: Rules) -> Pair:
    """Return cases that wait for each team at the end of a run: its backlog.

    A team is a group; a case in a queue of several groups waits for the first. Cases on the agenda of
    a session, being planned or with a third party wait for nobody.
    """
    return calls.once(_waiting)[0], np.ones(1)


@metric("team_age", "days", "lower", "Leeftijd van wat op een ploeg wacht", "Age of what waits for a team",
        "sum of end - opening of waiting cases / waiting", grain="group")  # fmt: skip
def team_age(calls: Calls, rules: Rules) -> Pair:
    """Return the mean calendar days since their opening of the cases that wait for each team."""
    waiting, days = calls.once(_waiting)
    return days, waiting


def _waiting(calls: Calls) -> tuple[np.ndarray, np.ndarray]:
    """Return by group how many cases wait at the end, and how old they are together, in days."""
    size, contacts, end = len(calls.plan.groups), calls.log.contacts, calls.window.end
    if not calls.log.has(ContactKind.CASE):
        return np.zeros(size), np.zeros(size)
    legs = calls.log.stays(LegKind.QUEUE)
    waits = legs.where(contacts["kind"][legs["contact"]] == ContactKind.CASE)
    chosen = (waits["start"] < end) & ((waits["end"] == NONE) | (waits["end"] >= end))
    waits = waits.where(chosen & calls.window.counted[contacts["topic"][waits["contact"]]])
    groups = calls.plan.routes["group"][waits["place"], 0]
    days = (end - contacts["born"][waits["contact"]]) / DAY
    return tally(groups, size).astype(float), tally(groups, size, days)


@metric("cases_feedback", "share", "higher", "Terugkoppeling aan de burger", "Feedback to the citizen",
        "closed with feedback / closed with or without feedback in the period", grain="topic")  # fmt: skip
def cases_feedback(calls: Calls, rules: Rules) -> Pair:
    """Return cases closed with feedback to the citizen over cases closed in the period.

    What was sent on as something else is told of there, and counts in neither.
    """
    cases = _cases(calls)
    closed = (cases["ended"] != NONE) & _inside(calls, cases["ended"])
    told = closed & (cases["outcome"] == Outcome.RETURNED)
    silent = closed & (cases["outcome"] == Outcome.NEVER_RETURNED)
    return tally_topics(calls, cases, told), tally_topics(calls, cases, told | silent)


@metric("cases_misrouted", "share", "lower", "Dossiers die iets anders waren", "Cases that were something else",
        "closed as sent on / closed in the period", grain="topic")  # fmt: skip
def cases_misrouted(calls: Calls, rules: Rules) -> Pair:
    """Return cases that were sent on as something else (a complaint form for a report) over closed ones."""
    cases = _cases(calls)
    closed = (cases["ended"] != NONE) & _inside(calls, cases["ended"])
    sent_on = closed & (cases["outcome"] == Outcome.TRANSFERRED)
    return tally_topics(calls, cases, sent_on), tally_topics(calls, cases, closed)


@metric("status_calls", "per week", "lower", "Oproepen die naar een dossier vragen",
        "Calls that ask about a case", "calls about an open case per week", grain="whole")  # fmt: skip
def status_calls(calls: Calls, rules: Rules) -> Pair:
    """Return calls of citizens who ask how their case stands, per week."""
    asks = calls.contacts["origin"] == Origin.STATUS
    return one(float(asks.sum()), rules.weeks)
