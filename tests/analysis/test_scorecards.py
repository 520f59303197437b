"""Scorecards and expectations: verdicts from whole intervals, parts, what must not exist, pools."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from simkcc.analysis.document import run_document
from simkcc.analysis.expected import expectations_met
from simkcc.analysis.intervals import Interval
from simkcc.analysis.results import Result, run
from simkcc.analysis.scorecards import WORDS, Judged, judge, scorecard_documents, scorecards_of
from simkcc.commands.screen import console
from simkcc.commands.screen_scorecards import SIGNS, print_scorecards
from simkcc.errors import ScenarioError
from simkcc.model.expectation import Expectation
from simkcc.model.scenario import Scenario
from simkcc.model.scorecard import Item, shipped

NAN = math.nan


@pytest.mark.parametrize(
    ("norm", "found", "status"),
    [
        ({"at_least": 0.8}, (0.85, 0.80, 0.90), "met"),  # the whole interval, edges included
        ({"at_least": 0.8}, (0.85, 0.799, 0.90), "too close"),
        ({"at_least": 0.8}, (0.75, 0.70, 0.80), "too close"),
        ({"at_least": 0.8}, (0.75, 0.70, 0.799), "not met"),
        ({"at_most": 0.2}, (0.15, 0.10, 0.20), "met"),
        ({"at_most": 0.2}, (0.15, 0.10, 0.201), "too close"),
        ({"at_most": 0.2}, (0.25, 0.20, 0.30), "too close"),
        ({"at_most": 0.2}, (0.25, 0.201, 0.3), "not met"),
        ({"at_most": 0.0}, (0.0, 0.0, 0.0), "met"),
        ({}, (0.25, 0.2, 0.3), "no norm"),
        ({"at_least": 0.8}, (NAN, NAN, NAN), "no data"),
        ({"at_least": 0.8}, (0.85, NAN, NAN), "met"),  # a single run has no interval
    ],
)
def test_only_the_whole_interval_meets_a_norm(norm, found, status) -> None:
    judged = Judged(Item(metric="sl2", **norm), Interval(*found, 0.95, 2), 100)
    assert judged.status == status
    assert status in WORDS and status in SIGNS


def centre(**changes) -> Result:
    table = {
        "horizon": {"days": 2},
        "topics": {"easy": {"per_hour": 20.0}, "hard": {"per_hour": 5.0}},
        "queues": {
            "easy": {"routes": [{"group": "town"}]},
            "hard": {"routes": [{"group": "town"}]},
        },
        "groups": {"town": {"agents": 3}},
        "handling": {"talk": 60.0},
    }
    return run(Scenario.model_validate(table | changes), replications=2, jobs=1)


def test_documents_hold_numbers_or_null_and_both_languages() -> None:
    result = centre(scorecards=list(shipped()))
    found = scorecard_documents(result)
    assert [each["name"] for each in found] == list(shipped())
    assert json.loads(json.dumps(found, allow_nan=False)) == run_document(result)["scorecards"]
    for card in found:
        assert card["title"]["nl"] and card["title"]["en"]
        for item in card["items"]:
            assert item["label"]["nl"] and item["label"]["en"]
            assert (item["status"] == "no data") == (item["mean"] is None)


def test_n_is_what_the_figure_is_about() -> None:
    own = {"mine": {"items": [{"metric": "sl2", "at_least": 0.5}, {"metric": "dialled"}]}}
    result = centre(own_scorecards=own)
    level, volume = judge(scorecards_of(result)["mine"], result)
    assert level.n == result.pairs("offered")[0].sum()
    assert level.countable and not volume.countable


def test_an_item_may_be_about_one_topic() -> None:
    items = [{"metric": "dialled", "topic": "easy"}]
    result = centre(own_scorecards={"mine": {"items": items}}, scorecards=["mol"])
    cards = scorecards_of(result)
    (easy,) = judge(cards["mine"], result)
    assert easy.interval == result.split("dialled", "topic")["easy"]
    elsewhere = [each for each in judge(cards["mol"], result) if each.item.topic is not None]
    assert {each.status for each in elsewhere} == {"no data"}


def test_an_item_about_a_topic_needs_a_figure_by_topic() -> None:
    card = {"mine": {"items": [{"metric": "callbacks_returned", "topic": "easy"}]}}
    with pytest.raises(ScenarioError, match="not known per topic"):
        centre(own_scorecards=card)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_screen_says_word_and_sign_and_what_is_left_to_hands(capsys, lang) -> None:
    result = centre(scorecards=["zaanstad_2005"])
    screen = console()
    screen.width = 200
    print_scorecards(screen, result, lang)
    out = capsys.readouterr().out
    assert f"{SIGNS['no data']} {WORDS['no data'][lang]}" in out
    assert "n = 28" in out
    assert shipped()["zaanstad_2005"].by_hand[0].in_(lang) in out


def stated(**words) -> Expectation:
    return Expectation.model_validate({"metric": "dialled", "basis": "input"} | words)


def test_expectations_of_a_part_are_judged_by_that_part() -> None:
    result = centre()
    parts = result.split("dialled", "topic")
    for name, found in parts.items():
        exact = stated(topic=name, value=found.mean, tolerance=0.0)
        (met,) = expectations_met([exact], [result])
        assert (met.met, met.found) == (True, found.mean)
    assert not expectations_met([stated(value=parts["easy"].mean, tolerance=0.0)], [result])[0].met


def test_ordering_of_a_part() -> None:
    first = replace(centre(), variant="few")
    topics = {"easy": {"per_hour": 20.0}, "hard": {"per_hour": 50.0}}
    second = replace(centre(topics=topics), variant="many")
    for topic, sign in (("hard", "higher"), ("easy", "equal")):
        each = stated(topic=topic, variant="many", versus="few", sign=sign)
        assert expectations_met([each], [first, second])[0].met


def test_what_must_not_exist() -> None:
    result = centre()
    assert expectations_met([stated(metric="cases_in_time", absent=True)], [result])[0].met
    assert not expectations_met([stated(absent=True)], [result])[0].met
    with pytest.raises(ScenarioError, match="no topic 'harrd'"):
        expectations_met([stated(topic="harrd", absent=True)], [result])
    with pytest.raises(ScenarioError, match="not split by group"):
        expectations_met([stated(group="town", absent=True)], [result])


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"value": 1.0},
        {"value": 1.0, "tolerance": 0.0, "absent": True},
        {"absent": True, "topic": "easy", "queue": "easy"},
    ],
)
def test_half_an_expectation_is_refused(words) -> None:
    with pytest.raises(ValueError, match="give"):
        stated(**words)


IMPATIENT = {
    "patience": 30.0,
    "handling": {"talk": 600.0},
    "groups": {"town": {"agents": 2, "provider": "abroad", "home": "provider"}},
}


def test_a_price_per_call_is_of_answered_or_of_offered_calls() -> None:
    for charges, figure in (("answered", "answered"), ("offered", "offered")):
        abroad = {"abroad": {"per_call": 2.0, "charges": charges}}
        result = centre(**IMPATIENT, providers=abroad)
        years = 2 / 365.25
        calls = result.pairs(figure)[0].sum() / 2
        assert result.interval("cost").mean == pytest.approx(2.0 * calls / years)
    assert result.interval("abandonment").mean > 0.1


POOL = {"town": {"agents": 2}, "pool": {"agents": 40, "home": "shared_pool"}}
ROUTES = [{"group": "town"}, {"group": "pool"}]


def test_hours_of_a_pool_whose_other_clients_are_unknown_are_not_the_citys() -> None:
    queues = {"easy": {"routes": ROUTES}, "hard": {"routes": ROUTES}}
    result = centre(groups=POOL, queues=queues)
    assert result.interval("rostered_hours").mean == pytest.approx(2 * 168)
    assert result.interval("utilisation").mean == pytest.approx(
        result.split("occupancy", "group")["town"].mean
    )


def test_of_a_pool_with_other_clients_the_citys_share_of_the_work_counts() -> None:
    topics = {
        "easy": {"per_hour": 20.0},
        "hard": {"per_hour": 60.0, "counted": False},
    }
    queues = {name: {"routes": [{"group": "pool"}]} for name in topics}
    result = centre(groups=POOL, queues=queues, topics=topics)
    share = (result.interval("rostered_hours").mean - 2 * 168) / (40 * 168)
    assert share == pytest.approx(20 / 80, abs=0.05)
    assert np.isfinite(result.interval("occupancy").mean)


def test_a_survey_counts_those_who_answer_it_and_says_what_was_put_in() -> None:
    survey = {"response": 0.25, "satisfied": 0.8, "friendly": 1.0, "reason_logged": 0.9}
    result = centre(survey=survey)
    answered, n = result.pairs("answered")[0].sum(), result.pairs("satisfied")[1].sum()
    assert abs(n - answered / 4) < 4 * math.sqrt(answered * 0.25 * 0.75)
    good = result.pairs("satisfied")[0].sum()
    assert abs(good - 0.8 * n) < 4 * math.sqrt(n * 0.8 * 0.2)
    assert result.interval("friendly").mean == 1.0
    logged = result.pairs("reason_logged")[0].sum()
    assert abs(logged - 0.9 * answered) < 4 * math.sqrt(answered * 0.9 * 0.1)
    runs = result.pairs("surveys")[0]
    assert runs[0] != runs[1] or result.pairs("satisfied")[0][0] != result.pairs("satisfied")[0][1]


def test_nothing_else_depends_on_the_survey() -> None:
    asked = {"response": 1.0, "satisfied": 0.0}
    one, other = centre(), centre(survey=asked)
    assert one.sums[0].whole["asa"] == other.sums[0].whole["asa"]
    assert other.pairs("surveys")[0].sum() == other.pairs("direct")[1].sum()
    assert other.interval("satisfied").mean == 0.0
    assert math.isnan(other.interval("friendly").mean)


def test_investments_are_written_off_and_revenue_is_deducted() -> None:
    costs = {
        "per_year": 1_000.0,
        "investments": [{"euros": 5_000.0}, {"euros": 600.0, "years": 2.0}],
        "revenue_per_year": 250.0,
    }
    assert centre(costs=costs).interval("cost").mean == pytest.approx(1_000 + 1_000 + 300 - 250)
