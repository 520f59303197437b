"""The closed forms give published figures to the last digit, or prove it wrong, and the limits."""

import math
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simkcc.analysis import erlang
from simkcc.analysis.erlang import (
    agents_needed,
    daily_count_deviation,
    erlang_a,
    erlang_b,
    erlang_c,
    erlang_g,
    exponential_patience,
    fixed_patience,
    menu_and_agents,
    second_line,
    sinusoidal_load,
    square_root_staffing,
    uniform_patience,
)

LAWS = {
    "exponential": exponential_patience(1.0),
    "fixed": fixed_patience(1.0),
    "uniform": uniform_patience(0.0, 2.0),
}
CENTRE = {"rate": 2 / 60, "agent_share": 0.9, "aht": 180.0, "agents": 7}
ENDLESS = erlang.Patience(survival=np.ones_like, mean_until=np.asarray)
sine = partial(sinusoidal_load, period=2.0 * math.pi, aht=1.0)

loads = st.floats(0.05, 60.0)
small_groups = st.integers(1, 60)
patiences = st.floats(0.01, 100.0)


def printed(figure: str) -> object:
    """Return what equals `figure` in all digits it is printed with."""
    decimals = len(figure.partition(".")[2])
    return pytest.approx(float(figure), rel=0.0, abs=0.5001 * 10.0**-decimals)


def load_of(per_hour: float, aht: float) -> float:
    return per_hour * aht / 3600.0


@pytest.mark.parametrize(
    ("per_hour", "aht", "agents", "wait_share", "service_level", "asa"),
    [
        (200, 180, 14, "0.1741319", "0.88835", "7.83593701"),
        (60, 300, 7, "0.32415", "0.71631", "48.62"),
        (60, 300, 8, "0.167267", "0.863054", "16.727"),
        (1000, 120, 35, "0.6965", "0.4724", "50.15"),
        (101.6, 180, 7, ".3436", ".7224", "32.21"),
        (101.6, 180, 8, ".1793", ".8704", "11.05"),
        (60, 240, 6, ".2848", ".7590", "34.17"),
        (12, 150, 2, ".1000", ".9181", "10.00"),
    ],
)
def test_erlang_c_is_as_published(per_hour, aht, agents, wait_share, service_level, asa):
    queue = erlang_c(load_of(per_hour, aht), agents, aht)
    assert queue.wait_share == printed(wait_share)
    assert queue.service_level(20.0) == printed(service_level)
    assert queue.asa == printed(asa)
    assert erlang_c(10.0, 14, 180.0).occupancy == printed("0.7142857")


@pytest.mark.parametrize(
    ("per_hour", "aht", "agents", "wait_share", "mean_wait", "abandoned"),
    [
        (101.6, 180, 7, ".2843", "15.37", ".0342"),
        (101.6, 180, 5, ".6728", "64.34", ".1430"),
        (60, 240, 4, ".6318", "74.67", ".1659"),
        (12, 150, 1, ".4323", "60.93", ".1354"),
    ],
)
def test_erlang_a_of_small_centres(per_hour, aht, agents, wait_share, mean_wait, abandoned):
    queue = erlang_a(load_of(per_hour, aht), agents, aht, patience=450.0)
    assert queue.wait_share == printed(wait_share)
    assert queue.mean_wait == printed(mean_wait)
    assert queue.abandoned == printed(abandoned)


def test_erlang_a_gives_the_classic_example_of_mandelbaum_and_zeltyn():
    queue = erlang_a(48.0, 50, aht=60.0, patience=120.0)
    assert queue.abandoned == printed(".03091")
    assert queue.mean_wait == printed("3.709")
    assert queue.queue_length == printed("2.968")
    assert queue.occupancy == printed(".9303")
    assert queue.wait_share == printed(".46777")


def chance_present(load: float, agents: int, patience: float, most: int) -> np.ndarray:
    """Return the chance of 0 ... `most` callers in the birth and death chain of Erlang A."""
    present = np.arange(1, most + 1)
    leaving = np.minimum(present, agents) + np.maximum(present - agents, 0) / patience
    logs = np.concatenate([[0.0], np.cumsum(np.log(load) - np.log(leaving))])
    chance = np.exp(logs - logs.max())
    return chance / chance.sum()


