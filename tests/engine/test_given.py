"""A run that starts from a given state goes on as the run it was taken from might have."""

from typing import Any

import numpy as np
import pytest
from engine.plans import Difference, first_difference, seeded_plan
from scipy import stats
from scipy.linalg import expm
from seeds import few_of

from simkcc.analysis.ledger import Ledger
from simkcc.engine import reference, runs
from simkcc.engine.compile import compile_plan
from simkcc.engine.given import cut, starting_from
from simkcc.engine.plan import Plan
from simkcc.engine.state import Status
from simkcc.engine.trace import events_of, in_order
from simkcc.errors import SettingError
from simkcc.model.contact_log import (
    DAY,
    NONE,
    SECOND,
    ContactKind,
    ContactLog,
    How,
    LegKind,
    Origin,
    Outcome,
    contact_dtype,
    leg_dtype,
    session_dtype,
)
from simkcc.model.scenario import Scenario

FAST, SLOW, CHUNK = 12, 918, 102
MOMENTS = (60 * SECOND, 61 * SECOND, 150 * SECOND, DAY + 61 * SECOND)
"""A moment full of ties, two between, and one on the next day."""

NOTHING = ContactLog(np.zeros(0, contact_dtype), np.zeros(0, leg_dtype), np.zeros(0, session_dtype))


# ---------------------------------------------------------------------------------------------
# both engines, on centres made at random


def differences_in(seed: int) -> list[Difference]:
    """Return where the engines first differ, when they start from states of a run of a centre."""
    plan = seeded_plan(seed)
    whole = runs.play(plan)
    found = []
    for now in MOMENTS:
        begun = starting_from(plan, whole, now)
        found.append(first_difference(runs.play(begun).in_order(), reference.play(begun).log()))
    return [each for each in found if each is not None]


@pytest.mark.parametrize("seed", range(FAST))
def test_engines_agree_in_every_cell_from_a_given_state(seed: int) -> None:
    assert differences_in(seed) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", range(FAST, FAST + SLOW, CHUNK))
def test_engines_agree_from_given_states_of_many_plans(first: int) -> None:
    found = {seed: differences_in(seed) for seed in range(first, first + CHUNK)}
    assert {seed: each for seed, each in found.items() if each} == {}


@pytest.mark.parametrize("seed", few_of(range(8), 3))
def test_what_is_told_of_a_run_from_a_given_state_makes_its_log(seed: int) -> None:
    plan = seeded_plan(seed)
    begun = starting_from(plan, runs.play(plan), 61 * SECOND)
    centre, log = reference.play(begun), runs.play(begun)
    assert events_of(log) == in_order(centre.events)
    ledger = Ledger(centre.events)
    assert first_difference(ledger.log(), log.in_order()) is None
    assert not ledger.rejected


@pytest.mark.parametrize("seed", few_of(range(12), 3))
def test_ledger_of_what_was_told_so_far_gives_the_same_state(seed: int) -> None:
    plan = seeded_plan(seed)
    centre = reference.play(plan)
    for now in MOMENTS:
        told = Ledger(event for event in centre.events if event.at < now).log()
        one, other = (starting_from(plan, log, now) for log in (centre.log(), told))
        assert np.array_equal(one.given, other.given)
        assert np.array_equal(one.present, other.present)
        assert np.array_equal(one.exits, other.exits)


@pytest.mark.parametrize("seed", few_of(range(8), 3))
def test_given_state_of_another_centre_is_taken_or_refused_in_a_sentence(seed: int) -> None:
    log = runs.play(seeded_plan(seed + 500))
    try:
        begun = starting_from(seeded_plan(seed), log, 61 * SECOND)
    except SettingError as found:
        assert "; give " in str(found)
        return
    assert first_difference(runs.play(begun).in_order(), reference.play(begun).log()) is None


@pytest.mark.slow
def test_given_states_hold_every_kind_of_stay() -> None:
    kinds: set[int] = set()
    anew = virtual = wraps = over = pairs = 0
    for seed in range(200):
        plan = seeded_plan(seed)
        whole = runs.play(plan)
        for now in MOMENTS:
            begun = starting_from(plan, whole, now)
            state = runs.start(begun)
            legs = runs.contact_log(begun, state).legs
            kinds |= set(legs["kind"].tolist())
            anew += int((begun.given["since"] == NONE).sum())
            virtual += int(begun.given["virtual"].sum())
            pairs += int((begun.given["second"] != NONE).sum())
            over += int((begun.given["outcome"] != Outcome.OPEN).sum())
            wraps += int((begun.present["contact"] != NONE).sum())
    assert kinds == {int(kind) for kind in LegKind} - {int(LegKind.CONSULT)}
    assert min(anew, virtual, wraps, over, pairs) > 0


