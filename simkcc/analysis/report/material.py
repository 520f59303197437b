"""What a report is made of: a comparison, what turns its costs, and verdicts at other values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
from pydantic import ValidationError

from simkcc.analysis import compare as comparing
from simkcc.analysis import inputs
from simkcc.analysis.compare import Comparison
from simkcc.analysis.intervals import Difference
from simkcc.analysis.money.breakeven import COST, BreakEven, Study, assumptions, is_price
from simkcc.analysis.money.bridge import A_EURO
from simkcc.analysis.money.costs import Components, Conclusion, components, conclude
from simkcc.analysis.results import OnProgress, Result
from simkcc.errors import SettingError
from simkcc.model.files import Loaded, load_scenario
from simkcc.model.overlay import is_there
from simkcc.model.scenario import Scenario
from simkcc.model.words import Words

POSITIONS = 5
"""Positions of a slider over an assumption that is simulated."""
MOST_SLIDERS = 2
USUAL = ("demand.per_year", "patience.mean")
"""Assumptions to move where nothing tells which ones decide."""


@dataclass(frozen=True)
class Pair:
    """An arm against the baseline in money: what it is made of, and what turns it."""

    first: Components
    second: Components
    service: Difference
    """The service level of the norms, second minus first."""
    break_evens: tuple[BreakEven, ...]
    """Of the assumptions that only enter costs and have an effect, the largest swing first."""

    @property
    def conclusion(self) -> Conclusion:
        """Return what the change does to cost at the stated values."""
        return conclude(self.first, self.second)


@dataclass(frozen=True)
class Position:
    """A comparison with one assumption at some value."""

    value: float
    comparison: Comparison
    stated: bool
    """Whether it is the comparison of the report itself."""


@dataclass(frozen=True)
class Grid:
    """One assumption, and the comparison at several of its values."""

    key: str
    positions: tuple[Position, ...]


@dataclass(frozen=True)
class Material:
    """Everything a report shows."""

    comparison: Comparison
    loaded: tuple[Loaded, ...]
    """The arms as they came out of their files, in the same order."""
    command: str
    """What makes the same report."""
    made: date
    grids: tuple[Grid, ...] = ()

    @cached_property
    def title(self) -> Words:
        """Return the question: the title of the first file, without any variant."""
        return load_scenario(self.loaded[0].path).scenario.title

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Return each arm against the baseline; none without costs."""
        return pairs(self.comparison, self.loaded)


def pairs(comparison: Comparison, loaded: Sequence[Loaded]) -> tuple[Pair, ...]:
    """Return each arm against the baseline, from the runs already made; none where prices lack."""
    baseline, *others = comparison.arms
    if any(arm.without_price("cost") for arm in comparison.arms):
        return ()
    if any(sums.usage is None for arm in comparison.arms for sums in arm.sums):
        return ()
    return tuple(
        _pair((baseline, arm), (loaded[0], loaded[place]))
        for place, arm in enumerate(others, 1)
    )  # fmt: skip


def _pair(arms: tuple[Result, Result], loaded: tuple[Loaded, Loaded]) -> Pair:
    first, second = arms
    study = Study(
        *loaded, COST, first.callers_per_attempt, len(first.sums), first.seed,
        known={(False, "", None): first, (True, "", None): second},
    )  # fmt: skip
    prices = [each for each in assumptions(*loaded) if each.only_costs]
    found = [each for each in study.break_evens(prices) if each.swing > A_EURO]
    level = first.scenario.norms.service_level
    service = comparing.difference(first, second, level)
    return Pair(components(first), components(second), service, tuple(found))


# ---------------------------------------------------------------------------------------------
# other values of what must be simulated


def deciding(comparison: Comparison, loaded: Sequence[Loaded]) -> list[str]:
    """Return the keys of the assumptions worth a slider, the most telling first.

    Those that decide a conclusion over the draws of the inputs, those of the turning points, and
    then the usual ones and whatever else is assumed; each must have a range, and need a simulation.
    """
    splits = [each.inputs.decided_by for each in comparison.differences if each.inputs is not None]
    keys = [split.key for split in splits if split is not None]
    keys += [turn.point.key for turn in comparison.turns]
    keys += [*USUAL, *(each.key for each in inputs.assumptions(loaded))]
    return [
        key
        for key in dict.fromkeys(keys)
        if not is_price(key) and _range(comparison, loaded, key) is not None
    ][:MOST_SLIDERS]


def _range(
    comparison: Comparison, loaded: Sequence[Loaded], key: str
) -> tuple[float, float, float] | None:
    """Return the value of an assumption and its range: that of its mark, or of a turning point."""
    for each in loaded:
        mark = each.marks.get(key)
        if mark is None or mark.set_by or isinstance(mark.value, list):
            continue
        value = float(mark.value * mark.factor)
        points = [turn.point for turn in comparison.turns if turn.point.key == key]
        ends = [(point.low, point.high) for point in points] + [mark.limits] * (mark.mark == "A")
        known = [end for end in ends if end is not None and end[0] < end[1]]
        if known:
            return value, min(low for low, _ in known), max(high for _, high in known)
    return None


def grids(
    comparison: Comparison, loaded: Sequence[Loaded], *, jobs: int = 2,
    on_progress: OnProgress = lambda done, of, what: None,
) -> tuple[Grid, ...]:  # fmt: skip
    """Simulate the comparison at other values of the deciding assumptions, on the same callers."""
    keys = deciding(comparison, loaded)
    if not keys:
        raise SettingError(
            "--sliders: no assumption that needs a simulation has a range; "
            'write one as { value = 80, mark = "A", range = [60, 100] }'
        )
    return tuple(_grid(comparison, loaded, key, jobs, on_progress) for key in keys)


def _grid(
    comparison: Comparison, loaded: Sequence[Loaded], key: str, jobs: int, on_progress: OnProgress
) -> Grid:
    found = _range(comparison, loaded, key)
    assert found is not None
    value, low, high = found
    positions = [Position(value, comparison, True)]
    values = np.linspace(low, high, POSITIONS).tolist()
    values.remove(min(values, key=lambda each: abs(each - value)))
    everywhere = any(turn.point.key == key for turn in comparison.turns)
    for number, each in enumerate(values, 1):
        arms = _moved(loaded, key, each, None if everywhere else value)
        if arms is not None:
            first = comparison.arms[0]
            again = comparing.compare(
                arms, replications=len(first.sums), seed=first.seed, jobs=jobs
            )
            for arm in again.arms:
                arm.forget_splits()
            positions.append(Position(each, again, False))
        on_progress(number, len(values), f"slider {key}")
    return Grid(key, tuple(sorted(positions, key=lambda position: position.value)))


def _moved(
    loaded: Sequence[Loaded], key: str, value: float, stated: float | None
) -> list[Loaded] | None:
    """Return the arms with an assumption at another value; None if such a centre cannot be.

    stated: only the arms that assume this value are moved; None moves every arm that has the key.
    """
    moved = []
    for each in loaded:
        try:
            does = is_there(each.data, tuple(key.split("."))) and (
                stated is None or _assumed(each, key) == stated
            )
            scenario: Scenario = inputs.with_values(each, {key: value}) if does else each.scenario
        except ValidationError:
            return None
        moved.append(replace(each, scenario=scenario))
    return moved


def _assumed(loaded: Loaded, key: str) -> float | None:
    """Return the number that a file assumes under a key, in the model's unit."""
    mark = loaded.marks.get(key)
    if mark is None or mark.mark != "A" or mark.set_by or isinstance(mark.value, list):
        return None
    return float(mark.value * mark.factor)
