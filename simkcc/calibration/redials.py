"""Calling again after giving up, where callers can be told apart."""

import numpy as np

from simkcc.calibration.contacts import NOBODY, Contacts
from simkcc.calibration.said import Estimate, Findings, Said
from simkcc.engine.schedules import Almanac
from simkcc.model.demand import Redial
from simkcc.model.scenario import Scenario

LEAST_GIVEN_UP = 100
"""Fewer abandoned calls of known callers do not measure redials."""


def is_return(contacts: Contacts) -> np.ndarray:
    """Return whether each contact follows an abandoned one of the same caller, by the next open day."""
    follower = _next_of_caller(contacts)
    dates = contacts.date
    open_days = np.unique(dates)
    found = np.zeros(len(contacts), bool)
    earlier = np.flatnonzero((follower >= 0) & contacts.abandoned)
    later = follower[earlier]
    days = np.searchsorted(open_days, dates[later]) - np.searchsorted(open_days, dates[earlier])
    found[later[days <= 1]] = True
    return found


def _next_of_caller(contacts: Contacts) -> np.ndarray:
    """Return the next contact of the same caller, or -1."""
    order = np.lexsort((contacts.dialled, contacts.caller))
    same = contacts.caller[order[1:]] == contacts.caller[order[:-1]]
    same &= contacts.caller[order[1:]] != NOBODY
    found = np.full(len(contacts), -1)
    found[order[:-1][same]] = order[1:][same]
    return found


def expected_redials(
    abandoned: np.ndarray, is_open: np.ndarray, redial: Redial, minutes: int
) -> np.ndarray:
    """Return how many redials an assumed redial behaviour puts in each half hour, (D, J).

    abandoned, is_open: (D, J). They can be taken from attempts, so that what remains are callers.
    """
    size = abandoned.shape[1]
    delay = redial.delay
    mean = float(getattr(delay.soon_after, "mean", getattr(delay.soon_after, "value", 300.0)))
    edges = (np.arange(size + 1) - (np.arange(20)[:, None, None] + 0.5) / 20) * 60 * minutes
    reach = -np.expm1(-np.maximum(edges, 0) / mean)  # from 20 moments within interval 0
    soon = np.diff(reach, axis=-1).mean(axis=0)[0]
    found = np.zeros(abandoned.shape)
    before = 0.0
    for day in range(len(abandoned)):
        there = is_open[day].astype(float)
        lost = abandoned[day] * there
        left = np.cumsum(there[::-1])[::-1] - there / 2
        for start in np.flatnonzero(lost).tolist():
            today = there[start:].copy()
            today[0] /= 2
            found[day, start:] += lost[start] * delay.soon * soon[: size - start] * there[start:]
            found[day, start:] += lost[start] * delay.later_today * today / left[start]
        found[day] += before * there / max(there.sum(), 1.0)
        before = float(lost.sum()) * (1 - delay.soon - delay.later_today)
    return redial.share * found


def fit_redials(contacts: Contacts, scenario: Scenario) -> Findings:
    """Return the share that calls again after giving up, and when.

    A return is the next contact of the same caller on the same or the next open day. Calls of the
    last open day are left out: their return may not be in the log.
    """
    found = Findings()
    known = contacts.caller != NOBODY
    if known.mean() < 0.5 or len(np.unique(contacts.caller[known])) < 2:
        found.said.append(Said(
            "Bellers zijn niet uit elkaar te houden: welk deel na het afhaken opnieuw belt, kan dit bestand niet zeggen; "
            "tellingen zijn pogingen, herhaaloproepen inbegrepen.",
            "Callers cannot be told apart: what share calls again after giving up, this file cannot tell; "
            "counts are attempts, redials included.",
        ))  # fmt: skip
        return found
    follower, returns = _next_of_caller(contacts), is_return(contacts)
    last = contacts.date.max()
    gave_up = np.flatnonzero(contacts.abandoned & known & (contacts.date < last))
    if len(gave_up) < LEAST_GIVEN_UP:
        found.said.append(Said(
            f"{len(gave_up)} afgehaakte oproepen van bekende bellers: te weinig om herhaaloproepen te schatten.",
            f"{len(gave_up)} abandoned calls of known callers: too few to estimate redials.",
        ))  # fmt: skip
        return found
    back = gave_up[(follower[gave_up] >= 0)]
    back = back[returns[follower[back]]]
    share, low, high = wilson(len(back), len(gave_up))
    method = Said("terug binnen de volgende open dag", "back within the next open day")
    found.estimates.append(
        Estimate("redial.share", round(share, 4), low, high, len(gave_up), method)
    )
    _say_background(found, contacts, follower, share)
    _delays(found, contacts, scenario, back, follower)
    return found


