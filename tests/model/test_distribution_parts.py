"""Distributions of durations as parts of a scenario."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from simkcc.model.distribution import Deterministic, Duration, Exponential

ADAPTER: TypeAdapter[Any] = TypeAdapter(Duration)


def read(value: object) -> Any:
    return ADAPTER.validate_python(value)


def test_bare_number_is_a_fixed_duration() -> None:
    assert read(20) == Deterministic(value=20)


def test_kind_chooses_the_distribution() -> None:
    expected = Exponential(kind="exponential", mean=300, zero=0.1)
    assert read({"kind": "exponential", "mean": 300, "zero": 0.1}) == expected


def test_window_may_hold_any_duration() -> None:
    by_time = {"kind": "by_time", "windows": [{"hours": "open", "then": 5}], "otherwise": 60}
    assert read(by_time).windows[0].then == Deterministic(value=5)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (True, "dictionary"),
        ("20", "dictionary"),
        ({"value": 3}, "kind"),
        ({"kind": "deterministic", "value": True}, "valid number"),
        ({"kind": "hazard", "from_seconds": [0], "per_second": ["1"]}, "valid number"),
        ({"kind": "uniform", "low": 5, "high": 5}, "must lie above low"),
        ({"kind": "triangular", "low": 5, "mode": 3, "high": 9}, "must be in this order"),
        ({"kind": "hyperexponential", "shares": [0.5, 0.4], "means": [1, 2]}, "add up to 0.9"),
        ({"kind": "hyperexponential", "shares": [1.0], "means": [1, 2]}, "give as many"),
        ({"kind": "hazard", "from_seconds": [1], "per_second": [1]}, "must start at 0"),
        ({"kind": "hazard", "from_seconds": [0], "per_second": [0]}, "never ends"),
        ({"kind": "empirical", "values": [1, 2], "weights": [1]}, "2 values but 1 weights"),
        ({"kind": "exponential", "mean": 3, "shift": 9, "cap": 5}, "lies below shift"),
    ],
)
def test_what_cannot_be_a_duration_is_refused(value: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        read(value)
