"""Agents of a source: their numbers, where they are, and whose telephone rings."""

from simkcc.model.directory import Directory
from simkcc.model.events import Event, Happening
from simkcc.streams import neutral
from simkcc.streams.names import AGENT, ByName, Heard
from simkcc.streams.neutral import Message


class Agents:
    """Numbers agents as they are met, and keeps in the directory what they do."""

    def __init__(self, directory: Directory, names: Heard) -> None:
        self.directory = directory
        self._names = names
        self._numbers: ByName[int] = ByName(self._met)
        self._next = 0
        self._there: set[int] = set()

    def go_on(self) -> None:
        """Number agents behind those the directory has."""
        self._next = len(self.directory.agents)

    def pick_up(self, digest: bytes, number: int, there: bool) -> None:
        """Go on with an agent who was kept."""
        self._numbers.keep(digest, number)
        if there:
            self._there.add(number)

    def number(self, name: str) -> int:
        """Return the number of an agent, who gets a pseudonym at the first meeting."""
        number = self._numbers.find(name)
        if number is None:
            number = self._numbers[name] = self._next
            self._next += 1
            while len(self.directory.agents) <= number:
                self.directory.agents.append(f"agent-{len(self.directory.agents) + 1}")
            self._met(number, name)
            self._names.note(AGENT, name, number)
        return number

    def _met(self, number: int, name: str) -> None:
        self.directory.people[number] = name

    def state(self, message: Message, at: int) -> Event | None:
        """Return the event of an agent who comes or goes; who pauses is not there."""
        number = self.number(message.agent)
        self.directory.states[number] = message.reason
        there = message.reason != "offline" and not message.reason.startswith("paused")
        if there == (number in self._there):
            return None
        (self._there.add if there else self._there.discard)(number)
        return Event(at, "agent", Happening.STATE, place=0, agent=number, code=int(there))

    def rings(self, message: Message, contact: int) -> None:
        """Note for whom a telephone rings, or that its owner did not take the call."""
        if not message.agent:
            return
        number, ringing = self.number(message.agent), self.directory.ringing
        if message.type == neutral.OFFERED:
            ringing[number] = contact
        elif ringing.get(number) == contact:
            del ringing[number]

    def silence(self, contact: int) -> None:
        """Note that nobody's telephone rings for a contact any more."""
        ringing = self.directory.ringing
        for agent in [agent for agent, serial in ringing.items() if serial == contact]:
            del ringing[agent]
