"""What the inputs are worth, and what comes out if the assumed ones are drawn from their ranges.

Simulation noise shrinks with more replications; doubt about what went in does not. So every number
marked A (assumed) that states a range is drawn from it, all of them together, and each draw is
simulated in every arm on the same callers. An assumption that arms share has one value per draw in
all of them; one that only some variants make is drawn for those alone.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from pydantic import ValidationError

from simkcc.analysis.results import JUDGED_BY, OnProgress, Result, deflation, run
from simkcc.errors import SettingError
from simkcc.model.complaints import dotted
from simkcc.model.files import Loaded
from simkcc.model.keys import put, value_of
from simkcc.model.marks import numeric_paths
from simkcc.model.scenario import Scenario

MOST_TRIES = 50
"""How often a draw that makes no valid centre is drawn anew."""
REPLICATIONS = 2
"""Of each draw, on the same callers in every draw and arm."""


@dataclass(frozen=True)
class Assumption:
    """A number marked A with a range, in the model's unit."""

    key: str
    """Dotted key."""
    value: float
    low: float
    high: float
    arms: tuple[int, ...]
    """Places of the arms that make it."""
    whole: bool = False
    """Whether only whole numbers will do."""


@dataclass(frozen=True)
class Evidence:
    """How many of the numbers that went in are known, over all arms."""

    given: int = 0
    derived: int = 0
    assumed: int = 0
    measured: int = 0
    unmarked: int = 0
    """The file does not say what they are worth, or a setting has replaced them."""

    @property
    def total(self) -> int:
        """Return how many numbers went in."""
        return self.given + self.derived + self.assumed + self.measured + self.unmarked


@dataclass(frozen=True)
class Split:
    """The assumption that best tells draws that come out above zero from those below."""

    key: str
    threshold: float
    """Its value that tells them apart best."""
    above: bool
    """Whether the difference is positive where the assumption lies above the threshold."""
    correlation: float
    """Rank correlation of assumption and difference over the draws."""
    right: float
    """Share of draws that the threshold puts on the right side."""


@dataclass(frozen=True)
class Drawn:
    """One difference, arm minus baseline, over the draws of the inputs."""

    values: tuple[float, ...]
    """The difference in each draw; nan where the figure does not exist."""
    decided_by: Split | None = None
    """None if every draw has the same sign, or no assumption tells them apart beyond chance."""

    @property
    def above(self) -> float:
        """Return the share of draws in which the arm lies above the baseline."""
        return float(np.mean(np.array(self.values) > 0))

    @property
    def below(self) -> float:
        """Return the share of draws in which the arm lies below the baseline."""
        return float(np.mean(np.array(self.values) < 0))

    @property
    def band(self) -> tuple[float, float]:
        """Return the differences between which nine draws of ten lie."""
        known = np.array([value for value in self.values if np.isfinite(value)])
        if not len(known):
            return float("nan"), float("nan")
        low, high = np.quantile(known, [0.05, 0.95])
        return float(low), float(high)


@dataclass(frozen=True)
class InputStudy:
    """What came out of drawing the inputs."""

    draws: int
    replications: int
    varied: tuple[Assumption, ...]
    not_varied: tuple[str, ...]
    """Keys marked A that state no range, or are lists."""
    redrawn: int
    """Draws that made no valid centre and were drawn anew."""
    drawn: dict[tuple[int, str], Drawn]
    """By place of the arm and metric."""


# ---------------------------------------------------------------------------------------------
# what is assumed


def evidence(loaded: Sequence[Loaded]) -> Evidence:
    """Count what the files say about the numbers that went in; one that arms share counts once."""
    seen: dict[tuple[str, str], str] = {}
    for each in loaded:
        for key in numeric_paths(each.data):
            mark = each.marks.get(key)
            stated = "" if mark is None or mark.set_by else mark.mark
            seen[key, str(value_of(each.data, key))] = stated
    kinds = list(seen.values())
    return Evidence(*(kinds.count(mark) for mark in ("G", "D", "A", "M", "")))


PLAN = "rollout."
"""Keys of the plan of a rollout, which a run by itself leaves aside."""


