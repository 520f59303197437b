"""Patience from yearly figures: service level and abandonment of some years, staffing unknown.

A year gives two figures and has two unknowns, its staffing and the patience of its callers. Several
years with one patience leave something over, which says how well one patience does. Within a year
calls spread as the scenario says (assumed), agents follow the load by the square-root rule with a
margin that is free for each year, and every half hour is an Erlang A queue in balance.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simkcc.calibration import cells
from simkcc.calibration.columns import find_columns, missing
from simkcc.calibration.queueing import erlang_a
from simkcc.calibration.said import Estimate, Findings, Said
from simkcc.calibration.tables import DataError, Table
from simkcc.engine.schedules import Almanac, Volume
from simkcc.model.scenario import Scenario

Floats = np.ndarray

YEARS: dict[str, tuple[str, ...]] = {
    "year": ("jaar", "year", "annee"),
    "offered": ("aangeboden", "oproepen", "gesprekken", "offered", "calls", "appels"),
    "handling": ("afhandeltijd", "gespreksduur", "gemiddelde gespreksduur", "handling", "aht",
                 "talk", "duree moyenne"),
    "service_level": ("servicelevel", "service level", "servicenorm", "sl", "niveau de service"),
    "abandonment": ("afhakers", "afgehaakt", "abandonment", "abandoned", "verloren", "abandons"),
}  # fmt: skip
"""Fields of yearly figures, and the headings that mean them."""

PATIENCES = np.geomspace(90, 2700, 80)
MARGINS = np.linspace(-3, 4, 36)
LOADS = 48
BUSY, FACTORS = 5, 12
"""Points of busyness, and groups of alike (month, busyness) that are taken together."""

ROUNDED = 0.005
"""Yearly figures are printed in whole percents: half a point either way."""


@dataclass(frozen=True)
class Year:
    """What a yearly report says."""

    name: str
    offered: float
    handling: float
    service_level: float
    abandonment: float


@dataclass(frozen=True)
class Met:
    """How one year comes out with the common patience, and with one of its own."""

    year: Year
    margin: float
    """Margin of the square-root rule that fits best."""
    service_level: float
    abandonment: float
    own_patience: float
    """Patience at which this year alone is met best, in seconds."""


@dataclass(frozen=True)
class Common:
    """One patience for several years."""

    patience: float
    low: float
    high: float
    met: tuple[Met, ...]
    misfit: Floats
    """(P,) sum of squared misses, in points, by patience."""


def looks_like_years(table: Table) -> bool:
    """Return whether a table holds yearly figures."""
    return {"year", "service_level", "abandonment"} <= find_columns(table, YEARS, {}).keys()


def read_years(table: Table, own: Mapping[str, tuple[str, float | None]]) -> list[Year]:
    """Return the years of a table; raises DataError."""
    columns = find_columns(table, YEARS, own)
    for field in YEARS:
        if field not in columns:
            raise missing(table, field, "yearly figures")
    found = []
    for number, row in enumerate(table.rows):
        values = {}
        for field in ("offered", "handling", "service_level", "abandonment"):
            place, unit = columns[field].index, columns[field].unit or 1.0
            cell = row[place]
            read = (
                cells.duration(cell, table.decimal_comma, unit)
                if field == "handling"
                else cells.number(cell, table.decimal_comma)
            )
            if read is None or read < 0:
                raise table.error(number, place, cell, f"{field} is a number of at least 0")
            if field == "offered" and read != round(read):
                raise table.error(number, place, cell, "offered is a whole number of calls")
            share = field in ("service_level", "abandonment")
            values[field] = read / 100 if share and read > 1 else read
        found.append(Year(str(row[columns["year"].index]), **values))
    if any(year.service_level + year.abandonment > 1 for year in found):
        raise DataError(
            f"{table.path}: service level and abandonment add up to more than all calls; are the columns swapped?"
        )
    return found


@dataclass(frozen=True)
class Shape:
    """The half hours of a year, relative to its mean: (K,) and (K, F)."""

    mean: Floats
    """Load of each weekday half hour for 1 erlang on average."""
    factors: Floats
    """Months times busyness of days."""


def shape_of(scenario: Scenario) -> tuple[Shape, float]:
    """Return the shape of the scenario's demand, and the open hours of a year."""
    volume = Volume(Almanac(scenario), scenario.demand)
    shares = [
        share * volume.weekday_shares[weekday] / (end - start)
        for weekday in range(7)
        for start, end, share in volume.weekday_shapes[weekday]
    ]
    lengths = [
        end - start for weekday in range(7) for start, end, _ in volume.weekday_shapes[weekday]
    ]
    rates, seconds = np.array(shares), np.array(lengths, float)
    rates, seconds = rates[rates > 0], seconds[rates > 0]
    month = np.array(scenario.demand.month)
    busy = _busy(scenario.demand.busyness_cv)
    every = np.sort((month[:, None] / month.mean() * busy).ravel())
    factors = np.array([group.mean() for group in np.array_split(every, FACTORS)])
    hours = (
        1 / (rates * seconds).sum() * seconds.sum() / 3600
    )  # dates times hours, as shares are per date
    return Shape(rates * hours * 3600, factors), float(hours)


