"""What a goal requires of the first line: the closed form, the root, and what is out of reach."""

import math

import pytest

from simkcc.analysis.required import required
from simkcc.analysis.results import run
from simkcc.errors import SettingError
from simkcc.model.scenario import Scenario

OPTIONS = {"replications": 3, "seed": 1, "jobs": 1}


def centre(need: float, patience: float | None = None, direct: float = 0.0) -> Scenario:
    """Return a centre; `direct` calls an hour go to the departments without asking it."""
    table = {
        "horizon": {"days": 3},
        "topics": {
            "kcc": {"per_hour": 40.0, "second_line": {"name": "experts", "share": need}},
            **({"old": {"per_hour": direct, "queue": "departments"}} if direct else {}),
        },
        "queues": {
            "kcc": {"routes": [{"group": "kcc"}]},
            "departments": {"routes": [{"group": "departments"}]},
        },
        "groups": {
            "kcc": {"agents": 3 if patience else 30},
            "departments": {"agents": 30, "line": 2},
        },
        "handling": {"talk": 240.0},
        "second_lines": {"experts": {"talk": 60.0, "callback": "note"}},
        "callbacks": {"note": {}},
    }
    return Scenario.model_validate(table | ({"patience": patience} if patience else {}))


def ask(scenario: Scenario, goal: float):
    return required(scenario, goal, OPTIONS, lambda done, of, what: None)


def test_if_every_call_comes_in_the_goal_itself_is_required() -> None:
    found = ask(centre(0.5), 0.6)
    assert found.stated == 0.5
    assert found.comes_in == pytest.approx(1.0, abs=0.05)
    assert found.found == pytest.approx(0.6, abs=0.03)


@pytest.mark.parametrize(("patience", "direct"), [(90.0, 0.0), (None, 20.0)])
def test_what_it_requires_brings_the_goal_out(patience, direct) -> None:
    found = ask(centre(0.6, patience, direct), 0.5)
    assert found.found is not None
    assert found.found > 0.5
    there = run(centre(1 - found.found, patience, direct), **OPTIONS).interval("share_in_kcc")
    assert there.mean == pytest.approx(0.5, abs=0.02)
    assert found.closed == pytest.approx(found.found, abs=0.05)


def test_out_of_reach_is_said_in_both_languages() -> None:
    found = ask(centre(0.5, direct=40.0), 0.6)
    assert found.found is None
    assert found.comes_in == pytest.approx(0.5, abs=0.03)
    assert "niet haalbaar" in found.sentence("nl")
    assert "out of reach" in found.sentence("en")


@pytest.mark.parametrize("goal", [0.0, 1.0, -1.0, 2.0, math.nan])
def test_goals_are_shares(goal) -> None:
    with pytest.raises(SettingError, match="between 0 and 1"):
        ask(centre(0.5), goal)


def test_without_needs_there_is_nothing_to_ask() -> None:
    with pytest.raises(SettingError, match="second_line"):
        ask(centre(0.0), 0.6)


def test_a_desk_without_a_telephone_is_refused() -> None:
    table = centre(0.5).model_dump(exclude_unset=True)
    table["topics"]["kcc"]["channel"] = "desk"
    with pytest.raises(SettingError, match="nobody calls"):
        ask(Scenario.model_validate(table), 0.6)
