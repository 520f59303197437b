"""Connections that come back: after a loss a gap, a pause that grows and has chance in it, and on."""

import asyncio
import random
from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams.source import Source

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds before the first attempt to come back, and at most. Each is shortened by chance."""

STEP = 0.2
"""Seconds after which a pause looks whether somebody wants to stop."""


class RefusedError(SettingError):
    """The other side does not let us in: coming back would not help."""


class Live(Source):
    """A source without an end, over a connection that may be lost."""

    first_pause = FIRST_PAUSE
    losses: tuple[type[Exception], ...] = (OSError, EOFError, TimeoutError)
    """What is raised when a connection is lost; all else is a fault of ours."""
    losses_seen = 0
    """Connections lost so far."""
    _closed = False

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield events for ever: through lost connections, each a gap and then what is left."""
        pause, admitted = self.first_pause, False
        while not self._closed:
            try:
                async with aclosing(self._connection()) as events:
                    async for event in events:
                        pause, admitted = self.first_pause, True
                        yield event
            except RefusedError:
                if not admitted:
                    raise
            except self.losses:
                pass
            finally:
                await self._hang_up()
            if self._closed:
                return
            self.losses_seen += 1
            for event in self._lost():
                yield event
            await self._wait(pause * (0.5 + random.random() / 2))
            pause = min(2 * pause, LONGEST_PAUSE)

    async def close(self) -> None:
        """Hang up for good."""
        self._closed = True
        await self._hang_up()

    async def _wait(self, seconds: float) -> None:
        while seconds > 0 and not self._closed:
            await asyncio.sleep(min(STEP, seconds))
            seconds -= STEP

    @abstractmethod
    def _connection(self) -> AsyncGenerator[Event, None]:
        """Yield the events of one connection, until it is lost."""

    @abstractmethod
    def _lost(self) -> list[Event]:
        """Return what a lost connection tells."""

    async def _hang_up(self) -> None:
        """Let go of the connection, if there is one."""
        return


async def hung_up(writer: asyncio.StreamWriter | None) -> None:
    """Close a connection, whatever the other side does."""
    if writer is None:
        return
    writer.close()
    try:
        await writer.wait_closed()
    except OSError:
        return
