"""Both engines against closed forms, by interval, and the judge that says so."""

from dataclasses import replace

import numpy as np
import pytest
from seeds import few_of

from simkcc.analysis.intervals import ratio_interval
from simkcc.analysis.oracles import validate
from simkcc.analysis.oracles.cases import all_cases
from simkcc.analysis.oracles.figures import Case
from simkcc.analysis.oracles.reading import play_kernel, play_reference, read_log
from simkcc.engine import reference, runs
from simkcc.engine.compile import compile_plan
from simkcc.engine.statistics import Count, Sum
from simkcc.errors import SettingError
from simkcc.model.contact_log import SECOND

CASES = {case.name: case for case in all_cases()}
COUNTED = [Count.OFFERED, Count.ANSWERED, Count.ABANDONED, Count.WITHIN, Count.LOST_WITHIN]
SHORT = {"A2": 10, "B7": 4, "E3": 4, "I": 4, "B4": 20, "C": 1, "D7": 2, "F1": 10, "G2": 40, "H": 2}
"""Days of a replication, of twenty."""


def short(name: str, engine: str, days: int, replications: int) -> list[validate.Verdict]:
    """Return the verdicts of a short run of one case, judged as a family of its own."""
    case = CASES[name]
    readings = validate.read_case(case, 2, engine, days=days, replications=replications)
    level = 1 - (1 - validate.FAMILY) / len(case.figures)
    return [validate.judge(case, figure, readings, level, engine) for figure in case.figures]


def differing(verdicts: list[validate.Verdict]) -> list[validate.Verdict]:
    """Return the verdicts whose interval does not hold the truth."""
    return [verdict for verdict in verdicts if verdict.verdict == "differs"]


@pytest.mark.parametrize(("name", "days"), few_of(SHORT.items(), 4))
def test_kernel_agrees_with_closed_forms_in_short_runs(name: str, days: int) -> None:
    verdicts = short(name, "kernel", days, 20)
    assert not differing(verdicts)
    assert all(verdict.half_width < 0.25 * verdict.truth for verdict in verdicts)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["B4", "B8"])
def test_reference_agrees_with_closed_forms_in_short_runs(name: str) -> None:
    assert not differing(short(name, "reference", 1, 6))


@pytest.mark.parametrize("engine", ["kernel", "reference"])
def test_with_impatient_callers_a_second_agent_lengthens_the_total_wait(engine: str) -> None:
    waits = []
    for agents in (1, 2):
        plan = compile_plan(validate.counter_example(agents))
        log = runs.play(plan) if engine == "kernel" else reference.play(plan).log()
        waits.append(validate.total_wait(log))
    assert waits == [5 * SECOND, 6 * SECOND]
    assert all(verdict.passed for verdict in validate.validate(1, cases=["J"], engine=engine))


@pytest.mark.parametrize("name", few_of(["E3", "F1", "I", "B8"], 3))
def test_figures_are_read_alike_off_statistics_and_logs(name: str) -> None:
    case = CASES[name]
    plan = compile_plan(case.scenario(1))
    streamed, logged = play_kernel(plan, (600,)), read_log(plan, runs.play(plan))
    queues, topics = slice(len(plan.queues)), slice(len(plan.queues), len(plan.queues) + 1)
    others = [logged]
    if name == "B8":
        others.append(play_reference(plan, (600,)))
        assert np.array_equal(streamed.born, others[1].born)
        assert np.array_equal(streamed.present, others[1].present)
    for other in others:
        assert np.array_equal(streamed.counts[queues, COUNTED], other.counts[queues, COUNTED])
        assert np.array_equal(streamed.sums[queues, Sum.WAIT], other.sums[queues, Sum.WAIT])
        assert np.array_equal(streamed.waits, other.waits)
        for figure in case.figures:
            assert figure.read(streamed) == figure.read(other)
        outcomes = slice(Count.OUTCOME, Count.WITHIN)
        assert np.array_equal(streamed.counts[topics, outcomes], other.counts[topics, outcomes])


# ---------------------------------------------------------------------------------------------
# the judge


def test_every_case_has_its_letter_and_figures() -> None:
    assert sorted({name[0] for name in CASES}) == list("ABCDEFGHI")
    assert all(case.figures for case in CASES.values())


