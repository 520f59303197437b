"""Patience where no single wait is seen: from abandonment and service level, through Erlang A.

Two figures, abandonment and how many were answered in time, tell two things apart: how many agents
there were and how long callers wait. Agents are a nuisance parameter per weekday and half hour (the
same every week), patience is one for all. What the queue does within a half hour is taken to be
in balance, handling and patience to be exponential: the estimate is derived (D), not measured.
"""

import datetime
from dataclasses import dataclass

import numpy as np

from simkcc.calibration.halfhours import HalfHours
from simkcc.calibration.opening import hours_seen
from simkcc.calibration.queueing import erlang_a
from simkcc.calibration.said import Estimate, Findings, Said
from simkcc.model.calendar import WEEKDAYS

Floats = np.ndarray

PATIENCES = np.geomspace(45, 3600, 45)
"""Means that are tried, in seconds."""

NODES = 5
"""Points at which the busyness of days is taken."""

LEAST_CELLS = 8
LEAST_WEEKS = 4
LEAST_OFFERED = 100.0
"""A weekday's half hour with fewer calls in all says nothing about patience, only about agents."""

ALIKE = 0.1
"""Misfits (of the size of a chi square) that differ less: where nobody waits, more agents fit as well."""

LEAST_ABANDONED = 0.005
"""With fewer abandoned, patience cannot be told from endless."""


@dataclass(frozen=True)
class WeekCells:
    """Counts by week of the weekday half hours in which the centre is open and had calls: (C, W)."""

    offered: Floats
    abandoned: Floats
    within: Floats | None
    wait: Floats | None
    handling: Floats
    """(C,) mean handling, seconds."""
    weekday: Floats
    interval: Floats
    filled: Floats
    """(C,) whether there are enough calls to learn about patience."""
    minutes: int


def week_cells(counts: HalfHours, handling: float) -> WeekCells:
    """Return the counts by weekday half hour and week, within the opening hours seen."""
    weeks = (counts.dates - counts.weekdays) // 7
    week = np.unique(weeks, return_inverse=True)[1]
    shape = (7, counts.intervals, int(week.max()) + 1)

    def folded(name: str) -> Floats | None:
        if getattr(counts, name) is None:
            return None
        found = np.zeros(shape)
        np.add.at(
            found,
            (counts.weekdays[:, None], np.arange(shape[1])[None, :], week[:, None]),
            counts.of_centre(name),
        )
        return found.reshape(-1, shape[2])

    offered, abandoned = folded("offered"), folded("abandoned")
    within, wait = folded("within"), folded("wait_seconds")
    time, handled = folded("handle_seconds"), folded("handled")
    assert offered is not None and abandoned is not None
    is_open = np.zeros(shape[:2], bool)
    for weekday, (first, last) in hours_seen(counts).items():
        is_open[weekday, first:last] = True
    kept = is_open.ravel() & (offered.sum(axis=1) > 0)
    mean = np.full(len(offered), handling)
    if time is not None and handled is not None:
        smooth = 50.0  # a few calls do not say how long a half hour's calls take
        mean = (time.sum(axis=1) + smooth * handling) / (handled.sum(axis=1) + smooth)
    place = np.flatnonzero(kept)
    return WeekCells(
        offered[kept], abandoned[kept], None if within is None else within[kept],
        None if wait is None else wait[kept], mean[kept],
        place // shape[1], place % shape[1], offered[kept].sum(axis=1) >= LEAST_OFFERED, counts.minutes,
    )  # fmt: skip


@dataclass(frozen=True)
class Predicted:
    """What each patience and number of agents would bring: (P, C, S)."""

    agents: Floats
    """(C, S) tried numbers of agents."""
    abandoned: Floats
    service: Floats
    """Share answered in time; or seconds waited per caller where no threshold is known."""


def predict(cells: WeekCells, busyness_cv: float, threshold: float) -> Predicted:
    """Return the figures of every weekday half hour, for all patiences and numbers of agents."""
    weeks = np.maximum((cells.offered > 0).sum(axis=1), 1)
    rate = cells.offered.sum(axis=1) / weeks / (60 * cells.minutes)
    load = rate * cells.handling
    factor = _busy(busyness_cv)
    lowest = np.maximum(np.floor(load - 2 * np.sqrt(load)), 1)
    span = int(np.ceil((3 * np.sqrt(load) + load - lowest).max())) + 2
    agents = lowest[:, None] + np.arange(span)
    loads = load[:, None, None] * factor
    abandoned, service = [], []
    for patience in PATIENCES:
        found = erlang_a(
            loads, agents[:, :, None], cells.handling[:, None, None], float(patience), threshold
        )
        abandoned.append(found.abandoned @ factor / factor.sum())
        level = found.within if cells.within is not None else found.wait_of_answered
        service.append(level @ factor / factor.sum())
    return Predicted(agents, np.array(abandoned), np.array(service))


