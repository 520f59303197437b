"""The lessons: both runs have the same callers, and what comes out decides who was right."""

import asyncio
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from dashboard.consoles import centre_in, console_of
from seeds import few_of

from simkcc.dashboard.lab import FOLDER, _run, followed, lessons, played, right_choice
from simkcc.dashboard.lab_theory import theory_of
from simkcc.model.contact_log import ContactKind, Origin
from simkcc.model.files import load_all

EACH = pytest.mark.parametrize("name", few_of(lessons(), 2))


def test_there_are_six_lessons_with_a_scenario_each() -> None:
    files = {Path(str(path)).stem for path in FOLDER.iterdir()} - {"lessons"}
    assert files == set(lessons())
    assert len(files) == 6


@EACH
def test_every_lesson_speaks_two_languages(name: str) -> None:
    lesson = lessons()[name]
    for words in (lesson.title, lesson.story, lesson.question, lesson.theory, lesson.axis):
        assert words.nl
        assert words.en
        assert words.nl != words.en
    for loaded in load_all(Path(str(FOLDER / f"{name}.toml"))).values():
        assert not loaded.warnings


@EACH
def test_choices_leave_no_gap_and_do_not_overlap(name: str) -> None:
    lesson = lessons()[name]
    bounds = sorted((choice.least, choice.most) for choice in lesson.choices)
    assert bounds[0][0] == 0
    assert all(low[1] == high[0] for low, high in pairwise(bounds))
    for number, choice in enumerate(lesson.choices):
        assert right_choice(lesson, choice.least) == number


@EACH
def test_both_runs_have_the_same_callers(name: str) -> None:
    keys = []
    for variant in "ab":
        contacts = _run(name, variant).log.contacts
        first = (contacts["kind"] != ContactKind.FORM) & (contacts["origin"] == Origin.FIRST)
        keys.append(contacts[first][["truth_key", "born", "topic"]])
    assert np.array_equal(*keys)


@EACH
def test_who_is_followed_is_one_and_the_same(name: str) -> None:
    lesson = lessons()[name]
    first, second = _run(name, "a"), _run(name, "b")
    found = followed(lesson, first, second)
    for run, stays in zip((first, second), found["stays"], strict=True):
        [serial] = np.flatnonzero(run.log.contacts["truth_key"] == np.uint64(int(found["key"], 16)))
        assert stays
        assert all(stay["to"] > stay["from"] for stay in stays)
        legs = run.log.legs[run.log.legs["contact"] == serial]
        assert stays[-1]["to"] <= (legs["end"].max() - run.log.contacts["born"][serial]) / 1e6


@EACH
def test_the_answer_is_not_a_matter_of_luck(name: str) -> None:
    lesson, quotient = lessons()[name], played(name)["quotient"]
    for factor in (0.97, 1.03):
        assert right_choice(lesson, quotient * factor) == played(name)["right"]


@EACH
def test_the_runs_stand_on_the_curve_of_the_theory(name: str) -> None:
    theory = theory_of(name)
    for x, y in theory.points:
        near = [np.interp(x, theory.x, curve) for curve in theory.curves]
        assert min(abs(y - each) / y for each in near) < 0.06
    found = played(name)
    values = found["figures"][0]["values"]
    if name not in ("callbacks", "priority"):
        rises = theory.points[1][1] > theory.points[0][1]
        assert rises == (values[1] > values[0])


def test_priority_moves_waiting_from_one_to_the_other() -> None:
    everybody, urgent, other = (figure["values"] for figure in played("priority")["figures"])
    assert urgent[1] < urgent[0]
    assert other[1] > other[0]
    assert min(urgent[1], other[1]) < everybody[1] < max(urgent[1], other[1])


def test_the_short_menu_is_quicker_although_its_figure_is_lower() -> None:
    level, human, lost = (figure["values"] for figure in played("menu")["figures"])
    assert level[1] < level[0]
    assert human[1] < human[0]
    assert lost[1] < lost[0]


@pytest.mark.slow  # plays every lesson twice
def test_lessons_are_served(tmp_path: Path) -> None:
    async def story() -> None:
        async with console_of(centre_in(tmp_path)) as room:
            for name in lessons():
                answer = await room.ask(f"lab/run?lesson={name}")
                assert json.loads(answer.body)["right"] == played(name)["right"]
                assert (await room.ask(f"lab?lesson={name}&lang=en")).code == 200
                charts = json.loads((await room.ask(f"lab/charts?lesson={name}")).body)
                assert set(charts) == {"runs", "theory"}
            assert (await room.ask("lab/run?lesson=../x")).code == 404

    asyncio.run(story())