def test_share_served_in_time_of_mandelbaum_and_zeltyn_follows_callers_up_the_queue():
    """Published as .94303; exactly it is .9430190, as the caller's own chain of places confirms."""
    from scipy.linalg import expm

    agents, patience, places = 50, 2.0, 200
    chance = chance_present(48.0, agents, patience, most=agents + places)
    answered, gone = places, places + 1
    flow = np.zeros((places + 2, places + 2))
    for ahead in range(places):
        step = agents + ahead / patience
        flow[ahead, ahead - 1 if ahead else answered] += step
        flow[ahead, gone] += 1.0 / patience
        flow[ahead, ahead] -= step + 1.0 / patience
    start = np.concatenate([chance[agents : agents + places], [chance[:agents].sum(), 0.0]])
    end = start @ expm(flow * 20.0 / 60.0)
    queue = erlang_a(48.0, agents, aht=60.0, patience=120.0)
    assert queue.served_within(20.0) == pytest.approx(end[answered], rel=1e-10)
    assert queue.waits_longer(20.0) == pytest.approx(end[:places].sum(), rel=1e-10)
    assert queue.served_within(20.0) == printed("0.9430190")
    assert queue.served_within(20.0) == pytest.approx(0.94303, abs=2e-5)


def test_ninetieth_percentile_of_mandelbaum_and_zeltyn_is_of_every_wait_however_it_ends():
    """Published as 12.45 s; exactly it is 12.4446 s, beyond which 0.1000 wait and not 0.0999."""
    queue = erlang_a(48.0, 50, aht=60.0, patience=120.0)
    assert queue.wait_percentile(0.90) == pytest.approx(12.45, abs=0.01)
    assert queue.waits_longer(12.45) == printed("0.0999")
    assert queue.waits_longer(queue.wait_percentile(0.90)) == pytest.approx(0.10, abs=1e-12)
    assert queue.offered_wait_percentile(0.90) == printed("13.15")


@pytest.mark.parametrize(
    ("law", "agents", "wait_share", "abandoned", "mean_wait", "within"),
    [
        ("exponential", 90, ".85365", ".10790", ".10790", ".44901"),
        ("exponential", 100, ".51330", ".03986", ".03986", ".81365"),
        ("exponential", 110, ".17056", ".00871", ".00871", ".96909"),
        ("fixed", 90, ".99997", ".10000", ".91002", ".00010"),
        ("fixed", 100, ".89215", ".00883", ".45049", ".19618"),
        ("fixed", 110, ".23700", ".00000", ".02369", ".91282"),
        ("uniform", 90, ".93184", ".10368", ".19233", ".22653"),
        ("uniform", 100, ".59211", ".03341", ".06385", ".70869"),
        ("uniform", 110, ".19056", ".00609", ".01183", ".95595"),
    ],
)
def test_patience_of_zeltyn_and_mandelbaum(law, agents, wait_share, abandoned, mean_wait, within):
    queue = erlang_g(100.0, agents, aht=1.0, patience=LAWS[law])
    assert queue.wait_share == printed(wait_share)
    assert queue.abandoned == printed(abandoned)
    assert queue.mean_wait == printed(mean_wait)
    assert queue.served_within(0.1) == printed(within)


def exactly_blocked(menu: float, trunks: int) -> float:
    """Return blocking by adding every state in fractions: 2 calls / min, 5.4 erlang, 7 agents."""
    in_menu, at_agents = [Fraction(1)], [Fraction(1)]
    for count in range(1, trunks + 1):
        in_menu.append(in_menu[-1] * Fraction(menu) / 30 / count)
        at_agents.append(at_agents[-1] * Fraction(27, 5) / min(count, 7))
    by_taken = [
        sum(in_menu[taken - busy] * at_agents[busy] for busy in range(taken + 1))
        for taken in range(trunks + 1)
    ]
    return float(by_taken[-1] / sum(by_taken))


