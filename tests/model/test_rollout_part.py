"""What a rollout may say: names that lead somewhere, dates in order, one sentence per mistake."""

import re
import tomllib
from typing import Any

import pytest
from pydantic import ValidationError

from simkcc.model.scenario import Scenario

BASE = """
[topics.a]
per_hour = 10
[handling]
aht = 100
[queues.q]
routes = [{ group = "g" }]
[groups.g]
agents = 2
[rollout]
starts = 2024-01-01
until = 2024-12-31
group = "g"
direct = "q"
[rollout.departments.a]
[rollout.phases.one]
starts = 2024-04-01
entry = ["a"]
"""


def build(old: str = "", new: str = "") -> Any:
    assert old in BASE
    return Scenario.model_validate(tomllib.loads(BASE.replace(old, new) if old else BASE))


def test_a_sound_rollout_is_taken() -> None:
    assert build().rollout.topics_of("a") == ("a",)


WRONG = [
    ('entry = ["a"]', 'entry = ["aa"]', "unknown department 'aa'; did you mean 'a'"),
    ('direct = "q"', "", "has no old number"),
    ('direct = "q"', 'direct = "qq"', "unknown queue 'qq'"),
    ('group = "g"\ndirect', 'group = "h"\ndirect', "unknown group 'h'"),
    ("[rollout.departments.a]", '[rollout.departments.a]\ntopics = ["z"]', "unknown topic 'z'"),
    ("until = 2024-12-31", "until = 2023-12-31", "until must lie after starts"),
    ("starts = 2024-04-01", "starts = 2025-04-01", "outside the calendar"),
    ('entry = ["a"]', 'entry = ["a", "a"]', "entry of a is switched twice"),
    ("per_hour = 10", "arrivals = [1.0]", "moments of arrival"),
    ('entry = ["a"]', 'gate = [{ metric = "sl2" }]', "give at_least or at_most"),
    (
        'entry = ["a"]',
        'gate = [{ metric = "sl2", at_least = 0.8, queue = "x" }]',
        "unknown queue 'x'",
    ),
]


@pytest.mark.parametrize(("old", "new", "sentence"), WRONG)
def test_a_mistake_is_named(old: str, new: str, sentence: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(sentence)):
        build(old, new)


def test_people_are_counted_without_those_away() -> None:
    staff = """staff = [{ starts = 2024-02-01, people = 3 }, { starts = 2024-06-01, people = 4 }]
absences = [{ starts = 2024-05-01, until = 2024-07-01, people = 2 }]
[rollout.departments.a]"""
    import datetime

    rollout = build("[rollout.departments.a]", staff).rollout
    there = [
        rollout.people_at(datetime.date(2024, month, day))
        for month, day in ((1, 1), (2, 1), (5, 1), (6, 30), (7, 1))
    ]
    assert there == [None, 3, 1, 2, 4]
