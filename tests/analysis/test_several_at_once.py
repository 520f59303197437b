"""Agents who hold several chats at once: places in the engine, people in hours, money and occupancy."""

import numpy as np
import pytest

from simkcc.analysis import results
from simkcc.engine.compile import compile_plan
from simkcc.errors import ScenarioError
from simkcc.model.scenario import Scenario

CHAT = {
    "horizon": {"start": "2023-01-02", "weeks": 1},
    "hours": {"open": {"weekdays": ["09:00-17:00"]}},
    "topics": {
        "chats": {
            "per_hour": 20.0, "channel": "chat", "hours": "open", "queue": "chat",
            "handling": {"talk": {"kind": "exponential", "mean": 600.0}},
        }
    },
    "queues": {"chat": {"routes": [{"group": "chat"}]}},
    "groups": {"chat": {"agents": 2, "at_once": 3, "hours": "open", "per_hour": 52.0}},
}  # fmt: skip


def _with(**group) -> Scenario:
    return Scenario.model_validate(CHAT | {"groups": {"chat": CHAT["groups"]["chat"] | group}})


def test_three_at_once_by_two_people_is_a_plan_of_six_places():
    one, other = compile_plan(_with()), compile_plan(_with(agents=6, at_once=1))
    for name in ("groups", "changes", "routes", "steps", "exits"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


def test_a_roster_counts_people_too():
    roster = {"weekdays": [1, 2], "minutes": 240, "start": "09:00"}
    one = compile_plan(_with(agents=None, hours=None, roster=roster))
    other = compile_plan(
        _with(agents=None, hours=None, at_once=1, roster=roster | {"weekdays": [3, 6]})
    )
    assert np.array_equal(one.changes, other.changes)


def test_hours_and_money_are_those_of_people_and_waits_those_of_places():
    mine = results.run(_with(), replications=2, jobs=1)
    places = results.run(_with(agents=6, at_once=1), replications=2, jobs=1)
    assert mine.interval("rostered_hours").mean == 2 * 8 * 5
    assert mine.interval("chat_wait").mean == places.interval("chat_wait").mean
    for figure in ("cost", "rostered_hours"):
        assert mine.interval(figure).mean == pytest.approx(places.interval(figure).mean / 3)
    for figure in ("occupancy", "utilisation", "shrinkage"):
        assert mine.interval(figure).mean == pytest.approx(places.interval(figure).mean)


@pytest.mark.parametrize(
    ("group", "topic", "said"),
    [
        ({"absence": 0.1}, {}, "absence"),
        ({}, {"channel": "phone"}, "only chats"),
    ],
)
def test_only_chats_and_nobody_absent(group, topic, said):
    data = CHAT | {"groups": {"chat": CHAT["groups"]["chat"] | group}}
    data |= {"topics": {"chats": CHAT["topics"]["chats"] | topic}}
    with pytest.raises((ScenarioError, ValueError), match=said):
        Scenario.model_validate(data)
