"""What is changed in a running simulation changes what it should, and nothing before."""

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from seeds import few_of

from simkcc.analysis.ledger import Ledger
from simkcc.engine.compile import compile_plan
from simkcc.engine.live import LiveCentre, joined, with_room
from simkcc.engine.plan import Plan
from simkcc.engine.reference import Centre
from simkcc.errors import SettingError
from simkcc.model.contact_log import NONE, SECOND, ContactKind, ContactLog, LegKind, Origin
from simkcc.model.directory import Directory
from simkcc.model.events import Event
from simkcc.model.files import load_scenario
from simkcc.model.interventions import (
    AS_ROSTERED,
    MOST_SPARE,
    PERMANENCES,
    Change,
    Lever,
    change_of,
    changed,
    check,
    levers_of,
    names_of,
)
from simkcc.model.scenario import Scenario
from simkcc.streams.simulated import Simulated

HOUR = 3600 * SECOND
AT, END = 10 * HOUR, 13 * HOUR

CENTRE = """
name = "levers"
[horizon]
start = 2024-01-01
days = 1
[hours.open]
daily = ["08:00-12:00"]
[topics.tax]
per_hour = 60
hours = "open"
queue = "tax"
second_line = { name = "office", share = 0.4 }
[topics.waste]
per_hour = 40
hours = "open"
queue = "waste"
[menu]
length = 80
hang_up = 0.001
complete.wrong = 0.0
[handling]
aht = 180
wrap_up = 30
[patience]
kind = "exponential"
mean = 300
[redial]
share = 0.5
[queues.tax]
routes = [{ group = "team" }, { group = "help", after = 60 }]
[queues.waste]
routes = [{ group = "team" }]
[groups.team]
agents = 5
hours = "open"
[groups.help]
agents = 1
hours = "open"
[groups.away]
agents = 4
hours = "open"
provider = "firm"
home = "provider"
[providers.firm]
per_hour = 30
[second_lines.office]
permanence = "none"
available = 0.5
pick_up = 20
take_back = 60
talk = 120
explain = 60
callback = "note"
[callbacks.note]
"""


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    path = tmp_path_factory.mktemp("levers") / "levers.toml"
    path.write_text(CENTRE)
    return load_scenario(path).scenario


@pytest.fixture(scope="module")
def plan(scenario: Scenario) -> Plan:
    return with_room(compile_plan(scenario).seeded(5, 0), MOST_SPARE)


@pytest.fixture(scope="module")
def alone(plan: Plan) -> Centre:
    """Return the reference engine after a day without changes."""
    centre = Centre(plan)
    centre.run(END)
    return centre


def number(scenario: Scenario, lever: Lever, name: str) -> int:
    return names_of(scenario, lever).index(name)


def simulated(scenario: Scenario, plan: Plan) -> Simulated:
    names = Directory(date(2024, 1, 1), ZoneInfo("Europe/Brussels"), list(plan.queue_names))
    return Simulated(plan, names, 0, 1.0, scenario)


def play(source: Simulated, to: int) -> list[Event]:
    found: list[Event] = []
    while source._played < to:
        found += source.advance(to)
    return found


DAYS: dict[tuple[Change, ...], tuple[list[Event], ContactLog]] = {}


def day(scenario: Scenario, plan: Plan, *changes: Change) -> tuple[list[Event], ContactLog]:
    """Return a day with changes at AT; each is played once."""
    if changes not in DAYS:
        DAYS[changes] = played(scenario, plan, *changes)
    return DAYS[changes]


def played(scenario: Scenario, plan: Plan, *changes: Change) -> tuple[list[Event], ContactLog]:
    source = simulated(scenario, plan)
    events = play(source, AT)
    for change in changes:
        source.change(change)
    events += play(source, END)
    return events, source._centre.log()


def calls(log: ContactLog) -> np.ndarray:
    return log.contacts[log.contacts["kind"] == ContactKind.CALL]