def _busy(cv: float) -> Floats:
    """Return equally likely values of a day's busyness."""
    if cv < 0.005:
        return np.ones(1)
    from scipy.special import gammaincinv

    shape = cv**-2
    return np.asarray(gammaincinv(shape, (np.arange(NODES) + 0.5) / NODES)) / shape


def costs(cells: WeekCells, predicted: Predicted, weeks: Floats) -> tuple[Floats, Floats]:
    """Return the misfit of each patience (P,), and the fewest agents that fit each cell best (P, C).

    weeks: which weeks count. Only cells with enough calls speak of patience.
    """
    offered = np.maximum(cells.offered[:, weeks].sum(axis=1), 1)
    hung_up = cells.abandoned[:, weeks].sum(axis=1) / offered
    if cells.within is not None:
        level = cells.within[:, weeks].sum(axis=1) / offered
        room = np.maximum(level * (1 - level), 0.02)
    else:
        assert cells.wait is not None
        level = cells.wait[:, weeks].sum(axis=1) / offered
        room = np.maximum(level, 2.0) ** 2 * 3
    spread = np.maximum(hung_up * (1 - hung_up), 0.01)
    misfit = (predicted.abandoned - hung_up[:, None]) ** 2 / spread[:, None]
    misfit += (predicted.service - level[:, None]) ** 2 / room[:, None]
    misfit *= offered[:, None]
    best = misfit.min(axis=2)
    fewest = (misfit <= best[:, :, None] + ALIKE).argmax(axis=2)
    return best[:, cells.filled].sum(axis=1), fewest


def lowest(cost: Floats) -> float:
    """Return the patience of least cost, between grid points by a parabola in its logarithm."""
    place = int(cost.argmin())
    logs = np.log(PATIENCES)
    if place in (0, len(cost) - 1):
        return float(PATIENCES[place])
    before, here, after = cost[place - 1 : place + 2]
    bend = before - 2 * here + after
    shift = 0.0 if bend <= 0 else 0.5 * (before - after) / bend
    return float(np.exp(logs[place] + shift * (logs[1] - logs[0])))


def fit_unseen(
    counts: HalfHours, *, handling: float, busyness_cv: float, threshold: float, group: str | None
) -> Findings:
    """Return mean patience and the roster that go with abandonment and service level.

    group: whose roster is derived; None if the scenario has several groups of the first line.
    """
    refused = _refusal(counts, handling)
    if refused is not None:
        return Findings(said=[refused])
    cells = week_cells(counts, handling)
    n_weeks = cells.offered.shape[1]
    n_filled = int(cells.filled.sum())
    if n_filled < LEAST_CELLS or n_weeks < LEAST_WEEKS:
        return Findings(said=[Said(
            f"{n_weeks} weken met {n_filled} goed gevulde halve uren: te weinig om geduld uit afhakers en servicenorm af te leiden.",
            f"{n_weeks} weeks with {n_filled} well-filled half hours: too few to derive patience from abandonment and service level.",
        )])  # fmt: skip
    predicted = predict(cells, busyness_cv, threshold)
    cost, agents = costs(cells, predicted, np.arange(n_weeks))
    patience = lowest(cost)
    low, high = _over_weeks(cells, predicted, patience)
    if patience <= PATIENCES[0] or patience >= PATIENCES[-1] or high / low > 20:
        return Findings(said=[Said(
            "Afhakers en servicenorm zijn met geen enkel redelijk geduld te rijmen: het geduld kan uit deze tellingen niet geschat worden.",
            "Abandonment and service level do not pin patience down: it cannot be estimated from these counts.",
        )])  # fmt: skip
    n = int(counts.total("abandoned"))
    method = Said(
        "Erlang A per half uur, bezetting vrij; jackknife over weken",
        "Erlang A by half hour, staffing free; jackknife over weeks",
    )
    found = Findings(settings={"patience.kind": "exponential"})
    found.estimates.append(
        Estimate("patience.mean", round(patience, 1), low, high, n, method, mark="D", unit="s")
    )
    found.said.append(Said(
        "Het geduld is afgeleid via Erlang A (evenwicht binnen het half uur, exponentieel, elke week hetzelfde rooster): wie het zeker wil weten, meet wachttijden per oproep.",
        "Patience is derived through Erlang A (balance within the half hour, exponential, the same roster every week): to be sure, measure waits call by call.",
    ))  # fmt: skip
    if group is not None:
        place = int(np.abs(np.log(PATIENCES) - np.log(patience)).argmin())
        _roster(found, cells, predicted.agents[np.arange(len(cells.offered)), agents[place]], group)
    return found


