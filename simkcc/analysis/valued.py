"""The value of a number of a scenario file as one says it: with the unit of the model."""

from typing import Any

from simkcc.analysis.language import GAP, euros, significant
from simkcc.model.complaints import type_at
from simkcc.model.scenario import Scenario
from simkcc.model.shape import unit_of

SAID = {
    "s": ("s", "s"), "min": ("min", "min"), "/s": ("per second", "per seconde"),
    "/h": ("an hour", "per uur"), "/year": ("a year", "per jaar"), "EUR": ("", ""),
    "EUR/h": ("an hour", "per uur"), "EUR/min": ("a minute", "per minuut"),
    "EUR/call": ("a call", "per oproep"), "EUR/year": ("a year", "per jaar"),
}  # fmt: skip
"""What follows a number of each unit of the model, in English and Dutch."""


def valued(
    scenario: Scenario,
    key: str,
    value: float,
    figures: int = 2,
    lang: str = "en",
    *,
    bare: bool = False,
) -> str:
    """Return the value of what stands at a dotted key, in so many figures, with its unit.

    bare: without the time or the call it is counted by, which was said just before.

    >>> from simkcc.model.distribution import Deterministic
    >>> from simkcc.model.scenario import Costs
    >>> town = Scenario.model_construct(costs=Costs(), patience=Deterministic(value=9.0))
    >>> valued(town, "patience.value", 221.3).replace(GAP, " ")
    '220 s'
    >>> valued(town, "costs.avoided", 0.0692, lang="nl").replace(GAP, " ")
    '6,9 %'
    >>> valued(town, "costs.back_office_hour", 65.2, 3, "nl").replace(GAP, " ")
    '€ 65,20 per uur'
    """
    unit = _unit(scenario, key)
    if unit == "share":
        return significant(100 * value, figures, lang) + (f"{GAP}%" if lang == "nl" else "%")
    after = SAID.get(unit, ("", ""))[lang == "nl"]
    if bare and "/" in unit:
        after = ""
    rounded = significant(value, figures, lang)
    if unit.startswith("EUR"):
        rounded = euros(float(f"{value:.{figures}g}"), 2 if abs(value) < 100 else 0, lang)
    return f"{rounded}{GAP}{after}" if after else rounded


def _unit(scenario: Scenario, key: str) -> str:
    """Return the unit in which the model keeps what stands at a dotted key."""
    path = tuple(int(part) if part.isdecimal() else part for part in key.split("."))
    kind: Any = type_at(Scenario, scenario.model_dump(), path)
    return "" if kind is None else unit_of(kind)
