"""Figures that a file states something of: that they exist, can be split so, and can be that large."""

from collections.abc import Iterator

from simkcc.analysis.metrics import METRICS, PERCENTILES
from simkcc.errors import ScenarioError
from simkcc.model.complaints import Complaint, Path, hint, shown
from simkcc.model.rollout import Condition
from simkcc.model.scenario import Scenario

KNOWN = (*METRICS, *PERCENTILES)
"""Names of all figures."""


def refuse_unknown_figures(scenario: Scenario, name: str) -> None:
    """Raise ScenarioError about every figure that is stated and cannot be. name: of the file."""
    found = list(figure_complaints(scenario))
    if found:
        raise ScenarioError(*(f"{name}: {complaint}" for complaint in found))


def figure_complaints(scenario: Scenario) -> Iterator[Complaint]:
    """Yield what is wrong with the figures of expectations, turning points, scorecards and gates."""
    for index, expected in enumerate(scenario.expectations):
        at: Path = ("expectations", index)
        dimension = expected.part[0] if expected.part else None
        yield from _complaints(at, expected.metric, dimension, {"value": expected.value})
    for index, point in enumerate(scenario.turning_points):
        yield from _complaints(("turning_points", index), point.metric)
    for name, card in scenario.own_scorecards.items():
        for index, item in enumerate(card.items):
            norms = {key: getattr(item, key) for key in ("at_least", "at_most", "reference")}
            dimension = "topic" if item.topic else None
            at = ("own_scorecards", name, "items", index)
            yield from _complaints(at, item.metric, dimension, norms, percentiles=False)
    yield from _gates(scenario)


def _gates(scenario: Scenario) -> Iterator[Complaint]:
    if scenario.rollout is None:
        return
    gates: list[tuple[Path, tuple[Condition, ...]]] = [(("rollout", "gate"), scenario.rollout.gate)]
    for name, phase in scenario.rollout.phases.items():
        gates.append((("rollout", "phases", name, "gate"), phase.gate or ()))
    for path, gate in gates:
        for index, each in enumerate(gate):
            norms = {"at_least": each.at_least, "at_most": each.at_most}
            dimension = "queue" if each.queue else None
            at = (*path, index)
            yield from _complaints(at, each.metric, dimension, norms, percentiles=False)


def _complaints(
    at: Path, name: str, dimension: str | None = None, values: dict[str, float | None] | None = None,
    *, percentiles: bool = True,
) -> Iterator[Complaint]:  # fmt: skip
    """Yield what is wrong with one figure, what it is split by, and the values stated of it."""
    known = KNOWN if percentiles else tuple(METRICS)
    if name not in known:
        near = hint(name, known, "such as")
        yield Complaint(
            (*at, "metric"), f"unknown metric '{shown(name)}'{near} (simkcc metrics lists them)"
        )
        return
    split = METRICS[name].dimensions if name in METRICS else ()
    if dimension is not None and dimension not in split:
        by = f"; it is by: {', '.join(split)}" if split else ""
        yield Complaint((*at, dimension), f"{name} is not known per {dimension}{by}; leave it out")
    unit = METRICS[name].unit if name in METRICS else "s"
    for key, value in (values or {}).items():
        if unit == "share" and value is not None and value > 1:
            text = f"{name} is a share, from 0 to 1; {value:g} % is {value / 100:g}"
            yield Complaint((*at, key), text)
