"""Policies by name: hours are neither won nor lost, pooling wins, what is missing is named."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from analysis.rollout_cases import town
from hypothesis import given
from hypothesis import strategies as st
from library import FILES, FOLDER, variants_of

from simkcc.analysis.compare import compare
from simkcc.analysis.folding import rostered_seconds
from simkcc.analysis.policies.centre import Centre, Levels, most_teams, split
from simkcc.analysis.policies.named import POLICIES, parse_policies, with_policy
from simkcc.analysis.results import run
from simkcc.engine.compile import compile_plan
from simkcc.errors import SettingError
from simkcc.model.files import Loaded, load_scenario

SHORT = {"horizon.weeks": 3, "horizon.days": "absent", "horizon.warm_up_days": 0}

LINES = """
name = "lines"
replications = 4
[horizon]
start = 2024-01-01
weeks = 3
[calendar]
country = "BE"
[hours.open]
weekdays = ["09:00-16:00"]
[demand]
hours = "open"
[handling]
talk = { kind = "exponential", mean = 150.0 }
wrap_up = 30
[patience]
kind = "exponential"
mean = 450
[topics.a]
per_year = 60000
[topics.b]
per_year = 30000
[topics.c]
per_year = 15000
[queues.a]
routes = [{ group = "kcc" }]
[queues.b]
routes = [{ group = "kcc" }]
[queues.c]
routes = [{ group = "kcc" }]
[groups.kcc]
per_hour = 50
[groups.kcc.roster]
start = "09:00"
minutes = 60
weekdays = [7, 11, 12, 11, 9, 9, 5]
fri = [6, 9, 10, 9, 8, 8, 5]
"""


def lines(folder: Path, text: str = LINES) -> Loaded:
    file = folder / "lines.toml"
    file.write_text(text)
    return load_scenario(file)


def under(loaded: Loaded, text: str) -> Loaded:
    return with_policy(loaded, parse_policies(text)[0])


def hours(loaded: Loaded) -> float:
    plan = compile_plan(loaded.scenario)
    return float(rostered_seconds(plan, 0, int(plan.settings[0]["until"])).sum()) / 3600


day = st.lists(st.integers(0, 12), min_size=1, max_size=6)


@given(st.lists(day, min_size=7, max_size=7), st.lists(st.floats(0.01, 10), min_size=2, max_size=5))
def test_a_split_keeps_the_hours_of_every_day_and_leaves_no_team_empty(
    days: list[list[int]], weights: list[float]
) -> None:
    width = max(map(len, days))
    agents = np.array([[*day, *[0] * (width - len(day))] for day in days])
    levels = Levels(9 * 3600, 30, agents)
    if not agents.any():
        return
    if len(weights) > most_teams(levels):
        with pytest.raises(SettingError, match="weakest day"):
            split(levels, weights)
        return
    teams = np.array([team.agents for team in split(levels, weights)])
    assert (teams.sum(axis=(0, 2)) == agents.sum(axis=1)).all()
    assert (teams[:, agents > 0] >= 1).all()
    assert (teams[:, agents == 0] == 0).all()


def test_a_split_follows_the_load() -> None:
    levels = Levels(0, 60, np.full((7, 1), 12))
    found = [team.agents[0, 0] for team in split(levels, [6, 4, 2])]
    assert found == [6, 4, 2]


def applicable(loaded: Loaded) -> list[tuple[str, Loaded]]:
    found = []
    for name, policy in POLICIES.items():
        if policy.neutral:
            try:
                found.append((name, under(loaded, name)))
            except SettingError as error:
                assert "does not apply to" in str(error)
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.slow  # loads every file under every policy
def test_neutral_policies_roster_the_same_hours_on_any_centre(file: Path) -> None:
    for loaded in list(variants_of(file).values())[:2]:
        shorter = load_scenario(file, loaded.variant, SHORT)
        before = hours(shorter)
        for name, arm in applicable(shorter):
            assert hours(arm) == pytest.approx(before), name


def test_neutral_policies_cost_the_same(tmp_path: Path) -> None:
    loaded = lines(tmp_path)
    arms = [under(loaded, name) for name in ("R1", "R2", "R3")]
    cost = [run(each.scenario, replications=1).interval("cost").mean for each in arms]
    assert cost == pytest.approx([cost[0]] * 3)


@pytest.mark.slow  # three arms
def test_pooling_is_no_worse_than_teams_apart_and_helping_out_lies_between(tmp_path: Path) -> None:
    loaded = lines(tmp_path)
    found = compare([under(loaded, text) for text in ("R1", "R2", "R3:after=20")])
    apart, helping = found.find("R2", "sl2"), found.find("R3:after=20", "sl2")
    assert apart.difference.mean < 0
    assert apart.verdict == "lower"
    assert apart.difference.mean < helping.difference.mean < 0.02
    assert found.find("R2", "asa").difference.mean > 0


def test_help_after_no_time_is_one_pool(tmp_path: Path) -> None:
    """With equal handling, lines that may help at once answer as many in time as one queue does."""
    loaded = lines(tmp_path)
    found = compare([under(loaded, text) for text in ("R1", "R3:after=0")])
    assert found.find("R3:after=0", "sl2").difference.mean == pytest.approx(0, abs=0.01)


def test_a_line_for_every_pair_of_people_at_most(tmp_path: Path) -> None:
    loaded = town(tmp_path, groups__kcc__agents=2)
    found = under(loaded, "R2").scenario
    assert sum(name.startswith("team ") for name in found.groups) == 2
    with pytest.raises(SettingError, match="need two people at every hour or more"):
        under(town(tmp_path, groups__kcc__agents=1), "R2")


def test_few_people_make_few_lines(tmp_path: Path) -> None:
    roster = "weekdays = [2, 2, 2, 2, 2, 2, 2]"
    text = LINES.replace(
        "weekdays = [7, 11, 12, 11, 9, 9, 5]\nfri = [6, 9, 10, 9, 8, 8, 5]", roster
    )
    found = under(lines(tmp_path, text), "R2").scenario
    joined = {topic: found.queue_of(topic) for topic in "abc"}
    assert joined == {"a": "a", "b": "b", "c": "b"}


def test_a_window_splits_the_callers_of_a_topic_and_loses_none(tmp_path: Path) -> None:
    loaded = town(tmp_path)
    found = under(loaded, "R8:topic=permits:hours=09:00-10:00")
    centre = Centre(found.scenario)
    whole = Centre(loaded.scenario).work("permits")
    parts = [centre.work(name) for name in found.scenario.topics if name.startswith("permits")]
    assert len(parts) == 2
    assert sum(parts) == pytest.approx(whole, rel=0.01)
    assert parts[1] / whole == pytest.approx(4 / 5 / 7, rel=0.01)  # four days of five, an hour of 7


MISSING: Sequence[tuple[str, str]] = (
    ("R9", "there is no desk"),
    ("R5:lines=x", "no line 'x'"),
    ("R8:topic=z", "topic 'z' needs no second line"),
)


@pytest.mark.parametrize(("text", "sentence"), MISSING)
def test_what_is_missing_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        under(town(tmp_path), text)


@pytest.mark.parametrize("text", ["R5", "R6", "R6a", "R6b", "R6c", "R7", "R8"])
def test_policies_of_the_second_line_need_one(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingError, match=rf"{text} does not apply to .*second line"):
        under(lines(tmp_path), text)


WRONG = [
    ("R11", "no policy 'R11'"),
    ("R1,R1", "R1 is named twice"),
    ("R3:wait=3", "parameters of R3: lines=0, after=60"),
    ("R3:after=soon", "'soon' is not a number"),
    ("", "no policy ''"),
]


@pytest.mark.parametrize(("text", "sentence"), WRONG)
def test_a_policy_that_is_not_known_is_named(text: str, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        parse_policies(text)


def test_parameters_reach_the_scenario(tmp_path: Path) -> None:
    loaded = lines(tmp_path)
    found = under(loaded, "r3:after=75")
    after = [route.after for route in found.scenario.queues["a"].routes]
    assert [getattr(each, "value", each) for each in after].count(75.0) == 2
    assert found.variant == "R3:after=75"
    offer = under(loaded, "R10:accept=0.25").scenario.queues["b"].offer
    assert offer is not None
    assert offer.accept == 0.25


def test_the_file_itself_is_a_policy(tmp_path: Path) -> None:
    loaded = town(tmp_path)
    found = under(loaded, "as_is").scenario
    kept = {"title", "rollout", "expectations", "turning_points"}
    assert found.model_dump(exclude=kept) == loaded.scenario.model_dump(exclude=kept)


@pytest.mark.slow
def test_overflow_to_a_pool_is_what_zaanstad_had() -> None:
    """R4 makes anew, by name, the overflow that Zaanstad's file writes out."""
    short = {"horizon.weeks": 1, "horizon.days": "absent"}
    loaded = load_scenario(FOLDER / "zaanstad.toml", "measured_2005", short)
    after = loaded.scenario.queues["zaanstad"].routes[-1].after
    written, named, alone = (
        run(under(loaded, text).scenario, replications=2, only=("sl2", "asa"))
        for text in ("as_is", f"R4:after={after.shift:g}:mean={after.mean:g}", "R1")
    )
    for metric in ("sl2", "asa"):
        assert named.interval(metric) == written.interval(metric)
    assert alone.interval("sl2").mean < written.interval("sl2").mean
