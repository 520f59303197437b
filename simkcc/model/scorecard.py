"""Scorecards: named sets of figures with their norms, and where the norms come from."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal, Self

from pydantic import Field, model_validator

from simkcc.model.part import Name, Number, Part, PositiveCount
from simkcc.model.words import Words


class Item(Part):
    """One figure of a scorecard: its norm, what was measured once, and what to do about it."""

    metric: str
    """Figure, as `simkcc metrics` lists them."""
    topic: Name | None = None
    """Topic it is about; all if absent. A centre without that topic has no data for it."""
    at_least: Number | None = None
    """Norm: not lower than this."""
    at_most: Number | None = None
    """Norm: not higher than this."""
    reference: Number | None = None
    """A figure to hold it against where no norm was agreed."""
    measured: Number | None = None
    """What the source measured."""
    measured_n: PositiveCount | None = None
    """In how many cases."""
    label: Words = Words()
    """What it is called here; the name of the figure if absent."""
    action: Words = Words()
    """What the source decided to do about it."""

    @model_validator(mode="after")
    def _one_norm(self) -> Self:
        if self.at_least is not None and self.at_most is not None:
            raise ValueError("give at_least or at_most, not both; two norms are two items")
        return self


class Scorecard(Part):
    """A set of figures with norms."""

    title: Words = Words()
    """What it is called."""
    source: str = ""
    """Where the norms come from."""
    by_hand: tuple[Words, ...] = ()
    """What no simulation can judge, to be checked by hand."""
    items: tuple[Item, ...] = Field(min_length=1)
    """Its figures."""


Shipped = Literal[
    "antwoord_start", "antwoord_growth", "zaanstad_2005", "skw_60", "antwerp_expectations", "mol"
]
"""Scorecards that come with simkcc."""


@cache
def shipped() -> dict[str, Scorecard]:
    """Return the scorecards that come with simkcc, by name."""
    text = files("simkcc.model").joinpath("scorecards.toml").read_text(encoding="utf-8")
    return {name: Scorecard.model_validate(table) for name, table in tomllib.loads(text).items()}