# ---------------------------------------------------------------------------------------------
# metamorphic


@pytest.mark.parametrize("seed", few_of(range(20), 5))
def test_nothing_given_at_the_first_midnight_is_an_ordinary_start(seed: int) -> None:
    plan = seeded_plan(seed)
    begun = starting_from(plan, NOTHING, 0)
    assert first_difference(runs.play(begun), runs.play(plan)) is None
    assert first_difference(reference.play(begun).log(), reference.play(plan).log()) is None


def arrivals(log: ContactLog, now: int) -> list[tuple[int, int]]:
    """Return when the contacts of streams arrived from `now` on, and their keys."""
    rows = log.contacts[(log.contacts["born"] >= now) & (log.contacts["parent"] == NONE)]
    return sorted(zip(rows["born"].tolist(), rows["truth_key"].tolist(), strict=True))


def stays(log: ContactLog) -> list[tuple[int, ...]]:
    """Return the stays that are open, of all but probes and consults: kind, place, agents, start."""
    probes = log.contacts["kind"][log.legs["contact"]] == ContactKind.PROBE
    legs = log.legs[(log.legs["how"] == How.OPEN) & ~probes]
    legs = legs[legs["kind"] != LegKind.CONSULT]
    columns = (legs[name].tolist() for name in ("kind", "place", "agent", "second", "start"))
    return sorted(zip(*columns, strict=True))


@pytest.mark.parametrize("seed", few_of(range(30), 6))
def test_run_starts_with_who_was_there_and_with_the_arrivals_that_were_to_come(seed: int) -> None:
    plan = seeded_plan(seed)
    whole = runs.play(plan)
    for now in MOMENTS:
        state = runs.start(plan)
        past_the_end = now > plan.settings[0]["until"] and not plan.settings[0]["run_out"]
        if past_the_end or runs.advance(plan, state, now) != Status.REACHED:
            break
        before = runs.contact_log(plan, state)
        begun = starting_from(plan, before, now)
        assert first_difference(cut(whole, now), cut(before, now)) is None
        after = runs.start(begun)
        found = runs.contact_log(begun, after)
        assert stays(found) == stays(before)
        for name in ("lines", "shut"):
            held = before.legs["kind"][before.legs["how"] == How.OPEN]
            if name != "lines" or LegKind.CONSULT not in held:
                assert after.clock[0][name] == state.clock[0][name], name
        assert np.array_equal(after.open_now, state.open_now)
        assert np.array_equal(after.teams["level"], state.teams["level"])
        assert arrivals(runs.play(begun), now) == arrivals(whole, now)


@pytest.mark.parametrize("seed", few_of(range(8), 3))
def test_resumed_run_may_be_cut_and_resumed_again(seed: int) -> None:
    plan = seeded_plan(seed)
    begun = starting_from(plan, runs.play(plan), 60 * SECOND)
    log = runs.play(begun)
    again = starting_from(plan, log, 121 * SECOND)
    assert first_difference(runs.play(again).in_order(), reference.play(again).log()) is None


# ---------------------------------------------------------------------------------------------
# states written by hand


def centre(**changes: Any) -> Plan:
    """Return the plan of one queue and one group that is open round the clock, without arrivals."""
    table: dict[str, Any] = {
        "horizon": {"days": 1, "end": "run_out"},
        "topics": {"a": {"arrivals": [], "handling": {"talk": 100.0}}},
        "queues": {"a": {"routes": [{"group": "a"}]}},
        "groups": {"a": {"agents": 2}},
    }
    return compile_plan(Scenario.model_validate(table | changes))


def state_of(
    *stays: tuple[LegKind, float, int], there: dict[int, float] | None = None
) -> ContactLog:
    """Return the log of calls that wait or talk: (kind of leg, since, agent) of each."""
    contacts, legs = np.zeros(len(stays), contact_dtype), []
    contacts["ended"] = contacts["parent"] = contacts["due"] = NONE
    for serial, (kind, since, agent) in enumerate(stays):
        at = round(since * SECOND)
        contacts[serial]["born"] = at
        if kind != LegKind.QUEUE:
            legs.append((serial, 0, LegKind.QUEUE, How.ANSWERED, 0, agent, NONE, at, at))
        if kind == LegKind.WRAP:
            contacts[serial]["outcome"], contacts[serial]["ended"] = Outcome.DIRECT, at
        place = 0 if kind == LegKind.QUEUE else NONE
        legs.append(
            (serial, int(kind != LegKind.QUEUE), kind, How.OPEN, place, agent, NONE, at, NONE)
        )
    sessions = [(agent, 0, round(at * SECOND), NONE) for agent, at in (there or {}).items()]
    return ContactLog(contacts, np.array(legs, leg_dtype), np.array(sessions, session_dtype))


