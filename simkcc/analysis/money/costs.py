"""What each arm costs, in columns that are not added up in silence; and two arms by the general rule.

The general rule of a change from a first arm to a second: the second costs its own rosters and
contracts, plus the part of the freed staff's cost that is not avoided, plus the work it moves to
the second line and the calls it makes citizens repeat, priced per answered call. It is linear in
each price, in the avoided part and in both shares, so that none of them needs a new run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simkcc.analysis.columns.usage import MEASURED, price_of
from simkcc.analysis.intervals import Difference, Interval, paired_difference, ratio_interval
from simkcc.analysis.results import Result
from simkcc.errors import SettingError

Floats = npt.NDArray[np.float64]
Values = Mapping[str, float]
"""Other values of prices and assumptions, by dotted key."""

ASSUMED = (
    "costs.back_office_hour", "costs.resumption", "costs.citizen_hour", "costs.hours_per_fte",
    "costs.avoided", "costs.extra_transfers", "costs.extra_repeats",
)  # fmt: skip
"""Keys that enter costs beside the prices of quantities."""

COLUMNS = ("front_line", "provider", "management", "fixed", "back_office", "citizens")
"""Columns of euros; the first four are the budget of the city's contact centre."""
BUDGET = COLUMNS[:4]


def column_of(key: str, arm: "Components") -> str:
    """Return the column in which the quantity under a key is paid."""
    section, name, *_ = key.split(".")
    if section == "groups":
        return "back_office" if name in arm.second_line else "front_line"
    if section == "providers":
        return "management" if key.endswith(".management_per_year") else "provider"
    return "fixed"


@dataclass(frozen=True)
class Components:
    """What one arm used a year, per replication, and its prices: all that its cost is made of."""

    label: str
    prices: dict[str, float]
    """Euros per unit, by dotted key."""
    quantities: dict[str, Floats]
    """Units a year per replication, by the same keys."""
    measured: dict[str, Floats]
    """Counts and hours a year per replication, as `usage.MEASURED` names them."""
    assumed: dict[str, float]
    """Values of ASSUMED."""
    second_line: frozenset[str] = frozenset()
    """Groups whose rosters are back office."""

    def at(self, values: Values) -> "Components":
        """Return the same quantities at other prices and assumptions."""
        prices = {key: values.get(key, price) for key, price in self.prices.items()}
        assumed = {key: values.get(key, value) for key, value in self.assumed.items()}
        return replace(self, prices=prices, assumed=assumed)

    def column(self, name: str) -> Floats:
        """Return the euros a year of one of COLUMNS, per replication."""
        total = np.zeros(len(self.measured["answered"]))
        for key, amount in self.quantities.items():
            if column_of(key, self) == name:
                total = total + self.prices[key] * amount
        if name == "back_office":
            total = total + self.back_office_hours * self.assumed["costs.back_office_hour"]
        if name == "citizens":
            total = total + self.measured["citizen_hours"] * self.assumed["costs.citizen_hour"]
        return total

    @property
    def budget(self) -> Floats:
        """Return the euros a year of the contact centre: rosters, provider, contract, fixed."""
        return np.sum([self.column(name) for name in BUDGET], axis=0)

    @property
    def rostered_hours(self) -> Floats:
        """Return hours a year that the city pays rosters for, in house and at providers."""
        return self.measured["front_line_hours"] + self.measured["provider_hours"]

    @property
    def back_office_hours(self) -> Floats:
        """Return hours a year of specialists: with callers, on callbacks, resuming their work."""
        found = self.measured["specialist_hours"] + self.measured["callback_hours"]
        return found + self.measured["interruptions"] * self.assumed["costs.resumption"] / 3600

    @property
    def transfer_cost(self) -> float:
        """Return the euros of one more call put through: the specialist's talk and resumption."""
        number = float(self.measured["interruptions"].sum())
        talk = float(self.measured["specialist_hours"].sum()) / number if number else 0.0
        hours = talk + self.assumed["costs.resumption"] / 3600
        return hours * self.assumed["costs.back_office_hour"]

    @property
    def call_cost(self) -> float:
        """Return the euros of one answered call: labour over answered calls."""
        answered = float(self.measured["answered"].sum())
        labour = float((self.column("front_line") + self.column("provider")).sum())
        return labour / answered if answered else 0.0


def components(result: Result) -> Components:
    """Return what a run used, scaled to a year, and its prices."""
    used = [sums.usage for sums in result.sums if sums.usage is not None]
    if len(used) != len(result.sums) or not used:
        raise SettingError(f"{result.label}: costs need a run with its contact log")
    years = np.array([each.years for each in used])

    def yearly(part: str, key: str) -> Floats:
        return np.array([getattr(each, part)[key] for each in used]) / years

    groups = result.scenario.groups.items()
    return Components(
        result.label,
        {key: price_of(result.scenario, key) for key in used[0].quantities},
        {key: yearly("quantities", key) for key in used[0].quantities},
        {key: yearly("measured", key) for key in MEASURED},
        {key: price_of(result.scenario, key) for key in ASSUMED},
        frozenset(name for name, group in groups if group.line > 1),
    )


