"""Patience that no single wait shows: from half-hourly counts, and from yearly reports."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from seeds import few_of

from simkcc.analysis import erlang
from simkcc.calibration.halfhours import HalfHours
from simkcc.calibration.queueing import erlang_a
from simkcc.calibration.unseen import fit_unseen
from simkcc.calibration.years import Year, fit_years, year_findings
from simkcc.model.scenario import Scenario

HERTOGENBOSCH = [
    # 's-Hertogenbosch, annual report 2019 (s-hertogenbosch.jaarverslag-2019.nl): calls, talk in
    # seconds, share answered within 25 s of offered, share abandoned
    Year("2016", 214_997, 336, 0.37, 0.19), Year("2017", 198_490, 342, 0.45, 0.14),
    Year("2018", 174_444, 287, 0.71, 0.06), Year("2019", 163_408, 292, 0.67, 0.07),
]  # fmt: skip


@pytest.mark.parametrize("threshold", [0.0, 25.0])
def test_tables_of_erlang_a_are_the_closed_form(threshold):
    for load, agents, aht, patience in itertools.product(
        (0.3, 5, 20), (1, 5, 24), (90, 330), (60, 450, 2000)
    ):
        exact = erlang.erlang_a(load, agents, aht, patience)
        found = erlang_a(np.array([load]), np.array([agents]), aht, patience, threshold)
        assert found.abandoned[0] == pytest.approx(exact.abandoned, abs=1e-7)
        assert found.within[0] == pytest.approx(exact.served_within(threshold), abs=1e-7)
        answered = exact.asa * (1 - exact.abandoned)
        assert found.wait_of_answered[0] == pytest.approx(answered, rel=1e-6, abs=1e-6)


# ---------------------------------------------------------------------------------------------
# half-hourly counts


def balanced(patience: float, weeks: int = 20, seed: int = 1) -> HalfHours:
    """Return counts drawn half hour by half hour from Erlang A queues in balance."""
    chance = np.random.default_rng(seed)
    dates = np.array(
        [738_000 - 738_000 % 7 + 1 + 7 * w + d for w in range(weeks) for d in range(5)]
    )
    shape = (len(dates), 48, 1)
    names = (
        "offered",
        "answered",
        "abandoned",
        "within",
        "handled",
        "handle_seconds",
        "wait_seconds",
    )
    columns = {name: np.zeros(shape) for name in names}
    for place in range(20):
        load, agents = 4.0 + 3.0 * np.sin(place / 3), 5 + round(2.5 * np.sin(place / 3 + 0.3))
        queue = erlang_a(np.array([load]), np.array([agents]), 240.0, patience, 20.0)
        offered = chance.poisson(load * 1800 / 240, len(dates))
        rest = 1 - queue.within[0] - queue.abandoned[0]
        drawn = chance.multinomial(offered, [queue.within[0], queue.abandoned[0], rest])
        columns["offered"][:, 16 + place, 0] = offered
        columns["within"][:, 16 + place, 0] = drawn[:, 0]
        columns["abandoned"][:, 16 + place, 0] = drawn[:, 1]
        columns["answered"][:, 16 + place, 0] = offered - drawn[:, 1]
        noise = chance.gamma(4.0, 0.25, len(dates))  # callers of a half hour wait long together
        columns["wait_seconds"][:, 16 + place, 0] = queue.wait_of_answered[0] * offered * noise
    columns["handled"] = columns["answered"]
    columns["handle_seconds"] = 240 * columns["answered"]
    return HalfHours(dates, 30, ("",), **columns)


@pytest.mark.parametrize("patience", few_of([150.0, 450.0], 1))
@pytest.mark.parametrize("known", few_of(["within", "wait_seconds"], 1))
def test_counts_of_queues_in_balance_give_their_patience_and_roster(patience, known):
    counts = balanced(patience)
    other = "wait_seconds" if known == "within" else "within"
    counts = replace(counts, **{other: None})
    found = fit_unseen(counts, handling=240.0, busyness_cv=0.0, threshold=20.0, group="team")
    each = found.find("patience.mean")
    assert each.mark == "D"
    assert each.low <= patience <= each.high
    truth = [5 + round(2.5 * np.sin(place / 3 + 0.3)) for place in range(20)]
    assert np.abs(np.array(found.find("groups.team.roster.wed").value) - truth).mean() < 0.3


@pytest.mark.slow  # a fit
def test_half_hours_of_few_calls_have_people_too_and_closed_ones_have_none():
    counts = balanced(450.0)
    columns = ("offered", "abandoned", "within", "answered", "handled")
    for name in columns:  # two calls at the end of the day, all answered in time
        getattr(counts, name)[:, 36, 0] = 0 if name == "abandoned" else 2
    counts.handle_seconds[:, 36, 0] = 480
    for name in (*columns, "handle_seconds", "wait_seconds"):  # closed on Friday after 16:00
        getattr(counts, name)[counts.weekdays == 4, 32:, 0] = 0
    found = fit_unseen(counts, handling=240.0, busyness_cv=0.0, threshold=20.0, group="team")
    monday, friday = (found.find(f"groups.team.roster.{day}").value for day in ("mon", "fri"))
    assert len(monday) == len(friday) == 21
    assert 1 <= monday[-1] <= 3
    assert min(friday[:16]) >= 1
    assert friday[16:] == [0] * 5


def test_patience_is_refused_where_counts_cannot_tell():
    counts = balanced(450.0)
    arguments = {"handling": 240.0, "busyness_cv": 0.0, "threshold": 20.0, "group": None}
    calm = replace(counts, abandoned=np.zeros_like(counts.abandoned))
    assert "No abandonments" in fit_unseen(calm, **arguments).said[0].en
    bare = replace(counts, within=None, wait_seconds=None)
    assert "cannot be told apart" in fit_unseen(bare, **arguments).said[0].en
    silent = replace(counts, abandoned=None)
    assert "counts no abandoned" in fit_unseen(silent, **arguments).said[0].en
    for each in (calm, bare, silent):
        assert fit_unseen(each, **arguments).estimates == []


# ---------------------------------------------------------------------------------------------
# yearly figures


@pytest.fixture(scope="module")
def municipality() -> Scenario:
    """Return a centre with the usual shape of municipal demand, open from 8 to 18."""
    shares = (20, 48, 72, 82, 84, 82, 76, 64, 48, 42, 52, 62, 64, 60, 52, 40, 28, 12, 7, 5)
    return Scenario.model_validate({
        "calendar": {"country": "NL"}, "hours": {"open": {"weekdays": ["08:00-18:00"]}},
        "demand": {
            "per_year": 200_000.0, "weekday": [1.25, 1.03, 1.00, 0.92, 0.80], "busyness_cv": 0.1,
            "month": [1.16, 1.06, 1.02, 0.98, 0.97, 1.00, 0.88, 0.86, 1.08, 1.03, 1.00, 0.96],
            "profile": {"start": "08:00", "shares": [float(share) for share in shares]},
        },
        "topics": {"calls": {"share": 1.0}}, "handling": {"aht": 300.0},
        "queues": {"kcc": {"routes": [{"group": "team"}]}}, "groups": {"team": {"agents": 8}},
    })  # fmt: skip


@pytest.mark.slow
def test_four_years_of_hertogenbosch_have_one_patience(municipality):
    common = fit_years(HERTOGENBOSCH, municipality, 25.0)
    assert common.low < 450 < common.high  # the mean that scenarios assume
    assert 360 <= common.patience <= 600
    for met in common.met:  # printed in whole percents: half a point, and as much for the model
        assert met.service_level == pytest.approx(met.year.service_level, abs=0.01)
        assert met.abandonment == pytest.approx(met.year.abandonment, abs=0.01)
    found = year_findings(common)
    assert found.find("patience.mean").mark == "D"


@pytest.mark.slow
def test_the_one_patience_does_not_hang_on_wrap_up(municipality):
    plain = fit_years(HERTOGENBOSCH, municipality, 25.0)
    longer = [replace(year, handling=year.handling + 60) for year in HERTOGENBOSCH]
    other = fit_years(longer, municipality, 25.0)
    assert plain.low < other.patience < plain.high


@pytest.mark.slow
def test_one_year_alone_is_refused(municipality):
    found = year_findings(fit_years(HERTOGENBOSCH[:1], municipality, 25.0))
    assert found.estimates == []