def answers(log: ContactLog) -> list[tuple[int, int, float]]:
    """Return (contact, agent, when) of each answer, in seconds."""
    legs = log.legs[(log.legs["kind"] == LegKind.QUEUE) & (log.legs["how"] == How.ANSWERED)]
    rows = zip(legs["end"].tolist(), legs["contact"].tolist(), legs["agent"].tolist(), strict=True)
    return [(contact, agent, end / SECOND) for end, contact, agent in sorted(rows)]


def played(plan: Plan, state: ContactLog, now: float) -> ContactLog:
    """Return the log of a run from a state, the same of both engines."""
    begun = starting_from(plan, state, round(now * SECOND))
    log = runs.play(begun)
    assert first_difference(log.in_order(), reference.play(begun).log()) is None
    return log


def test_who_waits_longest_is_answered_by_who_comes_free_first() -> None:
    state = state_of(
        (LegKind.TALK, 40, 0), (LegKind.TALK, 10, 1), (LegKind.QUEUE, 60, NONE),
        (LegKind.QUEUE, 50, NONE), (LegKind.QUEUE, 55, NONE),
    )  # fmt: skip
    log = played(centre(), state, 70)
    assert answers(log) == [(3, 1, 110.0), (4, 0, 140.0), (2, 1, 210.0)]
    assert (log.contacts["outcome"] == Outcome.DIRECT).all()


def test_free_agent_answers_at_once_who_waits() -> None:
    log = played(centre(), state_of((LegKind.TALK, 10, 0), (LegKind.QUEUE, 50, NONE)), 70)
    assert answers(log) == [(1, 1, 70.0)]


def test_agent_who_is_free_longest_answers() -> None:
    past = state_of((LegKind.TALK, 1, 0), (LegKind.TALK, 2, 1), there={0: 0.0, 1: 0.0})
    past.legs["how"][[1, 3]], past.legs["end"][[1, 3]] = How.DONE, [20 * SECOND, 15 * SECOND]
    past.contacts["outcome"], past.contacts["ended"] = Outcome.DIRECT, [20 * SECOND, 15 * SECOND]
    topics = {"a": {"arrivals": [40.0, 41.0], "handling": {"talk": 100.0}}}
    log = played(centre(topics=topics), past, 30)
    assert answers(log) == [(0, 1, 40.0), (1, 0, 41.0)]


def test_who_is_not_there_does_not_answer_and_who_is_there_does() -> None:
    waiting = [(LegKind.QUEUE, 50.0, NONE)] * 2
    log = played(centre(), state_of(*waiting, there={1: 0.0}), 70)
    assert answers(log) == [(0, 1, 70.0), (1, 1, 170.0)]


def test_after_call_work_goes_on_where_it_is() -> None:
    handling = {"talk": 100.0, "wrap_up": 30.0}
    plan = centre(
        topics={"a": {"arrivals": [], "handling": handling}}, groups={"a": {"agents": 1}}
    )  # fmt: skip
    log = played(plan, state_of((LegKind.WRAP, 50, 0), (LegKind.QUEUE, 52, NONE)), 70)
    assert answers(log) == [(1, 0, 80.0)]
    wrap = log.legs[(log.legs["contact"] == 0) & (log.legs["kind"] == LegKind.WRAP)][0]
    assert (wrap["start"], wrap["end"]) == (50 * SECOND, 80 * SECOND)


def test_patience_and_limit_run_from_the_joining() -> None:
    busy = [(LegKind.TALK, 69.0, 0), (LegKind.TALK, 69.0, 1)]
    for changes, how, end in (
        ({"patience": 45.0}, How.ABANDONED, 95),
        ({"queues": {"a": {"routes": [{"group": "a"}], "limit": 33.0}}}, How.TIMEOUT, 83),
        ({"patience": 10.0}, How.ABANDONED, 70),
    ):
        log = played(centre(**changes), state_of(*busy, (LegKind.QUEUE, 50, NONE)), 70)
        leg = log.legs[(log.legs["contact"] == 2) & (log.legs["kind"] == LegKind.QUEUE)][0]
        assert (leg["how"], leg["end"]) == (how, end * SECOND)