@pytest.mark.parametrize(
    ("menu", "trunks", "percent", "mean_wait", "wait_share", "busy"),
    [
        (80.0, 20, ".757496", "37.80", ".40886", "9.131"),
        (13.0, 20, ".38606", "41.63", ".41826", "7.055"),
        (80.0, 14, "3.9653", "19.97", ".32576", "8.322"),
        (13.0, 14, "1.9258", "28.39", ".37882", "6.556"),
    ],
)
def test_menu_and_agents_of_srinivasan(menu, trunks, percent, mean_wait, wait_share, busy):
    centre = menu_and_agents(menu=menu, trunks=trunks, **CENTRE)
    assert 100.0 * centre.blocked == printed(percent)
    assert 100.0 * centre.blocked == pytest.approx(100.0 * exactly_blocked(menu, trunks), rel=1e-12)
    assert centre.mean_wait == printed(mean_wait)
    assert centre.wait_share == printed(wait_share)
    assert centre.trunks_busy == printed(busy)


def test_blocking_published_as_075752_percent_is_that_to_four_digits():
    """The sum in fractions above gives .757496 %."""
    assert exactly_blocked(80.0, 20) == pytest.approx(0.0075752, rel=5e-5)


@pytest.mark.parametrize(
    ("transfer_share", "agents", "wait_share", "asa", "service_level"),
    [(0.40, 6, ".284761", "42.7141", ".750785"), (0.15, 3, ".236842", "47.3684", ".785696")],
)
def test_second_line_is_erlang_c_after_burke(
    transfer_share, agents, wait_share, asa, service_level
):
    first = erlang_c(4.0, 6, aht=120.0)
    second = second_line(first, transfer_share, agents, aht=300.0)
    assert first.wait_share == printed(".284761")
    assert first.asa == printed("17.0857")
    assert first.service_level(20.0) == printed(".795960")
    assert second.wait_share == printed(wait_share)
    assert second.asa == printed(asa)
    assert second.service_level(20.0) == printed(service_level)


@pytest.mark.parametrize(
    ("shape", "deviation"), [(400, "92.461"), (10, "526.517"), (math.inf, "40.743")]
)
def test_busy_and_quiet_days_spread_the_daily_count(shape, deviation):
    assert daily_count_deviation(1660.0, shape) == printed(deviation)


@pytest.mark.parametrize("time", [0.0, 1.0, 2.5, 4.0, 6.0])
def test_load_lags_a_sinusoidal_rate_as_in_eick_massey_and_whitt(time):
    assert sine(time, mean_rate=100.0, amplitude=20.0) == pytest.approx(
        100.0 + 10.0 * (math.sin(time) - math.cos(time)), rel=1e-12
    )


def test_agents_needed_are_enough_and_one_fewer_is_not():
    assert agents_needed(200.0, aht=180.0, threshold=20.0, share=0.80) == 14
    assert erlang_c(10.0, 14, 180.0).service_level(20.0) >= 0.80
    assert erlang_c(10.0, 13, 180.0).service_level(20.0) < 0.80
    impatient = agents_needed(200.0, 180.0, threshold=20.0, share=0.80, patience=120.0)
    assert impatient < 14
    assert erlang_a(10.0, impatient, 180.0, 120.0).served_within(20.0) >= 0.80
    assert erlang_a(10.0, impatient - 1, 180.0, 120.0).served_within(20.0) < 0.80


def test_no_arrivals_need_one_agent():
    assert agents_needed(0.0, 180.0, 20.0, 0.80) == 1
    assert agents_needed(0.0, 180.0, 20.0, 0.80, patience=60.0) == 1


def test_square_root_staffing_rounds_up_and_keeps_the_minimum():
    assert square_root_staffing(100.0, 0.5) == 105
    assert square_root_staffing(99.0, 0.5) == 104
    assert square_root_staffing(0.2, 0.5, minimum=2) == 2


@given(loads, small_groups)
def test_fewer_are_blocked_than_would_wait(load, agents):
    if load < agents:
        assert erlang_b(load, agents) <= erlang_c(load, agents, 1.0).wait_share * (1.0 + 1e-12)


