"""Desks, mail and chat beside the telephone: what differs from a call, and nothing else."""

import math

import numpy as np
import pytest

from simkcc.engine import runs
from simkcc.engine.compile import compile_plan
from simkcc.model.contact_log import ContactKind, How, LegKind, Outcome
from simkcc.model.scenario import Scenario

HOUR = 3600 * 10**6


def centre(**more):
    table = {
        "horizon": {"days": 5},
        "hours": {"open": {"daily": ["08:00-18:00"]}},
        "topics": {"visit": {"per_hour": 30.0, "channel": "desk"}},
        "queues": {"desk": {"routes": [{"group": "desk"}]}},
        "groups": {"desk": {"agents": 50, "hours": "open"}},
        "handling": {"talk": {"kind": "exponential", "mean": 200.0}},
    } | more
    return Scenario.model_validate(table)


def played(scenario):
    return runs.play(compile_plan(scenario).seeded(7, 0))


LIMITED = {
    "topics": {
        "visit": {
            "per_hour": 60.0, "channel": "desk", "queue": "desk",
            "limit": {"after": 300.0, "queue": "counter", "talk": 600.0},
        }
    },
    "queues": {"desk": {"routes": [{"group": "desk"}]}, "counter": {"routes": [{"group": "back"}]}},
    "groups": {
        "desk": {"agents": 50, "hours": "open"}, "back": {"agents": 50, "hours": "open", "line": 2},
    },
    "horizon": {"days": 60},
}  # fmt: skip


def test_what_takes_longer_than_the_limit_is_sent_on():
    log = played(centre(**LIMITED))
    done = log.contacts[log.contacts["outcome"] != Outcome.CLOSED]
    sent = float((done["outcome"] == Outcome.TRANSFERRED).mean())
    share = math.exp(-1.5)
    assert sent == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / len(done)))


def test_a_talk_with_a_limit_is_the_same_talk_cut_off():
    log = played(centre(**LIMITED))
    first = log.legs[(log.legs["kind"] == LegKind.TALK) & (log.legs["leg"] == 1)]
    seconds = (first["end"] - first["start"]) / 1e6
    mean = 200.0 * (1 - math.exp(-1.5))
    assert seconds.max() == 300.0
    assert seconds.mean() == pytest.approx(mean, abs=4 * seconds.std() / math.sqrt(len(seconds)))


@pytest.mark.parametrize("talk", [100.0, 400.0])
def test_a_talk_of_one_length_is_sent_on_always_or_never(talk):
    log = played(centre(**LIMITED | {"handling": {"talk": talk}}))
    outcomes = set(log.contacts["outcome"]) - {Outcome.CLOSED, Outcome.OPEN}
    assert outcomes == {Outcome.DIRECT if talk < 300 else Outcome.TRANSFERRED}


def test_a_limit_on_a_talk_that_cannot_be_cut_is_refused():
    with pytest.raises(ValueError, match="plain distribution"):
        centre(**LIMITED | {"handling": {"talk": {"kind": "empirical", "values": [10.0, 400.0]}}})


def test_mail_comes_at_night_and_is_answered_in_the_morning():
    topics = {"letter": {"per_hour": 2.0, "channel": "mail"}}
    queues = {"desk": {"routes": [{"group": "desk"}], "at_close": "keep"}}
    log = played(centre(topics=topics, queues=queues))
    assert set(log.contacts["kind"]) == {ContactKind.MAIL}
    assert not np.isin(Outcome.CLOSED, log.contacts["outcome"])
    waits = log.legs[(log.legs["kind"] == LegKind.QUEUE) & (log.legs["how"] == How.ANSWERED)]
    hour = waits["end"] % (24 * HOUR) // HOUR
    assert ((hour >= 8) & (hour < 18)).all()
    assert (waits["end"] - waits["start"]).max() > 10 * HOUR


def test_only_callers_hear_the_menu_take_lines_and_dial_again():
    topics = {
        "call": {"per_hour": 30.0, "queue": "desk"},
        "visit": {"per_hour": 30.0, "queue": "desk", "channel": "desk", "patience": 60.0},
    }
    scenario = centre(
        topics=topics, menu={"length": 10.0}, lines=5, patience=30.0,
        redial={"share": 1.0}, groups={"desk": {"agents": 1, "hours": "open"}},
    )  # fmt: skip
    log = played(scenario)
    visits = log.contacts["kind"] == ContactKind.VISIT
    menus = log.legs[log.legs["kind"] == LegKind.MENU]
    assert not visits[menus["contact"]].any()
    assert (log.contacts["origin"][visits] == 0).all()
    assert not np.isin(Outcome.BLOCKED, log.contacts["outcome"][visits])
    gave_up = log.legs[(log.legs["how"] == How.ABANDONED) & visits[log.legs["contact"]]]
    assert len(gave_up) > 0
    assert set(gave_up["end"] - gave_up["start"]) == {60 * 10**6}


@pytest.mark.parametrize("switching", [0.0, 15.0])
def test_changing_channel_costs_the_agent_time_and_staying_does_not(switching):
    topics = {
        "call": {"arrivals": [30000.0, 30100.0, 30300.0], "queue": "desk"},
        "visit": {"arrivals": [30200.0, 30400.0], "queue": "desk", "channel": "desk"},
    }
    groups = {"desk": {"agents": 1, "hours": "open", "switching": switching}}
    log = played(centre(topics=topics, groups=groups, handling={"talk": 60.0})).in_order()
    talks = np.sort(log.legs[log.legs["kind"] == LegKind.TALK], order="start")
    seconds = (talks["end"] - talks["start"]) / 1e6
    assert seconds.tolist() == [60.0, 60.0, *[60.0 + switching] * 3]


def test_a_status_call_stops_when_the_case_is_over():
    journey = {
        "start": {"step": "spawn", "child": "call", "child_starts": "rest", "done": "work"},
        "work": {"step": "delay", "duration": 100.0, "done": "end"},
        "end": {"step": "end"},
        "rest": {"step": "delay", "duration": 30.0, "done": "still open"},
        "still open": {"step": "branch", "asks": "parent_open", "done": "count", "other": "end"},
        "count": {"step": "spawn", "child": "callback", "child_starts": "end", "done": "rest"},
    }
    topics = {"case": {"arrivals": [1000.0], "journey": "case"}}
    log = played(centre(topics=topics, journeys={"case": journey}))
    kinds = log.contacts["kind"].tolist()
    assert kinds.count(ContactKind.CALLBACK) == 3
