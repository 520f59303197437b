"""What is paid for, on calls written by hand: whose calls, whose hours, each once."""

from functools import lru_cache
from typing import Any

import pytest
from traces import trace

from simkcc.analysis.columns.usage import MEASURED, Usage, cost_of
from simkcc.analysis.folding import fold
from simkcc.engine.compile import compile_plan
from simkcc.model.scenario import Scenario

CENTRE: dict[str, Any] = {
    "horizon": {"start": "2024-01-01", "days": 7},
    "hours": {"open": {"daily": ["08:00-18:00"]}},
    "topics": {
        "waste": {
            "per_hour": 10.0,
            "second_line": {"name": "experts", "share": 0.1},
        },
        "others": {"per_hour": 10.0, "counted": False, "queue": "waste"},
    },
    "handling": {"aht": 180.0, "wrap_up": 30.0},
    "queues": {
        "waste": {"routes": [{"group": "pool"}, {"group": "town"}]},
        "own": {"routes": [{"group": "town"}, {"group": "spare"}]},
        "second": {"routes": [{"group": "experts"}]},
    },
    "groups": {
        "pool": {"agents": 1, "hours": "open", "provider": "abroad", "home": "shared_pool"},
        "town": {"agents": 1, "hours": "open", "per_hour": 50.0},
        "spare": {"agents": 1, "hours": "open", "provider": "abroad", "home": "provider"},
        "experts": {"agents": 1, "hours": "open", "line": 2},
    },
    "providers": {"abroad": {"per_hour": 30.0, "per_minute": 0.5, "per_call": 2.0}},
    "second_lines": {"experts": {"callback": "note"}},
    "callbacks": {
        "note": {"reach": 0.5, "effort": 480.0, "failed_effort": 90.0, "returned": 1.0}
    },
}  # fmt: skip
"""Agent 0 is of the pool, 1 the town's, 2 the provider's own team, 3 an expert. One week counts."""


@lru_cache
def centre(contract: str = "", warm_up: int = 0) -> tuple[Scenario, Any]:
    parts = dict(CENTRE)
    parts["horizon"] = {"start": "2024-01-01", "days": 7 + warm_up, "warm_up_days": warm_up}
    if contract == "minimum":
        parts["providers"] = {"abroad": {"per_call": 2.0, "minimum_calls": 3652.5}}
    if contract == "guarantee":
        kept = {"service_level": 0.8, "within": 20.0, "malus": 0.25}
        parts["providers"] = {"abroad": CENTRE["providers"]["abroad"] | {"guarantee": kept}}
    scenario = Scenario.model_validate(parts)
    return scenario, compile_plan(scenario)


def used(lines: str, contract: str = "", warm_up: int = 0) -> Usage:
    scenario, plan = centre(contract, warm_up)
    found = fold(trace(lines, plan), plan, scenario).usage
    assert found is not None
    return found


def test_a_call_is_charged_once_however_often_it_was_put_through_at_the_provider() -> None:
    found = used(
        """
        call at=0 queue=0..10 answered agent=0 talk=10..55 queue=55..60 answered agent=2 talk=60..90 direct
        call at=0 queue=0..10 answered agent=1 talk=10..55 queue=55..60 answered agent=2 talk=60..90 direct
        call at=0 queue=0..10 answered agent=1 talk=10..55 direct
        call at=0 queue=0..10 abandoned abandoned_queue
        """
    )
    assert found.quantities["providers.abroad.per_call"] == 2
    assert found.quantities["providers.abroad.per_minute"] == pytest.approx((45 + 30 + 30) / 60)
    assert found.measured["provider_calls"] == 2


def test_callbacks_and_other_clients_are_not_calls_of_the_city() -> None:
    found = used(
        """
        call at=0 queue=0..10 answered agent=0 talk=10..70 callback
        callback of=0 at=70 queue=70..80 answered agent=2 talk=80..200 returned
        form of=0 at=70 queue=70..80 answered agent=2 talk=300..420 returned
        call topic=others at=0 queue=0..10 answered agent=2 talk=500..560 direct
        """
    )
    assert found.quantities["providers.abroad.per_call"] == 1
    assert found.quantities["providers.abroad.per_minute"] == pytest.approx(1 + 2 + 2)


