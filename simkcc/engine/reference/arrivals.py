"""When contacts come: stated moments, or unit spacings through a day's cumulative rate."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from simkcc.engine import chance
from simkcc.engine.chance import Purpose
from simkcc.engine.reference.clock import Story
from simkcc.engine.reference.journeys import Journeys
from simkcc.model.contact_log import NONE
from simkcc.model.events import Due


class Arrivals(Journeys):
    """The streams of contacts that come to a centre."""

    def arrivals(self, stream: int) -> Story:
        """Contacts of a stream arrive one after the other."""
        row = self.plan.streams[stream]
        for at, key in self.moments(stream):
            if at < self.start:
                continue
            yield self.due(at - self.now, Due.ARRIVAL, stream)
            me = self.birth(
                key, int(row["kind"]), int(row["origin"]), int(row["topic"]), NONE,
                self.due_at(int(row["hours"]), int(row["due_days"])),
            )  # fmt: skip
            self.clock.process(self.journey(me, int(row["entry"])))

    def moments(self, stream: int) -> Iterator[tuple[int, np.uint64]]:
        """Yield when the contacts of a stream arrive, and their keys."""
        row = self.plan.streams[stream]
        if row["first_moment"] != NONE:
            first = self.date_key(row["key"], self.setting["first_date"])
            stated = self.plan.moments[row["first_moment"] : row["last_moment"]]
            for index, at in enumerate(stated):
                yield int(at), np.uint64(chance.contact_key(first, index))
            return
        for date in range(int(self.setting["n_days"])):
            if self.plan.days[stream, date] != NONE:
                yield from self.moments_of_date(stream, date)

    def moments_of_date(self, stream: int, date: int) -> Iterator[tuple[int, np.uint64]]:
        """Yield the arrivals of one date: unit spacings through its cumulative rate."""
        row = self.plan.streams[stream]
        ordinal = self.setting["first_date"] + date
        key = self.date_key(row["key"], ordinal)
        busyness = self.busyness(row, ordinal)
        first = int(self.plan.days[stream, date])
        last = first + int(np.argmax(self.plan.pieces[first:]["at"] == NONE))
        pieces = self.plan.pieces[first:last]
        total, index = 0.0, 0
        while busyness > 0:
            mine = np.uint64(chance.contact_key(key, index))
            u = chance.uniform(mine, int(Purpose.ARRIVAL), 0)
            total += chance.quantile(self.plan.tables[0], u)
            target = total / busyness
            piece = int(np.searchsorted(pieces["expected"], target, side="right")) - 1
            if piece + 1 >= len(pieces):
                return
            yield self.moment_at(pieces[piece], pieces[piece + 1], date, target), mine
            index += 1

    def moment_at(self, low: Any, high: Any, date: int, target: float) -> int:
        """Return the moment at which the cumulative rate reaches `target`."""
        share = (target - low["expected"]) / (high["expected"] - low["expected"])
        offset = low["at"] + share * (high["at"] - low["at"])
        tick = int(self.setting["tick"])
        return int(np.rint((date * self.setting["day"] + offset) / tick)) * tick
