"""Demand from counts: volume a year, weekday, month and half hour, busyness, hours seen.

The model of a day is N ~ Poisson(volume x weekday x month x busyness) with Gamma busyness of mean
1: a negative binomial. Factors come from quasi-likelihood with that variance; busyness from the
Pearson statistic, whose interval is found by inverting the test.
"""

import datetime
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from simkcc.calibration.halfhours import HalfHours
from simkcc.calibration.opening import (
    clock,
    fit_holidays,
    fit_hours,
    hours_seen,
    open_cells,
    say_outside,
)
from simkcc.calibration.said import Estimate, Findings, Said
from simkcc.engine.schedules import Almanac, Volume
from simkcc.model.demand import Demand
from simkcc.model.scenario import Scenario

LEAST_DAYS = 5
"""Fewer open days say nothing about volume."""

DAYS_FOR_FACTORS = 20
"""Fewer open days do not tell weekdays apart, or busyness from chance."""


@dataclass(frozen=True)
class Days:
    """Daily counts and what they are expected to be."""

    dates: np.ndarray
    counts: np.ndarray
    expected: np.ndarray
    weekday: np.ndarray
    """(7,) factors, mean 1 over the weekdays seen; 0 if not seen."""
    weekday_noise: np.ndarray
    month: np.ndarray | None
    """(12,) factors, mean 1; None if not all months are seen."""
    month_noise: np.ndarray
    dispersion: float
    """Squared coefficient of variation of busyness."""
    parameters: int


def fit_days(dates: np.ndarray, counts: np.ndarray, month_factors: np.ndarray) -> Days:
    """Return factors of weekday and month and the dispersion of daily counts.

    month_factors: (12,) assumed, used unless all months are seen on at least ten open days.
    """
    weekdays = (dates - 1) % 7
    months = np.array([datetime.date.fromordinal(int(d)).month - 1 for d in dates])
    whole_year = np.bincount(months, minlength=12).min() >= 10
    with np.errstate(divide="ignore"):
        offset = np.zeros(len(dates)) if whole_year else np.log(month_factors)[months]
    by_weekday = (weekdays[:, None] == np.arange(7)).astype(float)
    design = (
        np.hstack([by_weekday, (months[:, None] == np.arange(12))]) if whole_year else by_weekday
    )
    used = design.sum(axis=0) > 0
    design = design[:, used]
    rank = int(np.linalg.matrix_rank(design))
    beta, dispersion = np.zeros(design.shape[1]), 0.0
    expected = np.maximum(counts, 0.5)
    for _ in range(30):
        weight = expected / (1 + dispersion * expected)
        target = np.log(expected) - offset + (counts - expected) / expected
        covariance = np.linalg.pinv(design.T @ (design * weight[:, None]))
        beta = covariance @ (design.T @ (weight * target))
        expected = np.exp(np.clip(design @ beta + offset, -20, 30))
        dispersion = _dispersion(counts, expected, len(dates) - rank)
    factors, noise = np.zeros(19), np.zeros(19)
    places = np.flatnonzero(np.append(used, np.zeros(19 - len(used), bool)))
    for group in (places[places < 7], places[places >= 7]):
        if len(group):
            rows = np.searchsorted(places, group)
            factors[group], noise[group] = _normalised(beta[rows], covariance[np.ix_(rows, rows)])
    return Days(
        dates, counts, expected, factors[:7], noise[:7],
        factors[7:] if whole_year else None, noise[7:], dispersion, rank,
    )  # fmt: skip


