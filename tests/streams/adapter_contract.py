"""What every adapter promises, whatever it listens to. Inherit, say what was sent, and be held to it."""

import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from simkcc.analysis.ledger import Ledger
from simkcc.analysis.visits import Visit, visits_of
from simkcc.model.directory import Directory
from simkcc.model.events import Event


@dataclass
class Told:
    """What an adapter told."""

    events: list[Event]
    directory: Directory
    troubles: Counter[str]

    @property
    def visits(self) -> list[Visit]:
        ledger = Ledger(self.events)
        assert not ledger.rejected
        return list(visits_of(ledger.log(), self.directory.told))

    def outcomes(self) -> Counter[tuple[str, str]]:
        """Return how visits ended, by queue."""
        return Counter((self.directory.queues[v.place], v.outcome) for v in self.visits)

    def rows(self) -> list[tuple[Any, ...]]:
        """Return all visits by what they are, not by the numbers they got."""
        people = self.directory.people
        return sorted(
            (self.directory.queues[v.place], v.joined, v.answered or 0, v.left or 0,
             people.get(v.agent, ""), v.outcome)
            for v in self.visits
        )  # fmt: skip


class Adapter:
    """The promises. Subclasses give `parts` and `play`."""

    PRIVATE = ("0470123456", "Jan Peeters", "peeters")
    """Stand in everything that was sent, and may come out nowhere."""
    mangled = 300

    def parts(self) -> list[bytes]:
        """Return what the exchange sends, one thing at a time."""
        raise NotImplementedError

    def play(self, parts: list[bytes]) -> Told:
        """Return what the adapter tells of it."""
        raise NotImplementedError

    def cut(self, parts: list[bytes], rng: random.Random) -> list[bytes]:
        """Return the same, in other pieces."""
        raw = b"".join(parts)
        places = sorted(rng.randrange(len(raw)) for _ in range(len(parts) * 2))
        return [raw[a:b] for a, b in zip([0, *places], [*places, len(raw)], strict=True)]

    @pytest.mark.parametrize("seed", range(5))
    def test_the_pieces_do_not_matter(self, seed: int) -> None:
        told = self.play(self.cut(self.parts(), random.Random(seed)))
        assert told.events == self.play(self.parts()).events
        assert told.events and not told.troubles

    def test_what_comes_twice_counts_once(self) -> None:
        parts = self.parts()
        twice = self.play([each for part in parts for each in (part, part)])
        assert twice.rows() == self.play(parts).rows()
        assert not twice.troubles

    @pytest.mark.parametrize("seed", range(3))
    def test_what_is_mangled_is_counted_and_stops_nothing(self, seed: int) -> None:
        rng = random.Random(seed)
        parts = self.parts()
        mangled = [self.mangle(rng.choice(parts), rng) for _ in range(self.mangled)]
        told = self.play(mangled + parts)
        assert told.troubles
        assert len(told.events) > len(parts) // 2

    def mangle(self, part: bytes, rng: random.Random) -> bytes:
        """Return a part with some bytes changed, left out or repeated."""
        changed = bytearray(part)
        for _ in range(rng.randrange(1, 12)):
            at = rng.randrange(len(changed))
            choice = rng.randrange(3)
            if choice == 0:
                changed[at] = rng.randrange(256)
            elif choice == 1:
                del changed[at : at + rng.randrange(1, 9)]
            else:
                changed[at:at] = changed[at : at + rng.randrange(1, 40)]
            if not changed:
                return b"?"
        return bytes(changed)

    def test_numbers_and_names_of_callers_stay_outside(self) -> None:
        parts = self.parts()
        sent = b"".join(parts).decode()
        assert self.PRIVATE[0] in sent.replace("%2B32", "0").replace("+32", "0")
        told = self.play(parts)
        said = repr((told.events, told.directory, told.troubles)).lower()
        assert [private for private in self.PRIVATE if private.lower() in said] == []