def changes_of(scenario: Scenario) -> list[Change]:
    """Return one change of every kind that the centre notices."""
    queue = number(scenario, Lever.OUTSOURCING, "waste")
    return [
        Change(Lever.AGENTS, AS_ROSTERED + 3, 0), Change(Lever.AGENTS, AS_ROSTERED - 3, 0),
        Change(Lever.BURST, 40, 1), Change(Lever.MENU, 13),
        Change(Lever.PERMANENCE, PERMANENCES.index("form"), 0), Change(Lever.OVERFLOW, 0),
        Change(Lever.OUTSOURCING, 1, queue), Change(Lever.ABSENCE, 60, 0),
    ]  # fmt: skip


EACH = pytest.mark.parametrize("which", few_of(range(8), 2))


@pytest.mark.slow  # one more day in the reference engine
def test_room_for_more_agents_changes_only_their_numbers(
    scenario: Scenario, plan: Plan, alone: Centre
) -> None:
    small = compile_plan(scenario).seeded(5, 0)
    one = Centre(small)
    one.run(END)
    renumber = np.concatenate(
        [np.arange(row["n_agents"]) + new["first_agent"]
         for row, new in zip(small.groups, plan.groups, strict=True)] + [[NONE]]
    )  # fmt: skip
    legs, sessions = one.log().legs, one.log().sessions
    legs["agent"], legs["second"] = renumber[legs["agent"]], renumber[legs["second"]]
    sessions["agent"] = renumber[sessions["agent"]]
    assert ContactLog(one.log().contacts, legs, sessions).in_order() == alone.log()


def test_a_live_centre_left_alone_is_the_reference(plan: Plan, alone: Centre) -> None:
    live = LiveCentre(plan)
    live.run(END)
    assert alone.log() == live.log()
    assert alone.events == live.events


def test_adopting_the_same_scenario_changes_nothing(
    scenario: Scenario, plan: Plan, alone: Centre
) -> None:
    other = LiveCentre(plan)
    for at in (8 * HOUR, AT, AT + 1, 11 * HOUR):
        other.run(at)
        other.adopt(compile_plan(scenario), at)
    other.run(END)
    assert alone.log() == other.log()


@EACH
def test_nothing_before_the_moment_of_change_is_touched(
    scenario: Scenario, plan: Plan, which: int
) -> None:
    change = changes_of(scenario)[which]
    undisturbed, _ = day(scenario, plan)
    events, log = day(scenario, plan, change)
    before = [event for event in events if event.at < AT]
    assert before == [event for event in undisturbed if event.at < AT]
    assert change.event(AT) in events
    assert events != undisturbed
    told = Ledger(event for event in events if event.family != "scenario")
    assert told.log() == log
    assert not told.rejected


@EACH
def test_the_same_callers_come_with_the_same_keys(
    scenario: Scenario, plan: Plan, which: int
) -> None:
    change = changes_of(scenario)[which]
    one, other = (calls(day(scenario, plan, *each)[1]) for each in ((), (change,)))
    first = one[one["origin"] == Origin.FIRST]
    second = other[other["origin"] == Origin.FIRST]
    same = np.isin(second["truth_key"], first["truth_key"])
    assert (second[same]["truth_key"] == first["truth_key"]).all()
    assert (second[same]["born"] == first["born"]).all()
    assert (~same).sum() == (40 if change.lever is Lever.BURST else 0)


def test_a_shorter_menu_is_heard_by_who_calls_from_then_on(scenario: Scenario, plan: Plan) -> None:
    _, log = day(scenario, plan, Change(Lever.MENU, 13))
    menus = log.legs[(log.legs["kind"] == LegKind.MENU) & (log.legs["end"] != NONE)]
    begun = log.contacts["born"][menus["contact"]]
    length = menus["end"] - menus["start"]
    assert length[begun >= AT].max() == 13 * SECOND
    assert length[begun < AT].max() == 80 * SECOND
    assert (length[(begun < AT) & (begun > AT - 60 * SECOND)] > 13 * SECOND).any()