def _busy(cv: float) -> Floats:
    if cv < 0.005:
        return np.ones(1)
    from scipy.special import gammaincinv

    return np.asarray(gammaincinv(cv**-2, (np.arange(BUSY) + 0.5) / BUSY)) * cv**2


def predict(year: Year, shape: Shape, hours: float, threshold: float) -> tuple[Floats, Floats]:
    """Return service level and abandonment for every patience and margin, (P, M) each."""
    aht = year.handling
    mean = shape.mean * year.offered * aht / (hours * 3600)
    loads = mean[:, None] * shape.factors
    agents = np.maximum(mean[:, None] + MARGINS * np.sqrt(mean)[:, None], 1.0)
    grid = np.geomspace(loads.min() * 0.99, loads.max() * 1.01, LOADS)
    most = int(np.ceil(agents.max())) + 1
    place = np.interp(np.log(loads), np.log(grid), np.arange(LOADS))
    low = np.minimum(place.astype(int), LOADS - 2)
    part = (place - low)[:, None, :]
    whole = np.minimum(agents.astype(int), most - 1)
    above = (agents - whole)[:, :, None]
    found = []
    for patience in PATIENCES:
        steady = erlang_a(
            grid[:, None], np.arange(1.0, most + 1.0)[None, :], aht, float(patience), threshold
        )
        both = []
        for table in (steady.within, steady.abandoned):
            rows, columns = low[:, None, :], whole[:, :, None] - 1
            ends = [
                (1 - part) * table[rows, c] + part * table[rows + 1, c]
                for c in (columns, columns + 1)
            ]
            value = (1 - above) * ends[0] + above * ends[1]
            both.append((value * loads[:, None, :]).sum(axis=(0, 2)) / loads.sum())
        found.append(both)
    curves = np.array(found)
    return curves[:, 0], curves[:, 1]


def fit_years(years: list[Year], scenario: Scenario, threshold: float) -> Common:
    """Return the one patience that meets all years best, with its profile interval (95 %).

    The spread is that of the misses, and not less than rounding to whole percents leaves.
    """
    from scipy.stats import f

    shape, hours = shape_of(scenario)
    fine = np.linspace(MARGINS[0], MARGINS[-1], 20 * len(MARGINS))
    misses, margins, values = [], [], []
    for year in years:
        level, lost = predict(year, shape, hours, threshold)
        level, lost = (
            np.array([np.interp(fine, MARGINS, row) for row in each]) for each in (level, lost)
        )
        miss = (100 * (level - year.service_level)) ** 2 + (100 * (lost - year.abandonment)) ** 2
        best = miss.argmin(axis=1)
        rows = np.arange(len(PATIENCES))
        misses.append(miss[rows, best])
        margins.append(fine[best])
        values.append((level[rows, best], lost[rows, best]))
    misfit = np.sum(misses, axis=0)
    place = int(misfit.argmin())
    free = len(years) - 1
    spread = max(misfit[place] / max(free, 1), 100**2 * ROUNDED**2 / 3)
    room = spread * float(f.ppf(0.95, 1, max(free, 1)))
    inside = PATIENCES[misfit <= misfit[place] + room]
    met = tuple(
        Met(year, margins[i][place], float(values[i][0][place]), float(values[i][1][place]), float(PATIENCES[misses[i].argmin()]))
        for i, year in enumerate(years)
    )  # fmt: skip
    return Common(float(PATIENCES[place]), float(inside[0]), float(inside[-1]), met, misfit)


def year_findings(common: Common) -> Findings:
    """Return the common patience as an estimate, and how each year is met."""
    n = len(common.met)
    method = Said(
        f"Erlang A over het jaarprofiel, bezetting vrij per jaar, {n} jaren; profielinterval",
        f"Erlang A over the year's profile, staffing free by year, {n} years; profile interval",
    )
    found = Findings(settings={"patience.kind": "exponential"})
    if n < 2 or common.low <= PATIENCES[0] or common.high >= PATIENCES[-1]:
        found.settings = {}
        found.said.append(Said(
            "Deze jaarcijfers leggen het geduld niet vast; het blijft zoals het was.",
            "These yearly figures do not pin patience down; it stays as it was.",
        ))  # fmt: skip
        return found
    found.estimates.append(
        Estimate(
            "patience.mean",
            round(common.patience),
            common.low,
            common.high,
            n,
            method,
            mark="D",
            unit="s",
        )
    )
    for met in common.met:
        year = met.year
        found.said.append(Said(
            f"{year.name}: servicenorm {year.service_level:.0%} (model {met.service_level:.1%}), afhakers {year.abandonment:.0%} (model {met.abandonment:.1%}); dit jaar alleen: {met.own_patience:.0f} s.",
            f"{year.name}: service level {year.service_level:.0%} (model {met.service_level:.1%}), abandonment {year.abandonment:.0%} (model {met.abandonment:.1%}); this year alone: {met.own_patience:.0f} s.",
        ))  # fmt: skip
    found.said.append(Said(
        "De spreiding van de oproepen over jaar, week en dag is die van het scenario (A), en de bezetting van elk jaar is niet bekend: het geduld is afgeleid, niet gemeten.",
        "How calls spread over year, week and day is the scenario's (A), and the staffing of each year is not known: patience is derived, not measured.",
    ))  # fmt: skip
    return found
