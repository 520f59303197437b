"""Agents seen per half hour, from sessions or from who answered."""

import numpy as np

from simkcc.calibration.contacts import NOBODY, Contacts
from simkcc.calibration.said import Estimate, Findings, Said
from simkcc.model.calendar import WEEKDAYS
from simkcc.model.scenario import Scenario

HALF_HOUR = 1800
PAUSE = 1200
"""An agent without a call for so many seconds is taken to be away."""

LEAST_DAYS = 3
"""A weekday seen less often has no roster of its own."""


def fit_staffing(contacts: Contacts, scenario: Scenario) -> Findings:
    """Return the agents per half hour of each weekday, for every group the log can tell.

    With sessions it is who was there. Else an agent counts as there between calls that are less
    than `PAUSE` apart, which misses who was free for longer.
    """
    found = Findings()
    if contacts.sessions is not None and set(contacts.sessions.group) & set(scenario.groups):
        names = np.array(contacts.sessions.group)
        for group in scenario.groups:
            mine = names == group
            if mine.any():
                spans = contacts.sessions.start[mine], contacts.sessions.end[mine]
                _roster(found, contacts, group, spans, Said("aanmeldingen", "sessions"))
        return found
    if not (contacts.agent != NOBODY).any():
        found.said.append(Said(
            "De bezetting staat niet in het bestand: het rooster blijft zoals het was. Waar model en cijfers in wachttijd verschillen, kan dat aan het rooster liggen.",
            "Staffing is not in the file: the roster stays as it was. Where model and data differ in waiting, the roster may be why.",
        ))  # fmt: skip
        return found
    first = [name for name, group in scenario.groups.items() if group.line == 1]
    name = first[0] if len(first) == 1 else "seen.agents"
    method = Said(
        "wie oproepen nam, pauzes tot 20 min meegeteld",
        "who took calls, pauses up to 20 min included",
    )
    _roster(found, contacts, name, _from_calls(contacts), method)
    found.said.append(Said(
        "De bezetting is afgeleid uit wie oproepen nam: wie langer dan 20 minuten vrij was, telt als afwezig, dus in stille uren is ze te laag.",
        "Staffing is read from who took calls: who was free for more than 20 minutes counts as away, so in quiet hours it is too low.",
    ))  # fmt: skip
    return found


def _from_calls(contacts: Contacts) -> tuple[np.ndarray, np.ndarray]:
    """Return the stretches in which each agent was seen: calls less than a pause apart."""
    mine = (contacts.agent != NOBODY) & contacts.answered
    agent = contacts.agent[mine]
    start = (contacts.dialled + contacts.in_menu + contacts.wait)[mine]
    spent = np.nan_to_num(contacts.talk[mine]) + np.nan_to_num(contacts.wrap_up[mine])
    order = np.lexsort((start, agent))
    agent, start, end = agent[order], start[order], (start + spent)[order]
    fresh = (agent[1:] != agent[:-1]) | (start[1:] - end[:-1] > PAUSE)
    return start[np.append(True, fresh)], end[np.append(fresh, True)]


def _is_short(dates: np.ndarray) -> bool:
    """Return whether the dates are so few weeks that weekdays with calls would get no roster.

    In a longer log a weekday seen less often is an exception, for which nobody is rostered.
    """
    often = np.bincount((dates - 1) % 7, minlength=7)
    weeks = (dates[-1] - dates[0] + 1) / 7
    return weeks < LEAST_DAYS and bool(((often > 0) & (often < LEAST_DAYS)).any())


def _roster(
    found: Findings,
    contacts: Contacts,
    group: str,
    spans: tuple[np.ndarray, np.ndarray],
    method: Said,
) -> None:
    """Add the rounded mean number there, in the middle of each half hour of each weekday."""
    dates = np.unique(contacts.date)
    zero = np.floor(contacts.dialled[0] / 86_400) - contacts.date[0]
    middles = (dates[:, None] + zero) * 86_400 + (np.arange(48) + 0.5) * HALF_HOUR
    start, end = np.sort(spans[0]), np.sort(spans[1])
    there = np.searchsorted(start, middles, "right") - np.searchsorted(end, middles, "right")
    open_there = np.flatnonzero(np.median(there, axis=0) > 0)
    if not len(open_there):
        return
    inside = slice(int(open_there[0]), int(open_there[-1]) + 1)
    weekdays = (dates - 1) % 7
    is_written = not group.startswith("seen.")
    base = f"groups.{group}.roster" if is_written else group
    if is_written and _is_short(dates):
        found.said.append(Said(
            f"Van sommige weekdagen telt het bestand er minder dan {LEAST_DAYS}: het rooster van {group} blijft zoals het was.",
            f"Of some weekdays the file holds fewer than {LEAST_DAYS}: the roster of {group} stays as it was.",
        ))  # fmt: skip
        return
    for weekday in range(7):
        days = there[weekdays == weekday, inside]
        if len(days) < LEAST_DAYS:
            continue
        levels = np.rint(np.median(days, axis=0)).astype(int).tolist()
        halves = tuple(1.96 * days.std(axis=0, ddof=1) / len(days) ** 0.5)
        found.estimates.append(
            Estimate(
                f"{base}.{WEEKDAYS[weekday]}",
                levels,
                None,
                None,
                len(days),
                method,
                half_widths=halves,
            )
        )
    if not is_written:
        return
    hour, half = divmod(inside.start, 2)
    found.settings |= {
        f"{base}.start": f"{hour:02d}:{30 * half:02d}", f"{base}.minutes": 30,
        f"{base}.square_root": "absent", f"groups.{group}.agents": "absent", f"groups.{group}.hours": "absent",
        f"{base}.weekdays": "absent", f"groups.{group}.absence": 0.0,
    }  # fmt: skip
