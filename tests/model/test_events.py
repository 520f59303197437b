"""The vocabulary is unambiguous, documented, and has no room for a caller's number."""

from itertools import pairwise
from pathlib import Path
from typing import get_type_hints

import pytest

from simkcc.model.contact_log import ContactKind
from simkcc.model.events import (
    FAMILIES,
    FAMILY_OF,
    TYPES,
    WORDS,
    Event,
    Happening,
    type_name,
    vocabulary,
)

PAGE = Path(__file__).parents[2] / "docs" / "events.md"


def test_every_type_has_a_name_of_its_own() -> None:
    assert len(TYPES) == len(FAMILIES) * len(Happening)
    for (family, what), name in ((pair, name) for name, pair in TYPES.items()):
        assert type_name(family, what) == name


def test_every_happening_has_a_word_of_its_own() -> None:
    assert len({what.word for what in Happening}) == len(Happening)


def test_every_kind_of_contact_has_one_family() -> None:
    assert set(FAMILY_OF) == set(ContactKind)


def test_words_of_a_family_are_not_words_of_it_already() -> None:
    for (_, what), word in WORDS.items():
        assert word != what.word


def test_the_page_holds_the_vocabulary_as_generated() -> None:
    text = PAGE.read_text(encoding="utf-8")
    table = text.split("<!-- vocabulary -->\n")[1].split("<!-- end of vocabulary -->")[0]
    assert table == vocabulary(), "put vocabulary() between the marks in docs/events.md"


@pytest.mark.parametrize("word", [what.word for what in Happening] + list(WORDS.values()))
def test_every_word_is_documented(word: str) -> None:
    rows = [row for row in vocabulary().splitlines() if f"`{word}`" in row or f".{word}`" in row]
    assert rows
    assert all(row.split("|")[3].strip().endswith(".") for row in rows)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_documented(family: str) -> None:
    assert f"\n| `{family}` | " in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", Event._fields)
def test_every_number_is_documented(name: str) -> None:
    text = PAGE.read_text(encoding="utf-8").split("## Fields")[1]
    assert name in ("family", "what") or f"`{name}`" in text


def test_no_field_of_an_event_can_hold_text() -> None:
    types = get_type_hints(Event)
    assert types.pop("family") is str, "one of FAMILIES; who reads or writes events checks it"
    assert types.pop("what") is Happening
    assert set(types.values()) == {int}
    assert not hasattr(Event(0, "call", Happening.ENDED), "__dict__")


def test_ranks_put_a_start_before_its_end_and_an_arrival_before_all() -> None:
    story = (
        Happening.ARRIVED, Happening.CLOSED, Happening.QUEUED, Happening.OFFERED, Happening.REFUSED,
        Happening.ANSWERED, Happening.REASON, Happening.ENDED,
    )  # fmt: skip
    assert all(one.rank < next_.rank for one, next_ in pairwise(story))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            Event(5, "agent", Happening.STATE, agent=3, place=0, code=0),
            Event(5, "agent", Happening.STATE, agent=3, place=0, code=1),
        ),
        (
            Event(5, "agent", Happening.QUEUE, agent=3, place=0),
            Event(5, "agent", Happening.QUEUE, agent=3, place=1),
        ),
        (
            Event(5, "metrics", Happening.INTERVAL, place=0),
            Event(5, "stream", Happening.SNAPSHOT, place=0),
        ),
    ],
)
def test_events_of_one_instant_have_one_order(one: Event, other: Event) -> None:
    assert one.order < other.order
