"""At which value of each assumption the conclusion about two arms turns, and which matters most.

Prices, the avoided part and extra transfers only enter costs, which are linear in each: their
break-even is a closed form over the runs already made. Everything else is simulated anew on the
same callers, and its break-even found by false position.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np

from simkcc.analysis import compare
from simkcc.analysis.intervals import Difference, paired_ratio_difference
from simkcc.analysis.metrics import METRICS, PERCENTILES
from simkcc.analysis.money.costs import ASSUMED, Components, Values, components, terms
from simkcc.analysis.results import OnProgress, Result, run
from simkcc.errors import SettingError
from simkcc.model.expectation import TurningPoint
from simkcc.model.files import Loaded, load_scenario
from simkcc.model.overlay import is_there

COST = "cost"
BY_COMPONENTS = (COST, "cost_per_call")
"""Metrics that follow from components: the general rule, whole or per answered call."""


@dataclass(frozen=True)
class Assumption:
    """A number that is assumed, with the range in which it may lie."""

    key: str
    value: float | None
    """What the file says, of the second arm if they differ; None if it says nothing."""
    low: float
    high: float
    arms: tuple[bool, bool]
    """In which of the two arms it is moved."""
    source: str = ""

    @property
    def only_costs(self) -> bool:
        """Return whether it enters costs alone, so that nothing need be simulated."""
        return is_price(self.key)


@dataclass(frozen=True)
class BreakEven:
    """Where the difference between two arms changes its sign as one assumption moves."""

    assumption: Assumption
    at_low: Difference
    at_high: Difference
    value: float | None
    """Where it turns; None if it does not within the range."""
    half_width: float | None
    """Half of the interval around it, from simulation noise."""
    beyond: float | None = None
    """Where a straight line would turn outside the range; known for costs only."""

    @property
    def swing(self) -> float:
        """Return how far the difference moves over the range."""
        return abs(self.at_high.mean - self.at_low.mean)

    @property
    def status(self) -> str:
        """Return `turns`, `never`, `unclear` (noise hides it) or `no effect`."""
        if self.value is not None:
            return "turns"
        if self.swing == 0:
            return "no effect"
        clear = all(end.low > 0 or end.high < 0 for end in (self.at_low, self.at_high))
        return "never" if clear else "unclear"


def is_price(key: str) -> bool:
    """Return whether a key enters costs alone."""
    section, _, rest = key.partition(".")
    name = rest.rpartition(".")[2]
    return key in (*ASSUMED, "costs.per_year") or (
        (section == "groups" and rest.count(".") == 1 and name == "per_hour")
        or (section == "providers" and rest.count(".") == 1
        and name in ("per_hour", "per_minute", "per_call", "per_year", "management_per_year"))
    )  # fmt: skip


def assumptions(first: Loaded, second: Loaded) -> list[Assumption]:
    """Return every number of the two arms that is marked A with a range, in the file's order.

    One in which the arms differ is moved in the second alone: it is what the change brings.
    """
    found = []
    for key in dict.fromkeys([*first.marks, *second.marks]):
        own = [_assumed(each, key) for each in (first, second)]
        if own == [None, None]:
            continue
        differ = None not in own and own[0] != own[1]
        value, low, high = own[1] or own[0] or (0.0, 0.0, 0.0)
        marks = second.marks if own[1] else first.marks
        arms = (own[0] is not None and not differ, own[1] is not None)
        if low < high:
            found.append(Assumption(key, value, low, high, arms, marks[key].source))
    return found


def _assumed(loaded: Loaded, key: str) -> tuple[float, float, float] | None:
    """Return value, low and high of a number marked A with a range; None if it is not."""
    mark = loaded.marks.get(key)
    if mark is None or mark.mark != "A" or mark.limits is None or mark.set_by:
        return None
    value = _number_at(loaded, key)
    return None if value is None else (value, *mark.limits)


def _number_at(loaded: Loaded, key: str) -> float | None:
    """Return the number at a dotted key; None if there is none, or if it stands within a list."""
    at: object = loaded.data
    for name in key.split("."):
        if not isinstance(at, dict) or name not in at:
            return None
        at = at[name]
    return float(at) if isinstance(at, int | float) and not isinstance(at, bool) else None


def named(
    first: Loaded, second: Loaded, keys: Sequence[str], low: float | None, high: float | None
) -> list[Assumption]:
    """Return the assumptions of some keys; `low` and `high` replace their ranges."""
    known = {each.key: each for each in assumptions(first, second)}
    found = []
    for key in keys:
        each = known.get(key)
        if each is None and (low is None or high is None):
            near = get_close_matches(key, known, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise SettingError(
                f"--key {key}: is not marked A with a range in these arms; give --low and "
                f"--high{hint}"
            )
        ends = (
            low if low is not None else each.low,  # type: ignore[union-attr]
            high if high is not None else each.high,  # type: ignore[union-attr]
        )
        if ends[1] <= ends[0]:
            raise SettingError(f"--key {key}: high {ends[1]:g} must lie above low {ends[0]:g}")
        found.append(_within(key, each, ends, first, second))
    return found


def _within(
    key: str, each: Assumption | None, ends: tuple[float, float], first: Loaded, second: Loaded
) -> Assumption:
    if each is not None:
        return Assumption(key, each.value, *ends, each.arms, each.source)
    path = tuple(key.split("."))
    there = tuple(is_there(loaded.data, path) for loaded in (first, second))
    value = _number_at(second if there[1] else first, key)
    return Assumption(key, value, *ends, (there[0], there[1]) if any(there) else (True, True))


# ---------------------------------------------------------------------------------------------
# the difference as a function of one assumption


@dataclass
class Study:
    """Two arms on the same callers, and what becomes of their difference."""

    first: Loaded
    second: Loaded
    metric: str
    scale: float
    replications: int
    seed: int
    settings: Sequence[str] = ()
    """Settings that both arms were loaded with."""
    jobs: int = 2
    on_progress: OnProgress = lambda done, of, what: None
    known: dict[tuple[bool, str, float | None], Result] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be compared."""
        if self.metric not in (*METRICS, *PERCENTILES):
            near = get_close_matches(self.metric, [*METRICS, *PERCENTILES], n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise SettingError(f"unknown metric '{self.metric}'{hint} (simkcc metrics lists them)")
        if self.replications < 2:
            raise SettingError(
                "a single replication is never compared: it cannot tell a difference from noise; "
                "give --replications 2 or more"
            )

    def result(self, second: bool, key: str = "", value: float | None = None) -> Result:
        """Return the run of an arm, with one assumption at another value if given."""
        known = (second, key, value)
        if known not in self.known:
            loaded = self.second if second else self.first
            scenario = loaded.scenario
            if value is not None:
                number = round(value) if _is_whole(loaded, key) else float(value)
                settings = [*self.settings, f"{key}={number!r}"]
                scenario = load_scenario(loaded.path, loaded.variant, settings).scenario
            self.known[known] = run(
                scenario, name=scenario.name, variant=loaded.variant, seed=self.seed,
                replications=self.replications, jobs=self.jobs, callers_per_attempt=self.scale,
            )  # fmt: skip
        return self.known[known]

    def arms(self) -> tuple[Components, Components]:
        """Return the components of both arms as they stand."""
        return components(self.result(False)), components(self.result(True))

    def at(self, assumption: Assumption, value: float | None) -> Difference:
        """Return second minus first with the assumption at a value."""
        if assumption.only_costs and self.metric in BY_COMPONENTS:
            values = {} if value is None else {assumption.key: value}
            moved = [values if there else {} for there in assumption.arms]
            return cost_difference(self.metric, *self.arms(), *moved)
        key = assumption.key
        results = [
            self.result(bool(arm), key, value) if there and value is not None
            else self.result(bool(arm))
            for arm, there in enumerate(assumption.arms)
        ]  # fmt: skip
        if self.metric in BY_COMPONENTS:
            return cost_difference(self.metric, components(results[0]), components(results[1]))
        return compare.difference(results[0], results[1], self.metric)

    def break_even(self, assumption: Assumption) -> BreakEven:
        """Return where one assumption turns the difference."""
        if assumption.only_costs and self.metric in BY_COMPONENTS:
            return straight(assumption, lambda value: self.at(assumption, value))
        seen: dict[float, Difference] = {}

        def curve(value: float) -> Difference:
            if value not in seen:
                seen[value] = self.at(assumption, value)
            return seen[value]

        point = TurningPoint(
            metric=self.metric, first="b", second="a", key=assumption.key,
            low=float(assumption.low), high=float(assumption.high),
        )  # fmt: skip
        found = compare.turn(point, curve)
        for each in [each for each in self.known if each[1]]:
            del self.known[each]
        ends = seen[point.low], seen[point.high]
        return BreakEven(assumption, *ends, found.value, found.half_width)

    def break_evens(self, chosen: Sequence[Assumption]) -> list[BreakEven]:
        """Return the break-evens, the largest swing first."""
        found = []
        for number, each in enumerate(sorted(chosen, key=lambda each: not each.only_costs)):
            self.on_progress(number, len(chosen), f"assumptions ({each.key})")
            found.append(self.break_even(each))
        return sorted(found, key=lambda each: -each.swing)


def _is_whole(loaded: Loaded, key: str) -> bool:
    """Return whether the model takes only whole numbers under a key."""
    part: Any = loaded.scenario
    for name in key.split("."):
        part = part.get(name) if isinstance(part, dict) else getattr(part, name, None)
    return isinstance(part, int) and not isinstance(part, bool)


def cost_difference(
    metric: str, first: Components, second: Components,
    first_values: Values | None = None, second_values: Values | None = None,
) -> Difference:  # fmt: skip
    """Return the general rule's difference, a year or per answered call, second minus first."""
    first, second = first.at(first_values or {}), second.at(second_values or {})
    found = terms(first, second)
    whole = found.first + found.difference
    years = np.ones(len(whole)), np.ones(len(whole))
    below = years if metric == COST else (second.measured["answered"], first.measured["answered"])
    return paired_ratio_difference(whole, below[0], found.first, below[1], compare.LEVEL)


def straight(assumption: Assumption, curve: Callable[[float], Difference]) -> BreakEven:
    """Return where a straight line between the ends of the range is zero."""
    low, high = assumption.low, assumption.high
    ends = curve(low), curve(high)
    slope = (ends[1].mean - ends[0].mean) / (high - low)
    if slope == 0:
        return BreakEven(assumption, *ends, None, None)
    root = low - ends[0].mean / slope
    if not low <= root <= high:
        return BreakEven(assumption, *ends, None, None, root)
    there = curve(root)
    return BreakEven(assumption, *ends, root, (there.high - there.low) / 2 / abs(slope))