@pytest.mark.parametrize(("after", "answered"), [(15.0, 70.0), (20.0, 70.0), (30.0, 80.0)])
def test_overflow_opens_when_it_would_have(after: float, answered: float) -> None:
    routes = [{"group": "a"}, {"group": "b", "after": after}]
    plan = centre(
        queues={"a": {"routes": routes}}, groups={"a": {"agents": 1}, "b": {"agents": 1}}
    )  # fmt: skip
    log = played(plan, state_of((LegKind.TALK, 60, 0), (LegKind.QUEUE, 50, NONE)), 70)
    assert answers(log) == [(1, 1, answered)]


def test_trunks_are_taken() -> None:
    topics = {"a": {"arrivals": [80.0], "handling": {"talk": 100.0}}}
    busy = [(LegKind.TALK, 60.0, 0), (LegKind.TALK, 60.0, 1)]
    for lines, outcome in ((2, Outcome.BLOCKED), (3, Outcome.DIRECT)):
        log = played(centre(lines=lines, topics=topics), state_of(*busy), 70)
        assert log.contacts["outcome"].tolist() == [Outcome.DIRECT, Outcome.DIRECT, outcome]


def test_agents_after_hours_finish_their_calls_and_the_queue() -> None:
    hours = {"day": {"daily": ["00:00-00:01"]}}
    plan = centre(hours=hours, groups={"a": {"agents": 1, "hours": "day"}})
    log = played(plan, state_of((LegKind.TALK, 50, 0), (LegKind.QUEUE, 55, NONE)), 70)
    assert answers(log) == [(1, 0, 150.0)]
    assert log.sessions["end"].tolist() == [250 * SECOND, DAY + 60 * SECOND][: len(log.sessions)]


def test_agents_of_another_source_get_numbers_of_the_group() -> None:
    state = state_of((LegKind.TALK, 10, 4711), (LegKind.TALK, 20, 0), (LegKind.QUEUE, 30, NONE))
    assert answers(played(centre(), state, 70)) == [(2, 1, 110.0)]


def test_what_the_plan_has_no_place_for_is_refused() -> None:
    three = [(LegKind.TALK, 10.0, agent) for agent in (7, 8, 9)]
    with pytest.raises(SettingError, match=r"more agents are at work than the scenario has in a; "):
        starting_from(centre(), state_of(*three), 70 * SECOND)
    with pytest.raises(
        SettingError, match=r"about a is in a hold, but no step .*; give a scenario"
    ):
        starting_from(centre(), state_of((LegKind.HOLD, 10.0, 0)), 70 * SECOND)
    with pytest.raises(SettingError, match="cannot start 1 us before its first midnight"):
        starting_from(centre(), NOTHING, -1)


# ---------------------------------------------------------------------------------------------
# in distribution

REPLICATIONS = 1500


def markov(patience: Any, talk: Any, agents: int, per_hour: float) -> Plan:
    return centre(
        tick=1e-6,
        patience=patience,
        topics={"a": {"per_hour": per_hour, "handling": {"talk": talk}}},
        groups={"a": {"agents": agents}},
    )


def number_at(log: ContactLog, at: int) -> int:
    """Return how many wait or talk just before a moment."""
    contacts = log.contacts
    return int(
        ((contacts["born"] < at) & ((contacts["ended"] == NONE) | (contacts["ended"] >= at))).sum()
    )


def test_number_in_the_centre_follows_the_law_of_its_start() -> None:
    # M/M/2+M as a birth-death chain: the law after a time is a row of the exponential of its rates
    rate, service, patience = 60 / 3600, 1 / 100, 1 / 60
    plan = markov(
        {"kind": "exponential", "mean": 60.0}, {"kind": "exponential", "mean": 100.0}, 2, 60.0
    )
    state = state_of(
        (LegKind.TALK, 100, 0), (LegKind.TALK, 3500, 1), (LegKind.QUEUE, 3400, NONE),
        (LegKind.QUEUE, 3590, NONE),
    )  # fmt: skip
    now, later = 3600 * SECOND, 3645 * SECOND
    logs = runs.forecast(plan, state, now, later, REPLICATIONS)
    found = np.bincount([number_at(log, later) for log in logs], minlength=8)
    size = 40
    rates = np.diag(np.full(size - 1, rate), 1)
    deaths = [min(n, 2) * service + max(n - 2, 0) * patience for n in range(1, size)]
    rates += np.diag(deaths, -1)
    rates -= np.diag(rates.sum(axis=1))
    law = expm(rates * 45.0)[4]
    folded = np.append(law[:7], law[7:].sum())
    found = np.append(found[:7], found[7:].sum())
    assert stats.chisquare(found, folded * REPLICATIONS).pvalue > 1e-4


