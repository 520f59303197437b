"""Agents seen per half hour, from sessions or from who answered."""

import numpy as np

from simkcc.calibration.contacts import NOBODY, Contacts
from simkcc.calibration.said import Estimate, Findings, Said
from simkcc.model.calendar import WEEKDAYS
from simkcc.model.scenario import Scenario

HALF_HOUR = 1800
LEAST_DAYS = 3
"""A weekday seen less often has no roster of its own."""


def fit_staffing(contacts: Contacts, scenario: Scenario) -> Findings:
    """Return the agents per half hour of each weekday, for every group the log can tell.

    With sessions it is who was there. Else an agent counts as there from the first answer to the
    end of the last talk of the day, which misses who waited before and after: a lower bound.
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
        "eerste tot laatste oproep van elke medewerker per dag",
        "first to last call of each agent by day",
    )
    _roster(found, contacts, name, _from_calls(contacts), method)
    found.said.append(Said(
        "De bezetting is afgeleid uit wie oproepen nam: wie aangemeld was zonder oproep is niet gezien, dus het is een ondergrens.",
        "Staffing is read from who took calls: who was logged in without a call is not seen, so it is a lower bound.",
    ))  # fmt: skip
    return found


def _from_calls(contacts: Contacts) -> tuple[np.ndarray, np.ndarray]:
    """Return the stretch each agent was seen on each date."""
    mine = (contacts.agent != NOBODY) & contacts.answered
    start = (contacts.dialled + contacts.in_menu + contacts.wait)[mine]
    spent = np.nan_to_num(contacts.talk[mine]) + np.nan_to_num(contacts.wrap_up[mine])
    keys = np.stack([contacts.agent[mine], contacts.date[mine]], axis=1)
    found, place = np.unique(keys, axis=0, return_inverse=True)
    first, last = np.full(len(found), np.inf), np.zeros(len(found))
    np.minimum.at(first, place, start)
    np.maximum.at(last, place, start + spent)
    return first, last


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
    base = group if group.startswith("seen.") else f"groups.{group}.roster"
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
    if base.startswith("seen."):
        return
    hour, half = divmod(inside.start, 2)
    found.settings |= {
        f"{base}.start": f"{hour:02d}:{30 * half:02d}", f"{base}.minutes": 30,
        f"{base}.square_root": "absent", f"groups.{group}.agents": "absent", f"groups.{group}.hours": "absent",
        f"{base}.weekdays": "absent", f"groups.{group}.absence": 0.0,
    }  # fmt: skip