@given(loads, small_groups)
def test_patience_without_end_is_erlang_c(load, agents):
    if load < 0.95 * agents:
        patient, endless = erlang_a(load, agents, 1.0, 1e8), erlang_c(load, agents, 1.0)
        assert patient.wait_share == pytest.approx(endless.wait_share, rel=1e-4, abs=1e-12)
        assert patient.asa == pytest.approx(endless.asa, rel=1e-4, abs=1e-12)
        assert patient.served_within(0.3) == pytest.approx(endless.service_level(0.3), rel=1e-4)


@given(loads, small_groups, patiences)
def test_abandoned_share_is_mean_wait_over_mean_patience(load, agents, patience):
    queue = erlang_a(load, agents, 1.0, patience)
    assert queue.abandoned == pytest.approx(queue.mean_wait / patience, rel=1e-9, abs=1e-14)


@given(loads, small_groups, patiences)
def test_erlang_a_equals_its_birth_and_death_chain(load, agents, patience):
    """Count callers present instead of integrating over waits: nothing is shared but the truth."""
    most = agents + 400 + int(4.0 * load * max(patience, 1.0))
    chance = chance_present(load, agents, patience, most)
    waiting = np.maximum(np.arange(most + 1) - agents, 0)
    queue = erlang_a(load, agents, 1.0, patience)
    assert queue.wait_share == pytest.approx(chance[agents:].sum(), rel=1e-8, abs=1e-12)
    assert queue.queue_length == pytest.approx(chance @ waiting, rel=1e-8, abs=1e-12)
    assert queue.abandoned == pytest.approx(chance @ waiting / patience / load, rel=1e-8, abs=1e-12)
    busy = chance @ np.minimum(np.arange(most + 1), agents)
    assert queue.occupancy == pytest.approx(busy / agents, rel=1e-8)


@given(loads, small_groups, patiences)
def test_general_patience_with_exponential_law_is_erlang_a(load, agents, patience):
    general = erlang_g(load, agents, 1.0, exponential_patience(patience))
    assert general == erlang_a(load, agents, 1.0, patience)


@given(loads, st.integers(1, 40), patiences)
def test_more_agents_help_in_erlang_a(load, agents, patience):
    fewer, more = (erlang_a(load, count, 1.0, patience) for count in (agents, agents + 1))
    assert more.mean_wait <= fewer.mean_wait * (1.0 + 1e-12)
    assert more.wait_share <= fewer.wait_share * (1.0 + 1e-12)
    assert more.abandoned <= fewer.abandoned * (1.0 + 1e-12) + 1e-15
    assert more.served_within(0.2) >= fewer.served_within(0.2) - 1e-12


@given(loads, small_groups)
def test_more_agents_help_in_erlang_c(load, agents):
    if load < agents:
        fewer, more = erlang_c(load, agents, 1.0), erlang_c(load, agents + 1, 1.0)
        assert more.asa <= fewer.asa
        assert more.service_level(0.2) >= fewer.service_level(0.2)


@given(loads, small_groups, st.sampled_from(sorted(LAWS)), st.floats(0.0, 3.0))
def test_every_caller_is_answered_or_abandons(load, agents, law, threshold):
    queue = erlang_g(load, agents, 1.0, LAWS[law])
    assert queue.occupancy * agents / load + queue.abandoned == pytest.approx(1.0, abs=1e-9)
    assert queue.served_within(1e6) == pytest.approx(1.0 - queue.abandoned, abs=1e-9)
    assert queue.served_within(threshold) <= 1.0 - queue.waits_longer(threshold) + 1e-12
    assert queue.queue_length == pytest.approx(load * queue.mean_wait)


@pytest.mark.parametrize("law", sorted(LAWS))
@pytest.mark.parametrize("load", [1.0, 500.0, 999.0, 1000.0, 1001.0, 5000.0])
def test_a_thousand_agents_stay_finite(law, load):
    queue = erlang_g(load, 1000, 1.0, LAWS[law])
    figures = [queue.wait_share, queue.abandoned, queue.mean_wait, queue.asa, queue.queue_length]
    figures += [queue.served_within(0.1), queue.wait_percentile(0.9)]
    assert all(math.isfinite(figure) and figure >= -1e-12 for figure in figures)
    assert queue.abandoned == pytest.approx(max(0.0, 1.0 - 1000.0 / load), abs=0.03)