def _say_background(
    found: Findings, contacts: Contacts, follower: np.ndarray, share: float
) -> None:
    """Say how many call again so soon without having given up: some returns are no redials."""
    served = np.flatnonzero(contacts.answered & (contacts.date < contacts.date.max()))
    again = served[follower[served] >= 0]
    soon = contacts.date[follower[again]] - contacts.date[again] <= 1
    other = float(soon.sum()) / max(len(served), 1)
    if other > 0.1 * share:
        found.said.append(Said(
            f"Ook na een beantwoorde oproep belt {other:.1%} binnen een dag opnieuw: een deel van de herhaaloproepen is een nieuwe vraag.",
            f"After an answered call {other:.1%} also call again within a day: some of the redials are new questions.",
        ))  # fmt: skip


def _delays(
    found: Findings, contacts: Contacts, scenario: Scenario, back: np.ndarray, follower: np.ndarray
) -> None:
    """Add when they return: soon (exponential), later today (uniform until closing), next day."""
    almanac = Almanac(scenario)
    closing = {}
    for date in np.unique(contacts.date).tolist():
        spans = almanac.spans(almanac.hours(scenario.demand.hours), almanac.start.fromordinal(date))
        closing[date] = spans[-1][1] if spans else 86_400
    until = (
        np.array([closing[d] for d in contacts.date[back].tolist()])
        - contacts.dialled[back] % 86_400
    )
    gave_up_at = contacts.in_menu[back] + contacts.wait[back]
    delay = contacts.dialled[follower[back]] - contacts.dialled[back] - gave_up_at
    today = contacts.date[follower[back]] == contacts.date[back]
    room = np.maximum(until - gave_up_at, 1.0)
    if today.sum() < 50:
        return
    soon, later, mean = _mixture(delay[today], room[today], float((~today).mean()))
    chance = np.random.default_rng(1)
    draws = []
    for _ in range(100):
        pick = chance.integers(0, len(back), len(back))
        kept = pick[today[pick]]
        draws.append(_mixture(delay[kept], room[kept], float((~today[pick]).mean())))
    spread = np.std(draws, axis=0)
    method = Said("mengsel, EM; bootstrap", "mixture, EM; bootstrap")
    names = ("redial.delay.soon", "redial.delay.later_today", "redial.delay.soon_after.mean")
    for name, value, noise in zip(names, (soon, later, mean), spread, strict=True):
        unit = "s" if name.endswith("mean") else ""
        low, high = max(value - 1.96 * noise, 0.0), value + 1.96 * noise
        if not unit:
            high = min(high, 1.0)
        found.estimates.append(
            Estimate(name, round(value, 4), low, high, len(back), method, unit=unit)
        )
    found.settings["redial.delay.soon_after.kind"] = "exponential"


def _mixture(delay: np.ndarray, room: np.ndarray, next_day: float) -> tuple[float, float, float]:
    """Return shares of soon and later today, and the mean delay of soon, by EM."""
    share, mean = 0.4, 300.0
    delay = np.maximum(delay, 0.5)
    inside = delay <= room
    for _ in range(200):
        quick = share * np.exp(-delay / mean) / mean
        slow = np.where(inside, (1 - share) / room, 0.0)
        mine = quick / np.maximum(quick + slow, 1e-300)
        share, mean = float(mine.mean()), float((mine * delay).sum() / max(mine.sum(), 1e-9))
    today = 1 - next_day
    return today * share, today * (1 - share), max(mean, 1.0)


def wilson(hits: int, trials: int) -> tuple[float, float, float]:
    """Return a share with its Wilson 95 % interval."""
    z = 1.96
    share = hits / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = (
        z / (1 + z * z / trials) * (share * (1 - share) / trials + z * z / (4 * trials**2)) ** 0.5
    )
    return share, max(middle - half, 0.0), min(middle + half, 1.0)
