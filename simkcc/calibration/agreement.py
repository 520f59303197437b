"""The fitted model against the data, half hour by half hour, and whether they agree."""

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np

from simkcc.analysis.intervals import Interval, ratio_interval
from simkcc.analysis.results import Result
from simkcc.calibration.halfhours import HalfHours
from simkcc.calibration.said import Said
from simkcc.engine.schedules import Almanac
from simkcc.model.files import Loaded, load_scenario

MOST_DAYS = 182
"""The model is played over at most so many days of the data."""

FIGURES = {
    "offered": Said("Aangeboden per dag", "Offered per day"),
    "answered": Said("Beantwoord per dag", "Answered per day"),
    "sl2": Said("Servicenorm (SL2)", "Service level (SL2)"),
    "abandonment": Said("Afhakers", "Abandonment"),
    "asa": Said("Gemiddelde wachttijd (s)", "Average speed of answer (s)"),
}
"""What is compared, and what it is called."""

FAR = 2.0
"""A half hour so many times further off than noise explains is no chance, be it the only one."""

PER_DAY = ("offered", "answered")


@dataclass(frozen=True)
class Cell:
    """One figure in one half hour of the day."""

    figure: str
    start: str
    """Time of day, as 08:30."""
    data: Interval
    model: Interval

    @property
    def difference(self) -> float:
        """Return model minus data."""
        return self.model.mean - self.data.mean

    @property
    def agrees(self) -> bool:
        """Return whether the two differ by no more than their noise together explains (95 %)."""
        return self.strain <= 1 + 1e-12

    @property
    def strain(self) -> float:
        """Return the difference in half widths of what noise explains."""
        noise = float(np.hypot(self.data.half_width, self.model.half_width))
        return abs(self.difference) / max(noise, 1e-9)


@dataclass(frozen=True)
class Agreement:
    """How model and data compare over the day."""

    cells: tuple[Cell, ...]
    whole: dict[str, Cell]
    """Each figure over the whole day."""

    def of(self, figure: str) -> list[Cell]:
        """Return the half hours of a figure."""
        return [cell for cell in self.cells if cell.figure == figure]


def same_days(text_path: Any, name: str, counts: HalfHours, threshold: float) -> Loaded:
    """Return the fitted variant over the dates of the data."""
    first = datetime.date.fromordinal(int(counts.dates[0]))
    days = min(int(counts.dates[-1] - counts.dates[0]) + 1, MOST_DAYS)
    settings = {
        "horizon.start": first, "horizon.days": days, "horizon.weeks": "absent",
        "horizon.warm_up_days": 0, "norms.threshold": float(threshold),
    }  # fmt: skip
    return load_scenario(text_path, name, settings)


def compare(counts: HalfHours, result: Result) -> Agreement:
    """Return data and model side by side, per interval of the day in which the data have calls."""
    offered = counts.of_centre("offered")
    dates = offered.sum(axis=1) > 0
    almanac = Almanac(result.scenario)
    hours = almanac.hours(result.scenario.demand.hours)
    open_days = sum(bool(almanac.spans(hours, almanac.date(day))) for day in range(almanac.n_days))
    used = offered.sum(axis=0) >= max(0.2 * dates.sum(), 20)
    cells, whole = [], {}
    for figure in FIGURES:
        pairs = data_pairs(counts, figure)
        if pairs is None:
            continue
        above, below = (column[dates] for column in pairs)
        model = model_pairs(result, figure, counts.intervals, open_days)
        for interval in np.flatnonzero(used).tolist():
            start = interval * counts.minutes
            cells.append(
                _cell(
                    figure,
                    f"{start // 60:02d}:{start % 60:02d}",
                    (above[:, interval], below[:, interval]),
                    (model[:, 0, interval], model[:, 1, interval]),
                )
            )
        one = figure in PER_DAY
        ends = [
            (c.sum(axis=1), b.max(axis=1) if one else b.sum(axis=1))
            for c, b in ((above, below), (model[:, 0], model[:, 1]))
        ]
        whole[figure] = _cell(figure, "", *ends)
    return Agreement(tuple(cells), whole)


