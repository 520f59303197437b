"""When a centre is open, by the calls it had: hours of each weekday, holidays, stray calls."""

import datetime

import numpy as np

from simkcc.calibration.halfhours import HalfHours
from simkcc.calibration.said import Estimate, Findings, Said
from simkcc.engine.schedules import Almanac
from simkcc.model.calendar import WEEKDAYS, Hours
from simkcc.model.holidays import public_holidays
from simkcc.model.scenario import Scenario

OPEN_SHARE = 0.2
"""A half hour counts as open on a weekday if so many of its days had a call in it."""

STRAY = 0.03
"""Less than this part of the mean half hour are callers who came just before or after."""


def hours_seen(counts: HalfHours) -> dict[int, tuple[int, int]]:
    """Return the first and last open interval of each weekday that has calls."""
    offered = counts.attempts
    found = {}
    for weekday in range(7):
        days = offered[(counts.weekdays == weekday) & (offered.sum(axis=1) > 0)]
        if not len(days):
            continue
        usual = (days > 0).mean(axis=0) >= OPEN_SHARE
        mean = days.mean(axis=0)
        usual &= mean >= STRAY * mean[usual].mean() if usual.any() else False
        open_there = np.flatnonzero(usual)
        if len(open_there):
            found[weekday] = int(open_there[0]), int(open_there[-1]) + 1
    return found


def open_cells(counts: HalfHours) -> np.ndarray:
    """Return (D, J): whether each interval of each date lies within the opening hours seen."""
    seen = hours_seen(counts)
    found = np.zeros(counts.attempts.shape, bool)
    for day, weekday in enumerate(counts.weekdays.tolist()):
        if weekday in seen and counts.attempts[day].sum() > 0:
            found[day, slice(*seen[weekday])] = True
    return found


def say_outside(found: Findings, offered: np.ndarray, is_open: np.ndarray) -> None:
    """Say how many calls came outside the usual hours."""
    outside = float((offered * ~is_open).sum())
    if outside:
        share = outside / offered.sum()
        found.said.append(Said(
            f"{outside:,.0f} oproepen ({share:.1%}) vallen buiten de gewone openingsuren en tellen niet mee in het volume.",
            f"{outside:,.0f} calls ({share:.1%}) fall outside the usual opening hours and are left out of the volume.",
        ))  # fmt: skip


def fit_hours(
    found: Findings, seen: dict[int, tuple[int, int]], minutes: int, scenario: Scenario
) -> None:
    """Report the opening hours seen, and write them if the scenario has others."""
    texts = {day: f"{clock(a * minutes)}-{clock(b * minutes)}" for day, (a, b) in seen.items()}
    name = scenario.demand.hours
    had = scenario.hours.get(name)
    same = had is not None and all(_is_covered(had, seen, minutes, day) for day in range(7))
    at = "seen.hours" if same else f"hours.{name}"
    method = Said("eerste en laatste half uur met oproepen", "first and last half hour with calls")
    words = [f"{WEEKDAYS[day]} {text}" for day, text in texts.items()]
    found.estimates.append(Estimate("seen.hours", words, None, None, len(seen), method))
    if not same:
        for day in range(7):
            found.settings[f"{at}.{WEEKDAYS[day]}"] = [texts[day]] if day in texts else []
        found.said.append(Said(
            f"De geziene openingsuren ({', '.join(words)}) wijken af van die van het scenario en zijn overgenomen.",
            f"The opening hours seen ({', '.join(words)}) differ from those of the scenario and are taken over.",
        ))  # fmt: skip


def _is_covered(had: Hours, seen: dict[int, tuple[int, int]], minutes: int, day: int) -> bool:
    spans = had.spans(day)
    if day not in seen or not spans:
        return (day in seen) == bool(spans)
    first, last = (edge * minutes * 60 for edge in seen[day])
    return abs(spans[0][0] - first) < 60 * minutes and abs(spans[-1][1] - last) < 60 * minutes


def clock(minutes: int) -> str:
    """Return minutes since midnight as 08:30."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def fit_holidays(found: Findings, counts: HalfHours, there: np.ndarray, scenario: Scenario) -> None:
    """Compare closed days with the calendar; write those it does not know."""
    almanac = Almanac(scenario)
    usual = set(counts.weekdays[there].tolist())
    open_dates = set(counts.dates[there].tolist())
    every = range(int(counts.dates[0]), int(counts.dates[-1]) + 1)
    closed = [d for d in every if (d - 1) % 7 in usual and d not in open_dates]
    years = {datetime.date.fromordinal(d).year for d in (every[0], every[-1])}
    known = almanac.holidays | _holidays_of(scenario, years)
    dates = [datetime.date.fromordinal(d) for d in closed]
    unknown = [date for date in dates if date not in known]
    open_on = sorted(date for date in known if date.toordinal() in open_dates)
    if unknown:
        found.settings["calendar.holidays"] = sorted({*scenario.calendar.holidays, *unknown})
        text = ", ".join(str(date) for date in unknown[:6]) + (", …" if len(unknown) > 6 else "")
        found.said.append(Said(
            f"Zonder oproepen op {text}: als sluitingsdag overgenomen; of het bestand daar een gat heeft, is niet te zien.",
            f"No calls on {text}: taken over as closed; whether the file has a gap there cannot be seen.",
        ))  # fmt: skip
    if open_on:
        text = ", ".join(str(date) for date in open_on[:6])
        found.said.append(Said(
            f"Het bestand heeft oproepen op {text}, feestdagen volgens het scenario; ze tellen niet mee in het jaarvolume.",
            f"The file has calls on {text}, holidays of the scenario; they are left out of the yearly volume.",
        ))  # fmt: skip


def _holidays_of(scenario: Scenario, years: set[int]) -> set[datetime.date]:
    return set().union(*(public_holidays(scenario.calendar.country, year) for year in years))