def test_forms_end_transfers(scenario: Scenario, plan: Plan) -> None:
    _, log = day(scenario, plan, Change(Lever.PERMANENCE, PERMANENCES.index("form"), 0))
    legs = log.legs[log.legs["kind"] == LegKind.CONSULT]
    born = log.contacts["born"][legs["contact"]]
    assert (born < AT).any()
    assert not (born >= AT).any()


def test_without_overflow_the_other_group_answers_nobody(scenario: Scenario, plan: Plan) -> None:
    group = plan.group_of()
    for changes, helped in (((), True), ((Change(Lever.OVERFLOW, 0),), False)):
        _, log = day(scenario, plan, *changes)
        talks = log.legs[(log.legs["kind"] == LegKind.TALK) & (log.legs["start"] > AT)]
        assert (group[talks["agent"]] == 1).any() == helped


def test_overflow_comes_back_with_its_wait(scenario: Scenario, plan: Plan) -> None:
    source = simulated(scenario, plan)
    play(source, 9 * HOUR)
    source.change(Change(Lever.OVERFLOW, 0))
    play(source, AT)
    source.change(Change(Lever.OVERFLOW, 1))
    play(source, END)
    log, group = source._centre.log(), plan.group_of()
    waits = log.legs[(log.legs["kind"] == LegKind.QUEUE) & (log.legs["agent"] != NONE)]
    waits = waits[group[waits["agent"]] == 1]
    assert not ((waits["end"] >= 9 * HOUR) & (waits["end"] < AT)).any()
    assert (waits["end"] >= AT).any()
    assert (waits["end"] - waits["start"] >= 60 * SECOND).all()


def test_an_outsourced_queue_is_answered_by_the_provider(scenario: Scenario, plan: Plan) -> None:
    queue = number(scenario, Lever.OUTSOURCING, "waste")
    _, log = day(scenario, plan, Change(Lever.OUTSOURCING, 1, queue))
    waits = log.legs[(log.legs["kind"] == LegKind.QUEUE) & (log.legs["place"] == queue)]
    waits = waits[(waits["agent"] != NONE) & (waits["end"] != NONE)]
    by = plan.group_of()[waits["agent"]]
    provider = list(scenario.groups).index("away")
    assert (by[waits["end"] > AT] == provider).all()
    assert (by[waits["end"] < AT] != provider).all()


@pytest.mark.parametrize(("extra", "there"), few_of([(3, 8), (-9, 1), (-3, 2), (50, 5 + 20)], 1))
def test_agents_come_and_go(scenario: Scenario, plan: Plan, extra: int, there: int) -> None:
    centre = LiveCentre(plan)
    centre.run(AT)
    centre.add_agents(0, extra, AT)
    centre.run(11 * HOUR)
    assert sum(agent.there for agent in centre.agents if agent.group == 0) == there
    centre.run(END)
    assert not any(agent.there for agent in centre.agents if agent.group == 0)


def test_a_burst_comes_within_five_minutes(scenario: Scenario, plan: Plan) -> None:
    _, log = day(scenario, plan, Change(Lever.BURST, 40, 1), Change(Lever.BURST, 10, 1))
    known = set(calls(day(scenario, plan)[1])["truth_key"])
    found = calls(log)
    more = found[[key not in known for key in found["truth_key"]]]
    more = more[more["origin"] == Origin.FIRST]
    assert len(more) == 50
    assert len(set(more["truth_key"])) == 50
    assert more["born"].min() >= AT
    assert more["born"].max() <= AT + 300 * SECOND
    assert (more["topic"] == 1).all()


