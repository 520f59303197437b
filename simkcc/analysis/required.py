"""How much the first line must be able to answer itself for a share of calls to be handled there.

Published goals (60 % in the contact centre) are easily put into a model as what it can answer, and
then come out. What follows from a goal is the resolvable share that it requires.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simkcc.analysis.intervals import Interval
from simkcc.analysis.language import decimal, percent
from simkcc.analysis.results import OnProgress, Result, run
from simkcc.errors import SettingError
from simkcc.model.scenario import Scenario

METRIC = "share_in_kcc"


@dataclass(frozen=True)
class Required:
    """What a goal requires of the first line, by closed form and by simulation."""

    goal: float
    """Share of all external calls that the first line should handle."""
    stated: float
    """Share of the calls it answers that the first line can resolve, as the scenario has it."""
    handled: Interval
    """Share of all external calls that it then handles."""
    comes_in: float
    """Share of all external calls that it answers: the goal cannot lie above this."""
    closed: float
    """Resolvable share required: the goal over what comes in; above 1 it is out of reach."""
    found: float | None
    """The same as a root of the simulation; None if it is out of reach."""
    half_width: float | None
    """What noise makes of that root."""

    def sentence(self, lang: str) -> str:
        """Return it in words."""
        words = {
            "goal": percent(self.goal, 0, lang), "comes": percent(self.comes_in, 1, lang),
            "stated": percent(self.stated, 1, lang), "closed": percent(self.closed, 1, lang),
            "handled": percent(self.handled.mean, 1, lang),
        }  # fmt: skip
        if self.found is None:
            return TEXTS["out of reach"][lang].format(**words)
        words["found"] = percent(self.found, 1, lang)
        words["noise"] = decimal(100 * (self.half_width or 0.0), 1, lang)
        return TEXTS["required"][lang].format(**words)


TEXTS = {
    "required": {
        "en": (
            "{goal} handled in the contact centre requires the first line to resolve {found} "
            "(± {noise} points) of the calls it answers; the closed form {goal} / {comes} says "
            "{closed}. The scenario states {stated}, which brings out {handled}."
        ),
        "nl": (
            "{goal} afgehandeld in het KCC vereist dat de eerste lijn {found} (± {noise} punten) van "
            "de oproepen die ze opneemt, zelf kan beantwoorden; de gesloten formule {goal} / {comes} "
            "geeft {closed}. Het scenario stelt {stated}, en dat levert {handled} op."
        ),
    },
    "out of reach": {
        "en": (
            "{goal} handled in the contact centre is out of reach: only {comes} of all calls is "
            "answered there, so that even answering all of it itself would not do. The scenario "
            "states {stated}, which brings out {handled}."
        ),
        "nl": (
            "{goal} afgehandeld in het KCC is niet haalbaar: maar {comes} van alle oproepen wordt er "
            "opgenomen, zodat zelfs alles zelf beantwoorden niet volstaat. Het scenario stelt "
            "{stated}, en dat levert {handled} op."
        ),
    },
}


def required(
    scenario: Scenario, goal: float, options: Mapping[str, Any], on_progress: OnProgress
) -> Required:
    """Return what a goal requires of the first line: needs of the second line scaled together.

    options: replications, seed and jobs. Raises SettingError if nothing needs a second line.
    """
    if not 0 < goal < 1:
        raise SettingError(f"goal {goal:g}: give a share between 0 and 1")
    if not any(_need(scenario).values()):
        raise SettingError("no topic needs a second line; give topics.NAME.second_line.share")
    if all(topic.channel != "phone" for topic in scenario.topics.values()):
        raise SettingError("nobody calls this centre; the goal is a share of telephone calls")

    def at(factor: float) -> Result:
        return run(
            _scaled(scenario, factor), name=f"needs x {factor:.2f}", on_progress=on_progress,
            only=(METRIC, "answered"), **options,
        )  # fmt: skip

    first = run(scenario, name="as stated", on_progress=on_progress, **options)
    handled = first.interval(METRIC)
    stated = _resolvable(first)
    comes_in = handled.mean / stated
    closed = goal / comes_in
    if closed > 1:
        return Required(goal, stated, handled, comes_in, closed, None, None)
    second = at((1 - closed) / (1 - stated)).interval(METRIC)
    slope = (second.mean - handled.mean) / (closed - stated) if closed != stated else comes_in
    found = closed + (goal - second.mean) / slope
    return Required(goal, stated, handled, comes_in, closed, found, second.half_width / slope)


def _need(scenario: Scenario) -> dict[str, float]:
    """Return the share of each topic's talks that needs the second line."""
    topics = scenario.topics.items()
    return {name: topic.second_line.share if topic.second_line else 0.0 for name, topic in topics}


def _resolvable(result: Result) -> float:
    """Return the share of calls answered by the first line that it can resolve itself."""
    scenario = result.scenario
    lines = {
        name: scenario.groups[scenario.queues[scenario.queue_of(name)].routes[0].group].line
        for name in scenario.topics
    }
    answered = result.split("answered", "topic")
    need = _need(scenario)
    rows = [(each.mean, need[name]) for name, each in answered.items() if lines[name] == 1]
    calls, needs = np.array(rows).T
    return 1.0 - float(calls @ needs / calls.sum())


def _scaled(scenario: Scenario, factor: float) -> Scenario:
    """Return the scenario with every need of a second line times a factor, at most 1."""
    topics = {
        name: topic
        if topic.second_line is None
        else topic.model_copy(
            update={
                "second_line": topic.second_line.model_copy(
                    update={"share": min(1.0, factor * topic.second_line.share)}
                )
            }
        )
        for name, topic in scenario.topics.items()
    }
    return scenario.model_copy(update={"topics": topics})
