"""What a file states of figures: those that exist, split as they can be, as large as they can be."""

from pathlib import Path

import pytest

from simkcc.analysis.results import begin
from simkcc.analysis.stated import figure_complaints
from simkcc.errors import ScenarioError
from simkcc.model.files import load_scenario

TOWN = """
handling.aht = 240
[topics.permits]
per_hour = 20
[queues.kcc]
routes = [{ group = "front" }]
[groups.front]
agents = 3
[variants.short]
handling.aht = 200
"""
POINT = 'first = "base"\nsecond = "short"\nkey = "handling.aht"\nlow = 100\nhigh = 300\n'
ROLLOUT = """
[rollout]
starts = 2025-01-01
until = 2026-01-01
group = "front"
[rollout.phases.one]
starts = 2025-01-01
"""

WRONG = {
    "an unknown figure of a turning point": (
        f'[[turning_points]]\nmetric = "sl22"\n{POINT}',
        "turning_points.0.metric: unknown metric 'sl22'; did you mean 'sl2'?",
    ),
    "an unknown figure that is expected": (
        '[[expectations]]\nmetric = "asaa"\nvalue = 3\ntolerance = 1\nbasis = "input"',
        "expectations.0.metric: unknown metric 'asaa'; did you mean 'asa'?",
    ),
    "a share in percent": (
        '[[expectations]]\nmetric = "sl2"\nvalue = 80\ntolerance = 1\nbasis = "input"',
        "expectations.0.value: sl2 is a share, from 0 to 1; 80 % is 0.8",
    ),
    "a cost by topic": (
        '[[expectations]]\nmetric = "cost"\ntopic = "permits"\nvalue = 8\ntolerance = 1\n'
        'basis = "input"',
        "expectations.0.topic: cost is not known per topic",
    ),
    "an unknown figure of a scorecard": (
        '[[own_scorecards.ours.items]]\nmetric = "sl22"\nat_least = 0.8',
        "own_scorecards.ours.items.0.metric: unknown metric 'sl22'; did you mean 'sl2'?",
    ),
    "a norm in percent": (
        '[[own_scorecards.ours.items]]\nmetric = "sl2"\nat_least = 80',
        "own_scorecards.ours.items.0.at_least: sl2 is a share, from 0 to 1; 80 % is 0.8",
    ),
    "an unknown figure of a gate": (
        f'{ROLLOUT}[[rollout.gate]]\nmetric = "sl22"\nat_least = 0.8',
        "rollout.gate.0.metric: unknown metric 'sl22'; did you mean 'sl2'?",
    ),
    "a gate of a phase in percent": (
        f'{ROLLOUT}gate = [{{ metric = "abandonment", at_most = 5 }}]',
        "rollout.phases.one.gate.0.at_most: abandonment is a share, from 0 to 1; 5 % is 0.05",
    ),
}


@pytest.mark.parametrize(("text", "sentence"), WRONG.values(), ids=WRONG)
def test_a_figure_that_cannot_be_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "town.toml"
    file.write_text(TOWN + text)
    scenario = load_scenario(file).scenario
    (complaint,) = figure_complaints(scenario)
    assert str(complaint).startswith(sentence)
    with pytest.raises(ScenarioError, match=r"^town: "):
        begin(scenario, name="town")


def test_percentiles_are_figures_too(tmp_path: Path) -> None:
    file = tmp_path / "town.toml"
    file.write_text(TOWN + f'[[turning_points]]\nmetric = "wait_p90"\n{POINT}')
    assert not list(figure_complaints(load_scenario(file).scenario))
