"""What a source cannot know is shown as not known, and what it only counted as its counts."""

import asyncio
from datetime import date
from typing import Any

import pytest
from dashboard.walls import Still

from simkcc.commands.sources import undescribed
from simkcc.dashboard.board import Board
from simkcc.dashboard.console import Console
from simkcc.dashboard.console_pages import FIGURES
from simkcc.dashboard.hub import Feed, Hub
from simkcc.dashboard.page import TILES
from simkcc.dashboard.settings import settings_of
from simkcc.model.contact_log import SECOND, Origin
from simkcc.model.directory import Directory
from simkcc.model.events import Event, Happening
from simkcc.model.interval import Interval

HOUR = 3600 * SECOND


def board_of(directory: Directory, now: int) -> Board:
    centre = undescribed([], None)
    shown = settings_of(centre.scenario, None, centre.described)
    return Board(centre, directory, Still(now), shown)


def directory(**told: object) -> Directory:
    return Directory(date(2026, 5, 28), queues=["Onthaal", "Afval"], topics=["-"],
                     groups=["agents"], **told)  # type: ignore[arg-type]  # fmt: skip


def test_counts_stand_where_else_figures_of_calls_do() -> None:
    quarter = 900 * SECOND
    names = directory(partial=("holds", "calls"), intervals={
        (0, 9 * HOUR): Interval(quarter, 12, 9, abandoned=2, within=8, waiting=4, agents=3),
        (0, 9 * HOUR + quarter): Interval(quarter, 8, 8, abandoned=0, within=8, waiting=1, agents=3),
        (1, 9 * HOUR + quarter): Interval(quarter, 5, 4, abandoned=1, within=2, waiting=2, agents=3),
        (0, -14 * HOUR): Interval(quarter, 99, 99, abandoned=0, within=99),
    })  # fmt: skip
    board = board_of(names, 9 * HOUR + 2 * quarter)
    board.apply([Event(9 * HOUR, "metrics", Happening.INTERVAL, place=0)])
    found = board.snapshot()
    today = found["today"]
    assert (today["offered"]["num"], today["answered"]["num"]) == (25, 21)
    assert today["abandonment"]["v"] == pytest.approx(3 / 25)
    assert today["sl"]["v"] == pytest.approx(18 / 25)
    assert (found["waiting"]["n"], found["waiting"]["oldest"]) == (3, None)
    assert [line["n"] for line in found["lines"]] == [1, 2]
    assert [line["offered"]["num"] for line in found["lines"]] == [20, 5]
    assert (sum(found["chart"]["offered"]), sum(found["chart"]["abandoned"])) == (25, 3)
    assert found["left_unknown"] == 1 and found["agents"]["there"] == 3
    assert found["agents"]["free"] is None and found["waiting"]["status"] == "none"
    assert found["partial"] == ["holds", "calls"]
    assert {"asa"} <= set(found["unknown"]) and "abandoned_queue" not in found["unknown"]


def test_what_was_not_counted_is_not_known() -> None:
    names = directory(partial=("waiting", "reasons", "holds", "calls"),
                      intervals={(0, 9 * HOUR): Interval(900 * SECOND, 12, 9)})  # fmt: skip
    found = board_of(names, 10 * HOUR).snapshot()
    assert found["waiting"]["n"] is None and found["today"]["sl"]["v"] is None
    assert found["today"]["abandonment"]["v"] is None
    assert {"asa", "abandoned_queue"} <= set(found["unknown"])


def test_nobody_waits_is_not_what_a_partial_source_says() -> None:
    names = directory(partial=("waiting", "reasons", "holds"))
    board = board_of(names, 10 * HOUR)
    board.apply([Event(9 * HOUR, "call", Happening.ARRIVED, 0, code=Origin.FIRST, topic=0)])
    found = board.snapshot()
    assert (found["waiting"]["n"], found["waiting"]["status"]) == (None, "none")
    assert [line["n"] for line in found["lines"]] == [None, None]
    assert found["in_conversation"] is None and "abandoned_queue" in found["unknown"]


def test_the_console_names_no_reason_where_nobody_tells_one() -> None:
    board = board_of(directory(), 9 * HOUR)
    board.apply([
        Event(8 * HOUR, "call", Happening.ARRIVED, 1, code=Origin.FIRST, topic=0),
        Event(8 * HOUR, "call", Happening.QUEUED, 1, 0, 0),
    ])  # fmt: skip

    async def shown() -> dict[str, Any]:
        hub = Hub(board, Feed("replay", "test"))
        hub.publish()
        return Console(hub).state(10)

    found = asyncio.run(shown())
    (waiting,) = found["queues"][0]["waiting"]
    assert waiting["topic"] == ""
    assert len(found["events"]) == 2 and not any("topic" in event for event in found["events"])


def test_what_the_console_calls_not_known_is_what_the_board_does() -> None:
    found = board_of(directory(), 9 * HOUR).snapshot()
    tiles = {tile for _, _, tile in FIGURES.values() if tile}
    assert tiles <= {*TILES, "time_to_human"}
    assert {"transfers", "time_to_human", "callbacks"} <= set(found["unknown"])
