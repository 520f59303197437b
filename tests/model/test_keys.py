"""Dotted keys into the plain data of a file."""

from typing import Any

import pytest

from simkcc.model.keys import number_of, put, value_of


def data() -> dict[str, Any]:
    return {"menu": {"length": 80}, "routes": [{"after": 30}, {"after": 60.5}], "open": True}


@pytest.mark.parametrize(
    ("key", "number"),
    [
        ("menu.length", 80.0),
        ("routes.0.after", 30.0),
        ("routes.1.after", 60.5),
        ("routes.2.after", None),  # behind the last
        ("routes.-1.after", None),
        ("routes.first.after", None),
        ("routes", None),
        ("menu.length.more", None),
        ("menu.lenght", None),
        ("open", None),  # a truth is no number
    ],
)
def test_the_number_at_a_key_is_what_stands_there(key: str, number: float | None) -> None:
    assert number_of(data(), key) == number


@pytest.mark.parametrize("key", ["menu.length", "routes.1.after", "routes.0", "menu.new", "open"])
def test_what_is_put_at_a_key_stands_there_and_nothing_else_moves(key: str) -> None:
    before, after = data(), data()
    put(after, key, 7)
    assert value_of(after, key) == 7
    if key != "menu.new":
        put(after, key, value_of(before, key))
        assert after == before


@pytest.mark.parametrize("key", ["menu.length.more", "nowhere.at.all", "routes.9.after"])
def test_nothing_is_put_where_there_is_no_table(key: str) -> None:
    with pytest.raises(LookupError):
        put(data(), key, 7)
