"""What every source keeps to. A test of a scheme inherits this and says how to open it."""

import asyncio
from pathlib import Path
from typing import ClassVar

import pytest

from simkcc.analysis.ledger import Ledger
from simkcc.model.events import Event
from simkcc.streams.source import Options, Recording, Source, open_source


async def first_of(source: Source, most: int) -> list[Event]:
    """Return the first events of a source."""
    found: list[Event] = []
    async for event in source:
        found.append(event)
        if len(found) >= most:
            break
    await source.close()
    return found


class SourceContract:
    """Subclasses give `scheme` and `address`, and make what is there if need be."""

    scheme: ClassVar[str]

    def address(self, folder: Path) -> str:
        raise NotImplementedError

    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        return open_source(self.address(tmp_path), Options(to_end=True))

    def test_it_is_an_asynchronous_iterator_of_events(self, source: Source) -> None:
        events = asyncio.run(first_of(source, 25))
        assert len(events) == 25
        assert all(isinstance(event, Event) for event in events)

    def test_a_ledger_takes_every_event(self, source: Source) -> None:
        ledger = Ledger(asyncio.run(first_of(source, 10_000)))
        assert len(ledger.log().contacts)
        assert not ledger.rejected

    def test_its_directory_names_what_events_number(self, source: Source) -> None:
        events = asyncio.run(first_of(source, 10_000))
        directory = source.directory
        assert max(event.place for event in events if event.family == "call") < len(
            directory.queues
        )
        assert max(event.agent for event in events) < len(directory.agents)
        assert directory.first_date.year == 2026

    def test_reading_again_tells_the_same(self, tmp_path: Path) -> None:
        tellings = []
        for _ in range(2):
            source = open_source(self.address(tmp_path), Options(to_end=True))
            tellings.append(asyncio.run(first_of(source, 10_000)))
        assert tellings[0] == tellings[1]

    def test_repetition_and_disorder_change_nothing(self, source: Source) -> None:
        events = asyncio.run(first_of(source, 10_000))
        once, again = Ledger(events), Ledger([*reversed(events), *events])
        assert once.log() == again.log()

    def test_a_recording_says_how_far_it_is(self, source: Source) -> None:
        if isinstance(source, Recording):
            list(source.read())
            assert source.done >= source.size > 0

    def test_no_other_option_is_taken(self, tmp_path: Path) -> None:
        from simkcc.errors import SettingError

        address = self.address(tmp_path)
        sign = "&" if "?" in address else "?"
        with pytest.raises(SettingError, match="there is no option 'colour'"):
            open_source(f"{address}{sign}colour=blue")