def _normalised(beta: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return factors of mean 1 from their logarithms, and standard errors."""
    raised = np.exp(beta)
    factors = raised / raised.mean()
    slope = np.eye(len(beta)) - raised / raised.sum()
    return factors, factors * np.sqrt(np.maximum(np.diag(slope @ covariance @ slope.T), 0))


def _pearson(counts: np.ndarray, expected: np.ndarray, dispersion: float) -> float:
    return float(((counts - expected) ** 2 / (expected + dispersion * expected**2)).sum())


def _dispersion(counts: np.ndarray, expected: np.ndarray, wanted: float) -> float:
    """Return the dispersion at which the Pearson statistic has the wanted value; at least 0."""
    if wanted <= 0 or _pearson(counts, expected, 0.0) <= wanted:
        return 0.0
    low, high = 0.0, 25.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _pearson(counts, expected, middle) > wanted else (low, middle)
    return (low + high) / 2


def busyness(days: Days) -> tuple[float, float, float]:
    """Return the coefficient of variation of busyness with its 95 % interval.

    The Pearson statistic is compared with a chi-square whose degrees of freedom are lessened for
    the tails of the negative binomial.
    """
    from scipy.stats import chi2

    free = len(days.counts) - days.parameters
    kurtosis = 6 * days.dispersion + float((1 / days.expected).mean())
    df = 2 * free / (2 + kurtosis)
    ends = [
        _dispersion(days.counts, days.expected, float(chi2.ppf(q, df)) * free / df)
        for q in (0.975, 0.025)
    ]
    return days.dispersion**0.5, ends[0] ** 0.5, ends[1] ** 0.5


# ---------------------------------------------------------------------------------------------
# the day


def fit_profile(offered: np.ndarray, is_open: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of each interval and its standard error.

    offered, is_open: (D, J). Days may have other hours: a share is what an interval would have of a
    day on which all are open. The noise is that between days, so busyness is in it.
    """
    daily = (offered * is_open).sum(axis=1)
    total = (offered * is_open).sum(axis=0)
    share = total / max(total.sum(), 1)
    for _ in range(200):
        there = is_open @ share
        room = is_open.T @ np.divide(daily, there, out=np.zeros_like(daily), where=there > 0)
        fresh = np.divide(total, room, out=np.zeros_like(total), where=room > 0)
        fresh /= max(fresh.sum(), 1e-300)
        if np.abs(fresh - share).max() < 1e-12:
            break
        share = fresh
    there = np.maximum(is_open @ share, 1e-300)
    gap = (offered - daily[:, None] * share / there[:, None]) * is_open
    room = is_open.T @ (daily / there)
    return share, np.sqrt((gap**2).sum(axis=0)) / np.maximum(room, 1e-300)


# ---------------------------------------------------------------------------------------------
# the estimates


@dataclass(frozen=True)
class Fresh:
    """Contacts that are no redial, by date and interval: what demand looks like before redials."""

    counts: np.ndarray
    """(D, J)."""
    mark: Literal["M", "D"]
    """M if callers were told apart, D if assumed redials were taken out of attempts."""


def fit_demand(
    counts: HalfHours, scenario: Scenario, *, fresh: Fresh | None = None, through: float = 1.0
) -> Findings:
    """Return what counts per half hour say about demand.

    The volume is that of attempts; weekday, month, half hour and busyness are those of `fresh`
    where it is known, since the model adds redials by itself. through: share of dialled calls that
    reach what was counted (less than 1 if the counts start behind a menu).
    """
    found = Findings()
    is_open = open_cells(counts)
    there = np.asarray(is_open.any(axis=1))
    if there.sum() < LEAST_DAYS:
        found.said.append(Said(
            f"{int(there.sum())} open dag(en): te weinig om het jaarvolume te schatten (minstens {LEAST_DAYS}).",
            f"{int(there.sum())} open day(s): too few to estimate the yearly volume (at least {LEAST_DAYS}).",
        ))  # fmt: skip
        return found
    say_outside(found, counts.attempts, is_open)
    fit_hours(found, hours_seen(counts), counts.minutes, scenario)
    attempts, is_open, dates = counts.attempts[there], is_open[there], counts.dates[there]
    month = np.array(scenario.demand.month)
    days = fit_days(dates, (attempts * is_open).sum(axis=1), month)
    shape, mark = (attempts, "M") if fresh is None else (fresh.counts[there], fresh.mark)
    without = days if fresh is None else fit_days(dates, (shape * is_open).sum(axis=1), month)
    of_shape = Findings()
    demand = _factors(of_shape, without, scenario)
    _profile(of_shape, shape, is_open, counts.minutes)
    _busyness(of_shape, without, has_redials=fresh is None)
    of_shape.estimates = [replace(each, mark=mark) for each in of_shape.estimates]  # type: ignore[arg-type]
    found.add(of_shape)
    _volume(found, days, demand, scenario, through)
    fit_holidays(found, counts, there, scenario)
    return found


def _factors(found: Findings, days: Days, scenario: Scenario) -> Demand:
    """Add weekday and month factors; return the demand that the volume is counted with."""
    demand = scenario.demand
    if len(days.counts) < DAYS_FOR_FACTORS:
        found.said.append(Said(
            f"{len(days.counts)} open dagen: te weinig voor weekdagfactoren en drukte (minstens {DAYS_FOR_FACTORS}); ze blijven zoals ze waren.",
            f"{len(days.counts)} open days: too few for weekday factors and busyness (at least {DAYS_FOR_FACTORS}); they stay as they were.",
        ))  # fmt: skip
        return demand
    method = Said("negatief-binomiaal per dag", "negative binomial by day")
    last = int(np.flatnonzero(days.weekday)[-1])
    weekday = [round(float(f), 4) for f in days.weekday[: max(last + 1, 5)]]
    halves = tuple(1.96 * days.weekday_noise[: len(weekday)])
    found.estimates.append(
        Estimate(
            "demand.weekday", weekday, None, None, len(days.counts), method, half_widths=halves
        )
    )
    update: dict[str, object] = {"weekday": tuple(weekday)}
    if days.month is not None:
        month = [round(float(f), 4) for f in days.month]
        halves = tuple(1.96 * days.month_noise)
        found.estimates.append(
            Estimate(
                "demand.month", month, None, None, len(days.counts), method, half_widths=halves
            )
        )
        update["month"] = tuple(month)
    else:
        found.said.append(Said(
            "Het bestand beslaat geen heel jaar: maandfactoren zijn niet te schatten en blijven zoals ze waren; het jaarvolume steunt erop.",
            "The file does not span a whole year: month factors cannot be estimated and stay as they were; the yearly volume rests on them.",
        ))  # fmt: skip
    return demand.model_copy(update=update)


def _profile(found: Findings, offered: np.ndarray, is_open: np.ndarray, minutes: int) -> None:
    share, noise = fit_profile(offered, is_open)
    used = np.flatnonzero(is_open.any(axis=0))
    inside = slice(int(used[0]), int(used[-1]) + 1)
    method = Said(
        "aandeel per half uur, ruis tussen dagen", "share by half hour, noise between days"
    )
    found.estimates.append(Estimate(
        "demand.profile.shares", np.round(share[inside], 5).tolist(), None, None,
        int(offered.sum()), method, half_widths=tuple(1.96 * noise[inside]),
    ))  # fmt: skip
    found.settings["demand.profile.start"] = clock(inside.start * minutes)
    found.settings["demand.profile.minutes"] = minutes


def _busyness(found: Findings, days: Days, *, has_redials: bool) -> None:
    if len(days.counts) < DAYS_FOR_FACTORS:
        return
    cv, low, high = busyness(days)
    method = Said("Gamma boven Poisson, Pearson", "Gamma beyond Poisson, Pearson")
    found.estimates.append(
        Estimate("demand.busyness_cv", round(cv, 4), low, high, len(days.counts), method)
    )
    if has_redials:
        found.said.append(Said(
            "Tellingen bevatten herhaaloproepen: op drukke dagen bellen meer mensen opnieuw, dus de drukte is eerder over- dan onderschat.",
            "Counts hold redials: on busy days more people call again, so busyness is over- rather than underestimated.",
        ))  # fmt: skip


def _volume(
    found: Findings, days: Days, demand: Demand, scenario: Scenario, through: float
) -> None:
    """Add the volume of a year: what was counted over the share of the year that it covers."""
    volume = Volume(Almanac(scenario), demand)
    every = [datetime.date.fromordinal(int(date)) for date in days.dates]
    shares = np.array([volume.share_of(date) for date in every])
    covered = float(shares.sum())
    if covered <= 0:
        found.said.append(Said(
            "Geen enkele dag van het bestand is in het scenario een open dag: het jaarvolume is niet te schatten.",
            "No day of the file is an open day of the scenario: the yearly volume cannot be estimated.",
        ))  # fmt: skip
        return
    total = float(days.counts[shares > 0].sum())
    spread = (
        float(np.sqrt((days.expected + days.dispersion * days.expected**2).sum()))
        / days.counts.sum()
    )
    yearly = total / covered / through
    half = 1.96 * spread * yearly
    behind = "" if through == 1 else f" / {through:.4f}"
    method = Said(
        f"{total:,.0f} pogingen over {covered:.3f} jaar{behind} (menu)" if behind else f"{total:,.0f} pogingen over {covered:.3f} jaar",
        f"{total:,.0f} attempts over {covered:.3f} years{behind} (menu)" if behind else f"{total:,.0f} attempts over {covered:.3f} years",
    )  # fmt: skip
    mark = "M" if through == 1 else "D"
    found.estimates.append(Estimate(
        "demand.per_year", round(yearly), yearly - half, yearly + half, len(days.counts), method,
        mark=mark, unit="/year",  # type: ignore[arg-type]
    ))  # fmt: skip
    found.settings["demand.counts"] = "attempts"
