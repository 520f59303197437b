"""A sweep, simulated: every variant at every value, on the same callers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simkcc.analysis.compare import difference
from simkcc.analysis.figures import title_of
from simkcc.analysis.intervals import Difference, Interval
from simkcc.analysis.metrics import METRICS, PERCENTILES
from simkcc.analysis.results import JUDGED_BY, OnProgress, Result, deflation, run
from simkcc.analysis.sweep.range import Range
from simkcc.errors import ScenarioError, SettingError
from simkcc.model.complaints import hint
from simkcc.model.files import Loaded, load_scenario
from simkcc.model.keys import number_of
from simkcc.model.words import Words


@dataclass(frozen=True)
class Point:
    """What every variant brings out at one value."""

    value: float
    arms: tuple[Result, ...]

    def interval(self, arm: int, metric: str) -> Interval:
        """Return a figure of a variant, by its place."""
        return self.arms[arm].interval(metric)

    def minus_first(self, arm: int, metric: str) -> Difference:
        """Return a variant minus the first one, paired on the same callers."""
        return difference(self.arms[0], self.arms[arm], metric)


@dataclass(frozen=True)
class Sweep:
    """Figures of variants as one number moves."""

    key: str
    metrics: tuple[str, ...]
    stated: tuple[float | None, ...]
    """What the number is in each variant as it stands; None where the file gives no number."""
    points: tuple[Point, ...]
    question: Words
    """Title of the file, without any variant."""

    @property
    def arms(self) -> tuple[Result, ...]:
        """Return the variants at the first value: their names, norms and seed."""
        return self.points[0].arms

    def title(self, metric: str, lang: str) -> str:
        """Return what a figure is called."""
        return title_of(metric, lang, self.arms[0].scenario.norms.threshold)

    def reached_from(self, arm: int, metric: str) -> float | None:
        """Return the first value from which on the norm is surely met, interval and all."""
        return self._met(arm, metric, self.points[::-1])

    def reached_until(self, arm: int, metric: str) -> float | None:
        """Return the last value up to which the norm is surely met, interval and all."""
        return self._met(arm, metric, self.points)

    def _met(self, arm: int, metric: str, points: Sequence[Point]) -> float | None:
        """Return the last value, in this order, before the first at which the norm is not met."""
        norms = self.arms[arm].scenario.norms
        if norms.goal is None or metric != norms.service_level:
            return None
        found = None
        for point in points:
            if not point.interval(arm, metric).low >= norms.goal:
                break
            found = point.value
        return found


def load(
    path: Path, variants: Sequence[str | None], over: Range, settings: Sequence[str], number: int
) -> tuple[list[float], list[Loaded], list[list[Loaded]]]:
    """Return the values, the variants as they stand, and the variants at each value."""
    stated = [load_scenario(path, name, settings) for name in variants]

    def at(variant: str | None, value: float) -> Loaded:
        whole = value.is_integer() and over.is_whole
        return load_scenario(
            path, variant, [*settings, f"{over.key}={int(value) if whole else value!r}"]
        )

    def can_be(value: float) -> bool:
        try:
            at(variants[0], value)
        except ScenarioError:
            return False
        return True

    values = over.values(number, can_be)
    known = number_of(stated[0].data, over.key)
    if known is not None and over.step is None and over.low < known < over.high:
        values = sorted({*values, known})
    return values, stated, [[at(name, value) for name in variants] for value in values]


def sweep(
    path: Path, variants: Sequence[str | None], over: Range, *, settings: Sequence[str] = (),
    metrics: Sequence[str] = (), number: int = 8, replications: int | None = None,
    seed: int | None = None, jobs: int = 2,
    on_progress: OnProgress = lambda done, of, what: None,
) -> Sweep:  # fmt: skip
    """Simulate every variant at every value. metrics: those of the norms if none are given."""
    values, stated, loaded = load(path, variants, over, settings, number)
    first = stated[0].scenario
    money = ("cost",) if any(each.scenario.is_priced for each in loaded[0]) else ()
    names = tuple(dict.fromkeys(metrics)) or (first.norms.service_level, "time_to_human", *money)
    for name in names:
        if name not in METRICS and name not in PERCENTILES:
            near = hint(name, [*METRICS, *PERCENTILES], "such as")
            raise SettingError(f"--metric {name}: unknown metric{near} (simkcc metrics lists them)")
    runs = first.replications if replications is None else replications
    if runs < 2:
        raise SettingError("--replications 1: cannot tell a difference from noise; give 2 or more")
    seed = first.seed if seed is None else seed
    scale = deflation(first, seed)
    total, made = runs * len(values) * len(variants), 0

    def play(each: Loaded) -> Result:
        nonlocal made
        before = made

        def told(done: int, of: int, what: str) -> None:
            on_progress(before + done, total, f"sweep of {over.key}")

        found = run(
            each.scenario, name=each.scenario.name or path.stem, variant=each.variant,
            replications=runs, seed=seed, jobs=jobs, callers_per_attempt=scale,
            applied=each.applied, only=(*names, *JUDGED_BY), on_progress=told,
        )  # fmt: skip
        made += runs
        return found

    points = tuple(
        Point(value, tuple(map(play, arms))) for value, arms in zip(values, loaded, strict=True)
    )
    numbers = tuple(number_of(each.data, over.key) for each in stated)
    return Sweep(over.key, names, numbers, points, load_scenario(path).scenario.title)
