"""Connections that come back: a gap each, pauses that grow and differ, and an end when asked."""

import asyncio
from collections.abc import AsyncGenerator
from importlib import import_module

import pytest
from limits import HANG
from streams.source_contract import SourceContract

from simkcc.model.events import Event, Happening
from simkcc.streams.live import LONGEST_PAUSE, Live, RefusedError
from simkcc.streams.source import SCHEMES

BEAT, GAP = (Event(0, "stream", what) for what in (Happening.HEARTBEAT, Happening.GAP))


class Shaky(Live):
    """Tells so many events on each connection, and loses it."""

    def __init__(self, told: list[int]) -> None:
        self.told = told
        self.pauses: list[float] = []

    async def _connection(self) -> AsyncGenerator[Event, None]:
        if not self.told:
            await self.close()
            return
        for _ in range(self.told.pop(0)):
            yield BEAT
        raise ConnectionResetError

    def _lost(self) -> list[Event]:
        return [GAP]

    async def _wait(self, seconds: float) -> None:
        self.pauses.append(seconds)


def heard(source: Live) -> list[str]:
    async def listened() -> list[str]:
        return [event.type async for event in source]

    return asyncio.run(listened())


def test_each_loss_is_a_gap_and_then_it_goes_on() -> None:
    source = Shaky([2, 0, 1])
    beat, gap = BEAT.type, GAP.type
    assert heard(source) == [beat, beat, gap, gap, beat, gap]
    assert source.losses_seen == 3


def test_pauses_grow_have_chance_in_them_and_begin_anew_after_a_success() -> None:
    source = Shaky([0] * 8 + [1])
    heard(source)
    for number, pause in enumerate(source.pauses[:8]):
        most = min(source.first_pause * 2**number, LONGEST_PAUSE)
        assert most / 2 <= pause <= most
    assert source.pauses[8] <= source.first_pause
    assert len({pause / source.first_pause for pause in source.pauses}) == 9


def test_whoever_is_refused_at_first_is_told_and_later_on_comes_back() -> None:
    class Refusing(Shaky):
        async def _connection(self) -> AsyncGenerator[Event, None]:
            async for event in super()._connection():
                yield event
                raise RefusedError("no")
            raise RefusedError("no")

    source = Refusing([1, 1])
    source.told.append(0)
    events = aiter(source)

    async def some() -> list[str]:
        return [(await anext(events)).type for _ in range(3)]

    assert asyncio.run(some())[:2] == [BEAT.type, GAP.type]
    with pytest.raises(RefusedError):
        heard(Refusing([0]))


def test_a_pause_ends_when_somebody_wants_to_stop() -> None:
    class Waiting(Shaky):
        _wait = Live._wait

    async def story() -> None:
        source = Waiting([1] * 9)
        source.first_pause = 10 * HANG
        asyncio.get_running_loop().call_later(0.1, setattr, source, "_closed", True)
        async for _ in source:
            pass

    asyncio.run(asyncio.wait_for(story(), HANG))  # the pause itself is much longer


FINITE = {scheme for scheme in SCHEMES if scheme.endswith("+file")} | {"events", "queue_log"}
"""Schemes whose tests must inherit the contract: those that need nobody else."""


def test_every_finite_scheme_has_a_test_that_inherits_the_contract() -> None:
    for module in ("sources", "freeswitch", "twilio", "connect", "teams", "brokers"):
        import_module(f"streams.test_{module}")
    found, rest = set(), [SourceContract]
    while rest:
        rest += (kind := rest.pop()).__subclasses__()
        found.add(getattr(kind, "scheme", ""))
    assert found - {""} >= FINITE | {"file", "sqlite"}