def test_of_a_shared_pool_the_city_pays_its_share_of_the_work() -> None:
    found = used(
        """
        call at=0 queue=0..10 answered agent=0 talk=10..70 wrap=70..100 direct
        call topic=others at=0 queue=0..10 answered agent=0 talk=100..330 wrap=330..370 direct
        """
    )
    assert found.quantities["providers.abroad.per_hour"] == pytest.approx(70 * 90 / 360 + 70)
    assert found.quantities["groups.town.per_hour"] == 70


def test_an_idle_pool_costs_its_other_clients() -> None:
    assert used("").quantities["providers.abroad.per_hour"] == 70


def test_a_minimum_is_paid_when_fewer_call_and_no_more() -> None:
    few = used("call at=0 queue=0..10 answered agent=0 talk=10..70 direct", "minimum")
    assert few.quantities["providers.abroad.per_call"] == pytest.approx(3652.5 * 7 / 365.25)
    line = "call at=0 queue=0..10 answered agent=0 talk=10..70 direct\n"
    many = used(line * 80, "minimum")
    assert many.quantities["providers.abroad.per_call"] == 80


@pytest.mark.parametrize(("late", "due"), [(1, 1.0), (2, 0.75)])
def test_a_broken_guarantee_lowers_what_is_paid_and_a_kept_one_does_not(
    late: int, due: float
) -> None:
    quick = "call at=0 queue=0..20 answered agent=0 talk=20..80 direct\n"
    slow = "call at=0 queue=0..20.5 answered agent=0 talk=21..81 direct\n"
    found = used(quick * 4 + slow * late, "guarantee")
    assert found.quantities["providers.abroad.per_call"] == pytest.approx(due * (4 + late))
    assert found.quantities["providers.abroad.per_hour"] == pytest.approx(due * 140)


def test_a_question_that_came_three_times_is_resolved_once() -> None:
    found = used(
        """
        call at=0 queue=0..10 abandoned abandoned_queue
        redial of=0 at=10 delay=10..60 queue=60..70 answered agent=1 talk=70..80 unresolved
        repeat of=1 at=80 delay=80..200 queue=200..210 answered agent=1 talk=210..220 callback
        callback of=2 at=220 delay=220..400 returned
        callback of=2 at=220 delay=220..500 returned
        call at=0 queue=0..10 answered agent=1 talk=10..20 unresolved
        call at=0 queue=0..10 answered agent=1 talk=10..20 direct
        backlog at=0 delay=0..100 returned
        """
    )
    assert found.measured["resolved"] == 2
    assert found.measured["answered"] == 4
    assert found.measured["repeats"] == 1


def test_specialists_are_disturbed_by_talks_and_paid_for_talks_and_callbacks() -> None:
    found = used(
        """
        call at=0 queue=0..10 answered agent=1 talk=10..100 consult=100..150 reached wrap=150..180 agent=- talk=150..510 transferred
        call at=0 queue=0..10 answered agent=1 talk=600..700 consult=700..750 taken_back wrap=750..780 callback
        callback of=1 at=780 delay=780..4000 returned
        call at=0 queue=0..10 answered agent=3 talk=10..130 wrap=130..190 direct
        """
    )
    assert found.measured["interruptions"] == 2
    assert found.measured["specialist_hours"] == pytest.approx((360 + 120 + 60) / 3600)
    assert found.measured["callback_hours"] == pytest.approx((480 + 90) / 3600)


def test_only_what_falls_within_the_counted_week_is_paid() -> None:
    found = used(
        """
        call at=6d+86390 queue=6d+86390..7d+10 answered agent=0 talk=7d+10..7d+70 direct
        call at=6d+0 queue=6d+0..6d+10 answered agent=0 talk=6d+10..6d+70 direct
        call at=13d+86390 queue=13d+86390..14d+10 answered agent=0 talk=14d+10..14d+70 direct
        """,
        warm_up=7,
    )
    assert found.quantities["providers.abroad.per_call"] == 1
    assert found.quantities["providers.abroad.per_minute"] == pytest.approx(1)
    assert found.years == pytest.approx(7 / 365.25)


def test_cost_is_quantity_times_price_and_every_count_has_its_name() -> None:
    found = used("call at=0 queue=0..10 answered agent=0 talk=10..70 direct")
    assert cost_of(found, centre()[0]) == pytest.approx(140 * 30 + 0.5 + 2 + 70 * 50)
    assert tuple(found.measured) == MEASURED