def assumptions(loaded: Sequence[Loaded], *, plan: bool = False) -> tuple[Assumption, ...]:
    """Return what can be drawn; the same key with other limits is another assumption.

    plan: whether the assumptions of a rollout are wanted too.
    """
    arms: dict[tuple[str, float, tuple[float, float]], list[int]] = {}
    for place, each in enumerate(loaded):
        for key, mark in each.marks.items():
            if mark.mark != "A" or mark.set_by or mark.limits is None:
                continue
            if key.startswith(PLAN) and not plan:
                continue
            if not isinstance(mark.value, list) and mark.limits[0] < mark.limits[1]:
                value = float(value_of(each.data, key))
                arms.setdefault((key, value, mark.limits), []).append(place)
    return tuple(
        Assumption(key, value, *limits, tuple(places), _is_whole(loaded[places[0]], key))
        for (key, value, limits), places in arms.items()
    )


def not_varied(loaded: Sequence[Loaded]) -> tuple[str, ...]:
    """Return the keys that are assumed but cannot be drawn: without a range, or lists."""
    varied = {each.key for each in assumptions(loaded)}
    keys = (
        key
        for each in loaded
        for key, mark in each.marks.items()
        if mark.mark == "A" and not mark.set_by and key not in varied and not key.startswith(PLAN)
    )
    return tuple(dict.fromkeys(keys))


def with_values(loaded: Loaded, values: Mapping[str, float]) -> Scenario:
    """Return the scenario with other numbers at dotted keys; shares of topics still add up to 1.

    Raises ValidationError if such a centre cannot be.
    """
    return Scenario.model_validate(data_with(loaded, values))


def data_with(loaded: Loaded, values: Mapping[str, float]) -> dict[str, Any]:
    """Return the plain data of a file with other numbers, as `with_values` does."""
    data = copy.deepcopy(loaded.data)
    for key, value in values.items():
        put(data, key, value)
    topics = {f"topics.{name}.share": topic for name, topic in data["topics"].items()}
    shares = {
        key: topic["share"] for key, topic in topics.items() if topic.get("share") is not None
    }
    chosen = shares.keys() & values.keys()
    free = chosen if len(chosen) > 1 else shares.keys() - chosen  # the others give way to one
    if chosen and free:
        held = sum(share for key, share in shares.items() if key not in free)
        factor = (1.0 - held) / sum(shares[key] for key in free)
        for key in free:
            topics[key]["share"] *= factor
    return data


def _is_whole(loaded: Loaded, key: str) -> bool:
    """Return whether the model takes only whole numbers at a key."""
    value = value_of(loaded.data, key)
    if not isinstance(value, int):
        return False
    data = copy.deepcopy(loaded.data)
    put(data, key, value * (1 + 1e-9))
    try:
        Scenario.model_validate(data)
    except ValidationError as error:
        return any(
            each["type"].startswith("int") and dotted(each["loc"]).startswith(key)
            for each in error.errors()
        )
    return False


# ---------------------------------------------------------------------------------------------
# draws


def draw(varied: Sequence[Assumption], draws: int, seed: int) -> np.ndarray:
    """Return (draws, assumptions) values: even over each range, in an order of its own.

    A Latin hypercube: each assumption takes one value in each of `draws` equal parts of its range,
    so that few draws already cover it. What one assumption takes does not depend on the others.
    """
    columns = [np.zeros((draws, 0))]
    for each in varied:
        random = _random(each, seed, 0)
        shares = (random.permutation(draws) + random.random(draws)) / draws
        columns.append(_on_range(each, shares)[:, np.newaxis])
    return np.hstack(columns)


def _random(each: Assumption, seed: int, attempt: int) -> "np.random.Generator":
    identity = crc32(f"{each.key} {each.low!r} {each.high!r}".encode())
    return np.random.default_rng([seed, identity, attempt])


def _on_range(each: Assumption, shares: np.ndarray) -> np.ndarray:
    if each.whole:
        return np.minimum(np.floor(each.low + shares * (each.high - each.low + 1)), each.high)
    return each.low + shares * (each.high - each.low)


def study(
    loaded: Sequence[Loaded],
    metrics: Sequence[str],
    draws: int,
    *,
    seed: int,
    replications: int = REPLICATIONS,
    jobs: int = 2,
    on_progress: OnProgress = lambda done, of, what: None,
) -> InputStudy:
    """Draw the assumed inputs and simulate each draw in every arm; the first is the baseline."""
    varied = assumptions(loaded)
    if not varied:
        raise SettingError(
            "--inputs: no number of these scenarios is marked A with a range; "
            'write one as { value = 80, mark = "A", range = [60, 100] }'
        )
    values = draw(varied, draws, seed)
    metrics = list(dict.fromkeys(metrics))
    differences = np.full((len(loaded), len(metrics), draws), np.nan)
    redrawn = 0
    for index in range(draws):
        scenarios, tries = _scenarios(loaded, varied, values, index, seed)
        redrawn += tries
        arms = _play(scenarios, metrics, seed, replications, jobs)
        for row, arm in enumerate(arms):
            for column, metric in enumerate(metrics):
                gap = arm.interval(metric).mean - arms[0].interval(metric).mean
                differences[row, column, index] = gap
        on_progress(index + 1, draws, "draws of the inputs")
    drawn = {
        (row, metric): _drawn(varied, values, differences[row, column], row)
        for row in range(1, len(loaded))
        for column, metric in enumerate(metrics)
    }
    return InputStudy(draws, replications, varied, not_varied(loaded), redrawn, drawn)