def _cell(
    figure: str,
    start: str,
    data: tuple[np.ndarray, np.ndarray],
    model: tuple[np.ndarray, np.ndarray],
) -> Cell:
    return Cell(figure, start, ratio_interval(*data), ratio_interval(*model))


def data_pairs(counts: HalfHours, figure: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Return numerators and denominators (D, J) of a figure; None if the file does not have it."""
    above = {"sl2": "within", "abandonment": "abandoned", "asa": "wait_seconds"}.get(figure, figure)
    if getattr(counts, above) is None:
        return None
    below = "answered" if figure == "asa" else "offered"
    numbers = counts.of_centre(above)
    return numbers, np.ones_like(numbers) if figure in PER_DAY else counts.of_centre(below)


def model_pairs(result: Result, figure: str, intervals: int, open_days: int) -> np.ndarray:
    """Return numerators and denominators of the model, (R, 2, J)."""
    found = np.array([sums.parts["half_hour"][figure] for sums in result.sums], float)
    found = found.reshape(len(found), 2, intervals, 48 // intervals).sum(axis=3)
    if figure in PER_DAY:
        found[:, 1] = open_days
    return found


def judge(agreement: Agreement) -> list[Said]:
    """Return a sentence on each figure and one on all."""
    from scipy.stats import binom

    found, good = [], []
    for figure, called in FIGURES.items():
        cells = [cell for cell in agreement.of(figure) if np.isfinite(cell.difference)]
        if not cells:
            continue
        off = [cell for cell in cells if not cell.agrees]
        worst = max(cells, key=lambda cell: cell.strain)
        day = agreement.whole[figure]
        fine = len(off) <= int(binom.ppf(0.99, len(cells), 0.05))
        fine &= worst.strain < FAR and day.agrees
        good.append(fine)
        tail = ("", "") if fine else (
            f"; het verst af om {worst.start}: model {shown(figure, worst.model.mean)}, cijfers {shown(figure, worst.data.mean)}",
            f"; furthest off at {worst.start}: model {shown(figure, worst.model.mean)}, data {shown(figure, worst.data.mean)}",
        )  # fmt: skip
        found.append(Said(
            f"{called.nl}: model {shown(figure, day.model.mean)}, cijfers {shown(figure, day.data.mean)}; {len(cells) - len(off)} van {len(cells)} halve uren binnen de ruis{tail[0]}.",
            f"{called.en}: model {shown(figure, day.model.mean)}, data {shown(figure, day.data.mean)}; {len(cells) - len(off)} of {len(cells)} half hours within noise{tail[1]}.",
        ))  # fmt: skip
    if not good:
        return found
    if all(good):
        found.append(Said(
            "Model en cijfers stemmen overeen, op toeval na (ongeveer één op twintig halve uren wijkt door toeval af). Wat gemeten is, is zo ook teruggevonden: dit toetst de samenhang, niet de toekomst.",
            "Model and data agree but for chance (about one half hour in twenty differs by chance). What was measured has been put in: this checks that it hangs together, not the future.",
        ))  # fmt: skip
    else:
        found.append(Said(
            f"Model en cijfers verschillen meer dan toeval verklaart, in {good.count(False)} van {len(good)} grootheden: gebruik het model daar niet voordat het verklaard is.",
            f"Model and data differ by more than chance explains, in {good.count(False)} of {len(good)} figures: do not use the model there before it is explained.",
        ))  # fmt: skip
    return found


def shown(figure: str, value: float) -> str:
    """Return a figure as text."""
    if not np.isfinite(value):
        return "-"
    return f"{value:.1%}" if figure in ("sl2", "abandonment") else f"{value:,.1f}"


def through(result: Result) -> float:
    """Return the share of dialled calls that reach a queue, in a run of the scenario as it stands."""
    offered, dialled = result.pairs("offered")[0].sum(), result.pairs("dialled")[0].sum()
    return float(offered / dialled) if dialled else 1.0