def test_truths_are_those_that_are_published() -> None:
    truths = {
        (case.name, figure.name): figure.truth for case in CASES.values() for figure in case.figures
    }
    for key, published in {
        ("A1", "mean wait, s"): 7.83593701,
        ("B2", "P(wait)"): 0.1793,
        ("B7", "abandoned"): 0.1659,
        ("C", "90th percentile of wait, s"): 12.45,
        ("D5", "mean wait, s"): 450.49,
        ("E1", "lines busy"): 9.131,
        ("F1", "second: mean wait, s"): 42.7141,
        ("G2", "deviation of the daily count"): 526.517,
        ("H", "present at 24 h"): 90.0,
    }.items():
        assert truths[key] == pytest.approx(published, rel=1e-3)


def test_wrong_truth_differs_and_a_short_run_is_too_wide() -> None:
    case = CASES["B8"]
    readings = validate.read_case(case, 2, days=2, replications=10)
    wait = next(figure for figure in case.figures if figure.name == "mean wait, s")
    wrong = replace(wait, truth=2 * wait.truth)
    assert validate.judge(case, wait, readings, 0.999).verdict == "too wide"
    assert validate.judge(case, wrong, readings, 0.999).verdict == "differs"
    assert not validate.judge(case, wrong, readings, 0.999).passed


def test_controls_leave_the_estimate_alone_and_explain_noise() -> None:
    rng = np.random.default_rng(1)
    known = rng.normal(size=(2000, 2))
    below = np.full(2000, 4.0)
    above = 4 * (3.0 + known @ [1.0, -2.0]) + rng.normal(size=2000)
    plain, better = (
        ratio_interval(above, below, 0.99),
        validate.controlled_ratio(above, below, known, 0.99),
    )
    assert plain.low < 3.0 < plain.high
    assert better.low < 3.0 < better.high
    assert better.half_width < 0.2 * plain.half_width
    alone = validate.controlled_ratio(above, below, np.zeros((2000, 0)), 0.99)
    assert (alone.low, alone.high) == pytest.approx((plain.low, plain.high))


def test_score_interval_widens_when_trials_come_in_clusters() -> None:
    below = np.full(50, 1000.0)
    alike, apart = np.zeros(50), np.full(50, 4.0)
    alike[:4] = 50.0
    clustered, even = (validate.clustered_score(above, below, 0.99) for above in (alike, apart))
    assert clustered.mean == even.mean == pytest.approx(0.004)
    assert clustered.half_width > 2 * even.half_width


def test_unknown_engine_and_case_are_refused_by_name() -> None:
    with pytest.raises(SettingError, match="unknown engine 'abacus'; known: kernel, reference"):
        validate.validate(1, engine="abacus")
    with pytest.raises(SettingError, match="no case Z on the kernel; there are A1, A2"):
        validate.validate(1, cases=["Z"])


def test_progress_counts_replications_and_rows_are_plain() -> None:
    seen = []
    verdicts = validate.validate(2, lambda *told: seen.append(told), cases=["B8"], effort=0.05)
    assert seen[-1] == (100, 100, "B8")
    row = validate.table(verdicts)[0]
    assert row["case"] == "B8"
    assert row["low"] < row["truth"] < row["high"]
    assert {type(value) for value in row.values()} <= {str, float, int}


def test_load_that_loses_is_where_erlang_a_loses() -> None:
    load = validate.load_that_loses(0.19, 8, 336.0, 450.0)
    assert validate.erlang.erlang_a(load, 8, 336.0, 450.0).abandoned == pytest.approx(0.19)


@pytest.mark.slow
def test_one_patience_comes_near_four_years_of_a_municipal_centre() -> None:
    rows = validate.patience_fit(2, days=2)
    assert [row["year"] for row in rows] == [2016, 2017, 2018, 2019]
    for row in rows:
        assert row["abandoned"] == pytest.approx(row["abandoned_published"], abs=0.01)
        assert abs(row["error"]) < 0.05
    assert [row["fits"] for row in rows][1:] == [True, True, True]


# ---------------------------------------------------------------------------------------------
# the whole table


def failures(verdicts: list[validate.Verdict]) -> list[validate.Verdict]:
    """Return the verdicts that are no pass."""
    return [verdict for verdict in verdicts if not verdict.passed]


@pytest.mark.slow
@pytest.mark.parametrize("letter", "ABCDEFGHI")
def test_kernel_reproduces_every_oracle(letter: str) -> None:
    chosen: list[Case] = [case for case in all_cases() if case.name.startswith(letter)]
    verdicts = validate.validate(2, cases=[letter])
    assert len(verdicts) == sum(len(case.figures) for case in chosen)
    assert not failures(verdicts)


@pytest.mark.slow
def test_reference_reproduces_the_shorter_oracles() -> None:
    assert not failures(validate.validate(2, engine="reference"))