def _scenarios(
    loaded: Sequence[Loaded],
    varied: Sequence[Assumption],
    values: np.ndarray,
    index: int,
    seed: int,
) -> tuple[list[Scenario], int]:
    """Return the arms of one draw and how often it was drawn anew, noting the values that hold."""
    for tries in range(MOST_TRIES):
        if tries:
            for column, each in enumerate(varied):
                share = _random(each, seed, tries * 100_003 + index).random(1)
                values[index, column] = _on_range(each, share)[0]
        try:
            return _arms(loaded, varied, values[index]), tries
        except ValidationError as error:
            wrong = error.errors()[0]
    raise SettingError(
        f"--inputs: {MOST_TRIES} draws in a row made no valid centre "
        f"({dotted(wrong['loc'])}: {wrong['msg']}); narrow the ranges of what is assumed there"
    )


def _arms(
    loaded: Sequence[Loaded], varied: Sequence[Assumption], values: np.ndarray
) -> list[Scenario]:
    pairs = list(zip(varied, values, strict=True))
    return [
        with_values(
            arm,
            {
                each.key: int(value) if each.whole else float(value)
                for each, value in pairs
                if place in each.arms
            },
        )
        for place, arm in enumerate(loaded)
    ]


def _play(
    scenarios: Sequence[Scenario], metrics: Sequence[str], seed: int, replications: int, jobs: int
) -> list[Result]:
    scale = deflation(scenarios[0], seed)
    return [
        run(
            scenario, replications=replications, seed=seed, jobs=jobs,
            callers_per_attempt=scale, only=(*metrics, *JUDGED_BY),
        )
        for scenario in scenarios
    ]  # fmt: skip


# ---------------------------------------------------------------------------------------------
# what decides


def _drawn(
    varied: Sequence[Assumption], values: np.ndarray, differences: np.ndarray, arm: int
) -> Drawn:
    """Return a difference over the draws; only what it or the baseline assumes can decide it."""
    there = [i for i, each in enumerate(varied) if {0, arm} & set(each.arms)]
    keys = [varied[i].key for i in there]
    return Drawn(tuple(differences.tolist()), decides(keys, values[:, there], differences))


def decides(keys: Sequence[str], values: np.ndarray, differences: np.ndarray) -> Split | None:
    """Return the assumption whose value best tells positive differences from negative ones.

    values: (draws, assumptions). It is the one of the strongest rank correlation with the
    difference, if that is beyond chance at 5 % with as many assumptions as there are (Bonferroni).
    """
    from scipy.stats import spearmanr

    known = np.isfinite(differences)
    gaps, values = differences[known], values[known]
    if len(gaps) < 4 or not (gaps > 0).any() or not (gaps < 0).any():
        return None
    moving = [i for i in range(len(keys)) if np.ptp(values[:, i]) > 0]
    found = [(*spearmanr(values[:, i], gaps), i) for i in moving]
    if not found:
        return None
    correlation, p_value, best = max(found, key=lambda each: abs(each[0]))
    if p_value * len(found) > 0.05:
        return None
    threshold, right = _threshold(values[:, best], gaps > 0, above=correlation > 0)
    return Split(keys[best], threshold, bool(correlation > 0), float(correlation), right)


def _threshold(values: np.ndarray, positive: np.ndarray, *, above: bool) -> tuple[float, float]:
    """Return the value that puts most draws on the right side, and their share."""
    order = np.argsort(values, kind="stable")
    inside = positive[order] if above else ~positive[order]
    left = np.append(0, np.cumsum(~inside))
    right = np.append(np.cumsum(inside[::-1])[::-1], 0)
    ends = np.concatenate([values[order][:1], values[order], values[order][-1:]])
    cut = int(np.argmax(left + right))
    return float((ends[cut] + ends[cut + 1]) / 2), float((left + right)[cut] / len(values))