def _over_weeks(cells: WeekCells, predicted: Predicted, patience: float) -> tuple[float, float]:
    """Return a 95 % interval of the patience: a jackknife that leaves out some weeks at a time."""
    from scipy.stats import t

    n_weeks = cells.offered.shape[1]
    blocks = np.array_split(np.random.default_rng(1).permutation(n_weeks), min(n_weeks, 20))
    without = [np.setdiff1d(np.arange(n_weeks), block) for block in blocks]
    logs = np.log([lowest(costs(cells, predicted, weeks)[0]) for weeks in without])
    size = len(blocks)
    noise = float(((logs - logs.mean()) ** 2).sum() * (size - 1) / size) ** 0.5
    half = float(t.ppf(0.975, size - 1)) * noise
    return float(patience * np.exp(-half)), float(patience * np.exp(half))


def _refusal(counts: HalfHours, handling: float) -> Said | None:
    if counts.abandoned is None:
        return Said(
            "Het bestand telt geen afhakers: over geduld zegt het niets.",
            "The file counts no abandoned calls: it says nothing about patience.",
        )
    if not counts.abandoned.sum():
        return Said(
            "Geen afhakers in het bestand: het geduld kan niet geschat worden; het blijft zoals het was.",
            "No abandonments in the file: patience cannot be estimated; it stays as it was.",
        )
    if counts.within is None and counts.wait_seconds is None:
        return Said(
            "Zonder servicenorm of wachttijd in het bestand zijn geduld en bezetting niet te scheiden: het geduld blijft zoals het was.",
            "Without a service level or a wait in the file, patience and staffing cannot be told apart: patience stays as it was.",
        )
    if not handling > 0:
        return Said(
            "Zonder afhandeltijd is het geduld niet uit tellingen af te leiden.",
            "Without a handling time patience cannot be derived from counts.",
        )
    if counts.abandoned.sum() < LEAST_ABANDONED * counts.offered.sum():
        return Said(
            "Minder dan een half procent haakt af: te weinig om geduld uit tellingen af te leiden.",
            "Less than half a percent abandons: too few to derive patience from counts.",
        )
    return None


def _roster(found: Findings, cells: WeekCells, agents: Floats, group: str) -> None:
    """Add the agents that go with the fitted patience, as a derived roster."""
    base = f"groups.{group}.roster"
    first, last = int(cells.interval.min()), int(cells.interval.max()) + 1
    method = Said("afgeleid samen met het geduld", "derived together with patience")
    for weekday in np.unique(cells.weekday).tolist():
        mine = cells.weekday == weekday
        seen = cells.interval[mine]
        day = np.arange(first, last)
        levels = np.interp(day, seen, agents[mine])
        levels[(day < seen[0]) | (day > seen[-1])] = 0  # closed
        n = int(cells.offered[mine].sum())
        found.estimates.append(
            Estimate(
                f"{base}.{WEEKDAYS[weekday]}",
                np.rint(levels).astype(int).tolist(),
                None,
                None,
                n,
                method,
                mark="D",
            )
        )
    start = datetime.timedelta(minutes=first * cells.minutes)
    found.settings |= {
        f"{base}.start": f"{start.seconds // 3600:02d}:{start.seconds // 60 % 60:02d}",
        f"{base}.minutes": cells.minutes, f"{base}.square_root": "absent", f"{base}.weekdays": "absent",
        f"groups.{group}.agents": "absent", f"groups.{group}.hours": "absent", f"groups.{group}.absence": 0.0,
    }  # fmt: skip