def test_a_thousand_agents_stay_finite_without_abandonment():
    queue = erlang_c(999.0, 1000, 180.0)
    assert 0.9 < queue.wait_share < 1.0
    assert math.isfinite(queue.wait_percentile(0.99))
    assert erlang_b(1.0, 1000) == 0.0


def test_percentile_of_wait_splits_the_callers():
    queue = erlang_c(10.0, 12, 180.0)
    assert queue.service_level(queue.wait_percentile(0.95)) == pytest.approx(0.95)
    assert queue.wait_percentile(0.50) == 0.0


def test_nobody_waits_beyond_a_fixed_patience():
    queue = erlang_g(100.0, 80, 1.0, LAWS["fixed"])
    assert queue.wait_percentile(0.99) == 1.0
    assert queue.waits_longer(1.0) == 0.0


def test_uniform_patience_from_above_zero_has_the_mean_it_says():
    law = uniform_patience(1.0, 3.0)
    waits = np.array([0.5, 2.0, 3.0, 9.0])
    assert law.mean_until(waits) == pytest.approx([0.5, 1.75, 2.0, 2.0])
    assert law.survival(waits) == pytest.approx([1.0, 0.5, 0.0, 0.0])


def test_shorter_menu_lengthens_the_wait_and_shortens_the_visit():
    long_menu, short_menu = (
        menu_and_agents(menu=menu, trunks=20, **CENTRE) for menu in (80.0, 13.0)
    )
    assert short_menu.mean_wait > long_menu.mean_wait
    assert short_menu.mean_visit < long_menu.mean_visit


def test_trunks_without_end_leave_erlang_c_behind_the_menu():
    centre = menu_and_agents(menu=80.0, trunks=400, **CENTRE)
    queue = erlang_c(5.4, 7, 180.0)
    assert centre.blocked < 1e-12
    assert centre.mean_wait == pytest.approx(queue.asa)
    assert centre.wait_share == pytest.approx(queue.wait_share)
    assert centre.occupancy == pytest.approx(queue.occupancy)
    assert centre.mean_visit == pytest.approx(80.0 + 0.9 * (queue.asa + 180.0))


def test_hopeless_overload_blocks_nearly_everybody():
    centre = menu_and_agents(rate=1e3, menu=80.0, agent_share=0.9, aht=180.0, agents=7, trunks=200)
    assert 0.99 < centre.blocked < 1.0


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: erlang_c(10.0, 10, 60.0), "agents = 10 cannot carry offered_load = 10 .* 11 can"),
        (lambda: erlang_b(-1.0, 3), "offered_load = -1 is no load"),
        (lambda: erlang_b(math.nan, 3), "offered_load = nan is no load"),
        (lambda: erlang_a(1.0, 0, 60.0, 60.0), "agents = 0 must be a whole number of at least 1"),
        (lambda: erlang_a(1.0, 2, 60.0, 0.0), "patience = 0 must be positive"),
        (lambda: erlang_c(1.0, 2, -60.0), "aht = -60 must be positive"),
        (lambda: uniform_patience(3.0, 2.0), "low = 3, high = 2 is no range"),
        (lambda: agents_needed(60.0, 60.0, 20.0, 1.0), "share = 1 must lie between 0 and 1"),
        (lambda: agents_needed(60.0, 60.0, -1.0, 0.8), "threshold = -1 must be finite"),
        (lambda: second_line(erlang_c(1.0, 2, 60.0), 1.5, 2, 60.0), "transfer_share = 1.5 is no"),
        (lambda: daily_count_deviation(10.0, 0.0), "shape = 0 must be positive"),
        (lambda: sine(0.0, mean_rate=1.0, amplitude=2.0), "amplitude = 2 makes the rate negative"),
        (lambda: erlang_g(9.0, 2, 1.0, ENDLESS), "too few callers lose patience"),
    ],
)
def test_impossible_arguments_are_named_with_what_would_do(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