# ---------------------------------------------------------------------------------------------
# two arms


@dataclass(frozen=True)
class Terms:
    """The general rule between two arms, term by term: euros a year per replication."""

    first: Floats
    """Rosters, contracts and fixed costs of the first arm."""
    second: Floats
    """The same of the second arm."""
    kept: Floats
    """Cost of freed staff that is not avoided."""
    transfers: Floats
    """Work of the second line, per answered call more than in the first arm."""
    repeats: Floats
    """Calls repeated more than are simulated."""

    @property
    def difference(self) -> Floats:
        """Return second minus first, everything counted."""
        return self.second - self.first + self.kept + self.transfers + self.repeats


def terms(first: Components, second: Components) -> Terms:
    """Return the general rule for a change from `first` to `second`."""
    if len(first.budget) != len(second.budget):
        raise SettingError("arms have different numbers of replications; pairs need as many")
    freed = np.maximum(first.column("front_line") - second.column("front_line"), 0.0)
    answered = second.measured["answered"]
    return Terms(
        first.budget,
        second.budget,
        (1 - second.assumed["costs.avoided"]) * freed,
        _extra_back_office(first, second)
        + second.assumed["costs.extra_transfers"] * answered * second.transfer_cost,
        second.assumed["costs.extra_repeats"] * answered * second.call_cost,
    )


def _extra_back_office(first: Components, second: Components) -> Floats:
    """Return the euros of back-office work per answered call more than in the first arm.

    Per answered call, so that an arm is not called cheap for leaving callers unanswered.
    """
    before, after = first.measured["answered"], second.measured["answered"]
    share = np.divide(after, before, out=np.zeros(len(after)), where=before > 0)
    return second.column("back_office") - first.column("back_office") * share


def net_difference(first: Components, second: Components, values: Values | None = None) -> Floats:
    """Return second minus first by the general rule, per replication, in euros a year."""
    given = values or {}
    return terms(first.at(given), second.at(given)).difference


@dataclass(frozen=True)
class Conclusion:
    """What a change does to cost, in a word."""

    word: str
    """`cheaper`, `dearer` or `no detectable difference`."""
    difference: Difference
    """Second minus first, in euros a year."""


def conclude(
    first: Components, second: Components, values: Values | None = None, level: float = 0.95
) -> Conclusion:
    """Return whether the second arm is cheaper, at other prices and assumptions if given.

    Pure, and linear in every value alone: nothing is simulated.
    """
    found = net_difference(first, second, values)
    difference = paired_difference(found, np.zeros(len(found)), level)
    if np.isnan(difference.low) or difference.low <= 0 <= difference.high:
        return Conclusion("no detectable difference", difference)
    return Conclusion("dearer" if difference.mean > 0 else "cheaper", difference)


# ---------------------------------------------------------------------------------------------
# tables


ROWS = (
    "budget", *COLUMNS, "rostered_hours", "fte", "back_office_hours", "citizen_hours",
    "answered", "resolved", "budget_per_call", "front_line_per_call", "cost_per_question",
)  # fmt: skip
"""Rows of the table of costs: euros a year, hours a year, full-time equivalents, calls, euros."""


def figures(arm: Components) -> dict[str, Interval]:
    """Return the rows of the table of costs of one arm, each with its interval."""
    whole = arm.budget + arm.column("back_office")
    one = np.ones(len(whole))
    pairs: dict[str, tuple[Floats, Floats]] = {"budget": (arm.budget, one)}
    pairs |= {name: (arm.column(name), one) for name in COLUMNS}
    pairs |= {
        "rostered_hours": (arm.rostered_hours, one),
        "fte": (arm.rostered_hours / arm.assumed["costs.hours_per_fte"], one),
        "back_office_hours": (arm.back_office_hours, one),
        "citizen_hours": (arm.measured["citizen_hours"], one),
        "answered": (arm.measured["answered"], one),
        "resolved": (arm.measured["resolved"], one),
        "budget_per_call": (arm.budget, arm.measured["answered"]),
        "front_line_per_call": (
            arm.column("front_line"),
            arm.measured["answered"] - arm.measured["provider_calls"],
        ),
        "cost_per_question": (whole, arm.measured["resolved"]),
    }
    return {name: ratio_interval(*pairs[name], 0.95) for name in ROWS}


def components_document(arm: Components) -> dict[str, Any]:
    """Return an arm's components as JSON: enough to compute every conclusion anew.

    `quantities` and `measured` hold a value per replication, a year; prices are euros per unit.
    """
    return {
        "label": arm.label,
        "prices": arm.prices,
        "columns": {key: column_of(key, arm) for key in arm.prices},
        "quantities": {key: _document(amount) for key, amount in arm.quantities.items()},
        "measured": {key: _document(amount) for key, amount in arm.measured.items()},
        "assumed": arm.assumed,
    }


def _document(amounts: Floats) -> dict[str, Any]:
    found = ratio_interval(amounts, np.ones(len(amounts)), 0.95)
    ci = [None if np.isnan(end) else end for end in (found.low, found.high)]
    return {"mean": found.mean, "ci": ci, "per_replication": amounts.tolist()}
