"""Callbacks handed out once a day, and callers held for the second line: what the log must show."""

import numpy as np
import pytest

from simkcc.analysis.results import play
from simkcc.engine.compile import compile_plan
from simkcc.model.contact_log import (
    DAY,
    NONE,
    SECOND,
    ContactKind,
    ContactLog,
    How,
    LegKind,
    Outcome,
)
from simkcc.model.scenario import Scenario

CENTRE = {
    "horizon": {"start": "2024-01-01", "weeks": 3},
    "hours": {"open": {"weekdays": ["09:00-17:00"]}, "morning": {"weekdays": ["08:00-08:01"]}},
    "topics": {
        "question": {
            "per_hour": 5.0, "hours": "open", "queue": "kcc",
            "second_line": {"name": "office", "share": 1.0},
        }
    },
    "handling": {"aht": 60.0, "wrap_up": 10.0},
    "second_lines": {
        "office": {
            "queue": "rota", "ring_out": False, "failed": "queue", "callback": "note",
            "handover": 20.0, "talk": {"kind": "exponential", "mean": 500.0}, "patience": 10_000.0,
        }
    },
    "callbacks": {
        "note": {
            "queue": "back", "handed_out": "morning", "reach": 0.5, "effort": 300.0,
            "failed_effort": 60.0, "attempts": 6, "register": 30.0,
        }
    },
    "queues": {
        "kcc": {"routes": [{"group": "kcc"}]},
        "rota": {"routes": [{"group": "rota"}], "limit": 45.0},
        "back": {"routes": [{"group": "back"}], "at_close": "keep"},
    },
    "groups": {
        "kcc": {"agents": 6, "hours": "open"},
        "rota": {"agents": 1, "hours": "open", "line": 2},
        "back": {"line": 2, "roster": {"start": "09:00", "minutes": 90, "weekdays": [1]}},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def log() -> ContactLog:
    scenario = Scenario.model_validate(CENTRE)
    return play(compile_plan(scenario)).in_order()


def tries_of(log: ContactLog) -> np.ndarray:
    """Return the visits of notes to their owners' queue, in order."""
    notes = log.contacts["kind"] == ContactKind.CALLBACK
    return log.legs[(log.legs["kind"] == LegKind.QUEUE) & notes[log.legs["contact"]]]


def test_notes_join_their_queue_when_they_are_handed_out(log: ContactLog) -> None:
    tries = tries_of(log)
    assert len(tries) > 50
    assert set(tries["start"] % DAY) == {8 * 3600 * SECOND}


def test_a_note_is_tried_at_most_once_a_day_and_never_on_its_own(log: ContactLog) -> None:
    tries = tries_of(log)
    day = tries["end"] // DAY
    same = tries["contact"][1:] == tries["contact"][:-1]
    done = tries["end"][1:] != NONE
    assert (day[1:][same & done] > day[:-1][same & done]).all()
    assert (tries["start"] // DAY > log.contacts["born"][tries["contact"]] // DAY).all()


def test_the_oldest_are_tried_first(log: ContactLog) -> None:
    """With 90 minutes a day for some 12 notes, work is left over: order shows."""
    tries = tries_of(log)
    tries = tries[tries["how"] == How.ANSWERED]
    order = np.argsort(tries["end"], kind="stable")
    tries = tries[order]
    left_over = tries["start"] // DAY < tries["end"] // DAY
    assert left_over.any()
    born, day = log.contacts["born"][tries["contact"]], tries["end"] // DAY
    for each in np.unique(day):
        assert (np.diff(born[day == each]) > 0).all()


def test_a_caller_is_held_at_most_so_long_and_then_gets_a_note(log: ContactLog) -> None:
    calls = log.contacts["kind"] == ContactKind.CALL
    held = log.legs[(log.legs["kind"] == LegKind.QUEUE) & (log.legs["second"] != NONE)]
    assert calls[held["contact"]].all()
    length = held["end"] - held["start"]
    late = held["how"] == How.TIMEOUT
    assert late.any() and (~late).any()
    assert set(length[late]) == {45 * SECOND}
    assert (length[~late] <= 45 * SECOND).all()
    outcome = log.contacts["outcome"]
    assert set(outcome[held["contact"][late]]) == {Outcome.CALLBACK}
    assert set(outcome[held["contact"][~late]]) == {Outcome.TRANSFERRED}
    assert (calls & (outcome == Outcome.CALLBACK)).sum() == (
        log.contacts["kind"] == ContactKind.CALLBACK
    ).sum()


@pytest.mark.parametrize("key", ["start_after", "retry_after"])
def test_one_rhythm_only(key: str) -> None:
    note = CENTRE["callbacks"]["note"] | {key: 60.0}  # type: ignore[index]
    with pytest.raises(ValueError, match=f"leave out {key}"):
        Scenario.model_validate(CENTRE | {"callbacks": {"note": note}})


def test_hours_of_handing_out_must_exist() -> None:
    note = CENTRE["callbacks"]["note"] | {"handed_out": "mornin"}  # type: ignore[index]
    with pytest.raises(ValueError, match="unknown hours 'mornin'; did you mean 'morning'"):
        Scenario.model_validate(CENTRE | {"callbacks": {"note": note}})