@pytest.mark.slow  # a whole day, changed ten times and more
def test_every_contact_of_a_day_full_of_changes_ends(scenario: Scenario, plan: Plan) -> None:
    source = simulated(scenario, plan)
    for index, change in enumerate(changes_of(scenario) * 2):
        play(source, 8 * HOUR + index * 12 * 60 * SECOND)
        source.change(change)
    play(source, 24 * HOUR)
    centre = source._centre
    calling = [me for me in centre.present.values() if me.kind == ContactKind.CALL]
    assert {me.leg_kind for me in calling} <= {LegKind.DELAY}, "only redials of tomorrow are open"
    assert not any(centre.queues)
    assert not any(agent.there for agent in centre.agents)


def test_the_undisturbed_day_is_that_of_a_run_without_changes(
    scenario: Scenario, plan: Plan, alone: Centre
) -> None:
    source = simulated(scenario, plan)
    play(source, AT)
    source.change(Change(Lever.AGENTS, AS_ROSTERED - 3, 0))
    play(source, END)
    told = source.undisturbed(11 * HOUR) + source.undisturbed(END)
    assert told == alone.events


def test_changes_are_made_again_after_a_restart(scenario: Scenario, plan: Plan) -> None:
    source = simulated(scenario, plan)
    first = play(source, AT)
    for change in changes_of(scenario):
        source.change(change)
    first += play(source, 11 * HOUR)
    again = simulated(scenario, plan)
    again.repeat([(e.at, change_of(e)) for e in first if e.family == "scenario"])
    assert play(again, 11 * HOUR) == first


def test_changes_of_the_clock_leave_the_day_alone(scenario: Scenario, plan: Plan) -> None:
    source = simulated(scenario, plan)
    events = play(source, AT)
    source.change(Change(Lever.SPEED, 0))
    assert source.speed == 0
    source.change(Change(Lever.STEP, 60))
    source.change(Change(Lever.SPEED, 30))
    assert source.speed == 30
    events += play(source, END)
    assert [e for e in events if e.family != "scenario"] == day(scenario, plan)[0]
    assert [change_of(e).lever for e in events if e.family == "scenario"] == [
        Lever.SPEED, Lever.STEP, Lever.SPEED
    ]  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [Change(Lever.MENU, 900), Change(Lever.MENU, -1), Change(Lever.AGENTS, AS_ROSTERED + 1, 7),
     Change(Lever.AGENTS, 0, 0), Change(Lever.BURST, 10, NONE), Change(Lever.SPEED, 700)],
)  # fmt: skip
def test_what_cannot_be_is_one_sentence(scenario: Scenario, plan: Plan, change: Change) -> None:
    source = simulated(scenario, plan)
    with pytest.raises(SettingError):
        source.change(change)
    assert source.changes == ()


def test_a_centre_offers_only_what_it_has(scenario: Scenario) -> None:
    assert levers_of(scenario) == list(Lever)
    bare = scenario.model_copy(update={"menu": None, "second_lines": {}, "groups": {
        name: group.model_copy(update={"provider": None}) for name, group in scenario.groups.items()
    }})  # fmt: skip
    assert set(Lever) - set(levers_of(bare)) == {Lever.MENU, Lever.PERMANENCE, Lever.OUTSOURCING}
    with pytest.raises(SettingError, match="nothing of the kind"):
        check(Change(Lever.MENU, 13), bare)


def test_the_last_change_of_a_kind_and_place_counts(scenario: Scenario) -> None:
    found = changed(scenario, [Change(Lever.MENU, 5), Change(Lever.MENU, 13)])
    assert found.menu is not None
    assert found.menu.length == 13
    assert changed(scenario, [Change(Lever.OVERFLOW, 0), Change(Lever.OVERFLOW, 1)]) == scenario


def test_another_centre_is_refused(scenario: Scenario, plan: Plan) -> None:
    other = scenario.model_copy(
        update={"probes": {}, "topics": dict(list(scenario.topics.items())[:1])}
    )
    with pytest.raises(SettingError, match="topics"):
        joined(plan, compile_plan(other))
