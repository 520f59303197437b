"""Runs made by hand: arms with figures that a test chooses, for what is said of comparisons."""

import tomllib
from functools import lru_cache

import numpy as np
from small import SMALL

from simkcc.analysis.folding import BINS, Sums
from simkcc.analysis.metrics import METRICS
from simkcc.analysis.results import Result
from simkcc.model.scenario import Scenario


@lru_cache
def load_small() -> Scenario:
    """Return the small centre, with a menu of 80 s."""
    table = tomllib.loads(SMALL)
    del table["variants"]
    table["menu"]["length"] = 80.0
    return Scenario.model_validate(table)


def arm(label: str, titles: tuple[str, str] = ("", ""), **figures: float | list[float]) -> Result:
    """Return four replications of given figures, whatever is not given being 1.

    titles: in Dutch and in English.
    """
    values = {name: figures.get(name, 1.0) for name in METRICS}
    columns = {name: np.broadcast_to(np.asarray(each, float), 4) for name, each in values.items()}
    waits = np.zeros(len(BINS), int)
    waits[10] = 5
    sums = [
        Sums({name: (float(column[index]), 1.0) for name, column in columns.items()}, {}, waits)
        for index in range(4)
    ]
    nl, en = titles
    title = load_small().title.model_copy(update={"nl": nl, "en": en})
    scenario = load_small().model_copy(update={"title": title})
    return Result(scenario, label, label, 1, 1.0, {}, {}, sums)
