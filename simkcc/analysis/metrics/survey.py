"""The survey of callers and the reasons agents log: what was put in, with the n it would have.

Who answers is drawn per call from its own key of chance, the same in every variant; nothing else in
the simulation depends on it.
"""

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.metrics.registry import Pair, metric
from simkcc.analysis.metrics.terms import weeks
from simkcc.model.referral import Survey

RESPONSE, SATISFIED, FRIENDLY, LOGGED = range(1, 5)
"""What a draw is for."""


def _survey(rules: Rules) -> Survey:
    return Survey() if rules.scenario is None else rules.scenario.survey


def _drawn(calls: Calls, share: float, purpose: int) -> np.ndarray:
    """Return whether something of a chance befell each call."""
    if share == 0:
        return np.zeros(len(calls), bool)
    settings = calls.plan.settings[0]
    salt = np.random.SeedSequence(
        [int(settings["seed"]), int(settings["replication"]), purpose]
    ).generate_state(1, np.uint64)
    mixed = _mixed(_mixed(calls.contacts["truth_key"] ^ salt))
    return (mixed >> np.uint64(11)) * 2.0**-53 < share


def _mixed(keys: np.ndarray) -> np.ndarray:
    """Return keys mixed by the finaliser of SplitMix64 (Steele, Lea and Flood, 2014)."""
    keys = keys + np.uint64(0x9E3779B97F4A7C15)
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    found: np.ndarray = keys ^ (keys >> np.uint64(31))
    return found


def _asked(calls: Calls, rules: Rules) -> np.ndarray:
    return calls.over & _drawn(calls, _survey(rules).response, RESPONSE)


def _said(calls: Calls, rules: Rules, share: float | None, purpose: int) -> Pair:
    asked = _asked(calls, rules) & (share is not None)
    return asked & _drawn(calls, share or 0.0, purpose), asked


@metric("surveys", "per week", "", "Ingevulde bevragingen", "Surveys answered", "surveys per week")
def surveys(calls: Calls, rules: Rules) -> Pair:
    """Return answered callers who answer the survey, per week: the n behind its shares."""
    return _asked(calls, rules), weeks(rules)


@metric("satisfied", "share", "higher", "Tevreden met het antwoord", "Satisfied with the answer",
        "satisfied / surveys answered")  # fmt: skip
def satisfied(calls: Calls, rules: Rules) -> Pair:
    """Return satisfied callers over those who answered the survey: put in, not predicted."""
    return _said(calls, rules, _survey(rules).satisfied, SATISFIED)


@metric("friendly", "share", "higher", "Vriendelijk geholpen", "Helped in a friendly way",
        "friendly / surveys answered")  # fmt: skip
def friendly(calls: Calls, rules: Rules) -> Pair:
    """Return callers helped in a friendly way over those who answered the survey: put in."""
    return _said(calls, rules, _survey(rules).friendly, FRIENDLY)


@metric("reason_logged", "share", "", "Contactreden vastgelegd", "Reason of contact logged",
        "reason logged / answered calls that are over")  # fmt: skip
def reason_logged(calls: Calls, rules: Rules) -> Pair:
    """Return answered calls whose reason the agent logged over answered calls that are over."""
    share = _survey(rules).reason_logged
    return calls.over & _drawn(calls, share, LOGGED), calls.over & (share > 0)