def conditional(law: Any, elapsed: float) -> Any:
    return lambda x: 1 - law.sf(elapsed + x) / law.sf(elapsed)


def lognormal(mean: float, cv: float) -> Any:
    sigma = np.sqrt(np.log1p(cv**2))
    return stats.lognorm(sigma, scale=mean * np.exp(-(sigma**2) / 2))


@pytest.mark.parametrize("elapsed", [80.0, 1.0, 400.0])
@pytest.mark.slow  # thousands of forecasts
def test_rest_of_a_talk_and_of_a_patience_is_what_is_left_of_longer_ones(elapsed: float) -> None:
    talk, patience = (
        {"kind": "lognormal", "mean": 120.0, "cv": 1.2},
        {"kind": "lognormal", "mean": 90.0, "cv": 0.8},
    )
    plan = markov(patience, talk, 1, 0.001)
    state = state_of((LegKind.TALK, 3600 - elapsed, 0))
    logs = runs.forecast(plan, state, 3600 * SECOND, DAY, REPLICATIONS)
    rest = [(log.contacts["ended"][0] / SECOND) - 3600 for log in logs]
    assert stats.kstest(rest, conditional(lognormal(120.0, 1.2), elapsed)).pvalue > 1e-4
    busy = centre(tick=1e-6, patience=patience, groups={"a": {"agents": 1}},
                  topics={"a": {"arrivals": [], "handling": {"talk": 80_000.0}}})  # fmt: skip
    state = state_of((LegKind.TALK, 3599, 0), (LegKind.QUEUE, 3600 - elapsed, NONE))
    logs = runs.forecast(busy, state, 3600 * SECOND, 80_000 * SECOND, REPLICATIONS)
    rest = [(log.contacts["ended"][1] / SECOND) - 3600 for log in logs]
    assert stats.kstest(rest, conditional(lognormal(90.0, 0.8), elapsed)).pvalue > 1e-4


@pytest.mark.slow
def test_runs_that_are_cut_and_go_on_are_runs_in_distribution() -> None:
    # nothing here is memoryless: had the elapsed times been forgotten, calls would last longer
    plan = markov(
        {"kind": "lognormal", "mean": 90.0, "cv": 0.5}, {"kind": "lognormal", "mean": 120.0, "cv": 0.4},
        3, 100.0,
    )  # fmt: skip
    now, later = 1800 * SECOND, 1860 * SECOND
    number, over = [], []
    for replication in range(700):
        one = plan.seeded(1, replication)
        state = runs.start(one)
        runs.advance(one, state, now)
        before = runs.contact_log(one, state)
        runs.advance(one, state, later)
        begun = starting_from(one, before, now).seeded(2, replication)
        after = runs.start(begun)
        runs.advance(begun, after, later)
        logs = runs.contact_log(one, state), runs.contact_log(begun, after)
        number.append([number_at(log, later) for log in logs])
        over.append([int((log.contacts["ended"] >= now).sum()) for log in logs])
    for found in (np.array(number), np.array(over)):
        difference = found[:, 1] - found[:, 0]
        error = difference.std(ddof=1) / np.sqrt(len(difference))
        assert abs(difference.mean()) < 4 * error
        spread = np.log(found.var(axis=0, ddof=1))
        assert abs(spread[1] - spread[0]) < 0.35


def test_forecast_is_one_log_per_replication_in_order() -> None:
    plan = markov(60.0, {"kind": "exponential", "mean": 100.0}, 2, 100.0)
    state = state_of((LegKind.TALK, 3500, 0))
    one = runs.forecast(plan, state, 3600 * SECOND, 5400 * SECOND, 6, jobs=2)
    two = runs.forecast(plan, state, 3600 * SECOND, 5400 * SECOND, 6)
    assert len(one) == 6
    for left, right in zip(one, two, strict=True):
        assert first_difference(left, right) is None
        assert left.contacts["born"].max() < 5400 * SECOND
    assert len({log.contacts["truth_key"][0] for log in one}) == 6
    assert {int(log.contacts["origin"][0]) for log in one} == {Origin.FIRST}
