"""Demand from counts drawn from a known law: factors, profile, busyness, hours, holidays."""

import datetime
from dataclasses import replace

import numpy as np
import pytest

from simkcc.calibration.demand import busyness, fit_days, fit_demand, fit_profile
from simkcc.calibration.halfhours import HalfHours
from simkcc.calibration.opening import hours_seen
from simkcc.calibration.redials import expected_redials, wilson
from simkcc.model.demand import Redial

MONDAY = datetime.date(2023, 1, 2).toordinal()


def working_days(weeks: int) -> np.ndarray:
    return np.array([MONDAY + 7 * week + day for week in range(weeks) for day in range(5)])


def drawn(chance: np.random.Generator, mean: np.ndarray, cv: float) -> np.ndarray:
    busy = chance.gamma(cv**-2, cv**2, len(mean)) if cv else np.ones(len(mean))
    return chance.poisson(mean * busy).astype(float)


@pytest.mark.slow
@pytest.mark.parametrize("cv", [0.0, 0.1, 0.4])
def test_busyness_interval_holds_the_truth_as_often_as_it_says(cv):
    chance = np.random.default_rng(int(100 * cv) + 1)
    dates = working_days(26)
    mean = 300 * np.array([1.3, 1.0, 1.0, 0.9, 0.8])[(dates - 1) % 7]
    held = 0
    for _ in range(60):
        value, low, high = busyness(fit_days(dates, drawn(chance, mean, cv), np.ones(12)))
        held += low <= cv <= high
        assert low <= value <= high
    assert held >= 52  # 57 of 60 expected; 51 or fewer happens in 0.6 % of such series


def test_weekdays_are_not_blurred_by_missing_days():
    chance = np.random.default_rng(2)
    dates = working_days(40)
    factors = np.array([1.4, 1.0, 1.0, 0.9, 0.7])
    kept = chance.random(len(dates)) < 0.7
    dates = dates[kept]
    days = fit_days(dates, drawn(chance, 200 * factors[(dates - 1) % 7], 0.05), np.ones(12))
    strain = np.abs(days.weekday[:5] - factors) / (1.96 * days.weekday_noise[:5])
    assert strain.max() < 2
    assert days.weekday[5:].tolist() == [0, 0]


def test_profile_of_days_with_other_hours():
    # Half the days close at noon: their afternoon is not quiet, it is closed.
    chance = np.random.default_rng(3)
    share = np.array([4, 6, 5, 3, 2, 4]) / 24
    is_open = np.ones((200, 6), bool)
    is_open[::2, 3:] = False
    weight = np.where(is_open, share, 0)
    weight /= weight.sum(axis=1, keepdims=True)
    offered = np.array([chance.multinomial(400, row) for row in weight]).astype(float)
    found, noise = fit_profile(offered, is_open)
    assert found.sum() == pytest.approx(1)
    assert (np.abs(found - share) / (1.96 * noise)).max() < 2


def counts_with(offered: np.ndarray, dates: np.ndarray) -> HalfHours:
    return HalfHours(dates, 30, ("",), offered=offered[:, :, None])


def test_hours_holidays_and_stray_calls(town):
    chance = np.random.default_rng(4)
    dates = working_days(20)
    offered = np.zeros((len(dates), 48))
    offered[:, 18:32] = chance.poisson(8, (len(dates), 14))
    offered[3, 40] = 2  # somebody at eight in the evening
    closed = [datetime.date(2023, 3, 15), datetime.date(2023, 4, 10)]  # a gap; Easter Monday
    for date in closed:
        offered[dates == date.toordinal()] = 0
    counts = counts_with(offered, dates)
    assert set(hours_seen(counts).values()) == {(18, 32)}
    found = fit_demand(counts, town.scenario)
    said = " ".join(each.en for each in found.said)
    assert "2 calls" in said
    assert "No calls on 2023-03-15:" in said
    assert found.settings["calendar.holidays"] == [closed[0]]
    assert found.settings["hours.open.mon"] == ["09:00-16:00"]
    assert "whole year" in said


def test_volume_of_part_of_a_year_is_scaled_by_the_calendar(town):
    # Exactly what the scenario expects on each date comes back as its yearly volume.
    from simkcc.engine.schedules import Almanac, Volume

    volume = Volume(Almanac(town.scenario), town.scenario.demand)
    dates = working_days(12)
    days = np.array([volume.share_of(datetime.date.fromordinal(int(d))) for d in dates]) * 50_000
    offered = np.zeros((len(dates), 48))
    offered[:, 17:34] = days[:, None] / 17
    found = fit_demand(counts_with(np.round(offered * 1000) / 1000, dates), town.scenario)
    assert found.find("demand.per_year").value == pytest.approx(50_000, rel=0.002)
    half = fit_demand(counts_with(offered, dates), town.scenario, through=0.5)
    assert half.find("demand.per_year").value == pytest.approx(100_000, rel=0.002)
    assert half.find("demand.per_year").mark == "D"


def test_few_days_are_refused(town):
    dates = working_days(1)[:4]
    offered = np.zeros((4, 48))
    offered[:, 17:34] = 20
    found = fit_demand(counts_with(offered, dates), town.scenario)
    assert found.estimates == []
    assert "4 open day(s)" in found.said[0].en
    some = counts_with(np.repeat(offered[:1], 10, axis=0), working_days(2))
    assert "too few for weekday factors" in fit_demand(some, town.scenario).said[0].en


def test_assumed_redials_are_as_many_as_assumed_and_never_outside_hours():
    is_open = np.zeros((6, 48), bool)
    is_open[:, 17:34] = True
    abandoned = np.where(is_open, 3.0, 0.0)
    found = expected_redials(abandoned, is_open, Redial(share=0.4), 30)
    assert found[~is_open].sum() == 0
    lost_after_closing = 0.4 * abandoned.sum() - found.sum()
    last_day = 0.4 * 0.3 * abandoned[-1].sum()  # those of the last day call after the file
    assert last_day <= lost_after_closing <= last_day + 0.02 * abandoned.sum()
    assert found[1, 18:34].min() > found[0, 17]  # the first half hour of all has few before it


def test_shares_have_wilson_intervals():
    # Agresti and Coull (1998): 0 of 10 has the upper bound 0.278
    assert wilson(0, 10)[2] == pytest.approx(0.2775, abs=0.001)
    share, low, high = wilson(15, 28)
    for bound in (low, high):  # the bounds are the shares that a z test just does not reject
        assert abs(share - bound) == pytest.approx(1.96 * (bound * (1 - bound) / 28) ** 0.5)


def test_a_log_without_callers_says_that_redials_are_unknown(town):
    from simkcc.calibration.redials import fit_redials

    contacts = town.figures.contacts
    blind = replace(contacts, caller=np.full(len(contacts), -1))
    found = fit_redials(blind, town.scenario)
    assert found.estimates == []
    assert "cannot be told apart" in found.said[0].en
