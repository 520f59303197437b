"""A rollout played: people enough, gates with their chance, who joins next, measured figures."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from analysis.rollout_cases import TOWN, town

from simkcc.analysis.inputs import assumptions
from simkcc.analysis.metrics import METRICS
from simkcc.analysis.results import run
from simkcc.analysis.rollout.calendar import OLD, Stage
from simkcc.analysis.rollout.document import rollout_document
from simkcc.analysis.rollout.joining import joining
from simkcc.analysis.rollout.measured import with_measured
from simkcc.analysis.rollout.played import Study, fewest
from simkcc.analysis.rollout.words import gate_sentence, people_text
from simkcc.analysis.staffing import Observed, Seen, holds, observe, smallest
from simkcc.errors import ScenarioError, SettingError
from simkcc.model.files import load_scenario
from simkcc.model.rollout import Condition
from simkcc.model.scenario import Scenario

NONE = np.zeros(0)


def study(folder: Path, text: str = TOWN, **options: object) -> Study:
    settings = {"replications": 3, "draws": 3, "jobs": 1} | options
    return Study({None: town(folder, text)}, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("start", [0, 3, 7, 20])
@pytest.mark.parametrize("enough", [0, 1, 7, 12])
def test_the_search_finds_the_smallest_from_any_guess(start: int, enough: int) -> None:
    tried: list[int] = []

    def holds(people: int) -> bool:
        tried.append(people)
        return people >= enough

    assert smallest(holds, start) == enough
    assert len(tried) <= abs(start - enough) + 2
    assert fewest(lambda people: float(people >= enough), start, 30, 0.9) == enough


def test_a_search_that_cannot_succeed_says_so() -> None:
    assert fewest(lambda people: 0.5, 2, 6, 0.9) is None
    with pytest.raises(SettingError, match="do not meet the norm either"):
        smallest(lambda people: False, 490)


def test_observed_figures_are_those_of_a_run(tmp_path: Path) -> None:
    scenario = town(tmp_path).scenario
    names = ("sl2", "share_in_kcc", "abandonment", "cost")
    seen = observe(scenario, names, 3, seed=1)
    whole = run(scenario, replications=3, seed=1)
    for name in names:
        assert seen.interval(name) == whole.interval(name)
        assert METRICS[name].name == name
    by_queue = whole.split("sl2", "queue")["kcc"]
    assert seen.interval("sl2", ("kcc",)).mean == pytest.approx(by_queue.mean)


def test_hours_of_the_departments_are_those_of_the_costs(tmp_path: Path) -> None:
    """The hours by topic add up to those that costs count for a second line without a price."""
    loaded = town(tmp_path)
    scenario = loaded.scenario
    seen = observe(scenario, ("answered",), 2, seed=1)
    whole = run(scenario, replications=2, seed=1)
    used = [sums.usage for sums in whole.sums]
    weeks = scenario.horizon.length / 7
    for part, key in (("calls", "specialist_hours"), ("callbacks", "callback_hours")):
        expected = np.mean([each.measured[key] for each in used if each]) / weeks
        assert seen.hours(seen.topics, part) == pytest.approx(expected, rel=1e-6)


def test_before_a_phase_everything_is_direct_and_afterwards_nothing(tmp_path: Path) -> None:
    plan = study(tmp_path)
    first, last = plan.periods[0], plan.periods[-1]
    assert {topic.queue for topic in plan.scenario(first).topics.values()} == {"direct"}
    assert {topic.queue for topic in plan.scenario(last).topics.values()} == {"kcc"}
    middle = plan.scenario(plan.periods[1])
    assert f"taxes{OLD}" in middle.topics
    assert plan.scenario(first, people=9).groups["kcc"].agents == 9


def test_needed_grows_with_the_calls_and_nobody_is_needed_without(tmp_path: Path) -> None:
    plan = study(tmp_path)
    period = plan.periods[1]
    alone = dict.fromkeys(plan.rollout.departments, Stage(1.0, 0.0))
    one = alone | {"taxes": Stage(0.0, 1.0)}
    both = dict.fromkeys(plan.rollout.departments, Stage(0.0, 1.0))
    found = [plan.needed(period, stages, 2) for stages in (alone, one, both)]
    assert found[0] == 0
    assert 0 < found[1] <= found[2]


def test_a_gate_opens_with_people_and_says_with_how_many(tmp_path: Path) -> None:
    plan = study(tmp_path)
    gate = plan.gate("second", 3)
    assert gate.enough is not None
    assert gate.chances[gate.enough] >= plan.rollout.sure
    assert gate.chances[gate.enough - 1] < plan.rollout.sure
    by_people = [gate.chances[people] for people in sorted(gate.chances)]
    assert by_people == sorted(by_people)
    for people, chance in gate.chances.items():
        assert chance <= min(gate.each[people]) + 1e-12


def test_a_gate_that_no_staff_can_open_says_what_fails(tmp_path: Path) -> None:
    gate = '[[rollout.gate]]\nmetric = "share_in_kcc"\nat_least = 0.99\nwhen = "end"\n'
    plan = study(
        tmp_path, TOWN.replace("[rollout.departments.taxes]", f"{gate}[rollout.departments.taxes]")
    )
    found = plan.gate("second", 3)
    assert found.enough is None
    assert "kan niet starten in Q4 2024" in gate_sentence(plan.rollout, found, "nl")
    assert "share handled in the kcc ≥ 0.99" in gate_sentence(plan.rollout, found, "en").lower()


def test_sentences_name_phase_quarter_people_and_both_chances(tmp_path: Path) -> None:
    plan = study(tmp_path)
    gate = plan.gate("first", 2)
    made = dataclasses.replace(
        gate, enough=3, available=2, chances={2: 0.12, 3: 0.96}, each={2: (0.12,), 3: (0.96,)}
    )
    said = gate_sentence(plan.rollout, made, "nl").replace("\N{NO-BREAK SPACE}", " ")
    assert said == (
        "Fase 1 kan starten in Q2 2024 met 3 mensen (kans 96 %); met 2 is de kans 12 %. "
        "Er zijn er dan maar 2 mensen: kans 12 %."
    )
    assert people_text(1, "en") == "1 person"


def test_knowledge_that_is_postponed_leaves_the_departments_more_to_do(tmp_path: Path) -> None:
    on_time = study(tmp_path)
    late = study(tmp_path, shift={"first": 2})
    last = on_time.periods[-1]
    assert last == late.periods[-1]
    stages = [plan.stages(last)["taxes"] for plan in (on_time, late)]
    assert stages[0].learned == 1.0
    assert stages[1].learned < 1.0
    share = [
        plan.observe(plan.scenario(last, 4), ("share_in_kcc",)).interval("share_in_kcc").mean
        for plan in (on_time, late)
    ]
    assert share[0] > share[1]


@pytest.mark.slow
def test_the_best_department_joins_first_until_all_are_in(tmp_path: Path) -> None:
    plan = study(tmp_path, draws=2)
    found = joining(plan, plan.periods[0], people=6)
    assert sorted(each.department for each in found.order) == ["permits", "taxes"]
    assert len(found.steps[0]) == 2
    assert len(found.steps[1]) == 1
    first, second = found.steps[0]
    if min(first.chance, second.chance) >= plan.rollout.sure:
        assert first.gained >= second.gained
    assert all(each.chance_ill <= each.chance for each in found.steps[0])
    assert found.share == pytest.approx(0.0)
    with pytest.raises(SettingError, match="every department is in"):
        all_known = TOWN.replace('knowledge = ["taxes"]', 'knowledge = ["taxes", "permits"]')
        done = study(tmp_path, all_known)
        joining(done, done.periods[-1])


def test_the_document_adds_up(tmp_path: Path) -> None:
    plan = study(tmp_path, TOWN.replace('name = "town"', 'name = "a town"'), draws=2)
    plan.periods = plan.periods[1:2]
    rows = plan.rows()
    document = rollout_document(plan, rows, [plan.gate("first", rows[0].needed)])
    assert document["scenario"] == "a town"
    period = document["periods"][0]
    for each in period["departments"].values():
        parts = each["old_number"] + each["put_through"] + each["callbacks"]
        assert each["staying"] == pytest.approx(parts)
        assert each["before"] - each["staying"] == pytest.approx(each["leaving"])
    permits = period["departments"]["permits"]
    assert permits["leaving"] == pytest.approx(0.0, abs=1e-9)  # still on its own number
    assert period["departments"]["taxes"]["put_through"] > 0


def test_a_variant_named_by_a_phase_holds_from_then_on(tmp_path: Path) -> None:
    text = TOWN.replace("starts = 2024-11-18", 'starts = 2024-11-18\nvariant = "talkative"')
    loaded = town(tmp_path, text)
    other = load_scenario(loaded.path, "talkative")
    plan = Study({None: loaded, "talkative": other}, replications=2, draws=2)
    talk = [plan.scenario(each).handling.talk for each in (plan.periods[0], plan.periods[-1])]  # type: ignore[union-attr]
    assert talk[0] != talk[1]


def test_measured_figures_replace_assumptions_and_are_drawn_no_more(tmp_path: Path) -> None:
    loaded = town(tmp_path)
    fitted = load_scenario(loaded.path, "fitted")
    found, keys = with_measured(loaded, fitted)
    assert sorted(keys) == ["handling.talk.mean", "topics.taxes.second_line.share"]
    need = found.scenario.topics["taxes"].second_line
    assert need is not None
    assert need.share == 0.35
    assert found.scenario.handling == fitted.scenario.handling  # taken over whole
    before, after = ({each.key for each in Study({None: one}).varied} for one in (loaded, found))
    assert before - after == {"topics.taxes.second_line.share"}
    with pytest.raises(ScenarioError, match="marks no number of this centre M"):
        with_measured(loaded, loaded)


def test_what_was_not_measured_keeps_the_mark_of_its_own_file(tmp_path: Path) -> None:
    loaded = town(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    wider = TOWN.replace("range = [300, 600]", "range = [100, 900]")
    other = town(elsewhere, wider, "fitted")
    found, _ = with_measured(loaded, other)
    share = "topics.taxes.second_line.share"
    assert found.marks[share] == other.marks[share]
    assert found.marks["handling.talk.mean"].mark == "M"
    rest = {
        key: mark for key, mark in found.marks.items() if key not in (share, "handling.talk.mean")
    }
    assert rest == {key: mark for key, mark in loaded.marks.items() if key != share}


def test_assumptions_about_the_calendar_are_drawn_by_a_rollout_alone(tmp_path: Path) -> None:
    loaded = town(tmp_path)
    for_all, for_plan = (
        {each.key for each in assumptions([loaded], plan=plan)} for plan in (False, True)
    )
    assert for_plan - for_all == {"rollout.half_life"}
    assert "patience.mean" in for_all


@pytest.mark.parametrize(
    ("stated", "good"),
    [
        ({"at_most": 0.25}, [True, False, True]),
        ({"at_least": 0.25}, [True, True, True]),
        ({"at_least": 0.3}, [False, True, True]),
        ({"at_most": 0.5, "queue": "desk"}, [True, True, True]),
        ({"at_most": 0.49, "queue": "desk"}, [True, False, True]),
    ],
)
def test_a_norm_just_met_is_met_and_where_nobody_called_it_holds(
    stated: dict[str, Any], good: list[bool]
) -> None:
    lost, called = (1.0, 2.0, 0.0), (4.0, 4.0, 0.0)
    seen = [
        Seen({"abandonment": pair}, {"abandonment": np.array([[0, of[0]], [0, of[1]]])}, NONE, NONE)
        for pair, of in zip(zip(lost, called, strict=True), ((0, 4), (2, 4), (0, 0)), strict=True)
    ]
    observed = Observed(Scenario.model_construct(), ("kcc", "desk"), (), seen)
    assert holds(observed, [Condition(metric="abandonment", **stated)]).tolist() == good


def test_figures_measured_in_one_phase_hold_in_that_phase_alone(tmp_path: Path) -> None:
    loaded = town(tmp_path)
    found, _ = with_measured(loaded, load_scenario(loaded.path, "fitted"))
    first, *_, last = Study({None: loaded}).rollout.phases
    plan = Study({None: loaded}, {first: found}, replications=2, draws=2)
    shares = {}
    for name in (first, last):
        period, _ = plan.moments(name)
        shares[name] = plan.scenario(period).handling
    assert shares[first] == found.scenario.handling
    assert shares[last] == loaded.scenario.handling
    drawn = {each.key: each.arms for each in plan.varied}
    assert drawn["topics.taxes.second_line.share"] == (
        0,
    )  # no doubt about it where it was measured
    assert drawn["patience.mean"] == (0, 1)
    values = [each.high for each in plan.varied]
    assert plan.scenario(plan.moments(first)[0], values=values).handling == found.scenario.handling


def test_a_file_without_a_rollout_or_with_an_odd_gate_is_refused(tmp_path: Path) -> None:
    head, _, _ = TOWN.partition("[rollout]")
    with pytest.raises(ScenarioError, match=r"has no \[rollout\]"):
        study(tmp_path, head)
    for metric, sentence in (("sl22", "unknown metric 'sl22'"), ("cost", "not known per queue")):
        gate = f'[[rollout.gate]]\nmetric = "{metric}"\nat_least = 0.9\nqueue = "kcc"\n[variants.talkative]'
        with pytest.raises(ScenarioError, match=sentence):
            study(tmp_path, TOWN.replace("[variants.talkative]", gate))
    with pytest.raises(SettingError, match="states no norm"):
        plan = study(tmp_path, TOWN.replace("[norms]\ngoal = 0.8", ""))
        plan.needed(plan.periods[-1])
