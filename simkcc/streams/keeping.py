"""Keeping: events and what is needed to go on behind them are written down together."""

import asyncio

from simkcc.model.events import Event
from simkcc.streams.receipts import Receipts
from simkcc.streams.store import Store


class Keeper:
    """Keeps events and the names that came with them, all or nothing, and settles their receipts."""

    def __init__(self, store: Store, receipts: Receipts | None) -> None:
        self._store, self._receipts = store, receipts
        self._count = 0

    async def keep(self, events: list[Event]) -> None:
        """Keep what follows; when this returns, it is safe."""
        upto = self._count + len(events)
        taken = self._receipts.until(upto) if self._receipts is not None else []
        if not events and not taken:
            return
        # what was taken is kept whole, or its name would say that it had been
        behind = taken[-1].told - upto if taken else 0
        rest = taken[-1].events[-behind:] if behind > 0 else []
        names = [name for each in taken for name in each.names]
        await asyncio.to_thread(self._store.append, [*events, *rest], names)
        self._count = upto
        if self._receipts is not None:
            self._receipts.settle(taken)
