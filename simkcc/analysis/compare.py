"""Scenarios side by side on the same callers: which differences are real, and what would turn them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simkcc.analysis.folding import EDGES
from simkcc.analysis.inputs import Drawn, Evidence, InputStudy, evidence
from simkcc.analysis.intervals import (
    Difference,
    Interval,
    holm,
    paired_ratio_difference,
)
from simkcc.analysis.metrics import METRICS, PERCENTILES
from simkcc.analysis.percentiles import paired_percentile_difference
from simkcc.analysis.precision import Limits, Reached, Target, until_precise
from simkcc.analysis.results import OnProgress, Result, begin, deflation, grow, run
from simkcc.errors import SettingError
from simkcc.model.expectation import TurningPoint
from simkcc.model.files import Loaded, load_scenario
from simkcc.model.scenario import Scenario

LEVEL = 0.95


WINS = 0.9
"""Share of the draws of the inputs in which a difference must keep its sign to be called one."""
NO_DIFFERENCE = "no detectable difference"
DEPENDS = "depends on assumptions"


def headlines(scenario: Scenario) -> tuple[str, ...]:
    """Return the figures a comparison is about: they are judged together, and before all others.

    Those are the service level and accessibility of the norms, time to a human, abandonment, cost
    and citizens' hours, and what the file's expectations order (unless it was put in) and its
    turning points follow: all of it is chosen before anything was seen.
    """
    norms = scenario.norms
    stated = [
        each.metric
        for each in scenario.expectations
        if each.sign is not None and each.basis != "input"
    ]
    stated += [each.metric for each in scenario.turning_points]
    names = [
        norms.service_level, "time_to_human", "abandonment", f"accessibility_{norms.accessibility}",
        "cost", "citizen_hours", *stated,
    ]  # fmt: skip
    return tuple(name for name in dict.fromkeys(names) if name in METRICS or name in PERCENTILES)


@dataclass(frozen=True)
class Compared:
    """One figure of one arm against the baseline: arm minus baseline, pair by pair."""

    baseline: str
    arm: str
    metric: str
    difference: Difference
    p_holm: float
    """Corrected over the headline figures of all arms; for other figures, over all there are."""
    diverges: bool = False
    """Whether one of the two has no mean."""
    inputs: Drawn | None = None
    """The difference over draws of the assumed inputs."""

    @property
    def noise(self) -> str:
        """Return `higher` or `lower` if that is beyond simulation noise, else no difference."""
        found = self.difference
        if np.isnan(found.low) or found.low <= 0 <= found.high or not self.p_holm <= 1 - LEVEL:
            return NO_DIFFERENCE
        return "higher" if found.mean > 0 else "lower"

    @property
    def verdict(self) -> str:
        """Return what holds: beyond noise, and in nine draws of ten if the inputs were drawn."""
        if self.diverges:
            return "diverges"
        found = self.noise
        if self.inputs is None or found == NO_DIFFERENCE:
            return found
        share = self.inputs.above if found == "higher" else self.inputs.below
        return found if share >= WINS else DEPENDS


@dataclass(frozen=True)
class Turn:
    """Where a difference changes its sign as one assumption moves."""

    point: TurningPoint
    at_low: float
    at_high: float
    value: float | None
    """The assumption at which the sign changes; None if it does not between the ends."""
    half_width: float | None
    """Half of the interval around it: simulation noise over the slope there, or what the tries left
    open if that is more."""
    clear: bool = True
    """Whether the differences at both ends of the range are beyond noise."""


@dataclass(frozen=True)
class Comparison:
    """Arms on the same callers, the first being the baseline."""

    arms: tuple[Result, ...]
    differences: tuple[Compared, ...]
    turns: tuple[Turn, ...] = ()
    headlines: tuple[str, ...] = ()
    """The figures it is about."""
    evidence: Evidence | None = None
    """What the files say about the numbers that went in."""
    inputs: InputStudy | None = None
    precision: tuple[Reached, ...] = ()
    """How sure the figures are that were to be made sure."""

    def find(self, arm: str, metric: str) -> Compared:
        """Return one figure of one arm against the baseline."""
        return next(d for d in self.differences if (d.arm, d.metric) == (arm, metric))

    def result(self, arm: str) -> Result:
        """Return the arm of that label, or of that variant of its file."""
        return next(each for each in self.arms if arm in (each.label, each.variant_name))


def difference(first: Result, second: Result, metric: str) -> Difference:
    """Return second minus first, paired on common random numbers; nan if one of them diverges."""
    if first.diverges(metric) or second.diverges(metric):
        return Difference(np.nan, np.nan, np.nan, np.nan, len(first.sums))
    if metric in PERCENTILES:
        share = PERCENTILES[metric].share
        counts = (second.histograms(metric), first.histograms(metric))
        return paired_percentile_difference(*counts, EDGES, share, LEVEL)
    return paired_ratio_difference(*second.pairs(metric), *first.pairs(metric), LEVEL)


def compare_results(results: Sequence[Result]) -> Comparison:
    """Compare every arm with the first.

    p-values are corrected (Holm) over the headline figures of all arms together; those of the other
    figures over everything there is, so that looking at eighty of them invents no difference.
    """
    _check_replications(results)
    baseline = results[0]
    main = headlines(baseline.scenario)
    names = [*METRICS, *PERCENTILES]
    found = {
        (arm.label, name): difference(baseline, arm, name) for arm in results[1:] for name in names
    }
    family = [key for key in found if key[1] in main]
    corrected = dict(zip(found, holm([each.p for each in found.values()]), strict=True))
    corrected |= dict(zip(family, holm([found[key].p for key in family]), strict=True))
    differences = tuple(
        Compared(
            baseline.label, arm.label, name, found[arm.label, name], corrected[arm.label, name],
            arm.diverges(name) or baseline.diverges(name),
        )
        for arm in results[1:]
        for name in names
    )  # fmt: skip
    return Comparison(tuple(results), differences, headlines=main)


def _check_replications(results: Sequence[Result]) -> None:
    if len(results) < 2:
        raise SettingError("one scenario alone cannot be compared; name at least two variants")
    fewest = min(len(result.sums) for result in results)
    if fewest < 2:
        raise SettingError(
            "a single replication is never compared: it cannot tell a difference from noise; "
            "give --replications 2 or more"
        )
    if fewest != max(len(result.sums) for result in results):
        raise SettingError(
            "arms have different numbers of replications; pairs need as many of each"
        )


def compare(
    loaded: Sequence[Loaded],
    *,
    replications: int | None = None,
    seed: int | None = None,
    jobs: int = 2,
    engine: str = "kernel",
    targets: Sequence[Target] = (),
    limits: Limits | None = None,
    on_progress: OnProgress = lambda done, of, what: None,
) -> Comparison:
    """Run variants on the same callers and compare them; the first is the baseline.

    Published volumes that count attempts are brought back to callers once, in the baseline.
    targets: how sure differences are to be; all arms get the same number of replications.
    """
    first = loaded[0].scenario
    seed = first.seed if seed is None else seed
    number = first.replications if replications is None else replications
    scale = deflation(first, seed)
    results = [
        begin(
            each.scenario, name=each.scenario.name or each.path.stem, variant=each.variant,
            seed=seed, callers_per_attempt=scale, applied=each.applied,
        )
        for each in loaded
    ]  # fmt: skip
    _tell_apart(results)

    def grow_all(wanted: int) -> None:
        for each in results:
            grow(each, wanted, jobs=jobs, engine=engine, on_progress=on_progress)

    reached: tuple[Reached, ...] = ()
    if targets:
        reached = until_precise(lambda: _widths(results, targets), grow_all, number, limits)
    else:
        grow_all(number)
    comparison = compare_results(results)
    return replace(comparison, evidence=evidence(loaded), precision=reached)


def _widths(
    results: Sequence[Result], targets: Sequence[Target]
) -> list[tuple[Target, str, Interval]]:
    """Return how sure the difference of each arm from the baseline is, for each target."""
    widths = []
    for arm in results[1:]:
        for target in targets:
            found = difference(results[0], arm, target.metric)
            interval = Interval(found.mean, found.low, found.high, LEVEL, found.n)
            widths.append((target, arm.label, interval))
    return widths


def with_inputs(comparison: Comparison, study: InputStudy) -> Comparison:
    """Return a comparison that knows what came out of drawing the inputs."""
    places = {arm.label: place for place, arm in enumerate(comparison.arms)}
    differences = tuple(
        replace(each, inputs=study.drawn.get((places[each.arm], each.metric)))
        for each in comparison.differences
    )
    return replace(comparison, differences=differences, inputs=study)


def _tell_apart(results: Sequence[Result]) -> None:
    """Name arms after file and variant where their labels are the same."""
    labels = [result.label for result in results]
    for result in results:
        if labels.count(result.label) > 1:
            result.alias = f"{result.name}:{result.variant_name}"
    if len({result.label for result in results}) < len(results):
        raise SettingError("two arms are the same file and variant; name each once")


def turning_points(
    loaded: Loaded,
    arms: Sequence[str],
    *,
    seed: int,
    scale: float,
    settings: Sequence[str] = (),
    replications: int = 4,
    jobs: int = 2,
    on_progress: OnProgress = lambda done, of, what: None,
) -> tuple[Turn, ...]:
    """Return where the declared assumptions turn the difference between two of the arms."""
    points = [
        point
        for point in loaded.scenario.turning_points
        if point.first in arms and point.second in arms
    ]
    found = []
    for point in points:
        curve = _Curve(loaded, point, settings, seed, scale, replications, jobs, on_progress)
        found.append(turn(point, curve.difference))
    return tuple(found)


class _Curve:
    """The difference between two variants as a function of one assumption."""

    def __init__(
        self, loaded: Loaded, point: TurningPoint, settings: Sequence[str], seed: int,
        scale: float, replications: int, jobs: int, on_progress: OnProgress,
    ) -> None:  # fmt: skip
        self.loaded, self.point, self.settings = loaded, point, settings
        self.options = {"seed": seed, "replications": replications, "jobs": jobs}
        self.scale, self.on_progress = scale, on_progress
        self.tries = 0

    def difference(self, value: float) -> Difference:
        """Return first minus second with the assumption at `value`."""
        self.tries += 1
        self.on_progress(self.tries, MOST_TRIES, f"where {self.point.metric} turns")
        point = self.point
        results = []
        for variant in (point.second, point.first):
            settings = [*self.settings, f"{point.key}={float(value)!r}"]
            scenario = load_scenario(self.loaded.path, variant, settings).scenario
            results.append(
                run(
                    scenario, callers_per_attempt=self.scale, only=(point.metric,),
                    **self.options,  # type: ignore[arg-type]
                )
            )  # fmt: skip
        return difference(results[0], results[1], point.metric)


MOST_TRIES = 9


def turn(point: TurningPoint, curve: Callable[[float], Difference]) -> Turn:
    """Find the zero of a difference by false position (Illinois), in a few tries."""
    at_low, at_high = curve(point.low), curve(point.high)
    clear = _is_clear(at_low) and _is_clear(at_high)
    if not np.sign(at_low.mean) * np.sign(at_high.mean) < 0:
        return Turn(point, at_low.mean, at_high.mean, None, None, clear)
    left, right = (point.low, at_low.mean), (point.high, at_high.mean)
    above_left, above_right = left[1], right[1]
    slope = (right[1] - left[1]) / (right[0] - left[0])
    middle, noise, side = point.low, 0.0, 0
    for _ in range(MOST_TRIES - 2):
        middle = right[0] - above_right * (right[0] - left[0]) / (above_right - above_left)
        found = curve(middle)
        noise = (found.high - found.low) / 2
        if abs(right[1] - left[1]) > 4 * noise:
            slope = (right[1] - left[1]) / (right[0] - left[0])
        if abs(found.mean) <= noise / 2:
            middle = min(max(middle - found.mean / slope, left[0]), right[0])
            left = right = (middle, 0.0)
            break
        if np.sign(found.mean) == np.sign(right[1]):
            right, above_right = (middle, found.mean), found.mean
            above_left /= 2 if side > 0 else 1
            side = 1
        else:
            left, above_left = (middle, found.mean), found.mean
            above_right /= 2 if side < 0 else 1
            side = -1
    half_width = max(noise / abs(slope), right[0] - left[0])
    return Turn(point, at_low.mean, at_high.mean, middle, half_width, clear)


def _is_clear(found: Difference) -> bool:
    return found.low > 0 or found.high < 0
