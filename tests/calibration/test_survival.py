"""Kaplan-Meier and families against hand examples, scipy and closed forms."""

import warnings

import numpy as np
import pytest
from scipy import stats
from seeds import few_of

from simkcc.calibration.durations import fit_patience
from simkcc.calibration.laws import (
    EXPONENTIAL,
    GAMMA,
    HYPEREXPONENTIAL,
    LOGNORMAL,
    WEIBULL,
    WITH_ZERO,
    durations,
    fit,
    fits,
    kaplan_meier,
)

FREIREICH = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
"""Weeks of remission of 21 patients on 6-MP (Freireich et al. 1963); the first nine relapsed."""


def test_kaplan_meier_of_a_published_example():
    curve = kaplan_meier(FREIREICH, np.arange(21) < 9)
    assert curve.seconds.tolist() == [6, 7, 10, 13, 16, 22, 23]
    by_hand = np.cumprod([18 / 21, 16 / 17, 14 / 15, 11 / 12, 10 / 11, 6 / 7, 5 / 6])
    assert curve.survival == pytest.approx(by_hand)
    assert curve.at(9.9) == pytest.approx(by_hand[1])
    assert curve.at(0) == 1


def test_kaplan_meier_is_that_of_scipy():
    chance = np.random.default_rng(7)
    ends, cuts = chance.exponential(50, 400).round(), chance.exponential(30, 400).round()
    seen, over = np.minimum(ends, cuts), ends <= cuts
    theirs = stats.ecdf(stats.CensoredData.right_censored(seen, ~over)).sf
    ours = kaplan_meier(seen, over)
    assert ours.at(theirs.quantiles) == pytest.approx(theirs.probabilities)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where its interval does not exist
        interval = theirs.confidence_interval(0.95, method="log-log")
    inside = (ours.survival > 0.02) & (ours.at_risk > 5)
    places = np.searchsorted(theirs.quantiles, ours.seconds[inside])
    # scipy's normal quantile is exact, ours is 1.96
    assert ours.low[inside] == pytest.approx(interval.low.probabilities[places], abs=1e-4)
    assert ours.high[inside] == pytest.approx(interval.high.probabilities[places], abs=1e-4)


def test_censored_exponential_is_exposure_over_hang_ups():
    chance = np.random.default_rng(3)
    ends, cuts = chance.exponential(300, 20_000), chance.exponential(60, 20_000)
    seen, over = np.minimum(ends, cuts), ends <= cuts
    law = fit(EXPONENTIAL, durations(seen, over))
    by_hand = seen.sum() / over.sum()
    assert law.parameters[0] == pytest.approx(by_hand, rel=0.005)
    (low, high), noise = law.ranges[0], 1.96 / over.sum() ** 0.5
    assert np.log(high / low) / 2 == pytest.approx(noise, rel=0.03)


SAMPLES = {
    "exponential": (EXPONENTIAL, lambda c, n: c.exponential(200, n), (200.0,)),
    "weibull": (WEIBULL, lambda c, n: 200 / 0.886227 * c.weibull(2.0, n), (200.0, 2.0)),
    "gamma": (GAMMA, lambda c, n: c.gamma(4.0, 50.0, n), (200.0, 0.5)),
    "lognormal": (LOGNORMAL, lambda c, n: c.lognormal(5.0, 0.8, n), (np.exp(5.32), np.expm1(0.64) ** 0.5)),
    "hyperexponential": (
        HYPEREXPONENTIAL,
        lambda c, n: np.where(c.random(n) < 0.4, c.exponential(40, n), c.exponential(400, n)),
        (0.4, 40.0, 400.0),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", few_of(SAMPLES, 2))
def test_a_family_is_recognised_and_measured(name):
    family, draw, truth = SAMPLES[name]
    data = durations(draw(np.random.default_rng(11), 20_000))
    found = fits((EXPONENTIAL, LOGNORMAL, GAMMA, WEIBULL, HYPEREXPONENTIAL), data)[0]
    assert found.family is family
    for value, real, (low, high) in zip(found.parameters, truth, found.ranges, strict=True):
        assert abs(value - real) <= 2 * max(value - low, high - value)


def test_quick_hang_ups_are_a_mass_at_zero():
    chance = np.random.default_rng(5)
    ends = np.where(chance.random(30_000) < 0.08, 0.0, chance.exponential(400, 30_000))
    cuts = chance.exponential(80, 30_000)
    found = fit_patience(np.minimum(ends, cuts), ends <= cuts)
    zero, mean = found.find("patience.zero"), found.find("patience.mean")
    assert zero.low <= 0.08 <= zero.high
    assert mean.low <= 400 <= mean.high
    assert WITH_ZERO.name not in found.settings.values()  # a scenario says it as `zero`
    assert found.settings["patience.kind"] == "exponential"


def test_no_hang_up_gives_a_bound_and_no_estimate():
    found = fit_patience(np.full(600, 10.0), np.zeros(600, bool))
    assert found.estimates == []
    # rule of three: exposure / -ln 0.05 = 6000 / 2.9957
    assert "at least 2003 s" in found.said[0].en
    assert "minstens 2003 s" in found.said[0].nl


def test_few_hang_ups_are_refused_and_a_shape_is_not_claimed():
    chance = np.random.default_rng(2)
    wait = chance.exponential(30, 400)
    few = fit_patience(wait, np.arange(400) < 9)
    assert few.estimates == []
    assert "Only 9 abandonments" in few.said[0].en
    some = fit_patience(wait, np.arange(400) < 40)
    assert some.settings == {"patience.kind": "exponential"}
    assert "shape of patience cannot be estimated" in some.said[0].en


def test_those_answered_at_once_say_nothing_about_patience():
    chance = np.random.default_rng(4)
    wait, over = chance.exponential(60, 2000), chance.random(2000) < 0.2
    alone = fit_patience(wait, over)
    among = fit_patience(np.append(wait, np.zeros(9000)), np.append(over, np.zeros(9000, bool)))
    assert alone.find("patience.mean") == among.find("patience.mean")
