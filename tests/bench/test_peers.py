"""The peers simulate what the bench says: W1 against Erlang A, W2 against one another."""

from itertools import accumulate
from math import sqrt
from operator import mul
from statistics import fmean, variance

import pytest

from bench.agreement import judge, welch
from bench.contenders import PEERS
from bench.outcome import figures
from bench.workloads import W1

CALLS, SEEDS = 3_000, range(8)
WIDE = 6.0
"""Standard errors allowed: the seeds are fixed and few."""

W1_FIGURES = ("abandoned / offered", "mean wait of answered", "mean talk")


def erlang_a():
    """Return abandonment, mean wait of the answered and mean talk of W1 (times in seconds).

    The balance of births and deaths gives the chance of each number of calls present; those
    who abandon do so at the rate of their patience, and Little's law gives the wait of all.
    Of those who wait, a caller behind n others is served with chance 20/180 over the total
    rate of departures, and has then waited for all n + 1 departures.
    """
    serve, leave = 1 / W1.mean_talk, 1 / W1.mean_patience
    states = range(1, 400)
    deaths = [min(n, W1.agents) * serve + max(n - W1.agents, 0) * leave for n in states]
    weights = [1.0, *accumulate((1 / W1.mean_gap / death for death in deaths), mul)]
    chances = [weight / sum(weights) for weight in weights]
    waiting = sum(max(n - W1.agents, 0) * chance for n, chance in enumerate(chances))
    abandoned = waiting * leave * W1.mean_gap
    answered_wait = 0.0
    for n, chance in enumerate(chances[W1.agents :]):
        rates = [W1.agents * serve + leave * ahead for ahead in range(1, n + 2)]
        survives = W1.agents * serve / rates[-1]
        answered_wait += chance * survives * sum(1 / rate for rate in rates)
    return abandoned, answered_wait / (1 - abandoned), W1.mean_talk


def samples(workload):
    """Return contender -> figure -> values over the fixed seeds."""
    found = {}
    for place, (name, runs) in enumerate(PEERS.items()):
        if workload in runs:
            outcomes = [runs[workload](CALLS, 100 * place + seed) for seed in SEEDS]
            rows = [figures(workload, outcome, CALLS) for outcome in outcomes]
            found[name] = {figure: [row[figure] for row in rows] for figure in rows[0]}
    return found


@pytest.fixture(scope="module")
def w1():
    """Return the samples of W1."""
    return samples("W1")


@pytest.fixture(scope="module")
def w2():
    """Return the samples of W2."""
    return samples("W2")


@pytest.mark.slow
@pytest.mark.parametrize(("figure", "truth"), list(zip(W1_FIGURES, erlang_a(), strict=True)))
@pytest.mark.parametrize("name", PEERS)
def test_w1_of_each_peer_agrees_with_erlang_a(w1, name, figure, truth):
    values = w1[name][figure]
    assert abs(fmean(values) - truth) < WIDE * sqrt(variance(values) / len(values))


@pytest.mark.slow
def test_peers_agree_with_each_other_on_w2(w2):
    first, second = w2.values()
    for figure, values in first.items():
        assert welch(values, second[figure])[0] < WIDE, figure


@pytest.mark.slow
@pytest.mark.parametrize("workload", ["w1", "w2"])
def test_every_visit_is_answered_or_abandoned(request, workload):
    for by_figure in request.getfixturevalue(workload).values():
        ended = zip(by_figure["answered / offered"], by_figure["abandoned / offered"], strict=True)
        assert all(sum(shares) == pytest.approx(1.0) for shares in ended)


@pytest.mark.parametrize("name", PEERS)
def test_same_seed_gives_the_same_outcome(name):
    for run in PEERS[name].values():
        assert run(300, 5) == run(300, 5)


@pytest.mark.slow
def test_a_contender_that_differs_is_set_apart_from_those_that_agree(w1):
    wrong = {"SimPy with longer talks": {k: list(v) for k, v in w1["SimPy"].items()}}
    wrong["SimPy with longer talks"]["mean talk"] = [v + 20 for v in w1["SimPy"]["mean talk"]]
    found = judge(w1 | wrong).disagreeing
    assert list(found) == ["SimPy with longer talks"]
    assert [each.figure for each in found["SimPy with longer talks"]] == ["mean talk"]
