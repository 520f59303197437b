"""A small model of an Asterisk floor: callers, queues, agents, transfers, restarts.

It knows what really happens, and writes what the exchange would say of it (`floor_wire`) in the
orders that recordings show. The adapter shares nothing with it.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from streams.floor_truth import TrueVisit
from streams.floor_wire import SECOND, Channel, Writer

START = 1_795_300_000 * SECOND + 123_456
RING = 8 * SECOND


@dataclass(frozen=True)
class Switches:
    """How this exchange is set up, and what befalls it. Times are seconds from the start."""

    seed: int = 0
    trunk: bool = False
    """Whether callers come over a trunk, rather than by Local channels."""
    telephones: bool = False
    """Whether agents have telephones of their own, rather than Local channels."""
    system: str = ""
    """System name that goes before each Uniqueid."""
    timestamps: bool = True
    dialplan: bool = False
    """Whether the class "dialplan" is sent: VarSet."""
    channels: bool = True
    """Whether whoever connects asks for CoreShowChannels."""
    length: int = 300
    every: float = 2.0
    """Mean seconds between callers."""
    queues: int = 3
    agents: int = 6
    transfers: float = 0.2
    """Share of talks that are transferred."""
    connections: tuple[tuple[float, float], ...] = ((0.0, 1e9),)
    restarts: tuple[tuple[float, float], ...] = ()
    """When the exchange dies, and when it is back."""


@dataclass(eq=False)
class Agent:
    """One person with one telephone."""

    name: str
    interface: str
    queues: list[str]
    paused: dict[str, str] = field(default_factory=dict)
    busy: "Ring | Talk | None" = None
    free_at: int = 0
    taken: int = 0
    last_call: int = 0
    login: int = 0


@dataclass(eq=False)
class Waiter:
    """Somebody in a queue."""

    visit: TrueVisit
    channel: Channel
    position: int
    rings: "list[Ring]" = field(default_factory=list)
    over: bool = False
    again: int = 0
    """Not offered again before then."""


@dataclass(eq=False)
class Ring:
    """An agent's telephone that rings for somebody."""

    waiter: Waiter
    agent: Agent
    channel: Channel
    since: int
    over: bool = False


@dataclass(eq=False)
class Talk:
    """An agent with a caller."""

    visit: TrueVisit
    caller: Channel
    agent: Agent
    channel: Channel
    position: int
    over: bool = False
    consult: "Waiter | Talk | None" = None


class Base:
    """Clock, channels and words; `floor_calls` and `floor_agents` tell the stories."""

    def __init__(self, switches: Switches) -> None:
        self.switches = switches
        self.rng = random.Random(switches.seed)
        self.writer = Writer(random.Random(switches.seed + 1), switches.timestamps)
        self.now = START
        self.visits: list[TrueVisit] = []
        self.waiting: dict[str, list[Waiter]] = {f"q{n}": [] for n in range(switches.queues)}
        self.talks: list[Talk] = []
        self.channels: list[Channel] = []
        self.agents: list[Agent] = []
        self.up = True
        self._era = 0
        self._heap: list[tuple[int, int, int | None, Callable[[], None]]] = []
        self._born = self._uids = self._names = 0

    def later(self, seconds: float, do: Callable[[], None], always: bool = False) -> None:
        """Do something later, unless the exchange dies before."""
        self._born += 1
        at = self.now + round(seconds * SECOND)
        heapq.heappush(self._heap, (at, self._born, None if always else self._era, do))

    def play(self) -> None:
        """Let time pass to the end."""
        end = START + self.switches.length * SECOND
        while self._heap and self._heap[0][0] <= end:
            self.now, _, era, do = heapq.heappop(self._heap)
            self.writer.now = self.now
            if era is None or era == self._era:
                do()

    def die(self) -> None:
        """Stop at once: nothing is told, nobody is left."""
        self._era += 1
        self.up = False
        self.writer.disconnect()
        for visit in self.visits:
            visit.lost |= visit.over is None
        for waiters in self.waiting.values():
            waiters.clear()
        self.talks.clear()
        self.channels.clear()
        self._uids = self._names = 0

    # ----------------------------------------------------------------- channels

    def channel(self, name: str, linked: str = "", number: str = "<unknown>") -> Channel:
        """Make a channel, and say so."""
        uid = f"{self.switches.system}{self.now // SECOND}.{self._uids}"
        self._uids += 1
        made = Channel(name, uid, linked or uid, number, since=self.now)
        self.channels.append(made)
        self.writer.event("Newchannel", made.block(), "call,all")
        return made

    def pair(self, name: str, linked: str = "", number: str = "<unknown>") -> Channel:
        """Make both halves of a Local channel; return the first."""
        self._names += 1
        first = self.channel(f"{name}-{self._names:08x};1", linked, number)
        second = self.channel(f"{name}-{self._names:08x};2", first.linked, number)
        first.pair, second.pair = second, first
        return first

    def single(self, name: str, linked: str = "", number: str = "<unknown>") -> Channel:
        """Make a channel of a telephone or a trunk."""
        self._names += 1
        return self.channel(f"{name}-{self._names:08x}", linked, number)

    def hang_up(self, channel: Channel) -> None:
        """End a channel and its other half, in either order."""
        halves = [half for half in (channel, channel.pair) if half in self.channels]
        self.rng.shuffle(halves)
        for half in halves:
            self.channels.remove(half)
            self.writer.event(
                "Hangup", [*half.block(), ("Cause", 16), ("Cause-txt", "Normal Clearing")],
                "call,all",
            )  # fmt: skip

    def alive(self, channel: Channel) -> bool:
        """Return whether a channel is up."""
        return channel in self.channels

    # ----------------------------------------------------------------- words

    def tell(self, name: str, visit: TrueVisit | None, fact: str,
             *blocks: list[tuple[str, object]] | list[tuple[str, str]]) -> None:  # fmt: skip
        """Write an event about a visit, and note that it was heard."""
        fields = [field for block in blocks for field in block]
        if self.writer.event(name, fields) and visit is not None:
            visit.heard.add(fact)

    def status(self, channel: Channel, word: str, visit: TrueVisit | None = None) -> None:
        """Set QUEUESTATUS, for the dialplan and for whoever listens to it."""
        if not self.switches.dialplan:
            return
        fields = [*channel.block(), ("Variable", "QUEUESTATUS"), ("Value", word)]
        if self.writer.event("VarSet", fields, "dialplan,all") and visit is not None:
            visit.heard.add(f"status {word}")
