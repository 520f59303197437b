"""Scorecards judged: each figure against its norm, with interval, number and definition."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simkcc.analysis.figures import unit_of
from simkcc.analysis.intervals import Interval, ratio_interval
from simkcc.analysis.metrics import METRICS
from simkcc.analysis.results import Result
from simkcc.errors import ScenarioError
from simkcc.model.scorecard import Item, Scorecard, shipped

WORDS = {
    "met": {"nl": "gehaald", "en": "met"},
    "not met": {"nl": "niet gehaald", "en": "not met"},
    "too close": {"nl": "niet te onderscheiden van de norm", "en": "too close to call"},
    "no norm": {"nl": "geen norm", "en": "no norm"},
    "no data": {"nl": "geen gegevens", "en": "no data"},
}
"""What a judged figure can be."""


@dataclass(frozen=True)
class Judged:
    """One figure of a scorecard, as it came out."""

    item: Item
    interval: Interval
    n: float
    """Contacts it is about, over all replications."""

    @property
    def status(self) -> str:
        """Return met or not met if the whole interval says so, else why there is no verdict."""
        item, found = self.item, self.interval
        if math.isnan(found.mean):
            return "no data"
        if item.at_least is None and item.at_most is None:
            return "no norm"
        low = found.mean if math.isnan(found.low) else found.low
        high = found.mean if math.isnan(found.high) else found.high
        if item.at_least is not None:
            return "met" if low >= item.at_least else "not met" if high < item.at_least else "too close"  # fmt: skip
        assert item.at_most is not None
        return "met" if high <= item.at_most else "not met" if low > item.at_most else "too close"

    @property
    def countable(self) -> bool:
        """Return whether n is a number of contacts, not of weeks or runs."""
        return self.n > 0 and unit_of(self.item.metric) in ("share", "s", "h", "days")

    def label(self, lang: str) -> str:
        """Return what the figure is called on this scorecard."""
        metric = METRICS[self.item.metric]
        return self.item.label.in_(lang) or (metric.nl if lang == "nl" else metric.en)


def scorecards_of(result: Result) -> dict[str, Scorecard]:
    """Return the scorecards a scenario asks for, its own included."""
    scenario = result.scenario
    return {name: shipped()[name] for name in scenario.scorecards} | dict(scenario.own_scorecards)


def judge(card: Scorecard, result: Result) -> list[Judged]:
    """Return the figures of a scorecard as they came out."""
    return [_judged(item, result) for item in card.items]


def _judged(item: Item, result: Result) -> Judged:
    if item.topic is None:
        return Judged(item, result.interval(item.metric), float(result.pairs(item.metric)[1].sum()))
    if "topic" not in result.dimensions_of(item.metric):
        raise ScenarioError(f"{result.name}: scorecard: {item.metric} is not split by topic")
    if item.topic not in result.values["topic"]:
        nan = math.nan
        return Judged(item, Interval(nan, nan, nan, 0.95, 0), 0.0)
    place = result.values["topic"].index(item.topic)
    parts = np.array([sums.parts["topic"][item.metric] for sums in result.sums])[:, :, place]
    return Judged(item, ratio_interval(parts[:, 0], parts[:, 1], 0.95), float(parts[:, 1].sum()))


def scorecard_documents(result: Result) -> list[dict[str, Any]]:
    """Return the scorecards of a result as JSON can hold them."""
    return [
        {
            "name": name,
            "title": card.title.model_dump(),
            "source": card.source,
            "by_hand": [words.model_dump() for words in card.by_hand],
            "items": [_document(judged) for judged in judge(card, result)],
        }
        for name, card in scorecards_of(result).items()
    ]


def _document(judged: Judged) -> dict[str, Any]:
    item, found = judged.item, judged.interval
    numbers: Sequence[float] = (found.mean, found.low, found.high)
    mean, low, high = (None if math.isnan(number) else number for number in numbers)
    return {
        "metric": item.metric,
        "topic": item.topic,
        "label": {lang: judged.label(lang) for lang in ("nl", "en")},
        "definition": METRICS[item.metric].formula,
        "unit": unit_of(item.metric),
        "at_least": item.at_least,
        "at_most": item.at_most,
        "reference": item.reference,
        "measured": item.measured,
        "measured_n": item.measured_n,
        "mean": mean,
        "ci": [low, high],
        "n": judged.n if judged.countable else None,
        "status": judged.status,
        "action": item.action.model_dump(),
    }
