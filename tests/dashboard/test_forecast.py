"""The forecast: a band from the present state, made elsewhere, and held against what came."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from dashboard.walls import Still, names_of, played, small_centre
from limits import until

from simkcc.analysis.ledger import Ledger
from simkcc.dashboard import forecast
from simkcc.dashboard import now as live
from simkcc.dashboard.board import MINUTE, Board
from simkcc.dashboard.figures import Centre
from simkcc.dashboard.forecast import AHEAD, Fan, Forecaster, fan_of
from simkcc.dashboard.settings import read_settings
from simkcc.engine import runs
from simkcc.model.contact_log import DAY, SECOND
from simkcc.model.events import Event, Happening

HOUR = 3600 * SECOND


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    return small_centre(tmp_path_factory.mktemp("fan"), "horizon.days=1")


def board_at(centre: Centre, now: int) -> Board:
    board = Board(centre, names_of(centre), Still(now), read_settings(None))
    board.apply(played(centre, now)[0])
    return board


def test_the_band_is_made_of_percentiles_of_the_runs_and_begins_now(centre: Centre) -> None:
    now = 10 * HOUR
    log, plan = Ledger(played(centre, now)[0]).log(), centre.plan.seeded(99, 0)
    fan = fan_of(plan, log, now, 40)
    logs = runs.forecast(plan, log, now, now + AHEAD * MINUTE, 40)
    last = np.sort([live.waiting_over(each, np.array([fan.end]))[0] for each in logs])
    assert (fan.low[-1], fan.middle[-1], fan.high[-1]) == (last[1], last[19], last[37])
    waiting = int(live.waiting_over(log, np.array([now]))[0])
    assert fan.low[0] == fan.middle[0] == fan.high[0] == waiting
    assert len(fan.low) == AHEAD + 1
    assert all(a <= b <= c for a, b, c in zip(fan.low, fan.middle, fan.high, strict=True))


def test_it_knows_no_more_of_a_simulated_day_than_of_a_real_one(centre: Centre) -> None:
    """The day's own seed would tell who calls next: forecasts have another."""
    forecast._begin_with(centre)
    plan = forecast._plan(())
    assert plan.settings[0]["seed"] != centre.plan.settings[0]["seed"]


@pytest.mark.parametrize(
    ("high", "day", "held"), [(10**6, 0, [True]), (-1, 0, [False]), (10**6, 1, [])]
)
def test_a_forecast_is_judged_when_its_time_has_come(
    centre: Centre, high: int, day: int, held: list[bool]
) -> None:
    board = board_at(centre, 10 * HOUR)
    forecaster = Forecaster(board)
    edge = (0,) * (AHEAD + 1)
    forecaster._open.append(Fan(9 * HOUR, edge, edge, (high,) * (AHEAD + 1)))
    log = board.log()
    forecaster.judge(log, 9 * HOUR + 29 * MINUTE)
    assert not forecaster.judged
    forecaster.judge(log, day * DAY + 10 * HOUR)
    assert list(forecaster.judged) == held


def test_where_nobody_is_there_is_no_forecast(centre: Centre) -> None:
    board = board_at(centre, 6 * HOUR)
    asyncio.run(Forecaster(board).make())
    assert board.forecast is None


def test_a_centre_with_more_agents_than_its_scenario_has_gets_none_and_says_why(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = board_at(centre, 10 * HOUR)
    board.apply(
        Event(9 * HOUR, "agent", Happening.STATE, agent=100 + n, place=0, code=1) for n in range(50)
    )
    forecaster = Forecaster(board)
    forecast._begin_with(centre)
    monkeypatch.setattr(forecaster, "_process", lambda: None)  # the loop's own threads
    asyncio.run(forecaster.make())
    assert board.forecast is None
    assert "more agents are at work" in forecaster.why


@pytest.mark.slow
def test_it_is_made_in_a_process_of_its_own_that_ends_with_it(centre: Centre) -> None:
    """Slow: a process starts, and loads what it needs."""
    board = board_at(centre, 10 * HOUR)
    forecaster = Forecaster(board)
    asyncio.run(forecaster.make())
    assert board.forecast is not None
    assert board.forecast["at"] == 600
    assert forecaster._pool is not None
    (number,) = forecaster._pool._processes
    assert number != os.getpid()
    forecaster.close()
    until(lambda: not Path(f"/proc/{number}/stat").exists(), "it stays behind")


@pytest.mark.slow
def test_nine_in_ten_hold(centre: Centre) -> None:
    """Slow: many days, many forecasts each.

    Of a band of 90 %, whose edges are whole calls, at least nine in ten hold. Forecasts of one day
    lean on each other, so a day counts as one draw of its mean: 24 days, four standard errors.
    """
    means = []
    for seed in range(24):
        plan = centre.plan.seeded(1000 + seed, 0)
        day = Ledger(played(replace(centre, plan=plan), 13 * HOUR)[0]).log()
        held = []
        for start in range(8 * HOUR + 20 * MINUTE, 11 * HOUR, 40 * MINUTE):
            fan = fan_of(centre.plan.seeded(7, 0), day, start, 60)
            held.append(fan.holds(int(live.waiting_over(day, np.array([fan.end]))[0])))
        means.append(np.mean(held))
    error = np.std(means, ddof=1) / np.sqrt(len(means))
    assert np.mean(means) > 0.9 - 4 * error
