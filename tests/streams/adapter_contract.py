"""What every adapter promises, whatever it listens to. Inherit, say what was sent, and be held to it."""

import json
import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from seeds import few_of
from streams.source_contract import SourceContract

from simkcc.analysis.columns.visits import Visit, visits_of
from simkcc.analysis.ledger import Ledger
from simkcc.model.directory import Directory
from simkcc.model.events import Event

SECOND = 1_000_000


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

    def states(self) -> dict[str, str]:
        """Return what agents do at the end."""
        people = self.directory.people
        return {people[number]: state for number, state in self.directory.states.items()}


class Adapter(SourceContract):
    """The promises. Subclasses give `parts` and `reading`; for other things than JSON also `feed`."""

    PRIVATE = ("0470123456", "Jan Peeters", "peeters")
    """Stand in everything that was sent, and may come out nowhere."""
    mangled = 300
    between = b"\n"
    """What stands between the parts in a file."""
    query = ""
    """What stands behind the path in the address of a file."""

    def parts(self) -> list[bytes]:
        """Return what the exchange sends, one thing at a time."""
        raise NotImplementedError

    def reading(self) -> Any:
        """Return the adapter's pure layers, new."""
        raise NotImplementedError

    def feed(self, reading: Any, piece: bytes, received: int) -> list[Event]:
        """Return the events of a piece that came at a moment."""
        return reading.body(piece, received)  # type: ignore[no-any-return]

    def moment(self, part: bytes) -> float:
        """Return when the exchange says that a part happened, in seconds since 1970."""
        return datetime.fromisoformat(json.loads(part)["time"]).timestamp()

    def rubbish(self, rng: random.Random) -> bytes:
        """Return one thing that is malformed."""
        part = rng.choice(self.parts())
        return part[: rng.randrange(1, len(part) - 1)]

    def address(self, folder: Path) -> str:
        path = folder / "recorded"
        path.write_bytes(self.between.join(self.parts()))
        return f"{self.scheme}:{path}{self.query}"

    def play(self, parts: list[bytes]) -> Told:
        """Return what the adapter tells of parts that came all at once."""
        return self.play_at([(0, part) for part in parts])

    def play_at(self, arrivals: list[tuple[int, bytes]]) -> Told:
        """Return what the adapter tells of parts that came when they came, in microseconds."""
        reading = self.reading()
        events = [
            event for received, part in arrivals for event in self.feed(reading, part, received)
        ]
        return Told(events + reading.finish(), reading.directory, reading.troubles)

    def cut(self, parts: list[bytes], rng: random.Random) -> list[bytes]:
        """Return the same, in lists as long as it likes."""
        cuts, rest = [], list(parts)
        while rest:
            some = rng.randrange(1, 6)
            cuts.append(b"[" + b",".join(rest[:some]) + b"]")
            rest = rest[some:]
        return cuts

    @pytest.mark.parametrize("seed", few_of(range(5), 2))
    def test_the_pieces_do_not_matter(self, seed: int) -> None:
        told = self.play(self.cut(self.parts(), random.Random(seed)))
        assert told.events == self.play(self.parts()).events
        assert told.events and not told.troubles

    def test_what_comes_twice_counts_once(self) -> None:
        parts = self.parts()
        twice = self.play([each for part in parts for each in (part, part)])
        assert twice.rows() == self.play(parts).rows()
        assert not twice.troubles

    @pytest.mark.parametrize("seed", few_of(range(6), 2))
    def test_disorder_repetition_and_rubbish_change_nothing(self, seed: int) -> None:
        """Shuffled within two seconds, three in ten twice, one in ten followed by rubbish."""
        rng, parts = random.Random(seed), self.parts()
        twice = rng.sample(parts, k=round(0.3 * len(parts)))
        rubbish = [self.rubbish(rng) for _ in range(len(parts) // 10)]
        moments = [self.moment(part) for part in parts]
        arrivals = [(self.moment(part) + rng.uniform(0, 2), part) for part in parts + twice]
        arrivals += [(rng.choice(moments) + rng.uniform(0, 2), part) for part in rubbish]
        arrivals.sort()
        told = self.play_at([(round(at * SECOND), part) for at, part in arrivals])
        right = self.play_at(
            [(round(at * SECOND), part) for at, part in zip(moments, parts, strict=True)]
        )
        assert told.rows() == right.rows() and right.rows()
        assert told.states() == right.states()
        assert told.troubles == Counter(malformed=len(rubbish))

    @pytest.mark.parametrize("seed", few_of(range(3), 2))
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
